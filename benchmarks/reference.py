"""The same functions in JAX: an independent derivative to check and to compare with.

In: the arrays of a problem, by name. Out: the function's value; `derivative` makes the array of a
task from it, jitted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]

Function = Callable[..., Any]


def logreg(X: Any, y: Any, w: Any) -> Any:
    """Logistic regression."""
    return jnp.logaddexp(0.0, -y * (X @ w)).sum()


def matfac(T: Any, U: Any, V: Any) -> Any:
    """Matrix factorisation."""
    return ((T - U @ V.T) ** 2).sum()


def matfac_mask(T: Any, U: Any, V: Any, Ω: Any) -> Any:
    """Matrix factorisation with a mask."""
    return ((Ω * (T - U @ V.T)) ** 2).sum()


def quad(A: Any, x: Any) -> Any:
    """Quadratic form."""
    return x @ A @ x


def gp(K: Any, y: Any) -> Any:
    """Gaussian process, the kernel matrix entry by entry."""
    return jnp.linalg.slogdet(K)[1] + y @ jnp.linalg.solve(K, y)


def lse(A: Any, x: Any) -> Any:
    """Log-sum-exp."""
    return jax.nn.logsumexp(A @ x)


def seed_a(W: Any, x: Any, b: Any, w: Any, y: Any) -> Any:
    """One hidden layer, logistic loss."""
    return jnp.logaddexp(0.0, -y * (w @ jax.nn.sigmoid(W @ x + b)))


def seed_b(x: Any, W1: Any, b1: Any, W2: Any, b2: Any, y: Any) -> Any:
    """One hidden layer, row vectors, softmax cross-entropy."""
    return -(y @ jax.nn.log_softmax(jax.nn.sigmoid(x @ W1 + b1) @ W2 + b2))


def seed_c(U: Any, W: Any, X: Any, b: Any, c: Any) -> Any:
    """One hidden layer over the columns of a matrix."""
    return U @ jax.nn.sigmoid(W @ X + b[:, None]) + c[:, None]


def seed_c_column(U: Any, W: Any, X: Any, b: Any, c: Any) -> Any:
    """One column of the same, for the Jacobian by its own column."""
    return U @ jax.nn.sigmoid(W @ X + b) + c


def nn3(X: Any, Y: Any, W1: Any, W2: Any, W3: Any) -> Any:
    """Three dense layers, cross-entropy over a batch."""
    hidden = jnp.tanh(jnp.tanh(X @ W1.T) @ W2.T)
    return -(Y * jax.nn.log_softmax(hidden @ W3.T, axis=1)).sum()


def nn10(x: Any, **weights: Any) -> Any:
    """Relu layers."""
    for W in weights.values():
        x = jax.nn.relu(W @ x)
    return 0.5 * x @ x


def deep(X: Any, **weights: Any) -> Any:
    """Tanh layers."""
    for W in weights.values():
        X = jnp.tanh(W @ X)
    return 0.5 * (X * X).sum()


def bjac(W: Any, x: Any) -> Any:
    """One dense layer: of a batch, or of one sample."""
    return jnp.tanh(x @ W.T)


def quartic(T: Any, x: Any) -> Any:
    """Quartic form."""
    return jnp.einsum("ijkl,i,j,k,l->", T, x, x, x, x)


def softmax(θ: Any) -> Any:
    """Softmax."""
    return jax.nn.softmax(θ)


def attn(Q: Any, K: Any, V: Any) -> Any:
    """Attention: all rows, or one."""
    return jax.nn.softmax(Q @ K.T / jnp.sqrt(Q.shape[-1])) @ V


def attn_loss(Q: Any, K: Any, V: Any) -> Any:
    """Half the squared norm of attention."""
    return 0.5 * (attn(Q, K, V) ** 2).sum()


def by(function: Function, names: tuple[str, ...], data: dict[str, Any]) -> Function:
    """The function of the named arrays alone, given as a tuple; the others come beside it."""
    order = tuple(data)

    def moved(chosen: tuple[Any, ...], rest: dict[str, Any]) -> Any:
        merged = rest | dict(zip(names, chosen, strict=True))
        return function(**{name: merged[name] for name in order})

    return moved


def derivative(
    kind: str, function: Function, names: tuple[str, ...], data: dict[str, Any]
) -> Function:
    """A jitted function of keyword arrays; one array where one derivative was asked for."""
    moved = by(function, names, data)
    makers: dict[str, Callable[[Function], Function]] = {
        "value": lambda f: f,
        "grad": jax.grad,
        "jac": jax.jacrev,
        "hess": jax.hessian,
        "third": lambda f: jax.jacfwd(jax.hessian(f)),
    }
    made = makers[kind](moved)
    power = {"hess": 2, "third": 3}.get(kind, 1)

    def run(**arrays: Any) -> Any:
        rest = {name: array for name, array in arrays.items() if name not in names}
        result = made(tuple(arrays[name] for name in names), rest)
        for _ in range(power if kind != "value" and len(names) == 1 else 0):
            result = result[0]
        return result

    return jax.jit(run)


def per_sample(function: Function, name: str, axis: int, out_axis: int) -> Function:
    """The Jacobian of each sample by itself, jitted: `function` of one sample, mapped over them."""

    def run(**arrays: Any) -> Any:
        rest = {key: array for key, array in arrays.items() if key != name}
        jacobian = jax.jacrev(lambda sample: function(**rest, **{name: sample}))
        return jax.vmap(jacobian, in_axes=axis, out_axes=out_axis)(arrays[name])

    return jax.jit(run)
