"""A derivative in a product costs what a few gradients cost, and has the right value.

Operations are those that are planned; a bound is for one shape of the problem, so the bounds are
far below the smallest extent: nothing of the size of a Jacobian can hide in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import indexcalc as ic


@dataclass(frozen=True)
class Problem:
    """A program, planned sizes, small sizes to compute with, and the gradient to compare with."""

    text: str
    planned: Mapping[str, int]
    small: Mapping[str, int]
    gradient: str


QUADRATIC = Problem("A[n, n], x[n], v[n]; f = x^T A x", {"n": 90}, {"n": 5}, "∂f/∂x_i")
LOGISTIC = Problem(
    """
    X[m, n], y[m], w[n], u[n], v[n], s[m], μ[]
    z_i = -y_i X_ij w_j
    f   = sum_i log(1 + exp(z_i))
    p_i = sigmoid(z_i)
    g_i = ∂f/∂w_i
    J   = ∂z/∂w
    H_ij = ∂²f/∂w_i∂w_j
    d_a = ∂p_i/∂w_a ∂p_i/∂w_a
    h_i = ∂²f/∂w_i∂w_i
    c_i = ∂p_i/∂w_a ∂p_i/∂w_a
    """,
    {"m": 120, "n": 80},
    {"m": 4, "n": 3},
    "∂f/∂w_i",
)
SOFTMAX = Problem(
    """
    X[m, n], Y[m, c], W[n, c], V[n, c], U[m, c]
    Z_ij = X_ik W_kj
    l = sum_i logsumexp_j(Z_ij)
    f = l - Y_ij Z_ij
    P_ij = softmax_j(Z_ij)
    h_ij = ∂²f/∂W_ij∂W_ij
    """,
    {"m": 90, "n": 70, "c": 40},
    {"m": 4, "n": 3, "c": 2},
    "∂f/∂W_ij",
)
NEURON = Problem(
    """
    W[m, n], x[n], b[m], w[m], V[m, n]
    z_i = W_ij x_j + b_i
    λ = log(1 + exp(-y w_i tanh(z_i)))
    h_ij = ∂²λ/∂W_ij∂W_ij
    """,
    {"m": 70, "n": 90},
    {"m": 3, "n": 4},
    "∂λ/∂W_ij",
)
DEEP = Problem(
    """
    X[b, p], A[p, q], B[q, r], C[r, s], D[s, t], Y[b, t], U[b, t], V[p, q], S[r, s]
    E_ij = tanh(X_ik A_kj)
    F_ij = tanh(E_ik B_kj)
    G_ij = tanh(F_ik C_kj)
    O_ij = tanh(G_ik D_kj)
    L = sum_{i,j} (O_ij - Y_ij)^2
    g_ij = ∂L/∂A_ij
    h_ij = ∂²L/∂D_ij∂D_ij
    """,
    {"b": 60, "p": 50, "q": 40, "r": 45, "s": 55, "t": 42},
    {"b": 3, "p": 4, "q": 2, "r": 3, "s": 2, "t": 3},
    "∂L/∂A_ij",
)
ATTENTION = Problem(
    """
    Q[n, d], K[m, d], V[m, e], D[n, d], E[m, d], U[n, e]
    O_ij = softmax_k(Q_il K_kl) V_kj
    f = O_ij O_ij
    """,
    {"n": 80, "m": 70, "d": 40, "e": 50},
    {"n": 3, "m": 4, "d": 2, "e": 5},
    "∂f/∂Q_ij",
)
NETWORK = Problem(
    """
    X[s, n], W[n, h], b[h], q[h], y[s], u[s], V[n, h]
    H_ij = tanh(X_ik W_kj + b_j)
    r_i = H_ij q_j - y_i
    f = r_i r_i
    n_i = ∂r_i/∂W_ab ∂r_i/∂W_ab
    d_ab = ∂r_i/∂W_ab ∂r_i/∂W_ab
    """,
    {"s": 100, "n": 50, "h": 60},
    {"s": 4, "n": 3, "h": 2},
    "∂f/∂W_ij",
)
NORMS = Problem(
    "X[m, n], y[m], w[n], v[n]; r_i = X_ij w_j - y_i; f = ‖r‖; h = sum_i relu(r_i)^2;"
    "c = logsumexp(cumsum(w)) + f",
    {"m": 120, "n": 80},
    {"m": 4, "n": 3},
    "∂f/∂w_i",
)
QUARTIC = Problem(
    "T[n, n, n, n], x[n], v[n]; f = T_ijkl x_i x_j x_k x_l", {"n": 16}, {"n": 3}, "∂f/∂x_i"
)
INVERSE = Problem(
    "A[n, n], X[n, n], V[n, n]; f = logdet(X); h = tr(inv(X) A)", {"n": 60}, {"n": 3}, "∂f/∂X_ij"
)

CHEAP: list[tuple[Problem, str, float]] = [  # and how many gradients it may cost
    (QUADRATIC, "∂²f/∂x_i∂x_j v_j", 1.1),
    (QUADRATIC, "v_i ∂²f/∂x_i∂x_j v_j", 1.1),
    (QUADRATIC, "∂²f/∂x_i∂x_i", 0.1),
    (LOGISTIC, "∂²f/∂w_i∂w_j v_j", 2.0),
    (LOGISTIC, "∂²f/∂w_i∂w_j v_j + μ v_i", 2.0),
    (LOGISTIC, "v_i ∂²f/∂w_i∂w_j v_j", 2.0),
    (LOGISTIC, "H v", 2.0),
    (LOGISTIC, "H_ij v_j", 2.0),
    (LOGISTIC, "∂g_i/∂w_j v_j", 2.0),
    (LOGISTIC, "∂(g_i v_i)/∂w_j", 2.0),
    (LOGISTIC, "J^T (J v)", 1.5),
    (LOGISTIC, "H g", 2.5),
    (LOGISTIC, "H (H v)", 3.0),
    (LOGISTIC, "∂²f/∂w_i∂w_i", 1.5),
    (LOGISTIC, "h_i", 1.5),
    (LOGISTIC, "d_a", 1.5),
    (LOGISTIC, "c_i", 1.5),
    (LOGISTIC, "∂p_i/∂w_a v_a", 1.1),
    (LOGISTIC, "s_i ∂p_i/∂w_a", 1.5),
    (LOGISTIC, "∂p_i/∂w_a ∂p_i/∂w_b v_b", 2.0),
    (LOGISTIC, "∂p_i/∂w_a ∂p_k/∂w_a s_k", 2.0),
    (LOGISTIC, "∂²f/∂w_i∂y_j s_j", 2.0),
    (LOGISTIC, "∂³f/∂w_i∂w_j∂w_k u_j v_k", 3.0),
    (LOGISTIC, "∂³f/∂w_i∂w_i∂w_j", 2.0),
    (LOGISTIC, "∂^4 f/∂w_i∂w_j∂w_k∂w_l v_i v_j v_k v_l", 2.0),
    (SOFTMAX, "∂²f/∂W_ij∂W_kl V_kl", 2.0),
    (SOFTMAX, "∂²f/∂W_ij∂W_ij", 1.5),
    (SOFTMAX, "h_ij", 2.0),
    (SOFTMAX, "∂P_ij/∂W_ab V_ab", 1.5),
    (SOFTMAX, "U_ij ∂P_ij/∂W_ab", 1.5),
    (SOFTMAX, "∂P_ij/∂W_ab ∂P_ij/∂W_cd V_cd", 2.0),
    (SOFTMAX, "∂Z_ij/∂W_ab ∂²l/∂Z_ij∂Z_kl ∂Z_kl/∂W_cd V_cd", 2.5),
    (NEURON, "∂²λ/∂W_ij∂W_kl V_kl", 2.0),
    (NEURON, "∂²λ/∂W_ij∂W_ij", 1.5),
    (NEURON, "h_ij", 1.5),
    (NEURON, "∂z_i/∂W_ab ∂z_i/∂W_cd V_cd", 1.5),
    (DEEP, "∂²L/∂A_ij∂A_kl V_kl", 2.2),
    (DEEP, "V_ij ∂²L/∂A_ij∂A_kl V_kl", 2.2),
    (DEEP, "∂²L/∂A_ij∂C_kl S_kl", 2.2),
    (DEEP, "∂²L/∂A_ij∂A_kl V_kl + ∂²L/∂A_ij∂C_kl S_kl", 4.0),
    (DEEP, "∂²L/∂A_ij∂A_kl ∂L/∂A_kl", 2.5),
    (DEEP, "g_ij ∂²L/∂A_ij∂A_kl g_kl", 2.5),
    (DEEP, "∂²L/∂A_ij∂A_kl (∂²L/∂A_kl∂A_ab V_ab)", 4.0),
    (DEEP, "∂O_ij/∂A_ab V_ab", 1.5),
    (DEEP, "U_ij ∂O_ij/∂A_ab", 1.5),
    (DEEP, "∂O_ij/∂A_ab ∂O_ij/∂A_cd V_cd", 2.0),
    (DEEP, "h_ij", 1.5),
    (DEEP, "∂²L/∂D_ij∂D_ij", 1.5),
    (ATTENTION, "∂²f/∂Q_ij∂Q_kl D_kl", 3.0),
    (ATTENTION, "∂²f/∂Q_ij∂K_kl E_kl", 3.0),
    (ATTENTION, "∂²f/∂Q_ij∂Q_kl ∂f/∂Q_kl", 3.0),
    (ATTENTION, "∂O_ij/∂Q_ab D_ab", 1.5),
    (ATTENTION, "U_ij ∂O_ij/∂K_ab", 1.5),
    (ATTENTION, "∂O_ij/∂K_ab ∂O_ij/∂K_cd E_cd", 2.0),
    (NETWORK, "∂²f/∂W_ab∂W_cd V_cd", 2.0),
    (NETWORK, "∂r_i/∂W_ab ∂r_i/∂W_cd V_cd", 2.0),
    (NETWORK, "∂r_i/∂W_ab ∂r_k/∂W_ab u_k", 2.0),
    (NETWORK, "d_ab", 1.5),
    (NETWORK, "n_i", 1.5),
    (NORMS, "∂²f/∂w_i∂w_j v_j", 2.0),
    (NORMS, "∂²h/∂w_i∂w_j v_j", 2.0),
    (NORMS, "∂²c/∂w_i∂w_j v_j", 2.5),
    (NORMS, "∂²f/∂w_i∂w_i", 2.0),
    (QUARTIC, "∂²f/∂x_i∂x_j v_j", 2.5),
    (QUARTIC, "∂³f/∂x_i∂x_j∂x_k v_j v_k", 2.5),
    (INVERSE, "∂²f/∂X_ij∂X_kl V_kl", 4.0),
    (INVERSE, "∂²h/∂X_ij∂X_kl V_kl", 8.0),
]


def names(pair: tuple[Problem, str, float]) -> str:
    return pair[1]


@pytest.mark.parametrize("pair", CHEAP, ids=names)
def test_a_product_costs_a_few_gradients(pair: tuple[Problem, str, float]) -> None:
    problem, query, bound = pair
    sizes = dict(problem.planned)
    program = ic.Program(problem.text)
    flops = [
        program.compile(each, sizes=sizes).cost.at(sizes).flops
        for each in (query, problem.gradient)
    ]
    assert flops[0] <= bound * flops[1]


# A product, and the factors that give the same when each is built first.
EQUAL: list[tuple[Problem, str, str, tuple[str, ...]]] = [
    (LOGISTIC, "H (H v)", "ij,jk,k->i", ("H", "H", "v")),
    (LOGISTIC, "H g", "ij,j->i", ("H", "g")),
    (LOGISTIC, "∂p_i/∂w_a ∂p_k/∂w_a s_k", "ia,ka,k->i", ("∂p_i/∂w_a", "∂p_i/∂w_a", "s")),
    (LOGISTIC, "d_a", "ia,ia->a", ("∂p_i/∂w_a", "∂p_i/∂w_a")),
    (LOGISTIC, "c_i", "ia,ia->i", ("∂p_i/∂w_a", "∂p_i/∂w_a")),
    (LOGISTIC, "∂³f/∂w_i∂w_j∂w_k u_j v_k", "ijk,j,k->i", ("∂³f/∂w_i∂w_j∂w_k", "u", "v")),
    (DEEP, "∂²L/∂A_ij∂A_kl ∂L/∂A_kl", "ijkl,kl->ij", ("∂²L/∂A_ij∂A_kl", "g")),
    (DEEP, "g_ij ∂²L/∂A_ij∂A_kl g_kl", "ij,ijkl,kl->", ("g", "∂²L/∂A_ij∂A_kl", "g")),
    (
        DEEP,
        "∂²L/∂A_ij∂A_kl (∂²L/∂A_kl∂A_ab V_ab)",
        "ijkl,klab,ab->ij",
        ("∂²L/∂A_ij∂A_kl", "∂²L/∂A_ij∂A_kl", "V"),
    ),
    (DEEP, "∂²L/∂A_ij∂C_kl S_kl", "ijkl,kl->ij", ("∂²L/∂A_ij∂C_kl", "S")),
    (ATTENTION, "∂²f/∂Q_ij∂Q_kl ∂f/∂Q_kl", "ijkl,kl->ij", ("∂²f/∂Q_ij∂Q_kl", "∂f/∂Q_ij")),
    (NETWORK, "d_ab", "iab,iab->ab", ("∂r_i/∂W_ab", "∂r_i/∂W_ab")),
    (INVERSE, "∂²h/∂X_ij∂X_kl V_kl", "ijkl,kl->ij", ("∂²h/∂X_ij∂X_kl", "V")),
]


@pytest.mark.parametrize("sizes", ["small", "ones"])
@pytest.mark.parametrize("case", EQUAL, ids=lambda case: str(case[1]))
def test_a_product_is_what_its_factors_give(
    case: tuple[Problem, str, str, tuple[str, ...]], sizes: str
) -> None:
    problem, query, subscripts, factors = case
    program = ic.Program(problem.text)
    given = arrays(program, {n: k if sizes == "small" else 1 for n, k in problem.small.items()})

    def value(text: str) -> Any:
        return program[text](**{name: given[name] for name in program[text].inputs})

    expected = np.einsum(subscripts, *(value(factor) for factor in factors))
    np.testing.assert_allclose(value(query), expected, rtol=1e-9, atol=1e-11)


def arrays(program: ic.Program, sizes: Mapping[str, int]) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(2)
    found = {}
    for name, variable in program.variables.items():
        shape = [sizes[str(extent)] for extent in variable.shape]
        found[name] = rng.normal(size=shape)
        if name == "X":  # an inverse is taken of it
            np.einsum("ii->i", found[name][: min(shape), : min(shape)])[...] += 2
    return found
