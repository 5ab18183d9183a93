"""A product without indices, with what it costs to read.

In: atoms, the factors of a matrix product, and the number and scalars that multiply it. Out: a
`Written` product: its formula, its transpose, products of several.

>>> from indexcalc.notation.formula import Symbol, SymbolKind
>>> A, c = (single(Symbol(SymbolKind.VARIABLE, name, ())) for name in "Ac")
>>> product = joined([A, A]).scaled(Fraction(-2), [(c, ONE)]).formula
>>> product.coefficient, product.leading[0].name, product.factors[0].exponent
(Fraction(-2, 1), 'c', Fraction(2, 1))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from indexcalc.notation.formula import (
    EntryPower,
    Formula,
    Inverted,
    Joined,
    Literal,
    Product,
    Raised,
    Transposed,
)
from indexcalc.notation.matrix.likeness import Key, likeness, own_key

ONE = Fraction(1)
SYMBOL = 4  # what a name, a number, an operator or a transposition costs
BRACKETS = 1
TURNED_PAIR, TURNED_CHAIN = 3, 5  # `(A B)^T` for `B^T A^T`, but `C^T B A^T`; `(A B C)^T`
TURNED_INVERSE = 2  # `X^-T` has one mark
LARGEST_POWER = 100  # of a matrix, that the language reads


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Atom:
    """One factor of a matrix product; `place` is that of its first name in the reader's order.

    `made_of` is a key of what it was made of here, if it was.
    """

    formula: Formula
    cost: int
    place: int = 0
    made_of: Key | None = None

    @property
    def key(self) -> Key:
        """Equal for atoms that are printed alike."""
        return self.made_of or own_key(self.formula)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Written:
    """`number · scalars · atoms`: the matrix product of atoms, times scalars with exponents."""

    atoms: tuple[Atom, ...]
    cost: int
    number: Fraction = ONE
    scalars: tuple[Power, ...] = ()

    @property
    def place(self) -> int:
        """Where the first of its names stands in the reader's order."""
        places = [atom.place for atom in self.atoms]
        return min([*places, *(part.place for part, _ in self.scalars)], default=0)

    @property
    def is_scaled(self) -> bool:
        """Whether there is a number or a scalar before the factors."""
        return self.number != 1 or bool(self.scalars)

    @property
    def key(self) -> Key:
        """Equal for products that are printed alike."""
        if len(self.atoms) == 1 and not self.is_scaled:
            return self.atoms[0].key
        powers = [likeness(str(exponent), part.key) for part, exponent in self.scalars]
        return likeness(str(self.number), *powers, b"|", *(atom.key for atom in self.atoms))

    @property
    def inner_cost(self) -> int:
        """The cost as an operand, with the brackets that a product needs."""
        return self.cost + (BRACKETS if len(self.atoms) > 1 or self.is_scaled else 0)

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
    def formula(self) -> Formula:
        """The product as one formula."""
        above = tuple([_raised(part, k) for part, k in self.scalars if k > 0])
        below = tuple([_raised(part, -k) for part, k in self.scalars if k < 0])
        factors = self.factors
        if not (above or factors or below):
            return Literal(self.number)
        if self.number == 1 and not below and len(above) + len(factors) == 1:
            return (*above, *factors)[0]
        return Product(self.number, above, (), factors, below)

    def scaled(self, number: Fraction, scalars: Sequence[Power] = ()) -> Written:
        """The product times a number and scalars with exponents."""
        if number == 1 and not scalars:
            return self
        every = collected([*scalars, *self.scalars])
        number *= self.number
        cost = chain(self.atoms).cost + _scale_cost(number, every)
        return Written(self.atoms, cost, number, every)


Power = tuple[Written, Fraction]


def single(
    formula: Formula, cost: int = SYMBOL, place: int = 0, made_of: Key | None = None
) -> Written:
    """One factor."""
    return Written((Atom(formula, cost, place, made_of),), cost)


def chain(atoms: tuple[Atom, ...]) -> Written:
    """The product of factors; in `A A` the second one costs no more than the exponent of `A^2`."""
    cost = 0
    before: list[Formula | None] = [None, None]
    for atom in atoms:
        if atom.formula is not before[0]:
            cost += atom.cost
        elif atom.formula is not before[1]:
            cost += SYMBOL
        before = [atom.formula, before[0]]
    return Written(atoms, cost)


def joined(parts: Sequence[Written]) -> Written:
    """The matrix product of products."""
    atoms = tuple([atom for part in parts for atom in part.atoms])
    if not any(part.is_scaled for part in parts):
        meets = any(
            left.atoms[-1:] and right.atoms and left.atoms[-1].formula is right.atoms[0].formula
            for left, right in pairwise(parts)
        )
        return chain(atoms) if meets else Written(atoms, sum([part.cost for part in parts]))
    plain = chain(atoms)
    for part in reversed(parts):
        plain = plain.scaled(part.number, part.scalars)
    return plain


def transposed(part: Written) -> Written:
    """The transpose, taken of the whole."""
    body = Written(part.atoms, 0).formula
    cost = chain(part.atoms).cost
    if isinstance(body, Transposed):
        mark = TURNED_INVERSE if isinstance(body.base, Inverted) else SYMBOL
        turned = single(body.base, cost - mark, part.atoms[0].place)  # compared by identity
    else:
        mark = TURNED_INVERSE if isinstance(body, Inverted) else SYMBOL
        if isinstance(body, Product):
            mark += TURNED_PAIR if len(part.atoms) == 2 else TURNED_CHAIN
        elif isinstance(body, EntryPower | Raised | Joined):
            mark += 3 * BRACKETS
        made_of = likeness("T", *(atom.key for atom in part.atoms))
        turned = single(Transposed(body), cost + mark, _first_place(part.atoms), made_of)
    return turned.scaled(part.number, part.scalars)


def cheaper(*candidates: Written) -> Written:
    """The one that costs least, the first of several such."""
    return min(candidates, key=lambda part: part.cost)


def collected(scalars: Sequence[Power]) -> tuple[Power, ...]:
    """Scalars with exponents, each base once, in the reader's order."""
    if len(scalars) < 2:
        return tuple(scalars)
    found: dict[Key, Power] = {}
    for part, exponent in sorted(scalars, key=lambda power: power[0].place):
        base, before = found.get(part.key, (part, Fraction(0)))
        found[part.key] = base, before + exponent
    return tuple([(part, exponent) for part, exponent in found.values() if exponent])


def _first_place(atoms: Sequence[Atom]) -> int:
    return min([atom.place for atom in atoms], default=0)


def _raised(part: Written, exponent: Fraction) -> Formula:
    return part.formula if exponent == 1 else Raised(part.formula, exponent)


def _scale_cost(number: Fraction, scalars: Sequence[Power]) -> int:
    cost = (SYMBOL if abs(number) != 1 else 0) + (SYMBOL if number < 0 else 0)
    for part, exponent in scalars:
        cost += part.inner_cost
        cost += SYMBOL if abs(exponent) != 1 else 0
        cost += SYMBOL if exponent < 0 else 0
    return cost


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
