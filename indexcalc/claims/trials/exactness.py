"""Results that were not rounded.

In: estimates of arguments, and the sizes of what was added. Out: whether the arithmetic cannot have
rounded: multiples of 1/256 without errors that are not large are added and multiplied exactly, both
in double precision and with more digits. So a tie of `t + u` and `2 t` at whole numbers is one.

>>> half, third = np.array(0.5), np.array(1 / 3)
>>> is_coarse(half, half * 0), is_coarse(third, third * 0), is_coarse(half, half)
(True, False, False)
>>> adds_exactly([Fraction(1, 2)], np.array(0.25)), adds_exactly([Fraction(1, 3)], np.array(1.0))
(True, False)
>>> multiplies_exactly(2, np.array(6.0)), multiplies_exactly(2, np.array(1e15))
(True, False)
>>> four = Estimate(np.array([4.0, 0.0, 2.0]), np.zeros(3))
>>> exact_entries(Function("power", parameter=Fraction(1, 2)), four, np.sqrt(four.value))
array([ True,  True, False])
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np

from indexcalc.claims.trials.arithmetic import Array, Estimate
from indexcalc.ir.node import Function

GRAIN = 256
LARGEST = float(1 << 50)
HIGHEST = 3  # a power of a coarse number below 256 that is exact


def is_coarse(value: Array, error: Array) -> bool:
    """Whether all entries are multiples of 1/256, without errors."""
    return not (np.any(error != 0) or np.any(value * GRAIN % 1 != 0))


def are_coarse(estimates: Sequence[Estimate]) -> bool:
    """Whether all of them are coarse."""
    return all(is_coarse(one.value, one.error) for one in estimates)


def adds_exactly(coefficients: Iterable[Fraction], terms: Array) -> bool:
    """Whether multiples of coarse numbers add up exactly; `terms` is the sum of their sizes."""
    known = all((c * GRAIN).denominator == 1 for c in coefficients)
    return known and multiplies_exactly(2, terms)


def multiplies_exactly(count: int, terms: Array) -> bool:
    """Whether sums of products of so many coarse numbers are exact; `terms` as above."""
    return bool(np.all(np.asarray(terms, float) * float(GRAIN) ** min(count, 40) < LARGEST))


def exact_entries(function: Function, argument: Estimate, result: Array) -> Array:
    """At which entries a function of one argument cannot have been rounded.

    That is so for powers that come out as they should, at zero (`exp 0 = 1`), and for `log 1 = 0`.
    """
    with np.errstate(all="ignore"):
        known = (argument.error == 0) & (result * GRAIN % 1 == 0) & (abs(result) < GRAIN)
        if function.parameter is None:
            place = 1 if function.name == "log" else 0
            return np.asarray(known & (argument.value == place), bool)
        above, below = function.parameter.numerator, function.parameter.denominator
        if max(abs(above), below) > HIGHEST:
            return np.zeros(np.shape(result), bool)
        known = known & (argument.value * GRAIN % 1 == 0) & (abs(argument.value) < GRAIN)
        power = argument.value ** abs(above)
        whole = result**below
        return np.asarray(known & (whole == power if above > 0 else whole * power == 1), bool)
