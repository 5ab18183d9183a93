"""How long a product takes, roughly: to compare two ways to compute the same thing.

In: labels of the operands, labels kept, sizes. Out: nanoseconds on one core, by a model with four
figures: a call, an entry read, an entry written, a multiplication and addition inside a product.
It is coarser than `machine.py`, on purpose: whether a sum is opened is decided before it is known
what its terms share with others, and the finer model, asked then, was wrong more often (a
Hessian of a network took twice as long, Jacobians of attention 1.1 to 1.3 times).

>>> sizes = {0: 1000, 1: 1000}
>>> product_time([(0, 1), (1,)], {0}, sizes) < 2 * entrywise_time([1_000_000, 1_000_000])
True
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import prod

from indexcalc.plan.order import pairs

CALL = 500.0
READ = 0.2
WRITE = 0.6
MULTIPLY_ADD = 0.04


def entrywise_time(entries: Sequence[int]) -> float:
    """Operands of so many entries make a result as large as the largest."""
    return CALL + READ * sum(entries) + WRITE * max(entries)


def product_time(
    operands: Sequence[Sequence[int]], kept: Collection[int], sizes: Mapping[int, int]
) -> float:
    """All steps of a product of any number of operands, in the order that is found for it."""
    alive = {position: frozenset(labels) for position, labels in enumerate(operands)}
    if len(alive) == 1:
        (labels,) = alive.values()
        summed = labels - set(kept)
        return CALL + READ * entries(labels, sizes) if summed else 0.0
    total = 0.0
    for number, (left, right) in enumerate(pairs(operands, kept, sizes), start=len(alive)):
        first, second = alive.pop(left), alive.pop(right)
        needed = set(kept).union(*alive.values())
        alive[number] = (first | second) & needed
        total += _pair_time(first, second, alive[number], sizes)
    return total


def _pair_time(
    first: frozenset[int], second: frozenset[int], result: frozenset[int], sizes: Mapping[int, int]
) -> float:
    everything = entries(first | second, sizes)
    read = READ * (entries(first, sizes) + entries(second, sizes))
    work = 0.0 if result == first | second else MULTIPLY_ADD * everything
    return CALL + max(read, work) + WRITE * entries(result, sizes)


def entries(labels: Iterable[int], sizes: Mapping[int, int]) -> int:
    """How many entries an array with these labels has."""
    return prod(sizes[label] for label in labels)
