"""Verdicts: what was found out about a claim, link by link, and how it is told.

In: filled by `check`. Out: records, and `Verdict.report()` for the reader.

>>> right = Link("a b", "b a", "proved")
>>> wrong = Link("b a", "a + b", "differs", "the sides are not equal")
>>> verdict = Verdict("a b == b a == a + b", (right, wrong))
>>> verdict.status, verdict.first_break, bool(verdict)
('differs', 1, False)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

Status = Literal["proved", "agrees", "differs", "ill-shaped", "undecided"]
BROKEN = frozenset({"differs", "ill-shaped"})


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A point at which two sides differ.

    `entry` is the index of the entry that differs most, by the letters of the claim; `left` and
    `right` are its values there, `sizes` and `values` the point.
    """

    size: float
    entry: Mapping[str, int]
    left: float
    right: float
    sizes: Mapping[str, int]
    values: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Link:
    """`left == right`, one step of a chain.

    `reason` says in words what is wrong or why nothing was decided; `constants` are the inputs
    that the differentials of the link hold still; `points` is how many valid points were tried.
    """

    left: str
    right: str
    status: Status
    reason: str = ""
    counterexample: Counterexample | None = None
    constants: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    points: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a claim; true where nothing breaks.

    `correction` is a right side that makes the first link that breaks true, `edit` says in words
    the smallest change that does; both are empty where none is known.
    """

    claim: str
    links: tuple[Link, ...]
    correction: str = ""
    edit: str = ""

    @property
    def first_break(self) -> int | None:
        """The number of the first link that breaks, from 0; None if none does."""
        return next((k for k, link in enumerate(self.links) if link.status in BROKEN), None)

    @property
    def status(self) -> Status:
        """That of the first link that breaks; else the weakest of the others."""
        if self.first_break is not None:
            return self.links[self.first_break].status
        found = {link.status for link in self.links}
        weakest: tuple[Status, ...] = ("undecided", "agrees")
        return next((status for status in weakest if status in found), "proved")

    @property
    def max_error(self) -> float:
        """The largest difference that was found in the first link that breaks; 0 without one."""
        if self.first_break is None:
            return 0.0
        counterexample = self.links[self.first_break].counterexample
        return counterexample.size if counterexample is not None else float("inf")

    def __bool__(self) -> bool:
        """Whether the claim is proved, or agrees wherever it was tried."""
        return self.status in ("proved", "agrees")
