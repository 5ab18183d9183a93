"""What a derivation is as a value, what is refused, and whether the tests of its lines can fail."""

from __future__ import annotations

import dataclasses
import time

import pytest

import indexcalc as ic
from indexcalc.derivation.step import Equation, Spelled, Step
from tests.derivation import agreement
from tests.derivation.agreement import Values, assert_true, steps

RESIDUAL = "r_i = A_ij x_j - b_i; f = r_i r_i"


def test_a_derivation_is_a_sequence_of_steps() -> None:
    made = steps(RESIDUAL, "∂f/∂x_k")
    assert len(made) == 5
    assert [step.text for step in made] == [
        "r_i = A_ij x_j - b_i ⟹ dr_i = A_ij dx_j",
        "f = r_i r_i",
        "df = 2 r_i dr_i",
        "df = 2 r_i A_ij dx_j",
        "∂f/∂x_k = 2 r_i A_ik",
    ]
    assert [step.relation for step in made] == ["⟹", "=", "=", "=", "="]
    assert [step.reason for step in made][2:] == ["differential", "substitute dr", "read off"]
    assert made[0].left == "r_i = A_ij x_j - b_i"
    assert made[-1] is list(made)[-1]
    assert made[1:3] == tuple(made)[1:3]
    with pytest.raises(dataclasses.FrozenInstanceError):
        made[0].because = made[1].because  # type: ignore[misc]


def test_latex_is_one_aligned_block() -> None:
    made = steps(RESIDUAL, "∂f/∂x_k")
    latex = made.to_latex()
    assert latex.startswith("\\begin{aligned}\n& x \\text{ varies}")
    assert r"r_i &= A_{ij}\, x_j - b_i && \implies & dr_i &= A_{ij}\, dx_j \\" in latex
    assert latex.count("\n") == len(made) + 2
    assert made._repr_latex_() == f"$\\displaystyle {latex}$"


@pytest.mark.parametrize("form", ["index", "matrix"])
def test_latex_of_every_line_reads_back(form: str) -> None:
    program = "A[m, n], x[n], b[m]\nr = A x - b\nf = log(1 + r^T r)"
    made = steps(program, "∂f/∂x", form)
    shapes = "dr[m], dx[n], dα[], df[], α[]"
    read = ic.Program(f"{program}; {shapes}".replace("\n", "; "))
    for step in made:
        if step.equation.left.text.startswith("∂"):
            continue
        letters = "_i" if "_" in step.equation.left.text else ""
        read_back = ic.Program(f"{program}; {shapes}; q{letters} = {step.equation.right.text}")
        assert (
            read_back.definitions["q"].shape
            == read.variables[step.equation.left.text.partition("_")[0]].shape
        )


def test_names_are_free_ones() -> None:
    made = steps("α[]; β[]; z[n]; w[n]; f = log(α + exp(β z_i w_i)) + α", "∂f/∂z_i")
    names = {step.left.partition(" ")[0] for step in made if step.relation == "⟹"}
    assert len(names) == 2
    assert not names & {"α", "β", "z", "w", "f"}
    assert "Δx is the differential of x" in str(steps("f = x dx x", "∂f/∂x"))


def test_an_assumption_has_its_own_line() -> None:
    program = "p[n]; y = softmax(θ); θ[n]; L = -p : log(y); assume sum_i p_i == 1"

    def prepare(values: Values) -> None:
        values["p"] = values["p"] / values["p"].sum()

    for form in ("index", "matrix"):
        made = assert_true(program, "∂L/∂θ", form, prepare=prepare)
        (using,) = [step for step in made if step.reason.startswith("using")]
        assert using.reason in ("using sum_i p_i = 1", "using sum(p) = 1")


def test_facts_wait_for_the_last_order() -> None:
    """At a point where Σ x = 1 the derivative of exp(Σ x) by x is still e, not zero."""
    program = "x[n]; f = exp(sum_i x_i); assume sum_i x_i == 1"

    def prepare(values: Values) -> None:
        values["x"] = values["x"] / values["x"].sum()

    made = assert_true(program, "∂²f/∂x_i∂x_j", prepare=prepare)
    assert made[-1].right != "0"


def test_the_symmetric_part_is_said() -> None:
    made = steps("A[n, n] symmetric; B[n, n]; f = A_ij B_ij", "∂f/∂A_ij")
    assert "among symmetric matrices" in str(made)
    assert made[-1].text == "∂f/∂A_ij = 1/2 (B_ij + B_ji)"
    assert made[-1].reason == "read off, symmetric like A"


def test_a_factor_of_one_is_not_written() -> None:
    made = steps("μ[n]; x[n]; p = exp((x - μ)^T (x - μ)); ℓ = log(p)", "∂ℓ/∂μ", "matrix")
    assert not any(step.right.startswith("1 ") for step in made)


def test_a_derivative_is_asked_for() -> None:
    with pytest.raises(ic.FormulaError, match="there is none in what is asked"):
        steps(RESIDUAL, "f")
    with pytest.raises(ic.FormulaError, match="no steps in the form"):
        steps(RESIDUAL, "∂f/∂x_i", "vec")


def test_what_has_no_matrix_form_names_the_other() -> None:
    with pytest.raises(ic.FormulaError, match=r'steps\(form="index"\)'):
        steps("T[n, n, n], x[n]; f = T_ijk x_i x_j x_k", "∂f/∂x", "matrix")


def test_a_name_that_moves_along_or_not_is_refused() -> None:
    with pytest.raises(ic.DifferentiationError, match="has no steps"):
        steps("y_i = tanh(θ_i); L = y_i y_i", "∂(∂L/∂θ_i)/∂y_j")


def test_a_name_moved_by_itself_is_not_put_back() -> None:
    """`W_ij x_j` is not `z_i` for a further derivative by `z`, which moves alone."""
    program = ic.Program("z_i = W_ij x_j; f = z_i W_ij x_j")
    assert str(program["∂²f/∂z_i∂z_j"]) == "0"


@pytest.mark.parametrize("layers", [10, 60])
def test_deep_programs_take_bounded_time(layers: int) -> None:
    lines = ["h0_i = x_i"]
    lines += [f"h{k}_i = tanh(W{k}_ij h{k - 1}_j)" for k in range(1, layers + 1)]
    program = "\n".join([*lines, f"f = h{layers}_i h{layers}_i"])
    start = time.perf_counter()
    try:
        made = steps(program, "∂f/∂x_i")
        assert len(made) > layers
    except ic.LimitError:
        assert layers > 20
    assert time.perf_counter() - start < 20


# --- the tests of lines can fail ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("position", "right"),
    [(0, "2 A_ij dx_j"), (2, "r_i dr_i"), (3, "2 r_j A_ij dx_i"), (4, "r_i A_ik")],
)
def test_a_wrong_line_is_found(position: int, right: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = "A[m, m]; " + RESIDUAL
    made = steps(program, "∂f/∂x_k")

    def tampered(*_: object) -> object:
        found = list(made)
        step = found[position]
        wrong = Equation(step.equation.left, Spelled(right, right))
        found[position] = Step(wrong, step.because, step.premise)
        (section,) = made.sections
        return dataclasses.replace(
            made, sections=(dataclasses.replace(section, steps=tuple(found)),)
        )

    assert_true(program, "∂f/∂x_k")
    monkeypatch.setattr(agreement, "steps", tampered)
    with pytest.raises(AssertionError, match="is wrong by"):
        assert_true(program, "∂f/∂x_k")


# --- lines are claims -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "query", "form"),
    [
        (
            "W[m,n]; x[n]; b[m]; w[m]; y[]\n"
            "z = W x + b; β = -y w^T σ(z); α = exp(β); λ = log(1 + α)",
            "∂λ/∂W",
            "matrix",
        ),
        (
            "z_i = W_ij x_j + b_i; β = -y w_i σ(z_i); α = exp(β); λ = log(1 + α)",
            "∂λ/∂W_ij",
            "index",
        ),
        ("X[m,n]; w[n]; y[m]; r = X w - y; f = r^T r", "∂f/∂w", "matrix"),
    ],
)
def test_every_line_is_a_claim_that_holds(program: str, query: str, form: str) -> None:
    """Where the names are those of the program, a line can be given to `Program.check`."""
    checked = ic.Program(program)
    for step in steps(program, query, form):
        left, right = step.equation.left.text, step.equation.right.text
        verdict = checked.check(f"{left} == {right}")
        assert verdict, f"{step}: {verdict.status}"
