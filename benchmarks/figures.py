"""Single figures: what importing costs, compiling the worked problems, and a call by itself.

In: nothing. Out: names with numbers.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from statistics import median
from typing import Any

import numpy as np

import indexcalc as ic
from benchmarks.first import compiled, empty_caches
from benchmarks.problems import PROBLEMS, Problem
from benchmarks.timing import once, race

OVERHEAD = "call overhead above the generated function, µs"


def figures() -> Iterator[tuple[str, float]]:
    """Import time, compile time of the seeds, and what a call costs above the code it runs."""
    empty = import_seconds("")
    yield "import, ms", 1e3 * (import_seconds("indexcalc") - empty)
    yield "import of NumPy alone, ms", 1e3 * (import_seconds("numpy") - empty)
    for name in ("seed_a", "seed_b", "seed_c"):
        problem = next(problem for problem in PROBLEMS if problem.name == name)
        seconds = median(once(lambda: all_tasks(problem), 1) for _ in range(5))  # noqa: B023
        yield f"{name}: compile all tasks together, ms", 1e3 * seconds
    yield OVERHEAD, 1e6 * call_overhead()


def all_tasks(problem: Problem) -> None:
    """Parse, derive, plan and generate one function for every result of a problem."""
    empty_caches()
    queries = dict.fromkeys(query for task in problem.tasks.values() for query in task.queries)
    ic.Program(problem.text).compile(*queries, sizes=problem.small)


def import_seconds(modules: str) -> float:
    """Seconds that a fresh interpreter takes to start and import, median of five."""
    command = [sys.executable, "-c", f"import {modules}" if modules else "pass"]
    return median(once(lambda: subprocess.run(command, check=True), 1) for _ in range(5))


def call_overhead() -> float:
    """A small compiled call minus the bare call of the generated function in it."""
    problem = next(problem for problem in PROBLEMS if problem.name == "seed_a")
    sizes = {"m": 4, "n": 3}
    data = problem.data(sizes, "grad")
    ours = compiled(problem, "grad", sizes)
    ours(**data)
    names: dict[str, Any] = {"__name__": "generated"}
    exec(ours.source, names)
    public = [v for key, v in names.items() if callable(v) and not key.startswith("_")]
    bare, arrays = public[-1], tuple(np.asarray(data[name]) for name in ours.signature)
    samples = race({"whole": lambda: ours(**data), "bare": lambda: bare(*arrays)}, 0.5)
    return median(samples["whole"]) - median(samples["bare"])
