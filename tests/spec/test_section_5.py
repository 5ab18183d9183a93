"""Functions: each in every spelling, its value and its derivatives, against NumPy."""

# ruff: noqa: PLW0108 - a reference says by the names of its parameters which arrays it takes

from __future__ import annotations

import math

import numpy as np
import pytest

import indexcalc as ic
from tests.spec.agreement import Array, Reference, Row, agrees, change, refusal, rows

ERF = np.vectorize(math.erf, otypes=[float])


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def softmax(z: Array, axis: int = -1) -> Array:
    return np.exp(z) / np.exp(z).sum(axis, keepdims=True)


def logsumexp(z: Array, axis: int = -1) -> Array:
    return np.log(np.exp(z).sum(axis))


# --- elementwise ----------------------------------------------------------------------------------

ELEMENTWISE: dict[str, tuple[Reference, str]] = {
    "exp": (np.exp, "any"), "log": (np.log, "positive"), "log1p": (np.log1p, "positive"),
    "expm1": (np.expm1, "any"), "sqrt": (np.sqrt, "positive"), "cbrt": (np.cbrt, "any"),
    "abs": (np.abs, "any"), "sign": (np.sign, "any"), "sin": (np.sin, "any"),
    "cos": (np.cos, "any"), "tan": (np.tan, "unit"), "asin": (np.arcsin, "unit"),
    "acos": (np.arccos, "unit"), "atan": (np.arctan, "any"), "sinh": (np.sinh, "any"),
    "cosh": (np.cosh, "any"), "tanh": (np.tanh, "any"), "asinh": (np.arcsinh, "any"),
    "atanh": (np.arctanh, "unit"), "sigmoid": (sigmoid, "any"),
    "softplus": (lambda z: np.log(1 + np.exp(z)), "any"),
    "relu": (lambda z: np.maximum(z, 0), "any"), "erf": (ERF, "any"),
    "gelu": (lambda z: z * (1 + ERF(z / 2**0.5)) / 2, "any"),
    "silu": (lambda z: z * sigmoid(z), "any"),
}  # fmt: skip


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_functions(name: str) -> None:
    function, kind = ELEMENTWISE[name]

    def by_hand(x):  # type: ignore[no-untyped-def]
        return function(x)

    agrees(f"y_i = {name}(x_i)", "y", by_hand, x=f"n:{kind}")
    agrees(f"x[n]; y = {name}(x)", "y", by_hand, x=f"n:{kind}")
    agrees(f"x[m, n]; y = {name}(x)", "y", by_hand, x=f"mn:{kind}")
    agrees(f"y_i = {name}(x_i)", "∂y_i/∂x_j", change(by_hand, "x"), 1e-6, x=f"n:{kind}")


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_second_derivatives(name: str) -> None:
    function, kind = ELEMENTWISE[name]

    def by_hand(x):  # type: ignore[no-untyped-def]
        return function(x)

    second = change(change(by_hand, "x", 1e-3), "x", 1e-3)
    agrees(f"y = {name}(x)", "∂²y/∂x²", second, 1e-4, x=f":{kind}")


def test_acosh() -> None:
    program = "y_i = acosh(x_i + 1)"
    agrees(program, "y", lambda x: np.arccosh(x + 1), x="n:positive")
    slope = lambda x: np.diag(1 / np.sqrt((x + 1) ** 2 - 1))  # noqa: E731 - a formula
    agrees(program, "∂y_i/∂x_j", slope, x="n:positive")


X2 = {"x": "n", "z": "n"}
SEVERAL: list[Row] = [
    ("y_i = max(x_i, z_i)", "y", lambda x, z: np.maximum(x, z), X2),
    ("y_i = max(x_i, z_i)", "∂y_i/∂x_j", lambda x, z: np.diag((x > z) * 1.0), X2),
    ("y_i = min(x_i, 0)", "y", lambda x: np.minimum(x, 0), {"x": "n"}),
    ("y_i = min(x_i, z_i)", "∂y_i/∂z_j", lambda x, z: np.diag((z < x) * 1.0), X2),
    ("y_ij = max(x_i, z_j)", "y", lambda x, z: np.maximum(x[:, None], z), {"x": "n", "z": "m"}),
    ("x[n]; y = max(0, x)", "y", lambda x: np.maximum(x, 0), {"x": "n"}),
    ("x[n]; y = max(x, 0)", "∂y/∂x", lambda x: np.diag((x > 0) * 1.0), {"x": "n"}),
    ("y_i = pow(x_i, 3)", "y", lambda x: x**3, {"x": "n"}),
    ("y_i = pow(x_i, p)", "∂y_i/∂p", lambda x, p: x**p * np.log(x), {"x": "n:positive", "p": ""}),
    ("y_i = atan2(x_i, z_i)", "y", lambda x, z: np.arctan2(x, z), X2),
    ("y_i = atan2(x_i, z_i)", "∂y_i/∂z_j", lambda x, z: np.diag(-x / (x * x + z * z)), X2),
    ("y_i = where(x_i > 0, z_i, b)", "y", lambda x, z, b: np.where(x > 0, z, b), {**X2, "b": ""}),
    ("y_i = where(x_i > 0, z_i^2, b)", "∂y_i/∂z_j",
     lambda x, z, b: np.diag(np.where(x > 0, 2 * z, 0)), {**X2, "b": ""}),
    ("y_i = [x_i > 0] z_i", "y", lambda x, z: (x > 0) * z, X2),
    ("y_i = [x_i > 0] x_i", "∂y_i/∂x_j", lambda x: np.diag((x > 0) * 1.0), {"x": "n"}),
    ("y_i = [x_i >= 0][z_i < 1]", "y", lambda x, z: (x >= 0) * (z < 1) * 1.0, X2),
    ("y_i = [x_i ≤ 0] + [x_i ≥ 1] + [x_i != 0] + [x_i <= 3] + [x_i == z_i]", "y",
     lambda x, z: 1.0 * (x <= 0) + (x >= 1) + (x != 0) + (x <= 3) + (x == z), X2),
    ("f = [x_i > 0] z_i", "f", lambda x, z: (x > 0) @ z, X2),
    ("f = sum_i [x_i > 0]", "f", lambda x: (x > 0).sum() * 1.0, {"x": "n"}),
]  # fmt: skip


@rows(SEVERAL)
def test_functions_of_several_arguments(
    program: str, query: str, by_hand: Reference, shapes: dict[str, str]
) -> None:
    agrees(program, query, by_hand, **shapes)


# --- along an index -------------------------------------------------------------------------------

V, M = {"θ": "n"}, {"θ": "mn"}
ALONG: list[Row] = [
    ("θ[n]; y = softmax(θ)", "y", lambda θ: softmax(θ), V),
    ("θ[n]; y = softmax(θ)", "∂y/∂θ",
     lambda θ: np.diag(softmax(θ)) - np.outer(softmax(θ), softmax(θ)), V),
    ("y_i = softmax(θ_i)", "y", lambda θ: softmax(θ), V),
    ("y_bi = softmax_i(θ_bi)", "y", lambda θ: softmax(θ), M),
    ("y_bi = softmax_b(θ_bi)", "y", lambda θ: softmax(θ, 0), M),
    ("", "softmax_i(θ_bi)", lambda θ: softmax(θ), M),
    ("y_bi = softmax_i(θ_bi)", "∂y_bi/∂θ_ck", lambda θ: np.einsum(
        "bc,bik->bick", np.eye(len(θ)),
        softmax(θ)[:, :, None] * (np.eye(θ.shape[1]) - softmax(θ)[:, None])), M),
    ("y_bi = logsoftmax_i(θ_bi)", "y", lambda θ: np.log(softmax(θ)), M),
    ("θ[n]; y = logsoftmax(θ)", "y", lambda θ: np.log(softmax(θ)), V),
    ("f_b = logsumexp_i(θ_bi)", "f", lambda θ: logsumexp(θ), M),
    ("f_b = logsumexp_i θ_bi", "f", lambda θ: logsumexp(θ), M),
    ("θ[n]; f = logsumexp(θ)", "f", lambda θ: logsumexp(θ), V),
    ("f = logsumexp(θ_i)", "f", lambda θ: logsumexp(θ), V),
    ("f_b = logsumexp_i(θ_bi)", "∂f_b/∂θ_ci",
     lambda θ: np.einsum("bc,ci->bci", np.eye(len(θ)), softmax(θ)), M),
    ("f = log(Σ_i exp(θ_i))", "∂²f/∂θ_i∂θ_j",
     lambda θ: np.diag(softmax(θ)) - np.outer(softmax(θ), softmax(θ)), V),
    ("f_b = norm_i(θ_bi)", "f", lambda θ: np.linalg.norm(θ, axis=1), M),
    ("θ[n]; f = norm(θ)", "f", lambda θ: np.linalg.norm(θ), V),
    ("f = norm(θ_i)", "∂f/∂θ_j", lambda θ: θ / np.linalg.norm(θ), V),
    ("f_b = max_i(θ_bi)", "f", lambda θ: θ.max(1), M),
    ("f_b = min_i(θ_bi)", "f", lambda θ: θ.min(1), M),
    ("f_b = mean_i(θ_bi)", "f", lambda θ: θ.mean(1), M),
    ("f_b = prod_i(θ_bi)", "f", lambda θ: θ.prod(1), M),
    ("f_b = prod_i(θ_bi)", "H_bi = ∂f_b/∂θ_bi", lambda θ: θ.prod(1)[:, None] / θ, M),
    ("θ[n]; f = max(θ)", "∂f/∂θ", lambda θ: (θ == θ.max()) * 1.0, V),
    ("θ[n]; f = min(θ)", "∂f/∂θ", lambda θ: (θ == θ.min()) * 1.0, V),
    ("θ[n]; f = mean(θ)", "∂f/∂θ", lambda θ: np.ones(len(θ)) / len(θ), V),
    ("f_bi = cumsum_i(θ_bi)", "f", lambda θ: θ.cumsum(1), M),
    ("f_bi = cumsum_b(θ_bi)", "f", lambda θ: θ.cumsum(0), M),
    ("θ[n]; f = cumsum(θ)", "f", lambda θ: θ.cumsum(), V),
    ("θ[n]; f = cumsum(θ)", "∂f/∂θ", lambda θ: np.tril(np.ones((len(θ), len(θ)))), V),
    ("f = mean_{i,j}(θ_ij)", "∂f/∂θ_kl", lambda θ: np.ones_like(θ) / θ.size, M),
    ("f = prod_{i,j}(θ_ij)", "∂f/∂θ_kl", lambda θ: θ.prod() / θ, M),
    ("f = logsumexp_{i,j}(θ_ij)", "∂f/∂θ_kl", lambda θ: np.exp(θ) / np.exp(θ).sum(), M),
    ("f = max_{i,j}(θ_ij)", "∂f/∂θ_kl", lambda θ: (θ == θ.max()) * 1.0, M),
]  # fmt: skip


@rows(ALONG)
def test_functions_along_an_index(
    program: str, query: str, by_hand: Reference, shapes: dict[str, str]
) -> None:
    agrees(program, query, by_hand, **shapes)


def test_an_index_that_the_argument_lacks_is_refused() -> None:
    assert "does not occur" in refusal("f = softmax_k(θ_i)").message


# --- of matrices ----------------------------------------------------------------------------------

OF_MATRICES: list[Row] = [
    ("x[n]", "norm1(x) + norm2(x) + normInf(x)",
     lambda x: abs(x).sum() + np.linalg.norm(x) + abs(x).max(), {"x": "n"}),
    ("x[n]; f = norm1(x)", "∂f/∂x", lambda x: np.sign(x), {"x": "n"}),
    ("x[n]; f = normInf(x)", "∂f/∂x",
     lambda x: np.sign(x) * (abs(x) == abs(x).max()), {"x": "n"}),
    ("X[m, n]; f = normF(X)", "∂f/∂X", lambda X: X / np.linalg.norm(X), {"X": "mn"}),
    ("p[n], q[n]; f = xent(p, q)", "f", lambda p, q: -p @ np.log(q),
     {"p": "n", "q": "n:positive"}),
    ("f = xent(p_i, q_i)", "∂f/∂q_j", lambda p, q: -p / q, {"p": "n", "q": "n:positive"}),
    ("p[n], θ[n]; f = xent(p, softmax(θ))", "∂f/∂θ", lambda p, θ: p.sum() * softmax(θ) - p,
     {"p": "n", "θ": "n"}),
    ("A[n, n], b[n]; f = sum(solve(A, b))", "∂f/∂A",
     lambda A, b: -np.outer(np.linalg.solve(A.T, np.ones(len(b))), np.linalg.solve(A, b)),
     {"A": "nn:invertible", "b": "n"}),
    ("A[n, n]; f = det(A)", "∂f/∂A", lambda A: np.linalg.det(A) * np.linalg.inv(A).T,
     {"A": "nn:invertible"}),
    ("A[n, n]; f = logdet(A)", "∂²f/∂A_ij∂A_kl",
     lambda A: -np.einsum("li,jk->ijkl", np.linalg.inv(A), np.linalg.inv(A)), {"A": "nn:spd"}),
    ("A[n, n]; B = inv(A)", "∂B_ij/∂A_kl",
     lambda A: -np.einsum("ik,lj->ijkl", np.linalg.inv(A), np.linalg.inv(A)),
     {"A": "nn:invertible"}),
    ("A[n, n]; f = tr(A^3)", "∂f/∂A", lambda A: 3 * (A @ A).T, {"A": "nn"}),
    ("A[m, n], B[p, q]; f = sum((A ⊗ B).^2)", "∂f/∂A", lambda A, B: 2 * A * (B * B).sum(),
     {"A": "mn", "B": "pq"}),
]  # fmt: skip


@rows(OF_MATRICES)
def test_functions_of_matrices(
    program: str, query: str, by_hand: Reference, shapes: dict[str, str]
) -> None:
    agrees(program, query, by_hand, **shapes)


# --- defined and abstract functions ---------------------------------------------------------------

DEFINED: list[Row] = [
    ("σ(z) = z^3", "σ'(x_i) + σ''(x_i) + σ'''(x_i)", lambda x: 3 * x**2 + 6 * x + 6, {"x": "n"}),
    ("σ(z) = z^3; y_i = σ(x_i)", "∂^3 y_i/∂x_j∂x_k∂x_l",
     lambda x: 6 * np.einsum("ij,ik,il->ijkl", *[np.eye(len(x))] * 3), {"x": "n"}),
    ("h(a, b) = a^2 b; y_i = h(x_i, z_i)", "∂y_i/∂x_j", lambda x, z: np.diag(2 * x * z), X2),
    ("h(a, b) = a^2 b; x[n], z[n]; y = h(x, z)", "∂y/∂z", lambda x, z: np.diag(x**2), X2),
    ("h(a, c) = c a^2; y_i = h(x_i, c)", "∂y_i/∂c", lambda x, c: x**2, {"x": "n", "c": ""}),
    ("g(z) = h(z)^2; h(z) = z + 1", "g'(x_i)", lambda x: 2 * (x + 1), {"x": "n"}),
]  # fmt: skip


@rows(DEFINED)
def test_defined_functions(
    program: str, query: str, by_hand: Reference, shapes: dict[str, str]
) -> None:
    agrees(program, query, by_hand, **shapes)


def test_abstract_functions_have_primes() -> None:
    program = ic.Program("y_i = g(W_ij x_j)")
    assert program.variables["g"].role == "function"
    assert "g'(" in str(program["∂y_i/∂W_kl"])
    assert "g'''" in str(program["∂³y_i/∂x_j∂x_k∂x_l"])
    W, x = np.array([[1.0, 2.0], [0.5, -1.0], [2.0, 0.0]]), np.array([0.3, -0.2])
    expected = np.einsum("i,ij,ik,il->ijkl", np.exp(W @ x), W, W, W)
    given = program["∂³y_i/∂x_j∂x_k∂x_l"](W=W, x=x, g="exp")
    np.testing.assert_allclose(given, expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("abs(x)", 0.0, 0.0), ("relu(x)", 0.0, 0.0), ("max(x, 0)", 0.0, 0.5),
        ("max(x, x0)", 0.0, 0.5), ("min(x, x0)", 0.0, 0.5), ("sign(x)", 0.0, 0.0),
        ("[x > 0]", 0.0, 0.0),
    ],
)  # fmt: skip
def test_subgradients_at_kinks(text: str, at: float, expected: float) -> None:
    arrays = {"x": at, **({"x0": 0.0} if "x0" in text else {})}
    assert ic.Program(f"f = {text}")["∂f/∂x"](**arrays) == expected


def test_ties_of_a_maximum_share_the_derivative() -> None:
    slope = ic.Program("f = max_i x_i")["∂f/∂x_j"](x=np.array([1.0, 3.0, 3.0]))
    np.testing.assert_array_equal(slope, [0.0, 0.5, 0.5])
