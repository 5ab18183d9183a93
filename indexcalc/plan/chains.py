"""Long chains of functions at each entry, computed in blocks that stay in the cache.

In: the values that are needed, the results, sizes. Out: the same, in which the last value of such a
chain is an `orbit` along its first axis: a loop whose body computes some rows of everything on the
way. A temporary array as large as the result is then never made: making and reading it would take
longer than computing it. Measured: docs/decisions/0021-elementwise-blocks.md.

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
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import prod

from indexcalc.plan.orbit import by_blocks, exchanged
from indexcalc.plan.program import Term, Value

ROOM = 32_768  # entries of a block: a few of them fit into the second cache
FEWEST_ENTRIES = 1_500_000  # of the result; below, the third cache holds what is on the way
FEWEST_STEPS = 5


def chained(
    live: Sequence[Value], results: Sequence[Term], sizes: Mapping[str, int]
) -> tuple[list[Value], dict[Value, Value]]:
    """The values with long chains in blocks, and new values for old ones."""
    users: dict[Value, list[Value]] = {}
    for value in live:
        for source in value.sources:
            users.setdefault(source, []).append(value)
    held = {term.source for term in results}
    taken: set[Value] = set()
    new: dict[Value, Value] = {}
    for value in reversed(live):
        if value in taken or not _is_link(value, sizes):
            continue
        inside = _inside(value, users, held, taken, sizes)
        taken |= inside
        if len(inside) >= FEWEST_STEPS:
            new[value] = _loop(value, inside, sizes)
    return exchanged(live, new, held) if new else (list(live), {value: value for value in live})


def _is_link(value: Value, sizes: Mapping[str, int]) -> bool:
    """Whether the value is a function at each entry of a large array of rows that fit."""
    if value.kernel != "map" or value.is_boolean or not value.shape:
        return False
    first, *rest = (extent.evaluate(sizes) for extent in value.shape)
    return first * prod(rest) >= FEWEST_ENTRIES and prod(rest) <= ROOM


def _inside(
    last: Value,
    users: Mapping[Value, list[Value]],
    held: Collection[object],
    taken: Collection[Value],
    sizes: Mapping[str, int],
) -> set[Value]:
    """The values on the way to the last that lie as it does and that nothing else needs."""
    inside = {last}
    waiting = [last]
    while waiting:
        value = waiting.pop()
        for term in value.operands:
            source = term.source
            if (
                isinstance(source, Value)
                and source not in inside
                and source not in held
                and source not in taken
                and term.labels == value.labels
                and (source.kernel == "map" and not source.is_boolean)
                and all(_lies_alike(source, user) and user in inside for user in users[source])
                and _is_link(source, sizes)
            ):
                inside.add(source)
                waiting += inside
    return inside


def _lies_alike(source: Value, user: Value) -> bool:
    return all(t.labels == user.labels for t in user.operands if t.source is source)


def _loop(last: Value, inside: Collection[Value], sizes: Mapping[str, int]) -> Value:
    """The loop along the first axis."""
    rows = prod(extent.evaluate(sizes) for extent in last.shape[1:])
    labels = dict.fromkeys(inside, last.labels)
    along = last.labels[0]
    return by_blocks(last, along, (along,), labels, sizes, max(1, ROOM // max(1, rows)))
