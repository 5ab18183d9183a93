"""A scalar, a vector or a matrix without indices, in both orientations.

In: products as they are written. Out: `Oriented` values, each orientation as short as it can be
made. A product of many matrices is turned factor by factor or as a whole, whichever is shorter; so
the shortest form of everything around it is found from the bottom up.

>>> from indexcalc.notation.formula import Symbol, SymbolKind
>>> A, B = (oriented(Symbol(SymbolKind.VARIABLE, name, ()), 2) for name in "AB")
>>> both = shortest(2, joined([A.plain, B.plain]), joined([B.turned, A.turned]))
>>> len(both.plain.atoms), len(both.turned.atoms)
(2, 1)
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from indexcalc.notation.formula import Formula
from indexcalc.notation.matrix.written import (
    SYMBOL,
    Written,
    cheaper,
    joined,
    single,
    transposed,
)

__all__ = ["Oriented", "cheapest", "joined", "oriented", "placed", "shortest"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Oriented:
    """A scalar, a vector or a matrix (`rank` 0, 1, 2) as it stands, and turned.

    A vector is a column as it stands, and a row turned; both forms of a scalar are one.
    """

    rank: int
    plain: Written
    turned: Written

    @property
    def transpose(self) -> Oriented:
        """The same in the other orientation."""
        return Oriented(self.rank, self.turned, self.plain)

    @property
    def place(self) -> int:
        """Where the first of its names stands in the reader's order."""
        return self.plain.place


def oriented(
    formula: Formula, rank: int, cost: int = SYMBOL, place: int = 0, *, symmetric: bool = False
) -> Oriented:
    """One formula in both orientations; if it is `symmetric` they are the same."""
    return of_plain(rank, single(formula, cost, place), symmetric=symmetric)


def of_plain(rank: int, plain: Written, *, symmetric: bool = False) -> Oriented:
    """What is written in one way, and its transpose taken of the whole."""
    return Oriented(rank, plain, plain if symmetric or not rank else transposed(plain))


def shortest(rank: int, plain: Written, turned: Written) -> Oriented:
    """Each orientation as it is given, or as the transpose of the other if that is shorter."""
    if not rank:
        best = cheaper(plain, turned)
        return Oriented(rank, best, best)
    return Oriented(rank, _shorter(plain, turned), _shorter(turned, plain))


def _shorter(part: Written, other: Written) -> Written:
    """The part, or the transpose of the other; that is made only if it may be shorter."""
    if len(other.atoms) > 1 and other.cost >= part.cost:
        return part
    return cheaper(part, transposed(other))


def turned_outside(rank: int, plain: Written, turned: Written) -> Oriented:
    """As `shortest`, for functions at each entry: `exp(A)^T` rather than `exp(A^T)`."""
    if rank < 2:
        return of_plain(rank, plain)
    return Oriented(rank, cheaper(transposed(turned), plain), cheaper(transposed(plain), turned))


def cheapest(*candidates: Oriented) -> Oriented:
    """Each orientation the shortest there is; the first of several such."""
    return Oriented(
        candidates[0].rank,
        cheaper(*(part.plain for part in candidates)),
        cheaper(*(part.turned for part in candidates)),
    )


def placed(value: Oriented, place: int) -> Oriented:
    """The value as one whose first name stands at `place`."""

    def moved(part: Written) -> Written:
        return replace(part, atoms=tuple([replace(atom, place=place) for atom in part.atoms]))

    plain = moved(value.plain)
    return Oriented(
        value.rank, plain, plain if value.turned is value.plain else moved(value.turned)
    )
