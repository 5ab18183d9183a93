"""How to keep within a limit of memory: which index is cut into chunks, and how long they are.

In: results, sizes, bytes that there are. Out: a `Chunked`: a plan for each segment, and the length
of a chunk; or a `LimitError` with the figures.

>>> from indexcalc.ir.build import builtin, variable
>>> from indexcalc.ir.contraction import contract
>>> m, n = Extent.named("m"), Extent.named("n")
>>> X, w = variable("X", (m, n)), variable("w", (n,))
>>> loss = contract([(builtin("tanh", contract([(X, "ij"), (w, "j")], "i")), "i")], "")
>>> task = Task([("f", loss)], {"m": 10**6, "n": 10})
>>> found = chunked(task, 10**5, make_plan(task.results, task.sizes))
>>> str(found.extent), found.length, found.count, found.peak_bytes
('m', 10870, 92, 86976)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod

from indexcalc.errors import LimitError
from indexcalc.ir.extent import ONE, Extent, Shape, entry_count
from indexcalc.ir.node import Contraction, Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.plan import machine
from indexcalc.plan.cost import Cost, Numbers, cost_of
from indexcalc.plan.memory import moments, most_bytes
from indexcalc.plan.nest import nest
from indexcalc.plan.program import Blocks, Plan, Value
from indexcalc.plan.schedule import make_plan
from indexcalc.plan.segments import Segment, segments
from indexcalc.plan.slicing import Slicing, sliced
from indexcalc.plan.timing import seconds_of

MOST_EXTENTS = 6  # that are tried
SHARES = (4, 64, None)  # of the limit that one tensor may take; None: whatever can be is cut
BUFFERS = 2**17  # bytes that NumPy's functions may take for themselves
MOST_ROUNDS = 4  # of planning, for one extent
GOOD = 1.2  # times the time without chunks: then no other extent is tried
CALL = 3e-6  # seconds for the call of a segment, and the loop around it


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be computed: results, all sizes, bytes of a number, names of nodes."""

    results: Sequence[tuple[str, Node]]
    sizes: Mapping[str, int]
    item_bytes: int = 8
    is_complex: bool = False
    names: Mapping[Node, str] = field(default_factory=dict)

    @property
    def roots(self) -> list[Node]:
        """The nodes without their names."""
        return [node for _, node in self.results]


@dataclass(frozen=True)
class Chunked:
    """Segments with their plans; `length` entries of `extent` are in a chunk, which is `chunk`."""

    task: Task
    extent: Extent
    chunk: str
    length: int
    segments: tuple[Segment, ...]
    plans: tuple[Plan, ...]

    @property
    def total(self) -> int:
        """The size that is cut."""
        return self.extent.evaluate(self.task.sizes)

    @property
    def count(self) -> int:
        """How many chunks there are."""
        return -(-self.total // self.length)

    @cached_property
    def moments(self) -> list[Extent]:
        """Bytes alive at the moments that may need most: what is kept, and a function's own."""
        item = Extent.fixed(self.task.item_bytes)
        return list(
            dict.fromkeys(
                kept * item + moment
                for kept, plan in zip(self.kept, self.plans, strict=True)
                for moment in moments(plan, self.task.item_bytes)
            )
        )

    @cached_property
    def kept(self) -> list[Extent]:
        """Entries of the tensors that are held while each segment runs."""
        alive: dict[Node, None] = {}
        found = []
        for segment, gone in zip(self.segments, self.gone, strict=True):
            if segment.writes:
                for target in segment.targets:
                    start = segment.initials.get(target)
                    if start is not None and self.is_taken_over(start):
                        del alive[start]
                    alive[target] = None
            found.append(_entries(list(alive)))
            alive.update(dict.fromkeys(segment.targets))
            for node in gone:
                alive.pop(node, None)
        return found

    @cached_property
    def gone(self) -> list[list[Node]]:
        """Tensors that nobody needs after each segment."""
        results = set(self.task.roots)
        last: dict[Node, int] = {}
        for k, segment in enumerate(self.segments):
            last.update(dict.fromkeys(segment.targets, k))
            last.update({part.node: k for _, part in segment.inputs})
            last.update(dict.fromkeys(segment.initials.values(), k))
        kept = [node for node in last if not isinstance(node, Variable) and node not in results]
        return [[node for node in kept if last[node] == k] for k in range(len(self.segments))]

    def is_taken_over(self, start: Node) -> bool:
        """Whether a tensor is only what another one starts from, which may then overwrite it."""
        if isinstance(start, Variable):
            return False
        users = [node for s in self.segments for node in s.initials.values() if node is start]
        inputs = [part for s in self.segments for _, part in s.inputs if part.node is start]
        return len(users) == 1 and not inputs and start not in self.task.roots

    def bytes_with(self, length: int) -> int:
        """Bytes at the peak with chunks of another length."""
        sizes = {**self.task.sizes, self.chunk: length}
        return max(moment.evaluate(sizes) for moment in self.moments)

    @property
    def peak_bytes(self) -> int:
        """Bytes at the peak, inputs not counted."""
        return self.bytes_with(self.length)

    @property
    def sizes(self) -> dict[str, int]:
        """All sizes, with the length of a chunk, and under `chunks` how many there are."""
        return {**self.task.sizes, self.chunk: self.length, f"{self.chunk}s": self.count}

    @cached_property
    def cost(self) -> Cost:
        """The cost of everything, in terms of the extents, the chunk's, and how many there are."""
        flops, moved = Extent(()), Extent(())
        for segment, plan in zip(self.segments, self.plans, strict=True):
            own = cost_of(plan, self.task.item_bytes)
            often = Extent.named(f"{self.chunk}s") if segment.writes else ONE
            flops, moved = flops + often * own.flops, moved + often * own.bytes_moved
        peak = max(self.moments, key=lambda moment: moment.evaluate(self.sizes))
        parts = (flops, moved, peak)
        return Cost(*parts, Numbers(*(part.evaluate(self.sizes) for part in parts)))

    @cached_property
    def time(self) -> float:
        """Roughly how many seconds everything takes: to compare."""
        total = 0.0
        for segment, plan in zip(self.segments, self.plans, strict=True):
            once = CALL + sum(_seconds(step.value, plan.sizes) for step in plan.steps)
            if segment.writes:
                sizes = {**self.task.sizes, self.chunk: self.length}
                once += sum(_reading(v.shape, part.axes, sizes) for v, part in segment.inputs)
                once += sum(_adding(shape, sizes) for shape in plan.shapes)
            total += once * (self.count if segment.writes else 1)
        return total


def _seconds(value: Value, sizes: Mapping[str, int]) -> float:
    """What a step takes; of a symmetric result only a share of the blocks is computed."""
    if isinstance(value.detail, Blocks):
        whole = sum(seconds_of(part, sizes) for part in value.detail.whole)
        return whole / len(value.detail.axes)
    return seconds_of(value, sizes)


def _reading(shape: Shape, axes: frozenset[int], sizes: Mapping[str, int]) -> float:
    """What it takes more to read a slice of an array whose entries do not lie together."""
    if not axes or axes == {0}:
        return 0.0
    lengths = [extent.evaluate(sizes) for extent in shape]
    return machine.seconds(machine.copy(prod(lengths), prod(lengths[max(axes) :])))


def _adding(shape: Shape, sizes: Mapping[str, int]) -> float:
    """What it takes to put a chunk's result where it goes."""
    count = entry_count(shape, sizes)
    return machine.seconds(machine.entrywise("light", count, 2 * count))


def _entries(nodes: Sequence[Node]) -> Extent:
    total = Extent(())
    for node in nodes:
        entries = ONE
        for extent in node.shape:
            entries = entries * extent
        total = total + entries
    return total


def chunked(task: Task, limit: int, whole: Plan) -> Chunked:
    """The best way within `limit` bytes; `whole` is the plan without chunks.

    Raises `LimitError` that tells what chunks could reach if they do not reach the limit.
    """
    enough = GOOD * sum(_seconds(step.value, task.sizes) for step in whole.steps)
    best: Chunked | None = None
    least: Chunked | None = None
    for extent in _extents(task):
        for found in _ways(_nested(task, extent), extent, limit, whole):
            if least is None or found.bytes_with(1) < least.bytes_with(1):
                least = found
            if found.peak_bytes <= limit and (best is None or found.time < best.time):
                best = found
                if best.time < enough:
                    return best
    if best is None:
        raise _refusal(task, least, limit, most_bytes(whole, task.sizes, task.item_bytes))
    return best


def _nested(task: Task, extent: Extent) -> Task:
    """The same with sums that no chunk has to make again as factors of their own."""
    named = list(task.names)
    found = nest([*task.roots, *named], extent)
    results = [(name, node) for (name, _), node in zip(task.results, found, strict=False)]
    names = {node: task.names[old] for old, node in zip(named, found[len(results) :], strict=True)}
    return replace(task, results=results, names=names)


def _ways(task: Task, extent: Extent, limit: int, whole: Plan) -> Iterator[Chunked]:
    """Chunks of one extent, with more or less that is made in loops."""
    before: Slicing | None = None
    share_of_all = limit / most_bytes(whole, task.sizes, task.item_bytes)
    first = max(1, int(extent.evaluate(task.sizes) * min(share_of_all, 1.0)))
    for share in SHARES:
        large = 0 if share is None else limit // (task.item_bytes * share)
        slicing = sliced(task.roots, extent, task.sizes, large)
        if slicing is not None and (before is None or slicing.looped != before.looped):
            yield _with_chunks(task, slicing, limit, first)
        before = slicing


def _extents(task: Task) -> list[Extent]:
    """Extents that can be cut, the longest first."""
    found: dict[Extent, None] = {}
    for node in postorder(task.roots):
        inner = node.extents if isinstance(node, Contraction) else ()
        found.update(dict.fromkeys((*node.shape, *inner)))
    longer = [extent for extent in found if extent.evaluate(task.sizes) > 1]
    longer.sort(key=lambda extent: (-extent.evaluate(task.sizes), str(extent)))
    return longer[:MOST_EXTENTS]


def _with_chunks(task: Task, slicing: Slicing, limit: int, first: int) -> Chunked:
    """Chunks that are as long as the limit allows, or of length 1; `first` is a guess."""
    extent, chunk = slicing.extent, "chunk"
    while chunk in task.sizes or f"{chunk}s" in task.sizes:
        chunk += "_"
    parts = tuple(segments(slicing, task.results, Extent.named(chunk), task.names))
    total = extent.evaluate(task.sizes)
    found = _planned(task, extent, chunk, first, parts)
    for _ in range(MOST_ROUNDS):  # what is worth a `del` depends on the length
        spare = max(limit - found.bytes_with(1), 0) // 8
        count = -(-total // longest(found, limit - min(BUFFERS, spare)))
        even = -(-total // count)
        if even == found.length:
            break
        found = _planned(task, extent, chunk, even, parts)
    return found


def _planned(
    task: Task, extent: Extent, chunk: str, length: int, parts: tuple[Segment, ...]
) -> Chunked:
    sizes = {**task.sizes, chunk: length}
    plans = tuple(
        make_plan(part.results, sizes, part.names, is_complex=task.is_complex) for part in parts
    )
    return Chunked(task, extent, chunk, length, parts, plans)


def longest(found: Chunked, limit: int) -> int:
    """The longest chunk with which the limit is kept, at least 1: by halving."""
    low, high = 1, found.total
    while low < high:
        middle = (low + high + 1) // 2
        if found.bytes_with(middle) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def _refusal(task: Task, least: Chunked | None, limit: int, needed: int) -> LimitError:
    """What is needed, what chunks could reach, and what the results alone take."""
    message = f"{needed:,} bytes are needed, and the limit is {limit:,}"
    made = [node for node in dict.fromkeys(task.roots) if not isinstance(node, Variable)]
    results = task.item_bytes * _entries(made).evaluate(task.sizes)
    if results > limit:
        return LimitError(
            f"{message}: the results alone take {results:,}",
            hint="raise memory_limit, or contract the result with what it will meet",
        )
    if least is None:
        return LimitError(
            f"{message}; there is no index that could be cut into chunks", hint="raise memory_limit"
        )
    reached = least.bytes_with(1)
    return LimitError(
        f"{message}; with {least.extent} = {least.total:,} cut into chunks of 1 it takes "
        f"{reached:,}",
        hint=f"raise memory_limit to {reached:,} or more; more is faster",
    )
