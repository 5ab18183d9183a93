"""Matrices by their parts: solutions and determinants as those of the whole."""

from __future__ import annotations

import numpy as np
import pytest

from indexcalc.errors import EvaluationError
from indexcalc.structured.iteration import conjugate_gradients, is_symmetric, normal_equations
from indexcalc.structured.kronecker import KroneckerMatrix
from indexcalc.structured.matrices import Matrix

rng = np.random.default_rng(7)


def matrix(count: int, size: int, rank: int, kind: str) -> Matrix:
    """Symmetric, of one kind, all its parts for each of the batch."""
    factor = rng.normal(size=(count, size, rank))
    diagonal = rng.uniform(1, 2, size=(count, size)) if kind != "low rank" else None
    root = rng.normal(size=(count, size, size))
    dense = root @ root.swapaxes(1, 2) if kind == "dense" else None
    return Matrix(diagonal, factor, factor, dense)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("size", "rank"), [(8, 0), (8, 2), (8, 8), (1, 0), (1, 1), (0, 0)])
@pytest.mark.parametrize("kind", ["thin", "dense"])
def test_batches_are_solved(count: int, size: int, rank: int, kind: str) -> None:
    one = matrix(count, size, rank, kind)
    given = rng.normal(size=(3, size, 2))
    np.testing.assert_allclose(one.array() @ one.solve(given), given, rtol=1e-8, atol=1e-8)
    signs, values = one.slogdet()
    expected = np.linalg.slogdet(one.array())
    np.testing.assert_allclose(signs, expected[0])
    np.testing.assert_allclose(values, expected[1], rtol=1e-10, atol=1e-10)


def test_a_layout_in_memory_does_not_matter() -> None:
    dense = rng.normal(size=(4, 3, 2)).transpose(1, 2, 0)[:, :, :2]
    one = Matrix(np.ones((1, 2)), np.empty((1, 2, 0)), np.empty((1, 2, 0)), dense)
    np.testing.assert_array_equal(one.array(), dense + np.eye(2))


def test_a_small_diagonal_costs_no_precision() -> None:
    factor = rng.normal(size=(1, 50, 1))
    one = Matrix(np.full((1, 50), 1e-6), factor, factor, None)
    given = rng.normal(size=(1, 50, 1))
    residual = one.array() @ one.solve(given) - given
    assert np.abs(residual).max() < 1e-8


@pytest.mark.parametrize("shift", [0.0, 0.3, 1e-9])
@pytest.mark.parametrize("first", ["thin", "dense", "low rank", "identity"])
@pytest.mark.parametrize("second", ["thin", "dense", "low rank", "identity"])
def test_kronecker_products(first: str, second: str, shift: float) -> None:
    sides = [matrix(1, 8, 2, first), matrix(1, 7, 1, second)]
    for k, kind in enumerate((first, second)):
        if kind == "identity":
            size = sides[k].size
            none = np.empty((1, size, 0))
            sides[k] = Matrix(np.full((1, size), 2.0), none, none, None)
    both = KroneckerMatrix(sides[0], sides[1], shift, is_sum=False)
    given = rng.normal(size=(3, 8, 7))
    whole = np.kron(sides[0].array()[0], sides[1].array()[0]) + shift * np.eye(56)
    if np.linalg.cond(whole) < 1e12:
        found = both.solve(given)
        assert found is not None
        residual = found.reshape(3, -1) @ whole.T - given.reshape(3, -1)
        scale = np.linalg.norm(whole) * np.linalg.norm(found) + np.linalg.norm(given)
        assert np.linalg.norm(residual) < 1e-13 * scale
        told = both.slogdet()
        assert told is not None
        np.testing.assert_allclose(told, np.linalg.slogdet(whole), rtol=1e-7)


@pytest.mark.parametrize("shift", [0.0, 0.3])
@pytest.mark.parametrize("second", ["thin", "dense", "low rank"])
def test_kronecker_sums(second: str, shift: float) -> None:
    one, two = matrix(1, 4, 1, "dense"), matrix(1, 5, 2, second)
    both = KroneckerMatrix(one, two, shift, is_sum=True)
    whole = np.kron(one.array()[0], np.eye(5)) + np.kron(np.eye(4), two.array()[0])
    whole += shift * np.eye(20)
    given = rng.normal(size=(2, 4, 5))
    found = both.solve(given)
    assert found is not None
    images = (whole @ found.reshape(2, -1).T).T.reshape(given.shape)
    np.testing.assert_allclose(images, given, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(both.slogdet() or (), np.linalg.slogdet(whole), rtol=1e-9)


def test_matrices_that_are_not_symmetric_have_no_eigenvectors_here() -> None:
    none = np.empty((1, 3, 0))
    one = Matrix(None, none, none, rng.normal(size=(1, 3, 3)))
    for is_sum in (False, True):
        both = KroneckerMatrix(one, one, 0.5, is_sum=is_sum)
        assert both.solve(np.ones((1, 3, 3))) is None
        assert both.slogdet() is None


def test_iterations() -> None:
    root = rng.normal(size=(6, 6))
    spd, any_one, right = root @ root.T + np.eye(6), root + 4 * np.eye(6), rng.normal(size=6)
    found = conjugate_gradients(lambda v: spd @ v, right)
    np.testing.assert_allclose(spd @ found, right, rtol=1e-8)
    found = normal_equations(lambda v: any_one @ v, lambda v: any_one.T @ v, right)
    np.testing.assert_allclose(any_one @ found, right, rtol=1e-7, atol=1e-9)
    assert is_symmetric(lambda v: spd @ v, right)
    assert not is_symmetric(lambda v: any_one @ v, right)
    singular = np.diag([1.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    with pytest.raises(EvaluationError, match="positive definite"):
        conjugate_gradients(lambda v: -spd @ v, right)
    with pytest.raises(EvaluationError, match="do not converge"):
        normal_equations(lambda v: singular @ v, lambda v: singular @ v, right)
