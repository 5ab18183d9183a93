"""Programs read for tests of claims."""

from __future__ import annotations

from functools import cache

from indexcalc.claims.check import check
from indexcalc.claims.verdict import Verdict
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.elaborate.program import elaborate
from indexcalc.errors import Source
from indexcalc.syntax.latex.detect import Notation, detect
from indexcalc.syntax.parser import parse_program


@cache
def program(text: str, notation: Notation = "auto") -> Elaborated:
    found = detect(text) if notation == "auto" else notation
    return elaborate(parse_program(Source(text), notation=found))


def judged(text: str, claim: str) -> Verdict:
    return check(program(text), claim)


def statuses(text: str, claim: str) -> list[str]:
    return [link.status for link in judged(text, claim).links]
