"""Powers in matrix notation: `A^2`, `A^-1`, `x.^2`, `(x' x)^(1/2)`.

In: a base and an exponent. Out: a product of equal matrices, an inverse, or a power at each entry.

>>> from fractions import Fraction
>>> from indexcalc.errors import Source
>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.elaborate.term import Literal, Named
>>> here, n = Span(Source("A^3"), 0, 3), Extent.named("n")
>>> A = Value(Named(here, (n, n), "A"), None)
>>> cube = power(A, Value(Literal(here, (), Fraction(3)), ()), here, ExtentTable(), False)
>>> cube.term.letters, cube.term.output
((('0', '2'), ('2', '3'), ('3', '1')), ('0', '1'))
"""

from __future__ import annotations

from indexcalc.elaborate.conformity import (
    one_shape_needed,
    refuse,
    require_square,
    same_shape,
    transposed,
    written,
)
from indexcalc.elaborate.constants import rational_value
from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.orientation import (
    broadcast,
    contract,
    describe,
    identity,
    mark,
    reciprocal,
)
from indexcalc.elaborate.term import Fixed, Named, Pointwise, Term, Value, Whole
from indexcalc.errors import LimitError, Mark, ShapeError, Span

LARGEST_MATRIX_POWER = 100


def power(base: Value, exponent: Value, span: Span, table: ExtentTable, elementwise: bool) -> Value:
    """`base ^ exponent`, or `base .^ exponent` if `elementwise`.

    A square matrix may be raised to a whole number, a scalar to any scalar. Entry by entry, base
    and exponent have one shape or one of them is a scalar. Raises `ShapeError` for others.
    """
    if elementwise or (base.is_scalar and exponent.is_scalar):
        return _elementwise_power(base, exponent, span, table)
    number = rational_value(exponent.term)
    if base.shape and _is_called_t(exponent.term):
        raise _transposed_by_a_variable(base, exponent, table)
    if not exponent.is_scalar:
        raise refuse("an exponent must be a scalar", exponent, table, _dotted(base, exponent))
    if len(base.shape) != 2:
        hint = _dotted(base, exponent)
        if number == 2 and len(base.shape) == 1:
            pair = (
                (written(base), transposed(base)) if base.row else (transposed(base), written(base))
            )
            hint += f"\nor  {' '.join(pair)}  for a scalar"
        raise refuse(f"{describe(base, table)} has no power", base, table, hint)
    if number is None or number.denominator != 1:
        raise ShapeError(
            "the power of a matrix must be a whole number",
            mark(exponent, table),
            hint=_dotted(base, exponent),
        )
    require_square(base, "a power", table)
    return Value(_repeated(base.term, int(number), span), None)


def inverse(value: Value, span: Span, table: ExtentTable) -> Value:
    """The inverse of a square matrix, the reciprocal of a scalar."""
    if value.is_scalar:
        return Value(reciprocal(value.term, span), ())
    require_square(value, "an inverse", table)
    return Value(Whole(span, value.shape, "inv", value.term), None)


def _is_called_t(exponent: Term) -> bool:
    return isinstance(exponent, Named) and exponent.name == "T"


def _transposed_by_a_variable(base: Value, exponent: Value, table: ExtentTable) -> ShapeError:
    return ShapeError(
        f"T is {describe(exponent, table)} in this program, so that ^T is a power",
        mark(exponent, table),
        hint=f"write  {written(base)}'  for the transpose, or give the variable T another name",
    )


def _dotted(base: Value, exponent: Value) -> str:
    text = exponent.term.span.text.lstrip(".^ ")
    return f"write  {written(base)}.^{text}  for a power entry by entry"


def _repeated(matrix: Term, count: int, span: Span) -> Term:
    """The product of `count` equal matrices, of their inverses if `count` is negative."""
    if abs(count) > LARGEST_MATRIX_POWER:
        raise LimitError(
            f"a matrix power may be at most {LARGEST_MATRIX_POWER}, not {abs(count)}",
            Mark(span),
            hint="name a smaller power, and take the power of that",
        )
    if count < 0:
        matrix = Whole(span, matrix.shape, "inv", matrix)
    if count == 0:
        return identity(span, matrix.shape[0])
    if abs(count) == 1:
        return matrix
    factors = [(matrix, (k, k + 1)) for k in range(abs(count))]
    return contract(span, factors, (0, abs(count)))


def _elementwise_power(base: Value, exponent: Value, span: Span, table: ExtentTable) -> Value:
    larger = exponent if base.is_scalar else base
    if not (base.is_scalar or exponent.is_scalar or same_shape(base, exponent, table)):
        raise one_shape_needed("a power entry by entry", base, exponent, table)
    letters = () if larger.is_scalar else None
    return Value(raised(base.term, exponent.term, span), letters, larger.row)


def raised(base: Term, exponent: Term, span: Span) -> Term:
    """`base ^ exponent` at each entry; one of them may be a scalar."""
    shape = base.shape or exponent.shape
    number = None if exponent.shape else rational_value(exponent)
    if isinstance(base, Fixed) and base.name == "e":
        return Pointwise(span, shape, "exp", "builtin", (0,), None, (exponent,))
    if number == -1:
        return reciprocal(base, span)
    if number is not None:
        return Pointwise(span, shape, "power", "builtin", (0,), number, (base,))
    both = (broadcast(base, shape), broadcast(exponent, shape))
    return Pointwise(span, shape, "pow", "builtin", (0, 0), None, both)
