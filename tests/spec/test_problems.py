"""What people differentiate: networks, likelihoods, physics, in the notations that they use."""

# ruff: noqa: PLW0108 - a reference says by the names of its parameters which arrays it takes

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from tests.spec.agreement import Array, Reference, agrees, change, slope


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def softmax(z: Array, axis: int = -1) -> Array:
    return np.exp(z) / np.exp(z).sum(axis, keepdims=True)


def logsumexp(z: Array, axis: int = -1) -> Array:
    return np.log(np.exp(z).sum(axis))


# --- values with their gradients by everything ----------------------------------------------------


def network(x: Array, W1: Array, b1: Array, W2: Array, b2: Array, y: Array) -> Array:
    theta = sigmoid(x @ W1 + b1) @ W2 + b2
    return -(y * (theta - np.log(np.exp(theta).sum()))).sum()


def batch_norm(X: Array, ε: Array) -> Array:
    return (X - X.mean(0)) / np.sqrt(((X - X.mean(0)) ** 2).mean(0) + ε)


def attention(Q: Array, K: Array, V: Array) -> Array:
    return softmax(Q @ K.T / Q.shape[1] ** 0.5) @ V


def heads(Q: Array, K: Array, V: Array) -> Array:
    return np.einsum("hij,hje->hie", softmax(np.einsum("hid,hjd->hij", Q, K)), V)


def process(x: Array, y: Array, s: Array, l: Array, t: Array) -> Array:  # noqa: E741
    K = s * np.exp(-((x[:, None] - x) ** 2) / (2 * l * l)) + t * np.eye(len(x))
    return -0.5 * y @ np.linalg.solve(K, y) - 0.5 * np.log(np.linalg.det(K))


def chain(a: Array, T: Array) -> Array:
    return logsumexp(logsumexp(logsumexp(a[:, None] + T, 0)[:, None] + T, 0))


def mixture(x: Array, w: Array, m: Array, s: Array) -> Array:
    parts = w / np.sqrt(2 * np.pi * s) * np.exp(-((x[:, None] - m) ** 2) / (2 * s))
    return np.log(parts.sum(1)).sum()


def gaussian(x: Array, μ: Array, Σ: Array) -> Array:
    square = (x - μ) @ np.linalg.solve(Σ, x - μ)
    return -0.5 * (square + np.log(np.linalg.det(Σ)) + len(x) * np.log(2 * np.pi))


def elastic(F: Array, λ: Array, μ: Array) -> Array:
    E = (F.T @ F - np.eye(len(F))) / 2
    return λ / 2 * np.trace(E) ** 2 + μ * (E * E).sum()


NETWORK = {"x": "m", "W1": "mn", "b1": "n", "W2": "np", "b2": "p", "y": "p"}
ROWS = {"x": "1m", "W1": "mn", "b1": "1n", "W2": "np", "b2": "1p", "y": "1p"}
HIDDEN = "σ(z) = 1/(1 + exp(-z)); "
PROBLEMS: list[tuple[str, str, str, Reference, dict[str, str]]] = [
    ("network by components", HIDDEN + "a_i = x_j W1_ji + b1_i; h_i = σ(a_i); "
     "θ_k = h_i W2_ik + b2_k; ŷ_k = softmax(θ)_k; L = -y_k log(ŷ_k)", "L", network, NETWORK),
    ("network by matrices", HIDDEN + "W1[m, n], W2[n, p], x[m], b1[n], b2[p], y[p]; "
     "a = W1^T x + b1; h = σ(a); θ = W2^T h + b2; ŷ = softmax(θ); L = -y : log(ŷ)",
     "L", network, NETWORK),
    ("network by row vectors", HIDDEN + "x[1, m], W1[m, n], W2[n, p], b1[1, n], b2[1, p], y[1, p]; "
     "a = x W1 + b1; h = σ(a); θ = h W2 + b2; ŷ_ij = softmax_j(θ_ij); L = -y : log(ŷ)",
     "L", network, ROWS),
    ("layer by a batch", "Y_ij = U_ik tanh(W_kl X_lj + b_k) + c_i", "Y",
     lambda U, W, X, b, c: U @ np.tanh(W @ X + b[:, None]) + c[:, None],
     {"U": "kn", "W": "nm", "X": "mp", "b": "n", "c": "k"}),
    ("layer by a batch, matrices", "U[k, n], W[n, m], X[m, p], b[n], c[k]; "
     "Y = U tanh(W X + b 1^T) + c 1^T", "Y",
     lambda U, W, X, b, c: U @ np.tanh(W @ X + b[:, None]) + c[:, None],
     {"U": "kn", "W": "nm", "X": "mp", "b": "n", "c": "k"}),
    ("batch norm", "μ_j = mean_i X_ij; v_j = mean_i((X_ij - μ_j)^2); "
     "Z_ij = (X_ij - μ_j)/√(v_j + ε)", "Z", batch_norm, {"X": "mn", "ε": ":positive"}),
    ("layer norm", "x[n]; μ = 1/n sum_i x_i; v = 1/n sum_i (x_i - μ)^2; "
     "y_i = γ_i (x_i - μ)/√(v + ε) + β_i", "y",
     lambda x, γ, β, ε: γ * (x - x.mean()) / np.sqrt(((x - x.mean()) ** 2).mean() + ε) + β,
     {"x": "n", "γ": "n", "β": "n", "ε": ":positive"}),
    ("attention", "Q[m, d]; S_ij = Q_ik K_jk/√d; P_ij = softmax_j(S_ij); O_ir = P_ij V_jr", "O",
     attention, {"Q": "mp", "K": "np", "V": "nq"}),
    ("attention by matrices", "Q[m, d], K[n, d], V[n, q]; S = Q K^T/sqrt(d); "
     "P_ij = softmax_j(S_ij); O = P V", "O", attention, {"Q": "mp", "K": "np", "V": "nq"}),
    ("heads", "S_{h,i,j} = Q_{h,i,d} K_{h,j,d}; P_{h,i,j} = softmax_j(S_{h,i,j}); "
     "O_{h,i,e} = P_{h,i,j} V_{h,j,e}", "O", heads, {"Q": "pmn", "K": "pqn", "V": "pqm"}),
    ("Gaussian process", "K_ij = s exp(-(x_i - x_j)^2/(2 l^2)) + t δ_ij; "
     "L = -1/2 y_i inv(K)_ij y_j - 1/2 logdet(K)", "L", process,
     {"x": "n", "y": "n", "s": ":positive", "l": ":positive", "t": ":positive"}),
    ("conditional random field", "α_j = logsumexp_i(a_i + T_ij); β_k = logsumexp_j(α_j + T_jk); "
     "Z = logsumexp_k β_k", "Z", chain, {"a": "n", "T": "nn"}),
    ("mixture", "N_ik = (w_k/√(2 π s_k)) exp(-(x_i - m_k)^2/(2 s_k)); "
     "L = sum_i log(sum_k N_ik)", "L", mixture,
     {"x": "n", "w": "k:positive", "m": "k", "s": "k:positive"}),
    ("Gaussian", "x[n], μ[n], Σ[n, n]; "
     "L = -1/2 (x - μ)^T Σ^-1 (x - μ) - 1/2 logdet(Σ) - n/2 log(2 π)", "L", gaussian,
     {"x": "n", "μ": "n", "Σ": "nn:spd"}),
    ("Gaussian in ASCII", "x[n], mu[n], Sigma[n, n]; "
     "L = -1/2*(x-mu)'*inv(Sigma)*(x-mu) - 1/2*log(det(Sigma)) - n/2*log(2*pi)", "L", gaussian,
     {"x": "n", "μ": "n", "Σ": "nn:spd"}),
    ("multinomial", "η[k]; L = c_k log(p_k); p_k = softmax(η)_k", "L",
     lambda c, η: c @ np.log(softmax(η)), {"c": "k:positive", "η": "k"}),
    ("exponential family", "a = sum_i exp(η_i); L = y_i η_i - a", "L",
     lambda y, η: y @ η - np.exp(η).sum(), {"y": "n", "η": "n"}),
    ("Poisson regression", "X[n, p]; L = sum_i (y_i η_i - exp(η_i))/n; η_i = X_ij β_j", "L",
     lambda X, β, y: (y * (X @ β) - np.exp(X @ β)).mean(), {"X": "np", "β": "p", "y": "n"}),
    ("ridge", "r_i = X_ij β_j - y_i; L = 1/2 r_i r_i + λ/2 β_j β_j", "L",
     lambda X, β, y, λ: 0.5 * ((X @ β - y) ** 2).sum() + λ / 2 * β @ β,
     {"X": "mn", "β": "n", "y": "m", "λ": ""}),
    ("logistic regression", "L = sum_i log(1 + exp(-y_i X_ij w_j))", "L",
     lambda X, w, y: np.log(1 + np.exp(-y * (X @ w))).sum(), {"X": "mn", "w": "n", "y": "m:sign"}),
    ("factorisation", "M[m, n], U[m, p], V[n, p]; L = ‖M - U V^T‖_F^2", "L",
     lambda M, U, V: ((M - U @ V.T) ** 2).sum(), {"M": "mn", "U": "mp", "V": "np"}),
    ("factorisation by components", "L = sum_{i,j} (M_ij - U_ik V_jk)^2", "L",
     lambda M, U, V: ((M - U @ V.T) ** 2).sum(), {"M": "mn", "U": "mp", "V": "np"}),
    ("quadratic program", "Q[n, n], c[n], A[m, n], b[m], x[n], ν[m]; "
     "f = 1/2 x^T Q x + c^T x - ν^T (A x - b)", "f",
     lambda Q, c, A, b, x, ν: 0.5 * x @ Q @ x + c @ x - ν @ (A @ x - b),
     {"Q": "nn", "c": "n", "A": "mn", "b": "m", "x": "n", "ν": "m"}),
    ("barrier", "f = c_i x_i - μ sum_k log(b_k + 20 - A_kj x_j)", "f",
     lambda c, x, μ, b, A: c @ x - μ * np.log(b + 20 - A @ x).sum(),
     {"c": "n", "x": "n:unit", "μ": "", "b": "m:unit", "A": "mn:unit"}),
    ("elasticity", "E_ij = 1/2 (F_ki F_kj - δ_ij); W = λ/2 E_ii E_jj + μ E_ij E_ij", "W", elastic,
     {"F": "nn", "λ": "", "μ": ""}),
    ("angular momentum", "L_i = ε_ijk r_j p_k; E = 1/2 L_i L_i", "E",
     lambda r, p: (r @ r * (p @ p) - (r @ p) ** 2) / 2, {"r": "3", "p": "3"}),
    ("determinant by ε", "d = 1/6 ε_ijk ε_lmn A_il A_jm A_kn", "d",
     lambda A: np.linalg.det(A), {"A": "33"}),
]  # fmt: skip
CASES = [pytest.param(*row[1:], id=row[0]) for row in PROBLEMS]


@pytest.mark.parametrize(("program", "name", "by_hand", "shapes"), CASES)
def test_values_and_gradients(
    program: str, name: str, by_hand: Reference, shapes: dict[str, str]
) -> None:
    agrees(program, name, by_hand, **shapes)
    for variable in shapes:
        agrees(program, f"∂{name}/∂{variable}", slope(by_hand, variable), 1e-8, **shapes)


SECOND = [case for case in CASES if case.id in {
    "Gaussian process", "conditional random field", "mixture", "multinomial", "ridge",
    "logistic regression", "factorisation", "quadratic program", "elasticity",
}]  # fmt: skip


@pytest.mark.parametrize(("program", "name", "by_hand", "shapes"), SECOND)
def test_second_derivatives(
    program: str, name: str, by_hand: Reference, shapes: dict[str, str]
) -> None:
    first, last = [*shapes][-2:]
    for one, other in ((first, first), (last, first)):
        expected = change(slope(by_hand, one), other)
        agrees(program, f"∂²{name}/∂{one}∂{other}", expected, 1e-6, **shapes)


# --- single results -------------------------------------------------------------------------------


def test_k_means() -> None:
    def by_hand(X, C):  # type: ignore[no-untyped-def]
        return ((X[:, None] - C) ** 2).sum(-1).min(1).sum()

    program = "D_ij = sum_k (X_ik - C_jk)^2; L = sum_i min_j D_ij"
    agrees(program, "L", by_hand, X="mp", C="kp")
    agrees(program, "∂L/∂C_jk", change(by_hand, "C"), 1e-6, X="mp", C="kp")


def test_penalties() -> None:
    def by_hand(A, x, b, ρ):  # type: ignore[no-untyped-def]
        return ρ / 2 * (np.maximum(0, A @ x - b) ** 2).sum() + abs(x).sum()

    program = "f = ρ/2 sum_k max(0, A_kl x_l - b_k)^2 + sum_i |x_i|"
    agrees(program, "f", by_hand, A="mn", x="n", b="m", ρ="")
    agrees(program, "∂f/∂x_i", change(by_hand, "x"), 1e-6, A="mn", x="n", b="m", ρ="")


def test_stress_is_the_derivative_of_an_energy() -> None:
    program = (
        "E_ij = 1/2 (F_ki F_kj - δ_ij); W = λ/2 E_ii E_jj + μ E_ij E_ij; "
        "S_ij = ∂W/∂E_ij; P_ij = F_ik S_kj"
    )
    agrees(program, "P", slope(elastic, "F"), F="nn", λ="", μ="")

    def tangent(F, λ, μ):  # type: ignore[no-untyped-def]
        d = np.eye(len(F))
        return λ * np.einsum("ij,kl->ijkl", d, d) + 2 * μ * np.einsum("ik,jl->ijkl", d, d)

    agrees(program, "∂²W/∂E_ij∂E_kl", tangent, F="nn", λ="", μ="")


def curl(M: Array) -> Array:
    """Of the field `M x`."""
    return np.array([M[2, 1] - M[1, 2], M[0, 2] - M[2, 0], M[1, 0] - M[0, 1]])


def test_curls_and_divergences() -> None:
    field = "B_k = ε_kij ∂A_j/∂x_i; A_i = M_ij x_j"
    agrees(field, "B", curl, M="33", x="3")
    charge = "V = q/√(x_i x_i); E_i = -∂V/∂x_i"
    agrees(charge, "E", lambda q, x: q * x / (x @ x) ** 1.5, q="", x="n")
    agrees(charge, "∂E_i/∂x_i", lambda q, x: q * (len(x) - 3) / (x @ x) ** 1.5, 1e-8, q="", x="n")
    maxwell = "F_μν = ∂A_ν/∂x_μ - ∂A_μ/∂x_ν; A_μ = M_μν x_ν; L = -1/4 F_μν F_μν"
    agrees(maxwell, "L", lambda M: -((M.T - M) ** 2).sum() / 4, M="nn", x="n")


def test_the_published_answer_for_row_vectors() -> None:
    program = PROBLEMS[2][1]
    answer = "(((sum(y) ŷ - y) W2^T) ∘ (h - h ∘ h)) W1^T"
    agrees(program, answer, slope(network, "x"), 1e-8, **ROWS)
    answer = "W1 (Diag(h) - Diag(h)^2) W2 (sum(y) ŷ - y)"
    agrees(PROBLEMS[1][1], answer, slope(network, "x"), 1e-8, **NETWORK)


# --- published claims -----------------------------------------------------------------------------

FOLDER = Path(__file__).resolve().parents[1] / "data" / "cases"
PUBLISHED: list[dict[str, Any]] = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
EXPECTED = np.load(FOLDER / "expected.npz")
LEFT_OPEN = ("δ", "eye", "softmax_rows", "diagvec", "1_", "sum_{k,l}(X_kl)")


def claims() -> list[Any]:
    found = []
    for case in PUBLISHED:
        for form in ("index", "matrix"):
            claim = case["claim"]
            text = claim[form] if claim["correct"] else claim.get(f"right_{form}")
            known = case[form] or case["index"]
            if text and known and not any(sign in text for sign in LEFT_OPEN):
                found.append(pytest.param(case, form, known, text, id=f"{case['id']}-{form}"))
    return found


@pytest.mark.parametrize(("case", "form", "known", "text"), claims())
def test_right_claims_have_the_value_of_the_derivative(
    case: dict[str, Any], form: str, known: str, text: str
) -> None:
    main, *where = re.split(r", (?=\w+(?:_\w+)? = )", text)
    declared = [
        f"{name}[{', '.join(extent.removesuffix('_') for extent in variable['shape'])}]"
        for name, variable in case["variables"].items()
    ]
    program = ic.Program("\n".join(["; ".join(declared), known, *where]))
    match = re.match(r"[^\s_=]+", known)
    assert match is not None
    left, equals, right = main.partition(" = ")
    derivative = program[left if equals else f"diff({match[0]}, {', '.join(case['wrt'])})"]
    indices = ",".join(derivative.free) if form == "index" else ""
    claimed = program[f"Q_{{{indices}}} = {right}" if indices else right or left]
    arrays: dict[str, Any] = {
        re.sub(r"_(\d+)$", r"\1", name): EXPECTED[f"{case['id']}|in|{name}"]
        for name in case["variables"]
    }
    if "ψ" in known:
        arrays["ψ"] = "sigmoid"
    one, other = np.squeeze(derivative(**arrays)), np.squeeze(claimed(**arrays))
    expected = np.squeeze(EXPECTED[f"{case['id']}|d"])
    assert one.shape == other.shape == expected.shape
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    np.testing.assert_allclose(one, expected, rtol=0, atol=1e-9 * scale)
    np.testing.assert_allclose(other, expected, rtol=0, atol=1e-9 * scale)
