"""A formula without indices, as it stands and transposed, with what each costs to read.

In: atoms, the factors of a matrix product. Out: a `Written` product, and an `Oriented` value: the
same tensor in both orientations. A product of many matrices is turned factor by factor or as a
whole, whichever is shorter; so the shortest form of everything around it is found from the bottom
up.

>>> from indexcalc.notation.formula import Symbol, SymbolKind
>>> A, B = (oriented(Symbol(SymbolKind.VARIABLE, name, ()), 2) for name in "AB")
>>> product = joined([A.plain, B.plain]), joined([B.turned, A.turned])
>>> both = shortest(2, *product)
>>> len(both.plain.atoms), len(both.turned.atoms)
(2, 2)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from indexcalc.notation.formula import EntryPower, Formula, Product, Raised, Transposed

ONE = Fraction(1)
SYMBOL = 4  # what a name, a number, an operator or a transposition costs
BRACKETS = 1
LARGEST_POWER = 100  # of a matrix, that the language reads
TURNED_BRACKETS = 4  # `(A B)^T` reads as well as `B^T A^T`, and better than `C^T B^T A^T`


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Atom:
    """One factor of a matrix product; `place` is that of its first name in the reader's order."""

    formula: Formula
    cost: int
    place: int = 0


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Written:
    """The matrix product of `atoms`."""

    atoms: tuple[Atom, ...]
    cost: int

    @property
    def place(self) -> int:
        """Where the first of its names stands in the reader's order."""
        return min(atom.place for atom in self.atoms)

    @property
    def formula(self) -> Formula:
        """The product as one formula; repeated factors become powers."""
        factors = self.factors
        return factors[0] if len(factors) == 1 else Product(ONE, (), (), factors, ())

    @property
    def factors(self) -> tuple[Formula, ...]:
        """The factors in order; `A A` is `A^2`, and `A B A B` is `(A B)^2`."""
        formulas = tuple([atom.formula for atom in self.atoms])
        period = _period(formulas)
        if 1 < period < len(formulas) <= period * LARGEST_POWER:
            base = Product(ONE, (), (), tuple(_powers(formulas[:period])), ())
            return (Raised(base, Fraction(len(formulas), period)),)
        return tuple(_powers(formulas))

    @property
    def inner_cost(self) -> int:
        """The cost as an operand, with the brackets that a product needs."""
        return self.cost + (BRACKETS if len(self.atoms) > 1 else 0)


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


def single(formula: Formula, cost: int = SYMBOL, place: int = 0) -> Written:
    """One factor."""
    return Written((Atom(formula, cost, place),), cost)


def joined(parts: Sequence[Written]) -> Written:
    """The matrix product of products."""
    atoms = tuple(atom for part in parts for atom in part.atoms)
    return Written(atoms, sum(part.cost for part in parts))


def oriented(
    formula: Formula, rank: int, cost: int = SYMBOL, place: int = 0, *, symmetric: bool = False
) -> Oriented:
    """One formula in both orientations; if it is `symmetric` they are the same."""
    plain = single(formula, cost, place)
    return Oriented(rank, plain, plain if symmetric or not rank else transposed(plain))


def transposed(part: Written) -> Written:
    """The transpose, taken of the whole."""
    formula = part.formula
    if isinstance(formula, Transposed):
        return single(formula.base, part.cost - SYMBOL, part.place)
    brackets = TURNED_BRACKETS if len(part.atoms) > 1 else 0
    if isinstance(formula, EntryPower | Raised):
        brackets = BRACKETS
    return single(Transposed(formula), part.cost + SYMBOL + brackets, part.place)


def shortest(rank: int, plain: Written, turned: Written) -> Oriented:
    """Each orientation as it is given, or as the transpose of the other if that is shorter."""
    if not rank:
        best = cheaper(plain, turned)
        return Oriented(rank, best, best)
    return Oriented(rank, cheaper(plain, transposed(turned)), cheaper(turned, transposed(plain)))


def cheaper(*candidates: Written) -> Written:
    """The one that costs least, the first of several such."""
    return min(candidates, key=lambda part: part.cost)


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
        return Written(tuple(replace(atom, place=place) for atom in part.atoms), part.cost)

    plain = moved(value.plain)
    return Oriented(
        value.rank, plain, plain if value.turned is value.plain else moved(value.turned)
    )


def _period(factors: Sequence[Formula]) -> int:
    """The length of the shortest run that the factors repeat; they are equal if they are one."""
    count = len(factors)
    for period in range(1, count // 2 + 1):
        if (
            count % period == 0
            and factors[period] is factors[0]
            and all(factors[k] is factors[k - period] for k in range(period, count))
        ):
            return period
    return count


def _powers(factors: Sequence[Formula]) -> list[Formula]:
    found: list[tuple[Formula, int]] = []
    for factor in factors:
        if found and found[-1][0] is factor and found[-1][1] < LARGEST_POWER:
            found[-1] = factor, found[-1][1] + 1
        else:
            found.append((factor, 1))
    return [base if count == 1 else Raised(base, Fraction(count)) for base, count in found]
