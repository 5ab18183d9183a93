"""Names: labels, underscores, accents, letters that look alike."""

from __future__ import annotations

import numpy as np
import pytest

import indexcalc as ic
from tests.spec.agreement import agrees, refusal

SPELLINGS = ["W_1", "W_{1}", "W1", "W^(1)", "W^{(1)}", "W₁"]


@pytest.mark.parametrize("name", SPELLINGS)
def test_labels_have_many_spellings(name: str) -> None:
    def by_hand(W1, x, z):  # type: ignore[no-untyped-def]
        return W1 @ x + W1 @ z

    agrees(f"y_i = {name}_ij x_j + W1_ij z_j", "y", by_hand, W1="mn", x="n", z="n")
    agrees(f"{name}[m, n], x[n], z[n]; y = {name} x + W1 z", "y", by_hand, W1="mn", x="n", z="n")
    assert ic.Program(f"y_i = {name}_ij x_j").variables["W1"].shape == ("m", "n")


@pytest.mark.parametrize("name", ["W1_ij", "W_{1,ij}", "W^{(1)}_{ij}", "W^(1)_ij", "W_1_ij"])
def test_label_and_indices_combine(name: str) -> None:
    def by_hand(W1, x):  # type: ignore[no-untyped-def]
        return np.outer(np.ones(len(W1)), x) * 0 + W1 * x

    agrees(f"Y_ij = {name} x_j", "Y", by_hand, W1="mn", x="n")


def test_labelled_and_plain_names_are_different() -> None:
    program = "y_i = W_ij x_j + W1_ij x_j + x_1_j W_ij"
    assert set(ic.Program(program).variables) == {"y", "W", "x", "W1", "x1"}


def test_an_underscore_splits_indices_unless_the_name_is_known() -> None:
    agrees("y_o = W_out x_ut", "y", lambda W, x: np.einsum("out,ut->o", W, x), W="mnp", x="np")
    agrees("W_out[m, n]; y_i = W_out_ij x_j", "y", lambda W_out, x: W_out @ x, W_out="mn", x="n")
    program = "W_out_ij = A_ij + 1; y_i = W_out_ij x_j"
    agrees(program, "y", lambda A, x: (A + 1) @ x, A="mn", x="n")


@pytest.mark.parametrize("name", ["x_new", "x_{new}"])
def test_a_word_under_a_left_hand_side_belongs_to_its_name(name: str) -> None:
    program = f"{name}_i = x_i - η g_i; f = {name}_i {name}_i"
    assert set(ic.Program(program).definitions) == {"x_new", "f"}
    agrees(program, "∂f/∂x_j", lambda x, g, η: 2 * (x - η * g), x="n", g="n", η="")


def test_names_of_several_letters() -> None:
    program = "loss = yw_i y w_i"
    agrees(program, "loss", lambda yw, y, w: y * (yw @ w), yw="n", y="", w="n")


@pytest.mark.parametrize("name", ["ŷ", "y̌", "x̄", "θ̃", "ж", "変", "Å", "ß", "ñ1"])
def test_letters_of_any_script_with_accents(name: str) -> None:
    program = ic.Program(f"{name}_i = x_i + 1; f = {name}_i {name}_i")
    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(program[f"∂f/∂{name}_j"](x=x), 2 * (x + 1))
    np.testing.assert_allclose(program["∂f/∂x_j"](x=x), 2 * (x + 1))


@pytest.mark.parametrize(
    "program", ["ﬁ_i = x_i; f = fi_i fi_i", "µ = 1; f = μ + 2", "ϵ = 1; f = ε + 2", "ℓ = l"]
)
def test_names_that_only_look_alike_are_not_merged(program: str) -> None:
    error = refusal(program)
    assert isinstance(error, ic.UnknownNameError)
    assert len(error.marks) == 2
    assert "look alike" in error.message


@pytest.mark.parametrize(
    ("name", "value"),
    [("np", 2.0), ("out", 3.0), ("len", 4.0), ("evaluate", 5.0), ("t1", 6.0), ("None", 7.0)],
)
def test_names_of_the_generated_code_are_free_to_use(name: str, value: float) -> None:
    formula = ic.Program(f"f = {name}_i {name}_i + exp(x)")["f"]
    given = np.array([value, 1.0])
    np.testing.assert_allclose(formula(**{name: given, "x": 0.0}), given @ given + 1)
