"""Products of one large tensor with small ones: which partial products they share.

In: all nodes in order, sizes. Out: for each product of this form in which order its factors meet
the tensor: `Chain`.

Derivatives of `T_ijkl x_i x_j x_k x_l` contract `T` with `x` along some of its axes, all but one
of them, all but two, … What costs is to walk through `T`. All four terms of the gradient come from
two matrices, `T_ijkl (x_k x_l)` and `(x_i x_j) T_ijkl`, each of which reads `T` once, as a matrix
with merged axes, from an end. The partial products that are made beforehand are chosen one after
the other, as long as the whole gets cheaper by the model; a chosen one that later ones make
superfluous is dropped.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.contraction import contract
>>> n = Extent.named("n")
>>> T, x = variable("T", (n,) * 4), variable("x", (n,))
>>> terms = [contract([(T, "ijkl"), *((x, s) for s in "ijkl" if s != a)], a) for a in "ijkl"]
>>> for chain in chains(terms, {"n": 32}).values():
...     print(chain.steps)
((1, 2), (0,))
((1, 2), (0,))
((0, 1), (2,))
((0, 1), (2,))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import prod

from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Labels, Node
from indexcalc.plan import machine
from indexcalc.plan.layout import fastest
from indexcalc.plan.program import Term

__all__ = ["Chain", "Extent", "chains"]

FEWEST_AXES = 3  # of the tensor; a matrix has no axes to merge
MOST_FACTORS = 6  # that meet one tensor: all sets of them are looked at
Met = tuple[Node, Labels]  # a small factor and the tensor's axes that it is summed over
State = frozenset[Met]  # what the tensor has met


@dataclass(frozen=True, slots=True)
class Chain:
    """The place of the tensor among the factors, and those that it meets, step by step."""

    tensor: int
    steps: tuple[tuple[int, ...], ...]


def chains(order: Sequence[Node], sizes: Mapping[str, int]) -> dict[Node, Chain]:
    """The order of each product of a large tensor with factors that only shrink it."""
    families: dict[Node, dict[Node, tuple[int, dict[Met, int]]]] = {}
    for node in order:
        if isinstance(node, Contraction) and not node.is_view:
            found = _star(node, sizes)
            if found is not None:
                families.setdefault(node.factors[found[0]], {})[node] = found
    result: dict[Node, Chain] = {}
    for tensor, members in families.items():
        targets = [frozenset(met) for _, met in members.values()]
        if len(frozenset().union(*targets)) > MOST_FACTORS or max(map(len, targets)) < 2:
            continue
        before = _Shared(tuple(e.evaluate(sizes) for e in tensor.shape), targets).best()
        for node, (place, met) in members.items():
            result[node] = Chain(place, _steps(frozenset(met), before, met))
    return result


def _star(node: Contraction, sizes: Mapping[str, int]) -> tuple[int, dict[Met, int]] | None:
    """The place of the tensor, and of each factor that it meets."""
    lengths = [extent.evaluate(sizes) for extent in node.extents]
    place = max(range(len(node.labels)), key=lambda k: prod(lengths[x] for x in node.labels[k]))
    axes = {label: axis for axis, label in enumerate(node.labels[place])}
    if not FEWEST_AXES <= len(axes) == len(node.labels[place]):
        return None
    count = Counter(x for own in node.labels for x in own)
    met: dict[Met, int] = {}
    for k, own in enumerate(node.labels):
        if k == place or not own or not any(x in axes and x not in node.output for x in own):
            continue  # the tensor, or nothing that is summed with it
        if any(x not in axes or x in node.output or count[x] != 2 for x in own):
            return None
        met[node.factors[k], tuple(axes[x] for x in own)] = k
    return (place, met) if met else None


def _steps(
    target: State, before: Mapping[State, State], met: Mapping[Met, int]
) -> tuple[tuple[int, ...], ...]:
    """Which factors are met one after the other on the way to `target`."""
    steps: list[tuple[int, ...]] = []
    state = target
    while state:
        steps.append(tuple(met[one] for one in _in_order(state - before[state])))
        state = before[state]
    return tuple(reversed(steps))


def _in_order(state: State) -> list[Met]:
    return sorted(state, key=lambda one: one[1])


@dataclass(slots=True)
class _Shared:
    """The search for partial products of a tensor of some shape."""

    shape: tuple[int, ...]
    targets: Sequence[State]
    times: dict[tuple[State, State], float] = field(default_factory=dict)

    def best(self) -> dict[State, State]:
        """For each target and partial product what it is made of."""
        hubs: set[State] = set()
        least = self.total(hubs)
        candidates = self.candidates()
        better = True
        while better:
            better = False
            tried = [(self.total(hubs ^ {hub}), k) for k, hub in enumerate(candidates)]
            time, k = min(tried, default=(least, 0))
            if time < least:
                least, better = time, True
                hubs ^= {candidates[k]}
        return self.made(hubs)[1]

    def candidates(self) -> list[State]:
        """What targets have met along neighbouring axes, less the targets; in a fixed order."""
        wanted = set(self.targets)
        found: dict[State, None] = {}
        for target in self.targets:
            members = _in_order(target)
            for start, stop in combinations(range(len(members) + 1), 2):
                part = frozenset(members[start:stop])
                axes = [axis for _, own in members[start:stop] for axis in own]
                if part not in wanted and max(axes) - min(axes) < len(axes):
                    found[part] = None
        return list(found)

    def total(self, hubs: set[State]) -> float:
        """Seconds for all."""
        return self.made(hubs)[0]

    def made(self, hubs: set[State]) -> tuple[float, dict[State, State]]:
        """Everything in order of size, each from what is cheapest: the time, and from what."""
        start: State = frozenset()
        there = [start]
        time, before = 0.0, dict[State, State]()
        for state in sorted({*hubs, *self.targets}, key=self._rank):
            possible = [source for source in there if source < state]
            source = min(possible, key=lambda source: self.time(source, state))
            time += self.time(source, state)
            before[state] = source
            there.append(state)
        return time, before

    def _rank(self, state: State) -> tuple[int, list[Labels]]:
        return len(state), [axes for _, axes in _in_order(state)]

    def time(self, source: State, state: State) -> float:
        """Seconds from one state to another in one product."""
        key = (source, state)
        if key not in self.times:
            gone = {axis for _, axes in source for axis in axes}
            left = tuple(axis for axis in range(len(self.shape)) if axis not in gone)
            new = [axes for _, axes in _in_order(state - source)]
            self.times[key] = self._product(left, new)
        return self.times[key]

    def _product(self, left: Labels, new: Sequence[Labels]) -> float:
        lengths = dict(enumerate(self.shape))
        joined, time = new[0], 0.0
        for axes in new[1:]:
            read = sum(prod(self.shape[axis] for axis in own) for own in (joined, axes))
            joined = (*joined, *axes)
            count = prod(self.shape[axis] for axis in joined)
            time += machine.seconds(machine.entrywise("spread", count, read, count))
        tensor, vector = Term(Fraction(0), left), Term(Fraction(0), joined)
        kept = set(left) - set(joined)
        return time + fastest(tensor, vector, kept, (), lengths)[1]
