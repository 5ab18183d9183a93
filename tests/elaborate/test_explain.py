"""What was read, as text, reads back to the same program."""

from __future__ import annotations

import pytest

from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.elaborate.explain import explain
from indexcalc.elaborate.program import elaborate
from indexcalc.errors import Source
from indexcalc.syntax.parser import parse_program
from tests.elaborate.test_matrix import MEANINGS, SHAPES


def read(text: str) -> Elaborated:
    return elaborate(parse_program(Source(text)))


def assert_reads_back(program: Elaborated, text: str) -> None:
    again = read(text)
    assert {name: (s.shape, s.traits, s.role) for name, s in again.symbols.items()} == {
        name: (s.shape, s.traits, s.role) for name, s in program.symbols.items()
    }
    for one, other in zip(program.definitions, again.definitions, strict=True):
        assert other.name == one.name
        assert other.node is one.node, text
    nodes = [[query.node for query in p.queries] for p in (program, again)]
    assert nodes[0] == nodes[1], text
    assert again.environment.assumptions == program.environment.assumptions
    assert set(again.environment.functions) == set(program.environment.functions)
    for name, function in program.environment.functions.items():
        assert again.environment.functions[name].body is function.body
    assert len(again.claims) == len(program.claims)


TENSORS = {name: axes for name, axes in SHAPES.items() if name != "T"}  # keep ^T a transpose
DECLARATIONS = "; ".join(f"{name}[{', '.join(axes)}]" for name, axes in TENSORS.items())


PROGRAMS = [
    # summation
    "x_i y_i",
    "c_i = x_i y_i",
    "d_i = A_ii; t = A_ii",
    "f = t_c log(p_c)",
    "f = x_i / y_i",
    "C_ij = A_ij B_ij; D_ik = A_ij B_jk",
    "f = a_i (P_ik P_jk) a_j",
    "y_i = σ(W_ij x_j + b_i)",
    "y_bi = W_ij x_bj",
    "f = sum_i x_i^2; g = Σ_{i,j} A_ij",
    "f = x_i x_i y_j y_j",
    "f = (Σ_j a_j) (Σ_j b_j)",
    "g_i = x_i Σ_j (A_ij + c_j)",
    "A_ij x_j",
    "A_ji x_j + b_i",
    "W_ij x_j y_k",
    # broadcasts, deltas, ones
    "Y_ij = A_ij + c_i",
    "Y_ij = 1 + A_ij + x_i y_j",
    "y_i = 1/(1 + exp(-z_i))",
    "A_ij δ_jk x_k",
    "D_ij = δ_ij x_i + 1_i x_j",
    "f = 1_i x_i; g = δ_ij A_ij",
    "F_ijk = ε_ijk x_i",
    "c_i = ε_ijk a_j b_k",
    "x_i + 1; 2 - A_ij",
    "δ_i = a_i b_i; D = A^T + I; A_ij y_j",
    # numbers and functions
    "f = 1/2 x_i x_i - 0.25 y + 3",
    "f = -x_i y_i/n; x[n], y[n]",
    "f = x^-2 + x^(1/3) + sqrt(x) + x^y + 2^x + e^x + π",
    "f = (a/b)/(c/d) - -a; g = a/2/b",
    "f_i = max(x_i, 0) + min(x_i, y_i) + where(x_i > y_i, x_i, 2) + [x_i >= 1]",
    "f_i = abs(x_i) + |y_i| + tanh(x_i) + relu(x_i) + gelu(x_i) + atan2(x_i, y_i)",
    "σ(z) = 1/(1 + exp(-z)); f = w_i σ(z_i) σ'(z_i) + σ(0)",
    "h(u, v) = u v + u^2; f = h(x_i, y_i) z_i",
    "s(z) = z (1 - z); f = s(s(y))",
    "f = w_i ρ'(z_i) ρ''(z_i) tanh'(z_i); g = ρ(w_i z_i)",
    "p_i = softmax(z_i); q = logsumexp(z_i); r_bi = softmax_i(θ_bi)",
    "f = max_i x_i + prod_i x_i; m_i = mean_j A_ij; c_i = cumsum(x_i)",
    "f_i = max_j (A_ij x_j) - logsumexp_j(A_ij) + (min_j A_ij) x_i",
    "C_bi = cumsum_i(A_bi); E_bi = cumsum_b(A_bi)",
    "f = ‖x_i‖ + ‖x_i - y_i‖_1 + norm(y_i); g_i = norm_j(A_ij)",
    # functions of matrices
    "f = det(X_ki A_kl X_lj); g_ij = inv(A)_ij",
    "f = a_i inv(X)_ij b_j + X^-1_ij X^T_ij + logdet(X_ij)",
    "y_i = inv(A_pq + B_qp)_ik b_k",
    "inv(A_ji B_jk)_pq",
    "f = tr(A B); X[p*n, m]; y_r = a_s X_{(sr)q} b_q; A[p, q], B[q, p], a[p], b[m]",
    # derivatives
    "y_i = A_ij x_j; ∂y_i/∂x_j; ∂y_j/∂A_ki",
    "f = log(1 + exp(-y w_i x_i)); ∂f/∂w_i; ∂²f/∂w_i∂w_j; ∂²f/∂w_i∂w_j v_j; ∂²f/∂w_i∂w_i",
    "z_i = W_ij x_j + b_i; f = w_i tanh(z_i); ∂f/∂z_i; g_ij = ∂f/∂W_ij + λ W_ij; ∂²f/∂W_ij∂b_k",
    "∂(x_i A_ij x_j)/∂x_k; ∂(A_ij x_j)/∂x_k; ∂(A_ji B_ik)/∂B_pq",
    "f = x_i x_i; f (∂f/∂x_i)^2; ∂f/∂x_i (a_i + b_i); u_i ∂f/∂x_i/f",
    "u_i ∂(σ(W_ij x_j))/∂x_k v_k; ∂x_i/∂x_i",
    "A[m, n], X[n, p]; Y = A X; ∂Y/∂X; ∂(∂f/∂x_i x_i)/∂x_j; f = x_i x_i",
    "f = x_i x_i x_j y_j; ∂^4 f/∂x_i∂x_j∂x_k∂x_l",
    "x[n]; n[]; f = mean(x) + n; A[m, m]; m[]; g = mean(diag(A)) + m",
    # the order of axes
    "A[m, n], B[n, m]; C = A^T + B + 1; D = (A + B^T)^T; E = max(A^T, B)",
    "A[m, n], B[n, m], x[m], y[n]; f = y' (A^T + y x') x; g = (y x' + A^T) x",
    "A[m, n], B[n, m], x[m], y[n]; A^T + y x' ; y x' + A^T; (x y')' ; (A B)'",
    "D_ij = A_ji + B_ij; E_ij = x_j y_i + A_ji; F_ij = (A_ji + B_ij) x_j + max(A_ji, B_ij)",
    "m_ij = max_k T_jki; n_ij = logsumexp_k(T_kji + A_ji); p_k = max_{j,i} T_ijk",
    "A_ji x_j y_i + B_ij x_i y_j; A_ji + B_ij; exp(A_ji) + B_ij",
    # names
    "z_i = W_{1,ij} x_j + b^(1)_i; W_1_ij + W_{2,ij}",
    "y[d]; W_out[m, n]; y_k = W_out_ij x_j W_{k,i}",
    "S_{head,query,key} = Q_{head,query,dim} K_{head,key,dim}",
    "L_{batch} = x_{batch,out} y_{out}",
    "theta_i = lambda x_i; mu_i mu_i; T_mu x_m",
    "ŷ_k = x_k; f = ŷ_k ŷ_k",
    "Σ[n, n] spd; f = logdet(Σ) + x_i inv(Σ)_ij x_j",
    "i^2 x_i y_i",
    # declarations, directives, facts, claims
    "A[n, n] symmetric; x[n] positive; z[n] positive; y[]; f = x_i A_ij x_j + y",
    "A[3, n], B[m-1, n]; C[2 n p]; f = A_ij B_kj 1_k c_i",
    "z[3]; z_i = x_i + y_i",
    "notation: householder; y = A x + λ b; f = y^T y",
    "assume sum_i p_i == 1; assume A_ij == A_ji; p_i A_ij",
    "A[n, n]; B[n, n]; assume A B == A^T + 0 B; A x; x[n]",
    "f = x_i x_i; ∂f/∂x_i == 2 x_i; df == 2 x_i dx_i",
    # rows
    "x[m]; A[m, n]; h = x' A; f = h h'; g = h ⊙ h; h' h",
    # chains of statements
    "a_i = W1_ji x_j + b1_i; h_i = σ(a_i); θ_i = W2_ji h_j + b2_i; y_i = softmax(θ_i);"
    " L = xent(p_i, y_i); σ(z) = 1/(1+exp(-z)); ∂L/∂x_i",
    "W_1[m,n], W_2[k,m], X[n,p], b_1[m], b_2[k]; Y = W_2 σ(W_1 X + b_1 1^T) + b_2 1^T; ∂Y/∂X",
]


@pytest.mark.parametrize("text", PROGRAMS)
def test_programs(text: str) -> None:
    program = read(text)
    explained = explain(program)
    assert_reads_back(program, explained)
    again = explain(read(explained))
    assert without_comments(again) == without_comments(explained)


def without_comments(text: str) -> str:
    return "\n".join(line.partition("#")[0].rstrip() for line in text.splitlines())


@pytest.mark.parametrize("text", MEANINGS)
def test_matrix_notation(text: str) -> None:
    definition = read(f"{DECLARATIONS}; R = {text}")
    assert_reads_back(definition, explain(definition))
    query = read(f"{DECLARATIONS}; {text}")
    assert_reads_back(query, explain(query))
