"""Products with derivatives that are never formed: each costs a few times what the gradient costs.

In: the arrays of a problem, and the vectors, by name. Out: the arrays of one task, hand-derived.
"""

from __future__ import annotations

from math import exp

import numpy as np
from numpy.typing import NDArray

from benchmarks.expert.losses import outer
from benchmarks.expert.networks import sigmoid

Array = NDArray[np.float64]
BLOCK = 100_000  # entries


# --- logistic regression: H = Xᵀ diag(s) X -------------------------------------------------------


def _logreg_weights(X: Array, y: Array, w: Array) -> Array:
    """`y² σ(m) σ(-m)` in one buffer and a half."""
    rising: Array = X.dot(w)
    rising *= y
    np.absolute(rising, rising)
    np.negative(rising, rising)
    np.exp(rising, rising)
    weights = rising + 1.0
    weights *= weights
    np.divide(rising, weights, weights)
    weights *= y
    weights *= y
    return weights


def logreg_hvp(X: Array, y: Array, w: Array, v: Array) -> Array:
    """`Xᵀ (s ⊙ X v)`: one pass over X more than the gradient."""
    weights = _logreg_weights(X, y, w)
    weights *= X.dot(v)
    return weights.dot(X)


def logreg_diagonal(X: Array, y: Array, w: Array) -> Array:
    """`Σ_i s_i X_ij²`, squared in blocks of rows that stay in the cache."""
    weights = _logreg_weights(X, y, w)
    rows = max(1, BLOCK // X.shape[1])
    if rows >= len(X):
        return weights.dot(X * X)
    squares = np.empty((rows, X.shape[1]))
    total = np.zeros(X.shape[1])
    for start in range(0, len(X), rows):
        block = X[start : start + rows]
        np.multiply(block, block, squares[: len(block)])
        total += weights[start : start + rows].dot(squares[: len(block)])
    return total


def logreg_trace(X: Array, y: Array, w: Array) -> float:
    """`Σ_i s_i ‖X_i‖²`."""
    return float(np.einsum("ij,ij->i", X, X).dot(_logreg_weights(X, y, w)))


# --- seed a: λ = log(1 + exp(-y w_i σ(W_ij x_j + b_i))), by W ------------------------------------


def seed_a_hvp(W: Array, x: Array, b: Array, w: Array, y: float, V: Array) -> Array:
    """`M (V x) xᵀ` with `M` of rank one and a diagonal: two products and an outer one."""
    z = W.dot(x)
    z += b
    s = sigmoid(z)
    score = -y * float(w.dot(s))
    p = 1.0 / (1.0 + exp(-score)) if score > 0 else exp(score) / (1.0 + exp(score))
    u = s * s
    np.subtract(s, u, u)
    u *= w
    along = V.dot(x)
    push = p * (1.0 - p) * y * y * float(u.dot(along))
    s *= -2.0
    s += 1.0
    s *= along
    s *= -y * p
    s += push
    u *= s
    return outer(u, x)


# --- two dense layers, Z = tanh(X W1ᵀ) W2ᵀ, f = cross-entropy ------------------------------------


def _hidden(X: Array, W1: Array) -> Array:
    A: Array = X @ W1.T
    return np.tanh(A, A)


def _probabilities(Z: Array) -> Array:
    Z -= Z.max(1, keepdims=True)
    np.exp(Z, Z)
    Z /= Z.sum(1)[:, None]
    return Z


def network_grad(X: Array, Y: Array, W1: Array, W2: Array) -> tuple[Array, Array]:
    """Backwards, slopes from the stored activations, in place."""
    A = _hidden(X, W1)
    R = A @ W2.T
    R -= R.max(1, keepdims=True)
    np.exp(R, R)
    R *= (Y.sum(1) / R.sum(1))[:, None]
    R -= Y
    by_outer = R.T @ A
    B = R @ W2
    A *= A
    np.subtract(1.0, A, A)
    B *= A
    return B.T @ X, by_outer


def network_hvp(
    X: Array, Y: Array, W1: Array, W2: Array, V1: Array, V2: Array
) -> tuple[Array, Array]:
    """The gradient's lines, each differentiated along the direction."""
    A = _hidden(X, W1)
    P = _probabilities(A @ W2.T)
    mass = Y.sum(1)[:, None]
    slope = A * A
    np.subtract(1.0, slope, slope)
    along = X @ V1.T
    along *= slope  # of the activations
    dZ = along @ W2.T
    dZ += A @ V2.T
    dZ -= np.einsum("bc,bc->b", P, dZ)[:, None]
    P *= mass
    dZ *= P  # of the residual
    P -= Y
    by_outer = dZ.T @ A
    by_outer += P.T @ along
    back = P @ W2
    back *= A
    back *= along
    back *= -2.0
    turned = dZ @ W2
    turned += P @ V2
    turned *= slope
    back += turned
    return back.T @ X, by_outer


def network_jvp(X: Array, W1: Array, W2: Array, V1: Array, V2: Array, **_: Array) -> Array:
    """`A V2ᵀ + (A' ⊙ X V1ᵀ) W2ᵀ`."""
    A = _hidden(X, W1)
    result: Array = A @ V2.T
    A *= A
    np.subtract(1.0, A, A)
    A *= X @ V1.T
    result += A @ W2.T
    return result


def network_vjp(X: Array, W1: Array, W2: Array, R: Array, **_: Array) -> tuple[Array, Array]:
    """Backwards from the cotangents of the outputs."""
    A = _hidden(X, W1)
    by_outer = R.T @ A
    B = R @ W2
    A *= A
    np.subtract(1.0, A, A)
    B *= A
    return B.T @ X, by_outer


def network_gauss_newton(
    X: Array, W1: Array, W2: Array, V1: Array, V2: Array, **_: Array
) -> tuple[Array, Array]:
    """`Jᵀ (J v)`: forwards, then backwards from what came out."""
    A = _hidden(X, W1)
    slope = A * A
    np.subtract(1.0, slope, slope)
    along = X @ V1.T
    along *= slope
    pushed = along @ W2.T
    pushed += A @ V2.T
    B = np.matmul(pushed, W2, along)
    B *= slope
    return B.T @ X, pushed.T @ A


def network_diagonal(X: Array, Y: Array, W1: Array, W2: Array) -> Array:
    """`Σ_b (curvature of unit i at sample b) X_bj²`."""
    A = _hidden(X, W1)
    P = _probabilities(A @ W2.T)
    mass = Y.sum(1)[:, None]
    slope = A * A
    np.subtract(1.0, slope, slope)
    middle = P @ W2
    middle *= middle
    spread = P @ (W2 * W2)
    spread -= middle
    spread *= mass
    spread *= slope
    P *= mass
    P -= Y
    back = np.matmul(P, W2, middle)
    back *= A
    back *= 2.0
    spread -= back
    spread *= slope
    return spread.T @ (X * X)


# --- a scalar field u(x) = w · tanh(W x + c) at many points --------------------------------------


def field_grad(W: Array, x: Array, c: Array, w: Array) -> Array:
    """`((1 − a²) ⊙ w) W`."""
    A: Array = x @ W.T
    A += c
    np.tanh(A, A)
    A *= A
    np.subtract(1.0, A, A)
    return A @ (w[:, None] * W)


def field_laplacian(W: Array, x: Array, c: Array, w: Array) -> Array:
    """`Σ_i w_i tanh''(z_bi) ‖W_i‖²`."""
    A: Array = x @ W.T
    A += c
    np.tanh(A, A)
    weights = np.einsum("ij,ij->i", W, W)
    weights *= w
    weights *= 2.0
    cubes = A * A
    cubes -= 1.0
    cubes *= A
    return cubes.dot(weights)
