"""What would make a claim true: the first link that breaks, repaired.

In: a program, a claim, and the number of the link. Out: a `Repair`, in the claim's own notation.

>>> from indexcalc.elaborate.program import elaborate
>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_program
>>> text = "A[n, n], x[n]; f = x^T A x; ∂f/∂x == A x - A^T x"
>>> program = elaborate(parse_program(Source(text)))
>>> repaired = repair_of(program, program.claims[0].tree, 0)
>>> repaired.correction
'A x + A^T x'
"""

from __future__ import annotations

from dataclasses import dataclass

from indexcalc.claims.edits.smallest import smallest_edit
from indexcalc.claims.judgement import judge_link
from indexcalc.elaborate.claims import ClaimSides
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.syntax import tree

HOLDS = ("proved", "agrees")


@dataclass(frozen=True, slots=True)
class Repair:
    """The smallest change in words, and a right side, which needs no condition, or nothing."""

    edit: str
    correction: str


def repair_of(elaborated: Elaborated, claim: tree.Claim, link: int) -> Repair | None:
    """What makes a link true; None if nothing was found. Takes up to about three seconds."""
    left, right = claim.sides[link : link + 2]
    found = smallest_edit(elaborated, left, right, _holds)
    if found is None:
        return None
    condition = f"; true as it stands if {found.condition}" if found.condition else ""
    text = found.whole if "condition" in found.kind else found.text
    return Repair(found.description + condition, text)


def _holds(sides: ClaimSides) -> bool:
    return judge_link(sides, *sides.sides).status in HOLDS
