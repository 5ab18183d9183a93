"""One step of a chain of claims, and what was found out about it.

In: filled by `judgement`. Out: records.

>>> Link("a b", "b a", "proved").breaks, Link("a b", "a + b", "differs").breaks
(False, True)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from numpy.typing import NDArray

from indexcalc.errors import FormulaError

Status = Literal["proved", "agrees", "differs", "ill-shaped", "undecided"]
BROKEN = frozenset({"differs", "ill-shaped"})


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A point at which two sides differ.

    `entry` is the index of the entry that differs most, by the letters of the claim, from 0;
    `left` and `right` are its values there, `size` is how far they are apart. `sizes` and `values`
    are the point; `functions` are formulas for the unknown functions there.
    """

    size: float
    entry: Mapping[str, int]
    left: float
    right: float
    sizes: Mapping[str, int]
    values: Mapping[str, NDArray[Any]]
    functions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """`left == right`.

    `reason` says in words what is wrong, or why nothing was decided; `problem` is the error of a
    side that is ill-shaped by itself. `constants` are the inputs that the differentials of the link
    hold still; `points` is how many valid points were tried.
    """

    left: str
    right: str
    status: Status
    reason: str = ""
    counterexample: Counterexample | None = None
    constants: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    points: int = 0
    problem: FormulaError | None = None

    @property
    def breaks(self) -> bool:
        """Whether the sides are not equal, for certain."""
        return self.status in BROKEN
