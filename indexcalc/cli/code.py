"""`indexcalc code`: the NumPy module that computes queries together.

In: a program and options. Out: source text, printed or in a file.
"""

from __future__ import annotations

import argparse

from indexcalc.api import Program
from indexcalc.cli.source import asked_of


def run(program: Program, options: argparse.Namespace) -> int:
    """Print the module, or write it to a file."""
    queries = asked_of(program, options.query)
    source = program.compile(*queries, backend=options.backend).source
    if options.output:
        options.output.write_text(source, encoding="utf-8")
    else:
        print(source, end="")
    return 0
