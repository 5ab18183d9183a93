"""What a first call costs: from a text, or a Python function, to the first result.

In: a problem, a task, its arrays. Out: seconds, the median of a few.

Ours is parse, derive, plan, generate and run; JAX's is trace, compile and run. Warm are the imports
and our grammar's tables, which are made once for a process; every other cache is emptied before.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter
from types import ModuleType
from typing import Any

import indexcalc as ic
from benchmarks.problems import Problem, Sizes

TIMES = 3
LONG = 0.5  # seconds; what takes longer is measured once
WARM = "indexcalc.syntax"  # the grammar is read once for a process, as a module is


def compiled(problem: Problem, task: str, sizes: Sizes) -> Any:
    """Our function for a task, planned for these sizes."""
    asked = problem.tasks[task]
    program = ic.Program(problem.text)
    if asked.structured:
        return program.compile(*asked.queries, sizes=sizes, form="structured")
    return program.compile(*asked.queries, sizes=sizes)


def ours(problem: Problem, task: str, sizes: Sizes, data: dict[str, Any]) -> float:
    """Seconds from our text to the first result."""

    def begin() -> Callable[[], Any]:
        empty_caches()
        return lambda: compiled(problem, task, sizes)(**data)

    begin()()  # the process's first program reads the grammar
    return _median(begin)


def jax(problem: Problem, task: str, data: dict[str, Any], peer: ModuleType) -> float | None:
    """Seconds from a Python function to JAX's first result, where it has one."""
    if problem.tasks[task].structured:
        return None
    return _median(lambda: peer.first(problem.tasks[task], data))


def empty_caches() -> None:
    """Forget what earlier programs left: orders of contractions, costs, types of results."""
    for name, module in list(sys.modules.items()):
        if name.startswith("indexcalc.") and not name.startswith(WARM):
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


def _median(begin: Callable[[], Callable[[], Any]]) -> float:
    times: list[float] = []
    while len(times) < TIMES and (not times or times[-1] < LONG):
        call = begin()
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return median(times)
