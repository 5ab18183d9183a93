"""Results that a permutation of their axes leaves as they are: computed where one axis is least.

In: the values that are needed, and for each result the axes that may be exchanged. Out: the values
with such a result replaced by an `orbit`: a loop over blocks of one axis, in which the other axes
start where the block starts, and each block is written at all its places. Of the arithmetic of `k`
such axes a `k`-th part is left.

What is computed inside the loop are the large values on the way to the result that have the axis
of the blocks, as long as nothing else needs them; what they are made of is computed before it.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.plan.schedule import make_plan
>>> m, n = Extent.named("m"), Extent.named("n")
>>> A, s = variable("A", (m, n)), variable("s", (m,))
>>> moment = contract([(s, "i"), (A, "ia"), (A, "ib"), (A, "ic")], "abc")
>>> [step.value.kernel for step in make_plan([("M", moment)], {"m": 200, "n": 100}).steps]
['map', 'orbit']
>>> [step.value.kernel for step in make_plan([("M", moment)], {"m": 2, "n": 100}).steps]
['map', 'map', 'product']
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from indexcalc.ir.extent import Extent, Shape, entry_count
from indexcalc.ir.node import Labels, Node
from indexcalc.plan.graph import extents_of
from indexcalc.plan.invariance import invariant_axes
from indexcalc.plan.lifetimes import steps
from indexcalc.plan.program import Blocks, Term, Value, dense_base
from indexcalc.plan.renumber import renumbered

BLOCK = 8  # rows in each step of the loop
SHORTEST = 24  # of an axis; below, the loop costs as much as it saves
FEWEST_ENTRIES = 20_000  # of a result
WORTH_IT = 48  # operations saved for each entry of the result: writing in many places costs, too
LARGE = 8  # a value is computed inside the loop if the result has at most so many times its entries
ARITHMETIC = ("add", "subtract", "multiply", "divide", "negative")  # at each entry
WIDTH, REST = Extent.named("·width"), Extent.named("·rest")  # of a block: no name of a user's
ASSUMED = {"·width": BLOCK, "·rest": 100}


def orbits(
    live: Sequence[Value],
    results: Sequence[Term],
    roots: Sequence[Node],
    sizes: Mapping[str, int],
) -> tuple[list[Value], dict[Value, Value]]:
    """The values with large symmetric results computed by blocks, and new values for old ones."""
    held = {term.source for term in results}
    new: dict[Value, Value] = {}
    for term, root in zip(results, roots, strict=True):
        target = _target(term, root, sizes)
        if target is None or target.source in new:
            continue
        others = held - {target.source}
        made = None
        if _made(target.source, target.alike(root), live, others, sizes) is not None:
            labels = target.own(invariant_axes(root))  # proved only where it would pay
            made = _made(target.source, labels, live, others, sizes)
        if made is not None:
            new[target.source] = made
    return renumbered(live, results, new) if new else (list(live), {value: value for value in live})


@dataclass(frozen=True, slots=True)
class _Target:
    source: Value
    labels: Labels  # the axis of the result for each axis of the source

    def own(self, axes: Collection[int]) -> Labels:
        """The source's labels for axes of the result."""
        pairs = zip(self.source.labels, self.labels, strict=True)
        return tuple(own for own, axis in pairs if axis in axes)

    def alike(self, root: Node) -> Labels:
        """The labels of most axes with one extent."""
        groups: dict[Extent, list[int]] = {}
        for axis, extent in enumerate(root.shape):
            groups.setdefault(extent, []).append(axis)
        return self.own(max(groups.values(), key=len))


def _target(term: Term, root: Node, sizes: Mapping[str, int]) -> _Target | None:
    """The array that is to be symmetric: the result, or what its diagonals are added to."""
    if not isinstance(term.source, Value) or entry_count(root.shape, sizes) < FEWEST_ENTRIES:
        return None
    counts: dict[Extent, int] = {}
    for extent in root.shape:
        if extent.evaluate(sizes) >= SHORTEST:
            counts[extent] = counts.get(extent, 0) + 1
    if max(counts.values(), default=0) < 3:
        return None
    if term.source.kernel != "embed":
        return _Target(term.source, term.labels)
    for base in dense_base(term.source):
        if isinstance(base.source, Value) and len(base.labels) == len(term.labels):
            outer = dict(zip(term.source.labels, term.labels, strict=True))
            return _Target(base.source, tuple(outer[label] for label in base.labels))
    return None


def _made(
    root: Value,
    axes: Labels,
    live: Sequence[Value],
    held: Collection[object],
    sizes: Mapping[str, int],
) -> Value | None:
    """The loop along the axis that saves most, if it saves enough."""
    if len(axes) < 3:
        return None
    users: dict[Value, list[Value]] = {}
    for value in live:
        for source in value.sources:
            users.setdefault(source, []).append(value)
    found = {axis: _inside(root, axis, users, held, sizes) for axis in axes}

    def worth(axis: int) -> tuple[int, int]:
        """Operations; and the short axis of a block should be last in few arrays."""
        done = sum(_operations(value, sizes) for value in found[axis])
        last = sum(entry_count(v.shape, sizes) for v, own in found[axis].items() if own[-1] == axis)
        return done, -last

    along = max(axes, key=worth)
    saved = worth(along)[0] * (len(axes) - 1) // len(axes)
    if saved < WORTH_IT * entry_count(root.shape, sizes):
        return None
    return by_blocks(root, along, axes, found[along], sizes)


def _inside(
    root: Value,
    along: int,
    users: Mapping[Value, list[Value]],
    held: Collection[object],
    sizes: Mapping[str, int],
) -> dict[Value, Labels]:
    """Values computed inside the loop, with the root's label for each axis (or a new one)."""
    labels: dict[Value, Labels] = {root: root.labels} if _may_be_inside(root) else {}
    fresh = 1 + max(x for x in (*root.labels, *(y for t in root.operands for y in t.labels)))
    refused: set[Value] = set()
    least = entry_count(root.shape, sizes) // LARGE
    stack = [*labels]
    while stack:
        value = stack.pop()
        if value in refused:
            continue
        outer = dict(zip(value.labels, labels[value], strict=True))
        for term in value.operands:
            for label in term.labels:
                if label not in outer:
                    outer[label], fresh = fresh, fresh + 1
            source = term.source
            if not isinstance(source, Value) or source in refused:
                continue
            own = tuple(outer[label] for label in term.labels)
            fits = (
                _may_be_inside(source)
                and along in own
                and source not in held
                and entry_count(source.shape, sizes) >= least
                and labels.get(source, own) == own
            )
            if not fits:
                refused.add(source)
                labels.pop(source, None)
            elif source not in labels:
                labels[source] = own
                stack.append(source)
    return _only_used_inside(labels, root, users)


def _may_be_inside(value: Value) -> bool:
    return value.kernel in ("product", "total") or (
        value.kernel == "map" and value.detail in ARITHMETIC
    )


def _only_used_inside(
    labels: dict[Value, Labels], root: Value, users: Mapping[Value, list[Value]]
) -> dict[Value, Labels]:
    """Without those that something outside needs: from the last made to the first."""
    kept: dict[Value, Labels] = {}
    for value in sorted(labels, key=lambda v: -v.number):
        if value is root or all(user in kept for user in users[value]):
            kept[value] = labels[value]
    return kept


def by_blocks(
    root: Value,
    along: int,
    axes: Labels,
    inside: Mapping[Value, Labels],
    sizes: Mapping[str, int],
    size: int = BLOCK,
) -> Value:
    """The `orbit` value; what it needs from outside are its operands, in order of use.

    `inside` has the values that are computed in the loop, with the root's label for each axis.
    """
    order = _order(root, inside, axes)
    body = _Body(root, dict.fromkeys(axes, REST) | {along: WIDTH}, axes, order)
    for value in sorted(inside, key=lambda v: v.number):
        body.add(value, inside[value])
    end = Term(body.new[root], order)
    numbered = [*body.inputs, *body.new.values()]
    done = tuple(steps(numbered, [end], {**ASSUMED, **sizes}))
    blocks = Blocks(tuple(body.inputs), done, tuple(inside), along, axes, size)
    operands = tuple(body.operands)
    return replace(root, kernel="orbit", operands=operands, labels=order, detail=blocks)


def _order(root: Value, inside: Mapping[Value, Labels], axes: Labels) -> Labels:
    """The root's axes as they lie in the product below: symmetric ones may change places."""
    product = next(
        (own for value, own in inside.items() if value.kernel == "product" and value is not root),
        root.labels,
    )
    if not set(axes) <= set(product) or root.kernel != "map":
        return root.labels
    symmetric = iter([label for label in product if label in axes])
    return tuple(next(symmetric) if label in axes else label for label in root.labels)


@dataclass(slots=True)
class _Body:
    """What one step of the loop computes, and from what: an input for each cut of an array.

    Values of functions at each entry that have the axes of the result lie as the result does.
    """

    root: Value
    lengths: Mapping[int, Extent]
    axes: Labels
    order: Labels
    operands: list[Term] = field(default_factory=list)
    inputs: list[Value] = field(default_factory=list)
    cuts: dict[tuple[Value, Labels], Value] = field(default_factory=dict)
    new: dict[Value, Value] = field(default_factory=dict)
    moved: dict[Value, tuple[int, ...]] = field(default_factory=dict)

    def add(self, value: Value, labels: Labels) -> None:
        """The value with its operands cut."""
        outer = dict(zip(value.labels, labels, strict=True))
        if value is self.root:  # what it sums over may be cut, too
            outer = {label: label for t in value.operands for label in t.labels}
        terms = tuple(self.operand(term, outer) for term in value.operands)
        lies, shape = value.labels, self.cut(value.shape, labels)
        if value.kernel == "map" and sorted(labels) == sorted(self.order):
            places = tuple(labels.index(label) for label in self.order)
            self.moved[value] = places
            lies, shape = tuple(lies[k] for k in places), tuple(shape[k] for k in places)
        self.new[value] = replace(value, operands=terms, labels=lies, shape=shape)

    def operand(self, term: Term, outer: Mapping[int, int]) -> Term:
        """The operand, of the body or cut."""
        if not isinstance(term.source, Value):
            return term
        source = self.source(term.source, tuple(outer.get(x, -1) for x in term.labels))
        places = self.moved.get(term.source, range(len(term.labels)))
        return Term(source, tuple(term.labels[k] for k in places))

    def source(self, source: Value, labels: Labels) -> Value:
        """A value of the body, or an input for what is cut from a value outside."""
        if source in self.new:
            return self.new[source]
        key = (source, tuple(x if x in self.axes else -1 for x in labels))
        if key not in self.cuts:
            made = replace(
                source, kernel="input", operands=(), shape=self.cut(source.shape, key[1])
            )
            self.cuts[key] = made
            self.inputs.append(made)
            self.operands.append(Term(source, key[1]))
        return self.cuts[key]

    def cut(self, shape: Shape, labels: Labels) -> Shape:
        """The shape of what is cut out of an array."""
        return tuple(self.lengths.get(x, e) for x, e in zip(labels, shape, strict=True))


def _operations(value: Value, sizes: Mapping[str, int]) -> int:
    if value.kernel == "map":
        return entry_count(value.shape, sizes)
    extents = extents_of(value.operands).values()
    return (2 if value.kernel == "product" else 1) * entry_count(tuple(extents), sizes)
