"""The command line, run in this process."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from indexcalc.cli import main

PROGRAM = "f = sum_i log(1 + exp(-y_i X_ij w_j))\n∂f/∂w_j\n"


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "program.ic"
    path.write_text(PROGRAM, encoding="utf-8")
    return str(path)


@pytest.fixture
def data(tmp_path: Path) -> str:
    rng = np.random.default_rng(0)
    path = tmp_path / "in.npz"
    y = np.array([1.0, -1.0, 1.0, 1.0, -1.0])
    np.savez(path, X=rng.normal(size=(5, 3)), y=y, w=np.zeros(3))
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_derive_prints_the_queries_of_a_file(
    program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "derive", program)
    assert code == 0
    assert out.startswith("∂f/∂w_j = ")


def test_derive_takes_queries_before_and_behind_options(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for arguments in (("∂f/∂x_j", "--explain"), ("--explain", "∂f/∂x_j")):
        code, out, _ = run(capsys, "derive", "f = x_i x_i", *arguments)
        assert code == 0
        assert out.endswith("∂f/∂x_j = 2 x_j\n")
        assert "f = Σ_i x_i x_i" in out


def test_derive_prints_latex(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "derive", "f = x_i A_ij x_j", "∂f/∂A_ij", "--form", "latex")
    assert (code, out) == (0, "x_i\\, x_j\n")


def test_derive_tells_the_order_of_axes(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "derive", "f = x_i x_i", "∂²f/∂x_i∂x_j")
    assert out == "∂²f/∂x_i∂x_j = 2 δ_ij    # axes i, j\n"


def test_a_program_may_come_from_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("f = x_i x_i\n∂f/∂x_j\n"))
    assert run(capsys, "derive", "-")[:2] == (0, "∂f/∂x_j = 2 x_j\n")


def test_code_is_a_module_that_runs(
    program: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "module.py"
    assert run(capsys, "code", program, "f", "-o", str(target))[:2] == (0, "")
    names: dict[str, object] = {}
    exec(target.read_text(encoding="utf-8"), names)
    value = names["evaluate"](np.ones(2), np.ones((2, 1)), np.zeros(1))  # type: ignore[operator]
    np.testing.assert_allclose(value, 2 * np.log(2))
    assert "def evaluate(" in run(capsys, "code", program)[1]


def test_eval_reads_and_writes_arrays(
    program: str, data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.npz"
    assert run(capsys, "eval", program, "f", "∂f/∂w_j", "--data", data, "-o", str(target))[0] == 0
    with np.load(target) as out, np.load(data) as given:
        np.testing.assert_allclose(out["f"], 5 * np.log(2))
        np.testing.assert_allclose(out["df_dw"], -given["y"] @ given["X"] / 2)
    assert "∂f/∂w_j =\n[" in run(capsys, "eval", program, "--data", data)[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["derive", "f = log(y_i)"], "index i is not free"),
        (["derive", "f = x_i x_i"], "there is nothing to do"),
        (["derive", "missing.ic", "f"], "missing.ic"),
        (["derive", "f = x_i x_i", "∂f/∂"], "no variable follows ∂"),
        (["eval", "f = x_i x_i", "f", "--data", "missing.npz"], "missing.npz"),
        (["eval", "f = x_i x_i", "f", "--data", __file__], "not an .npz file"),
    ],
)
def test_errors_go_to_standard_error_with_code_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_missing_arrays_are_named(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "eval", "f = v_i v_i", "f", "--data", data)
    assert code == 2
    assert "v missing" in err
