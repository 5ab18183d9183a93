"""Contraction order: asked of opt_einsum.

In: the labels of each operand, the labels of the result, the size of each label. Out: pairs
of operands to multiply, as numbers: operands are 0, 1, …, then each product in turn.

>>> pairs([(0, 1), (1, 2), (2,)], {0}, {0: 10, 1: 10, 2: 10})
[(1, 2), (0, 3)]
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence

from opt_einsum import get_symbol
from opt_einsum import paths as searches

MOST_SEARCHED = 60  # operands; above, the greedy order


def pairs(
    operands: Sequence[Sequence[int]], kept: Collection[int], sizes: Mapping[int, int]
) -> list[tuple[int, int]]:
    """The order in which to multiply `operands`, two at a time."""
    if len(operands) <= 2:
        return [(0, 1)] if len(operands) == 2 else []
    inputs = [frozenset(map(get_symbol, labels)) for labels in operands]
    output = frozenset(map(get_symbol, kept))
    table = {get_symbol(label): size for label, size in sizes.items()}
    search = searches.auto_hq if len(operands) <= MOST_SEARCHED else searches.greedy
    state = random.getstate()  # the randomised search seeds the global generator
    try:
        path = search(inputs, output, table)
    finally:
        random.setstate(state)
    return _by_number(path, len(operands))


def _by_number(path: Sequence[Sequence[int]], count: int) -> list[tuple[int, int]]:
    """From positions in a shrinking list to numbers that stay; longer steps as several."""
    remaining = list(range(count))
    steps: list[tuple[int, int]] = []
    for positions in path:
        chosen = [remaining[position] for position in sorted(positions)]
        for position in sorted(positions, reverse=True):
            del remaining[position]
        last = chosen[0]
        for other in chosen[1:]:
            steps.append((last, other))
            last = count
            count += 1
        remaining.append(last)
    return steps
