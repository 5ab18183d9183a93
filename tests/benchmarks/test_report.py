"""The report shows ratios, first calls, what is missed, and why."""

from __future__ import annotations

import json

import pytest

from benchmarks.figures import OVERHEAD
from benchmarks.measure import Row
from benchmarks.problems import PROBLEMS
from benchmarks.report import Report, cells, header, markdown, shown, summary, times
from benchmarks.targets import TARGETS, Reasons, meets, missed, read_reasons

NO_REASONS = Reasons({}, {})
LAYOUT = Reasons(
    {"layout": "The transposed operand is copied.", "other": "Not used."},
    {"a[n=2]": {"grad": {"expert": "layout"}}},
)


def row(**seconds: float) -> Row:
    ways = {name: "grad" for name in seconds if name not in ("ours", "expert")}
    return Row("a[n=2]", "grad", seconds, ways, {"ours": 0.01, "jax": 0.1})


def cell(row: Row, column: str, reasons: Reasons = NO_REASONS) -> str:
    return cells(row, reasons)[header().index(column)]


def test_a_row_that_reaches_its_targets_misses_nothing() -> None:
    good = row(ours=1.2e-3, expert=1e-3, jax=3e-3, torch=2e-3)
    assert missed(good) == ()
    assert cell(good, "misses: why") == ""
    assert cell(good, "ours/expert") == "1.20"
    assert cell(good, "JAX/expert") == "3.00"
    assert cell(good, "best peer/ours") == "1.67"
    assert cell(good, "which") == "PyTorch, grad"
    assert cell(good, "autograd") == "–"


def test_a_slow_row_is_bold_and_says_why() -> None:
    slow = row(ours=1.3e-3, expert=1e-3, jax=3e-3)
    assert missed(slow) == ("expert",)
    assert cell(slow, "ours/expert") == "**1.30**"
    assert cell(slow, "misses: why") == "expert: unexplained"
    assert cell(slow, "misses: why", LAYOUT) == "expert: [layout](#reasons)"


def test_the_expert_target_is_wider_for_short_rows() -> None:
    assert missed(row(ours=12.8e-6, expert=10e-6)) == ()
    assert missed(row(ours=13.1e-6, expert=10e-6)) == ("expert",)


def test_peers_are_a_target_of_long_rows_only() -> None:
    assert missed(row(ours=1e-3, expert=1e-3, jax=2e-3, autograd=0.9e-3)) == ("peer",)
    assert missed(row(ours=1e-5, expert=1e-5, jax=0.5e-5)) == ()
    assert meets(row(ours=1e-3, expert=1e-3), "peer") is None


def test_first_calls_are_compared_with_jax() -> None:
    late = row(ours=1e-3, expert=1e-3, jax=2e-3)
    assert cell(late, "first call") == "10 ms"
    assert cell(late, "of JAX") == "100 ms"
    assert cell(late, "ratio") == "0.10"
    late.first["ours"] = 0.03
    assert missed(late) == ("first",)
    assert cell(late, "ratio") == "**0.30**"
    late.first.pop("jax")
    assert missed(late) == ()
    assert cell(late, "ratio") == "–"


def test_notes_stand_beside_what_is_missed() -> None:
    noted = row(expert=1e-3, jax=2e-3)
    noted.notes.append("torch, hessian: more than 4 s")
    assert cell(noted, "ours") == "–"
    assert cell(noted, "misses: why") == "torch, hessian: more than 4 s"


def report() -> Report:
    rows = [
        row(ours=1.3e-3, expert=1e-3, jax=3e-3),
        Row("a[n=2]", "hvp", {"ours": 2.6e-3, "expert": 2e-3, "jax": 9e-3}, {"jax": "jvp of grad"}),
    ]
    return Report({"numpy": "2"}, 0.4, rows, {OVERHEAD: 0.5})


def test_the_page_has_reasons_products_means_and_surroundings() -> None:
    page = markdown(report(), LAYOUT)
    assert "- **layout**: The transposed operand is copied." in page
    assert "Not used." not in page
    assert "| a[n=2] | hvp | 2.00 | 2.00 | 3.00 |" in page
    assert "| ours/expert ≤ 1.25, rows of 20 µs and more | 0 of 2 |" in page
    assert "| first call ≤ 0.2 of JAX's | 1 of 1 |" in page
    assert "| overhead of a call ≤ 2 µs | 0.5 µs |" in page
    assert "| grad | 1 | 1.30 | 3.00 | – | – | 2.31 | 0.10 |" in page
    assert "| numpy | 2 |" in page
    assert "No row misses" in markdown(Report({}, 0.4, [row(ours=1e-3, expert=1e-3)]), LAYOUT)


def test_the_end_names_what_nobody_has_explained() -> None:
    lines = summary(report(), LAYOUT)
    assert "a[n=2] hvp misses expert: unexplained" in lines
    assert not any("grad misses" in line for line in lines)
    assert summary(Report({}, 0.4), LAYOUT) == ["nothing was measured"]


def test_a_report_comes_back_from_its_file() -> None:
    given = report()
    assert Report.from_json(json.loads(json.dumps(given.to_json()))) == given


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (1.234e-6, "1.23 µs"),
        (0.9999e-3, "1 ms"),
        (0.0315, "31.5 ms"),
        (2.346, "2.35 s"),
    ],
)
def test_seconds_have_a_unit_and_three_digits(seconds: float | None, text: str) -> None:
    assert shown(seconds) == text


def test_large_ratios_have_no_decimals() -> None:
    assert times(1497.3) == "1497"


def test_every_reason_on_file_is_of_a_row_that_is_measured() -> None:
    measured = {
        (problem.case(sizes), task)
        for problem in PROBLEMS
        for sizes, tasks in problem.sizes
        for task in tasks
    }
    reasons = read_reasons()
    for case, by_task in reasons.rows.items():
        for task, by_target in by_task.items():
            assert (case, task) in measured
            assert set(by_target) <= set(TARGETS)
            assert set(by_target.values()) <= set(reasons.texts)
    used = {n for tasks in reasons.rows.values() for t in tasks.values() for n in t.values()}
    assert used == set(reasons.texts)
