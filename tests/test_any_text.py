"""Whatever the text, the public interface gives a result or a `FormulaError`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import indexcalc as ic

PROGRAMS = (
    "σ(z) = 1/(1 + exp(-z))\nz_i = W_ij x_j + b_i\nλ = log(1 + exp(-y w_i σ(z_i)))\n∂λ/∂W_ij",
    "W[m, n], X[n, p], b[m]\nS_kj = g(W_kl X_lj + b_k)\n∂S_kj/∂X_lq",
    "A[n, n], x[n]\nf = x^T A x + logdet(A A^T + I)\n∂f/∂A",
    "p_i = exp(o_i)/sum_k exp(o_k)\nH = -sum_i p_i log(p_i)\n∂²H/∂o_i∂o_j v_j",
    "Y = kron(A, B)\nA[2, 3], B[m, n] positive\n(Y')_ij + 1",
)
PIECES = (
    *"ijkxyAWσλδ∂²'^_()[]{}+-*/:;=,.|‖0129 \n",
    *("_ij", "^T", "sum_i ", "np", "lambda", "out", "if", "ŷ", "__class__", "t1", "evaluate"),
    *("inv(", "softmax(", "∂f/∂x_i", "max_i ", "1e999", "^(1/2)", "[x > 0]", "assume ", "=="),
)


@st.composite
def changed_programs(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(PROGRAMS))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        dropped = draw(st.integers(0, 3))
        text = text[:start] + draw(st.sampled_from([*PIECES, ""])) + text[start + dropped :]
    return text


def everything(text: str) -> None:
    program = ic.Program(text)
    program.explain()
    for formula in program.queries:
        assert isinstance(str(formula), str)
        compile(formula.compiled.source, "module", "exec")


def outcome(text: str) -> str:
    """The error that the text gives, or a word; any other exception is a failure of the test."""
    try:
        everything(text)
    except ic.FormulaError as error:
        return str(error)
    return "a result"


@given(changed_programs())
@settings(max_examples=400)
def test_a_changed_program_gives_a_result_or_a_formula_error(text: str) -> None:
    assert outcome(text)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@settings(max_examples=400)
def test_any_pieces_give_a_result_or_a_formula_error(text: str) -> None:
    assert outcome(text)


@pytest.mark.parametrize(
    "name", ["np", "lambda", "out", "if", "ŷ", "t1", "evaluate", "float", "abs", "class", "math"]
)
def test_no_name_breaks_the_code(name: str) -> None:
    value = np.arange(1.0, 4.0)
    p = ic.Program(f"f = {name}_i {name}_i + exp({name}_i) w_i\nw[n]")
    given_arrays = {name: value, "w": np.ones(3)}
    np.testing.assert_allclose(
        p[f"∂f/∂{name}_i"](**given_arrays), 2 * value + np.exp(value), rtol=1e-14
    )


@pytest.mark.parametrize(
    "value",
    [None, "text", [[1.0], [2.0, 3.0]], np.array(["a"]), np.array([object()]), {1: 2}, object()],
    ids=["none", "text", "ragged", "strings", "objects", "mapping", "object"],
)
def test_what_is_no_array_is_refused(value: object) -> None:
    with pytest.raises(ic.FormulaError):
        ic.Program("f = x_i x_i")["f"](x=value)
