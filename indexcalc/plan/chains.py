"""Functions at each entry of large arrays, computed in blocks that stay in the cache.

In: the values that are needed, the results, sizes. Out: the same, in which the last value of a long
chain of such functions, or a sum that a chain ends in, is an `orbit` along the chain's first axis:
a loop whose body computes some rows of everything on the way. A temporary array as large as the
chain is then never made: making and reading it would take longer than computing it. Measured:
docs/decisions/0021-elementwise-blocks.md.

>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.plan.graph import Graph
>>> n = Extent.named("n")
>>> graph = Graph()
>>> x, y = (Term(graph.leaf("input", (n,), name), (0,)) for name in "xy")
>>> root = x
>>> for name in ("multiply", "add", "subtract", "multiply", "add"):
...     root = graph.map(name, root, y)
>>> [value.kernel for value in chained(graph.values, [root], {"n": 10_000_000})[0]]
['input', 'input', 'orbit']
>>> [value.kernel for value in chained(graph.values, [root], {"n": 1_000})[0]]
['input', 'input', 'map', 'map', 'map', 'map', 'map']
>>> total = graph.total(graph.map("tanh", y), {0})
>>> [value.kernel for value in chained(graph.values, [total], {"n": 10_000_000})[0]]
['input', 'orbit']
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from indexcalc.ir.extent import entry_count
from indexcalc.ir.node import Labels
from indexcalc.plan.graph import extents_of
from indexcalc.plan.orbit import by_blocks
from indexcalc.plan.program import Term, Value
from indexcalc.plan.renumber import renumbered


@dataclass(frozen=True, slots=True)
class _Bounds:
    """When a loop pays: of an array on the way, the fewest entries, and the longest row."""

    room: int  # entries of a block: a few of them fit into the second cache
    fewest: int  # entries; below, the third cache holds what is on the way
    row: int  # entries
    steps: int  # in the loop


CHAIN = _Bounds(32_768, 1_500_000, 32_768, 5)
SUM = _Bounds(65_536, 1_000_000, 8_192, 2)  # nothing is written outside of the cache
MOST_TERMS = 16  # multiplied and added for each entry of the chain: more is slower in blocks


def chained(
    live: Sequence[Value], results: Sequence[Term], sizes: Mapping[str, int]
) -> tuple[list[Value], dict[Value, Value]]:
    """The values with chains in blocks, and new values for old ones."""
    users: dict[Value, list[Value]] = {}
    for value in live:
        for source in value.sources:
            users.setdefault(source, []).append(value)
    held = {term.source for term in results}
    taken: set[Value] = set()
    new: dict[Value, Value] = {}
    for value in reversed(live):
        bounds = SUM if value.kernel in ("product", "total") else CHAIN
        along = _along(value, sizes, bounds)
        if along is None or value in taken:
            continue
        inside = _inside(value, along, users, held | taken, sizes, bounds)
        taken |= inside.keys()
        if len(inside) >= bounds.steps:
            new[value] = _loop(value, along, inside, sizes, bounds)
    return renumbered(live, results, new) if new else (list(live), {value: value for value in live})


def _along(value: Value, sizes: Mapping[str, int], bounds: _Bounds) -> int | None:
    """The label of the axis to cut; None if there is nothing large, or no gain."""
    if bounds is CHAIN:
        return value.labels[0] if _is_link(value, sizes, bounds) else None
    links = [t for t in value.operands if _is_link(t.source, sizes, bounds)]
    if not links:
        return None
    largest = max(links, key=lambda term: _entries(term, sizes))
    terms = prod(extent.evaluate(sizes) for extent in extents_of(value.operands).values())
    along = largest.labels[0]
    added = 0 if along in value.labels else _entries(Term(value), sizes)
    is_light = terms <= MOST_TERMS * _entries(largest, sizes) and 2 * added <= bounds.room
    return along if is_light else None


def _is_link(value: object, sizes: Mapping[str, int], bounds: _Bounds) -> bool:
    """Whether the value is a function at each entry of a large array of rows that fit."""
    if not isinstance(value, Value) or value.kernel != "map" or value.is_boolean:
        return False
    if not value.shape:
        return False
    first, *rest = (extent.evaluate(sizes) for extent in value.shape)
    return first * prod(rest) >= bounds.fewest and prod(rest) <= bounds.row


def _inside(
    last: Value,
    along: int,
    users: Mapping[Value, list[Value]],
    taken: Collection[object],
    sizes: Mapping[str, int],
    bounds: _Bounds,
) -> dict[Value, Labels]:
    """The values on the way to the last that nothing else needs, with its label for each axis."""
    inside = {last: last.labels}
    waiting = [last]
    while waiting:
        for source in waiting.pop().sources:
            if source in inside or source in taken or not _is_link(source, sizes, bounds):
                continue
            labels = _lies(source, users[source], inside)
            if labels is not None and labels[0] == along:
                inside[source] = labels
                waiting += inside
    return inside


def _lies(source: Value, users: Sequence[Value], inside: Mapping[Value, Labels]) -> Labels | None:
    """How the source lies for all who use it; None if that is not one way, or one is outside."""
    ways: set[Labels | None] = set()
    for user in users:
        for term in user.operands:
            if term.source is source:
                alike = user.kernel != "map" or term.labels == user.labels
                own = inside.get(user) if user.kernel == "map" else term.labels
                ways.add(own if alike and user in inside else None)
    return ways.pop() if len(ways) == 1 else None


def _loop(
    last: Value,
    along: int,
    inside: Mapping[Value, Labels],
    sizes: Mapping[str, int],
    bounds: _Bounds,
) -> Value:
    """The loop, over as many rows at once as there is room for."""
    longest = max(entry_count(value.shape[1:], sizes) for value in inside if value.kernel == "map")
    size = max(1, bounds.room // max(1, longest))
    return by_blocks(last, along, (along,), inside, sizes, size)


def _entries(term: Term, sizes: Mapping[str, int]) -> int:
    assert isinstance(term.source, Value)
    return entry_count(term.source.shape, sizes)
