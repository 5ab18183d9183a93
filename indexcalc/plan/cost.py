"""What a plan costs: operations, bytes moved, bytes alive at the peak.

In: a plan. Out: the three as polynomials in the extents, and as numbers for given sizes.
One operation is one addition, multiplication or call of a function at one entry; bytes are those of
arrays read and written, eight for each number.

>>> from indexcalc.ir.build import contract, variable
>>> from indexcalc.plan.schedule import make_plan
>>> m, n = Extent.named("m"), Extent.named("n")
>>> W, x = variable("W", (m, n)), variable("x", (n,))
>>> cost = cost_of(make_plan([("y", contract([(W, "ij"), (x, "j")], "i"))]))
>>> str(cost.flops), str(cost.bytes_moved), cost.at({"m": 10, "n": 20}).flops
('2*m*n', '8*m+8*m*n+8*n', 400)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from indexcalc.errors import EvaluationError
from indexcalc.ir.extent import ONE, Extent, Shape
from indexcalc.plan.graph import extents_of
from indexcalc.plan.memory import moments
from indexcalc.plan.program import Blocks, Plan, Value

NOTHING = Extent(())
ITEM_BYTES = 8


@dataclass(frozen=True, slots=True)
class Numbers:
    """A cost for known sizes."""

    flops: int
    bytes_moved: int
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost in terms of the extents, and for the sizes that were planned with.

    `peak_bytes` is that of the moment which needs most memory at the planned sizes; inputs are not
    counted.
    """

    flops: Extent
    bytes_moved: Extent
    peak_bytes: Extent
    numbers: Numbers

    def at(self, sizes: Mapping[str, int]) -> Numbers:
        """The numbers for other sizes; `EvaluationError` names those that are missing."""
        parts = (self.flops, self.bytes_moved, self.peak_bytes)
        missing = sorted({name for part in parts for name in part.names} - set(sizes))
        if missing:
            raise EvaluationError(f"the cost depends on {', '.join(missing)}: give the sizes")
        return Numbers(*(part.evaluate(sizes) for part in parts))

    def __str__(self) -> str:
        """The polynomials."""
        return (
            f"flops {self.flops}; bytes moved {self.bytes_moved}; "
            f"bytes at the peak {self.peak_bytes}"
        )


def cost_of(plan: Plan, item_bytes: int = ITEM_BYTES) -> Cost:
    """The cost of all steps together."""
    flops = _total([flops_of(step.value) for step in plan.steps])
    moved = _total([_moved(step.value) for step in plan.steps]) * Extent.fixed(item_bytes)
    peak = max(moments(plan, item_bytes), key=lambda moment: moment.evaluate(plan.sizes))
    parts = (flops, moved, peak)
    return Cost(*parts, Numbers(*(part.evaluate(plan.sizes) for part in parts)))


def flops_of(value: Value) -> Extent:
    """Operations of one value; of one that is symmetric in k axes a k-th part is computed."""
    if not isinstance(value.detail, Blocks):
        return _flops_at_once(value)
    whole = _total([_flops_at_once(part) for part in value.detail.whole])
    axes = len(value.detail.axes)
    return Extent(tuple((names, -(-count // axes)) for names, count in whole.terms))


def _flops_at_once(value: Value) -> Extent:
    match value.kernel:
        case "product":
            return Extent.fixed(2) * entries(tuple(extents_of(value.operands).values()))
        case "outers":
            return Extent.fixed(len(value.operands)) * entries(value.shape)
        case "total" | "reduce":
            return entries(tuple(extents_of(value.operands).values()))
        case "map" | "function":
            return entries(value.shape)
        case "embed":
            return _total([entries(source.shape) for source in value.sources])
        case "matrix":
            return _of_a_matrix(value)
        case _:
            return NOTHING


def _of_a_matrix(value: Value) -> Extent:
    """A factorisation or an inverse; little is left to do with factors."""
    shape = value.sources[0].shape
    order = shape[0] if shape else NOTHING
    detail = str(value.detail)
    if detail.startswith(("logdet_of", "det_of")):
        return order
    if detail in ("backward", "solve_of_cholesky"):
        return Extent.fixed(2) * order * entries(value.shape)
    return Extent.fixed(2) * order * order * order


def entries(shape: Shape) -> Extent:
    """How many numbers a tensor of this shape has."""
    return prod(shape, start=ONE)


def bytes_moved_of(value: Value, item_bytes: int = ITEM_BYTES) -> Extent:
    """Bytes of what one value is computed from, and its own."""
    return _moved(value) * Extent.fixed(item_bytes)


def _moved(value: Value) -> Extent:
    if value.kernel in ("diagonal", "item", "reshape"):
        return NOTHING
    return _total([entries(value.shape), *(entries(source.shape) for source in value.sources)])


def _total(parts: list[Extent]) -> Extent:
    terms: dict[tuple[str, ...], int] = {}
    for part in parts:
        for monomial, coefficient in part.terms:
            terms[monomial] = terms.get(monomial, 0) + coefficient
    return Extent(tuple(sorted((m, c) for m, c in terms.items() if c)))
