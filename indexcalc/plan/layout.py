"""In which order the axes of a product come out.

In: two operands, the labels to keep, the order in which the result is wanted. Out: the order that
takes least time by the model, copies of operands counted; the wanted one if it takes about as long.

A matrix times each slice of a tensor: many small slices are copied, for one product of them all.

>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> T = Term(Value("input", (), (0, 1, 2), (n, n, n), "T", 0), (0, 1, 2))
>>> A = Term(Value("input", (), (0, 1), (n, n), "A", 1), (3, 1))
>>> result_order(T, A, {0, 2, 3}, (), {0: 1000, 1: 4, 2: 4, 3: 4})
(3, 0, 2)
>>> result_order(T, A, {0, 2, 3}, (), {0: 32, 1: 32, 2: 32, 3: 8})
(0, 3, 2)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from math import inf

from indexcalc.ir.node import Labels
from indexcalc.plan import machine
from indexcalc.plan.kernels import recipe, result_orders
from indexcalc.plan.program import Term, Value
from indexcalc.plan.timing import product_calls

__all__ = ["Value", "fastest", "product_time", "result_order"]

SOME = tuple(Value("input", (), (), (), "", number) for number in range(2))  # of any shape
ABOUT = 1.1  # times the least: a result in another order is a view, which costs its users little


def result_order(
    first: Term, second: Term, kept: Collection[int], want: Labels, lengths: Mapping[int, int]
) -> Labels:
    """The order in which the product's axes come out."""
    return fastest(first, second, kept, want, lengths)[0]


def fastest(
    first: Term, second: Term, kept: Collection[int], want: Labels, lengths: Mapping[int, int]
) -> tuple[Labels, float]:
    """The order in which the product's axes come out, and the seconds that it takes."""
    is_same = isinstance(first.source, Value) and first.source is second.source
    labels = (*first.labels, *second.labels)
    number: dict[int, int] = {}
    for label in labels:
        number.setdefault(label, len(number))
    present = frozenset([number[label] for label in number if label in kept])
    wanted = tuple([number[label] for label in want if label in number])
    sizes = tuple([lengths[label] for label in labels])
    left = tuple([number[label] for label in first.labels])
    right = tuple([number[label] for label in second.labels])
    order, seconds = _fastest(left, right, is_same, present, wanted, sizes)
    back = list(number)
    return tuple([back[label] for label in order]), seconds


@lru_cache(maxsize=8192)  # of labels by first appearance and sizes: many products have them alike
def _fastest(
    left: Labels,
    right: Labels,
    is_same: bool,
    kept: frozenset[int],
    want: Labels,
    sizes: tuple[int, ...],
) -> tuple[Labels, float]:
    first, second = (Term(SOME[0], left), Term(SOME[0 if is_same else 1], right))
    lengths = dict(zip((*left, *right), sizes, strict=True))
    times = {
        order: product_time(first, second, order, lengths)
        for order in result_orders(first, second, kept)
    }
    best = min(times, key=lambda order: times[order])
    wanted = tuple(label for label in want if label in best)
    chosen = wanted if times.get(wanted, inf) <= ABOUT * times[best] else best
    return chosen, times[chosen]


def product_time(first: Term, second: Term, order: Labels, lengths: Mapping[int, int]) -> float:
    """Seconds for the product if its axes come out in this order."""
    calls = product_calls(recipe(first, second, order), lengths)
    return sum(map(machine.seconds, calls))
