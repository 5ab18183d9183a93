"""What a problem is: the program's text, its data, what is asked, and who answers it.

In: a text, shapes, sizes. Out: a `Problem` with its arrays. Values are drawn from a fixed seed,
scaled so that no function saturates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod, sqrt
from typing import Any

import numpy as np

from benchmarks import reference

Sizes = dict[str, int]


@dataclass(frozen=True)
class Task:
    """One question about a problem: what to compile, and the two other answers to it."""

    queries: tuple[str, ...]
    expert: Callable[..., Any]
    jax: Callable[[dict[str, Any]], Callable[..., Any]]


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

    def data(self, sizes: Sizes) -> dict[str, Any]:
        """Arrays of these sizes, by name, the same in every run."""
        random = np.random.default_rng(len(self.name) + sum(sizes.values()))
        return {
            name: draw(random, tuple(sizes[e] for e in extents), self.domains.get(name, "any"))
            for name, extents in self.shapes.items()
        }


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
    return values / sqrt(prod(shape[1:])) if shape else float(values)


def asked(kind: str, function: Any, names: str, expert: Callable[..., Any], *queries: str) -> Task:
    """A task whose JAX form is a derivative of one function by the named arrays."""
    wanted = tuple(names.split())
    return Task(queries, expert, lambda data: reference.derivative(kind, function, wanted, data))
