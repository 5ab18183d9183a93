"""Functions of whole vectors and matrices in formulas without indices: `Diag`, `diag`, `tr`, `sum`.

In: `Oriented` values. Out: the function of them; where a transpose makes no difference, of the
shorter orientation.
"""

from __future__ import annotations

from indexcalc.notation.formula import Applied, Infix, Symbol, SymbolKind
from indexcalc.notation.matrix.likeness import likeness
from indexcalc.notation.matrix.oriented import Oriented, of_plain, oriented
from indexcalc.notation.matrix.products import joined_by
from indexcalc.notation.matrix.written import SYMBOL, Atom, Written, chain, cheaper, single

LAST = 1 << 30
DIAGONAL = 8  # few read `diag(A B^T)` as well as `(A ⊙ B) 1`
ONES_SYMBOL = Symbol(SymbolKind.ONES, "", ())
IDENTITY_SYMBOL = Symbol(SymbolKind.DELTA, "", ())
ONES = oriented(ONES_SYMBOL, 1, SYMBOL, LAST)
IDENTITY = oriented(IDENTITY_SYMBOL, 2, SYMBOL, LAST, symmetric=True)


def function_of(name: str, part: Written) -> Written:
    """`name(part)`."""
    formula = Applied(name, (), (), (part.formula,), ())
    return single(formula, part.cost + SYMBOL, part.place, likeness(name, part.key))


def either(value: Oriented) -> Written:
    """The shorter orientation."""
    return cheaper(value.plain, value.turned)


def scalar(part: Written) -> Oriented:
    """A scalar has one orientation."""
    return Oriented(0, part, part)


def diagonal_matrix(vector: Oriented) -> Oriented:
    """`Diag(v)`."""
    part = function_of("Diag", vector.plain)
    return Oriented(2, part, part)


def diagonal_of(matrix: Oriented) -> Oriented:
    """`diag(A)`, a column."""
    inner = either(matrix)
    part = function_of("diag", inner)
    if len(inner.atoms) > 1:
        part = single(part.formula, part.cost + DIAGONAL, part.place, part.key)
    return of_plain(1, part)


def trace(matrix: Oriented) -> Oriented:
    """`tr(A B C)`, from the factor on that the reader knows first."""
    part = either(matrix)
    return scalar(function_of("tr", _rotated(part)))


def _rotated(part: Written) -> Written:
    atoms = part.atoms
    if len(atoms) == 1 or part.is_scaled:
        return part

    def key(k: int) -> tuple[bool, int]:
        return atoms[k].formula is atoms[k - 1].formula, atoms[k].place

    start = min(range(len(atoms)), key=key)
    return chain(atoms[start:] + atoms[:start])


def sum_of(value: Oriented) -> Oriented:
    """`sum(A)`; ones at the end of a product add nothing to it, and `sum(diag(A))` is `tr(A)`."""
    formula = value.plain.formula
    if isinstance(formula, Applied) and formula.name == "diag" and not formula.orders:
        made = Applied("tr", (), (), formula.arguments, ())
        made_of = likeness("tr", value.plain.key)
        return scalar(single(made, value.plain.cost, value.place, made_of))
    return scalar(function_of("sum", cheaper(*map(_without_ones, (value.plain, value.turned)))))


def _without_ones(part: Written) -> Written:
    atoms = part.atoms
    if len(atoms) > 1 and is_ones(atoms[-1]):
        return chain(atoms[:-1]).scaled(part.number, part.scalars)
    return part


def is_ones(atom: Atom) -> bool:
    """Whether the factor is a column of ones."""
    return atom.formula is ONES_SYMBOL


def frobenius(left: Oriented, right: Oriented) -> Oriented:
    """`A : B`, with the fewer transposes."""
    first, second = sorted((left, right), key=lambda value: value.place)
    plain = joined_by(Infix.FROBENIUS, [first.plain, second.plain])
    turned = joined_by(Infix.FROBENIUS, [first.turned, second.turned])
    return scalar(cheaper(plain, turned))
