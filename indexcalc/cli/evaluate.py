"""`indexcalc eval`: the values of queries for arrays from a file.

In: a program, and an `.npz` file of arrays by name. Out: values, printed or in another such file.
"""

from __future__ import annotations

import argparse
import zipfile
from pathlib import Path

import numpy as np

from indexcalc.api import Program
from indexcalc.cli.source import asked_of
from indexcalc.errors import EvaluationError


def run(program: Program, options: argparse.Namespace) -> int:
    """Print the values, or write them to a file."""
    queries = asked_of(program, options.query)
    arrays = _load(options.data)
    for query in queries:
        program[query]  # errors of a query speak of that query, before anything is computed
    function = program.compile(
        *queries, memory_limit=options.memory_limit, progress=options.progress
    )
    wanted = {name: arrays[name] for name in function.signature if name in arrays}
    results = function(**wanted)
    values = (results,) if len(queries) == 1 else tuple(results)
    if options.output:
        np.savez(options.output, **dict(zip(function.results, values, strict=True)))
        return 0
    for query, value in zip(queries, values, strict=True):
        print(f"{query} =\n{value}")
    return 0


def _load(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (ValueError, zipfile.BadZipFile, EOFError, AttributeError, TypeError):
        raise EvaluationError(f"{path} is not an .npz file of plain arrays") from None
