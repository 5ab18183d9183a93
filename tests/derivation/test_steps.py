"""The steps of derivatives: every line is true, and the last is what the query prints."""

from __future__ import annotations

import re

import pytest

import indexcalc as ic
from tests.derivation.agreement import assert_true, steps

SIGMA = "σ(z) = tanh(z)"
GEE = "g(z) = sin(z) + z^2"


ROWS = [
    ("z_i = W_ij x_j + b_i; λ = log(1 + exp(-y w_i σ(z_i)))", "∂λ/∂W_ij"),
    ("λ = log(1 + exp(-y w_i σ(W_ij x_j + b_i)))", "∂λ/∂W_ij"),
    ("z_i = W_ij x_j + b_i; λ = log(1 + exp(-y w_i σ(z_i)))", "∂²λ/∂W_ij∂W_kl"),
    ("z_i = W_ij x_j + b_i; λ = log(1 + exp(-y w_i σ(z_i)))", "∂²λ/∂W_ij∂b_k"),
    ("U[k,m]; W[m,n]; X[n,p]; b[m]; c[k]; Y = U σ(W X + b 1^T) + c 1^T", "∂Y/∂X"),
    ("f = ‖X w - y‖^2 + λ w^T w; X[m,n]; w[n]; y[m]", "∂f/∂w"),
    ("f = x_i A_ij x_j", "∂f/∂x_i"),
    ("A[n,n] symmetric; x[n]; f = logdet(A) + x^T inv(A) x", "∂f/∂A"),
    ("A[n,n] symmetric; f = A_ij B_ij", "∂f/∂A_ij"),
    ("A[n,n] diagonal; f = A_ij B_ij A_jk B_ki", "∂f/∂A_ij"),
    ("f = sum_ij (R_ij - U_ik V_jk)^2 + μ U_ik U_ik", "∂f/∂U_ij"),
    ("p_i = exp(θ_i)/sum_k exp(θ_k); L = -y_i log(p_i)", "∂L/∂θ_i"),
    ("L = -sum_b y_bi logsoftmax_i(θ_bi)/n; θ_bi = X_bj W_ji; X[n,d]", "∂L/∂W_ij"),
    ("v[n]; f = x_i A_ij x_j x_k x_k; x[n]", "∂²f/∂x_i∂x_j v_j"),
    ("K = X^T X; f=logdet(K); X[5,3]", "∂f/∂X"),
    ("f = logdet(X^T X); X[5,3]", "∂f/∂X"),
    ("h_i = x_i + tanh(W_ij x_j); f = h_i V_ij h_j", "∂f/∂x_i"),
    ("f = x dx x", "∂f/∂x"),
    ("z_i = W_ij x_j; y_i = tanh(z_i); f = y_i y_i + z_i z_i", "∂f/∂z_i"),
    ("z_i = W_ij x_j; f = z_i W_ij x_j", "∂²f/∂z_i∂z_j"),
    ("z_i = W_ij x_j; f = z_i z_i", "∂(∂f/∂z_i)/∂x_j"),
    ("y_i = W_ij x_j", "∂y_i/∂y_j"),
    ("y_i = W_ij x_j", "∂W_ij/∂W_kl"),
    ("f = x_i x_i; g = w w", "∂f/∂w"),
    ("f = x_i x_i", "∂²f/∂x_i∂x_i"),
    ("y_i = x_i x_j x_j", "∂y_i/∂x_i"),
    ("y_i = x_i x_j x_j; u[n]; x[n]", "u_i ∂y_i/∂x_j"),
    ("f = x_i x_i y; g_i = ∂f/∂x_i; h = g_i g_i", "∂h/∂x_i"),
    ("f = x_i x_i y; g_i = ∂f/∂x_i", "g"),
    ("f = x_i x_i y; g_i = ∂f/∂x_i", "∂f/∂x_i"),
    ("f = sign(x_i) y_i", "∂f/∂x_i"),
    ("f = relu(x_i) y_i + sum_i abs(x_i - y_i) + max_i x_i + prod_i x_i", "∂f/∂x_i"),
    ("f = sum_i cumsum(x)_i y_i; x[n]; y[n]", "∂f/∂x_i"),
    ("f = sum_i max(x_i, y_i) + sum_i where(x_i > y_i, x_i^2, y_i) + x_i [x_i > 1]", "∂f/∂x_i"),
    ("f = norm(W x - y); W[m,n]; x[n]; y[m]", "∂f/∂x"),
    ("f = sum_i sqrt(a_i^2 + b_i^2)", "∂f/∂a_i"),
    ("f = a^b", "∂f/∂b"),
    ("f = sum_i pow(x_i, y_i)", "∂²f/∂x_i∂y_j"),
    ("f = det(A) tr(inv(A)); A[n,n]", "∂f/∂A"),
    ("Y = inv(A); A[n,n]", "∂Y/∂A"),
    ("Y_ij = A_ik A_kj", "∂Y_ij/∂A_kl"),
    ("D_ijk = X_ik - Z_jk; K_ij = exp(-sum_k D_ijk^2/2); f = a_i K_ij c_j", "∂f/∂X_ij"),
    (
        "S_ij = Q_ik K_jk; A_ij = exp(S_ij)/sum_l exp(S_il); O_ij = A_ik V_kj; f = O_ij O_ij",
        "∂f/∂Q_ij",
    ),
    ("λ = logsumexp_i(W_ij x_j)", "∂λ/∂x_i"),
    ("σ(z) = 1/(1 + exp(-z)); f = sum_i σ(w_j X_ij)", "∂²f/∂w_i∂w_j"),
    ("f = g(x_i y_i)", "∂f/∂x_i"),
    ("x1[n]; x2[n]; f = x1_i x2_i x1_j x1_j", "∂f/∂x1_i"),
    ("Y = A X B; A[m,n]; X[n,p]; B[p,q]", "∂vec(Y)/∂vec(X)"),
    ("f = x_i A_ij x_j; x[n]; y[n]; g = f y_i x_i", "(∂f/∂x)_i + ∂g/∂x_i"),
    ("f = x_i x_i y_j y_j; x[n]; y[n]", "y_i ∂f/∂x_i - x_i ∂f/∂y_i"),
    ("f_i = prod_j X_ij", "∂f_i/∂X_jk"),
    ("f = sum_i max_j X_ij^2", "∂f/∂X_ij"),
    ("A[n,n] symmetric; x[n]; y = A x", "∂y/∂A"),
    ("A[n,n] symmetric; f = tr(A^3)", "∂²f/∂A∂A"),
    ("i[k]; j[k]; f = i_i j_i i_j i_j", "∂f/∂i_k"),
    ("f = x^3 y + sin(x y)", "∂²f/∂x∂y"),
    ("f = x_i x_i; h = exp(f); k = h f", "∂k/∂f"),
    ("f = x_i x_i; h = exp(f); k = h f", "∂k/∂h"),
    ("f = x_i x_i; g_i = ∂f/∂x_i; H_ij = ∂g_i/∂x_j", "H"),
    ("f = x_i x_i x_j x_j; g_i = ∂f/∂x_i", "∂g_i/∂x_j"),
    ("f = exp(exp(x))", "∂³f/∂x∂x∂x"),
    ("f = softplus(w_i x_i) + log(sigmoid(w_i x_i))", "∂f/∂w_i"),
    (
        "m = 1/n sum_i x_i; v = 1/n sum_i (x_i - m)^2; z_i = (x_i - m)/sqrt(v + ε0); x[n]",
        "∂z_i/∂x_j",
    ),
    ("f = sum_i where(x_i > 0, x_i, a x_i)", "∂f/∂x_i"),
    ("x[1,n]; W[n,m]; b[1,m]; a = x W + b; h = σ(a); f = h h^T", "∂f/∂x"),
]


def abstract_functions(program: str) -> str:
    """Definitions for the functions that a program leaves open."""
    return "\n".join(
        text
        for name, text in (("σ", SIGMA), ("g", GEE))
        if re.search(rf"(?<!\w){name}\(", program) and f"{name}(z) =" not in program
    )


@pytest.mark.parametrize(("program", "query"), ROWS)
def test_every_line_is_true(program: str, query: str) -> None:
    latex = "dx" not in program  # Δx is two letters in LaTeX
    assert_true(program, query, functions=abstract_functions(program), latex=latex)


MATRICES = [
    ("W[m,n];x[n];b[m];w[m];y[]; λ = log(1 + exp(-y w^T σ(W x + b)))", "∂λ/∂W"),
    ("U[k,m]; W[m,n]; X[n,p]; b[m]; c[k]; Y = U σ(W X + b 1^T) + c 1^T", "∂Y/∂X"),
    ("f = ‖X w - y‖^2 + λ w^T w; X[m,n]; w[n]; y[m]", "∂f/∂w"),
    ("f = x^T A x; A[n,n]; x[n]", "∂f/∂x"),
    ("f = x^T A x; A[n,n]; x[n]", "∂²f/∂x∂x"),
    ("A[n,n] symmetric; x[n]; f = logdet(A) + x^T inv(A) x", "∂f/∂A"),
    ("f = ‖R - U V^T‖_F^2 + μ ‖U‖_F^2; R[m,n]; U[m,r]; V[n,r]", "∂f/∂U"),
    ("f = logdet(X^T X); X[5,3]", "∂f/∂X"),
    ("y = W2 tanh(W1 x + b1) + b2; W1[h,n]; W2[m,h]; x[n]; b1[h]; b2[m]", "∂y/∂x"),
    ("y = W2 tanh(W1 x + b1) + b2; W1[h,n]; W2[m,h]; x[n]; b1[h]; b2[m]", "∂y/∂W2"),
    ("f = a^T inv(X) b; X[n,n]; a[n]; b[n]", "∂f/∂X"),
    ("f = tr(A X B X^T); A[m,m]; X[m,n]; B[n,n]", "∂f/∂X"),
    ("f = tr(A X B X^T); A[m,m]; X[m,n]; B[n,n]", "∂²f/∂X∂X"),
    ("F = X B X; X[m,m]; B[m,m]", "∂F/∂X"),
    ("f = log(x^T A x) + exp(-x^T x/2); A[n,n]; x[n]", "∂f/∂x"),
    ("f = ‖x‖; x[n]", "∂f/∂x"),
    ("f = tr((X^T X)^2); X[m,n]", "∂f/∂X"),
    ("f = det(A) + tr(inv(A)); A[n,n]", "∂f/∂A"),
    ("L = -y^T log(softmax(W x)); W[k,n]; x[n]; y[k]", "∂L/∂W"),
    ("f = sum(exp(X)); X[m,n]", "∂f/∂X"),
    ("f = (a^T x)(b^T x); a[n]; b[n]; x[n]", "∂²f/∂x∂x"),
    ("Y = A X B; A[m,n]; X[n,p]; B[p,q]", "∂vec(Y)/∂vec(X)"),
    ("K = inv(A + λ I); A[n,n]; f = tr(K)", "∂²f/∂λ∂A"),
    ("f = ‖A x - b‖; A[m,n]; x[n]; b[m]", "∂²f/∂x∂x"),
    ("P = X inv(X^T X) X^T; X[5,3]; f = y^T P y; y[5]", "∂f/∂X"),
    ("D[n,n] diagonal; f = tr(D A D B); A[n,n]; B[n,n]", "∂f/∂D"),
    ("A[n,n] symmetric; f = tr(A A); g = f f", "∂²g/∂A∂A"),
    ("x[1,n]; W[n,m]; b[1,m]; a = x W + b; h = σ(a); f = h h^T", "∂f/∂x"),
]


@pytest.mark.parametrize(("program", "query"), MATRICES)
def test_every_line_in_matrix_notation_is_true(program: str, query: str) -> None:
    assert_true(program, query, "matrix", functions=abstract_functions(program), latex=True)


@pytest.mark.parametrize(("program", "query"), ROWS)
def test_the_last_line_is_what_the_query_prints(program: str, query: str) -> None:
    if "vec(" in query:  # the steps are those of ∂Y/∂X
        return
    printed = ic.Program(program)[query].to_index().partition("\n")[0]
    assert steps(program, query)[-1].right == printed


@pytest.mark.parametrize(("program", "query"), MATRICES)
def test_the_last_line_in_matrix_notation_is_what_the_query_prints(
    program: str, query: str
) -> None:
    formula = ic.Program(program)[query]
    printed = formula.to_vec() if len(formula.shape) > 2 else formula.to_matrix()
    assert steps(program, query, "matrix")[-1].right == printed.partition("\n")[0]
