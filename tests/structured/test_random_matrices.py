"""Random sums of structured products: every operation agrees with the dense matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import indexcalc as ic
from indexcalc.structured.result import Structured

DECLARED = """
    A[m, m], U[m, m], B[n, n], V[n, n]; S[m, m] symmetric; R[n, n] symmetric
    u[m], v[m], a[n], b[n], P[m, q], Q[m, q], X[n, r], μ[]
    M[m, n], N[m, n], d[m, n], C[m, n, n], E[m, n, m], T[m, n, m, n], Z[m, n, q]
    e[m, n, p], D[m, n, p], G[p, p], F[m, n, p, n, p], H[m, n, p, q]
"""
ROWS = ("δ_ik", "A_ik", "S_ik", "S_ik", "u_i v_k", "u_i u_k", "u_i δ_ik", "P_iq Q_kq", "P_iq P_kq")
COLUMNS = ("δ_jl", "B_jl", "R_jl", "a_j b_l", "a_j a_l", "a_j δ_jl", "X_jr X_lr", "1_j 1_l")
JOINED = (
    "M_ij N_kl", "d_ij δ_ik δ_jl", "C_ijl δ_ik", "E_ijk δ_jl", "T_ijkl", "Z_ijq Z_klq",
    "μ δ_ik δ_jl", "μ^2 δ_ik δ_jl", "δ_ik M_ij M_il", "δ_ik Z_ijq Z_ilq",
)  # fmt: skip
THREE = (
    "e_ijk δ_il δ_jm δ_kn", "μ δ_il δ_jm δ_kn", "δ_il δ_jm G_kn", "δ_il B_jm G_kn",
    "D_ijk e_lmn", "δ_il D_ijk e_imn", "δ_il F_ijkmn", "δ_jm δ_il e_ijk e_ijn", "H_ijkq H_lmnq",
    "δ_il H_ijkq H_imnq",
)  # fmt: skip


def sums(products: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    scaled = st.tuples(st.sampled_from(["", "2 ", "1/3 "]), products).map("".join)
    return st.lists(scaled, min_size=1, max_size=3).map(" + ".join)


one = sums(st.sampled_from(ROWS))
two = sums(
    st.one_of(
        st.tuples(st.sampled_from(ROWS), st.sampled_from(COLUMNS)).map(" ".join),
        st.sampled_from(JOINED),
    )
)
common = st.tuples(one, st.sampled_from(COLUMNS)).map(lambda pair: f"({pair[0]}) {pair[1]}")
direct = st.tuples(one, sums(st.sampled_from(COLUMNS))).map(
    lambda pair: f"({pair[0]}) δ_jl + ({pair[1]}) δ_ik + μ δ_ik δ_jl"
)
three = sums(st.sampled_from(THREE))
texts = st.one_of(
    one.map(lambda body: f"K[m, m]; K_ik = {body}"),
    st.one_of(two, common, direct).map(lambda body: f"K[m, n, m, n]; K_ijkl = {body}"),
    three.map(lambda body: f"K[m, n, p, m, n, p]; K_ijklmn = {body}"),
)
sizes = st.sampled_from([(3, 2, 1), (2, 5, 3), (5, 1, 2), (1, 1, 1), (4, 3, 7), (7, 2, 1)])


def structured(text: str, lengths: tuple[int, int, int], seed: int) -> Structured:
    rng = np.random.default_rng(seed)
    extents = dict(zip("mnq", lengths, strict=True)) | {"p": lengths[2] + 1, "r": lengths[2]}
    program = ic.Program(DECLARED + text)
    arrays: dict[str, Any] = {}
    for name, variable in program.variables.items():
        array = rng.normal(size=[extents[str(extent)] for extent in variable.shape])
        arrays[name] = array + array.T if name in "SR" else array
    return program.compile("K", form="structured")(**arrays)


@settings(max_examples=40, deadline=None)
@given(texts, sizes, st.integers(0, 3))
def test_operations_agree_with_the_dense_matrix(
    text: str, lengths: tuple[int, int, int], seed: int
) -> None:
    h = structured(text, lengths, seed)
    dense = h.dense().reshape(h.shape)
    vectors = np.random.default_rng(seed).normal(size=(h.shape[1], 3))
    first = vectors[:, 0]
    close(h.matvec(first), dense @ first)
    close(h.rmatvec(first), dense.T @ first)
    close(h @ vectors, dense @ vectors)
    close(h.rmatvec(vectors), dense.T @ vectors)
    close(h.diagonal().ravel(), dense.diagonal())
    close(h.trace(), dense.trace())


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@settings(max_examples=150, deadline=None)
@given(texts, sizes, st.integers(0, 3), st.sampled_from([0.0, 0.0, 0.5, 3.0, -0.7]))
def test_solutions_and_determinants_agree_with_the_dense_matrix(
    text: str, lengths: tuple[int, int, int], seed: int, damping: float
) -> None:
    h = structured(text, lengths, seed)
    dense = h.dense().reshape(h.shape) + damping * np.eye(h.shape[0])
    right = np.random.default_rng(seed).normal(size=(h.shape[0], 2))
    expect_solved(h, dense, right, damping)
    sign, value = np.linalg.slogdet(dense)
    found = h.logdet(damping)
    if np.linalg.cond(dense) > 1e9:
        assert not found > -5
    elif sign > 0:
        assert found == pytest.approx(value, rel=1e-6, abs=1e-6)
    else:
        assert np.isnan(found)


def expect_solved(h: Structured, dense: np.ndarray, right: np.ndarray, damping: float) -> None:
    """A small residual, or an error for a matrix that is singular to rounding."""
    try:
        found = h.solve(right, damping)
    except ic.EvaluationError:
        assert np.linalg.cond(dense) > 1e9
        return
    scale = np.abs(dense).max() * np.abs(found).max() + np.abs(right).max()
    assert np.abs(dense @ found - right).max() <= 1e-8 * scale * max(1.0, len(dense))
    alone = h.solve(right[:, 1], damping)
    if np.linalg.cond(dense) < 1e6:
        np.testing.assert_allclose(found, np.linalg.solve(dense, right), rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(alone, found[:, 1], rtol=1e-6, atol=1e-7)
