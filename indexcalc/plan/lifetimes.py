"""When values are last used, which step may overwrite a dead array, what is forgotten when.

In: values in order, the results, sizes. Out: a `Step` for each value that is computed.

>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.plan.graph import Graph
>>> n = Extent.named("n")
>>> graph = Graph()
>>> x = Term(graph.leaf("input", (n,), "x"), (0,))
>>> root = graph.map("tanh", graph.map("exp", x))
>>> [(step.value.detail, step.into) for step in steps(graph.values, [root], {"n": 10})]
[('exp', None), ('tanh', map[n])]
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from indexcalc.ir.extent import entry_count
from indexcalc.plan.program import LEAVES, VIEWS, Step, Term, Value, dense_base

WORTH_FORGETTING = 10_000  # entries; fewer wait for others, as a `del` costs more than it frees
NOT_IN_PLACE = ("where", "number", "gt", "lt", "ge", "le", "eq", "ne")


@dataclass(slots=True)
class _Lifetimes:
    """When values are last used; what a view sees lives as long as the view."""

    last: dict[Value, int] = field(default_factory=dict)
    shared: set[Value] = field(default_factory=set)  # seen by a view, or a result


def _lifetimes(live: Sequence[Value], results: Sequence[Term]) -> _Lifetimes:
    times = _Lifetimes()
    end = len(live)
    for term in results:
        if isinstance(term.source, Value):
            times.last[term.source] = end
            times.shared.add(term.source)
    for position in range(end - 1, -1, -1):
        value = live[position]
        until = times.last.get(value, position) if value.kernel in VIEWS else position
        for source in value.sources:
            times.last[source] = max(times.last.get(source, 0), until, position)
            if value.kernel in VIEWS:
                times.shared.add(source)
    return times


def steps(live: Sequence[Value], results: Sequence[Term], sizes: Mapping[str, int]) -> list[Step]:
    """The steps that compute `live`; leaves are there already."""
    times = _lifetimes(live, results)
    dying: dict[int, list[Value]] = {}
    for value, position in times.last.items():
        if value.owns_memory and value not in times.shared:
            dying.setdefault(position, []).append(value)
    real = always_real(live)
    found = []
    waiting: list[Value] = []
    for position, value in enumerate(live):
        if value.kernel in LEAVES:
            continue
        dead = sorted(dying.get(position, ()), key=lambda v: v.number)
        into = _overwritten(value, [v for v in dead if (v in real) == (value in real)])
        waiting += [v for v in dead if v is not into]
        forget: tuple[Value, ...] = ()
        if sum(_entries(v, sizes) for v in waiting) >= WORTH_FORGETTING:
            forget, waiting = tuple(waiting), []
        found.append(Step(value, into, forget))
    return found


def always_real(live: Sequence[Value], inputs: Collection[Value] = ()) -> set[Value]:
    """Values that are real whatever the inputs are: they have no room for complex ones.

    Some of the `inputs` may be known to be real.
    """
    real: set[Value] = set(inputs)
    for value in live:
        absolute = value.kernel == "map" and value.detail == "abs"
        if absolute or (
            value.kernel not in ("input", "function") and all(v in real for v in value.sources)
        ):
            real.add(value)
    return real


def _overwritten(value: Value, dead: Sequence[Value]) -> Value | None:
    """The dead operand whose memory the value may take."""
    if value.kernel not in ("map", "embed") or value.is_scalar or value.detail in NOT_IN_PLACE:
        return None
    if value.kernel == "embed":
        (base,) = dense_base(value) or (None,)
        whole = base is not None and len(base.labels) == len(value.labels)
        return next((v for v in dead if base is not None and v is base.source and whole), None)
    for term in value.operands:
        if term.source in dead and term.labels == value.labels:
            assert isinstance(term.source, Value)
            return term.source
    return None


def _entries(value: Value, sizes: Mapping[str, int]) -> int:
    return entry_count(value.shape, sizes)
