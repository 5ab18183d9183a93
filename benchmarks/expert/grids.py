"""Grids of tensors contracted to a number, and the derivative by every tensor.

In: the tensors in order, by name. Out: a number, or an array for each tensor.

The order of contractions and the layout of every intermediate are found once for each grid. Going
backwards over the same tree gives all derivatives for twice the work of the value: each
environment is made from those above it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.grids import labels, path

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Side:
    """How one operand becomes a matrix: its axes in order, and which of its sides is summed."""

    number: int  # of the operand, in the list of all tensors
    order: tuple[int, ...] | None  # None where a reshape alone does it
    back: tuple[int, ...]  # the inverse of the order
    kept: int  # how many of the axes, after ordering, are not summed
    first: bool  # the summed axes come first


@dataclass(frozen=True)
class Step:
    """One product of two matrices."""

    left: Side
    right: Side


def _layouts(axes: tuple[str, ...], summed: tuple[str, ...]) -> tuple[bool, bool]:
    """Whether the summed axes come first or last as they are, in this order."""
    count = len(summed)
    return axes[:count] == summed, axes[len(axes) - count :] == summed


def _side(number: int, axes: tuple[str, ...], summed: tuple[str, ...]) -> tuple[Side, list[str]]:
    """The matrix of an operand, and the axes that are left."""
    kept = [label for label in axes if label not in summed]
    first, last = _layouts(axes, summed)
    if first or last:
        return Side(number, None, (), len(kept), first), kept
    order = tuple(axes.index(label) for label in (*summed, *kept))
    back = tuple(sorted(range(len(order)), key=order.__getitem__))
    return Side(number, order, back, len(kept), True), kept


def _summed(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    """The common axes in the order that needs fewer copies."""
    orders = []
    for axes, others in ((left, right), (right, left)):
        common = tuple(label for label in axes if label in others)
        copies = sum(len(each) for each in (left, right) if not any(_layouts(each, common)))
        orders.append((copies, common))
    return min(orders)[1]


def _pairs(rows: int, columns: int) -> list[tuple[int, int]]:
    """The path with every tensor numbered once: the sites, then the products."""
    count = rows * columns
    left_over = list(range(count))
    pairs: list[tuple[int, int]] = []
    for first, second in path(rows, columns):
        pair = (left_over[first], left_over[second])
        left_over = [number for number in left_over if number not in pair]
        left_over.append(count + len(pairs))
        pairs.append(pair)
    return pairs


@cache
def _plan(rows: int, columns: int) -> tuple[Step, ...]:
    """All products of a grid, every intermediate laid out for the next."""
    tensors = list(labels(rows, columns))
    pairs = _pairs(rows, columns)
    ends = [set(axes) for axes in tensors]
    for a, b in pairs:
        ends.append(ends[a] ^ ends[b])
    partner = {number: sum(pair) - number for pair in pairs for number in pair}
    steps = []
    for a, b in pairs:
        summed = _summed(tensors[a], tensors[b])
        left, left_kept = _side(a, tensors[a], summed)
        right, right_kept = _side(b, tensors[b], summed)
        number = len(tensors)
        wanted = ends[number] & ends[partner[number]] if number in partner else set[str]()
        if _fits([*right_kept, *left_kept], wanted) > _fits([*left_kept, *right_kept], wanted):
            left, right, left_kept, right_kept = right, left, right_kept, left_kept
        tensors.append((*left_kept, *right_kept))
        steps.append(Step(left, right))
    return tuple(steps)


def _fits(axes: list[str], wanted: set[str]) -> bool:
    count = len(wanted)
    return set(axes[:count]) == wanted or set(axes[len(axes) - count :]) == wanted


def _matrix(side: Side, array: Array) -> tuple[Array, tuple[int, ...]]:
    """The operand as a matrix, kept axes by summed axes, and the sizes of the kept."""
    if side.order is not None:
        array = array.transpose(side.order)
    shape = array.shape
    if side.first:
        kept = shape[len(shape) - side.kept :]
        return array.reshape(-1, prod(kept)).T, kept
    kept = shape[: side.kept]
    return array.reshape(prod(kept), -1), kept


def _forward(plan: tuple[Step, ...], tensors: list[Any]) -> list[tuple[Array, Array]]:
    """Every product; the matrices of each, and the tensors that come out, at the list's end."""
    operands = []
    for step in plan:
        left, rows = _matrix(step.left, tensors[step.left.number])
        right, columns = _matrix(step.right, tensors[step.right.number])
        tensors.append(left.dot(right.T).reshape(rows + columns))
        operands.append((left, right))
    return operands


def value(rows: int, columns: int) -> Callable[..., float]:
    """The function that contracts a grid."""
    plan = _plan(rows, columns)

    def contracted(**sites: Array) -> float:
        tensors = list(sites.values())
        _forward(plan, tensors)
        return float(tensors[-1])

    return contracted


def _derivative(side: Side, other: Array, above: Array, shape: tuple[int, ...]) -> Array:
    """By one operand, in its own layout; `above` is by the product, this operand's rows first."""
    matrix: Array = other.T.dot(above.T) if side.first else above.dot(other)
    if side.order is None:
        return matrix.reshape(shape)
    return matrix.reshape([shape[axis] for axis in side.order]).transpose(side.back)


def gradient(rows: int, columns: int) -> Callable[..., tuple[Array, ...]]:
    """The function that gives the derivative by every tensor of a grid."""
    plan = _plan(rows, columns)

    def environments(**sites: Array) -> tuple[Array, ...]:
        tensors = list(sites.values())
        count = len(tensors)
        operands = _forward(plan, tensors)
        found: list[Any] = [None] * len(tensors)
        found[-1] = np.ones(())
        for number in range(len(tensors) - 1, count - 1, -1):
            step = plan[number - count]
            left, right = operands[number - count]
            above = found[number].reshape(len(left), len(right))
            for side, other, by in ((step.left, right, above), (step.right, left, above.T)):
                found[side.number] = _derivative(side, other, by, tensors[side.number].shape)
        return tuple(found[:count])

    return environments
