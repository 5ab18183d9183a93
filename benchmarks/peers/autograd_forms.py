"""What autograd (HIPS) answers: the first of its kind for NumPy, without a compiler.

In: a task and its arrays. Out: calls without arguments, by the name of the way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Any

import autograd  # type: ignore[import-untyped, import-not-found, unused-ignore]
import autograd.numpy as anp  # type: ignore[import-untyped, import-not-found, unused-ignore]
from autograd.scipy import special  # type: ignore[import-untyped, import-not-found, unused-ignore]

from benchmarks.functions import Dialect
from benchmarks.problems.problem import Task

VERSION = version("autograd")
COMPILES = False  # at the first call
LINGERS = 0.0  # seconds; its threads are those of NumPy, which give the core up
Function = Callable[..., Any]


def _logsoftmax(z: Any) -> Any:
    return z - special.logsumexp(z, axis=-1, keepdims=True)


DIALECT = Dialect(
    tanh=anp.tanh,
    relu=lambda z: anp.maximum(z, 0.0),
    sigmoid=special.expit,
    softplus=lambda z: anp.logaddexp(0.0, z),
    softmax=lambda z: anp.exp(_logsoftmax(z)),
    logsoftmax=_logsoftmax,
    logsumexp=special.logsumexp,
    logdet=lambda K: anp.linalg.slogdet(K)[1],
    solve=anp.linalg.solve,
    einsum=anp.einsum,
)


def forms(task: Task, data: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    """Every way that autograd has to the task, ready to be called."""
    if task.structured or task.kind not in WAYS:
        return {}
    chosen = tuple(data[name] for name in task.by)
    vectors = tuple(data[name] for name in task.along)
    arrays = {name: array for name, array in data.items() if name not in task.along}

    def function(*at: Any) -> Any:
        return task.function(DIALECT, **(arrays | dict(zip(task.by, at, strict=True))))

    ways = WAYS[task.kind]
    return {name: partial(_one, way, function, chosen, vectors) for name, way in ways.items()}


def _one(way: Function, function: Function, chosen: Any, vectors: Any) -> Any:
    result = way(function, chosen, vectors)
    return result[0] if isinstance(result, tuple) and len(chosen) == 1 else result


def _grad(function: Function, chosen: Any, _: Any) -> Any:
    return autograd.grad(function, tuple(range(len(chosen))))(*chosen)


def _jac(function: Function, chosen: Any, _: Any) -> Any:
    return autograd.jacobian(function)(*chosen)


def _hess(function: Function, chosen: Any, _: Any) -> Any:
    return autograd.hessian(function)(*chosen)


def _hvp(function: Function, chosen: Any, vectors: Any) -> Any:
    every = tuple(range(len(chosen)))

    def product(*at: Any) -> Any:
        gradients = autograd.grad(function, every)(*at)
        return sum(anp.sum(g * v) for g, v in zip(gradients, vectors, strict=True))

    return autograd.grad(product, every)(*chosen)


def _vjp(function: Function, chosen: Any, vectors: Any) -> Any:
    return autograd.make_vjp(function, tuple(range(len(chosen))))(*chosen)[0](vectors[0])


WAYS: dict[str, dict[str, Function]] = {
    "grad": {"grad": _grad},
    "jac": {"jacobian": _jac},
    "hess": {"hessian": _hess},
    "hvp": {"grad of product": _hvp},
    "vjp": {"vjp": _vjp},
}
