"""Measure compiled functions against hand-written NumPy, JAX, PyTorch and autograd.

In: options on the command line. Out: a table on standard output; when everything was measured,
`docs/benchmarks.md`, and `benchmarks/results.json` from which `--render` writes that page again.

All contenders of a row run in one process, in turns, and the median of each is taken, so that what
else the machine does hits all of them alike. Only ratios carry over to another machine.

Variables that tune OpenBLAS for other hardware than this one (`OPENBLAS_CORETYPE`,
`OPENBLAS_L2_SIZE`) would slow every matrix product: the script starts itself again without them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from time import perf_counter

from benchmarks.figures import figures
from benchmarks.measure import CONTENDERS, PEERS, available, measure
from benchmarks.problems import PROBLEMS
from benchmarks.report import Report, cells, header, markdown, summary
from benchmarks.surroundings import surroundings
from benchmarks.targets import read_reasons

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results.json"
PAGE = FOLDER.parent / "docs" / "benchmarks.md"
TUNING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


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
    parser.add_argument("--budget", type=float, default=0.3, help="seconds for each measurement")
    parser.add_argument("--render", action="store_true", help="write the page again, from the last")
    return parser.parse_args()


def measured(options: argparse.Namespace) -> Report:
    """Every row that was asked for, printed as it comes."""
    peers, missing = available([name for name in PEERS if name in options.contenders])
    print(*missing, sep="\n", end="\n" if missing else "")
    report = Report(surroundings(peers), options.budget)
    print(*header(), sep=" | ")
    for problem in PROBLEMS:
        for sizes, tasks in problem.sizes:
            for task in tasks:
                name = f"{problem.name}:{task}"
                if options.only and not any(text in name for text in options.only):
                    continue
                start = perf_counter()
                report.rows.append(measure(problem, task, sizes, peers, options))
                taken = f"{perf_counter() - start:.1f} s"
                print(*cells(report.rows[-1], read_reasons()), taken, sep=" | ", flush=True)
    return report


def main() -> None:
    """Measure what was asked for, print it, and write the page if it was everything."""
    options = arguments()
    if options.render:
        report = Report.from_json(json.loads(RESULTS.read_text(encoding="utf-8")))
        PAGE.write_text(markdown(report, read_reasons()), encoding="utf-8")
        return
    without_tuning()
    report = measured(options)
    if not options.only and set(options.contenders) == set(CONTENDERS):
        report.figures = dict(figures())
        RESULTS.write_text(json.dumps(report.to_json(), indent=1), encoding="utf-8")
        PAGE.write_text(markdown(report, read_reasons()), encoding="utf-8")
        print(f"written to {PAGE}")
    print(*summary(report, read_reasons()), sep="\n")


if __name__ == "__main__":
    main()
