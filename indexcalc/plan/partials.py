"""Products of one large tensor with small ones: which partial products they share.

In: all nodes in order, sizes. Out: for each product of this form in which order its factors meet
the tensor: `Chain`.

Derivatives of `T_ijkl x_i x_j x_k x_l` contract `T` with `x` along some of its axes, all but one
of them, all but two, … What costs is to walk through `T`. All four terms of the gradient come from
two matrices, `T_ijkl (x_k x_l)` and `(x_i x_j) T_ijkl`, each of which reads `T` once, as a matrix
with merged axes, from an end.

The choice is for all products of one tensor: a partial product costs the time to make it and saves
time in every product that is made from it. The one that saves most is made first, then the next, as
long as the whole gets cheaper by the model; what others have made superfluous is dropped, and each
that takes long is replaced by others where these are faster. Twelve terms of a Hessian of this form
times `v` need `T_ijkl x_l`, `x_i T_ijkl` and `T_ijkl (x_j x_k)`.

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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import inf, prod

from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Labels, Node
from indexcalc.plan.layout import fastest
from indexcalc.plan.order import pair_time
from indexcalc.plan.program import Term

__all__ = ["Chain", "Extent", "chains", "star"]

FEWEST_AXES = 3  # of the tensor; a matrix has no axes to merge
MOST_TARGETS = 128  # products of one tensor that are looked at together
MOST_MET = 12  # factors in one of them
MOST_SETS = 4096  # of factors, in all; with more only neighbouring factors are looked at
MOST_PARTS = 48  # partial products that are looked at
MOST_PAIRS = 2048  # of a product and a partial product
WORTH = 0.05  # of all the time: a partial product that takes less is not replaced
BETTER = 0.99  # of the time: what others have to be to replace one
Met = tuple[Node, Labels]  # a small factor and the tensor's axes that it is summed over
Groups = tuple[Labels, ...]  # the axes of several


@dataclass(frozen=True, slots=True)
class Chain:
    """The place of the tensor among the factors, and those that it meets, step by step."""

    tensor: int
    steps: tuple[tuple[int, ...], ...]


def chains(order: Sequence[Node], sizes: Mapping[str, int]) -> dict[Node, Chain]:
    """The order of each product of a large tensor with factors that only shrink it."""
    families: dict[Node, dict[Node, tuple[int, Mapping[Met, int]]]] = {}
    for node in order:
        if isinstance(node, Contraction) and not node.is_view:
            found = star(node, sizes)
            if found is not None:
                families.setdefault(node.factors[found[0]], {})[node] = found
    result: dict[Node, Chain] = {}
    for tensor, family in families.items():
        shape = tuple(extent.evaluate(sizes) for extent in tensor.shape)
        nodes = list(family)
        for start in range(0, len(nodes), MOST_TARGETS):
            part = {node: family[node] for node in nodes[start : start + MOST_TARGETS]}
            result.update(_shared(shape, part))
    return result


def _shared(
    shape: tuple[int, ...], family: Mapping[Node, tuple[int, Mapping[Met, int]]]
) -> dict[Node, Chain]:
    """The order of each product of one tensor."""
    members = list(dict.fromkeys(one for _, met in family.values() for one in met))
    bits = {one: bit for bit, one in enumerate(members)}
    targets = {node: _state(met, bits) for node, (_, met) in family.items()}
    different = list(dict.fromkeys(targets.values()))
    if not 2 <= max(map(int.bit_count, different)) <= MOST_MET:
        return {}
    sources = _Cover(shape, members, different).best()
    return {
        node: Chain(place, _steps(targets[node], sources, members, met))
        for node, (place, met) in family.items()
    }


def star(node: Contraction, sizes: Mapping[str, int]) -> tuple[int, Mapping[Met, int]] | None:
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


def _state(met: Iterable[Met], bits: Mapping[Met, int]) -> int:
    """What the tensor has met as bits."""
    return sum(1 << bits[one] for one in met)


def _steps(
    target: int, sources: Mapping[int, int], members: Sequence[Met], met: Mapping[Met, int]
) -> tuple[tuple[int, ...], ...]:
    """Which factors are met one after the other on the way to `target`."""
    steps: list[tuple[int, ...]] = []
    state = target
    while state:
        steps.append(tuple(met[one] for one in _in_order(members, state & ~sources[state])))
        state = sources[state]
    return tuple(reversed(steps))


def _in_order(members: Sequence[Met], state: int) -> list[Met]:
    ones = [one for bit, one in enumerate(members) if state >> bit & 1]
    return sorted(ones, key=lambda one: one[1])


@dataclass(slots=True)
class _Cover:
    """The search for partial products of a tensor of some shape from which all targets are made.

    A state is what the tensor has met, one bit for each of `members`. Each state that is there is
    made from the one there that is cheapest to start from.
    """

    shape: tuple[int, ...]
    members: Sequence[Met]
    targets: Sequence[int]
    sources: dict[int, int] = field(default_factory=dict)  # of each state that is there
    costs: dict[int, float] = field(default_factory=dict)  # from its source
    before: dict[int, list[tuple[int, float]]] = field(default_factory=dict)  # from what else
    after: dict[int, list[tuple[int, float]]] = field(default_factory=dict)  # what else from it

    def best(self) -> dict[int, int]:
        """For each target and partial product what it is made of."""
        parts = self.parts()
        self.connect([*self.targets, *parts])
        found: list[tuple[float, int, dict[int, int], dict[int, float]]] = []
        for first in dict.fromkeys(((), self.alike())):
            self.sources, self.costs = {}, {}
            for state in sorted(
                {*self.targets, *first}, key=lambda state: (state.bit_count(), state)
            ):
                self.sources[state], self.costs[state] = self.cheapest(state)
            self.add_all(parts)
            self.drop_all()
            found.append((sum(self.costs.values()), len(found), self.sources, self.costs))
        _, _, self.sources, self.costs = min(found)
        for part in [state for state in self.costs if state in set(parts)]:
            self.replace(part, parts)
        return self.sources

    def alike(self) -> tuple[int, ...]:
        """The tensor times one small factor along each axis: the factor that is met most."""
        times = Counter[Node]()
        for bit, (node, _) in enumerate(self.members):
            times[node] += sum(target >> bit & 1 for target in self.targets)
        (most, _), *others = times.most_common()
        singles = [1 << bit for bit, (node, _) in enumerate(self.members) if node == most]
        return tuple([one for one in singles if one in self.after]) if others else ()

    def parts(self) -> list[int]:
        """What is met on the way to targets, first along neighbouring axes, by many first."""
        found: Counter[int] = Counter()
        near: dict[int, None] = {}
        for target in self.targets:
            ones = [(own, 1 << bit) for bit, (_, own) in enumerate(self.members)]
            ones = sorted(one for one in ones if one[1] & target)
            for start, stop in combinations(range(len(ones) + 1), 2):
                axes = [axis for own, _ in ones[start:stop] for axis in own]
                if max(axes) - min(axes) < len(axes):
                    near[sum([bit for _, bit in ones[start:stop]])] = None
            bits = [bit for _, bit in ones]
            if len(self.targets) << len(bits) <= MOST_SETS:
                found.update(sum(c) for k in range(1, len(bits)) for c in combinations(bits, k))
        wanted = set(self.targets)
        useful = [part for part in near if part not in wanted]
        useful.sort(key=lambda part: -found[part])
        far = [part for part in found if found[part] > 1 and part not in near]
        far.sort(key=lambda part: -found[part])
        useful += [part for part in far if part not in wanted]
        return useful[: min(MOST_PARTS, MOST_PAIRS // len(self.targets))]

    def connect(self, states: Sequence[int]) -> None:
        """The times from each state to those that have met more."""
        met = dict[int, Groups]()  # axes, for each set of members
        products: dict[tuple[Labels, Groups], float] = {}
        outers: dict[Groups, float] = {}
        self.before = {state: [] for state in states}
        self.after = {state: [] for state in (0, *states)}
        for source in self.after:
            gone = {axis for axes in self.met(source) for axis in axes}
            left = tuple([axis for axis in range(len(self.shape)) if axis not in gone])
            for state in states:
                if source & state != source or source == state:
                    continue
                bits = state ^ source
                new = met.get(bits) or met.setdefault(bits, self.met(bits))
                if new not in outers:
                    outers[new] = self.outer_time(new)
                if (left, new) not in products:
                    products[left, new] = self.time(left, new)
                time = outers[new] + products[left, new]
                self.before[state].append((source, time))
                self.after[source].append((state, time))

    def met(self, state: int) -> Groups:
        """The tensor's axes, for each that it has met."""
        return tuple([axes for _, axes in _in_order(self.members, state)])

    def outer_time(self, new: Sequence[Labels]) -> float:
        """Seconds for the outer product of small factors."""
        lengths = dict(enumerate(self.shape))
        joined, time = new[0], 0.0
        for axes in new[1:]:
            seconds, joined = pair_time(joined, axes, {*joined, *axes}, lengths)
            time += seconds
        return time

    def time(self, left: Labels, new: Sequence[Labels]) -> float:
        """Seconds for the product of what is left of the tensor with small factors."""
        joined = tuple([axis for axes in new for axis in axes])
        tensor, vector = Term(Fraction(0), left), Term(Fraction(0), joined)
        return fastest(tensor, vector, set(left) - set(joined), (), dict(enumerate(self.shape)))[1]

    # --- moves ----------------------------------------------------------------------------------

    def add_all(self, parts: Sequence[int]) -> None:
        """Make partial products, always the one that saves most, as long as one saves time."""
        remaining = [part for part in parts if part not in self.costs]
        while remaining:
            saved = [self.saved(part) for part in remaining]
            most = max(saved)
            if most <= 0:
                return
            part = remaining.pop(saved.index(most))
            self.sources[part], self.costs[part] = self.cheapest(part)
            for state, time in self.after[part]:
                if time < self.costs.get(state, 0.0):
                    self.sources[state], self.costs[state] = part, time

    def saved(self, part: int) -> float:
        """Seconds that a partial product saves."""
        costs = self.costs
        saved = 0.0
        for state, time in self.after[part]:
            if state in costs and costs[state] > time:
                saved += costs[state] - time
        return saved - self.cheapest(part)[1] if saved else 0.0

    def drop_all(self) -> None:
        """Do without partial products that others have made superfluous."""
        wanted = set(self.targets)
        for part in [state for state in self.costs if state not in wanted]:
            users = [state for state, source in self.sources.items() if source == part]
            instead = sum(self.cheapest(state, part)[1] for state in users)
            if instead - sum(self.costs[state] for state in users) < self.costs[part]:
                self.drop(part)

    def drop(self, part: int) -> None:
        """Make what is made of a partial product without it."""
        for state, source in list(self.sources.items()):
            if source == part:
                self.sources[state], self.costs[state] = self.cheapest(state, part)
        del self.sources[part], self.costs[part]

    def replace(self, part: int, parts: Sequence[int]) -> None:
        """Others for a partial product, if that is faster."""
        if part not in self.costs or self.costs[part] < WORTH * sum(self.costs.values()):
            return
        there = (self.sources.copy(), self.costs.copy())
        self.drop(part)
        self.add_all([other for other in parts if other != part])
        self.drop_all()
        if sum(self.costs.values()) > BETTER * sum(there[1].values()):
            self.sources, self.costs = there

    def cheapest(self, state: int, without: int = 0) -> tuple[int, float]:
        """From which state another is made in least time, and the time."""
        best, least = 0, inf
        for source, time in self.before[state]:
            if time < least and (not source or (source in self.costs and source != without)):
                best, least = source, time
        return best, least
