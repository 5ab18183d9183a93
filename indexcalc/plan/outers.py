"""A sum of large outer products as one matrix product.

In: the terms of a sum as flat products. Out: which axes go to the left and which to the right, such
that every factor of every term lies on one side: then `Σ_t u_t ⊗ v_t` is a matrix of the `u_t`
times a matrix of the `v_t`, and the large result is written once: in blocks, one for each entry of
the leading axes of the `v_t`, which stay in the cache while they are written.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.contraction import contract
>>> n = Extent.named("n")
>>> A, B = variable("A", (n, n)), variable("B", (n, n))
>>> terms = [flat_term(contract([(a, "ik"), (b, "jl")], "ijkl")) for a, b in ((A, B), (B, A))]
>>> sides(terms, [32] * 4)
((0, 2), (1, 3))
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from indexcalc.ir.extent import Extent
from indexcalc.plan.hoist import Flat, flat_term

__all__ = ["Extent", "components", "flat_term", "sides"]

WORTH_IT = 20_000  # entries of the result
THINNER = 8  # times fewer entries in each pair of factors than in the result
SMALLEST_BLOCK = 2_000  # entries
MOST_GROUPS = 10  # of axes, among which the two sides are chosen
Axes = tuple[int, ...]


def components(flat: Flat) -> list[tuple[list[int], set[int]]]:
    """Factors that are joined by summed labels, and the axes of the term that they have."""
    shown = set(flat.axes)
    groups: list[tuple[list[int], set[int]]] = []
    for position, (_, own) in enumerate(flat.factors):
        members, labels = [position], set(own)
        apart = []
        for group, their_labels in groups:
            if (labels & their_labels) - shown:
                members, labels = [*group, *members], labels | their_labels
            else:
                apart.append((group, their_labels))
        groups = [*apart, (members, labels)]
    return [
        (members, {axis for axis, label in enumerate(flat.axes) if label in labels})
        for members, labels in groups
    ]


def sides(terms: Sequence[Flat], lengths: Sequence[int]) -> tuple[Axes, Axes] | None:
    """The axes left and right, the last on the right; None if terms are small or stay together."""
    total = prod(lengths)
    if len(terms) < 2 or total < WORTH_IT:
        return None
    groups = [{axis} for axis in range(len(lengths))]
    for flat in terms:
        covered: set[int] = set()
        for _, axes in components(flat):
            covered |= axes
            touched = [group for group in groups if group & axes]
            groups = [group for group in groups if not group & axes]
            if touched:
                groups.append(set().union(*touched))
        if len(covered) < len(lengths) or len(set(flat.axes)) < len(flat.axes):
            return None
    if not 2 <= len(groups) <= MOST_GROUPS:
        return None
    best = min(_splits(sorted(groups, key=min)), key=lambda split: _thickness(split, lengths))
    if _thickness(best, lengths) * len(terms) * THINNER >= total:
        return None
    return best if len(lengths) - 1 in best[1] else best[::-1]


def layout(split: tuple[Axes, Axes], lengths: Sequence[int]) -> Axes:
    """The order in which the result's axes come out.

    All right ones but the last, then the left ones, then the last: each entry of the leading axes
    has a block of its own, unless blocks would be small.

    >>> layout(((1, 2), (0, 3)), [32] * 4), layout(((1, 2), (0, 3)), [100_000, 2, 2, 3])
    ((0, 1, 2, 3), (1, 2, 0, 3))
    """
    left, right = split
    block = prod(lengths[axis] for axis in (*left, right[-1]))
    return (*right[:-1], *left, right[-1]) if block >= SMALLEST_BLOCK else (*left, *right)


def _splits(groups: Sequence[set[int]]) -> list[tuple[Axes, Axes]]:
    """All ways to put the groups on two sides, the first group on the left."""
    found = []
    for bits in range(2 ** (len(groups) - 1) - 1):
        left = {0, *(k + 1 for k in range(len(groups) - 1) if bits >> k & 1)}
        sorted_axes = [
            tuple(sorted(axis for k in side for axis in groups[k]))
            for side in (left, set(range(len(groups))) - left)
        ]
        found.append((sorted_axes[0], sorted_axes[1]))
    return found


def _thickness(split: tuple[Axes, Axes], lengths: Sequence[int]) -> int:
    return sum(prod(lengths[axis] for axis in side) for side in split)
