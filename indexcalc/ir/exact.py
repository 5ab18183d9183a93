"""Bounds on exact numbers, so that no power in a text makes arithmetic run away.

In: fractions. Out: the same, or a `LimitError` where numerator or denominator would be too long.

>>> raised_number(Fraction(-2), 3)
Fraction(-8, 1)
>>> raised_number(Fraction(9), 9**9)
Traceback (most recent call last):
indexcalc.errors.LimitError: an exact number has more than 12000 binary digits
  give it a name, and its value as an input
"""

from __future__ import annotations

from fractions import Fraction

from indexcalc.errors import LimitError

MOST_BITS = 12_000


def bounded(value: Fraction) -> Fraction:
    """`value` itself. Raises `LimitError` if it is too long to be shown."""
    if _bits(value) > MOST_BITS:
        raise _too_long()
    return value


def raised_number(value: Fraction, exponent: int) -> Fraction:
    """`value ** exponent`. Raises `LimitError` before that is worked out if it is too long."""
    if abs(value) not in (0, 1) and (_bits(value) - 1) * abs(exponent) > MOST_BITS:
        raise _too_long()
    return bounded(value**exponent)


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _too_long() -> LimitError:
    return LimitError(
        f"an exact number has more than {MOST_BITS} binary digits",
        hint="give it a name, and its value as an input",
    )
