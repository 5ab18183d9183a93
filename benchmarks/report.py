"""The report of a run as a Markdown page: ratios, what is missed and why, means, surroundings.

In: rows, figures, reasons. Out: text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from math import exp, log
from pathlib import Path
from typing import Any

from benchmarks.figures import OVERHEAD
from benchmarks.measure import CONTENDERS, PEERS, Row
from benchmarks.targets import (
    MOST_FIRST,
    MOST_MEAN,
    MOST_OVER_EXPERT,
    MOST_OVERHEAD,
    UNEXPLAINED,
    Reasons,
    meets,
    missed,
)

PROSE = Path(__file__).resolve().parent / "report.md"
NAMES = {"jax": "JAX", "torch": "PyTorch"}
PRODUCTS_PROSE = (
    "What a product costs, in gradients of the same function at the same sizes, by the same",
    "contender. A multiple that does not grow with the sizes costs O(gradient).",
)
PRODUCTS = ("hvp", "jvp", "vjp", "gauss_newton", "diagonal", "trace", "laplacian")


@dataclass
class Report:
    """All that one run found."""

    surroundings: dict[str, str]
    budget: float
    rows: list[Row] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Report:
        """The same report again."""
        return cls(**(values | {"rows": [Row(**row) for row in values["rows"]]}))


def shown(seconds: float | None) -> str:
    """Seconds with a unit and three digits."""
    if seconds is None:
        return "–"
    for unit, factor in (("µs", 1e6), ("ms", 1e3)):
        if seconds * factor < 999.5:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds:.3g} s"


def times(ratio: float | None, miss: bool = False) -> str:
    """A ratio with two decimals, or three digits if it is large; bold where a target is missed."""
    if ratio is None:
        return "–"
    text = f"{ratio:.2f}" if ratio < 100 else f"{ratio:.0f}"
    return f"**{text}**" if miss else text


def table(header: Iterable[str], rows: Iterable[Iterable[str]], texts: int) -> list[str]:
    """A Markdown table; the first `texts` columns are left-aligned."""
    names = list(header)
    marks = ["---" if place < texts else "---:" for place in range(len(names))]
    return ["| " + " | ".join(line) + " |" for line in (names, marks, *map(list, rows))]


# --- the rows ------------------------------------------------------------------------------------


def header() -> tuple[str, ...]:
    """The columns of the table of all rows."""
    contenders = [NAMES.get(name, name) for name in CONTENDERS]
    ratios = ("ours/expert", "JAX/expert", "best peer/ours", "which")
    return ("case", "task", *contenders, *ratios, "first call", "of JAX", "ratio", "misses: why")


def cells(row: Row, reasons: Reasons) -> tuple[str, ...]:
    """One row of the table."""
    misses = missed(row)
    peer = row.best_peer
    return (
        row.case,
        row.task,
        *(shown(row.seconds.get(name)) for name in CONTENDERS),
        times(row.ratio("ours", "expert"), "expert" in misses),
        times(row.ratio("jax", "expert")),
        times(row.ratio(peer, "ours") if peer else None, "peer" in misses),
        f"{NAMES.get(peer, peer)}, {row.ways[peer]}" if peer else "–",
        shown(row.first.get("ours")),
        shown(row.first.get("jax")),
        times(row.first_ratio, "first" in misses),
        "; ".join(_why(row, reasons)),
    )


def _why(row: Row, reasons: Reasons) -> Iterator[str]:
    for target in missed(row):
        name = reasons.of(row, target)
        yield f"{target}: {name}" if name == UNEXPLAINED else f"{target}: [{name}](#reasons)"
    yield from row.notes


def _reasons(report: Report, reasons: Reasons) -> list[str]:
    """The texts of the reasons that a row of this run gives."""
    used = {reasons.of(row, target) for row in report.rows for target in missed(row)}
    told = [f"- **{name}**: {text}" for name, text in reasons.texts.items() if name in used]
    return ["## Reasons", "", *(told or ["No row misses a target for a reason on file."])]


# --- products, means, targets --------------------------------------------------------------------


def products(report: Report) -> list[str]:
    """What products with derivatives cost, in gradients of the same function at the same sizes."""
    gradients = {row.case: row for row in report.rows if row.task == "grad"}
    lines = []
    for row in report.rows:
        gradient = gradients.get(row.case)
        if row.task in PRODUCTS and gradient is not None:
            multiples = (_multiple(row, gradient, name) for name in ("ours", "expert", "jax"))
            lines.append((row.case, row.task, *map(times, multiples)))
    header = ("case", "task", "ours, gradients", "expert, gradients", "JAX, gradients")
    return table(header, lines, 2) if lines else []


def _multiple(row: Row, gradient: Row, name: str) -> float | None:
    if name in row.seconds and name in gradient.seconds:
        return row.seconds[name] / gradient.seconds[name]
    return None


def mean(ratios: Iterable[float | None]) -> float | None:
    """The geometric mean of the ratios that there are."""
    logs = [log(ratio) for ratio in ratios if ratio is not None]
    return exp(sum(logs) / len(logs)) if logs else None


def means(rows: list[Row]) -> Iterator[tuple[str, ...]]:
    """Geometric means for each kind of task, and over all rows and all long ones."""
    groups = {task: [row for row in rows if row.task == task] for task in _tasks(rows)}
    groups |= {"all of 20 µs and more": [row for row in rows if row.long], "all": rows}
    for name, group in groups.items():
        yield (
            name,
            str(len(group)),
            times(mean(row.ratio("ours", "expert") for row in group)),
            *(times(mean(row.ratio(peer, "expert") for row in group)) for peer in PEERS),
            times(mean(row.ratio(row.best_peer or "", "ours") for row in group)),
            times(mean(row.first_ratio for row in group)),
        )


def _tasks(rows: list[Row]) -> list[str]:
    return list(dict.fromkeys(row.task for row in rows))


MEANS_HEADER = (
    *("task", "rows", "ours/expert"),
    *(f"{NAMES.get(peer, peer)}/expert" for peer in PEERS),
    *("best peer/ours", "first call, ours/JAX"),
)


def targets(report: Report) -> Iterator[tuple[str, str]]:
    """Each target with how many rows meet it."""
    long = [row for row in report.rows if row.long]
    short = [row for row in report.rows if not row.long]
    for kind, rows in ((True, long), (False, short)):
        sizes = "20 µs and more" if kind else "less than 20 µs"
        text = f"ours/expert ≤ {MOST_OVER_EXPERT[kind]:g}, rows of {sizes}"
        yield text, _count(rows, "expert")
    found = mean(row.ratio("ours", "expert") for row in long)
    yield f"geometric mean of ours/expert ≤ {MOST_MEAN:g}, rows of 20 µs and more", times(found)
    yield "faster than the best peer, rows of 20 µs and more", _count(report.rows, "peer")
    yield f"first call ≤ {MOST_FIRST:g} of JAX's", _count(report.rows, "first")
    if OVERHEAD in report.figures:
        yield f"overhead of a call ≤ {MOST_OVERHEAD:g} µs", f"{report.figures[OVERHEAD]:.3g} µs"


def _count(rows: list[Row], target: str) -> str:
    answers = [answer for row in rows if (answer := meets(row, target)) is not None]
    return f"{sum(answers)} of {len(answers)}"


def summary(report: Report, reasons: Reasons) -> list[str]:
    """What a terminal shows at the end: means, targets, what nobody has explained."""
    if not report.rows:
        return ["nothing was measured"]
    lines = ["", *table(MEANS_HEADER, means(report.rows), 1), ""]
    lines += [f"{text}: {answer}" for text, answer in targets(report)]
    lines += [f"{name}: {value:.3g}" for name, value in report.figures.items()]
    lines += [
        f"{row.case} {row.task} misses {target}: {UNEXPLAINED}"
        for row in report.rows
        for target in missed(row)
        if reasons.of(row, target) == UNEXPLAINED
    ]
    return lines


def markdown(report: Report, reasons: Reasons) -> str:
    """The whole page."""
    found = report.surroundings | {"seconds for each measurement": f"{report.budget:g}"}
    lines = [PROSE.read_text(encoding="utf-8").rstrip(), "", "## Targets", ""]
    lines += table(("target", "met"), targets(report), 1)
    lines += ["", "## Rows", ""]
    lines += table(header(), (cells(row, reasons) for row in report.rows), 2)
    lines += ["", *_reasons(report, reasons)]
    multiples = products(report)
    if multiples:
        lines += ["", "## Products without matrices", "", *PRODUCTS_PROSE, "", *multiples]
    lines += ["", "## Geometric means", "", *table(MEANS_HEADER, means(report.rows), 1)]
    if report.figures:
        values = ((name, f"{value:.3g}") for name, value in report.figures.items())
        lines += ["", "## Single figures", "", *table(("figure", "value"), values, 1)]
    lines += ["", "## Surroundings", "", *table(("", ""), found.items(), 2)]
    return "\n".join(lines) + "\n"
