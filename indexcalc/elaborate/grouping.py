"""The one way to bracket a mixed product that conforms.

In: the operands and operators of a product such as `P ∘ g g^T`, without brackets. Out: the
contraction that all conforming ways to bracket it agree on. Where two ways mean different
things, or none conforms, an error names them: nobody remembers one precedence of `∘`
against the matrix product.

All sub-products are joined from smaller ones, as in a chart parser; ways that mean the same
contraction (by associativity, or because scalars commute) are counted once.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from indexcalc.elaborate.conformity import dot_mismatch, one_shape_needed, trial
from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.joining import Joined, bracketed, join, operand, spelled
from indexcalc.elaborate.orientation import agree, mark, shape_words
from indexcalc.elaborate.term import Value
from indexcalc.errors import LimitError, Mark, ShapeError, Span
from indexcalc.syntax.tree import ProductOperator

MOST_OPERANDS = 24
MOST_READINGS = 40
MATRIX_PRODUCTS = (ProductOperator.JUXTAPOSED, ProductOperator.TIMES)
Readings = dict[Hashable, Joined]


def grouped_product(
    values: Sequence[Value], operators: Sequence[ProductOperator], span: Span, table: ExtentTable
) -> Value:
    """The value of a mixed product.

    Raises `ShapeError` if no grouping conforms or several with different meanings do, `LimitError`
    if there are too many operands to try.
    """
    if len(values) > MOST_OPERANDS:
        raise _too_many(span)
    copy = trial(table, values)
    chart: dict[tuple[int, int], Readings] = {}
    for k, value in enumerate(values):
        only = operand(value, k)
        chart[k, k] = {only.key(): only}
    for length in range(1, len(values)):
        for first in range(len(values) - length):
            chart[first, first + length] = _readings(
                chart, first, first + length, operators, copy, span
            )
    readings = list({r.key(): r for r in chart[0, len(values) - 1].values()}.values())
    if not readings:
        raise _none_conforms(values, operators, chart, span, table)
    if len(readings) > 1:
        raise ShapeError(
            f"{_flat(span)} can be read in two ways",
            Mark(span),
            hint=f"write  {readings[0].text}\nor  {readings[1].text}",
        )
    for left, right in readings[0].equations:
        agree(left, right, table, span, span)
    return readings[0].value()


def _readings(
    chart: dict[tuple[int, int], Readings],
    first: int,
    last: int,
    operators: Sequence[ProductOperator],
    table: ExtentTable,
    span: Span,
) -> Readings:
    found: Readings = {}
    unusual: Readings = {}
    for middle in range(first, last):
        readings = unusual if _cuts_a_factor_off(operators, middle, last) else found
        for left in chart[first, middle].values():
            for right in chart[middle + 1, last].values():
                both = join(left, right, operators[middle], table)
                if both is not None:
                    readings.setdefault((both.key(), both.top), both)
        if len(found) + len(unusual) > MOST_READINGS:
            raise _too_many(span)
    return found or unusual


def _cuts_a_factor_off(operators: Sequence[ProductOperator], middle: int, last: int) -> bool:
    """Whether this splits `A p : q` as `A (p : q)`.

    Both the order from left to right and the habit to take matrix products first say `(A p) : q`.
    """
    right = operators[middle + 1 : last]
    return operators[middle] in MATRIX_PRODUCTS and ProductOperator.FROBENIUS in right


def _too_many(span: Span) -> LimitError:
    return LimitError(
        "a product that mixes ⊙, ⊗, : and the matrix product is too long to be read",
        Mark(span),
        hint="put brackets around its parts",
    )


def _none_conforms(
    values: Sequence[Value],
    operators: Sequence[ProductOperator],
    chart: dict[tuple[int, int], Readings],
    span: Span,
    table: ExtentTable,
) -> ShapeError:
    if len(values) == 2 and operators[0] is ProductOperator.DOT:
        return dot_mismatch(values[0], values[1], table)
    if len(values) == 2 and operators[0] is ProductOperator.FROBENIUS:
        return one_shape_needed("the product  A : B", values[0], values[1], table)
    return ShapeError(
        f"no way to read {_flat(span)} has conforming shapes",
        *(mark(value, table) for value in values if not value.is_scalar),
        hint="\n".join(_attempts(values, operators, chart, table)),
    )


def _attempts(
    values: Sequence[Value],
    operators: Sequence[ProductOperator],
    chart: dict[tuple[int, int], Readings],
    table: ExtentTable,
) -> list[str]:
    """Each way to take the product apart, and why it does not conform."""
    last = len(values) - 1
    texts = []
    for middle in range(last):
        left, right = _part(values, chart, 0, middle), _part(values, chart, middle + 1, last)
        if isinstance(left, Joined) and isinstance(right, Joined):
            reason = f"joins {_shape(left, table)} with {_shape(right, table)}"
        else:
            failed = left if isinstance(left, str) else right
            reason = f"has {failed}, which does not conform"
        texts.append(f"{_shown(left)} {spelled(operators[middle])}{_shown(right)}  {reason}")
    return texts[:3]


def _part(
    values: Sequence[Value], chart: dict[tuple[int, int], Readings], first: int, last: int
) -> Joined | str:
    """A reading of some of the factors, or their text if there is none."""
    for reading in chart[first, last].values():
        return reading
    return _flat(values[first].term.span.to(values[last].term.span))


def _shown(part: Joined | str) -> str:
    return f"({part})" if isinstance(part, str) else bracketed(part)


def _shape(part: Joined, table: ExtentTable) -> str:
    if not part.shape:
        return "a scalar"
    words = shape_words(table.solve_shape(part.shape))
    return f"a {'row' if part.row else 'vector'} of {words}" if len(part.shape) == 1 else words


def _flat(span: Span) -> str:
    return " ".join(span.text.split())
