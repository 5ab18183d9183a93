"""The graph rewritten for speed, with sizes in mind, before values are made of it.

In: nodes, sizes. Out: the same values: traces of products with inverses in parts that they share,
sums of sums of outer products open, products flat, factors outside of sums where that makes the
terms smaller, sums open where their terms are cheaper to multiply, collected where they are not,
products of a tensor with small factors down to the tensor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indexcalc.ir.node import Node
from indexcalc.plan.collect import collect
from indexcalc.plan.distribute import distribute
from indexcalc.plan.flatten import flatten
from indexcalc.plan.hoist import hoist
from indexcalc.plan.reopen import reopened
from indexcalc.plan.spread import spread
from indexcalc.plan.traces import traces

MOST_ROUNDS = 8


def prepare(roots: Sequence[Node], sizes: Mapping[str, int]) -> list[Node]:
    """Run the rewrites until nothing changes, or to a bound."""
    found = spread(traces(roots), sizes)
    for _ in range(MOST_ROUNDS):
        before = found
        found = flatten(found)
        found = hoist(found)
        found = distribute(found, sizes)
        if found == before:
            break
    collected = collect(found, sizes)
    return reopened(found if collected == found else hoist(flatten(collected)), sizes)
