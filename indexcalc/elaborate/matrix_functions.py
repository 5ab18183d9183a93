"""Functions of whole tensors: `tr`, `det`, `diag`, `vec`, `sum`, `norm1`, `softmax`, `eye`, …

In: a name and its arguments. Out: the value, or None if the name is no such function (then it is an
elementwise one, or unknown).
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.term import Value
from indexcalc.errors import Span


def apply_function(
    name: str, args: Sequence[Value], span: Span, table: ExtentTable
) -> Value | None:
    """The function `name` of whole tensors; without arguments for bare `I`, `eye` and `ones`.

    None if there is no such function of so many arguments. Raises `ShapeError` for wrong shapes.
    """
    return None
