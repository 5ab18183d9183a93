"""Contraction order: candidates by opt_einsum, chosen by the time that they take.

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

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

from indexcalc.ir.node import Labels
from indexcalc.plan import machine
from indexcalc.plan.layout import fastest
from indexcalc.plan.program import Term
from indexcalc.plan.reorder import WRITE_WEIGHT, reordered
from indexcalc.plan.search import exact, greedy
from indexcalc.plan.timing import map_calls

MOST_EXACT = 8  # operands; up to here the order is best for entries written and multiplications
MOST_COMPARED = 6  # operands; up to here it is compared with the one best for multiplications alone
ZERO = Fraction(0)
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
            tuple(sorted((label, max(sizes[label], 1)) for label in labels)),  # 0 has no order
        )
    )


@lru_cache(maxsize=4096)
def _searched(
    operands: tuple[Labels, ...], kept: Labels, sizes: tuple[tuple[int, int], ...]
) -> tuple[tuple[int, int], ...]:
    """The fastest of the candidates."""
    lengths = dict(sizes)
    steps, merged = _alike(operands)
    numbers = [number for number, _ in merged]
    found = [
        tuple(steps + _by_number(path, numbers, len(operands) + len(steps)))
        for path in _paths([own for _, own in merged], kept, lengths)
    ]
    if len(operands) <= MOST_EXACT:
        found.append(_left_to_right(len(operands)))
    different = list(dict.fromkeys(found))
    if len(different) == 1:
        return different[0]
    return min(different, key=lambda order: order_time(operands, kept, order, lengths))


def _left_to_right(count: int) -> tuple[tuple[int, int], ...]:
    return ((0, 1), *((count + k, k + 2) for k in range(count - 2)))


def _alike(operands: Sequence[Labels]) -> tuple[Pairs, list[tuple[int, Labels]]]:
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


# --- candidates ---------------------------------------------------------------------------------


def _paths(
    operands: Sequence[Labels], kept: Labels, sizes: Mapping[int, int]
) -> Iterator[Sequence[Sequence[int]]]:
    """Orders as opt_einsum gives them: positions in a list to whose end each product goes."""
    if len(operands) == 1:
        yield []
        return
    if len(operands) <= MOST_EXACT:
        yield exact(operands, kept, sizes, f"combo-{WRITE_WEIGHT}")
        if 3 < len(operands) <= MOST_COMPARED:
            yield exact(operands, kept, sizes, "flops")
        return
    plain = _by_number(greedy(operands, kept, sizes), list(range(len(operands))), len(operands))
    yield _by_position(reordered(plain, operands, kept, sizes), len(operands))


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


def _by_position(steps: Sequence[tuple[int, int]], count: int) -> Pairs:
    """From numbers that stay to positions in a shrinking list."""
    remaining = list(range(count))
    path: Pairs = []
    for number, (left, right) in enumerate(steps, start=count):
        path.append((remaining.index(left), remaining.index(right)))
        remaining = [k for k in remaining if k not in (left, right)]
        remaining.append(number)
    return path


# --- time ---------------------------------------------------------------------------------------


def order_time(
    operands: Sequence[Sequence[int]],
    kept: Collection[int],
    steps: Sequence[tuple[int, int]],
    sizes: Mapping[int, int],
) -> float:
    """Seconds that the steps of an order take."""
    waiting = Counter(label for labels in operands for label in set(labels))
    waiting.update(set(kept))
    alive = {number: tuple(dict.fromkeys(labels)) for number, labels in enumerate(operands)}
    total = 0.0
    for number, (left, right) in enumerate(steps, start=len(operands)):
        first, second = alive.pop(left), alive.pop(right)
        waiting.subtract([*first, *second])
        needed = {label for label in (*first, *second) if waiting[label]}
        seconds, result = pair_time(first, second, needed, sizes)
        alive[number] = result
        waiting.update(result)
        total += seconds
    return total


def best_time(operands: Sequence[Labels], kept: Collection[int], sizes: Mapping[int, int]) -> float:
    """Seconds that the product of the operands takes in the order of `pairs`."""
    labels = {x for own in operands for x in own}
    present = tuple(sorted((label, sizes[label]) for label in labels))
    return _best_time(tuple(operands), frozenset(labels.intersection(kept)), present)


@lru_cache(maxsize=4096)
def _best_time(
    operands: tuple[Labels, ...], kept: frozenset[int], sizes: tuple[tuple[int, int], ...]
) -> float:
    lengths = dict(sizes)
    return order_time(operands, kept, pairs(operands, kept, lengths), lengths)


def pair_time(
    first: Labels, second: Labels, needed: Collection[int], sizes: Mapping[int, int]
) -> tuple[float, Labels]:
    """Seconds for the product of two operands, and in which order its axes come out."""
    if all(label in needed for label in first if label in second):
        wide, narrow = (first, second) if len(first) >= len(second) else (second, first)
        result = (*wide, *(label for label in narrow if label not in wide))
        calls = map_calls("multiply", (first, second), result, sizes)
        return sum(map(machine.seconds, calls)), result
    left, right = Term(ZERO, first), Term(ZERO, second)
    result, seconds = fastest(left, right, needed, (), sizes)
    return seconds, result
