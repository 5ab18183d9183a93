"""What all terms of a sum begin or end with: `X^T A X + X^T B X` is `X^T (A + B) X`.

In: the terms as products. Out: the factors that stand outside, and what is left of each term.

>>> from indexcalc.notation.formula import Symbol, SymbolKind
>>> from indexcalc.notation.matrix.written import joined, single
>>> A, B, x = (single(Symbol(SymbolKind.VARIABLE, name, ())) for name in "ABx")
>>> outside = shared_factors([joined([A, x]), joined([B, x])], 1)
>>> len(outside.before), [rest.formula.name for rest in outside.rests], len(outside.after)
(0, ['A', 'B'], 1)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexcalc.notation.formula import Formula, Symbol, SymbolKind, Transposed
from indexcalc.notation.matrix.wholes import IDENTITY
from indexcalc.notation.matrix.written import Atom, Written, chain, transposed
from indexcalc.notation.whole import inside


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Shared:
    """`before · Σ rests · after`; the sum is transposed as a whole if `turned`."""

    before: tuple[Atom, ...]
    rests: tuple[Written, ...]
    after: tuple[Atom, ...]
    turned: bool = False


def shared_factors(parts: Sequence[Written], rank: int) -> Shared | None:
    """The factors that all terms share at their ends; None if there are none.

    All have the same rank. Of a matrix nothing may be left but the identity, if that is not all.
    """
    chains = [part.atoms for part in parts]
    spare = 0 if rank == 2 else 1
    begin = _shared(chains, spare, outer=rank > 0)
    rest = [atoms[begin:] for atoms in chains]
    may_end = rank > 0 or begin
    backwards = [atoms[::-1] for atoms in rest]
    end = _shared(backwards, spare, outer=rank == 2) if may_end else 0
    if not (begin or end) or not any(len(atoms) > end for atoms in rest):
        return None
    first = chains[0]
    left = [atoms[: len(atoms) - end] for atoms in rest]
    rests = [
        _written(atoms).scaled(part.number, part.scalars)
        for atoms, part in zip(left, parts, strict=True)
    ]
    turned = all(len(atoms) == 1 and isinstance(atoms[0].formula, Transposed) for atoms in left)
    if turned:
        rests = [transposed(part) for part in rests]
    return Shared(first[:begin], tuple(rests), first[len(first) - end :], turned)


def _written(atoms: tuple[Atom, ...]) -> Written:
    if not atoms:
        return IDENTITY.plain
    return chain(atoms)


def _shared(chains: Sequence[Sequence[Atom]], spare: int, *, outer: bool) -> int:
    """How many atoms at the start are alike in all, if `spare` of each must be left over.

    Ones look alike whatever their number. They are as many if they are those of the result, which
    the first atom is if it is `outer`.
    """
    most = min([len(atoms) for atoms in chains]) - spare
    for position in range(most):
        if len({atoms[position].key for atoms in chains}) > 1:
            return position
        if (position or not outer) and _has_ones(chains[0][position].formula):
            return position
    return max(most, 0)


def _has_ones(formula: Formula) -> bool:
    stack = [formula]
    while stack:
        part = stack.pop()
        if isinstance(part, Symbol) and part.kind is SymbolKind.ONES:
            return True
        stack.extend(inside(part))
    return False
