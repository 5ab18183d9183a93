"""Tensors: a quartic form, softmax, attention.

In: the arrays of a problem, by name. Out: the arrays of one task, hand-derived.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from benchmarks.expert.losses import outer, row_diagonal

Array = NDArray[np.float64]


# --- quartic form: f = T_ijkl x_i x_j x_k x_l ----------------------------------------------------


def quartic_value(T: Array, x: Array) -> float:
    """Two slots at once: one pass over T."""
    n = len(x)
    pair = np.multiply.outer(x, x).ravel()
    return float(pair.dot(T.reshape(n * n, n * n).dot(pair)))


def _halves(T: Array, x: Array) -> tuple[Array, Array]:
    """`T_ijkl x_k x_l` and `T_ijkl x_i x_j`."""
    n = len(x)
    pair = np.multiply.outer(x, x).ravel()
    square = T.reshape(n * n, n * n)
    return square.dot(pair).reshape(n, n), pair.dot(square).reshape(n, n)


def quartic_grad(T: Array, x: Array) -> Array:
    """All four slots from two passes over T."""
    half = np.add(*_halves(T, x))
    gradient: Array = half.dot(x)
    gradient += x.dot(half)
    return gradient


def quartic_hess(T: Array, x: Array) -> Array:
    """All six pairs of slots from three passes over T, then both orders of each."""
    n = len(x)
    pair = np.multiply.outer(x, x).ravel()
    last = T.reshape(n * n * n, n).dot(x).reshape(n, n, n)  # T_ijkl x_l
    first = x.dot(T.reshape(n, n * n * n)).reshape(n, n, n)  # x_i T_ijkl
    total = last.dot(x)
    total += np.matmul(x, last)
    total += x.dot((last + first).reshape(n, n * n)).reshape(n, n)
    total += np.matmul(x, first)
    total += np.matmul(pair, T.reshape(n, n * n, n))
    return total + total.T


def quartic_third(T: Array, x: Array) -> Array:
    """Each slot contracted once, then the sum over all orders of the other three."""
    n = len(x)
    total = T.reshape(n * n * n, n).dot(x).reshape(n, n, n)
    total += np.matmul(x, T)
    total += np.matmul(x, T.reshape(n, n, n * n)).reshape(n, n, n)
    total += x.dot(T.reshape(n, n * n * n)).reshape(n, n, n)
    total += total.transpose(0, 2, 1)
    result: Array = total + total.transpose(1, 0, 2)
    result += total.transpose(2, 1, 0)
    return result


# --- softmax -------------------------------------------------------------------------------------


def softmax_value(θ: Array) -> Array:
    """Shifted by the largest entry."""
    p = θ - θ.max()
    np.exp(p, p)
    p /= p.sum()
    return p


def softmax_jac(θ: Array) -> Array:
    """`diag p − p pᵀ`."""
    p = softmax_value(θ)
    result = outer(p, -p)
    result.ravel()[:: len(p) + 1] += p
    return result


# --- attention: O = softmax(Q Kᵀ/√d) V -----------------------------------------------------------


def _attention(Q: Array, K: Array) -> Array:
    P = (Q * (1.0 / sqrt(Q.shape[1]))) @ K.T
    P -= P.max(1, keepdims=True)
    np.exp(P, P)
    P /= P.sum(1, keepdims=True)
    return P


def attn_jac3(Q: Array, K: Array, V: Array) -> Array:
    """`Σ_k V_ka P_ik K_kb − O_ia (P K)_ib`, over √d: one product, then a rank-one correction."""
    (n, d), keys, width = Q.shape, len(K), V.shape[1]
    P = _attention(Q, K)
    scaled = K * (1.0 / sqrt(d))
    spread = np.einsum("ik,ak->iak", P, V.T).reshape(n * width, keys)
    core: Array = (spread @ scaled).reshape(n, width, d)
    core -= np.einsum("ia,ib->iab", P @ V, P @ scaled)
    return core


def attn_jac(Q: Array, K: Array, V: Array) -> Array:
    """The rows' Jacobians along the diagonal of a zeroed array."""
    (n, d), width = Q.shape, V.shape[1]
    result = np.zeros((n, width, n, d))
    row_diagonal(result, n, (width, d))[...] = attn_jac3(Q, K, V)
    return result


def attn_loss_value(Q: Array, K: Array, V: Array) -> float:
    """`½‖O‖²`."""
    output = (_attention(Q, K) @ V).ravel()
    return 0.5 * float(output.dot(output))


def attn_loss_grad(Q: Array, K: Array, V: Array) -> tuple[Array, Array, Array]:
    """By Q, K and V; the softmax's rank-one term is a row sum of `O²`."""
    P = _attention(Q, K)
    output = P @ V
    by_v = P.T @ output
    score = output @ V.T
    score -= np.einsum("ia,ia->i", output, output)[:, None]
    score *= P
    scale = 1.0 / sqrt(Q.shape[1])
    return score @ (K * scale), score.T @ (Q * scale), by_v
