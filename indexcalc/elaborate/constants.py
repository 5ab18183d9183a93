"""Scalars whose value is in the text: exponents, and sizes such as `eye(n+1)`.

In: a scalar term. Out: its rational value, or the extent that it speaks of, or None if
it depends on anything else.

>>> from indexcalc.errors import Source, Span
>>> here = Span(Source("-1"), 0, 2)
>>> rational_value(Total(here, (), (Literal(here, (), Fraction(1)),), (-1,)))
Fraction(-1, 1)
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod

from indexcalc.elaborate.term import Contract, Literal, Pointwise, SizeOf, Term, Total, postorder
from indexcalc.ir.exact import raised_number
from indexcalc.ir.extent import ONE, Extent


def rational_value(term: Term) -> Fraction | None:
    """The number that a scalar of literals is, or None."""
    values: dict[int, Fraction | None] = {}
    for part in _scalars_below(term):
        values[id(part)] = _rational(part, [values.get(id(a)) for a in part.arguments])
    return values.get(id(term))


def extent_value(term: Term) -> Extent | None:
    """The extent that a scalar of sizes and whole numbers is, or None."""
    values: dict[int, Extent | None] = {}
    for part in _scalars_below(term):
        values[id(part)] = _extent(part, [values.get(id(a)) for a in part.arguments])
    return values.get(id(term))


def _scalars_below(term: Term) -> list[Term]:
    """The term and all below it, arguments first; nothing if some part has axes."""
    parts = postorder(term)
    return [] if any(part.shape for part in parts) else parts


def _rational(term: Term, arguments: Sequence[Fraction | None]) -> Fraction | None:
    known = [value for value in arguments if value is not None]
    if len(known) < len(arguments):
        return None
    match term:
        case Literal():
            return term.value
        case Total():
            return sum((s * v for s, v in zip(term.signs, known, strict=True)), Fraction(0))
        case Contract() if not term.extents:
            return prod(known, start=Fraction(1))
        case Pointwise(function="power", parameter=Fraction() as power) if power.denominator == 1:
            return raised_number(known[0], int(power)) if known[0] or power >= 0 else None
        case _:
            return None


def _extent(term: Term, arguments: Sequence[Extent | None]) -> Extent | None:
    known = [value for value in arguments if value is not None]
    if len(known) < len(arguments):
        return None
    match term:
        case SizeOf():
            return term.extent[0]
        case Literal() if term.value.denominator == 1:
            return Extent.fixed(int(term.value))
        case Total():
            total = Extent.fixed(0)
            for sign, value in zip(term.signs, known, strict=True):
                total = total + Extent.fixed(sign) * value
            return total
        case Contract() if not term.extents:
            return prod(known, start=ONE)
        case _:
            return None
