"""Networks: one hidden layer three ways, dense layers with cross-entropy, deep chains.

In: the arrays of a problem, by name. Out: the arrays of one task, hand-derived.
"""

from __future__ import annotations

from math import exp, log1p

import numpy as np
from numpy.typing import NDArray

from benchmarks.expert.losses import outer

Array = NDArray[np.float64]


def sigmoid(z: Array) -> Array:
    """`1/(1 + e^-z)` in place of `z`."""
    np.negative(z, z)
    np.exp(z, z)
    z += 1.0
    return np.reciprocal(z, z)


# --- seed a: λ = log(1 + exp(-y w_i σ(W_ij x_j + b_i))), by W -----------------------------------


def seed_a_value(W: Array, x: Array, b: Array, w: Array, y: float) -> float:
    """The score as a Python number."""
    z = W.dot(x)
    z += b
    score = -y * float(w.dot(sigmoid(z)))
    return max(score, 0.0) + log1p(exp(-abs(score)))


def _slope(score: float) -> float:
    return 1.0 / (1.0 + exp(-score)) if score > 0 else exp(score) / (1.0 + exp(score))


def seed_a_grad(W: Array, x: Array, b: Array, w: Array, y: float) -> Array:
    """`-y p w_i s_i (1 − s_i) x_j`."""
    z = W.dot(x)
    z += b
    s = sigmoid(z)
    factor = -y * _slope(-y * float(w.dot(s)))
    column = s * s
    np.subtract(s, column, column)
    column *= w
    column *= factor
    return outer(column, x)


def seed_a_hess(W: Array, x: Array, b: Array, w: Array, y: float) -> Array:
    """`M_ik x_j x_l`: the small products first, the one large write last, with a long last axis."""
    m, n = W.shape
    z = W.dot(x)
    z += b
    s = sigmoid(z)
    p = _slope(-y * float(w.dot(s)))
    u = s * s
    np.subtract(s, u, u)
    u *= w
    middle = outer(u, u * (p * (1.0 - p) * y * y))
    u *= 1.0 - 2.0 * s
    u *= -y * p
    middle.ravel()[:: m + 1] += u
    rows = np.multiply.outer(middle, x).reshape(m, m * n)
    return np.einsum("ip,j->ijp", rows, x).reshape(m, n, m, n)


# --- seed b: L = −Σ y log softmax(σ(x W1 + b1) W2 + b2), by x -----------------------------------


def _seed_b_forward(x: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> tuple[Array, Array]:
    a = x.dot(W1)
    a += b1
    h = sigmoid(a)
    θ = h.dot(W2)
    θ += b2
    θ -= θ.max()
    return h, θ


def seed_b_value(x: Array, W1: Array, b1: Array, W2: Array, b2: Array, y: Array) -> float:
    """`Σy log Σ e^θ − y θ`, shifted."""
    _, θ = _seed_b_forward(x, W1, b1, W2, b2)
    total = float(np.log(np.exp(θ).sum()))
    return float(y.sum()) * total - float(y.dot(θ))


def seed_b_grad(x: Array, W1: Array, b1: Array, W2: Array, b2: Array, y: Array) -> Array:
    """`W1 (h (1 − h) ⊙ W2 (p Σy − y))`."""
    h, p = _seed_b_forward(x, W1, b1, W2, b2)
    np.exp(p, p)
    p *= y.sum() / p.sum()
    p -= y
    back = W2.dot(p)
    back *= h
    back *= 1.0 - h
    return W1.dot(back)


def seed_b_hess(x: Array, W1: Array, b1: Array, W2: Array, b2: Array, y: Array) -> Array:
    """`W1 diag(d) W1ᵀ + J (diag p − p pᵀ) Jᵀ Σy` as one product, or two symmetric ones.

    With `d` of either sign the columns are split by it: each part is a symmetric product, which
    costs half of a general one.
    """
    h, p = _seed_b_forward(x, W1, b1, W2, b2)
    np.exp(p, p)
    p /= p.sum()
    mass = float(y.sum())
    slope = h - h * h
    d = W2.dot(p * mass - y)
    d *= slope
    d *= 1.0 - 2.0 * h
    jacobian = W1 @ (slope[:, None] * W2)
    spread = jacobian * p
    spread -= jacobian.dot(p)[:, None] * p
    spread *= mass
    result: Array = np.concatenate((W1 * d, spread), 1) @ np.concatenate((W1, jacobian), 1).T
    return result


# --- seed c: Y = U σ(W X + b 1ᵀ) + c 1ᵀ ---------------------------------------------------------


def seed_c_value(U: Array, W: Array, X: Array, b: Array, c: Array) -> Array:
    """Two products."""
    z = W @ X
    z += b[:, None]
    Y: Array = U @ sigmoid(z)
    Y += c[:, None]
    return Y


def _seed_c_slopes(W: Array, X: Array, b: Array) -> Array:
    z = W @ X
    z += b[:, None]
    s = sigmoid(z)
    squares = s * s
    return np.subtract(s, squares, squares)


def seed_c_jac(U: Array, W: Array, X: Array, b: Array, c: Array) -> Array:
    """`δ_bd U_ak S_kb W_kc`: one product, written along the diagonal of a zeroed array."""
    (r, m), (n, p) = U.shape, X.shape
    slopes = _seed_c_slopes(W, X, b)
    core = (np.einsum("ak,kb->abk", U, slopes).reshape(r * p, m) @ W).reshape(r, p, n)
    result = np.zeros((r, p, n, p))
    step = result.itemsize
    strides = (p * n * p * step, (n * p + 1) * step, p * step)
    np.ndarray((r, p, n), result.dtype, result, 0, strides)[...] = core
    return result


def seed_c_jac3(U: Array, W: Array, X: Array, b: Array, c: Array) -> Array:
    """`U_ak S_kb W_kc` by one product of inner size m."""
    (r, m), (n, p) = U.shape, X.shape
    slopes = _seed_c_slopes(W, X, b)
    return (np.einsum("ak,kb->abk", U, slopes).reshape(r * p, m) @ W).reshape(r, p, n)


# --- nn3: three dense layers (tanh), softmax cross-entropy over a batch --------------------------


def _nn3_forward(X: Array, W1: Array, W2: Array, W3: Array) -> tuple[Array, Array, Array]:
    H1 = X @ W1.T
    np.tanh(H1, H1)
    H2 = H1 @ W2.T
    np.tanh(H2, H2)
    Z = H2 @ W3.T
    Z -= Z.max(1, keepdims=True)
    return H1, H2, Z


def nn3_value(X: Array, Y: Array, W1: Array, W2: Array, W3: Array) -> float:
    """`Σ_b (Σ_c Y_bc) log Σ_c e^Z_bc − Y : Z`."""
    _, _, Z = _nn3_forward(X, W1, W2, W3)
    linear = float(Y.ravel().dot(Z.ravel()))
    np.exp(Z, Z)
    return float(np.log(Z.sum(1)).dot(Y.sum(1))) - linear


def nn3_grad(X: Array, Y: Array, W1: Array, W2: Array, W3: Array) -> tuple[Array, Array, Array]:
    """Backwards, slopes from the stored activations, in place."""
    H1, H2, Z = _nn3_forward(X, W1, W2, W3)
    np.exp(Z, Z)
    Z *= (Y.sum(1) / Z.sum(1))[:, None]
    Z -= Y
    G3 = Z.T @ H2
    B = Z @ W3
    H2 *= H2
    np.subtract(1.0, H2, H2)
    B *= H2
    G2 = B.T @ H1
    B = B @ W2
    H1 *= H1
    np.subtract(1.0, H1, H1)
    B *= H1
    return B.T @ X, G2, G3


def nn3_hess(X: Array, Y: Array, W1: Array, W2: Array, W3: Array) -> Array:
    """`Σ_b M_b,ik X_bj X_bl`: the h×h curvature of every sample, then one product.

    `M_b = Jᵀ (diag p − p pᵀ) J + S1 W2ᵀ diag(…) W2 S1 + diag(…)` with `J = W3 S2 W2 S1`.
    """
    H1, H2, P = _nn3_forward(X, W1, W2, W3)
    (batch, n), h = X.shape, len(W1)
    np.exp(P, P)
    P /= P.sum(1)[:, None]
    mass = Y.sum(1)
    S1, S2 = 1.0 - H1 * H1, 1.0 - H2 * H2
    back2 = (P * mass[:, None] - Y) @ W3
    curve2 = back2 * S2
    back1 = curve2 @ W2
    curve2 *= H2
    curve2 *= -2.0
    inner = W2 * S1[:, None, :]
    jacobian = W3 @ (inner * S2[:, :, None])
    spread = jacobian * P[:, :, None]
    spread -= P[:, :, None] * np.matmul(P[:, None, :], jacobian)
    spread *= mass[:, None, None]
    left = np.concatenate((inner * curve2[:, :, None], spread), 1)
    M = left.transpose(0, 2, 1) @ np.concatenate((inner, jacobian), 1)
    M.reshape(batch, h * h)[:, :: h + 1] += -2.0 * back1 * S1 * H1
    pairs = np.einsum("bj,bl->bjl", X, X).reshape(batch, n * n)
    blocks = (M.reshape(batch, h * h).T @ pairs).reshape(h, h, n, n)
    return np.ascontiguousarray(blocks.transpose(0, 2, 1, 3))


# --- nn10: ten relu layers, one sample, ½‖h‖², by W1 ---------------------------------------------


def _nn10_forward(x: Array, weights: tuple[Array, ...]) -> list[Array]:
    layers = []
    h = x
    for W in weights:
        h = W.dot(h)
        np.maximum(h, 0.0, out=h)
        layers.append(h)
    return layers


def nn10_value(x: Array, **weights: Array) -> float:
    """One product for each layer."""
    last = _nn10_forward(x, tuple(weights.values()))[-1]
    return 0.5 * float(last.dot(last))


def nn10_grad(x: Array, **weights: Array) -> Array:
    """Cotangents as vectors; the last relu's slope is absorbed by the zeros of its value."""
    matrices = tuple(weights.values())
    layers = _nn10_forward(x, matrices)
    back = layers[-1]
    for W, h in zip(matrices[:0:-1], layers[-2::-1], strict=True):
        back = back.dot(W)
        back *= h > 0.0
    return outer(back, x)


def nn10_hess(x: Array, **weights: Array) -> Array:
    """`(JᵀJ)_ik x_j x_l` with `J = ∂h10/∂(W1 x)`."""
    matrices = tuple(weights.values())
    layers = _nn10_forward(x, matrices)
    m, n = matrices[0].shape
    jacobian = np.diag((layers[-1] > 0.0).astype(float))
    for W, h in zip(matrices[:0:-1], layers[-2::-1], strict=True):
        jacobian = jacobian @ W
        jacobian *= h > 0.0
    rows = np.multiply.outer(jacobian.T @ jacobian, x).reshape(m, m * n)
    return np.einsum("ip,j->ijp", rows, x).reshape(m, n, m, n)


# --- deep: L tanh layers, ½‖H‖², by all weights --------------------------------------------------


def deep_value(X: Array, **weights: Array) -> float:
    """One product for each layer, one buffer each."""
    H = X
    for W in weights.values():
        H = W @ H
        np.tanh(H, H)
    last = H.ravel()
    return 0.5 * float(last.dot(last))


def deep_grad(X: Array, **weights: Array) -> tuple[Array, ...]:
    """Forward values kept, slopes from them in place, from the last layer back."""
    matrices = tuple(weights.values())
    layers = [X]
    for W in matrices:
        H = W @ layers[-1]
        layers.append(np.tanh(H, H))
    gradients = []
    back = layers[-1]
    slope = np.empty_like(back)
    for W, H, before in zip(matrices[::-1], layers[:0:-1], layers[-2::-1], strict=True):
        np.multiply(H, H, slope)
        np.subtract(1.0, slope, slope)
        slope *= back
        gradients.append(slope @ before.T)
        back = W.T @ slope
    return tuple(gradients[::-1])


# --- bjac: y_bi = tanh(W_ij x_bj), ∂y_bi/∂x_bk ---------------------------------------------------


def bjac_value(W: Array, x: Array) -> Array:
    """One product."""
    y: Array = x @ W.T
    return np.tanh(y, y)


def bjac_jac3(W: Array, x: Array) -> Array:
    """`(1 − y_bi²) W_ik`."""
    slope: Array = x @ W.T
    np.tanh(slope, slope)
    slope *= slope
    np.subtract(1.0, slope, slope)
    return np.einsum("bi,ik->bik", slope, W)
