"""Contraction order: asked of opt_einsum.

In: the labels of each operand, the labels of the result, the size of each label. Out: pairs
of operands to multiply, as numbers: operands are 0, 1, …, then each product in turn.

>>> pairs([(0, 1), (1, 2), (2,)], {0}, {0: 10, 1: 10, 2: 10})
[(1, 2), (0, 3)]

Operands with the same labels are multiplied first, entry by entry: that is never worse, and the
search takes time that grows fast with the number of operands.

>>> pairs([(0,), (0, 1), (0,)], {1}, {0: 1000, 1: 100})
[(0, 2), (3, 1)]
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod

from opt_einsum import get_symbol
from opt_einsum.path_random import RandomGreedy
from opt_einsum.paths import DynamicProgramming, greedy

MOST_EXACT = 8  # operands; up to here the best order is found
MOST_TRIED = 40  # operands; up to here several random orders are tried
TRIALS = 64
MARGIN = 0.9  # of the operations: left to right only where it saves more, found orders share more
WRITE_WEIGHT = 32  # an entry written costs as much as this many multiplications inside a product
Pairs = list[tuple[int, int]]


def pairs(
    operands: Sequence[Sequence[int]], kept: Collection[int], sizes: Mapping[int, int]
) -> Pairs:
    """The order in which to multiply `operands`, two at a time."""
    if len(operands) <= 2:
        return [(0, 1)] if len(operands) == 2 else []
    labels = {x for own in operands for x in own}
    return list(
        _searched(
            tuple(map(tuple, operands)),
            tuple(sorted(labels & set(kept))),
            tuple(sorted((label, sizes[label]) for label in labels)),
        )
    )


@lru_cache(maxsize=4096)
def _searched(
    operands: tuple[tuple[int, ...], ...],
    kept: tuple[int, ...],
    sizes: tuple[tuple[int, int], ...],
) -> tuple[tuple[int, int], ...]:
    steps, merged = _alike(operands)
    inputs = [frozenset(map(get_symbol, own)) for _, own in merged]
    output = frozenset(map(get_symbol, kept))
    table = {get_symbol(label): size for label, size in sizes}
    path = _path(inputs, output, table)
    numbers = [number for number, _ in merged]
    found: Pairs = steps + _by_number(path, numbers, len(operands) + len(steps))
    plain: Pairs = [(0, 1)] + [(len(operands) + k, k + 2) for k in range(len(operands) - 2)]
    lengths = dict(sizes)
    ours, theirs = (work(operands, kept, order, lengths) for order in (found, plain))
    better = theirs.flops < MARGIN * ours.flops and theirs.weighted < ours.weighted
    return tuple(plain if better else found)


@dataclass(frozen=True, slots=True)
class Work:
    """Multiplications and additions, and entries written."""

    flops: int
    written: int

    @property
    def weighted(self) -> int:
        """Both, as what they cost."""
        return self.flops + WRITE_WEIGHT * self.written


def work(
    operands: Sequence[Sequence[int]],
    kept: Collection[int],
    steps: Sequence[tuple[int, int]],
    sizes: Mapping[int, int],
) -> Work:
    """What the steps of an order cost."""
    waiting = Counter(label for labels in operands for label in set(labels))
    waiting.update(set(kept))
    alive = {number: set(labels) for number, labels in enumerate(operands)}
    flops = written = 0
    for number, (left, right) in enumerate(steps, start=len(operands)):
        first, second = alive.pop(left), alive.pop(right)
        waiting.subtract([*first, *second])
        both = first | second
        result = {label for label in both if waiting[label]}
        waiting.update(result)
        alive[number] = result
        everything = prod(sizes[label] for label in both)
        flops += everything * (1 if result == both else 2)
        written += prod(sizes[label] for label in result)
    return Work(flops, written)


def _alike(
    operands: Sequence[tuple[int, ...]],
) -> tuple[Pairs, list[tuple[int, tuple[int, ...]]]]:
    """Products of operands with the same labels, and what is left: numbers and labels."""
    groups: dict[frozenset[int], int] = {}
    steps: Pairs = []
    for position, labels in enumerate(operands):
        key = frozenset(labels)
        if key in groups:
            steps.append((groups[key], position))
            groups[key] = len(operands) + len(steps) - 1
        else:
            groups[key] = position
    return steps, [(number, tuple(sorted(key))) for key, number in groups.items()]


def _path(
    inputs: list[frozenset[str]], output: frozenset[str], table: dict[str, int]
) -> Sequence[Sequence[int]]:
    if len(inputs) == 1:
        return []
    if len(inputs) <= MOST_EXACT:
        search = DynamicProgramming(minimize=f"combo-{WRITE_WEIGHT}")
        found: Sequence[Sequence[int]] = search(inputs, output, table)
        return found
    state = random.getstate()  # the randomised search seeds the global generator
    try:
        chosen = RandomGreedy(max_repeats=TRIALS) if len(inputs) <= MOST_TRIED else greedy
        found = chosen(inputs, output, table)
    finally:
        random.setstate(state)
    return found


def _by_number(path: Sequence[Sequence[int]], numbers: Sequence[int], count: int) -> Pairs:
    """From positions in a shrinking list to numbers that stay; longer steps as several."""
    remaining = list(numbers)
    steps: Pairs = []
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
