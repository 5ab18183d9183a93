"""Entrywise functions of values with error bounds.

In: a function, and estimates of its arguments. Out: the estimate of its value. What moves when the
arguments move by their errors is not certain; a comparison is certain, or no number.

>>> from indexcalc.claims.trials.floats import FLOATS
>>> from indexcalc.ir.build import builtin, variable
>>> x, y = variable("x", ()), variable("y", ())
>>> test = builtin("gt", x, y)
>>> third = Estimate(np.array(1 / 3), np.array(1e-16))
>>> for other in (0.25, 1 / 3):
...     found = applied(test, [third, exactly(other, FLOATS)], np.greater, FLOATS)
...     print(found.value, found.error)
1.0 0.0
0.0 inf
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexcalc.claims.trials.arithmetic import (
    HARD_OPERATIONS,
    Arithmetic,
    Array,
    Entrywise,
    Estimate,
    exactly,
)
from indexcalc.claims.trials.exactness import exact_entries, is_coarse
from indexcalc.ir.node import Apply
from indexcalc.ir.primitives import COMPARISONS

__all__ = ["applied", "exactly"]

STEPS = COMPARISONS | {"sign"}
CHOICES = frozenset({"abs", "relu", "maximum", "minimum", "where"})  # never round
WITHOUT_SERIES = frozenset({"exp", "pow", "power", "sigmoid", "cbrt"})
CERTAIN = 4  # error bounds that two values must be apart to be told which is larger


def applied(
    node: Apply,
    below: Sequence[Estimate],
    function: Entrywise,
    arithmetic: Arithmetic,
    *,
    is_unknown: bool = False,
) -> Estimate:
    """The estimate of `function` at estimates; one that `is_unknown` is a sum that may cancel."""
    result = np.asarray(function(*(argument.value for argument in below)), arithmetic.dtype)
    name = node.function.name if node.function.kind == "builtin" else ""
    if name in STEPS:
        return _step(result, below, arithmetic)
    if len(node.args) == 2 and node.args[0] is node.args[1] and name in CHOICES:
        return Estimate(result, below[0].error)  # a tie whatever the value is
    error = _moved(name, function, below, result, arithmetic)
    if name in CHOICES:
        return Estimate(result, error)
    error = error + arithmetic.least
    if name not in WITHOUT_SERIES:
        error = error + arithmetic.floor
    if is_unknown:
        error = error + arithmetic.unit * (4 * HARD_OPERATIONS)
    error = np.asarray(error + abs(result) * (arithmetic.unit * HARD_OPERATIONS), arithmetic.dtype)
    if name and len(below) == 1:
        error = np.where(exact_entries(node.function, below[0], result), result * 0, error)
    return Estimate(result, np.asarray(error, arithmetic.dtype))


def _moved(
    name: str,
    function: Entrywise,
    below: Sequence[Estimate],
    result: Array,
    arithmetic: Arithmetic,
) -> Array:
    """How far the function moves when its arguments move by their errors."""
    values = [argument.value for argument in below]
    error = result * 0
    for k, argument in enumerate(below):
        step = argument.error
        is_whole = name == "pow" and k == 1 and is_coarse(argument.value, step)
        if name not in CHOICES and not is_whole:
            step = step + abs(argument.value) * (arithmetic.unit * 2)
        if not np.any(step != 0):
            continue
        ends = [
            np.asarray(function(*values[:k], value, *values[k + 1 :]), arithmetic.dtype)
            for value in (argument.value + step, argument.value - step)
        ]
        error = error + np.maximum(abs(ends[0] - result), abs(ends[1] - result))
    return np.asarray(error, arithmetic.dtype)


def _step(result: Array, below: Sequence[Estimate], arithmetic: Arithmetic) -> Estimate:
    """A comparison or a sign: certain, or no number.

    What comes out equal to the last of many digits is a tie by construction, as of an entry and the
    largest one; what is nearly equal cannot be told.
    """
    gap, bound = below[0].value, below[0].error
    if len(below) == 2:
        gap, bound = gap - below[1].value, bound + below[1].error
    near = (bound != 0) & (abs(gap) <= bound * CERTAIN)
    if arithmetic.dtype is object:
        near = near & (gap != 0)
    error = np.array(np.broadcast_to(result * 0, np.shape(result)))
    error[np.asarray(near, bool)] = arithmetic.array(np.inf)[()]
    return Estimate(result, np.asarray(error, arithmetic.dtype))
