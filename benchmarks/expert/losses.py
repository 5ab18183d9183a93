"""Losses and classical functions: logistic regression, factorisation, quadratic, Gaussian process.

In: the arrays of a problem, by name. Out: the arrays of one task, hand-derived.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

Array = NDArray[np.float64]
SYRK_FROM = 200  # below this order a general product is as fast as a symmetric one


def row_diagonal(result: Array, n: int, inner: tuple[int, int]) -> Array:
    """View the entries `[i, a, i, b]` of a result of shape `(n, a, n, b)` as `[i, a, b]`."""
    a, b = inner
    step = result.itemsize
    return np.ndarray(
        (n, a, b), result.dtype, result, 0, ((a * n * b + b) * step, n * b * step, step)
    )


def outer(left: Array, right: Array) -> Array:
    """All products of two vectors: einsum's loop is faster than the ufunc's on short rows."""
    return np.einsum("i,j->ij", left, right)


def weighted_gram(rows: Array, weights: Array) -> Array:
    """`rowsᵀ diag(weights) rows` for weights that are not negative."""
    if rows.shape[1] < SYRK_FROM:
        product: Array = (rows * weights[:, None]).T @ rows
        return product
    scaled = rows * np.sqrt(weights)[:, None]
    gram: Array = scaled.T @ scaled
    return gram


# --- logistic regression: f = Σ_i log(1 + exp(-y_i X_ij w_j)) -----------------------------------


def logreg_value(X: Array, y: Array, w: Array) -> float:
    """`log(1 + e^-m)` as `max(-m, 0) + log1p(e^-|m|)`."""
    margin = X.dot(w)
    margin *= y
    excess = np.minimum(margin, 0.0).sum()
    np.absolute(margin, margin)
    np.negative(margin, margin)
    np.exp(margin, margin)
    np.log1p(margin, margin)
    return float(margin.sum() - excess)


def _logreg_slopes(X: Array, y: Array, w: Array) -> Array:
    slopes = X.dot(w)
    slopes *= y
    np.exp(slopes, slopes)
    slopes += 1.0
    np.divide(y, slopes, slopes)
    return slopes


def logreg_grad(X: Array, y: Array, w: Array) -> Array:
    """`-Xᵀ (y σ(-m))`: two products with X, all else in one buffer."""
    gradient: Array = _logreg_slopes(X, y, w).dot(X)
    return np.negative(gradient, gradient)


def logreg_hess(X: Array, y: Array, w: Array) -> Array:
    """`Xᵀ diag(y² σ(m) σ(-m)) X`."""
    rising = X.dot(w)
    rising *= y
    np.negative(rising, rising)
    np.exp(rising, rising)
    weights = rising + 1.0
    weights *= weights
    np.divide(rising, weights, weights)
    weights *= y
    weights *= y
    return weighted_gram(X, weights)


# --- matrix factorisation: f = ‖T − U Vᵀ‖², with a mask ‖Ω ⊙ (T − U Vᵀ)‖² -----------------------


def matfac_value(T: Array, U: Array, V: Array) -> float:
    """The residual, squared and summed by one inner product."""
    residual = (U @ V.T).ravel()
    residual -= T.ravel()
    return float(residual.dot(residual))


def matfac_grad(T: Array, U: Array, V: Array) -> Array:
    """`2 (U (Vᵀ V) − T V)`: no residual of full size."""
    gradient: Array = U @ (V.T @ V)
    gradient -= T @ V
    gradient *= 2.0
    return gradient


def matfac_hess(T: Array, U: Array, V: Array) -> Array:
    """`2 δ_ip (Vᵀ V)_jq`, written along the diagonal of a zeroed array."""
    n, k = U.shape
    result = np.zeros((n, k, n, k))
    row_diagonal(result, n, (k, k))[...] = 2.0 * (V.T @ V)
    return result


def matfac_core(T: Array, U: Array, V: Array) -> Array:
    """`2 Vᵀ V`: all that the Hessian's blocks hold."""
    core: Array = V.T @ V
    core *= 2.0
    return core


def matfac_mask_value(T: Array, U: Array, V: Array, Ω: Array) -> float:
    """As without a mask, one product more."""
    residual = U @ V.T
    residual -= T
    residual *= Ω
    flat = residual.ravel()
    return float(flat.dot(flat))


def matfac_mask_grad(T: Array, U: Array, V: Array, Ω: Array) -> Array:
    """`2 (Ω² ⊙ (U Vᵀ − T)) V`."""
    residual = U @ V.T
    residual -= T
    residual *= Ω
    residual *= Ω
    gradient: Array = residual @ V
    gradient *= 2.0
    return gradient


def matfac_mask_hess(T: Array, U: Array, V: Array, Ω: Array) -> Array:
    """`2 δ_ip Σ_a Ω_ia² V_aj V_aq`: one product of `Ω²` with all pairs of columns."""
    n, k = U.shape
    pairs = (V[:, :, None] * (2.0 * V)[:, None, :]).reshape(-1, k * k)
    result = np.zeros((n, k, n, k))
    row_diagonal(result, n, (k, k))[...] = ((Ω * Ω) @ pairs).reshape(n, k, k)
    return result


# --- quadratic form: f = xᵀ A x ---------------------------------------------------------------


def quad_value(A: Array, x: Array) -> float:
    """`x (A x)`."""
    return float(x.dot(A.dot(x)))


def quad_grad(A: Array, x: Array) -> Array:
    """`A x + x A`."""
    gradient: Array = A.dot(x)
    gradient += x.dot(A)
    return gradient


def quad_hess(A: Array, x: Array) -> Array:
    """`A + Aᵀ`."""
    return A + A.T


# --- Gaussian process: f = log det K + yᵀ K⁻¹ y, K symmetric and positive definite ---------------


def _cholesky(K: Array) -> Any:
    # Column-major LAPACK reads the row-major matrix as its transpose, which is the same matrix.
    return lapack.dpotrf(K.T, lower=1, clean=0)[0]


def _inverse(factor: Any) -> Array:
    lower = lapack.dpotri(factor, lower=1)[0]
    half = np.tril(lower, -1)
    half += np.tril(lower).T
    inverse: Array = half
    return inverse


def gp_value(K: Array, y: Array) -> float:
    """Both terms from one Cholesky factor."""
    factor = _cholesky(K)
    solved = lapack.dpotrs(factor, y, lower=1)[0]
    return float(2.0 * np.log(factor.diagonal()).sum() + y.dot(solved))


def gp_grad(K: Array, y: Array) -> Array:
    """`K⁻¹ − a aᵀ` with `a = K⁻¹ y`."""
    factor = _cholesky(K)
    solved = lapack.dpotrs(factor, y, lower=1)[0]
    gradient = _inverse(factor)
    gradient -= outer(solved, solved)
    return gradient


def gp_hess(K: Array, y: Array) -> Array:
    """`(a a)_il (a a)_jk − Q_il Q_jk` with `Q = K⁻¹ − a aᵀ`: products of inner size two."""
    n = len(y)
    inverse = np.linalg.inv(K)
    solved = inverse.dot(y)
    square = outer(solved, solved)
    reduced = inverse - square
    left = np.empty((n * n, 2))
    left[:, 0], left[:, 1] = square.ravel(), reduced.ravel()
    right = np.empty((n, 2, n))
    right[:, 0], right[:, 1] = square, -reduced
    return np.matmul(left, right).reshape(n, n, n, n)


# --- log-sum-exp: f = log Σ_i exp(A_ij x_j) -----------------------------------------------------


def _lse_weights(A: Array, x: Array) -> tuple[Array, float, float]:
    weights = A.dot(x)
    top = weights.max()
    weights -= top
    np.exp(weights, weights)
    return weights, float(weights.sum()), float(top)


def lse_value(A: Array, x: Array) -> float:
    """Shifted by the largest entry."""
    _, total, top = _lse_weights(A, x)
    return float(np.log(total)) + top


def lse_grad(A: Array, x: Array) -> Array:
    """`Aᵀ p` with `p = softmax(A x)`."""
    weights, total, _ = _lse_weights(A, x)
    gradient: Array = weights.dot(A)
    gradient /= total
    return gradient


def lse_hess(A: Array, x: Array) -> Array:
    """`Aᵀ diag(p) A − g gᵀ` with `g = Aᵀ p`."""
    weights, total, _ = _lse_weights(A, x)
    weights /= total
    gradient = weights.dot(A)
    hessian = weighted_gram(A, weights)
    hessian -= outer(gradient, gradient)
    return hessian


def lse_third(A: Array, x: Array) -> Array:
    """The third central moment of the rows of `A`: one corner of it computed, then mirrored."""
    weights, total, _ = _lse_weights(A, x)
    weights /= total
    centred = A - weights.dot(A)
    n = centred.shape[1]
    result = np.empty((n, n, n))
    weighted = (centred * weights[:, None]).T
    columns = np.ascontiguousarray(centred.T)
    for b in range(n):
        block = (columns[b:] * weighted[b]) @ centred[:, b:]
        result[b, b:, b:] = block
        result[b:, b, b:] = block
        result[b:, b:, b] = block
    return result
