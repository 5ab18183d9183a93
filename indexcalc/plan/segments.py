"""A slicing as functions in order: some are called once, some for each chunk.

In: a slicing, named results. Out: segments: named nodes in terms of variables, what each variable
stands for (an input, or what an earlier segment made; whole or restricted to the chunk), and where
the results of a chunk go.

>>> from indexcalc.ir.build import builtin
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.plan.slicing import sliced
>>> m, n = Extent.named("m"), Extent.named("n")
>>> X, w = variable("X", (m, n)), variable("w", (n,))
>>> loss = contract([(builtin("tanh", contract([(X, "ij"), (w, "j")], "i")), "i")], "")
>>> results = [("f", loss)]
>>> slicing = sliced([loss], m, {"m": 1000, "n": 10}, 100)
>>> (segment,) = segments(slicing, results, Extent.named("chunk"))
>>> sorted((v.name, str(v.shape[0]), sorted(part.axes)) for v, part in segment.inputs)
[('X', 'chunk', [0]), ('w', 'n', [])]
>>> [(write.operation, write.along) for write in segment.writes]
[('add', None)]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from indexcalc.ir.build import variable, with_arguments
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Labels, Node, Reduce, Variable
from indexcalc.ir.walk import postorder, rewrite
from indexcalc.plan.pieces import together
from indexcalc.plan.restrict import ACCUMULATED, Restricted, made_of, rebuilt, shortened
from indexcalc.plan.slicing import Part, Slicing, is_inline, reach

NO_NAMES: Mapping[Node, str] = {}


@dataclass(frozen=True, slots=True)
class Write:
    """Where a result of a chunk goes in a tensor: where axes with equal labels of `pattern` agree.

    `labels` are those of the result's axes; the one called `along` runs over the chunk. Results are
    added, or combined by another `operation`.
    """

    target: Node
    pattern: Labels
    labels: Labels
    along: int | None
    operation: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One function: `results` by name, in terms of `inputs`; `names` of nodes inside.

    Without `writes` it is called once, and its results are the `targets`. Else it is called for
    each chunk, and there is one of `writes` for each result; `initials` are what some of the
    targets start from, where that is not zero.
    """

    results: tuple[tuple[str, Node], ...]
    inputs: tuple[tuple[Variable, Restricted], ...]
    targets: tuple[Node, ...]
    writes: tuple[Write, ...]
    names: Mapping[Node, str]
    initials: Mapping[Node, Node] = field(default_factory=dict)

    def called(self, target: Node) -> str:
        """The name under which later segments know one of the targets."""
        of_results = [write.target for write in self.writes] or self.targets
        position = next(k for k, node in enumerate(of_results) if node is target)
        return self.results[position][0]

    def is_alone(self, write: Write) -> bool:
        """Whether a write is the only thing that goes into its tensor."""
        same = [other for other in self.writes if other.target is write.target]
        return len(same) == 1 and write.target not in self.initials


def segments(
    slicing: Slicing,
    results: Sequence[tuple[str, Node]],
    chunk: Extent,
    names: Mapping[Node, str] = NO_NAMES,
) -> list[Segment]:
    """The functions in order; `chunk` is the extent of a chunk, `names` the names of nodes."""
    builder = _Builder(slicing, dict(names), chunk)
    builder.taken.update(v.name for v in _variables([node for _, node in results]))
    for name, node in results:
        builder.names[node] = name
    last = max(slicing.level.values())
    kept = _kept(slicing, [node for _, node in results], last)
    found: list[Segment] = []
    for level in range(last + 1):
        targets = [node for node in slicing.order if node in kept[level]]
        if targets:
            found.append(builder.straight(targets))
        made = [n for n in slicing.order if n in slicing.looped and slicing.level[n] == level + 1]
        if made:
            found.append(builder.loop(made))
    return found


def _kept(slicing: Slicing, roots: Sequence[Node], last: int) -> list[set[Node]]:
    """For each level the tensors that are computed once, and kept for others or as results."""
    kept: list[set[Node]] = [set() for _ in range(last + 1)]
    made: dict[Node, int] = {}
    cores = [part.core for looped in slicing.looped.values() for part in looped.parts]
    _, wholes = reach(cores, pinned=slicing.pinned)
    starts = [looped.initial for looped in slicing.looped.values()]
    wanted = [*roots, *wholes, *(start for start in starts if start is not None)]
    for node in wanted:
        if node not in slicing.looped and not isinstance(node, Variable):
            kept[slicing.level[node]].add(node)
    for level in range(last + 1):
        stack = [node for node in slicing.order if node in kept[level]]
        while stack:
            node = stack.pop()
            if node in slicing.looped or is_inline(node) or not node.arguments:
                continue
            is_view = isinstance(node, Contraction) and node.is_view
            before = made.setdefault(node, level)
            if before < level and not is_view:
                kept[before].add(node)
            elif before == level or is_view:
                stack.extend(part for part in node.arguments if made.get(part) != level)
    return kept


@dataclass(slots=True)
class _Builder:
    slicing: Slicing
    names: dict[Node, str]
    chunk: Extent
    taken: set[str] = field(default_factory=set)
    variables: dict[Node, Variable] = field(default_factory=dict)

    def unique(self, name: str) -> str:
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def variable(self, node: Node) -> Variable:
        """What later segments know a tensor by."""
        if isinstance(node, Variable):
            return node
        if node not in self.variables:
            name = self.names.get(node, f"s{len(self.variables) + 1}")
            self.variables[node] = variable(self.unique(name), node.shape)
        return self.variables[node]

    # --- once -----------------------------------------------------------------------------------

    def straight(self, targets: Sequence[Node]) -> Segment:
        """Tensors as they stand, from what is there already."""
        known: dict[Node, Node] = dict(self.variables)
        found = rewrite(targets, with_arguments, known)
        names = [self.variable(node).name for node in targets]
        back = {v: Restricted(node) for node, v in self.variables.items()}
        inputs = [(v, back.get(v, Restricted(v))) for v in _variables(found)]
        inner = {node: name for node, name in self.names.items() if node not in targets}
        return Segment(
            tuple(zip(names, found, strict=True)), tuple(inputs), tuple(targets), (), inner
        )

    # --- for each chunk -------------------------------------------------------------------------

    def loop(self, targets: Sequence[Node]) -> Segment:
        """What one chunk gives of tensors."""
        parts = [part for node in targets for part in self.slicing.looped[node].parts]
        inside = _Chunk(self, {})
        inside.build([part.core for part in parts])
        results: list[tuple[str, Node]] = []
        writes: list[Write] = []
        for node in targets:
            name = self.variable(node).name
            for group in _groups(self.slicing.looped[node].parts):
                write, result = inside.joined(node, group)
                writes.append(write)
                results.append((name if name not in dict(results) else self.unique(name), result))
        named = {
            built: self.names[part.node]
            for part, built in inside.built.items()
            if part.node in self.names and not part.is_whole and part.summed is None
        }
        used = set(_variables([node for _, node in results]))
        inputs = [(v, part) for v, part in inside.inputs.items() if v in used]
        starts = {node: self.slicing.looped[node].initial for node in targets}
        initials = {node: start for node, start in starts.items() if start is not None}
        return Segment(
            tuple(results), tuple(inputs), tuple(targets), tuple(writes), named, initials
        )


@dataclass(slots=True)
class _Chunk:
    """The nodes of one chunk."""

    builder: _Builder
    inputs: dict[Variable, Restricted]
    built: dict[Restricted, Node] = field(default_factory=dict)

    def build(self, cores: Sequence[Restricted]) -> None:
        """All restricted nodes that these are made of."""
        for part in sorted(
            _leaves(cores, self.builder.slicing.pinned), key=lambda part: not part.is_whole
        ):
            self.built[part] = self.leaf(part)
        stack = list(reversed(cores))
        while stack:
            part = stack.pop()
            if part in self.built:
                continue
            inner = made_of(part, self.builder.slicing.pinned)
            assert inner is not None
            waiting = [other for other in inner if other not in self.built]
            if waiting:
                stack += (part, *reversed(waiting))
                continue
            arguments = [self.built[other] for other in inner]
            self.built[part] = rebuilt(part, arguments, self.builder.chunk)

    def leaf(self, part: Restricted) -> Node:
        """A tensor that is there, whole or a slice of it, under a name of its own."""
        if part.is_whole and is_inline(part.node):
            return part.node
        found = self.builder.variable(part.node)
        if part.axes:
            name = found.name
            if any(other.name == name for other in self.inputs):
                name = self.builder.unique(f"{name}_here")
            found = variable(name, shortened(found.shape, part.axes, self.builder.chunk))
        self.inputs[found] = part
        return found

    def joined(self, target: Node, group: Sequence[Part]) -> tuple[Write, Node]:
        """Parts that go to one place, as one node."""
        first = group[0]
        present = {label for part in group for label in part.piece.labels}
        order = tuple(x for x in dict.fromkeys(first.piece.pattern) if x in present)
        extents = dict(enumerate(target.shape))
        if first.along is not None:
            extents[first.along] = self.builder.chunk
        terms = [(part.piece, self.built[part.core], order) for part in group]
        node = together(terms, tuple(extents[label] for label in order), extents)
        operation = _operation(first)
        return Write(target, first.piece.pattern, order, first.along, operation), node


def _operation(part: Part) -> str:
    node = part.core.node
    reduces = part.core.summed is not None and isinstance(node, Reduce)
    return ACCUMULATED[node.operation] if reduces else "add"  # type: ignore[union-attr]


def _groups(parts: Sequence[Part]) -> list[list[Part]]:
    """Parts that go to the same entries: those that repeat along an axis by themselves."""
    places: dict[object, list[Part]] = {}
    for part in parts:
        places.setdefault((part.piece.pattern, part.along, _operation(part)), []).append(part)
    groups: list[list[Part]] = []
    for joint in places.values():
        full = any(set(part.piece.pattern) <= set(part.piece.labels) for part in joint)
        by_labels: dict[object, list[Part]] = {}
        for part in joint:
            key = None if full else frozenset(part.piece.labels)
            by_labels.setdefault(key, []).append(part)
        groups += by_labels.values()
    return groups


def _leaves(cores: Sequence[Restricted], pinned: frozenset[Node]) -> list[Restricted]:
    """What parts are made of in the end: whole tensors, slices of them, numbers."""
    found: dict[Restricted, None] = {}
    seen: set[Restricted] = set()
    stack = list(reversed(cores))
    while stack:
        part = stack.pop()
        if part in seen:
            continue
        seen.add(part)
        inner = made_of(part, pinned)
        if inner is None:
            found[part] = None
        else:
            stack += reversed(inner)
    return list(found)


def _variables(nodes: Iterable[Node]) -> list[Variable]:
    return [node for node in postorder(list(nodes)) if isinstance(node, Variable)]
