"""How much memory a plan needs, moment by moment.

In: a plan, bytes of a number. Out: the bytes of all arrays that are alive at each moment, as
polynomials in the extents; and the most for given sizes. Inputs are not counted, nor are the
buffers of constant length that NumPy's functions work with.

>>> from indexcalc.ir.build import builtin, contract, variable
>>> from indexcalc.plan.schedule import make_plan
>>> m, n = Extent.named("m"), Extent.named("n")
>>> W, x = variable("W", (m, n)), variable("x", (n,))
>>> plan = make_plan([("y", builtin("tanh", contract([(W, "ij"), (x, "j")], "i")))])
>>> [str(moment) for moment in moments(plan)], most_bytes(plan, {"m": 5, "n": 7})
(['8*m'], 40)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod

from indexcalc.ir.extent import ONE, Extent
from indexcalc.plan.graph import extents_of
from indexcalc.plan.kernels import recipe
from indexcalc.plan.orbit import REST, WIDTH
from indexcalc.plan.program import LEAVES, OWNERS, Blocks, Plan, Value
from indexcalc.plan.timing import is_copied

NOTHING = Extent(())
ITEM_BYTES = 8
SEEN_THROUGH = ("diagonal", "item")  # views of other arrays
INNER = {"erf": 7, "finite": 1}  # arrays that a function of entries makes on its way


def moments(plan: Plan, item_bytes: int = ITEM_BYTES) -> list[Extent]:
    """Bytes alive at the moments that may need most: each once, in order."""
    alive = NOTHING
    found: dict[Extent, None] = {}
    for step in plan.steps:
        if _is_made(step.value) and step.into is None:
            alive = alive + _bytes(step.value, item_bytes)
        found[alive + _all(_inner(step.value), item_bytes)] = None
        for value in step.forget:
            alive = alive + _bytes(value, item_bytes) * Extent.fixed(-1)
    found[alive + _all(_handed_out(plan), item_bytes)] = None
    return list(found)


def _is_made(value: Value) -> bool:
    """Whether the value is an array of its own; reshaping copies what does not lie in order."""
    if value.kernel == "reshape":
        (term,) = value.operands
        return list(term.labels) != sorted(term.labels)
    return value.kernel not in (*SEEN_THROUGH, *LEAVES)


def _inner(value: Value) -> list[Value]:
    """Arrays as large as these are made while a value is computed, and gone then."""
    match value.kernel:
        case "product":
            left, right = value.operands
            found = recipe(left, right, value.labels)
            sides = [] if found.call == "einsum" else [found.left, found.right]
            sources = [reading.term.source for reading in sides if is_copied(reading)]
            return [source for source in sources if isinstance(source, Value)]
        case "outers":
            return list(value.sources)
        case "matrix":
            return list(value.sources[:1])  # LAPACK works in place
        case "function":
            return [*value.sources, value]  # the caller's function gets copies, and so do we
        case "map":
            return [value] * INNER.get(str(value.detail), 0)
        case "orbit":
            return _of_a_block(value)
        case _:
            return []


def _of_a_block(value: Value) -> list[Value]:
    """What a loop over blocks holds: what one step makes, and what the last step made."""
    blocks = value.detail
    assert isinstance(blocks, Blocks)
    length = extents_of(value.operands)[blocks.along]
    sizes = dict(zip((*WIDTH.names, *REST.names), (Extent.fixed(blocks.size), length), strict=True))
    made = [
        replace(step.value, shape=tuple(extent.substitute(sizes) for extent in step.value.shape))
        for step in blocks.steps
        if step.into is None
    ]
    return [*made, *made]


def _handed_out(plan: Plan) -> list[Value]:
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


def _all(values: Sequence[Value], item_bytes: int) -> Extent:
    total = NOTHING
    for value in values:
        total = total + _bytes(value, item_bytes)
    return total


def _bytes(value: Value, item_bytes: int) -> Extent:
    return prod(value.shape, start=ONE) * Extent.fixed(1 if value.is_boolean else item_bytes)


def most_bytes(plan: Plan, sizes: Mapping[str, int], item_bytes: int = ITEM_BYTES) -> int:
    """Bytes alive at the worst moment, for these sizes."""
    return max(moment.evaluate(sizes) for moment in moments(plan, item_bytes))
