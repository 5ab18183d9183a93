"""Double precision, for values with error bounds.

In: functions of the graph. Out: the same functions of arrays, by NumPy.

>>> float(function_of(Function("sigmoid"))(np.array(0.0)))
0.5
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.trials.evaluation import Arithmetic, Entrywise
from indexcalc.ir.node import Function

Array = NDArray[Any]


def function_of(function: Function) -> Entrywise | None:
    """The function of arrays, None if there is none."""
    if function.kind != "builtin":
        return None
    if function.parameter is not None:
        return _power(function.parameter)
    return _FUNCTIONS.get(function.name)


def _power(exponent: Fraction) -> Entrywise:
    if exponent.denominator == 1:
        whole = int(exponent)
        return lambda x: x**whole if whole >= 0 else 1.0 / x**-whole
    if exponent.denominator == 2:
        return lambda x: np.sqrt(x) ** exponent.numerator
    return lambda x: np.power(x, float(exponent))


def _sigmoid(x: Array) -> Array:
    small = np.exp(-abs(x))
    return np.asarray(np.where(x >= 0, 1 / (1 + small), small / (1 + small)))


def _log1mexp(x: Array) -> Array:
    return np.asarray(np.where(x > -1, np.log(-np.expm1(x)), np.log1p(-np.exp(x))))


def _logcosh(x: Array) -> Array:
    near = np.log1p(2 * np.sinh(x / 2) ** 2)
    far = abs(x) + np.log1p(np.exp(-2 * abs(x))) - math.log(2)
    return np.asarray(np.where(abs(x) < 2, near, far))


def _erf(x: Array) -> Array:
    return np.asarray(np.vectorize(math.erf, otypes=[float])(x))


def _as_number(test: Callable[[Array, Array], Any]) -> Entrywise:
    return lambda x, y: np.where(np.isnan(x) | np.isnan(y), np.nan, test(x, y)).astype(float)


def _where(condition: Array, x: Array, y: Array) -> Array:
    return np.asarray(np.where(np.isnan(condition), np.nan, np.where(condition != 0, x, y)))


_FUNCTIONS: dict[str, Entrywise] = {
    **{name: getattr(np, name) for name in ("exp", "log", "log1p", "expm1", "cbrt", "sin", "cos",
                                            "tan", "sinh", "cosh", "tanh", "abs", "sign",
                                            "maximum", "minimum")},
    **{name: getattr(np, "arc" + name[1:]) for name in ("asin", "acos", "atan", "asinh", "acosh",
                                                        "atanh", "atan2")},
    "sigmoid": _sigmoid,
    "softplus": lambda x: np.logaddexp(0.0, x),
    "log1mexp": _log1mexp,
    "logcosh": _logcosh,
    "erf": _erf,
    "pow": np.power,
    "relu": lambda x: np.maximum(x, 0.0),
    "where": _where,
    "gt": _as_number(np.greater),
    "lt": _as_number(np.less),
    "ge": _as_number(np.greater_equal),
    "le": _as_number(np.less_equal),
    "eq": _as_number(np.equal),
    "ne": _as_number(np.not_equal),
    "pi": lambda: np.asarray(math.pi),
    "e": lambda: np.asarray(math.e),
}  # fmt: skip


def _eliminate(matrix: Array) -> tuple[Array, Any]:
    """Inverse and determinant; NaN for a singular matrix."""
    try:
        return np.linalg.inv(matrix), np.linalg.det(matrix)
    except np.linalg.LinAlgError:
        return np.full_like(matrix, np.nan), np.nan


def _array(value: Any) -> Array:
    return np.asarray(value, float)


def _number(value: Fraction) -> float:
    """The nearest number; infinite if it is too large."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


FLOATS = Arithmetic(2.0**-53, 0.0, 2.0**-1000, float, _array, _number, function_of, _eliminate)
