"""How to split a product that sums nothing, so that the large result is written in long runs.

In: labels of the operands, the order of the result's axes, sizes. Out: which operands to multiply
first: the last multiplication has two operands, and trailing axes which one of them lacks, or
both have, are walked through in one run.

>>> sizes = dict.fromkeys(range(4), 32)
>>> split([(0, 2), (1,), (3,)], (0, 1, 2, 3), sizes)  # M_ik x_j x_l: M_ik x_l before x_j
([0, 2], [1])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from indexcalc.ir.node import Labels

MOST_SPLIT = 8  # operands; above, the largest stands against the others
LONG_ENOUGH = 1024  # entries of a run; a longer one is not faster


def split(
    operands: Sequence[Labels], order: Labels, sizes: Mapping[int, int]
) -> tuple[list[int], list[int]]:
    """The two groups whose products are multiplied last."""
    everyone = range(len(operands))
    candidates = _candidates(operands, sizes)

    def rank(group: frozenset[int]) -> tuple[int, int, tuple[int, ...]]:
        others = [k for k in everyone if k not in group]
        left = {x for k in group for x in operands[k]}
        right = {x for k in others for x in operands[k]}
        run = min(LONG_ENOUGH, _run(left, right, order, sizes))
        work = sum(prod(sizes[x] for x in side) for side in (left, right))
        return -run, work, tuple(sorted(group))

    best = min(candidates, key=rank)
    return sorted(best), [k for k in everyone if k not in best]


def _candidates(operands: Sequence[Labels], sizes: Mapping[int, int]) -> list[frozenset[int]]:
    """Groups that hold the first operand, without the one of all."""
    count = len(operands)
    if count > MOST_SPLIT:
        largest = max(range(count), key=lambda k: (prod(sizes[x] for x in operands[k]), -k))
        return [frozenset([largest])]
    return [
        frozenset([0, *(k for k in range(1, count) if bits >> (k - 1) & 1)])
        for bits in range(2 ** (count - 1) - 1)
    ]


def _run(left: set[int], right: set[int], order: Labels, sizes: Mapping[int, int]) -> int:
    """Entries of the result that lie behind one another while nothing but the address changes."""
    run = 1
    kind: tuple[bool, bool] | None = None
    for label in reversed(order):
        here = (label in left, label in right)
        if kind not in (None, here):
            break
        kind = here
        run *= sizes[label]
    return run
