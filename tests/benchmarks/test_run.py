"""The command measures what was asked for, and writes the page again from the last full run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import run
from benchmarks.measure import CONTENDERS, Row
from benchmarks.report import Report
from benchmarks.surroundings import surroundings


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    results, page = tmp_path / "results.json", tmp_path / "page.md"
    monkeypatch.setattr(run, "RESULTS", results)
    monkeypatch.setattr(run, "PAGE", page)
    monkeypatch.setattr(run, "without_tuning", lambda: None)
    return results, page


def call(monkeypatch: pytest.MonkeyPatch, *options: str) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks.run", *options])
    run.main()


def test_some_rows_are_measured_and_nothing_is_written(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call(monkeypatch, "softmax:value", "--contenders", "ours", "expert", "--budget", "0.01")
    printed = capsys.readouterr().out
    assert "softmax[n=500] | value | " in printed
    assert "jac" not in printed
    assert "rows of less than 20 µs: " in printed
    assert not any(path.exists() for path in files)


def test_the_page_is_rendered_from_the_last_full_run(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    results, page = files
    row = Row("a[n=2]", "grad", {"ours": 1e-3, "expert": 1e-3})
    results.write_text(json.dumps(Report({"numpy": "2"}, 0.4, [row]).to_json()), encoding="utf-8")
    call(monkeypatch, "--render")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Benchmarks")
    assert "| a[n=2] | grad | 1 ms | 1 ms | – | – | – | 1.00 |" in text


def test_surroundings_name_versions_and_threads() -> None:
    found = surroundings({})
    assert {"date", "processor", "system", "indexcalc", "numpy", "BLAS of NumPy"} <= set(found)
    assert "cores" in found["processor"]
    assert "threads" in found["BLAS of NumPy"]
    assert "torch" not in found
    assert CONTENDERS[:2] == ("ours", "expert")
