"""Number, scalars, and the vector or matrix that they multiply, as one formula.

In: a coefficient and what a network was reduced to. Out: the formula in both orientations, with
scalars in front and one denominator.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from indexcalc.notation.formula import Applied, Formula, Literal, Product, Raised
from indexcalc.notation.matrix.likeness import collected
from indexcalc.notation.matrix.oriented import SYMBOL, Atom, Oriented, Written, single
from indexcalc.notation.matrix.products import Entry
from indexcalc.notation.matrix.reduce import Reduced
from indexcalc.notation.matrix.wholes import ONES, is_ones

ONE = Fraction(1)
ZERO = Fraction(0)
NAMES_OF_REPEATED = ("", "vector", "matrix")


def assembled(coefficient: Fraction, rank: int, parts: Reduced) -> Oriented:
    """The product; a vector that is a number everywhere is `vector(c)`."""
    body = parts.body
    if not coefficient:
        return zero(rank)
    scalars = collected(parts.scalars)
    if body is None:
        part = _scalar_product(coefficient, scalars)
        return Oriented(0, part, part)
    if rank == 1 and all(is_ones(atom) for atom in body.plain.atoms):
        part = _scalar_product(coefficient, scalars)
        return _repeated(rank, part)
    if coefficient == 1 and not scalars:
        return body
    plain = _product(coefficient, scalars, body.plain)
    same = body.turned is body.plain
    turned = plain if same else _product(coefficient, scalars, body.turned)
    return Oriented(rank, plain, turned)


def zero(rank: int) -> Oriented:
    """Zeros of the rank."""
    part = single(Literal(ZERO))
    return _repeated(rank, part) if rank else Oriented(0, part, part)


def _repeated(rank: int, part: Written) -> Oriented:
    """`vector(c)`, `matrix(c)`; both take the size that what stands beside them needs."""
    if rank == 1 and isinstance(part.formula, Literal) and part.formula.value == 1:
        part = single(part.formula, part.cost, ONES.place)
    formula = Applied(NAMES_OF_REPEATED[rank], (), (), (part.formula,), ())
    made = single(formula, part.cost + SYMBOL, part.place)
    return Oriented(rank, made, made)


def _scalar_product(coefficient: Fraction, scalars: Sequence[Entry]) -> Written:
    """All scalars; the last one that is a chain of factors needs no brackets."""
    above, below = _sides(scalars)
    last = next((k for k in reversed(range(len(above))) if len(above[k][0].atoms) > 1), None)
    flat: tuple[Atom, ...] = ()
    if last is not None and above[last][1] == 1:
        flat = above.pop(last)[0].atoms
    return _written(coefficient, above, Written(flat, sum(atom.cost for atom in flat)), below)


def _product(coefficient: Fraction, scalars: Sequence[Entry], body: Written) -> Written:
    above, below = _sides(scalars)
    return _written(coefficient, above, body, below)


Power = tuple[Written, Fraction]


def _sides(scalars: Sequence[Entry]) -> tuple[list[Power], list[Power]]:
    above = [(value.plain, exponent) for value, exponent in scalars if exponent > 0]
    below = [(value.plain, -exponent) for value, exponent in scalars if exponent < 0]
    return above, below


def _written(
    coefficient: Fraction, above: Sequence[Power], body: Written, below: Sequence[Power]
) -> Written:
    leading = tuple(_raised(*power) for power in above)
    denominators = tuple(_raised(*power) for power in below)
    cost = body.cost + sum(_cost(*power) for power in above)
    cost += sum(_cost(*power) + SYMBOL for power in below)
    cost += (SYMBOL if abs(coefficient) != 1 else 0) + (SYMBOL if coefficient < 0 else 0)
    places = [part.place for part, _ in (*above, *below)]
    places += [atom.place for atom in body.atoms]
    place = min(places, default=0)
    factors = body.factors
    if not (leading or factors or denominators):
        return single(Literal(coefficient), SYMBOL, place)
    if coefficient == 1 and not denominators and len(leading) + len(factors) == 1:
        return single((*leading, *factors)[0], cost, place)
    if coefficient == 1 and not leading and not denominators:
        return body
    return single(Product(coefficient, leading, (), factors, denominators), cost, place)


def _raised(part: Written, exponent: Fraction) -> Formula:
    return part.formula if exponent == 1 else Raised(part.formula, exponent)


def _cost(part: Written, exponent: Fraction) -> int:
    return part.inner_cost + (SYMBOL if exponent != 1 else 0)
