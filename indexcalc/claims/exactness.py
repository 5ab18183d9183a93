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
>>> is_exact_power(Fraction(3), np.array(8.0)), is_exact_power(Fraction(1, 2), np.array(2.0))
(True, False)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np

from indexcalc.claims.arithmetic import Array, Estimate

GRAIN = 256
LARGEST = float(1 << 50)


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


def is_exact_power(exponent: Fraction | None, result: Array) -> bool:
    """Whether a coarse number to that power is exact."""
    if exponent is None or exponent.denominator != 1 or exponent < 0:
        return False
    return multiplies_exactly(int(exponent), abs(result))
