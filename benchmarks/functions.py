"""The measured functions as a user of another library writes them.

In: a `Dialect`, which has the library's operations, and the arrays of a problem by name.
Out: the function's value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any

import opt_einsum

from benchmarks.grids import equation, labels, path

Operation = Callable[..., Any]


@dataclass(frozen=True)
class Dialect:
    """What a library calls the operations; those along an axis go along the last."""

    tanh: Operation
    relu: Operation
    sigmoid: Operation
    softplus: Operation
    softmax: Operation
    logsoftmax: Operation
    logsumexp: Operation
    logdet: Operation
    solve: Operation
    einsum: Operation


def logreg(lib: Dialect, X: Any, y: Any, w: Any) -> Any:
    """Logistic regression."""
    return lib.softplus(-y * (X @ w)).sum()


def matfac(_: Dialect, T: Any, U: Any, V: Any) -> Any:
    """Matrix factorisation."""
    return ((T - U @ V.T) ** 2).sum()


def matfac_mask(_: Dialect, T: Any, U: Any, V: Any, Ω: Any) -> Any:
    """Matrix factorisation with a mask."""
    return ((Ω * (T - U @ V.T)) ** 2).sum()


def quad(_: Dialect, A: Any, x: Any) -> Any:
    """Quadratic form."""
    return x @ (A @ x)


def gp(lib: Dialect, K: Any, y: Any) -> Any:
    """Gaussian process, the kernel matrix entry by entry."""
    return lib.logdet(K) + y @ lib.solve(K, y)


def lse(lib: Dialect, A: Any, x: Any) -> Any:
    """Log-sum-exp."""
    return lib.logsumexp(A @ x)


def seed_a(lib: Dialect, W: Any, x: Any, b: Any, w: Any, y: Any) -> Any:
    """One hidden layer, logistic loss."""
    return lib.softplus(-y * (w @ lib.sigmoid(W @ x + b)))


def seed_b(lib: Dialect, x: Any, W1: Any, b1: Any, W2: Any, b2: Any, y: Any) -> Any:
    """One hidden layer, softmax cross-entropy."""
    return -(y @ lib.logsoftmax(lib.sigmoid(x @ W1 + b1) @ W2 + b2))


def seed_c(lib: Dialect, U: Any, W: Any, X: Any, b: Any, c: Any) -> Any:
    """One hidden layer over the columns of a matrix."""
    return U @ lib.sigmoid(W @ X + b[:, None]) + c[:, None]


def seed_c_column(lib: Dialect, U: Any, W: Any, X: Any, b: Any, c: Any) -> Any:
    """One column of the same, for the Jacobian by its own column."""
    return U @ lib.sigmoid(W @ X + b) + c


def nn3(lib: Dialect, X: Any, Y: Any, W1: Any, W2: Any, W3: Any) -> Any:
    """Three dense layers, cross-entropy over a batch."""
    return -(Y * lib.logsoftmax(lib.tanh(lib.tanh(X @ W1.T) @ W2.T) @ W3.T)).sum()


def nn10(lib: Dialect, x: Any, **weights: Any) -> Any:
    """Relu layers."""
    for W in weights.values():
        x = lib.relu(W @ x)
    return 0.5 * (x @ x)


def deep(lib: Dialect, X: Any, **weights: Any) -> Any:
    """Tanh layers."""
    for W in weights.values():
        X = lib.tanh(W @ X)
    return 0.5 * (X * X).sum()


def bjac(lib: Dialect, W: Any, x: Any) -> Any:
    """One dense layer: of a batch, or of one sample."""
    return lib.tanh(x @ W.T)


def quartic(lib: Dialect, T: Any, x: Any) -> Any:
    """Quartic form."""
    return lib.einsum("ijkl,i,j,k,l->", T, x, x, x, x)


def softmax(lib: Dialect, θ: Any) -> Any:
    """Softmax."""
    return lib.softmax(θ)


def attn(lib: Dialect, Q: Any, K: Any, V: Any) -> Any:
    """Attention: all rows, or one."""
    return lib.softmax(Q @ K.T / sqrt(Q.shape[-1])) @ V


def attn_loss(lib: Dialect, Q: Any, K: Any, V: Any) -> Any:
    """Half the squared norm of attention."""
    return 0.5 * (attn(lib, Q, K, V) ** 2).sum()


def outputs(lib: Dialect, X: Any, W1: Any, W2: Any, **_: Any) -> Any:
    """The outputs of two dense layers."""
    return lib.tanh(X @ W1.T) @ W2.T


def network(lib: Dialect, X: Any, Y: Any, W1: Any, W2: Any) -> Any:
    """Two dense layers, cross-entropy over a batch."""
    return -(Y * lib.logsoftmax(outputs(lib, X, W1, W2))).sum()


def field(lib: Dialect, W: Any, x: Any, c: Any, w: Any) -> Any:
    """A scalar field by one hidden layer: at many points, or at one."""
    return lib.tanh(x @ W.T + c) @ w


def field_sum(lib: Dialect, W: Any, x: Any, c: Any, w: Any) -> Any:
    """Its sum over the points, whose gradient is the field's gradient at each."""
    return field(lib, W, x, c, w).sum()


def grid(rows: int, columns: int) -> Operation:
    """The contraction of a grid of tensors, in the order that is given to everybody."""
    text, order = equation(labels(rows, columns)), list(path(rows, columns))

    def contracted(_: Dialect, **sites: Any) -> Any:
        return opt_einsum.contract(text, *sites.values(), optimize=order)

    return contracted
