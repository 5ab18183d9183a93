"""An error, for standard error.

In: a `FormulaError`. Out: its kind, its message, each marked place, and what to write; on a
terminal in colours.

>>> from indexcalc.errors import IndexNotationError
>>> told(IndexNotationError("index i is not free"), colours=False)
'IndexNotationError: index i is not free'
"""

from __future__ import annotations

import re

from indexcalc.cli.paint import BOLD, DIM, GREEN, RED, coloured
from indexcalc.errors import FormulaError

CARETS = re.compile(r" +\^+")
PLACE = re.compile(r"  (?:[^,\n]+, )?line \d+, column \d+")


def told(error: FormulaError, colours: bool) -> str:
    """The text of an error."""
    kind = type(error).__name__
    if not colours:
        return f"{kind}: {error}"
    message = error.message.split("\n")
    lines = str(error).split("\n")[len(message) :]
    hints = len(error.hint.splitlines())
    first = len(lines) - hints
    painted = [_painted(line, k >= first) for k, line in enumerate(lines)]
    head = coloured(f"{kind}:", RED) + " " + coloured("\n".join(message), BOLD)
    return "\n".join([head, *painted])


def _painted(line: str, is_hint: bool) -> str:
    if is_hint:
        return coloured(line, GREEN)
    if CARETS.fullmatch(line):
        return coloured(line, RED)
    place = PLACE.match(line)
    return coloured(place[0], DIM) + line[place.end() :] if place else line
