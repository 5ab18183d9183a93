"""A factored result as SciPy's linear operator."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy.sparse import linalg

import indexcalc as ic
from indexcalc.structured.result import Structured

rng = np.random.default_rng(11)


def neuron() -> Structured:
    """A Hessian of 15 rows with weight decay: symmetric, positive definite."""
    program = ic.Program("λ = log(1 + exp(-y w_i tanh(W_ij x_j))) + 5 W_ij W_ij")
    given = {"W": rng.normal(size=(5, 3)), "x": rng.normal(size=3), "w": rng.normal(size=5)}
    return program.compile("∂²λ/∂W_ij∂W_kl", form="structured")(y=1.0, **given)


def jacobian() -> Structured:
    """Of 6 rows and 4 columns."""
    program = ic.Program("y_i = tanh(W_ij x_j)")
    given = {"W": rng.normal(size=(6, 4)), "x": rng.normal(size=4)}
    return program.compile("∂y_i/∂x_j", form="structured")(**given)


@pytest.mark.parametrize("make", [neuron, jacobian])
def test_products_and_algebra(make: object) -> None:
    assert callable(make)
    result = make()
    dense = result.dense().reshape(result.shape)
    A = result.linear_operator()
    assert A.shape == dense.shape
    assert A.dtype == np.float64
    vector, vectors = rng.normal(size=dense.shape[1]), rng.normal(size=(dense.shape[1], 3))
    other = rng.normal(size=dense.shape[0])
    np.testing.assert_allclose(A @ vector, dense @ vector)
    np.testing.assert_allclose(A.matvec(vector[:, None]), (dense @ vector)[:, None])
    for columns in (vectors, vectors[:, :1]):
        np.testing.assert_allclose(A @ columns, dense @ columns)
    np.testing.assert_allclose(A.H @ other, dense.T @ other)
    np.testing.assert_allclose(A.T @ other[:, None], dense.T @ other[:, None])
    np.testing.assert_allclose((A.H @ A + 2 * A.H @ A) @ vector, 3 * dense.T @ (dense @ vector))


def test_a_jacobian_by_a_matrix_has_flat_rows_and_columns() -> None:
    program = ic.Program("Y_ij = A_ik X_kl B_lj")
    given = {"A": rng.normal(size=(2, 3)), "B": rng.normal(size=(4, 5)), "X": np.ones((3, 4))}
    result = program.compile("∂Y_ij/∂X_kl", form="structured")(**given)
    np.testing.assert_allclose(
        result.linear_operator() @ np.eye(12), np.kron(given["A"], given["B"].T)
    )


def test_iterative_solvers_take_it() -> None:
    result = neuron()
    dense = result.dense().reshape(result.shape)
    A = result.linear_operator()
    right = rng.normal(size=result.shape[0])
    solution, failed = linalg.cg(A, right, rtol=1e-12)
    assert not failed
    np.testing.assert_allclose(solution, np.linalg.solve(dense, right), rtol=1e-8)
    values = linalg.eigsh(A, k=3, return_eigenvectors=False)
    np.testing.assert_allclose(np.sort(values), np.linalg.eigvalsh(dense)[-3:], rtol=1e-9)


def test_singular_values_and_least_squares_of_a_jacobian() -> None:
    result = jacobian()
    A = result.linear_operator()
    singular = linalg.svds(A, k=2, return_singular_vectors=False)
    expected = np.linalg.svd(result.dense(), compute_uv=False)
    np.testing.assert_allclose(np.sort(singular)[::-1], expected[:2], rtol=1e-9)
    right = rng.normal(size=6)
    found = linalg.lsqr(A, right, atol=1e-13, btol=1e-13)[0]
    np.testing.assert_allclose(
        found, np.linalg.lstsq(result.dense(), right, rcond=None)[0], rtol=1e-6
    )


def test_without_scipy_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.sparse.linalg", None)
    monkeypatch.delitem(sys.modules, "indexcalc.structured.linear_operator", raising=False)
    with pytest.raises(ic.EvaluationError, match=r"pip install 'indexcalc\[scipy\]'"):
        jacobian().linear_operator()
