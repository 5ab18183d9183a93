"""The command line, run in this process."""

from __future__ import annotations

import io
import json
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


def test_explain_needs_no_query(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "derive", "f = x_i x_i", "--explain")[:2] == (
        0, "f[]  # its definition\nx[m]  # indices of x_i\nf = Σ_i x_i x_i\n",
    )  # fmt: skip


def test_derive_prints_latex(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "derive", "f = x_i A_ij x_j", "∂f/∂A_ij", "--form", "latex")
    assert (code, out) == (0, "x_i\\, x_j\n")


def test_derive_tells_the_order_of_axes(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "derive", "f = x_i x_i", "∂²f/∂x_i∂x_j")
    assert out == "∂²f/∂x_i∂x_j = 2 δ_ij    # axes i of x, then j of x\n"


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("index", "∂z/∂W = δ_ij x_k    # axes i of z, then j, k of W\n∂z/∂x = W_ij"),
        ("vec", "∂z/∂W = x^T ⊗ eye(m)    # rows z, columns vec(W), columns stacked\n∂z/∂x = W"),
    ],
)
def test_derive_in_a_form(form: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    program = "W[m, n], x[n]; z = W x; ∂z/∂W; ∂z/∂x"
    code, out, _ = run(capsys, "derive", program, "--form", form)
    assert code == 0
    assert " ".join(out.split()).startswith(" ".join(shown.split()))


def test_derive_in_a_form_that_there_is_not_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    program = "W[m, n], x[n]; z = W x"
    code, out, err = run(capsys, "derive", program, "∂z/∂x", "∂z/∂W", "--form", "matrix")
    assert (code, out) == (2, "")
    assert "there is no matrix form" in err


def test_derive_in_all_forms(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "derive", "W[m, n], x[n]; z = W x; ∂z/∂W", "--form", "all")
    assert code == 0
    first, *lines = out.splitlines()
    assert first == "∂z/∂W"
    assert [line.split()[0] for line in lines] == ["index", "matrix", "vec", "latex"]
    assert "# there is no matrix form" in lines[1]


def test_derive_takes_a_layout(capsys: pytest.CaptureFixture[str]) -> None:
    program = "A[m, n], x[n]; y = A x; ∂y/∂x"
    for layout, shown in (("numerator", "= A "), ("denominator", "= A^T ")):
        out = run(capsys, "derive", program, "--form", "matrix", "--layout", layout)[1]
        assert shown in out
        assert f"{layout} layout" in out


def test_derive_shows_the_steps(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "derive", "r_i = A_ij x_j; f = r_i r_i", "∂f/∂x_j", "--steps")
    assert code == 0
    assert "# substitute dr" in out
    assert out.count("∂f/∂x_j = ") == 1
    latex = run(capsys, "derive", "f = x_i x_i", "∂f/∂x_j", "--steps", "--form", "latex")[1]
    assert latex.startswith("\\begin{aligned}")
    assert run(capsys, "derive", "f = x_i x_i", "f", "--steps")[0] == 2


def test_a_query_may_start_with_a_minus_behind_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "derive", "x[n]", "--", "-x_i x_i")[1] == "-x_i x_i = -x_i x_i\n"


def test_derive_takes_latex(capsys: pytest.CaptureFixture[str]) -> None:
    program = r"x \in \mathbb{R}^n; f = x^\top x; \frac{\partial f}{\partial x}"
    assert run(capsys, "derive", program)[1] == "\\frac{\\partial f}{\\partial x} = 2 x_i\n"


# --- check, draw --------------------------------------------------------------------------------

CLAIMS = "A[n, n], x[n]; f = x^T A x; ∂f/∂x == (A + A^T) x; ∂f/∂x == 2 A x"


def test_check_judges_the_claims_of_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "check", CLAIMS)
    assert code == 1
    assert "∂f/∂x == (A + A^T) x\n  proved\n\n∂f/∂x == 2 A x\n  differs\n" in out
    assert out.endswith("\n1 of 2 claims hold\n")


def test_check_judges_given_claims(capsys: pytest.CaptureFixture[str]) -> None:
    program = "A[n, n], x[n]; f = x^T A x"
    code, out, _ = run(capsys, "check", program, "∂f/∂x == (A + A^T) x == A x + A^T x")
    assert (code, out.splitlines()[-1]) == (0, "the claim holds")
    code, out, _ = run(capsys, "check", program, "∂f/∂x == 2 A x", "∂f/∂x == A x")
    assert (code, out.splitlines()[-1]) == (1, "0 of 2 claims hold")


def test_check_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "check", CLAIMS, "--json")
    found = json.loads(out)
    assert (code, found["holds"]) == (1, False)
    assert [claim["status"] for claim in found["claims"]] == ["proved", "differs"]


def test_check_reads_every_claim_of_a_latex_page(capsys: pytest.CaptureFixture[str]) -> None:
    program = (
        r"$x, y, p \in \mathbb{R}^n$ $$\eqalign{ L &= x^T y &\implies dL = y^T dx + x^T dy \cr"
        r" (x^T y, y^T x) &= (L, L) }$$"
    )
    code, out, _ = run(capsys, "check", program)
    assert (code, out.splitlines()[-1]) == (0, "all 3 claims hold")


def test_a_picture_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "picture.svg"
    assert run(capsys, "draw", "y_i = W_ij x_j", "y", "-o", str(target))[:2] == (0, "")
    assert target.read_text(encoding="utf-8").startswith("<svg")
    assert run(capsys, "draw", "y_i = W_ij x_j; y")[1].startswith("<svg")
    assert "a picture is of one query" in run(capsys, "draw", "y_i = W_ij x_j", "y", "x")[2]


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
        (["check", "f = x_i x_i"], "there is nothing to check"),
        (["check", "f = x_i x_i", "f + 1"], "this claims nothing"),
        (["draw", "f = x_i x_i"], "there is nothing to do"),
        (["derive", "missing.tex", "f"], "missing.tex"),
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


def test_an_error_in_a_file_names_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.ic"
    path.write_text("x[n]\nf = x_i y_i z_i + x_ij\n", encoding="utf-8")
    err = run(capsys, "derive", str(path), "f")[2]
    assert f"  {path}, line 2, column 19" in err
    path.write_text("x[n]; f = x_i x_i\n", encoding="utf-8")
    err = run(capsys, "derive", str(path), "∂f/∂x_ij")[2]
    assert "  query, line 1, column 5" in err
    assert f"  {path}, line 1, column 1: declared here" in err


def test_missing_arrays_are_named(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "eval", "f = v_i v_i", "f", "--data", data)
    assert code == 2
    assert "v missing" in err
