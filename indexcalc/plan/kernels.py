"""Which NumPy call computes a product of two operands.

In: a `product` value. Out: a `Recipe`: in which order each operand's axes are read, which axes are
merged, and the call.

| operands | call |
|---|---|
| vectors and matrices, one summed label | `a.dot(b)`, with transposed views |
| more axes | the same, axes merged by `reshape` |
| labels of both operands kept | `np.matmul` over them |
| all labels shared, some kept | `np.einsum` |

>>> n = Extent.named("n")
>>> graph = Graph()
>>> A = graph.leaf("input", (n, n), "A")
>>> term = graph.product(Term(A, (1, 0)), Term(A, (1, 2)), {0, 2})
>>> found = recipe(term.source)
>>> found.call, found.left.groups, found.right.groups
('dot', ((1,), (0,)), ((0,), (2,)))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Labels
from indexcalc.plan.graph import Graph
from indexcalc.plan.program import Term, Value

__all__ = ["Extent", "Graph", "Reading", "Recipe", "recipe"]

Call = Literal["dot", "matmul", "einsum"]


@dataclass(frozen=True, slots=True)
class Reading:
    """An operand as the call sees it: one axis for each group of labels.

    `missing` says that the group of rows (of the left) or columns (of the right) is empty, and
    stands as an axis of length 1 where the call needs one.
    """

    term: Term
    groups: tuple[Labels, ...]

    @property
    def labels(self) -> Labels:
        """All labels, in the order of reading."""
        return tuple(label for group in self.groups for label in group)

    @property
    def merges(self) -> bool:
        """Whether axes have to be merged."""
        return any(len(group) > 1 for group in self.groups)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A call and its operands; `batch` labels lead, then rows, then columns."""

    call: Call
    left: Reading
    right: Reading
    batch: Labels
    rows: Labels
    columns: Labels


def recipe(value: Value) -> Recipe:
    """How to compute a `product` so that its axes come out in the order of `value.labels`."""
    left, right = value.operands
    batch = tuple(x for x in value.labels if x in left.labels and x in right.labels)
    free = [x for x in value.labels if x not in batch]
    if free and free[0] in right.labels:
        left, right = right, left
    rows = tuple(x for x in free if x in left.labels)
    columns = tuple(x for x in free if x in right.labels)
    summed = _summed(left, right, value.labels)
    if batch and not rows and not columns:
        return Recipe("einsum", Reading(left, ()), Reading(right, ()), batch, (), ())
    single = tuple((label,) for label in batch)
    call: Call = "matmul" if batch else "dot"
    left_groups = (*single, *([rows] if rows else []), summed)
    right_groups = (*single, summed, *([columns] if columns else []))
    return Recipe(
        call, Reading(left, left_groups), Reading(right, right_groups), batch, rows, columns
    )


def _summed(left: Term, right: Term, kept: Labels) -> Labels:
    """The summed labels in the order in which the operand with more axes has them."""
    longer = left if len(left.labels) >= len(right.labels) else right
    return tuple(x for x in longer.labels if x not in kept)
