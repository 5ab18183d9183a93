"""Outer products of one sum in classes, each of which is one matrix product.

In: the terms of a sum as flat products, the lengths of its axes. Out: which terms go together, and
which axes go to the left and which to the right. `A_il B_jk + B_il A_jk + A_jl B_ik + B_jl A_ik`
has two classes: one with `i, l` on one side, one with `j, l`.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.plan.hoist import flat_term
>>> n = Extent.named("n")
>>> A, B = variable("A", (n, n)), variable("B", (n, n))
>>> pairs = [("il", "jk"), ("jl", "ik")]
>>> terms = [contract([(a, p), (b, q)], "ijkl") for p, q in pairs for a, b in ((A, B), (B, A))]
>>> pairings([flat_term(term) for term in terms], [32] * 4)
[([0, 1], ((1, 2), (0, 3))), ([2, 3], ((0, 2), (1, 3)))]
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.plan.hoist import Flat
from indexcalc.plan.outers import Axes, components, sides

MOST_TERMS = 24
Class = tuple[list[int], tuple[Axes, Axes]]


def pairings(terms: Sequence[Flat], lengths: Sequence[int]) -> list[Class]:
    """Positions of terms that have one pair of sides; terms that stay alone are in no class."""
    whole = sides(terms, lengths)
    if whole is not None:
        return [(list(range(len(terms))), whole)]
    if not 3 < len(terms) <= MOST_TERMS:
        return []
    # terms of few parts leave no choice of sides, and choose for the others
    waiting = sorted(range(len(terms)), key=lambda k: len(components(terms[k])))
    classes: list[Class] = []
    while waiting:
        members = [waiting.pop(0)]
        split: tuple[Axes, Axes] | None = None
        for position in list(waiting):
            joint = sides([terms[k] for k in (*members, position)], lengths)
            if joint is not None:
                members.append(position)
                waiting.remove(position)
                split = joint
        if split is not None:
            classes.append((sorted(members), split))
    return classes
