"""Derivatives: every spelling, every order, through and by definitions, contracted, nested."""

from __future__ import annotations

import numpy as np
import pytest

import indexcalc as ic
from tests.spec.agreement import Array, Reference, Row, agrees, change, refusal, rows, slope

PROGRAM = """
σ(z) = 1/(1 + exp(-z))
z_i  = W_ij x_j + b_i
λ    = log(1 + exp(-y w_i σ(z_i)))
"""
SHAPES = {"W": "mn", "x": "n", "b": "m", "y": ":sign", "w": "m"}


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def loss(W: Array, x: Array, b: Array, y: Array, w: Array) -> Array:
    return np.log(1 + np.exp(-y * w @ sigmoid(W @ x + b)))


def top(z: Array, y: Array, w: Array) -> Array:
    return np.log(1 + np.exp(-y * w @ sigmoid(z)))


def second(first: str, then: str) -> Reference:
    return change(slope(loss, first), then)


# --- spellings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["∂λ/∂W_ij", "∂λ/∂W", "diff(λ, W_ij)", "diff(lambda, W)", "∂(λ)/∂W_ij", "∂ λ / ∂ W_ij",
     "∂λ/(∂W_ij)", "G_ij = ∂λ/∂W_ij", "(∂λ/∂W)_ij", "∂(log(1 + exp(-y w_i σ(z_i))))/∂W_kl"],
)  # fmt: skip
def test_spellings_of_a_first_derivative(query: str) -> None:
    agrees(PROGRAM, query, slope(loss, "W"), **SHAPES)


@pytest.mark.parametrize(
    "query",
    ["∂²λ/∂b_k∂W_ij", "∂^2 λ/∂b_k∂W_ij", "∂²λ/(∂b_k ∂W_ij)", "diff(λ, b_k, W_ij)", "∂²λ/∂b∂W",
     "∂(∂λ/∂b_k)/∂W_ij", "diff(diff(λ, b), W)", "∂^{2}λ/∂b_k∂W_ij"],
)  # fmt: skip
def test_spellings_of_a_mixed_derivative(query: str) -> None:
    agrees(PROGRAM, query, second("b", "W"), 1e-8, **SHAPES)


@pytest.mark.parametrize("name", list("Wxbyw"))
def test_gradients_by_everything(name: str) -> None:
    indices = {"W": "_kl", "y": ""}.get(name, "_k")
    agrees(PROGRAM, f"∂λ/∂{name}{indices}", slope(loss, name), **SHAPES)


def test_higher_orders() -> None:
    agrees(PROGRAM, "∂²λ/∂W_ij∂W_kl", second("W", "W"), 1e-8, **SHAPES)
    third = change(change(slope(loss, "b"), "b", 1e-3), "b", 1e-3)
    agrees(PROGRAM, "∂³λ/∂b_i∂b_j∂b_k", third, 1e-5, **SHAPES)


POWERS: list[Row] = [
    ("f = x^3", "∂²f/∂x²", lambda x: 6 * x, {"x": ""}),
    ("f = x^3", "∂^2 f/∂x^2", lambda x: 6 * x, {"x": ""}),
    ("f = x^5", "∂^4 f/∂x^4", lambda x: 120 * x, {"x": ""}),
    ("x[n]; f = x^T x", "∂²f/∂x²", lambda x: 2 * np.eye(len(x)), {"x": "n"}),
    ("f = a_i x_i^3", "∂^3 f/∂x_i∂x_j∂x_k",
     lambda a, x: 6 * np.einsum("i,ij,ik->ijk", a, np.eye(len(x)), np.eye(len(x))),
     {"a": "n", "x": "n"}),
    ("Y_ij = W_ik X_kj", "∂Y/∂X",
     lambda W, X: np.einsum("ik,jl->ijkl", W, np.eye(X.shape[1])), {"W": "mp", "X": "pn"}),
    ("y_i = W_ij x_j", "∂y_i/∂W_jk",
     lambda W, x: np.einsum("ij,k->ijk", np.eye(len(W)), x), {"W": "mn", "x": "n"}),
    ("f = g(x) y; g(x) = x^2", "∂f/∂x + ∂f/∂y", lambda x, y: 2 * x * y + x * x,
     {"x": "", "y": ""}),
]  # fmt: skip


@rows(POWERS)
def test_powers_of_derivatives(
    program: str, query: str, by_hand: Reference, shapes: dict[str, str]
) -> None:
    agrees(program, query, by_hand, **shapes)


# --- an ordinary expression -----------------------------------------------------------------------


def test_a_derivative_stands_anywhere() -> None:
    def gradient(**arrays: Array) -> Array:
        return slope(loss, "x")(**arrays)

    def step(W, x, b, y, w, η):  # type: ignore[no-untyped-def]
        return x - η * gradient(W=W, x=x, b=b, y=y, w=w)

    def square(W, x, b, y, w):  # type: ignore[no-untyped-def]
        return gradient(W=W, x=x, b=b, y=y, w=w) @ gradient(W=W, x=x, b=b, y=y, w=w)

    agrees(PROGRAM, "x_i - η ∂λ/∂x_i", step, η="", **SHAPES)
    agrees(PROGRAM, "∂λ/∂x_i ∂λ/∂x_i", square, **SHAPES)
    agrees(PROGRAM, "‖∂λ/∂x‖^2", square, **SHAPES)
    agrees(PROGRAM + "n = ∂λ/∂x_i ∂λ/∂x_i", "n", square, **SHAPES)
    agrees(PROGRAM + "n = ∂λ/∂x_i ∂λ/∂x_i", "∂n/∂b_k", change(square, "b"), 1e-7, **SHAPES)
    agrees(PROGRAM, "∂(∂λ/∂x_i ∂λ/∂x_i)/∂x_j", change(square, "x"), 1e-7, **SHAPES)


def test_derivatives_in_definitions_are_differentiated() -> None:
    program = PROGRAM + "g_i = ∂λ/∂b_i\nH_ij = ∂g_i/∂b_j"
    agrees(program, "H", second("b", "b"), 1e-8, **SHAPES)


# --- total and cut --------------------------------------------------------------------------------


def test_by_a_defined_name_what_defines_it_is_cut_off() -> None:
    def first(W, x, b, y, w):  # type: ignore[no-untyped-def]
        return slope(top, "z")(z=W @ x + b, y=y, w=w)

    def hessian(W, x, b, y, w):  # type: ignore[no-untyped-def]
        return change(slope(top, "z"), "z")(z=W @ x + b, y=y, w=w)

    agrees(PROGRAM, "∂λ/∂z_i", first, **SHAPES)
    agrees(PROGRAM, "∂²λ/∂z_i∂z_j", hessian, 1e-8, **SHAPES)
    agrees(PROGRAM, "∂λ/∂z_i ∂z_i/∂W_jk", slope(loss, "W"), **SHAPES)
    agrees(PROGRAM, "∂(∂λ/∂z_i)/∂b_j", hessian, 1e-8, **SHAPES)


def test_by_a_name_and_by_what_it_is_made_of_has_two_readings() -> None:
    query = "∂²λ/∂z_i∂W_jk"
    program = ic.Program(PROGRAM)
    for work in (lambda: str(program[query]), lambda: program.compile(query)):
        with pytest.raises(ic.DifferentiationError) as caught:
            work()
        assert [mark.span.text for mark in caught.value.marks] == [query]
        assert "∂(∂…/∂z)/∂W" in caught.value.hint


# --- contractions ---------------------------------------------------------------------------------

TANH = "y_i = tanh(W_ij x_j)"


def slopes(W: Array, x: Array) -> Array:
    return 1 - np.tanh(W @ x) ** 2


CONTRACTED: list[Row] = [
    ("A[n, n]; y_i = A_ij tanh(x_j)", "∂y_i/∂x_i",
     lambda A, x: np.diag(A) @ (1 - np.tanh(x) ** 2), {"A": "nn", "x": "n"}),
    ("W[n, n]; y_i = W_ij x_j", "d_i = ∂y_i/∂x_i", lambda W: np.diag(W) + 0,
     {"W": "nn", "x": "n"}),
    (TANH, "u_i ∂y_i/∂x_j", lambda W, x, u: W.T @ (u * slopes(W, x)),
     {"W": "mn", "x": "n", "u": "m"}),
    (TANH, "∂y_i/∂x_j v_j", lambda W, x, v: slopes(W, x) * (W @ v),
     {"W": "mn", "x": "n", "v": "n"}),
    (TANH, "u_i ∂²y_i/∂x_j∂x_k v_k",
     lambda W, x, u, v: W.T @ (-2 * u * np.tanh(W @ x) * slopes(W, x) * (W @ v)),
     {"W": "mn", "x": "n", "u": "m", "v": "n"}),
    (TANH, "∂²y_i/∂x_j∂x_j",
     lambda W, x: -2 * np.tanh(W @ x) * slopes(W, x) * (W**2).sum(1), {"W": "mn", "x": "n"}),
    ("y_i = W_ij x_j", "∂y_i/∂W_ij", lambda W, x: len(W) * x, {"W": "mn", "x": "n"}),
    ("Y_ij = W_ik X_kj", "∂Y_ij/∂X_kj", lambda W, X: W * X.shape[1], {"W": "mp", "X": "pn"}),
    ("Y_ij = W_ik X_kj", "H_ikj = ∂Y_ij/∂X_kj",
     lambda W, X: np.repeat(W[:, :, None], X.shape[1], 2), {"W": "mp", "X": "pn"}),
    ("f = (x_i x_i)^2", "∂²f/∂x_i∂x_i", lambda x: (4 * len(x) + 8) * (x @ x), {"x": "n"}),
    ("f = (x_i x_i)^2", "∂⁴f/∂x_i∂x_i∂x_j∂x_j", lambda x: 8.0 * len(x) * (len(x) + 2),
     {"x": "n"}),
    ("f = x_i x_i x_j a_j", "∂³f/∂x_i∂x_i∂x_j", lambda x, a: (2 * len(x) + 4) * a,
     {"x": "n", "a": "n"}),
]  # fmt: skip


@rows(CONTRACTED)
def test_contracted_derivatives(
    program: str, query: str, by_hand: Reference, shapes: dict[str, str]
) -> None:
    agrees(program, query, by_hand, **shapes)


def test_second_derivatives_contracted() -> None:
    def laplacian(W, x, b, y, w):  # type: ignore[no-untyped-def]
        return np.trace(second("x", "x")(W=W, x=x, b=b, y=y, w=w))

    def product(W, x, b, y, w, v):  # type: ignore[no-untyped-def]
        return np.einsum("ijkl,kl->ij", second("W", "W")(W=W, x=x, b=b, y=y, w=w), v)

    def mixed(W, x, b, y, w):  # type: ignore[no-untyped-def]
        return np.einsum("ijj->i", second("W", "x")(W=W, x=x, b=b, y=y, w=w))

    agrees(PROGRAM, "∂²λ/∂x_i∂x_i", laplacian, 1e-8, **SHAPES)
    agrees(PROGRAM, "∂²λ/∂W_ij∂W_kl v_kl", product, 1e-8, v="mn", **SHAPES)
    agrees(PROGRAM, "∂²λ/∂W_ij∂x_j", mixed, 1e-8, **SHAPES)


def test_the_order_of_axes_is_told() -> None:
    program = ic.Program(PROGRAM)
    assert program["∂²λ/∂W_ij∂b_k"].free == ("i", "j", "k")
    assert program["∂²λ/∂b_k∂W_ij"].free == ("k", "i", "j")
    assert program["∂z_a/∂W_ij"].free == ("a", "i", "j")
    assert "dλ_dW" in program.compile("∂λ/∂W_ij").source


# --- symmetric and other variables ----------------------------------------------------------------

STRUCTURED: list[Row] = [
    ("A[n, n] symmetric; x[n], y[n]; f = x^T A y", "∂f/∂A",
     lambda A, x, y: (np.outer(x, y) + np.outer(y, x)) / 2,
     {"A": "nn:symmetric", "x": "n", "y": "n"}),
    ("D[n, n] diagonal; x[n], y[n]; f = x^T D y", "∂f/∂D", lambda D, x, y: np.diag(x * y),
     {"D": "nn:diagonal", "x": "n", "y": "n"}),
    ("D[n, n] diagonal; x[n], y[n]; f = x^T D^-1 y", "f", lambda D, x, y: x @ (y / np.diag(D)),
     {"D": "nn:diagonal", "x": "n", "y": "n"}),
    ("K[n, n] spd; f = logdet(K)", "∂f/∂K", lambda K: np.linalg.inv(K) + 0, {"K": "nn:spd"}),
    ("K[n, n] spd; y[n]; f = y^T K^-1 y", "∂f/∂K",
     lambda K, y: -np.outer(np.linalg.solve(K, y), np.linalg.solve(K, y)),
     {"K": "nn:spd", "y": "n"}),
]  # fmt: skip


@rows(STRUCTURED)
def test_structured_variables(
    program: str, query: str, by_hand: Reference, shapes: dict[str, str]
) -> None:
    agrees(program, query, by_hand, **shapes)


# --- what is refused ------------------------------------------------------------------------------

SLIPS = [
    ("∂f/∂z_i", "z does not occur"), ("∂g/∂x_i", "g does not occur"),
    ("∂f/∂(2 x_i)", "no variable"), ("∂f/∂x_ij", "2 indices"), ("∂²f/∂x_i", "order 2"),
    ("∂f/∂x_i∂x_j", "order|numerator"), ("∂³f/∂x_i∂x_j", "order 3"), ("∂x_i", "numerator"),
    ("∂f_j/∂x_i", "scalar"), ("∂f/∂3", "no variable"), ("∂f", "numerator"), ("∇f", "no meaning"),
    ("∂/∂x_i", "nothing follows"), ("df/dx", "two readings"), ("df/dx_i", "two readings"),
    ("d²f/dx²", "two readings"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "message"), SLIPS, ids=[query for query, _ in SLIPS])
def test_slips_are_refused_with_place_and_cure(query: str, message: str) -> None:
    error = refusal("f = x_i x_i", query)
    assert error.marks
    assert error.hint
    assert any(part in error.message for part in message.split("|"))


def test_a_divergence_of_unequal_extents_shows_both_places_and_a_cure() -> None:
    program = "y_i = A_ij tanh(x_j)"
    error = refusal(program, "∂y_i/∂x_i")
    assert isinstance(error, ic.ShapeError)
    assert [mark.span.text for mark in error.marks] == ["y_i", "x_i"]
    declared = error.hint.rpartition("  ")[2]
    assert declared == "y[n], x[n]"
    assert ic.Program(f"{declared}; {program}")["∂y_i/∂x_i"].shape == ()
