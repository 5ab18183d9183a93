"""What values with error bounds are made of.

In: filled by `floats` and `decimals`. Out: records.

>>> from indexcalc.claims.trials.floats import FLOATS
>>> estimate = exactly(0.25, FLOATS)
>>> float(estimate.value), float(estimate.error)
(0.25, 0.0)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.ir.node import Function

Array = NDArray[Any]
Entrywise = Callable[..., Array]
HARD_OPERATIONS = 16  # roundings of one function, and of each row of an elimination


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and the bound of its error, of one shape."""

    value: Array
    error: Array


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Numbers of one kind: the unit of rounding, and what cannot be told from operators.

    `floor` bounds what is lost inside of a series whatever its value, `least` what underflow
    loses; `array` takes numbers of any kind as they are, `number` makes one from a fraction,
    `function` gives an entrywise function of arrays (None if it has none of that name),
    `eliminate` inverse and determinant of a matrix.
    """

    unit: Any
    floor: Any
    least: Any
    dtype: Any
    array: Callable[[Any], Array]
    number: Callable[[Fraction], Any]
    function: Callable[[Function], Entrywise | None]
    eliminate: Callable[[Array], tuple[Array, Any]]


def exactly(value: Any, arithmetic: Arithmetic) -> Estimate:
    """A value that has no error."""
    array = arithmetic.array(value)
    return Estimate(array, array * 0)


def all_finite(array: Array) -> bool:
    """Whether all entries are numbers; decimals may be too large for double precision."""
    if array.dtype == object:
        return all(entry.is_finite() for entry in array.flat)
    return bool(np.all(np.isfinite(array)))


def any_infinite(array: Array) -> bool:
    """Whether an entry is infinite."""
    if array.dtype == object:
        return any(entry.is_infinite() for entry in array.flat)
    return bool(np.any(np.isinf(array)))
