"""`indexcalc draw`: the contraction graph of a query.

In: a program and one query. Out: an SVG picture, in a file or printed.
"""

from __future__ import annotations

import argparse

from indexcalc.api import Program
from indexcalc.cli.source import asked_of
from indexcalc.errors import EvaluationError


def run(program: Program, options: argparse.Namespace) -> int:
    """Write the picture. Raises `EvaluationError` if several queries are asked for."""
    queries = asked_of(program, options.query)
    if len(queries) > 1:
        raise EvaluationError(
            f"a picture is of one query, not of {len(queries)}",
            hint=f"name it, for example  indexcalc draw PROGRAM '{queries[0]}' -o picture.svg",
        )
    picture = program[queries[0]].draw()
    if options.output:
        picture.save(options.output)
    else:
        print(picture)
    return 0
