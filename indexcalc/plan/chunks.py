"""How to keep within a limit of memory: which index is cut into chunks, and how long they are.

In: results, sizes, bytes that there are. Out: a `Chunked`: a plan for each segment, and the length
of a chunk; or a `LimitError` with the figures.

>>> from indexcalc.ir.build import builtin, variable
>>> from indexcalc.ir.contraction import contract
>>> m, n = Extent.named("m"), Extent.named("n")
>>> X, w = variable("X", (m, n)), variable("w", (n,))
>>> loss = contract([(builtin("tanh", contract([(X, "ij"), (w, "j")], "i")), "i")], "")
>>> found = chunked(Task([("f", loss)], {"m": 10**6, "n": 10}), 10**5, 8 * 10**6)
>>> str(found.extent), found.length, found.count, found.peak_bytes
('m', 12346, 81, 98784)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from indexcalc.errors import LimitError
from indexcalc.ir.extent import ONE, Extent
from indexcalc.ir.node import Contraction, Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.plan.cost import Cost, Numbers, cost_of
from indexcalc.plan.memory import moments
from indexcalc.plan.program import Plan
from indexcalc.plan.schedule import make_plan
from indexcalc.plan.segments import Segment, segments
from indexcalc.plan.slicing import sliced

MOST_EXTENTS = 6  # that are tried
SHARES = (4, 64, None)  # of the limit that one tensor may take; None: whatever can be is cut
MOST_ROUNDS = 4  # of planning, for one extent
FIRST_LENGTH = 1024  # of a chunk, to plan with
CALL = 2_000.0  # ns for a step, whatever its size
FLOP = 0.1  # ns
BYTE = 0.1  # ns


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
        """Entries alive at the moments that may need most: what is kept, and a function's own."""
        return list(
            dict.fromkeys(
                kept + moment
                for kept, plan in zip(self.kept, self.plans, strict=True)
                for moment in moments(plan)
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
        return self.task.item_bytes * max(moment.evaluate(sizes) for moment in self.moments)

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
        item = Extent.fixed(self.task.item_bytes)
        for segment, plan in zip(self.segments, self.plans, strict=True):
            own = cost_of(plan, self.task.item_bytes)
            often = Extent.named(f"{self.chunk}s") if segment.writes else ONE
            flops, moved = flops + often * own.flops, moved + often * own.bytes_moved
        peak = max(self.moments, key=lambda moment: moment.evaluate(self.sizes)) * item
        parts = (flops, moved, peak)
        return Cost(*parts, Numbers(*(part.evaluate(self.sizes) for part in parts)))

    @cached_property
    def time(self) -> float:
        """Roughly how many nanoseconds everything takes: to compare."""
        total = 0.0
        for segment, plan in zip(self.segments, self.plans, strict=True):
            cost = cost_of(plan, self.task.item_bytes).numbers
            steps = len(plan.steps) + 2 * len(segment.writes)
            once = CALL * steps + FLOP * cost.flops + BYTE * cost.bytes_moved
            total += once * (self.count if segment.writes else 1)
        return total


def _entries(nodes: Sequence[Node]) -> Extent:
    total = Extent(())
    for node in nodes:
        entries = ONE
        for extent in node.shape:
            entries = entries * extent
        total = total + entries
    return total


def chunked(task: Task, limit: int, needed: int) -> Chunked:
    """The best way within `limit` bytes; `needed` are those without chunks.

    Raises `LimitError` that tells what chunks could reach if they do not reach the limit.
    """
    best: Chunked | None = None
    least: Chunked | None = None
    for extent in _extents(task):
        for share in SHARES:
            large = 0 if share is None else limit // (task.item_bytes * share)
            found = _with_chunks(task, extent, large, limit)
            if found is None:
                continue
            if least is None or found.bytes_with(1) < least.bytes_with(1):
                least = found
            if found.peak_bytes <= limit and (best is None or found.time < best.time):
                best = found
    if best is None:
        raise _refusal(task, least, limit, needed)
    return best


def _extents(task: Task) -> list[Extent]:
    """Extents that can be cut, the longest first."""
    found: dict[Extent, None] = {}
    for node in postorder(task.roots):
        inner = node.extents if isinstance(node, Contraction) else ()
        found.update(dict.fromkeys((*node.shape, *inner)))
    longer = [extent for extent in found if extent.evaluate(task.sizes) > 1]
    longer.sort(key=lambda extent: (-extent.evaluate(task.sizes), str(extent)))
    return longer[:MOST_EXTENTS]


def _with_chunks(task: Task, extent: Extent, large: int, limit: int) -> Chunked | None:
    """Chunks of one extent, as long as the limit allows, or of length 1."""
    slicing = sliced(task.roots, extent, task.sizes, large)
    if slicing is None:
        return None
    chunk = "chunk"
    while chunk in task.sizes or f"{chunk}s" in task.sizes:
        chunk += "_"
    parts = tuple(segments(slicing, task.results, Extent.named(chunk), task.names))
    total = extent.evaluate(task.sizes)
    length = min(total, FIRST_LENGTH)
    found = _planned(task, extent, chunk, length, parts)
    for _ in range(MOST_ROUNDS):  # what is worth a `del` depends on the length
        count = -(-total // longest(found, limit))
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
