"""A limit of memory is kept, and the estimate is what is measured."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import indexcalc as ic
from tests.codegen.test_chunked import LOGREG, NORMALISED, as_tuple, normal

Arrays = dict[str, NDArray[Any]]

NETWORK = """
    X[B,n], W[h,n], V[h,h], U[c,h], Y[B,c]
    a_bi = tanh(W_ij X_bj)
    d_bi = tanh(V_ij a_bj)
    z_bi = U_ij d_bj
    f    = Σ_b log(Σ_i exp(z_bi)) - Σ_bi Y_bi z_bi
"""
SAMPLES = "W[n,n], x[B,n]; y_bi = tanh(W_ij x_bj); J_bik = ∂y_bi/∂x_bk; s_b = Σ_ik J_bik J_bki"
ATTENTION = """
    Q[n,d], K[n,d], V[n,d]
    S_ij = Q_ik K_jk/√d
    P_ij = exp(S_ij)/Σ_j exp(S_ij)
    O_id = P_ij V_jd
    f    = Σ_id O_id^2/2
"""
PAIRS = "x[n,d]; D_ij = Σ_k (x_ik - x_jk)^2; f = Σ_ij exp(-D_ij)"
FACTORS = "T[m,n], U[m,k], V[n,k]; f = Σ_ij (T_ij - U_ik V_jk)^2"
LARGEST = "A[m,n], B[m,n]; f = log(Σ_ij exp(A_ij sin(B_ij))) + max_ij (A_ij sin(B_ij))"

CASES: dict[str, tuple[str, tuple[str, ...], Arrays, int]] = {
    "logistic regression": (
        LOGREG, ("f", "∂f/∂w_j", "∂²f/∂w_j∂w_k"),
        {"X": normal(40_000, 20), "y": np.sign(normal(40_000)), "w": normal(20)}, 1_600_000,
    ),
    "network": (
        NETWORK, ("f", "∂f/∂W_ij", "∂f/∂V_ij", "∂f/∂U_ij"),
        {"X": normal(6_000, 16), "W": normal(16, 16) / 4, "V": normal(16, 16) / 4,
         "U": normal(5, 16) / 4, "Y": normal(6_000, 5)}, 900_000,
    ),
    "per-sample Jacobians": (
        SAMPLES, ("s",), {"W": normal(12, 12), "x": normal(4_000, 12)}, 400_000,
    ),
    "attention": (
        ATTENTION, ("O",), {"Q": normal(500, 8), "K": normal(500, 8), "V": normal(500, 8)},
        500_000,
    ),
    "gradients of attention": (
        ATTENTION, ("f", "∂f/∂Q_id", "∂f/∂K_id", "∂f/∂V_id"),
        {"Q": normal(500, 8), "K": normal(500, 8), "V": normal(500, 8)}, 1_000_000,
    ),
    "distances": (PAIRS, ("f", "∂f/∂x_ik"), {"x": normal(800, 3)}, 800_000),
    "matrix factors": (
        FACTORS, ("f", "∂f/∂U_ik", "∂f/∂V_jk"),
        {"T": normal(900, 300), "U": normal(900, 4), "V": normal(300, 4)}, 600_000,
    ),
    "normalised batch": (
        NORMALISED, ("f", "∂f/∂g_j", "∂f/∂X_ij"), {"X": normal(20_000, 10), "g": normal(10)},
        2_500_000,
    ),
    "largest": (LARGEST, ("f",), {"A": normal(900, 150), "B": normal(900, 150)}, 400_000),
}  # fmt: skip
BUFFERS = 2**17  # bytes that NumPy's functions take for themselves, and Python's objects


def peak(f: Callable[..., Any], arguments: Arrays) -> int:
    f(**arguments)  # what is compiled is not counted
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        f(**arguments)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", CASES)
def test_a_limit_is_kept_and_nothing_else_changes(name: str) -> None:
    text, queries, arguments, limit = CASES[name]
    program = ic.Program(text)
    whole = program.compile(*queries)
    f = program.compile(*queries, memory_limit=limit)
    want = as_tuple(whole(**arguments))
    for a, b in zip(as_tuple(f(**arguments)), want, strict=True):
        assert type(a) is type(b)
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-8 * np.abs(b).max())
    assert "is cut into chunks" in f.explain()
    assert f.cost.numbers.peak_bytes <= limit < whole.cost.numbers.peak_bytes
    assert peak(f, arguments) <= limit


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("limited", [False, True])
def test_the_estimated_peak_is_what_is_measured(name: str, limited: bool) -> None:
    text, queries, arguments, limit = CASES[name]
    f = ic.Program(text).compile(*queries, memory_limit=limit if limited else None)
    measured = peak(f, arguments)
    estimate = f.cost.numbers.peak_bytes
    assert estimate <= 1.05 * measured
    assert measured <= 1.05 * estimate + BUFFERS


@pytest.mark.parametrize("dtype", [np.float32, np.complex64, np.complex128])
def test_a_dtype_is_kept_and_its_size_counts(dtype: Any) -> None:
    program = ic.Program("z[m,n]; g_j = Σ_i z_ij exp(z_ij); r_j = Σ_i abs(z_ij)")
    imaginary = 1j * normal(3_000, 20) if np.dtype(dtype).kind == "c" else 0.0
    z = (normal(3_000, 20) + imaginary).astype(dtype)
    limit = 3_000 * 20 * z.itemsize // 4
    f = program.compile("g", "r", memory_limit=limit)
    for a, b in zip(f(z=z), program.compile("g", "r")(z=z), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-4)
    assert limit // 2 < f.cost.numbers.peak_bytes <= limit or dtype != np.float32
