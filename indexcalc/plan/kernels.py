"""Which NumPy call computes a product of two operands, and how its axes come out.

In: the two operands and the labels to keep, later the `product` value. Out: the order of the
result's axes, later a `Recipe`: how each operand's axes are read, which are merged, and the call.

| what is summed | call | axes of the result |
|---|---|---|
| ends or begins the larger operand | `a.dot(b)`, axes merged, transposed views | rows, columns |
| stands in its middle | `np.matmul`, once for each entry before | before, rows, after |
| others than labels that both have and keep | `np.matmul` over these | both, rows, columns |
| and nothing else is left | `np.einsum` | both |

The larger operand is never copied into another order if one of these reads it as it lies.

>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> T = Value("input", (), (0, 1, 2), (n, n, n), "T", 0)
>>> x = Value("input", (), (0,), (n,), "x", 1)
>>> left, right = Term(T, (0, 1, 2)), Term(x, (1,))
>>> result_order(left, right, {0, 2}, ())
(0, 2)
>>> recipe(Value("product", (left, right), (0, 2), (n, n), "", 2)).call
'middle'
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from indexcalc.ir.node import Labels
from indexcalc.plan.program import Term, Value

Call = Literal["dot", "matmul", "middle", "einsum"]


@dataclass(frozen=True, slots=True)
class Reading:
    """An operand as the call sees it: one axis for each group of labels."""

    term: Term
    groups: tuple[Labels, ...]

    @property
    def labels(self) -> Labels:
        """All labels, in the order of reading."""
        return tuple(label for group in self.groups for label in group)

    @property
    def merges(self) -> bool:
        """Whether axes have to be merged."""
        return any(len(group) != 1 for group in self.groups)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A call and its operands, left before right; `batch` labels lead in both."""

    call: Call
    left: Reading
    right: Reading
    batch: Labels
    rows: Labels
    columns: Labels


# --- the order of the result's axes -------------------------------------------------------------


def result_order(first: Term, second: Term, kept: Collection[int], want: Labels) -> Labels:
    """The order in which the product's axes come out; `want` decides where it can."""
    both = tuple(x for x in first.labels if x in second.labels and x in kept)
    rows = tuple(x for x in first.labels if x not in second.labels)
    columns = tuple(x for x in second.labels if x not in first.labels)
    if not both:
        middle = _middle_order(first, second, rows, columns)
        if middle is not None:
            return middle
    if _precedes(columns, rows, want) or (
        not _precedes(rows, columns, want)
        and _transposes(second, first, rows, columns) < _transposes(first, second, columns, rows)
    ):
        rows, columns = columns, rows
    return (*both, *rows, *columns)


def _transposes(left: Term, right: Term, right_own: Labels, left_own: Labels) -> int:
    """How many operands of `left · right` are read in another order than they lie."""
    return int(left.labels[: len(left_own)] != left_own) + int(
        bool(right_own) and right.labels[len(right.labels) - len(right_own) :] != right_own
    )


def _middle_order(first: Term, second: Term, rows: Labels, columns: Labels) -> Labels | None:
    larger, others = (first, columns) if _is_larger(first, second) else (second, rows)
    split = _around(larger, {x for x in first.labels if x in second.labels})
    if split is None:
        return None
    before, after = split
    return (*before, *others, *after)


def _is_larger(first: Term, second: Term) -> bool:
    return len(first.labels) >= len(second.labels)


def _around(term: Term, summed: Collection[int]) -> tuple[Labels, Labels] | None:
    """What stands before and after the summed labels, if these are together in the middle."""
    places = [k for k, label in enumerate(term.labels) if label in summed]
    first, last = places[0], places[-1]
    if last - first + 1 != len(places) or first == 0 or last == len(term.labels) - 1:
        return None
    return term.labels[:first], term.labels[last + 1 :]


def _precedes(left: Labels, right: Labels, want: Labels) -> bool:
    """Whether `want` has the labels `left` before the labels `right`."""
    if not left or not right or not set(left + right) <= set(want):
        return False
    return max(map(want.index, left)) < min(map(want.index, right))


# --- the call -----------------------------------------------------------------------------------


def recipe(value: Value) -> Recipe:
    """How to compute a `product` so that its axes come out in the order of `value.labels`."""
    left, right = value.operands
    shared = [x for x in left.labels if x in right.labels]
    batch = tuple(x for x in value.labels if x in shared)
    free = [x for x in value.labels if x not in batch]
    summed = tuple(x for x in shared if x not in batch)
    if not batch:
        middle = _middle(left, right, summed)
        if middle is not None:
            return middle
    if free and free[0] in right.labels:
        left, right = right, left
    rows = tuple(x for x in free if x in left.labels)
    columns = tuple(x for x in free if x in right.labels)
    if batch and not rows and not columns:
        return Recipe("einsum", Reading(left, ()), Reading(right, ()), batch, (), ())
    longer = left if _is_larger(left, right) else right
    inner = tuple(x for x in longer.labels if x in summed)
    single = tuple((label,) for label in batch)
    left_read = Reading(left, (*single, *([rows] if rows else []), inner))
    right_read = Reading(right, (*single, inner, *([columns] if columns else [])))
    return Recipe("matmul" if batch else "dot", left_read, right_read, batch, rows, columns)


def _middle(left: Term, right: Term, summed: Labels) -> Recipe | None:
    """The smaller operand as a matrix, times the larger one in blocks of its trailing axes."""
    smaller, larger = (right, left) if _is_larger(left, right) else (left, right)
    split = _around(larger, set(summed))
    if split is None:
        return None
    before, after = split
    inner = tuple(x for x in larger.labels if x in summed)
    rows = tuple(x for x in smaller.labels if x not in summed)
    small = Reading(smaller, (*([rows] if rows else []), inner))
    return Recipe("middle", small, Reading(larger, (before, inner, after)), before, rows, after)
