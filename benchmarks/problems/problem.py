"""What a problem is: the program's text, its data, what is asked, and who answers it.

In: a text, shapes, sizes. Out: a `Problem` with its arrays. Values are drawn from a fixed seed,
scaled so that no function saturates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod, sqrt
from typing import Any, Literal

import numpy as np

Sizes = dict[str, int]
Kind = Literal[
    "value",
    "grad",
    "jac",
    "hess",
    "joint",  # value, gradient and Hessian, together
    "third",
    "samples",  # the Jacobian of each sample by itself
    "hvp",
    "jvp",
    "vjp",
    "gauss_newton",
    "diagonal",  # of the Hessian
    "trace",
    "laplacian",  # of each sample
    "by hand",  # no library derives it in a time worth measuring: `closed` alone
]


@dataclass(frozen=True)
class Task:
    """One question about a problem: what to compile, and what the others make their answer from.

    `function` is the function in terms of a peer's own operations (`benchmarks.functions`); the
    peers derive it as `kind` says, `by` these arrays, `along` those. `closed` names the derivative
    written by hand in JAX (`peers.jax_closed`), where that is faster than deriving. `whole` is the
    expert's dense array where a structured result is asked for.
    """

    kind: Kind
    queries: tuple[str, ...]
    expert: Callable[..., Any]
    function: Callable[..., Any]
    by: tuple[str, ...]
    along: tuple[str, ...] = ()
    axes: tuple[int, int] = (0, 0)  # the samples' axis in the variable and in the result
    closed: str | None = None
    whole: Callable[..., Any] | None = None
    single: bool = False  # in float32

    @property
    def structured(self) -> bool:
        """Whether the result is asked for in parts that are not multiplied out."""
        return self.whole is not None

    @property
    def in_single(self) -> Task:
        """The same in float32."""
        return replace(self, single=True)


@dataclass(frozen=True)
class Problem:
    """A function with its arrays: shapes by extent names, and the sizes at which to measure."""

    name: str
    text: str
    shapes: dict[str, tuple[str, ...]]
    tasks: dict[str, Task]
    sizes: tuple[tuple[Sizes, tuple[str, ...]], ...]
    small: Sizes  # unequal, for checking
    domains: dict[str, str]
    directions: tuple[str, ...] = ()  # arrays that only tasks `along` them take

    def data(self, sizes: Sizes, task: str) -> dict[str, Any]:
        """The arrays of a task at these sizes, by name, the same in every run."""
        random = np.random.default_rng(len(self.name) + sum(sizes.values()))
        arrays = {
            name: draw(random, tuple(sizes[e] for e in extents), self.domains.get(name, "any"))
            for name, extents in self.shapes.items()
        }
        asked = self.tasks[task]
        return {
            name: np.asarray(array, np.float32)[()] if asked.single else array
            for name, array in arrays.items()
            if name not in self.directions or name in asked.along
        }

    def case(self, sizes: Sizes) -> str:
        """The name of a row: the problem's with its sizes."""
        return f"{self.name}[{','.join(f'{key}={value}' for key, value in sizes.items())}]"


def draw(random: np.random.Generator, shape: tuple[int, ...], domain: str) -> Any:
    """One array of a domain; entries of matrices shrink with their width."""
    if domain == "sign":
        return np.where(random.random(shape) < 0.5, -1.0, 1.0) if shape else -1.0
    if domain == "mask":
        return (random.random(shape) < 0.5).astype(float)
    if domain == "onehot":
        return np.eye(shape[-1])[random.integers(0, shape[-1], shape[:-1])]
    values = random.standard_normal(shape)
    if domain == "spd":
        return values @ values.T / shape[0] + np.eye(shape[0])
    if domain == "layer":
        return values * 1.5 / sqrt(shape[-1])
    if domain == "site":  # each bond is shared by two sites: the whole network is of order one
        return values / prod(shape) ** 0.25
    return values / sqrt(prod(shape[1:])) if shape else float(values)


def asked(
    kind: Kind,
    function: Callable[..., Any],
    by: str,
    expert: Callable[..., Any],
    *queries: str,
    **more: Any,
) -> Task:
    """A task, its variables' names in one text with spaces between."""
    return Task(kind, queries, expert, function, tuple(by.split()), **more)
