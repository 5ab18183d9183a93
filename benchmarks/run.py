"""Measure compiled functions against hand-written NumPy, and against jitted JAX.

In: options on the command line. Out: a table on standard output, and the same in
`benchmarks/results.md` and `benchmarks/results.json` when everything was measured.

All contenders of a row run in one process, round-robin, and the median of each is taken, so that
what else the machine does hits all of them alike. Only ratios carry over to another machine.

Variables that tune OpenBLAS for other hardware than this one (`OPENBLAS_CORETYPE`,
`OPENBLAS_L2_SIZE`) would slow every matrix product: the script starts itself again without them.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from math import exp, log
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import jax
import numpy as np

import indexcalc as ic
from benchmarks.problems import PROBLEMS, Problem, Sizes

FOLDER = Path(__file__).resolve().parent
TUNING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
CONTENDERS = ("ours", "expert", "jax")
SHORTEST_SAMPLE = 1e-4  # seconds; shorter calls are measured several at a time
ROUNDS = (7, 300)
UNSTEADY = 1.3  # how far a median may lie above the lower quartile


@dataclass
class Row:
    """One task at one size: seconds for a call, by contender."""

    case: str
    task: str
    seconds: dict[str, float]
    first_seconds: float = 0.0  # from the text to the first result
    note: str = ""

    def ratio(self, over: str, under: str) -> float | None:
        """How many times `over` takes what `under` takes."""
        if over in self.seconds and under in self.seconds:
            return self.seconds[over] / self.seconds[under]
        return None


@dataclass
class Report:
    """All that one run found."""

    machine: str
    rows: list[Row] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)


def once(call: Callable[[], Any], repeats: int) -> float:
    """Seconds for a call, averaged over `repeats`."""
    start = perf_counter()
    for _ in range(repeats):
        call()
    return (perf_counter() - start) / repeats


def settle(call: Callable[[], Any], seconds: float) -> None:
    """Call without timing: what the contender before left to be cleaned up is not this one's."""
    end = perf_counter() + seconds
    call()
    while perf_counter() < end:
        call()


def race(calls: dict[str, Callable[[], Any]], budget: float) -> dict[str, list[float]]:
    """The seconds of each call, in turns until `budget` seconds for each are spent."""
    repeats = {}
    for name, call in calls.items():
        once(call, 2)
        repeats[name] = max(1, min(2000, int(SHORTEST_SAMPLE / max(once(call, 3), 1e-8))))
    samples: dict[str, list[float]] = {name: [] for name in calls}
    end = perf_counter() + budget * len(calls)
    last = 0.0
    gc.collect()
    gc.disable()
    try:
        for done in range(ROUNDS[1]):
            for name, call in calls.items():
                settle(call, min(0.05, last / 2))
                samples[name].append(once(call, repeats[name]))
                last = samples[name][-1]
            if done + 1 >= ROUNDS[0] and perf_counter() > end:
                break
    finally:
        gc.enable()
    return samples


def unsteady(samples: dict[str, list[float]]) -> bool:
    """Whether another process disturbed the measurement: threaded products then wait for cores."""
    return any(median(times) > UNSTEADY * quantiles(times, n=4)[0] for times in samples.values())


def compiled(problem: Problem, task: str, sizes: Sizes) -> Any:
    """Our function for a task, planned for these sizes."""
    return ic.Program(problem.text).compile(*problem.tasks[task].queries, sizes=sizes)


def jax_call(problem: Problem, task: str, data: dict[str, Any]) -> Callable[[], Any]:
    """Jitted JAX with its arrays already on the device."""
    function = problem.tasks[task].jax(data)
    arrays = {name: jax.numpy.asarray(array) for name, array in data.items()}
    return lambda: jax.block_until_ready(function(**arrays))  # type: ignore[no-untyped-call]


def measure(problem: Problem, task: str, sizes: Sizes, options: argparse.Namespace) -> Row:
    """One row: every contender checked against the expert, then timed."""
    data = problem.data(sizes)
    name = f"{problem.name}[{','.join(f'{key}={value}' for key, value in sizes.items())}]"
    row = Row(name, task, {})
    expert = problem.tasks[task].expert
    calls: dict[str, Callable[[], Any]] = {}
    if "ours" in options.contenders:
        try:
            start = perf_counter()
            ours = compiled(problem, task, sizes)
            given = ours(**data)
            row.first_seconds = perf_counter() - start
            agree(given, expert(**data))
            calls["ours"] = lambda: ours(**data)
        except (ic.FormulaError, AssertionError) as error:
            row.note = f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
    calls["expert"] = lambda: expert(**data)
    if "jax" in options.contenders:
        calls["jax"] = jax_call(problem, task, data)
    samples = race(calls, options.budget)
    row.seconds = {name: median(times) for name, times in samples.items()}
    if unsteady(samples):
        row.note = f"unsteady {row.note}".rstrip()
    return row


def agree(given: Any, expected: Any) -> None:
    """Raise AssertionError if two results differ by more than rounding."""
    pairs = (
        zip(given, expected, strict=True) if isinstance(expected, tuple) else [(given, expected)]
    )
    for ours, theirs in pairs:
        scale = float(np.max(np.abs(theirs), initial=1e-300))
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-8 * scale)


def figures() -> Iterator[tuple[str, float]]:
    """Import time, compile time of the seeds, and what a call costs above the code it runs."""
    yield "import, ms", 1e3 * import_seconds("indexcalc") - 1e3 * import_seconds("")
    yield (
        "import with numpy, ms",
        1e3 * import_seconds("numpy, indexcalc") - 1e3 * import_seconds(""),
    )
    for problem in PROBLEMS:
        if problem.name.startswith("seed"):
            times = []
            for _ in range(5):
                start = perf_counter()
                queries = [query for task in problem.tasks.values() for query in task.queries]
                ic.Program(problem.text).compile(*queries, sizes=problem.small)
                times.append(perf_counter() - start)
            yield f"{problem.name}: compile all tasks together, ms", 1e3 * median(times)
    yield "call overhead above the generated function, µs", 1e6 * call_overhead()


def import_seconds(modules: str) -> float:
    """Seconds that a fresh interpreter takes to start and import, median of five."""
    code = f"import {modules}" if modules else "pass"
    command = [sys.executable, "-c", code]
    return median(once(lambda: subprocess.run(command, check=True), 1) for _ in range(5))


def call_overhead() -> float:
    """A small compiled call minus the bare call of the generated function in it."""
    problem = next(problem for problem in PROBLEMS if problem.name == "seed_a")
    data = problem.data({"m": 4, "n": 3})
    ours = compiled(problem, "grad", {"m": 4, "n": 3})
    ours(**data)
    names: dict[str, Any] = {"__name__": "generated"}
    exec(ours.source, names)
    bare = [value for key, value in names.items() if callable(value) and not key.startswith("_")][
        -1
    ]
    arrays = tuple(np.asarray(data[name]) for name in ours.signature)
    samples = race({"whole": lambda: ours(**data), "bare": lambda: bare(*arrays)}, 0.5)
    return median(samples["whole"]) - median(samples["bare"])


# --- report -------------------------------------------------------------------------------------


def shown(seconds: float | None) -> str:
    """Seconds with a unit and three digits."""
    if seconds is None:
        return "–"
    for unit, factor in (("µs", 1e6), ("ms", 1e3)):
        if seconds * factor < 1000:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds:.3g} s"


def times(ratio: float | None) -> str:
    """A ratio with two decimals."""
    return "–" if ratio is None else f"{ratio:.2f}"


HEADER = (
    "case",
    "task",
    *CONTENDERS,
    "ours/expert",
    "jax/expert",
    "jax/ours",
    "first call",
    "note",
)


def cells(row: Row) -> tuple[str, ...]:
    """One row of the table."""
    return (
        row.case,
        row.task,
        *(shown(row.seconds.get(name)) for name in CONTENDERS),
        times(row.ratio("ours", "expert")),
        times(row.ratio("jax", "expert")),
        times(row.ratio("jax", "ours")),
        shown(row.first_seconds or None),
        row.note,
    )


def geometric_means(rows: list[Row]) -> Iterator[tuple[str, str, str]]:
    """For each kind of task: its name, ours/expert, jax/expert."""
    for task in dict.fromkeys(row.task for row in rows):
        means = []
        for contender in ("ours", "jax"):
            ratios = [row.ratio(contender, "expert") for row in rows if row.task == task]
            logs = [log(ratio) for ratio in ratios if ratio is not None]
            means.append(times(exp(sum(logs) / len(logs)) if logs else None))
        yield task, means[0], means[1]


def markdown(report: Report) -> str:
    """The report as a Markdown page."""
    lines = ["# Results", "", f"`make bench` wrote this on {report.machine}.", ""]
    lines += ["| " + " | ".join(HEADER) + " |", "|---|---|" + "---:|" * (len(HEADER) - 3) + "---|"]
    lines += ["| " + " | ".join(cells(row)) + " |" for row in report.rows]
    lines += ["", "Geometric means:", "", "| task | ours/expert | jax/expert |", "|---|---:|---:|"]
    lines += ["| " + " | ".join(mean) + " |" for mean in geometric_means(report.rows)]
    if report.figures:
        lines += ["", "| figure | value |", "|---|---:|"]
        lines += [f"| {name} | {value:.3g} |" for name, value in report.figures.items()]
    return "\n".join(lines) + "\n"


def without_tuning() -> None:
    """Start this script again without the variables that tune OpenBLAS for other hardware."""
    if any(name in os.environ for name in TUNING):
        kept = {key: value for key, value in os.environ.items() if key not in TUNING}
        print(f"starting again without {', '.join(TUNING)}", flush=True)
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.run", *sys.argv[1:]], kept)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.run")
    parser.add_argument("only", nargs="*", help="cases whose name, or name:task, holds this text")
    parser.add_argument("--contenders", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    parser.add_argument("--budget", type=float, default=0.4, help="seconds for each measurement")
    return parser.parse_args()


def main() -> None:
    """Measure what was asked for, print it, and write the files if it was everything."""
    options = arguments()
    without_tuning()
    report = Report(f"{platform.machine()}, {os.cpu_count()} cores, NumPy {np.__version__}")
    print(*HEADER, sep="  ")
    for problem in PROBLEMS:
        for sizes, tasks in problem.sizes:
            for task in tasks:
                name = f"{problem.name}:{task}"
                if options.only and not any(text in name for text in options.only):
                    continue
                report.rows.append(measure(problem, task, sizes, options))
                print(*(f"{cell:>11}" for cell in cells(report.rows[-1])), sep=" ", flush=True)
    if not options.only and set(options.contenders) == set(CONTENDERS):
        report.figures = dict(figures())
        (FOLDER / "results.md").write_text(markdown(report), encoding="utf-8")
        (FOLDER / "results.json").write_text(json.dumps(asdict(report), indent=1), encoding="utf-8")
    for mean in geometric_means(report.rows):
        print(f"{mean[0]:>8}: ours/expert {mean[1]}, jax/expert {mean[2]}")
    for name, value in report.figures.items():
        print(f"{name}: {value:.3g}")


if __name__ == "__main__":
    main()
