"""Derivatives written by hand in JAX: the closed forms that are faster than deriving.

In: the arrays of a problem by name. Out: the derivative's array.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import jax
import jax.numpy as jnp


def logreg_hess(X: Any, y: Any, w: Any) -> Any:
    """`Xᵀ diag(y² σ(m) σ(-m)) X`."""
    rising = jax.nn.sigmoid(y * (X @ w))
    return (X * (y * y * rising * (1 - rising))[:, None]).T @ X


def matfac_hess(T: Any, U: Any, V: Any) -> Any:
    """`2 δ_ip (Vᵀ V)_jq`."""
    del T
    return jnp.einsum("ip,jq->ijpq", jnp.eye(len(U)), 2 * (V.T @ V))


def seed_a_hess(W: Any, x: Any, b: Any, w: Any, y: Any) -> Any:
    """`M_ik x_j x_l`."""
    s = jax.nn.sigmoid(W @ x + b)
    p = jax.nn.sigmoid(-y * (w @ s))
    u = w * s * (1 - s)
    middle = p * (1 - p) * y * y * jnp.outer(u, u) + jnp.diag(-y * p * u * (1 - 2 * s))
    return middle[:, None, :, None] * jnp.outer(x, x)[None, :, None, :]


def seed_c_jac(U: Any, W: Any, X: Any, b: Any, c: Any) -> Any:
    """`δ_bd U_ak S_kb W_kc`."""
    del c
    s = jax.nn.sigmoid(W @ X + b[:, None])
    core = jnp.einsum("ak,kb,kc->abc", U, s * (1 - s), W)
    return core[:, :, :, None] * jnp.eye(X.shape[1])[None, :, None, :]


def bjac_jac3(W: Any, x: Any) -> Any:
    """`(1 − y_bi²) W_ik`."""
    y = jnp.tanh(x @ W.T)
    return (1 - y * y)[:, :, None] * W


def lse_third(A: Any, x: Any) -> Any:
    """The third central moment of the rows of `A`."""
    p = jax.nn.softmax(A @ x)
    centred = A - p @ A
    n = centred.shape[1]
    pairs = (centred[:, :, None] * centred[:, None, :]).reshape(-1, n * n)
    return ((centred * p[:, None]).T @ pairs).reshape(n, n, n)


def attn_jac(Q: Any, K: Any, V: Any) -> Any:
    """The rows' Jacobians along the diagonal."""
    P = jax.nn.softmax(Q @ K.T / sqrt(Q.shape[1]))
    scaled = K / sqrt(Q.shape[1])
    core = jnp.einsum("ik,ka,kb->iab", P, V, scaled)
    core -= jnp.einsum("ia,ib->iab", P @ V, P @ scaled)
    return core[:, :, None, :] * jnp.eye(len(Q))[:, None, :, None]


def logreg_diagonal(X: Any, y: Any, w: Any) -> Any:
    """`Σ_i y_i² σ(m_i) σ(-m_i) X_ij²`."""
    rising = jax.nn.sigmoid(y * (X @ w))
    return (y * y * rising * (1 - rising)) @ (X * X)


def logreg_trace(X: Any, y: Any, w: Any) -> Any:
    """The sum of the diagonal."""
    rising = jax.nn.sigmoid(y * (X @ w))
    return (y * y * rising * (1 - rising)) @ (X * X).sum(1)


def network_diagonal(X: Any, Y: Any, W1: Any, W2: Any) -> Any:
    """`Σ_b (curvature of unit i at sample b) X_bj²`."""
    A = jnp.tanh(X @ W1.T)
    P = jax.nn.softmax(A @ W2.T)
    mass = Y.sum(1)[:, None]
    slope = 1 - A * A
    spread = mass * (P @ (W2 * W2) - (P @ W2) ** 2)
    curve = slope * slope * spread - 2 * A * slope * ((mass * P - Y) @ W2)
    return curve.T @ (X * X)


def field_laplacian(W: Any, x: Any, c: Any, w: Any) -> Any:
    """`Σ_i w_i tanh''(z_bi) Σ_j W_ij²`."""
    a = jnp.tanh(x @ W.T + c)
    return (-2 * a * (1 - a * a)) @ (w * (W * W).sum(1))
