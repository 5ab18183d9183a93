"""A bound on the work that one request may take, so that no formula makes the passes run away.

In: how much may be built and walked over. Out: nothing, or a `LimitError` once that is used up.
What counts is nodes, not seconds, so that the outcome is the same on every machine; a unit takes
two to three microseconds.

>>> with effort(100):
...     spend(60)
...     spend(60)
Traceback (most recent call last):
indexcalc.errors.LimitError: the formula grows out of proportion while it is worked out
  ask for a derivative of lower order, or define names for parts of the formula
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from indexcalc.errors import LimitError

SHORT_FORMULA = 4_000_000  # units
EACH_NODE = 500  # units more
NEW_NODE = 20  # units for one that is built, where one that is walked over is one unit
EACH_ARGUMENT = 4  # units more


@dataclass(slots=True)
class _Meter:
    left: int


_meter: ContextVar[_Meter | None] = ContextVar("meter", default=None)


def allowance(nodes: int) -> int:
    """The units that a formula of so many nodes may take: growth in proportion is no runaway."""
    return SHORT_FORMULA + EACH_NODE * nodes


@contextmanager
def effort(units: int) -> Iterator[None]:
    """What is done inside may take so many units; `LimitError` if it takes more."""
    token = _meter.set(_Meter(units))
    try:
        yield
    finally:
        _meter.reset(token)


def spend(units: int) -> None:
    """Take units off, if they are counted."""
    meter = _meter.get()
    if meter is None:
        return
    meter.left -= units
    if meter.left < 0:
        raise LimitError(
            "the formula grows out of proportion while it is worked out",
            hint="ask for a derivative of lower order, or define names for parts of the formula",
        )
