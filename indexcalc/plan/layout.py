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

__all__ = ["Value", "product_time", "result_order"]

SOME = tuple(Value("input", (), (), (), "", number) for number in range(2))  # of any shape
ABOUT = 1.1  # times the least: a result in another order is a view, which costs its users little


def result_order(
    first: Term, second: Term, kept: Collection[int], want: Labels, lengths: Mapping[int, int]
) -> Labels:
    """The order in which the product's axes come out."""
    is_same = isinstance(first.source, Value) and first.source is second.source
    labels = (*first.labels, *second.labels)
    present = frozenset(labels).intersection(kept)
    sizes = tuple([lengths[label] for label in labels])
    return _result_order(first.labels, second.labels, is_same, present, want, sizes)


@lru_cache(maxsize=4096)  # of labels and sizes alone: layers of a network have them in common
def _result_order(
    left: Labels,
    right: Labels,
    is_same: bool,
    kept: frozenset[int],
    want: Labels,
    sizes: tuple[int, ...],
) -> Labels:
    first, second = (Term(SOME[0], left), Term(SOME[0 if is_same else 1], right))
    lengths = dict(zip((*left, *right), sizes, strict=True))
    orders = result_orders(first, second, kept)
    if len(orders) == 1:
        return orders[0]
    times = {order: product_time(first, second, order, lengths) for order in orders}
    fastest = min(times, key=lambda order: times[order])
    wanted = tuple(label for label in want if label in fastest)
    return wanted if times.get(wanted, inf) <= ABOUT * times[fastest] else fastest


def product_time(first: Term, second: Term, order: Labels, lengths: Mapping[int, int]) -> float:
    """Seconds for the product if its axes come out in this order."""
    calls = product_calls(recipe(first, second, order), lengths)
    return sum(map(machine.seconds, calls))
