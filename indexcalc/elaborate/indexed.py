"""Index notation: products, sums and functions of tensors whose axes have letters.

In: values with letters. Out: a value with letters, every sum and every repetition written out in a
`Contract`, extents of equal letters made equal.

>>> from indexcalc.errors import Source
>>> from indexcalc.elaborate.term import Named
>>> here, table = Span(Source("A_ij x_j"), 0, 4), ExtentTable()
>>> m, n, p = (Extent.named(name) for name in "mnp")
>>> A = Value(Named(here, (m, n), "A"), ("i", "j"))
>>> x = Value(Named(here, (n,), "x"), ("j",))
>>> y = contract([A, x], ["i"], here, table)
>>> y.letters, y.shape == (m,), y.term.letters
(('i',), True, (('i', 'j'), ('j',)))
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from indexcalc.elaborate.constants import rational_value
from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.term import (
    Contract,
    Fixed,
    Letters,
    Literal,
    Pointwise,
    Term,
    Total,
    Value,
)
from indexcalc.errors import Span
from indexcalc.ir.extent import Extent, Shape

HALF = Fraction(1, 2)
LONGEST_CONSTANT = 100


def letters_of(value: Value) -> Letters:
    """The letters of a value in index notation."""
    assert value.letters is not None
    return value.letters


def extents_of(values: Sequence[Value], table: ExtentTable) -> dict[str, Extent]:
    """The extent of each letter, by first appearance; equal letters are made to have one."""
    found: dict[str, tuple[Extent, Span]] = {}
    for value in values:
        for letter, extent in zip(letters_of(value), value.shape, strict=True):
            if letter not in found:
                found[letter] = extent, value.term.span
                continue
            first, place = found[letter]
            if first is not extent:
                table.unify(first, extent, place, value.term.span, f"index {letter}")
    return {letter: extent for letter, (extent, _) in found.items()}


def contract(
    values: Sequence[Value], output: Sequence[str], span: Span, table: ExtentTable
) -> Value:
    """The product of `values`, summed over the letters that `output` has not."""
    extents = extents_of(values, table)
    return _contraction(values, tuple(output), extents, span)


def _contraction(
    values: Sequence[Value], output: Letters, extents: dict[str, Extent], span: Span
) -> Value:
    term = Contract(
        span,
        tuple(extents[letter] for letter in output),
        tuple(value.term for value in values),
        tuple(letters_of(value) for value in values),
        output,
        {letter: (extent,) for letter, extent in extents.items()},
    )
    return Value(term, output)


def opened(value: Value) -> list[Value]:
    """The factors of a product, so that `Σ_j A_ij x_j` is one contraction; else just the value."""
    term, letters = value.term, letters_of(value)
    if not isinstance(term, Contract) or len(set(term.output)) < len(term.output):
        return [value]
    inside = {letter for own in term.letters for letter in own}
    if not set(term.output) <= inside or (inside - set(term.output)) & set(letters):
        return [value]
    outer = dict(zip(term.output, letters, strict=True))
    return [
        Value(factor, tuple(outer.get(letter, letter) for letter in own))
        for factor, own in zip(term.factors, term.letters, strict=True)
    ]


def summed(value: Value, kept: Letters, span: Span, table: ExtentTable) -> Value:
    """The value summed over all letters but `kept`; a product is not nested in another one."""
    term = value.term
    if isinstance(term, Contract) and term.output == value.letters:
        shape = tuple(term.extents[letter][0] for letter in kept)
        return Value(Contract(span, shape, term.factors, term.letters, kept, term.extents), kept)
    return contract(opened(value), kept, span, table)


def pattern(letters: Letters, extents: dict[str, Extent], span: Span) -> Value:
    """No factor: ones along each letter, a Kronecker delta where letters repeat."""
    return _contraction([], letters, extents, span)


def align(value: Value, letters: Letters, extents: dict[str, Extent]) -> Value:
    """The value with its axes in the order of `letters`, repeated along those it lacks."""
    if value.letters == letters:
        return value
    return _contraction([value], letters, extents, value.term.span)


def distinct(value: Value, table: ExtentTable) -> Value:
    """The value with each letter once: `A_ii` is a diagonal."""
    letters = letters_of(value)
    once = tuple(dict.fromkeys(letters))
    return value if len(once) == len(letters) else contract([value], once, value.term.span, table)


def total(
    values: Sequence[Value],
    signs: Sequence[int],
    span: Span,
    table: ExtentTable,
    free: Letters = (),
) -> Value:
    """A sum; each term is repeated along the letters that it lacks.

    The axes are in the order of the first term that has all, so that the order of terms does not
    matter; if none has, in the order of the `free` letters.
    """
    aligned, letters, shape = _together(values, table, free)
    term = Total(span, shape, tuple(value.term for value in aligned), tuple(signs))
    return Value(term, letters)


def _together(
    values: Sequence[Value], table: ExtentTable, free: Letters = ()
) -> tuple[list[Value], Letters, Shape]:
    extents = extents_of(values, table)
    once = [distinct(value, table) for value in values]
    letters = next((letters_of(v) for v in once if len(letters_of(v)) == len(extents)), None)
    if letters is None:
        known = [letter for letter in free if letter in extents]
        letters = tuple(known if len(known) == len(extents) else extents)
    shape = tuple(extents[letter] for letter in letters)
    return [align(value, letters, extents) for value in once], letters, shape


def pointwise(
    function: str,
    values: Sequence[Value],
    span: Span,
    table: ExtentTable,
    *,
    kind: str = "builtin",
    orders: tuple[int, ...] | None = None,
    parameter: Fraction | None = None,
) -> Value:
    """A scalar function at each entry."""
    aligned, letters, shape = _together(values, table)
    orders = (0,) * len(values) if orders is None else orders
    arguments = tuple(value.term for value in aligned)
    return Value(Pointwise(span, shape, function, kind, orders, parameter, arguments), letters)


def power(base: Value, exponent: Value, span: Span, table: ExtentTable) -> Value:
    """`base ^ exponent` at each entry; `e ^ exponent` is the exponential function."""
    if isinstance(base.term, Fixed) and base.term.name == "e":
        return pointwise("exp", [exponent], span, table)
    number = rational_value(exponent.term) if is_constant(exponent.term) else None
    if number is not None:
        return raised(base, number, span, table)
    return pointwise("pow", [base, exponent], span, table)


def is_constant(term: Term) -> bool:
    """Whether a term is a short scalar formula in numbers: an exponent that is worked out."""
    stack, seen = [term], 0
    while stack and seen < LONGEST_CONSTANT:
        part = stack.pop()
        seen += 1
        if part.shape or not isinstance(part, Literal | Total | Contract | Pointwise):
            return False
        stack.extend(part.arguments)
    return not stack


def raised(base: Value, exponent: Fraction, span: Span, table: ExtentTable) -> Value:
    """`base ^ exponent` at each entry, for a number."""
    return pointwise("power", [base], span, table, parameter=exponent)


def reciprocal(value: Value, table: ExtentTable) -> Value:
    """`1 / value` at each entry."""
    return raised(value, Fraction(-1), value.term.span, table)


def number(value: Fraction | int, span: Span) -> Value:
    """An exact scalar."""
    return Value(Literal(span, (), Fraction(value)), ())
