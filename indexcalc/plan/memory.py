"""How much memory a plan needs, moment by moment.

In: a plan. Out: the entries of all arrays that are alive at each moment, as polynomials in the
extents; and the most for given sizes. Inputs are not counted.

>>> from indexcalc.ir.build import builtin, contract, variable
>>> from indexcalc.plan.schedule import make_plan
>>> m, n = Extent.named("m"), Extent.named("n")
>>> W, x = variable("W", (m, n)), variable("x", (n,))
>>> plan = make_plan([("y", builtin("tanh", contract([(W, "ij"), (x, "j")], "i")))])
>>> [str(moment) for moment in moments(plan)], most_entries(plan, {"m": 5, "n": 7})
(['m'], 5)
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from indexcalc.ir.extent import ONE, Extent
from indexcalc.plan.program import LEAVES, OWNERS, Plan, Value

NOTHING = Extent(())
SEEN_THROUGH = ("diagonal", "item", "reshape")  # may be, or are, views of other arrays


def moments(plan: Plan) -> list[Extent]:
    """Entries alive at the moments that may need most: each once, in order."""
    alive = NOTHING
    found: dict[Extent, None] = {}
    for step in plan.steps:
        if step.value.kernel not in (*SEEN_THROUGH, *LEAVES) and step.into is None:
            alive = alive + entries(step.value)
        found[alive] = None
        for value in step.forget:
            alive = alive + entries(value) * Extent.fixed(-1)
    for copied in _copies(plan):
        alive = alive + entries(copied)
    found[alive] = None
    return list(found)


def _copies(plan: Plan) -> list[Value]:
    """Results that are copied when they are handed out: nobody else may hold them."""
    seen: set[Value] = set()
    copied = []
    for _, term in plan.results:
        source = term.source
        if not isinstance(source, Value) or source.is_scalar:
            continue
        base = source
        while base.kernel in ("diagonal", "reshape"):
            base = base.sources[0]
        if base in seen or base.kernel not in OWNERS:
            copied.append(source)
        seen.add(base)
    return copied


def entries(value: Value) -> Extent:
    """How many numbers an array has."""
    return prod(value.shape, start=ONE)


def most_entries(plan: Plan, sizes: Mapping[str, int]) -> int:
    """Entries alive at the worst moment, for these sizes."""
    return max(moment.evaluate(sizes) for moment in moments(plan))
