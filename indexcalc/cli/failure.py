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
PLACE = re.compile(r"  (?:(?P<name>[^,\n]+), )?line \d+, column \d+")


def told(error: FormulaError, colours: bool, file: str = "") -> str:
    """The text of an error; places of the program are those of a file, if it came from one."""
    kind = type(error).__name__
    message = error.message.split("\n")
    lines = str(error).split("\n")[len(message) :]
    first_hint = len(lines) - len(error.hint.splitlines())
    lines = [_in_file(line, file) if k < first_hint else line for k, line in enumerate(lines)]
    if not colours:
        return "\n".join([f"{kind}: {error.message}", *lines])
    painted = [_painted(line, k >= first_hint) for k, line in enumerate(lines)]
    head = coloured(f"{kind}:", RED) + " " + coloured("\n".join(message), BOLD)
    return "\n".join([head, *painted])


def _in_file(line: str, file: str) -> str:
    place = PLACE.match(line)
    return f"  {file}, {line[2:]}" if file and place and place["name"] is None else line


def _painted(line: str, is_hint: bool) -> str:
    if is_hint:
        return coloured(line, GREEN)
    if CARETS.fullmatch(line):
        return coloured(line, RED)
    place = PLACE.match(line)
    return coloured(place[0], DIM) + line[place.end() :] if place else line
