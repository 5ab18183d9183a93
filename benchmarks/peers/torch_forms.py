"""What PyTorch answers, on the CPU: each of its ways to a task, run eagerly.

In: a task and its arrays. Out: calls without arguments, by the name of the way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch  # type: ignore[import-not-found, unused-ignore]
from torch import func  # type: ignore[import-not-found, unused-ignore]

from benchmarks.functions import Dialect
from benchmarks.problems.problem import Task

VERSION = torch.__version__
THREADS = torch.get_num_threads()
COMPILES = False  # at the first call
LINGERS = 0.008  # seconds; measured: 6 ms after a call its threads (libgomp) still look for work
Function = Callable[..., Any]

func.grad(torch.sin)(torch.ones(()))  # loads what takes seconds, before anything is measured

DIALECT = Dialect(
    tanh=torch.tanh,
    relu=torch.relu,
    sigmoid=torch.sigmoid,
    # The default threshold drops e^-20, which is more than rounding.
    softplus=partial(torch.nn.functional.softplus, threshold=40.0),
    softmax=partial(torch.softmax, dim=-1),
    logsoftmax=partial(torch.log_softmax, dim=-1),
    logsumexp=partial(torch.logsumexp, dim=-1),
    logdet=lambda K: torch.linalg.slogdet(K)[1],
    solve=torch.linalg.solve,
    einsum=torch.einsum,
)


def forms(task: Task, data: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    """Every way that PyTorch has to the task, ready to be called."""
    if task.structured or task.kind == "by hand":
        return {}
    given = {name: torch.tensor(np.asarray(array)) for name, array in data.items()}
    chosen = tuple(given[name] for name in task.by)
    vectors = tuple(given[name] for name in task.along)
    arrays = {name: array for name, array in given.items() if name not in task.along}

    def function(*at: Any) -> Any:
        return task.function(DIALECT, **(arrays | dict(zip(task.by, at, strict=True))))

    ways = WAYS[task.kind]
    return {name: partial(_one, way, function, chosen, vectors, task) for name, way in ways.items()}


def _one(way: Function, function: Function, chosen: Any, vectors: Any, task: Task) -> Any:
    result = way(function, chosen, vectors, task)
    if task.kind == "joint" or not isinstance(result, tuple) or len(task.by) > 1:
        return result
    return result[0]


def _every(task: Task) -> tuple[int, ...]:
    return tuple(range(len(task.by)))


def _value(function: Function, chosen: Any, _: Any, __: Task) -> Any:
    with torch.inference_mode():
        return function(*chosen)


def _func_grad(function: Function, chosen: Any, _: Any, task: Task) -> Any:
    return func.grad(function, _every(task))(*chosen)


def _leaves(chosen: Any) -> tuple[Any, ...]:
    return tuple(array.detach().requires_grad_() for array in chosen)


def _tape_grad(function: Function, chosen: Any, _: Any, __: Task) -> Any:
    leaves = _leaves(chosen)
    return torch.autograd.grad(function(*leaves), leaves)


def _transformed(*transforms: Function) -> Function:
    def way(function: Function, chosen: Any, _: Any, __: Task) -> Any:
        for transform in transforms:
            function = transform(function)
        return function(*chosen)

    return way


def _joint(function: Function, chosen: Any, _: Any, __: Task) -> Any:
    gradient, value = func.grad_and_value(function)(*chosen)
    return value, gradient, func.hessian(function)(*chosen)


def _samples(function: Function, chosen: Any, _: Any, task: Task) -> Any:
    before, after = task.axes
    return func.vmap(func.jacrev(function), before, after)(*chosen)


def _hvp(function: Function, chosen: Any, vectors: Any, task: Task) -> Any:
    return func.jvp(func.grad(function, _every(task)), chosen, vectors)[1]


def _tape_hvp(function: Function, chosen: Any, vectors: Any, _: Task) -> Any:
    leaves = _leaves(chosen)
    gradients = torch.autograd.grad(function(*leaves), leaves, create_graph=True)
    return torch.autograd.grad(gradients, leaves, vectors)


def _jvp(function: Function, chosen: Any, vectors: Any, _: Task) -> Any:
    return func.jvp(function, chosen, vectors)[1]


def _vjp(function: Function, chosen: Any, vectors: Any, _: Task) -> Any:
    return func.vjp(function, *chosen)[1](vectors[0])


def _tape_vjp(function: Function, chosen: Any, vectors: Any, _: Task) -> Any:
    leaves = _leaves(chosen)
    return torch.autograd.grad(function(*leaves), leaves, vectors[0])


def _gauss_newton(function: Function, chosen: Any, vectors: Any, _: Task) -> Any:
    pushed = func.jvp(function, chosen, vectors)[1]
    return func.vjp(function, *chosen)[1](pushed)


def _diagonal(function: Function, chosen: Any, _: Any, __: Task) -> Any:
    hessian = func.hessian(function)(*chosen)
    size = chosen[0].numel()
    return hessian.reshape(size, size).diagonal().reshape(chosen[0].shape)


def _trace(function: Function, chosen: Any, vectors: Any, task: Task) -> Any:
    return _diagonal(function, chosen, vectors, task).sum()


def _laplacian(function: Function, chosen: Any, _: Any, task: Task) -> Any:
    def one(at: Any) -> Any:
        return func.hessian(function)(at).trace()

    return func.vmap(one, task.axes[0])(*chosen)


WAYS: dict[str, dict[str, Function]] = {
    "value": {"function": _value},
    "grad": {"autograd.grad": _tape_grad, "func.grad": _func_grad},
    "jac": {"jacrev": _transformed(func.jacrev), "jacfwd": _transformed(func.jacfwd)},
    "hess": {
        "hessian": _transformed(func.hessian),
        "jacrev of grad": _transformed(func.grad, func.jacrev),
    },
    "joint": {"grad_and_value, hessian": _joint},
    "third": {"jacfwd of hessian": _transformed(func.hessian, func.jacfwd)},
    "samples": {"vmap of jacrev": _samples},
    "hvp": {"autograd.grad twice": _tape_hvp, "jvp of grad": _hvp},
    "jvp": {"jvp": _jvp},
    "vjp": {"autograd.grad": _tape_vjp, "vjp": _vjp},
    "gauss_newton": {"jvp, vjp": _gauss_newton},
    "diagonal": {"diagonal of hessian": _diagonal},
    "trace": {"trace of hessian": _trace},
    "laplacian": {"trace of hessian": _laplacian},
}
