"""`indexcalc check`: do claims hold?

In: a program, and claims (those of the program if none are given). Out: a report on each, in the
order of the text, and how many hold; or JSON.
"""

from __future__ import annotations

import argparse
import json
import re
import sys

from indexcalc.api import Program
from indexcalc.claims.verdict import Verdict
from indexcalc.cli.lines import broken, columns
from indexcalc.cli.paint import answers
from indexcalc.cli.terminal import terminal
from indexcalc.errors import EvaluationError

HOLDS, BREAKS = 0, 1
MARGIN = "  "
LINK = re.compile(r" (?=={1,2} )")


def run(program: Program, options: argparse.Namespace) -> int:
    """Judge each claim; 0 if all hold, 1 if one does not.

    Raises `FormulaError` for a claim that cannot be read, and if there is none.
    """
    if not options.query and not program.claims:
        raise EvaluationError(
            "there is nothing to check: the program has no claim and none was given",
            hint="add one, for example  indexcalc check PROGRAM '∂f/∂x == 2 A x'",
        )
    asked = map(program.check, options.query) if options.query else program.check_all()
    if options.json:
        return _as_json(list(asked))
    shown = terminal(sys.stdout)
    holding = total = 0
    for verdict in asked:
        total, holding = total + 1, holding + bool(verdict)
        chain, *lines = verdict.report().split("\n")
        head = _links_below_each_other(chain, shown.width)
        report = answers(head, lines) if shown.colours else [*head, *lines]
        print("\n".join(report), end="\n\n", flush=True)
    print(_summary(holding, total))
    return HOLDS if holding == total else BREAKS


def _links_below_each_other(chain: str, width: int | None) -> list[str]:
    """A claim on as many lines as it needs on a narrow terminal, each link on its own."""
    if width is None or columns(chain) <= width:
        return [chain]
    first, *others = LINK.split(chain)
    lines = broken(first, width)
    for other in others:
        start, *more = broken(other, width - len(MARGIN))
        lines += [MARGIN + start, *(MARGIN * 2 + line for line in more)]
    return lines


def _summary(holding: int, total: int) -> str:
    if total == 1:
        return "the claim holds" if holding else "the claim does not hold"
    return f"all {total} claims hold" if holding == total else f"{holding} of {total} claims hold"


def _as_json(verdicts: list[Verdict]) -> int:
    holds = all(verdicts)
    found = {"holds": holds, "claims": [verdict.data() for verdict in verdicts]}
    print(json.dumps(found, ensure_ascii=False, indent=2))
    return HOLDS if holds else BREAKS
