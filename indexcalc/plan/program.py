"""What a plan is made of: values, and steps that compute them in a straight line.

A `Value` is one dense array (or scalar) and how it comes from others. Axes are tied together by
integer labels that are private to the value: `labels` names its own axes, each `Term` names the
axes of an operand, and a label that the value lacks is summed over.

>>> n = Extent.named("n")
>>> W = Value("input", (), (0, 1), (n, n), "W", 0)
>>> x = Value("input", (), (0,), (n,), "x", 1)
>>> Value("product", (Term(W, (0, 1)), Term(x, (1,))), (0,), (n,), "", 2)
product[n]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from indexcalc.ir.extent import Extent, Shape
from indexcalc.ir.node import Labels

Kernel = Literal[
    "input",  # detail: the variable's name
    "constant",  # detail: its name
    "size",  # detail: the extent's text; `extent` is in `shape_of_size`
    "map",  # a function at each entry, operands broadcast; detail: its name
    "product",  # two operands, with at least one summed label
    "outers",  # operands in pairs: the sum of their outer products, a last right axis last
    "total",  # one operand summed over labels
    "diagonal",  # one operand whose labels repeat: a view
    "embed",  # parts written into, or added to, views of one array
    "reduce",  # max, min, prod over the last labels of the operand; cumsum keeps its label
    "matrix",  # a function of a whole matrix; detail: inv, det, slogdet, solve, …
    "item",  # one of several results of a step; detail: its position
    "orbit",  # a result that is symmetric in its axes, by blocks; detail: `Blocks`
    "reshape",  # row-major entries under another shape
    "function",  # a function that the caller passes; detail: its name and orders
]
COMPARISONS = ("gt", "lt", "ge", "le", "eq", "ne")


@dataclass(frozen=True, slots=True)
class Term:
    """An operand: a value, or an exact number, with a label for each of its axes."""

    source: Value | Fraction
    labels: Labels = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What is written by `embed`: the operand at `position` where axes with equal labels agree."""

    position: int
    pattern: Labels
    sign: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """How an `orbit` is computed: block by block of the axis `along`, the other `axes` from there.

    With no other axes this is a loop that keeps what is on the way in the cache. If the value is
    summed over the axis `along`, blocks are added up.

    `inputs` stand for what a block needs of each operand, `steps` compute the block, and `whole`
    are the values that they compute parts of.
    """

    inputs: tuple[Value, ...]
    steps: tuple[Step, ...]
    whole: tuple[Value, ...]
    along: int
    axes: Labels
    size: int


Detail = str | Extent | int | Blocks | tuple[Part, ...] | tuple[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, eq=False, repr=False, weakref_slot=True)
class Value:
    """One array of the plan; `number` is its place in the order of creation."""

    kernel: Kernel
    operands: tuple[Term, ...]
    labels: Labels
    shape: Shape
    detail: Detail
    number: int

    def __repr__(self) -> str:
        """Kernel and shape."""
        return f"{self.kernel}[{','.join(map(str, self.shape))}]"

    @property
    def is_scalar(self) -> bool:
        """Whether there are no axes."""
        return not self.shape

    @property
    def is_boolean(self) -> bool:
        """Whether entries are truth values, which count as 0 and 1 only in some operations."""
        return self.kernel == "map" and self.detail in COMPARISONS

    @property
    def owns_memory(self) -> bool:
        """Whether nothing else can see this array, so that it may be overwritten when dead."""
        return bool(self.shape) and self.kernel in OWNERS and not self.is_boolean

    @property
    def sources(self) -> tuple[Value, ...]:
        """The operands that are values."""
        return tuple(t.source for t in self.operands if isinstance(t.source, Value))


def in_reading_order(value: Value) -> tuple[Term, ...]:
    """The operands; those of a product of entries from the first axis to the last."""
    if value.kernel != "map" or value.detail not in ("multiply", "add"):
        return value.operands
    last = len(value.labels)
    places = {label: place for place, label in enumerate(value.labels)}

    def place(term: Term) -> int:
        return min((places[label] for label in term.labels), default=last)

    return tuple(sorted(value.operands, key=place))


def dense_base(value: Value) -> tuple[Term, ...]:
    """The first part of an `embed`, if it fills the whole array and may be taken over as it is."""
    parts = value.detail if isinstance(value.detail, tuple) else ()
    first = parts[0] if parts else None
    if not isinstance(first, Part) or first.sign < 0 or first.pattern != value.labels:
        return ()
    return (value.operands[first.position],)


LEAVES = ("input", "constant", "size")
OWNERS = ("map", "product", "outers", "total", "embed", "orbit", "reduce", "matrix")
VIEWS = ("diagonal", "item", "reshape", "function")


@dataclass(frozen=True, slots=True)
class Step:
    """Compute `value`, into the memory of the dead value `into` if there is one; then forget."""

    value: Value
    into: Value | None = None
    forget: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in order, the results by name, the inputs, and the sizes that were assumed."""

    results: tuple[tuple[str, Term], ...]
    shapes: tuple[Shape, ...]
    steps: tuple[Step, ...]
    inputs: tuple[Value, ...]
    sizes: Mapping[str, int]
    names: Mapping[Value, str]


def every_step(plan: Plan) -> list[Step]:
    """All steps, those in loops too."""
    inner = [
        part
        for step in plan.steps
        if isinstance(step.value.detail, Blocks)
        for part in step.value.detail.steps
    ]
    return [*plan.steps, *inner]
