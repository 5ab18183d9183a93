"""Verdicts: the answer to a claim, link by link.

In: filled by `check`. Out: records, and `Verdict.report()` for the reader.

>>> wrong = Link("b a", "a + b", "differs", "the sides are not equal")
>>> verdict = Verdict("a b == b a == a + b", (Link("a b", "b a", "proved"), wrong))
>>> verdict.status, verdict.first_break, bool(verdict)
('differs', 1, False)
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from indexcalc.claims.links import Link, Status
from indexcalc.claims.report import told

if TYPE_CHECKING:
    from indexcalc.claims.repair import Repair


@dataclass(frozen=True)  # without slots: what is looked for is kept
class Verdict:
    """The answer to a claim; true where nothing breaks and all links were decided.

    `seek` looks for what makes the first link that breaks true, when that is first asked for.
    """

    claim: str
    links: tuple[Link, ...]
    seek: Callable[[], Repair | None] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def _repair(self) -> Repair | None:
        return self.seek() if self.seek is not None and self.first_break is not None else None

    @property
    def correction(self) -> str:
        """A right side that makes the first link that breaks true; empty where none was found."""
        return self._repair.correction if self._repair is not None else ""

    @property
    def edit(self) -> str:
        """The smallest change that makes that link true, in words; empty where none was found."""
        return self._repair.edit if self._repair is not None else ""

    @property
    def first_break(self) -> int | None:
        """The number of the first link that breaks, from 0; None if none does."""
        return next((k for k, link in enumerate(self.links) if link.breaks), None)

    @property
    def status(self) -> Status:
        """That of the first link that breaks; else the weakest of the others."""
        if self.first_break is not None:
            return self.links[self.first_break].status
        found = {link.status for link in self.links}
        weakest: tuple[Status, ...] = ("undecided", "agrees")
        return next((status for status in weakest if status in found), "proved")

    @property
    def max_error(self) -> float | None:
        """How far the sides of the first link that breaks were found apart.

        Zero if no link breaks; None if shapes do not conform, so that there are no values.
        """
        if self.first_break is None:
            return 0.0
        counterexample = self.links[self.first_break].counterexample
        return counterexample.size if counterexample is not None else None

    def __bool__(self) -> bool:
        """Whether the claim is proved, or agrees wherever it was tried."""
        return self.status in ("proved", "agrees")

    def report(self) -> str:
        """The claim, the answer, each link, and for one that breaks the values at a point."""
        return told(self.claim, self.status, self.links, self.correction, self.edit)

    def data(self) -> dict[str, Any]:
        """The verdict in dictionaries, lists, texts and numbers, as JSON takes them."""
        return {
            "claim": self.claim,
            "status": self.status,
            "first_break": self.first_break,
            "max_error": self.max_error,
            "correction": self.correction,
            "edit": self.edit,
            "links": [_data(link) for link in self.links],
        }

    def __str__(self) -> str:
        """The report."""
        return self.report()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """The report, for notebooks."""
        report = self.report()
        return {"text/plain": report, "text/html": f"<pre>{html.escape(report)}</pre>"}


def _data(link: Link) -> dict[str, Any]:
    found: dict[str, Any] = {
        "left": link.left,
        "right": link.right,
        "status": link.status,
        "reason": link.reason,
        "held_constant": list(link.constants),
        "notes": list(link.notes),
        "points": link.points,
    }
    example = link.counterexample
    if example is not None:
        found["counterexample"] = {
            "difference": example.size,
            "entry": dict(example.entry),
            "left": example.left,
            "right": example.right,
            "sizes": dict(example.sizes),
            "values": {name: array.tolist() for name, array in example.values.items()},
            "functions": dict(example.functions),
        }
    return found
