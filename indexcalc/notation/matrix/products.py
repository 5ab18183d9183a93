"""Products of values in both orientations: matrix products, products and quotients by entries.

In: `Oriented` values. Out: their products, each orientation as short as it can be made.

>>> from indexcalc.notation.formula import Symbol, SymbolKind
>>> from indexcalc.notation.matrix.oriented import oriented
>>> x, y = (oriented(Symbol(SymbolKind.VARIABLE, name, ()), 1) for name in "xy")
>>> ratio = entrywise(1, [(x, ONE), (y, -ONE)])
>>> [part.name for part in ratio.plain.formula.operands], ratio.plain.formula.infix
(['x', 'y'], <Infix.RATIO: './'>)
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from indexcalc.notation.formula import (
    EntryPower,
    Infix,
    Joined,
    Literal,
    Transposed,
)
from indexcalc.notation.matrix.likeness import likeness
from indexcalc.notation.matrix.oriented import Oriented, of_plain, shortest, turned_outside
from indexcalc.notation.matrix.written import (
    BRACKETS,
    ONE,
    SYMBOL,
    Written,
    joined,
    single,
)

HALF = Fraction(1, 2)
Entry = tuple[Oriented, Fraction]


def matrix_product(rank: int, *values: Oriented) -> Oriented:
    """The matrix product of values as they stand (`u.transpose` is a row); its result's rank."""
    plain = joined([value.plain for value in values])
    turned = joined([value.turned for value in reversed(values)])
    return shortest(rank, plain, turned)


def outer(column: Oriented, row: Oriented) -> Oriented:
    """`u v^T`."""
    return matrix_product(2, column, row.transpose)


def entrywise(rank: int, entries: Sequence[Entry]) -> Oriented:
    """The product at each entry of powers of values with one shape; there is at least one."""
    above = [powered(value, exponent) for value, exponent in entries if exponent > 0]
    below = [powered(value, -exponent) for value, exponent in entries if exponent < 0]
    above.sort(key=lambda value: value.place)
    below.sort(key=lambda value: value.place)
    top = above[0] if len(above) == 1 else _both(rank, Infix.HADAMARD, above) if above else None
    if not below:
        assert top is not None
        return top
    bottom = below[0] if len(below) == 1 else _both(rank, Infix.HADAMARD, below)
    if top is None:
        return _both(rank, Infix.RATIO, [_one(rank), bottom])
    return _both(rank, Infix.RATIO, [top, bottom])


def _one(rank: int) -> Oriented:
    """The number one before `./`."""
    part = single(Literal(ONE), SYMBOL, 1 << 30)
    return Oriented(rank, part, part)


def _both(rank: int, infix: Infix, values: Sequence[Oriented]) -> Oriented:
    plain = joined_by(infix, [value.plain for value in values])
    if rank < 2:
        return of_plain(rank, plain)
    return shortest(rank, plain, joined_by(infix, [value.turned for value in values]))


def joined_by(infix: Infix, operands: Sequence[Written]) -> Written:
    """Operands of one shape with an operator between them."""
    cost = sum(part.inner_cost for part in operands) + SYMBOL * (len(operands) - 1) + BRACKETS
    formula = Joined(infix, tuple(part.formula for part in operands))
    made_of = likeness(infix.value, *(part.key for part in operands))
    return single(formula, cost, min(part.place for part in operands), made_of)


def powered(value: Oriented, exponent: Fraction) -> Oriented:
    """`value ^ exponent` at each entry, for a positive exponent."""
    if exponent == 1:
        return value

    def raised(part: Written) -> Written:
        formula = EntryPower(part.formula, exponent)
        cost = part.cost + SYMBOL if exponent == HALF else part.inner_cost + 2 * SYMBOL
        if isinstance(part.formula, Transposed):
            cost += 3 * BRACKETS
        return single(formula, cost, part.place, likeness(f".^{exponent}", part.key))

    return turned_outside(value.rank, raised(value.plain), raised(value.turned))
