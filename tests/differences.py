"""Derivatives without calculus: one complex step for each entry of a variable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.interpret import interpret
from indexcalc.ir.node import Node, Variable

STEP = 1e-30


def direction(variable: Variable, index: tuple[int, ...], shape: tuple[int, ...]) -> NDArray[Any]:
    """The way the variable moves if one entry is pushed, within what its traits let it be."""
    way = np.zeros(shape)
    way[index] = 1
    if "diagonal" in variable.traits:
        return way * np.eye(len(way))
    return (way + way.T) / 2 if variable.symmetric else way


def by_complex_step(
    node: Node, variable: Variable, values: Mapping[str, Any], sizes: Mapping[str, int], **more: Any
) -> NDArray[Any]:
    """All components: the axes of `node`, then those of `variable`. For holomorphic graphs."""
    at = np.asarray(values[variable.name], float)
    columns = []
    for index in np.ndindex(at.shape):
        moved = at + 1j * STEP * direction(variable, index, at.shape)
        column = interpret(node, {**values, variable.name: moved}, sizes, **more)
        columns.append(np.imag(column) / STEP)
    return np.stack(columns, axis=-1).reshape(np.shape(columns[0]) + at.shape)


def by_central_difference(
    node: Node, variable: Variable, values: Mapping[str, Any], sizes: Mapping[str, int], **more: Any
) -> NDArray[Any]:
    """The same for functions of real arguments only, to about nine digits."""
    at = np.asarray(values[variable.name], float)
    step = 1e-6
    columns = []
    for index in np.ndindex(at.shape):
        way = step * direction(variable, index, at.shape)
        ends = [
            interpret(node, {**values, variable.name: at + sign * way}, sizes, **more)
            for sign in (1, -1)
        ]
        columns.append((ends[0] - ends[1]) / (2 * step))
    return np.stack(columns, axis=-1).reshape(np.shape(columns[0]) + at.shape)
