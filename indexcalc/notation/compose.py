"""Putting arranged parts together: products with one denominator, sums in order, ones.

In: arranged parts. Out: the `Formula` around them.

>>> x, y = (Symbol(SymbolKind.VARIABLE, name, ("i",)) for name in "xy")
>>> ratio = composed_product(Layout(exponents=(Fraction(1), Fraction(-2))), [x, y])
>>> ratio.factors == (x,), ratio.denominators[0].base is y
(True, True)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain

from indexcalc.notation.brackets import starts_negative
from indexcalc.notation.formula import (
    Formula,
    Indices,
    Literal,
    Product,
    Raised,
    Symbol,
    SymbolKind,
    Total,
)

ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the parts of a product stand: the first `leading` of them before the sum sign.

    The deltas in `first` and `last` have no index that is summed; those in `grouped` do.
    """

    exponents: tuple[Fraction, ...]
    coefficient: Fraction = ONE
    leading: int = 0
    sums: Indices = ()
    first: tuple[Formula, ...] = ()
    last: tuple[Formula, ...] = ()
    grouped: tuple[Formula, ...] = ()


def composed_product(layout: Layout, parts: Sequence[Formula]) -> Formula:
    """The product of `parts` to their exponents; just the part if there is nothing else."""
    if not layout.coefficient:
        return Literal(Fraction(0))
    above: list[Formula] = []
    leading: list[Formula] = []
    below: list[Formula] = []
    for position, (part, exponent) in enumerate(zip(parts, layout.exponents, strict=True)):
        raised = part if exponent in (1, -1) else Raised(part, abs(exponent))
        place = leading if position < layout.leading else above
        (below if exponent < 0 else place).append(raised)
    leading, factors = [*layout.first, *leading], [*above, *layout.grouped]
    if layout.sums:
        leading += layout.last
    else:
        factors += layout.last
    shown = (*leading, *factors)
    if not shown and not below:
        return Literal(layout.coefficient)
    if len(shown) == 1 and layout.coefficient == 1 and not layout.sums and not below:
        return shown[0]
    return Product(layout.coefficient, tuple(leading), layout.sums, tuple(factors), tuple(below))


def delta(left: str, right: str) -> Symbol:
    """Kronecker's δ."""
    return Symbol(SymbolKind.DELTA, "", (left, right))


def grouped_delta(left: Indices, right: Indices) -> Symbol:
    """`δ_{(sr)a}`: one where both groups run to the same entry, row by row."""
    return Symbol(SymbolKind.DELTA, "", left + right, (len(left), len(right)))


def ones(letters: Sequence[str]) -> tuple[Symbol, ...]:
    """`1_j` for each letter."""
    return tuple(Symbol(SymbolKind.ONES, "", (letter,)) for letter in letters)


def completed(formula: Formula, missing: Sequence[str]) -> Formula:
    """The formula times `1_j` for each letter that it lacks; zero stays zero."""
    if not missing or (isinstance(formula, Literal) and not formula.value):
        return formula
    match formula:
        case Product(coefficient=c, leading=leading, sums=sums, factors=factors):
            below = formula.denominators
            if sums:
                return Product(c, (*leading, *ones(missing)), sums, factors, below)
            return Product(c, leading, sums, (*factors, *ones(missing)), below)
        case Literal(value=value):
            return Product(value, (), (), ones(missing), ())
        case _:
            return Product(ONE, (), (), (formula, *ones(missing)), ())


def zeros(indices: Sequence[str]) -> Formula:
    """Zero with indices, `0 1_i`, where something else relies on them: a sum, a function."""
    return Product(Fraction(0), (), (), ones(tuple(dict.fromkeys(indices))), ())


def composed_total(terms: Sequence[tuple[Formula, Sequence[str], tuple[object, ...]]]) -> Formula:
    """Terms, each with the letters it lacks and its place in the reader's order, as a sum.

    A term may lack letters if another has all of them; else the most complete one gets ones.
    """
    ordered = sorted(terms, key=lambda term: (starts_negative(term[0]), _length(term[0]), term[2]))
    lacking = [len(missing) for _, missing, _ in ordered]
    most = lacking.index(min(lacking))
    whole = [
        completed(formula, missing if position == most else ())
        for position, (formula, missing, _) in enumerate(ordered)
    ]
    spliced = (part.terms if isinstance(part, Total) else (part,) for part in whole)
    return Total(tuple(chain.from_iterable(spliced)))


def _length(formula: Formula) -> int:
    """Numbers first, the rest by the reader's order."""
    return 0 if isinstance(formula, Literal) else 1


def shown_letters(formula: Formula) -> tuple[Indices, ...]:
    """The indices of the symbols that stand at the top of a term."""
    match formula:
        case Symbol(indices=indices):
            return (indices,)
        case Product(factors=factors):
            return tuple(part.indices for part in factors if isinstance(part, Symbol))
        case _:
            return ()
