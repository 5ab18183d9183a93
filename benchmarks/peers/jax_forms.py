"""What JAX answers: each of its ways to a task, jitted, the arrays on the device.

In: a task and its arrays. Out: calls without arguments, by the name of the way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.functions import Dialect
from benchmarks.peers import jax_closed
from benchmarks.problems.problem import Task

jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]

VERSION = jax.__version__
COMPILES = True  # at the first call
LINGERS = 0.0  # seconds; its threads sleep
Function = Callable[..., Any]


DIALECT = Dialect(
    tanh=jnp.tanh,
    relu=jax.nn.relu,
    sigmoid=jax.nn.sigmoid,
    softplus=jax.nn.softplus,
    softmax=jax.nn.softmax,
    logsoftmax=jax.nn.log_softmax,
    logsumexp=jax.nn.logsumexp,
    logdet=lambda K: jnp.linalg.slogdet(K)[1],
    solve=jnp.linalg.solve,
    einsum=jnp.einsum,
)


def forms(task: Task, data: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    """Every way that JAX has to the task, ready to be called."""
    arrays = [jnp.asarray(array) for array in data.values()]
    return {name: _ready(made, arrays) for name, made in _ways(task, tuple(data)).items()}


def first(task: Task, data: dict[str, Any]) -> Callable[[], Any]:
    """The plain way, with nothing traced or compiled before."""
    arrays = [jnp.asarray(array) for array in data.values()]
    jax.block_until_ready(arrays)  # type: ignore[no-untyped-call]
    jax.clear_caches()  # type: ignore[no-untyped-call]
    return _ready(next(iter(_ways(task, tuple(data)).values())), arrays)


def _ready(function: Function, arrays: list[Any]) -> Callable[[], Any]:
    compiled = jax.jit(function)
    return lambda: jax.block_until_ready(compiled(*arrays))  # type: ignore[no-untyped-call]


def _ways(task: Task, names: tuple[str, ...]) -> dict[str, Function]:
    """Functions of all arrays in order, not yet jitted."""
    if task.structured:
        return {}
    every = tuple(range(len(task.by)))
    makers: dict[str, dict[str, Function]] = {
        "value": {"function": lambda g: g},
        "grad": {"grad": lambda g: jax.grad(g, _all(every))},
        "jac": {"jacrev": jax.jacrev, "jacfwd": jax.jacfwd},
        "hess": {"hessian": jax.hessian, "jacrev of grad": lambda g: jax.jacrev(jax.grad(g))},
        "joint": {"function, grad, hessian": _joint},
        "third": {"jacfwd of hessian": lambda g: jax.jacfwd(jax.hessian(g))},
        "diagonal": {"diagonal of hessian": _diagonal, "vmap of hvp": _diagonal_by_products},
        "trace": {"trace of hessian": _trace, "vmap of hvp": _trace_by_products},
    }
    ways: dict[str, Function] = {
        name: partial(_derived, task, names, maker)
        for name, maker in makers.get(task.kind, {}).items()
    }
    ways |= {
        name: partial(_along, task, names, way) for name, way in ALONG.get(task.kind, {}).items()
    }
    if task.closed is not None:
        ways["closed form"] = partial(_closed, getattr(jax_closed, task.closed), names)
    return ways


def _all(positions: tuple[int, ...]) -> int | tuple[int, ...]:
    return positions[0] if len(positions) == 1 else positions


def _split(task: Task, names: tuple[str, ...], arrays: tuple[Any, ...]) -> tuple[Function, Any]:
    """The function of the chosen arrays alone, and those."""
    given = dict(zip(names, arrays, strict=True))
    order = [name for name in names if name not in task.along]

    def function(*chosen: Any) -> Any:
        merged = given | dict(zip(task.by, chosen, strict=True))
        return task.function(DIALECT, **{name: merged[name] for name in order})

    return function, tuple(given[name] for name in task.by)


def _derived(task: Task, names: tuple[str, ...], maker: Function, *arrays: Any) -> Any:
    function, chosen = _split(task, names, arrays)
    return maker(function)(*chosen)


def _along(task: Task, names: tuple[str, ...], way: Function, *arrays: Any) -> Any:
    given = dict(zip(names, arrays, strict=True))
    function, chosen = _split(task, names, arrays)
    result = way(function, chosen, tuple(given[name] for name in task.along), task)
    return result[0] if isinstance(result, tuple) and len(task.by) == 1 else result


def _closed(function: Function, names: tuple[str, ...], *arrays: Any) -> Any:
    return function(**dict(zip(names, arrays, strict=True)))


# --- along vectors, or for each sample: of a function, its arguments, the vectors, the task -------


def _samples(function: Function, chosen: Any, _: Any, task: Task) -> Any:
    before, after = task.axes
    return jax.vmap(jax.jacrev(function), before, after)(*chosen)


def _jvp_of_grad(function: Function, chosen: Any, vectors: Any, task: Task) -> Any:
    gradient = jax.grad(function, tuple(range(len(task.by))))
    return jax.jvp(gradient, chosen, vectors)[1]


def _grad_of_product(function: Function, chosen: Any, vectors: Any, task: Task) -> Any:
    every = tuple(range(len(task.by)))

    def product(*at: Any) -> Any:
        gradients = jax.grad(function, every)(*at)
        return sum((g * v).sum() for g, v in zip(gradients, vectors, strict=True))

    return jax.grad(product, every)(*chosen)


def _jvp(function: Function, chosen: Any, vectors: Any, _: Task) -> Any:
    return jax.jvp(function, chosen, vectors)[1]


def _vjp(function: Function, chosen: Any, vectors: Any, _: Task) -> Any:
    return jax.vjp(function, *chosen)[1](vectors[0])


def _gauss_newton(function: Function, chosen: Any, vectors: Any, _: Task) -> Any:
    pushed = jax.jvp(function, chosen, vectors)[1]
    return jax.vjp(function, *chosen)[1](pushed)


def _laplacian(function: Function, chosen: Any, _: Any, task: Task) -> Any:
    def one(at: Any) -> Any:
        return jnp.trace(jax.hessian(function)(at))

    return jax.vmap(one, task.axes[0])(*chosen)


def _laplacian_by_products(function: Function, chosen: Any, _: Any, task: Task) -> Any:
    return jax.vmap(_trace_by_products(function), task.axes[0])(*chosen)


def _joint(function: Function) -> Function:
    def joint(*at: Any) -> Any:
        value, gradient = jax.value_and_grad(function)(*at)
        return value, gradient, jax.hessian(function)(*at)

    return joint


def _diagonal(function: Function) -> Function:
    def diagonal(at: Any) -> Any:
        return jax.hessian(function)(at).reshape(at.size, at.size).diagonal().reshape(at.shape)

    return diagonal


def _diagonal_by_products(function: Function) -> Function:
    def diagonal(at: Any) -> Any:
        def entry(basis: Any) -> Any:
            return (jax.jvp(jax.grad(function), (at,), (basis,))[1] * basis).sum()

        return jax.lax.map(entry, jnp.eye(at.size).reshape(-1, *at.shape)).reshape(at.shape)

    return diagonal


def _trace(function: Function) -> Function:
    return lambda at: _diagonal(function)(at).sum()


def _trace_by_products(function: Function) -> Function:
    def trace(at: Any) -> Any:
        def entry(basis: Any) -> Any:
            return (jax.jvp(jax.grad(function), (at,), (basis,))[1] * basis).sum()

        return jax.vmap(entry)(jnp.eye(at.size).reshape(-1, *at.shape)).sum()

    return trace


ALONG: dict[str, dict[str, Function]] = {
    "samples": {"vmap of jacrev": _samples},
    "hvp": {"jvp of grad": _jvp_of_grad, "grad of product": _grad_of_product},
    "jvp": {"jvp": _jvp},
    "vjp": {"vjp": _vjp},
    "gauss_newton": {"jvp, vjp": _gauss_newton},
    "laplacian": {"trace of hessian": _laplacian, "vmap of hvp": _laplacian_by_products},
}
