"""Decimals of many digits, for what double precision cannot tell.

In: functions of the graph. Out: the same functions of arrays of `Decimal`. Exponential, logarithm
and root are those of `decimal`; the others are series. What is no number comes out as NaN.

>>> with many_digits():
...     wave = function_of(Function("sin"))(np.array([Decimal(1)], object))[0]
>>> f"{wave:.40f}"
'0.8414709848078965066525023216302989996226'
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.trials.evaluation import Arithmetic, Entrywise
from indexcalc.ir.node import Function

Array = NDArray[Any]
DIGITS = 80
UNIT = Decimal(10) ** -70  # what series and cancellation inside of functions leave
HALVINGS = 12
MOST_TERMS = 2000
NAN = Decimal("NaN")
ONE, TWO = Decimal(1), Decimal(2)
Scalar = Callable[..., Decimal]


@contextmanager
def many_digits() -> Iterator[None]:
    """The precision that the functions count on; nothing traps."""
    with decimal.localcontext() as context:
        context.prec = DIGITS
        context.traps = dict.fromkeys(context.traps, False)
        context.Emax, context.Emin = 10**6, -(10**6)
        yield


def number(value: Fraction) -> Decimal:
    """A fraction, rounded."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def function_of(function: Function) -> Entrywise | None:
    """The function of arrays, None if there is none."""
    if function.kind != "builtin":
        return None
    if function.parameter is not None:
        return _entrywise(_power(function.parameter))
    if function.name in ("pi", "e"):
        value = _pi() if function.name == "pi" else ONE.exp()
        return lambda: np.asarray(value, object)
    found = _FUNCTIONS.get(function.name)
    return None if found is None else _entrywise(found)


def _entrywise(function: Scalar) -> Entrywise:
    chooses = function is _chosen

    def value(*args: Any) -> Array:
        arrays = [np.asarray(array, object) for array in args]
        entries = [
            NAN
            if any(not entry.is_finite() for entry in entry_of[: 1 if chooses else None])
            else function(*entry_of)
            for entry_of in zip(*(array.flat for array in arrays), strict=True)
        ]
        result: Array = np.empty(len(entries), object)
        result[:] = entries
        return result.reshape(arrays[0].shape)

    return value


# --- series -------------------------------------------------------------------------------------


def _series(first: Decimal, ratio: Callable[[int], Decimal]) -> Decimal:
    """`first · (1 + r(1) + r(1) r(2) + …)` until terms do not count any more."""
    total = term = first
    for k in range(1, MOST_TERMS):
        term *= ratio(k)
        total += term
        if abs(term) <= abs(total) * UNIT * UNIT or not term:
            break
    return total


def _sin(x: Decimal) -> Decimal:
    turn = TWO * _pi()
    x = x - turn * (x / turn).to_integral_value()
    return _series(x, lambda k: -x * x / (2 * k * (2 * k + 1)))


def _cos(x: Decimal) -> Decimal:
    turn = TWO * _pi()
    x = x - turn * (x / turn).to_integral_value()
    return _series(ONE, lambda k: -x * x / (2 * k * (2 * k - 1)))


def _atan(x: Decimal) -> Decimal:
    """By `atan x = 2 atan(x / (1 + √(1 + x²)))`, then the series."""
    times = 0
    while abs(x) > Decimal("0.05") and times < HALVINGS:
        x = x / (ONE + (ONE + x * x).sqrt())
        times += 1
    total: Decimal = x
    power: Decimal = x
    for k in range(1, MOST_TERMS):
        power = -x * x * power
        term = power / (2 * k + 1)
        total += term
        if abs(term) <= abs(total) * UNIT * UNIT or not term:
            break
    return total * Decimal(2**times)


def _pi() -> Decimal:
    return 4 * _atan(ONE)


def _erf(x: Decimal) -> Decimal:
    """`2 x exp(−x²)/√π Σ (2 x²)^k / (2 k + 1)!!`, which does not cancel."""
    if abs(x) > 15:
        return ONE.copy_sign(x)
    square = 2 * x * x
    total = _series(x, lambda k: square / (2 * k + 1))
    return TWO * (-x * x).exp() * total / _pi().sqrt()


def _atan2(y: Decimal, x: Decimal) -> Decimal:
    if not x and not y:
        return NAN
    root = (x * x + y * y).sqrt()
    if x > 0:
        return 2 * _atan(y / (root + x))
    return 2 * _atan((root - x) / y) if y else _pi()


# --- functions ----------------------------------------------------------------------------------


def _power(exponent: Fraction) -> Scalar:
    if exponent.denominator == 1:
        whole = int(exponent)
        return lambda x: _whole_power(x, whole)
    if exponent.denominator == 2:
        return lambda x: (
            NAN if x < 0 or (not x and exponent < 0) else x.sqrt() ** (exponent.numerator)
        )
    return lambda x: _pow(x, number(exponent))


def _whole_power(x: Decimal, exponent: int) -> Decimal:
    return x**exponent if x or exponent > 0 else NAN


def _pow(x: Decimal, y: Decimal) -> Decimal:
    if x > 0:
        return (y * x.ln()).exp()
    if y == y.to_integral_value() and (x or y > 0):
        return _whole_power(x, int(y))
    return NAN


def _log(x: Decimal) -> Decimal:
    return x.ln() if x > 0 else NAN


def _cbrt(x: Decimal) -> Decimal:
    return (abs(x).ln() / 3).exp().copy_sign(x) if x else x


def _tanh(x: Decimal) -> Decimal:
    small = (-2 * abs(x)).exp()
    return ((ONE - small) / (ONE + small)).copy_sign(x)


def _asin(x: Decimal) -> Decimal:
    return _atan2(x, (ONE - x * x).sqrt()) if abs(x) <= 1 else NAN


def _acosh(x: Decimal) -> Decimal:
    return (x + (x * x - ONE).sqrt()).ln() if x >= 1 else NAN


def _atanh(x: Decimal) -> Decimal:
    return ((ONE + x) / (ONE - x)).ln() / 2 if abs(x) < 1 else NAN


def _chosen(condition: Decimal, x: Decimal, y: Decimal) -> Decimal:
    return x if condition else y


def _truth(test: Callable[[Decimal, Decimal], bool]) -> Scalar:
    return lambda x, y: ONE if test(x, y) else Decimal(0)


_FUNCTIONS: dict[str, Scalar] = {
    "exp": lambda x: x.exp(),
    "log": _log,
    "log1p": lambda x: _log(ONE + x),
    "expm1": lambda x: x.exp() - ONE,
    "cbrt": _cbrt,
    "sin": _sin,
    "cos": _cos,
    "tan": lambda x: _sin(x) / _cos(x),
    "asin": _asin,
    "acos": lambda x: _pi() / 2 - _asin(x),
    "atan": _atan,
    "sinh": lambda x: (x.exp() - (-x).exp()) / 2,
    "cosh": lambda x: (x.exp() + (-x).exp()) / 2,
    "tanh": _tanh,
    "asinh": lambda x: (abs(x) + (x * x + ONE).sqrt()).ln().copy_sign(x),
    "acosh": _acosh,
    "atanh": _atanh,
    "sigmoid": lambda x: ONE / (ONE + (-x).exp()),
    "softplus": lambda x: (ONE + x.exp()).ln(),
    "log1mexp": lambda x: _log(ONE - x.exp()),
    "logcosh": lambda x: ((x.exp() + (-x).exp()) / 2).ln(),
    "erf": _erf,
    "pow": _pow,
    "atan2": _atan2,
    "abs": abs,
    "sign": lambda x: ONE.copy_sign(x) if x else x,
    "relu": lambda x: x if x > 0 else Decimal(0),
    "maximum": max,
    "minimum": min,
    "where": _chosen,
    "gt": _truth(lambda x, y: x > y),
    "lt": _truth(lambda x, y: x < y),
    "ge": _truth(lambda x, y: x >= y),
    "le": _truth(lambda x, y: x <= y),
    "eq": _truth(lambda x, y: x == y),
    "ne": _truth(lambda x, y: x != y),
}


def _eliminate(matrix: Array) -> tuple[Array, Any]:
    """Inverse and determinant by elimination with the largest pivot; NaN if it is singular."""
    size = len(matrix)
    work = np.concatenate([matrix, np.full((size, size), Decimal(0), object)], axis=1)
    for row in range(size):
        work[row, size + row] = ONE
    determinant = ONE
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(work[row, column]))
        if not work[pivot, column]:
            return np.full((size, size), NAN, object), NAN
        if pivot != column:
            work[[pivot, column]] = work[[column, pivot]]
            determinant = -determinant
        determinant *= work[column, column]
        work[column] = work[column] / work[column, column]
        for row in range(size):
            if row != column:
                work[row] = work[row] - work[column] * work[row, column]
    return work[:, size:], determinant


def _array(value: Any) -> Array:
    given = np.asarray(value)
    result: Array = np.empty(given.size, object)
    result[:] = [Decimal(entry) for entry in given.reshape(-1).tolist()]
    return result.reshape(given.shape)


DECIMALS = Arithmetic(
    UNIT, UNIT / 10**4, Decimal("1e-900000"), object, _array, number, function_of, _eliminate
)
