"""Expressions: precedence, calls, matrix notation, MATLAB's spelling, names that win."""

from __future__ import annotations

import re

import numpy as np
import pytest

import indexcalc as ic
from tests.spec.agreement import Reference, Row, agrees, points, refusal, rows, slope

# --- precedence ---------------------------------------------------------------------------------

SCALARS: list[Row] = [
    ("", "1/2 x", lambda x: x / 2, {"x": ""}),
    ("", "a/2 b", lambda a, b: a / 2 * b, {"a": "", "b": ""}),
    ("", "a b / 2 / c", lambda a, b, c: a * b / 2 / c, {"a": "", "b": "", "c": ":positive"}),
    ("", "a/b*c", lambda a, b, c: a / b * c, {"a": "", "b": ":positive", "c": ""}),
    ("", "-x^2", lambda x: -(x**2), {"x": ""}),
    ("", "2^3^2 x", lambda x: 512 * x, {"x": ""}),
    ("", "x^-1", lambda x: 1 / x, {"x": ":positive"}),
    ("", "x^(1/2) + x^{1/2}", lambda x: 2 * x**0.5, {"x": ":positive"}),
    ("", "x² + x³ + x⁻¹ + √x", lambda x: x**2 + x**3 + 1 / x + x**0.5, {"x": ":positive"}),
    ("", "√(x_i x_i)", lambda x: (x @ x) ** 0.5, {"x": "n"}),
    ("y_i = √x_i z_i", "y", lambda x, z: x**0.5 * z, {"x": "n:positive", "z": "n"}),
    ("", "2 a^b c", lambda a, b, c: 2 * a**b * c, {"a": ":positive", "b": "", "c": ""}),
    ("y_i = x_i^p_i", "y", lambda x, p: x**p, {"x": "n:positive", "p": "n"}),
    ("x[n]; y_i = a^x_i", "y", lambda a, x: a**x, {"a": ":positive", "x": "n"}),
    ("", "a - b - c", lambda a, b, c: a - b - c, {"a": "", "b": "", "c": ""}),
    ("", "-a b", lambda a, b: -a * b, {"a": "", "b": ""}),
    ("a[]", "a (b + c)(b - c)", lambda a, b, c: a * (b * b - c * c),
     {"a": "", "b": "", "c": ""}),
    ("y_i = [x_i > 0] x_i - x_i", "y", lambda x: np.where(x > 0, 0, -x), {"x": "n"}),
    ("", "pi x + π x", lambda x: 2 * np.pi * x, {"x": ""}),
    ("", "e^x + e", lambda x: np.exp(x) + np.e, {"x": ""}),
    ("x[n]", "1/n sum_i x_i", lambda x: x.mean(), {"x": "n"}),
    ("x[n]", "x_i x_i / n + n", lambda x: x @ x / len(x) + len(x), {"x": "n"}),
    ("i[]", "i^2 x_i", lambda i, x: i**2 * x, {"i": "", "x": "n"}),
    ("", "i^2 x_i", lambda i, x: i**2 * x, {"i": "", "x": "n"}),
]  # fmt: skip


@rows(SCALARS)
def test_precedence(program: str, query: str, by_hand: Reference, shapes: dict[str, str]) -> None:
    agrees(program, query, by_hand, **shapes)


@pytest.mark.parametrize(
    "text", ["x / y z", "f_i = x_i / y z_i", "c = w/√(2 π s) exp(-(x - m)^2/(2 s))"]
)
def test_a_factor_behind_a_denominator_needs_brackets(text: str) -> None:
    error = refusal(text)
    assert len(error.marks) == 2
    match = re.fullmatch(r"write  (.*)  or  (.*)", error.hint)
    assert match is not None
    left = text.rpartition(" = ")[0]
    first, second = (ic.Program(f"{left} = {part}" if left else part) for part in match.groups())
    assert first.explain() != second.explain()


def test_a_name_before_a_bracket_is_called_unless_it_is_a_tensor() -> None:
    agrees("b[]", "b (x_i + 1)", lambda b, x: b * (x + 1), b="", x="n")
    agrees("b(z) = z^2", "b (x_i + 1)", lambda x: (x + 1) ** 2, x="n")
    assert ic.Program("b (x_i + 1)").variables["b"].role == "function"


# --- the bridges between the notations ------------------------------------------------------------

BRIDGES: list[Row] = [
    ("θ[n]; y_i = softmax(θ)_i z_i", "y", lambda θ, z: np.exp(θ) / np.exp(θ).sum() * z,
     {"θ": "n", "z": "n"}),
    ("A[n, n]; B_ij = inv(A)_ji", "B", lambda A: np.linalg.inv(A).T, {"A": "nn:invertible"}),
    ("f = a_i inv(A)_ij b_j", "∂f/∂A_kl",
     lambda A, a, b: -np.outer(np.linalg.solve(A.T, a), np.linalg.solve(A, b)),
     {"A": "nn:invertible", "a": "n", "b": "n"}),
    ("y_i = softmax(θ)_i", "y", lambda θ: np.exp(θ) / np.exp(θ).sum(), {"θ": "n"}),
    ("y_i = cumsum(θ)_i", "y", lambda θ: θ.cumsum(), {"θ": "n"}),
    ("W[m, n], x[m]; y_i = (W^T x)_i + 1", "y", lambda W, x: W.T @ x + 1, {"W": "mn", "x": "m"}),
    ("f = x_i x_i y_j y_j", "(∂f/∂x)_i z_i", lambda x, y, z: 2 * (x @ z) * (y @ y),
     {"x": "n", "y": "n", "z": "n"}),
    ("f_ij = W^T_ji + W'_ji", "f", lambda W: 2 * W, {"W": "mn"}),
    ("f_ij = A^-1_ij + A⁻¹_ij", "f", lambda A: 2 * np.linalg.inv(A), {"A": "nn:invertible"}),
    ("W[m, n]; Y_ij = W_ij^2; s = tr(Y^T Y)", "s", lambda W: (W**4).sum(), {"W": "mn"}),
]  # fmt: skip


@rows(BRIDGES)
def test_bridges(program: str, query: str, by_hand: Reference, shapes: dict[str, str]) -> None:
    agrees(program, query, by_hand, **shapes)


def test_notations_do_not_mix_without_a_bridge() -> None:
    error = refusal("W[m, n]; y_i = W x_i")
    assert isinstance(error, ic.IndexNotationError)
    assert len(error.marks) == 2
    assert "_ij" in error.hint


# --- matrix notation ------------------------------------------------------------------------------

AB = {"A": "mn", "B": "mn"}
MATRICES: list[Row] = [
    ("A[m, n], x[n]", "A x", lambda A, x: A @ x, {"A": "mn", "x": "n"}),
    ("A[m, n], B[n, p]", "A B", lambda A, B: A @ B, {"A": "mn", "B": "np"}),
    ("x[n], y[n]", "x^T y", lambda x, y: x @ y, {"x": "n", "y": "n"}),
    ("x[m], y[n]", "x y^T", lambda x, y: x[:, None] * y,
     {"x": "m", "y": "n"}),
    ("A[m, n]", "A^T", lambda A: A.T, {"A": "mn"}),
    ("A[m, n]", "A'", lambda A: A.T, {"A": "mn"}),
    ("A[n, n]", "A^-1 + A^{-1} + A^(-1) + A⁻¹", lambda A: 4 * np.linalg.inv(A),
     {"A": "nn:invertible"}),
    ("A[n, n]", "A^-T + A^{-T}", lambda A: 2 * np.linalg.inv(A).T, {"A": "nn:invertible"}),
    ("A[n, n]", "A^2 + A³", lambda A: A @ A + A @ A @ A, {"A": "nn"}),
    ("A[n, n]", "A^-2", lambda A: np.linalg.inv(A @ A), {"A": "nn:invertible"}),
    ("A[m, n], B[m, n]", "A ⊙ B", lambda A, B: A * B, AB),
    ("A[m, n], B[m, n]", "A : B", lambda A, B: (A * B).sum(), AB),
    ("A[m, n], B[p, q]", "A ⊗ B", lambda A, B: np.kron(A, B) + 0, {"A": "mn", "B": "pq"}),
    ("A[m, n], x[n]", "‖A x‖", lambda A, x: np.linalg.norm(A @ x), {"A": "mn", "x": "n"}),
    ("A[m, n], x[n]", "||A x||^2", lambda A, x: np.linalg.norm(A @ x) ** 2,
     {"A": "mn", "x": "n"}),
    ("A[m, n], x[n]", "‖A x‖_2^2 + ‖A x‖_1", lambda A, x: (A @ x) @ (A @ x) + abs(A @ x).sum(),
     {"A": "mn", "x": "n"}),
    ("A[m, n]", "‖A‖_F^2", lambda A: (A * A).sum(), {"A": "mn"}),
    ("A[n, n]", "tr(A) + det(A)", lambda A: A.trace() + np.linalg.det(A), {"A": "nn"}),
    ("A[n, n]", "logdet(A)", lambda A: np.linalg.slogdet(A)[1], {"A": "nn:spd"}),
    ("A[n, n]", "inv(A)", lambda A: np.linalg.inv(A) + 0, {"A": "nn:invertible"}),
    ("A[n, n]", "diag(A)", lambda A: A.diagonal(), {"A": "nn"}),
    ("x[n], A[n, m]", "Diag(x) A", lambda x, A: x[:, None] * A, {"x": "n", "A": "nm"}),
    ("A[m, n]", "vec(A)", lambda A: A.T.reshape(-1), {"A": "mn"}),
    ("A[n, n]", "A - λ I", lambda A, λ: A - λ * np.eye(len(A)), {"A": "nn", "λ": ""}),
    ("W[m, p], X[p, n], b[m]", "W X + b 1^T", lambda W, X, b: W @ X + b[:, None],
     {"W": "mp", "X": "pn", "b": "m"}),
    ("A[m, n]", "A 1", lambda A: A.sum(1), {"A": "mn"}),
    ("x[n]", "1^T x", lambda x: x.sum(), {"x": "n"}),
    ("A[m, n]", "sum(A) + mean(A)", lambda A: A.sum() + A.mean(), {"A": "mn"}),
    ("A[n, n], x[n]", "x^T A x x^T A", lambda A, x: (x @ A @ x) * (x @ A),
     {"A": "nn", "x": "n"}),
    ("A[n, n], b[n]", "solve(A, b) + A^-1 b", lambda A, b: 2 * np.linalg.solve(A, b),
     {"A": "nn:invertible", "b": "n"}),
    ("A[n, n], B[n, m]", "solve(A, B)", lambda A, B: np.linalg.solve(A, B) + 0,
     {"A": "nn:invertible", "B": "nm"}),
    ("σ(z) = z^3; A[m, n], x[n]", "σ'(A x)", lambda A, x: 3 * (A @ x) ** 2,
     {"A": "mn", "x": "n"}),
]  # fmt: skip


@rows(MATRICES)
def test_matrix_notation(
    program: str, query: str, by_hand: Reference, shapes: dict[str, str]
) -> None:
    agrees(program, query, by_hand, **shapes)


def test_vec_of_a_product() -> None:
    program = ic.Program("A[m, n], X[n, p], B[p, q]; d = vec(A X B) - (B^T ⊗ A) vec(X)")
    for arrays in points({"A": "mn", "X": "np", "B": "pq"}):
        np.testing.assert_allclose(program["d"](**arrays), 0, atol=1e-12)


CONFORM = [
    ("W[m, n], X[n, p], b[m]", "W X + b", "W X + b 1^T"),
    ("A[m, n], B[m, k]", "A B", "A^T B"),
    ("x[n]", "x x", "x x^T"),
    ("x[n]", "x^2", "x.^2"),
    ("x[m], W[m, n]", "x W", "x^T W"),
    ("A[m, n]", "‖A‖", "‖A‖_F"),
]


@pytest.mark.parametrize(("declared", "text", "cure"), CONFORM)
def test_what_does_not_conform_is_refused_with_what_does(
    declared: str, text: str, cure: str
) -> None:
    error = refusal(f"{declared}; {text}")
    assert isinstance(error, ic.ShapeError)
    assert cure in error.hint
    assert ic.Program(f"{declared}; {cure}").queries[0].shape is not None


# --- mixed products -------------------------------------------------------------------------------


def test_the_one_reading_that_conforms_is_taken() -> None:
    agrees("P[n, n], g[n]", "P ∘ g g^T", lambda P, g: P * np.outer(g, g), P="nn", g="n")
    program = "u[n], v[m], W[m, n]"
    agrees(program, "u^T ∘ v^T W", lambda u, v, W: u * (v @ W), u="n", v="m", W="mn")
    agrees("A[m, n], x[m], y[n]", "x ∘ A y", lambda A, x, y: x * (A @ y), A="mn", x="m", y="n")


@pytest.mark.parametrize(
    "text",
    ["D[n, n], y[n], z[n]; D y .* z", "A[n, n], B[n, n], C[n, n]; A : B C",
     "A[n, n], B[n, n], C[n, n]; A ⊙ B C"],
)  # fmt: skip
def test_two_readings_that_conform_are_refused(text: str) -> None:
    error = refusal(text)
    assert "two ways" in error.message
    declared = text.rpartition("; ")[0]
    cures = re.findall(r"(?:write|or)  (\S.*)", error.hint)
    assert len({ic.Program(f"{declared}; {cure}").explain() for cure in cures}) == 2


def test_no_reading_that_conforms_is_refused_with_the_readings() -> None:
    error = refusal("u[n], v[n], W[n, n]; u ∘ v W")
    assert isinstance(error, ic.ShapeError)
    assert "u ∘ (v W)" in error.hint
    assert "(u ∘ v) W  joins a vector of n with n×n" in error.hint


# --- MATLAB's spelling ---------------------------------------------------------------------------

MATLAB: list[Row] = [
    ("X[m, n], y[m], w[n]", "sum(log(exp(-y.*(X*w)) + vector(1)))",
     lambda X, y, w: np.log(np.exp(-y * (X @ w)) + 1).sum(), {"X": "mn", "y": "m", "w": "n"}),
    ("A[n, n], x[n], c[], y[n]", "x'*A*x + c*sin(y)'*x",
     lambda A, x, c, y: x @ A @ x + c * np.sin(y) @ x, {"A": "nn", "x": "n", "c": "", "y": "n"}),
    ("X[m, n], T[m, n]", "norm2(X*vector(1))^2 + sum(X.*T)",
     lambda X, T: (X.sum(1) ** 2).sum() + (X * T).sum(), {"X": "mn", "T": "mn"}),
    ("x[n]", "diag(x)", lambda x: np.diag(x) + 0, {"x": "n"}),
    ("X[n, n]", "diag(X)", lambda X: X.diagonal(), {"X": "nn"}),
    ("X[m, n]", "X./matrix(2) - 2.*X.^2", lambda X: X / 2 - 2 * X * X, {"X": "mn"}),
    ("x[n], y[n]", "x'*y/(norm2(x)*norm2(y))",
     lambda x, y: x @ y / np.linalg.norm(x) / np.linalg.norm(y), {"x": "n", "y": "n"}),
    ("x[n], y[n]", "x./y.^2", lambda x, y: x / y**2, {"x": "n", "y": "n"}),
    ("X[n, n]", "X - 3*eye", lambda X: X - 3 * np.eye(len(X)), {"X": "nn"}),
    ("x[n], b[m]", "ones(m,n)*x + b", lambda x, b: b + x.sum(), {"x": "n", "b": "m"}),
    ("A[m, n], x[m]", "(x'*A)' + A'x", lambda A, x: 2 * x @ A, {"A": "mn", "x": "m"}),
    ("p[n], q[n], l0[]", "l0/norm2(p-q).^3*(p-q)*(p-q)'",
     lambda p, q, l0: l0 / np.linalg.norm(p - q) ** 3 * np.outer(p - q, p - q),
     {"p": "n", "q": "n", "l0": ""}),
    ("x[n]", "norm1(x)", lambda x: abs(x).sum(), {"x": "n"}),
]  # fmt: skip


@rows(MATLAB)
def test_matlab_spelling(
    program: str, query: str, by_hand: Reference, shapes: dict[str, str]
) -> None:
    agrees(program, query, by_hand, **shapes)


# --- names ---------------------------------------------------------------------------------------


def test_householder() -> None:
    def by_hand(W, x, b, w, γ):  # type: ignore[no-untyped-def]
        return np.log(1 + np.exp(-γ * w @ np.tanh(W @ x + b)))

    program = "notation: householder\nλ = log(1 + exp(-γ w^T tanh(W x + b)))"
    shapes = {"W": "mn", "x": "n", "b": "m", "w": "m", "γ": ""}
    agrees(program, "λ", by_hand, **shapes)
    agrees(program, "∂λ/∂W", slope(by_hand, "W"), **shapes)
    assert ic.Program(program).variables["W"].shape == ("m", "n")


def test_without_it_a_name_that_is_never_indexed_is_a_scalar() -> None:
    program = ic.Program("y = W x + b")
    assert {v.shape for v in program.variables.values()} == {()}


WINNERS: list[Row] = [
    ("e[n]; f = e_i e_i", "f", lambda e: e @ e, {"e": "n"}),
    ("I[n]; f = I_i I_i", "f", lambda I: I @ I, {"I": "n"}),  # noqa: E741 - the input's name
    ("I[n]; f = I^T I", "f", lambda I: I @ I, {"I": "n"}),  # noqa: E741
    ("T[m, n], v[n]; f = T v", "f", lambda T, v: T @ v, {"T": "mn", "v": "n"}),
    ("T[m, n], v[m]; f = v' T", "f", lambda T, v: v @ T, {"T": "mn", "v": "m"}),
    ("δ_i = x_i + 1; f = δ_i δ_i", "f", lambda x: (x + 1) @ (x + 1), {"x": "n"}),
    ("δ[n]; f = δ_i δ_i", "f", lambda δ: δ @ δ, {"δ": "n"}),
    ("Σ[n, n] spd; x[n]; f = x^T Σ^-1 x", "f", lambda Σ, x: x @ np.linalg.solve(Σ, x),
     {"Σ": "nn:spd", "x": "n"}),
    ("Σ_ij = x_i x_j; f = Σ_ii", "f", lambda x: x @ x, {"x": "n"}),
    ("f = d_i d_i", "f", lambda d: d @ d, {"d": "n"}),
    ("exp_i = x_i; f = exp_i exp_i", "f", lambda x: x @ x, {"x": "n"}),
    ("max[n]; f = max_i max_i", "f", lambda max: max @ max, {"max": "n"}),
    ("f = σ_i σ_i", "f", lambda σ: σ @ σ, {"σ": "n"}),
    ("pi = 3; f = pi x", "f", lambda x: 3 * x, {"x": ""}),
    ("sigmoid(z) = z^2; f_i = sigmoid(x_i)", "f", lambda x: x**2, {"x": "n"}),
]  # fmt: skip


@rows(WINNERS)
def test_declared_and_defined_names_win(
    program: str, query: str, by_hand: Reference, shapes: dict[str, str]
) -> None:
    agrees(program, query, by_hand, **shapes)


def test_a_transpose_where_T_is_a_variable() -> None:
    error = refusal("T[m, n], V[m]; f = V^T T")
    assert "T is m×n in this program" in error.message
    assert "V'" in error.hint
