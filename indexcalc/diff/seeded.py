"""A product with derivatives in it, worked out without building them first.

In: a product in which some factors are derivatives. Out: its value. A derivative is a linear map:
what it is contracted with is where a sweep starts.

| factor meets | it is |
|---|---|
| the axes of a variable (`∂y_i/∂x_j v_j`) | the seed of a forward sweep: how the variable moves |
| the axes of the numerator (`u_i ∂y_i/∂x_j`) | the seed of a reverse sweep: how much they count |

A variable or numerator that meets nothing has deltas as its seed, which gives all components. Of
the two modes that one is taken whose seed has fewer extra axes. After each sweep the traces that
have become possible are taken (`∂²f/∂x_i∂x_i`), before the next one. Seeds are held constant: what
depends on a variable of a later sweep is replaced by a placeholder until the end.

>>> from indexcalc.diff.dependence import NO_DEFINITIONS
>>> from indexcalc.ir.build import builtin, derivative, variable
>>> n = Extent.named("n")
>>> W, x, v = variable("W", (n, n)), variable("x", (n,)), variable("v", (n,))
>>> y = builtin("tanh", contract([(W, "ij"), (x, "j")], "i"))
>>> product = [(derivative(y, [x]), (0, 1)), (v, (1,))]
>>> directional = work_out(product, (0,), [n, n], Sweeps(NO_DEFINITIONS, []))
>>> directional is forward(y, x, v)
True
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexcalc.diff.dependence import depends_on
from indexcalc.diff.forward import forward
from indexcalc.diff.product import Factor, contract_traces
from indexcalc.diff.reverse import reverse
from indexcalc.ir.build import variable, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.environment import Environment
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Derivative, Labels, Node, Variable
from indexcalc.ir.walk import rewrite

MOST_SEEDED = 16  # derivatives in one product; more are built whole

Key = tuple[Node, frozenset[Variable]]


class Sweeps:
    """What several products share: whole derivatives, and gradients by several variables."""

    def __init__(self, environment: Environment, ready: Iterable[Derivative]) -> None:
        """Note by which variables each numerator will be differentiated."""
        self.environment = environment
        self._whole: dict[Derivative, Node] = {}
        self._gradients: dict[Key, dict[Variable, Node]] = {}
        self._wanted: dict[Key, dict[Variable, None]] = {}
        for derivative in ready:
            rank = len(derivative.numerator.shape)
            wanted = self._wanted.setdefault(self._key(derivative), {})
            wanted |= {v: None for v in derivative.variables if len(v.shape) > rank or not rank}

    def scope(self, derivative: Derivative) -> Environment:
        """The definitions to look through: all but those of the derivative's own variables."""
        cut = self._key(derivative)[1]
        if not cut:
            return self.environment
        definitions = self.environment.definitions
        kept = {name: body for name, body in definitions.items() if name not in cut}
        return Environment(kept, self.environment.functions, self.environment.assumptions)

    def gradient(self, derivative: Derivative, by: Variable) -> Node:
        """All components of the numerator by `by`: its axes, then the variable's.

        One sweep serves all variables by which this numerator is differentiated anywhere.
        """
        key = self._key(derivative)
        known = self._gradients.get(key, {})
        if by not in known:
            wanted = [*self._wanted.get(key, ()), *known, by]
            shape = derivative.numerator.shape
            axes = tuple(range(len(shape)))
            seed = contract([], axes + axes, dict(enumerate(shape)))
            scope = self.scope(derivative)
            known = reverse(derivative.numerator, list(dict.fromkeys(wanted)), seed, scope)
            self._gradients[key] = known
        return known[by]

    def whole(self, derivative: Derivative) -> Node:
        """All components of the derivative."""
        if derivative not in self._whole:
            axes = tuple(range(len(derivative.shape)))
            sweep = _Sweep(derivative, axes, [], axes, derivative.shape, self)
            self._whole[derivative] = contract([sweep.run()], axes)
        return self._whole[derivative]

    def _key(self, derivative: Derivative) -> Key:
        """The numerator and, if there are several variables, the defined ones among them."""
        variables = frozenset(derivative.variables)
        defined = variables & frozenset(self.environment.definitions)
        return derivative.numerator, defined if len(variables) > 1 else frozenset()


def work_out(
    factors: Sequence[Factor],
    output: Labels,
    extents: Sequence[Extent],
    sweeps: Sweeps,
    closed: frozenset[Derivative] = frozenset(),
) -> Node:
    """The contraction of `factors` to `output`, with every derivative not in `closed` worked out.

    `extents` gives the extent of each label.
    """
    left = _with_wholes(factors, output, sweeps, closed)
    while True:
        options = [
            _Sweep(node, labels, left[:k] + left[k + 1 :], output, extents, sweeps)
            for k, (node, labels) in enumerate(left)
            if isinstance(node, Derivative) and node not in closed
        ]
        if not options:
            return contract_traces(left, output, extents)
        best = min(options, key=_Sweep.turn)
        if best.is_seeded:
            result = best.run()
            left = [*best.others, result]
        else:
            value = sweeps.whole(best.derivative)
            left = [(value if n is best.derivative else n, labels) for n, labels in left]


def _with_wholes(
    factors: Sequence[Factor], output: Labels, sweeps: Sweeps, closed: frozenset[Derivative]
) -> list[Factor]:
    """Build those derivatives that meet nothing, or all if there are very many of them."""
    count = Counter(label for _, labels in factors for label in labels)
    crowd = sum(isinstance(node, Derivative) for node, _ in factors) > MOST_SEEDED
    shown = set(output)
    left: list[Factor] = []
    for node, labels in factors:
        alone = all(count[label] == 1 and label in shown for label in labels)
        if isinstance(node, Derivative) and node not in closed and (alone or crowd):
            left.append((sweeps.whole(node), labels))
        else:
            left.append((node, labels))
    return left


def is_seedable(derivative: Derivative) -> bool:
    """Whether factors beside it can save work: not beside the gradient of a scalar."""
    return bool(derivative.numerator.shape) or len(derivative.variables) > 1


@dataclass(frozen=True, slots=True)
class _Seed:
    """Positions of the factors that make a seed, and the seed's extra axes."""

    group: tuple[int, ...]
    extra: Labels


class _Sweep:
    """One derivative of a product while it is worked out, variable by variable."""

    def __init__(
        self,
        derivative: Derivative,
        labels: Labels,
        others: list[Factor],
        output: Labels,
        extents: Sequence[Extent],
        sweeps: Sweeps,
    ) -> None:
        self.derivative, self.others, self.output = derivative, others, output
        self.sweeps, self.extents = sweeps, dict(enumerate(extents))
        self.value = derivative.numerator
        end = len(self.value.shape)
        self.labels, self.slots = labels[:end], list[tuple[Variable, Labels]]()
        for by in derivative.variables:
            self.slots.append((by, labels[end : end + len(by.shape)]))
            end += len(by.shape)
        self.held: dict[Node, Node] = {}

    # --- seeds --------------------------------------------------------------------------------

    def parts(self) -> list[Labels]:
        return [self.labels, *(labels for _, labels in self.slots)]

    def seed_of(self, part: int) -> _Seed:
        """The factors that meet part 0, the numerator, or a later one, a variable, by a sum."""
        parts = self.parts()
        beside = [label for k, own in enumerate(parts) if k != part for label in own]
        fixed = {*self.output, *beside}
        for node, labels in self.others:
            if isinstance(node, Derivative):
                fixed |= set(labels)
        seed = self.bounded(parts[part], self.attached(parts[part], fixed), fixed)
        alone = self.bounded(parts[part], (), fixed)
        return alone if len(seed.extra) > len(alone.extra) else seed

    def attached(self, start: Labels, fixed: set[int]) -> tuple[int, ...]:
        """The factors that are linked to `start` by labels that are summed and not `fixed`."""
        reached = set(start) - fixed
        group: set[int] = set()
        grows = bool(reached)
        while grows:
            near = {k for k, (_, labels) in enumerate(self.others) if reached & set(labels)}
            grows = near != group
            group = near
            reached |= {label for k in group for label in self.others[k][1]} - fixed
        return tuple(sorted(group))

    def bounded(self, start: Labels, group: tuple[int, ...], fixed: set[int]) -> _Seed:
        """The labels of `start` and `group` that are needed outside of them are extra axes."""
        needed = fixed.union(*(own for k, (_, own) in enumerate(self.others) if k not in group))
        inside = [*start, *(label for k in group for label in self.others[k][1])]
        return _Seed(group, tuple(dict.fromkeys(label for label in inside if label in needed)))

    def turn(self) -> tuple[int, int]:
        """What comes first: gradients of scalars, which may be seeds, then what has a seed.

        A derivative that meets only other derivatives waits for them: in `∂²f/∂x_i∂x_j ∂f/∂x_j` and
        `∂²f/∂x_i∂x_j (∂²f/∂x_j∂x_k v_k)` they are its seed. Of equals that one is taken whose first
        sweep has the fewest extra axes.
        """
        extra = min(len(self.seed_of(part).extra) for part in range(len(self.slots) + 1))
        rank = 0 if not is_seedable(self.derivative) else 1 if self.is_seeded else 2
        return rank, extra

    @property
    def is_seeded(self) -> bool:
        """Whether anything but deltas starts a sweep: a factor, or a repeated or summed axis."""
        parts = self.parts()
        if not is_seedable(self.derivative):
            return len(set(parts[1])) < len(parts[1])
        seeds = [self.seed_of(part) for part in range(len(parts))]
        whole = [seed.extra for seed in seeds] == [tuple(dict.fromkeys(part)) for part in parts]
        flat = [label for part in parts for label in part]
        return any(seed.group for seed in seeds) or not whole or len(set(flat)) < len(flat)

    def take(self, seed: _Seed, part: Labels, *, first: bool) -> Node:
        """The seed as a node, extra axes `first` or last; its factors are used up."""
        factors = [self.others[k] for k in seed.group]
        self.others = [f for k, f in enumerate(self.others) if k not in seed.group]
        if len(self.slots) > 1:
            factors = [(self.hold(node), labels) for node, labels in factors]
        output = seed.extra + part if first else part + seed.extra
        return contract(factors, output, self.extents)

    def hold(self, node: Node) -> Node:
        """A placeholder for a node that would move in later sweeps."""
        if not depends_on(node, set(self.derivative.variables), self.sweeps.environment):
            return node
        placeholder = variable(f"held {node.digest.hex()}", node.shape)
        self.held[placeholder] = node
        return placeholder

    # --- sweeps -------------------------------------------------------------------------------

    def run(self) -> Factor:
        """Sweep by one variable after the other; the value and its labels."""
        while self.slots:
            above = self.seed_of(0)
            below = [self.seed_of(part) for part in range(1, len(self.slots) + 1)]
            most = max(len(seed.extra) for seed in below)
            scalar_first = self.value is self.derivative.numerator and not self.labels
            if len(above.extra) < most or scalar_first:
                self.backward(above, self.widest(below))
            else:
                position = self.narrowest(below)
                self.onward(below[position], position)
            self.reduce()
        value = self.value
        if self.held:
            value = rewrite([value], with_arguments, self.held)[0]
        return value, self.labels

    def widest(self, seeds: list[_Seed]) -> int:
        """The slot with the most extra axes; of these one without a seed, or to be traced."""

        def key(position: int) -> tuple[int, bool, int]:
            hidden = set(self.slots[position][1]) - set(self.output)
            return len(seeds[position].extra), not seeds[position].group, len(hidden)

        return max(range(len(seeds)), key=key)

    def narrowest(self, seeds: list[_Seed]) -> int:
        """The slot with the fewest extra axes; of these one that can be traced at once."""

        def key(position: int) -> tuple[int, int]:
            met = set(self.slots[position][1]) & set(self.labels)
            return len(seeds[position].extra), -len(met)

        return min(range(len(seeds)), key=key)

    def backward(self, seed: _Seed, position: int) -> None:
        by, labels = self.slots[position]
        whole = not seed.group and seed.extra == self.labels
        if whole and self.value is self.derivative.numerator:
            self.value = self.sweeps.gradient(self.derivative, by)
        else:
            start = self.take(seed, self.labels, first=True)
            self.value = reverse(self.value, [by], start, self.sweeps.scope(self.derivative))[by]
        self.labels = seed.extra + labels
        del self.slots[position]

    def onward(self, seed: _Seed, position: int) -> None:
        by, labels = self.slots[position]
        start = self.take(seed, labels, first=False)
        self.value = forward(self.value, by, start, self.sweeps.scope(self.derivative))
        self.labels += seed.extra
        del self.slots[position]

    def reduce(self) -> None:
        """Take the traces and sums that nothing else needs."""
        needed = {*self.output, *(label for _, own in self.others for label in own)}
        needed |= {label for _, own in self.slots for label in own}
        kept = tuple(dict.fromkeys(label for label in self.labels if label in needed))
        if kept != self.labels:
            extents = [self.extents[label] for label in range(len(self.extents))]
            self.value = contract_traces([(self.value, self.labels)], kept, extents)
            self.labels = kept
