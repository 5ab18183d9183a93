"""Formulas of many kinds to be drawn: the name of each, its program, and what is asked."""

from __future__ import annotations

from dataclasses import dataclass

from indexcalc.errors import Source
from indexcalc.ir.node import Node
from indexcalc.notation.names import NameStyle
from indexcalc.pipeline import as_displayed
from indexcalc.session import Session
from indexcalc.syntax.parser import parse_program

NEURON = "z_i = W_ij x_j + b_i; λ = log(1 + exp(-y w_i σ(z_i)))"
LAYERS = """a_i = x_j W1_ji + b1_i; h_i = σ(a_i); θ_i = h_j W2_ji + b2_i
    ŷ = softmax(θ); L = -y_i log(ŷ_i)"""
COLUMNS = "I_ij = W1_ik X_kj + b1_i; Y_ij = W2_ik φ(I_kj) + b2_i"
LOGISTIC = "p_i = σ(X_ij w_j); L = -y_i log(p_i) - (1 - y_i) log(1 - p_i)"
ATTENTION = """S_bhqk = Q_bhqd K_bhkd / sqrt(d); P_bhqk = softmax_k(S_bhqk)
    O_bhqd = P_bhqk V_bhkd; L = O_bhqd G_bhqd"""
SQUARE = "A[n,n]; B[n,n]; C[n,n]; x[n]; y[n]; z[n]; b[n]; c[]"
DEEP = "h_i = tanh(A_ij tanh(B_jk tanh(C_kl x_l)))"
CORPUS: tuple[tuple[str, str], ...] = (
    (NEURON, "λ"),
    (NEURON, "∂λ/∂W_ij"),
    (NEURON, "∂²λ/∂W_ij∂W_kl"),
    (LAYERS, "∂L/∂x_i"),
    (LAYERS, "∂ŷ_i/∂θ_j"),
    (LAYERS, "∂²L/∂x_i∂x_j"),
    (COLUMNS, "∂Y_ij/∂X_kl"),
    (LOGISTIC, "∂L/∂w_j"),
    (LOGISTIC, "∂²L/∂w_j∂w_k"),
    (LOGISTIC, "∂³L/∂w_j∂w_k∂w_l"),
    ("L = sum_ij (U_ik V_jk - M_ij)^2", "∂L/∂U_ik"),
    ("L = sum_ij (U_ik V_jk - M_ij)^2", "∂²L/∂U_ik∂V_jl"),
    (ATTENTION, "S"),
    (ATTENTION, "∂P_bhqk/∂S_bhql"),
    (ATTENTION, "∂L/∂Q_bhqd"),
    (SQUARE, "tr(A B C A)"),
    (SQUARE, "sum_i x_i y_i z_i"),
    (SQUARE, "R_i = x_i y_i z_i"),
    (SQUARE, "A_ii"),
    (SQUARE, "R_i = A_ii"),
    (SQUARE, "R_ij = δ_ij x_i"),
    (f"{SQUARE}; R[n,n]; R_ij = x_i 1_j", "R"),
    (SQUARE, "inv(A)_ij b_j"),
    (SQUARE, "R_i = inv(A)_ii"),
    (SQUARE, "inv(A + B)_ij b_j"),
    (SQUARE, "c"),
    (SQUARE, "0"),
    (SQUARE, "A"),
    (SQUARE, "5/2"),
    (SQUARE, "n c^2/3"),
    (SQUARE, "sum_i (1 + x_i)"),
    (SQUARE, "A_ij x_j + A_ji y_j + x_i + b_i - 2 B_ij C_jk z_k"),
    (SQUARE, "x_k A_kj x_j/(x_i x_i)"),
    (SQUARE, "max_i (A_ij x_j) + c"),
    (SQUARE, "logdet(A) + x^T inv(A) x"),
    ("c_i = ε_ijk a_j b_k", "c"),
    ("c_i = ε_ijk a_j b_k", "∂c_i/∂a_j"),
    ("L = (X_ij w_j - y_i)(X_ik w_k - y_i)/2 + μ/2 w_j w_j", "∂L/∂w_j"),
    (DEEP, "h"),
    (DEEP, "∂h_i/∂x_j"),
    (DEEP, "∂²h_i/∂x_j∂x_k"),
    ("f = where(x_i > 0, x_i^2 a, -x_i) v_i", "∂f/∂x_i"),
    ("f = max(x_i, y_i) v_i", "f"),
    ("f = v_i cumsum(x)_i", "∂f/∂x_i"),
    ("L = sum_b log(sum_k exp(W_kj x_bj + c_k))", "∂²L/∂W_kj∂W_lm"),
    ("f = T_ijkl U_ijmn V_klmp Q_npqr R_qr", "∂f/∂V_klmp"),
    ("f = sum_i a_i b_i c_i d_i g_i h_i p_i q_i", "∂f/∂a_i"),
    ("loss = logits_{batch,class} target_{batch,class} weight_class", "∂loss/∂weight_class"),
)


@dataclass(frozen=True)
class Drawn:
    """What `draw` is given."""

    node: Node
    letters: tuple[str, ...]
    style: NameStyle


def displayed(program: str, query: str) -> Drawn:
    """The formula as it is displayed."""
    session = Session(parse_program(Source(program)))
    asked = session.query(session.parsed(query))
    return Drawn(as_displayed(asked.node, asked.environment), asked.letters, session.style)
