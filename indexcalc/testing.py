"""For the tests of code that goes with a paper: its formulas hold.

In: a program, and claims. Out: nothing, or an `AssertionError` with the report of each that breaks.

>>> assert_holds("A[n, n], x[n]; f = x^T A x", "∂f/∂x == (A + A^T) x")
"""

from __future__ import annotations

import os
from pathlib import Path

from indexcalc.api import Program
from indexcalc.errors import FormulaSyntaxError


def assert_holds(program: Program | str | os.PathLike[str], *claims: str) -> None:
    """Check claims in a program: its text, a path of it, or a `Program`.

    Without `claims`, those of the program are checked. A claim holds if it is proved, or agrees
    wherever it was tried. Raises `AssertionError` with the report of every claim that does not, and
    a `FormulaError` for what cannot be read, or if there is nothing to check.

    >>> assert_holds("x[n]; f = x^T x; ∂f/∂x == x")
    Traceback (most recent call last):
      ...
    AssertionError: ∂f/∂x == x
      differs...
    """
    if isinstance(program, os.PathLike):
        program = Path(program).read_text(encoding="utf-8")
    held = Program(program) if isinstance(program, str) else program
    verdicts = [held.check(claim) for claim in claims] if claims else held.check_all()
    if not verdicts:
        raise FormulaSyntaxError("there is no claim to check", hint="write  left == right")
    broken = [verdict.report() for verdict in verdicts if not verdict]
    if broken:
        raise AssertionError("\n\n".join(broken))
