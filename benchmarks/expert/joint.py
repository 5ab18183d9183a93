"""Value, gradient and Hessian together: what they share is computed once.

In: the arrays of a problem, by name. Out: the three, hand-derived.
"""

from __future__ import annotations

from math import exp, log, log1p

import numpy as np

from benchmarks.expert.losses import Array, outer, weighted_gram
from benchmarks.expert.networks import sigmoid

Three = tuple[float, Array, Array]


def logreg(X: Array, y: Array, w: Array) -> Three:
    """With `e = e^-|m|`: `log1p(e) - min(m, 0)`, `σ(-m)`, and `σ(m) σ(-m) = e/(1 + e)²`."""
    margin = X.dot(w)
    margin *= y
    small = np.absolute(margin)
    np.negative(small, small)
    np.exp(small, small)
    value = float(np.log1p(small).sum() - np.minimum(margin, 0.0).sum())
    np.exp(margin, margin)
    margin += 1.0
    np.divide(y, margin, margin)
    gradient = margin.dot(X)
    weights = np.add(small, 1.0, margin)
    weights *= weights
    np.divide(small, weights, weights)
    weights *= y
    weights *= y
    return value, np.negative(gradient, gradient), weighted_gram(X, weights)


def lse(A: Array, x: Array) -> Three:
    """`Aᵀ diag(p) A − g gᵀ` with `g = Aᵀ p`, `p = softmax(A x)`."""
    weights = A.dot(x)
    top = float(weights.max())
    weights -= top
    np.exp(weights, weights)
    total = float(weights.sum())
    weights /= total
    gradient = weights.dot(A)
    hessian = weighted_gram(A, weights)
    hessian -= outer(gradient, gradient)
    return log(total) + top, gradient, hessian


def seed_a(W: Array, x: Array, b: Array, w: Array, y: float) -> Three:
    """`M_ik x_j x_l`, with the score and its slope as Python numbers."""
    m, n = W.shape
    z = W.dot(x)
    z += b
    s = sigmoid(z)
    score = -y * float(w.dot(s))
    small = exp(-abs(score))
    p = (1.0 if score > 0 else small) / (1.0 + small)
    u = s * s
    np.subtract(s, u, u)
    u *= w
    gradient = outer(u * (-y * p), x)
    middle = outer(u, u * (p * (1.0 - p) * y * y))
    u *= 1.0 - 2.0 * s
    u *= -y * p
    middle.ravel()[:: m + 1] += u
    rows = np.multiply.outer(middle, x).reshape(m, m * n)
    hessian = np.einsum("ip,j->ijp", rows, x).reshape(m, n, m, n)
    return max(score, 0.0) + log1p(small), gradient, hessian
