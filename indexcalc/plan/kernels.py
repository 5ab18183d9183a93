"""Which NumPy calls compute a product of two operands, and how its axes come out of each.

In: the two operands and the labels to keep. Out: the orders in which the result's axes can come
out; for one of them a `Recipe`: how each operand's axes are read, which are merged, and the call.

| call | what is summed | axes of the result |
|---|---|---|
| `a.dot(b)`, axes merged, transposed views | all that both have | rows, columns or columns, rows |
| `np.matmul` for each entry before | the middle of the larger one | before, rows, after |
| `np.matmul` over what both have and keep | others | both, rows, columns |
| `np.einsum` | others, and nothing else is left | both |

`layout.py` chooses among the orders by the time the calls take.

>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> T = Value("input", (), (0, 1, 2), (n, n, n), "T", 0)
>>> x = Value("input", (), (0,), (n,), "x", 1)
>>> left, right = Term(T, (0, 1, 2)), Term(x, (1,))
>>> result_orders(left, right, {0, 2})
[(0, 2)]
>>> recipe(left, right, (0, 2)).call
'middle'
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from indexcalc.ir.node import Labels
from indexcalc.plan.program import Term, Value

__all__ = ["Reading", "Recipe", "Value", "recipe", "result_orders"]

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
    inner: Labels
    columns: Labels


def result_orders(first: Term, second: Term, kept: Collection[int]) -> list[Labels]:
    """The orders in which the axes of the product can come out, plain reading first."""
    both = tuple(x for x in first.labels if x in second.labels and x in kept)
    rows = tuple(x for x in first.labels if x not in second.labels)
    columns = tuple(x for x in second.labels if x not in first.labels)
    found = [(*both, *rows, *columns), (*both, *columns, *rows)]
    if _transposes(second, first, rows, columns) < _transposes(first, second, columns, rows):
        found.reverse()
    if not both:
        summed = tuple(x for x in first.labels if x in second.labels)
        middle = _middle(first, second, summed)
        if middle is not None:
            order = (*middle.batch, *middle.rows, *middle.columns)
            found = [order, *(found if middle.rows else ())]
    return list(dict.fromkeys(found))


def _transposes(left: Term, right: Term, right_own: Labels, left_own: Labels) -> int:
    """How many operands of `left · right` are read in another order than they lie."""
    return int(left.labels[: len(left_own)] != left_own) + int(
        bool(right_own) and right.labels[len(right.labels) - len(right_own) :] != right_own
    )


def recipe(first: Term, second: Term, order: Labels) -> Recipe:
    """How to compute the product so that its axes come out in this order."""
    left, right = first, second
    shared = [x for x in left.labels if x in right.labels]
    batch = tuple(x for x in order if x in shared)
    free = [x for x in order if x not in batch]
    summed = tuple(x for x in shared if x not in batch)
    if not batch:
        middle = _middle(left, right, summed)
        if middle is not None and order == (*middle.batch, *middle.rows, *middle.columns):
            return middle
    if free and free[0] in right.labels:
        left, right = right, left
    rows = tuple(x for x in free if x in left.labels)
    columns = tuple(x for x in free if x in right.labels)
    if batch and not rows and not columns:
        return Recipe("einsum", Reading(left, ()), Reading(right, ()), batch, (), summed, ())
    longer = left if _is_larger(left, right) else right
    inner = tuple(x for x in longer.labels if x in summed)
    single = tuple((label,) for label in batch)
    left_read = Reading(left, (*single, *([rows] if rows else []), inner))
    right_read = Reading(right, (*single, inner, *([columns] if columns else [])))
    call: Call = "matmul" if batch else "dot"
    return Recipe(call, left_read, right_read, batch, rows, inner, columns)


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
    large = Reading(larger, (before, inner, after))
    return Recipe("middle", small, large, before, rows, inner, after)


def _is_larger(first: Term, second: Term) -> bool:
    return len(first.labels) >= len(second.labels)


def _around(term: Term, summed: Collection[int]) -> tuple[Labels, Labels] | None:
    """What stands before and after the summed labels, if these are together in the middle."""
    places = [k for k, label in enumerate(term.labels) if label in summed]
    first, last = places[0], places[-1]
    if last - first + 1 != len(places) or first == 0 or last == len(term.labels) - 1:
        return None
    return term.labels[:first], term.labels[last + 1 :]
