"""Where the program comes from, and what is asked of it.

In: SOURCE as it was typed. Out: a `Program`; the queries that are meant.

>>> program = read("x[n]; f = x_i x_i; ∂f/∂x_j", "auto")
>>> asked_of(program, []), asked_of(program, ["f"])
(['∂f/∂x_j'], ['f'])
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from indexcalc.api import Program
from indexcalc.errors import EvaluationError
from indexcalc.syntax.latex.detect import Notation

LONGEST_FILE_NAME = 255
SUFFIXES = (".ic", ".tex")


def read(source: str, notation: Notation) -> Program:
    """The program: standard input, a file of that name, or the argument itself.

    Raises `FormulaError` if it cannot be read as a program, `OSError` if there is no such file.
    """
    return Program(_text(source), notation)


def is_file(source: str) -> bool:
    """Whether SOURCE names a file."""
    looks_like_a_name = "\n" not in source and len(source) <= LONGEST_FILE_NAME
    return looks_like_a_name and (source.endswith(SUFFIXES) or Path(source).is_file())


def _text(source: str) -> str:
    if source == "-":
        return sys.stdin.read()
    if is_file(source):
        try:
            return Path(source).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise EvaluationError(f"{source} is not UTF-8 text") from None
    return source


def asked_of(program: Program, queries: Sequence[str]) -> list[str]:
    """The given queries, or those of the program. Raises `EvaluationError` if there are none."""
    asked = list(queries) or [formula.text for formula in program.queries]
    if not asked:
        raise EvaluationError(
            "there is nothing to do: the program has no query and none was given",
            hint="add one, for example  indexcalc derive PROGRAM '∂λ/∂W_ij'",
        )
    return asked
