"""The command line: `indexcalc derive | check | code | eval | draw`."""

from indexcalc.cli.entry import main

__all__ = ["main"]
