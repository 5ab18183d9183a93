"""Number, scalars, and the vector or matrix that they multiply, as one product.

In: a coefficient and what a network was reduced to. Out: the product in both orientations.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from indexcalc.notation.formula import Applied, Literal
from indexcalc.notation.matrix.oriented import Oriented
from indexcalc.notation.matrix.reduce import Reduced
from indexcalc.notation.matrix.wholes import is_ones
from indexcalc.notation.matrix.written import (
    SYMBOL,
    Power,
    Written,
    collected,
    single,
    transposed,
)

ONE = Fraction(1)
ZERO = Fraction(0)
NAMES_OF_REPEATED = ("", "vector", "matrix")


def assembled(coefficient: Fraction, rank: int, parts: Reduced) -> Oriented:
    """The product; a vector that is a number everywhere is `vector(c)`."""
    if not coefficient:
        return zero(rank)
    scalars = [(value.plain, exponent) for value, exponent in parts.scalars]
    body = parts.body
    if body is None:
        part = _scalar_product(coefficient, scalars)
        return Oriented(0, part, part)
    if rank == 1 and all(is_ones(atom) for atom in body.plain.atoms):
        return _repeated(rank, _scalar_product(coefficient, scalars))
    plain = body.plain.scaled(coefficient, scalars)
    same = body.turned is body.plain
    return Oriented(rank, plain, plain if same else body.turned.scaled(coefficient, scalars))


def zero(rank: int) -> Oriented:
    """Zeros of the rank."""
    part = single(Literal(ZERO))
    return _repeated(rank, part) if rank else Oriented(0, part, part)


def _repeated(rank: int, part: Written) -> Oriented:
    """`vector(c)`, `matrix(c)`; both take the size that what stands beside them needs."""
    formula = Applied(NAMES_OF_REPEATED[rank], (), (), (part.formula,), ())
    made = single(formula, part.cost + SYMBOL, part.place)
    return Oriented(rank, made, transposed(made) if rank == 1 else made)


def _scalar_product(coefficient: Fraction, scalars: Sequence[Power]) -> Written:
    """All scalars; the last one that is a chain of factors needs no brackets."""
    rest = list(collected(scalars))
    chains = [k for k, (part, _) in enumerate(rest) if len(part.atoms) > 1 and not part.is_scaled]
    if not chains or rest[chains[-1]][1] != 1:
        return Written((), 0).scaled(coefficient, rest)
    return rest.pop(chains[-1])[0].scaled(coefficient, rest)
