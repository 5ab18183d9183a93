"""Derivatives of three published problems come out as the published right answers."""

from __future__ import annotations

import pytest

from indexcalc.api import Program

ROW_VECTORS = """
assume sum_k y_k == 1
a_j = x_i W1_ij + b1_j
h_j = σ(a_j)
θ_k = h_j W2_jk + b2_k
ŷ_k = softmax(θ)_k
L = -y_k log(ŷ_k)
"""
ONE_LAYER = """
z_i = W_ij x_j + b_i
λ = log(1 + exp(-y w_i σ(z_i)))
"""
MATRICES = """
Z_ij = W_ik X_kj + b_i
Y_ij = U_im σ(Z_mj) + c_i
"""


@pytest.mark.parametrize(
    ("program", "query", "text"),
    [
        (ROW_VECTORS, "∂L/∂x_i", "(ŷ_k - y_k) W2_jk σ'(a_j) W1_ij"),
        (ROW_VECTORS, "∂L/∂θ_k", "ŷ_k - y_k"),
        (ROW_VECTORS, "∂ŷ_k/∂θ_l", "ŷ_k δ_kl - ŷ_k ŷ_l"),
        (ONE_LAYER, "∂λ/∂W_ij", "-(1 - exp(-λ)) y w_i σ'(z_i) x_j"),
        (MATRICES, "∂Y_ij/∂X_kl", "U_im σ'(Z_mj) W_mk δ_jl"),
        ("y_i = W_ij x_j", "∂y_i/∂W_pq", "δ_ip x_q"),
    ],
)
def test_a_derivative_reads_as_published(program: str, query: str, text: str) -> None:
    assert str(Program(program)[query]) == text
