"""A contraction order made cheaper part by part.

In: an order for many operands. Out: one that costs no more. A part is a product in the tree of the
order with the operands or products a few levels below it: the best order is found for these few,
and takes the place of the old one if it is cheaper. Parts are gone through from the bottom to the
top until nothing changes. For grids of 20 to 60 tensors this makes of a greedy order, in 0.03 to
0.2 s, one with half to all of the multiplications of the best of ten thousand random orders.

>>> chain = [(k, k + 1) for k in range(5)] + [(5,)]
>>> sizes = dict.fromkeys(range(6), 10)
>>> slow = [(0, 1), (6, 2), (7, 3), (8, 4), (9, 5)]
>>> reordered(slow, chain, {0}, sizes)[0]
(5, 4)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Literal

from indexcalc.plan.search import exact

PART = 8  # operands and products of a part
MOST_PARTS = 400  # that are tried, each in one to ten milliseconds; a grid of 60 tensors has 100
WRITE_WEIGHT = 32  # an entry written and read again costs as much as this many multiplications
Way = Literal["widest", "nearest"]  # the largest product first, or the one nearest to the top
WAYS: tuple[Way, ...] = ("widest", "nearest")
Pair = tuple[int, int]
Labels = frozenset[int]


def reordered(
    steps: Sequence[Pair],
    operands: Sequence[Sequence[int]],
    kept: Collection[int],
    sizes: Mapping[int, int],
) -> list[Pair]:
    """An order that costs no more than `steps`; numbers as in `order.pairs`."""
    tree = _Tree(len(operands), kept, sizes)
    tree.plant(steps, operands)
    changes = True
    while changes:
        changes = False
        for way in WAYS:
            for node in tree.products():
                changes |= tree.improve(node, way)
    return tree.steps()


@dataclass(slots=True)
class _Tree:
    """Which two every product is made of; labels of everything, and who needs a label."""

    count: int  # operands
    kept: Collection[int]
    sizes: Mapping[int, int]
    parts: dict[int, Pair] = field(default_factory=dict)
    labels: dict[int, Labels] = field(default_factory=dict)
    root: int = 0
    fresh: int = 0  # the next number for a product
    tried: set[tuple[int, ...]] = field(default_factory=set)

    def plant(self, steps: Sequence[Pair], operands: Sequence[Sequence[int]]) -> None:
        """Take over an order."""
        waiting = Counter(label for own in operands for label in set(own))
        waiting.update(set(self.kept))
        self.labels = {k: frozenset(own) for k, own in enumerate(operands)}
        for number, pair in enumerate(steps, start=self.count):
            self.parts[number] = pair
            left, right = (self.labels[k] for k in pair)
            waiting.subtract([*left, *right])
            self.labels[number] = frozenset(x for x in left | right if waiting[x])
            waiting.update(self.labels[number])
        self.root = self.count + len(steps) - 1
        self.fresh = self.root + 1

    def products(self) -> list[int]:
        """All products, what they are made of before them."""
        found, stack = [], [self.root]
        while stack:
            node = stack.pop()
            if node in self.parts:
                found.append(node)
                stack.extend(self.parts[node])
        return found[::-1]

    def steps(self) -> list[Pair]:
        """The order, products numbered as they come."""
        number = {k: k for k in range(self.count)}
        found: list[Pair] = []
        for node in self.products():
            left, right = self.parts[node]
            found.append((number[left], number[right]))
            number[node] = self.count + len(found) - 1
        return found

    def improve(self, top: int, way: Way) -> bool:
        """Find the best order for the part below `top`; whether it is a cheaper one."""
        if top not in self.parts:
            return False
        leaves, inside = self.part(top, way)
        key = tuple(sorted(leaves))
        if len(leaves) < 3 or key in self.tried or len(self.tried) >= MOST_PARTS:
            return False
        self.tried.add(key)
        found = self.best(leaves, top)
        before = 0
        for node in inside:
            left, right = self.parts[node]
            before += self.cost(self.labels[left] | self.labels[right], self.labels[node])
        if sum(self.cost(both, own) for _, _, both, own in found) >= before:
            return False
        for node in inside:
            del self.parts[node]
        for k, (left, right, _, own) in enumerate(found):
            node = top if k == len(found) - 1 else self.fresh + k
            self.parts[node], self.labels[node] = (left, right), own
        self.fresh += len(found)
        return True

    def part(self, top: int, way: Way) -> tuple[list[int], list[int]]:
        """What the part is made of, products opened in some way, and the products in it."""
        leaves, inside = list(self.parts[top]), [top]
        while len(leaves) < PART:
            open_ones = [node for node in leaves if node in self.parts]
            if not open_ones:
                break
            chosen = open_ones[0]
            if way == "widest":
                chosen = max(open_ones, key=lambda node: (self.entries(self.labels[node]), node))
            leaves.remove(chosen)
            leaves.extend(self.parts[chosen])
            inside.append(chosen)
        return leaves, inside

    def best(self, leaves: Sequence[int], top: int) -> list[tuple[int, int, Labels, Labels]]:
        """The best order of a part: what is multiplied, the labels of both, those of the result."""
        inputs = [self.labels[k] for k in leaves]
        path = exact(inputs, self.labels[top], self.sizes, f"combo-{WRITE_WEIGHT}")
        remaining = [(k, self.labels[k]) for k in leaves]
        found: list[tuple[int, int, Labels, Labels]] = []
        for places in path:
            chosen = [remaining[place] for place in sorted(places)]
            remaining = [item for k, item in enumerate(remaining) if k not in places]
            others = self.labels[top].union(*(own for _, own in remaining))
            while len(chosen) > 1:
                (left, first), (right, second), *rest = chosen
                own = (first | second) & others.union(*(own for _, own in rest))
                found.append((left, right, first | second, own))
                chosen = [(self.fresh + len(found) - 1, own), *rest]
            remaining.append(chosen[0])
        return found

    def cost(self, both: Labels, own: Labels) -> int:
        """Multiplications and entries written, by weight."""
        return self.entries(both) + WRITE_WEIGHT * self.entries(own)

    def entries(self, labels: Labels) -> int:
        """How many entries an array with these labels has."""
        return prod(self.sizes[label] for label in labels)
