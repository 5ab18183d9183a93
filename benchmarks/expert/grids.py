"""Grids of tensors contracted to a number, and the derivative by every tensor.

In: the tensors in order, by name. Out: a number, or an array for each tensor.

The order of contractions and the layout of every intermediate are found once for a grid and its
sizes. Going backwards over the same tree gives all derivatives for twice the work of the value:
each environment is made from the one above it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import prod
from random import Random
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.grids import labels, path

Array = NDArray[np.float64]
Labels = tuple[str, ...]
TRIALS, ROUNDS = 100, 3  # of the search for layouts, which is no part of what is measured


class Side(NamedTuple):
    """How one operand becomes a matrix."""

    number: int  # of the operand, in the list of all tensors
    shape: tuple[int, ...]  # of its axes
    order: tuple[int, ...] | None  # of its axes in the matrix; None if that is their own
    back: tuple[int, ...]  # the inverse of the order
    ordered: tuple[int, ...]  # the shape in that order
    matrix: tuple[int, int]
    turned: bool  # the matrix has the summed axes first


class Step(NamedTuple):
    """One product of two matrices: rows by summed axes, and summed axes by columns."""

    left: Side
    right: Side


# --- the plan ------------------------------------------------------------------------------------


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


def _at_an_end(axes: Labels, summed: Labels) -> bool:
    """Whether the summed axes come first or last, in this order."""
    count = len(summed)
    return summed in (axes[:count], axes[len(axes) - count :])


def _summed(left: Labels, right: Labels, sizes: dict[str, int]) -> Labels:
    """The common axes in the order that has fewer entries copied."""

    def copied(summed: Labels) -> int:
        return sum(_entries(axes, sizes) for axes in (left, right) if not _at_an_end(axes, summed))

    orders = (tuple(x for x in left if x in right), tuple(x for x in right if x in left))
    return min(orders, key=copied)


def _entries(axes: Labels, sizes: dict[str, int]) -> int:
    return prod(sizes[label] for label in axes)


def _side(
    number: int, axes: Labels, summed: Labels, sizes: dict[str, int], needed: dict[str, int]
) -> tuple[Side, Labels]:
    """The matrix of an operand, and the axes left over: in a copy, those needed next are last."""
    kept = tuple(label for label in axes if label not in summed)
    turned = axes[: len(summed)] == summed or not _at_an_end(axes, summed)
    if not _at_an_end(axes, summed):
        kept = tuple(sorted(kept, key=lambda label: -needed[label]))
    wanted = summed + kept if turned else kept + summed
    order = None if wanted == axes else tuple(axes.index(label) for label in wanted)
    back = tuple(wanted.index(label) for label in axes)
    first, second = (summed, kept) if turned else (kept, summed)
    shape, ordered = (tuple(sizes[label] for label in each) for each in (axes, wanted))
    matrix = (_entries(first, sizes), _entries(second, sizes))
    return Side(number, shape, order, back, ordered, matrix, turned), kept


@cache
def _plan(rows: int, columns: int, across: int, down: int) -> tuple[Step, ...]:
    """The plan that copies least, of many that differ in how the intermediates are laid out."""
    sites = labels(rows, columns)
    sizes = {x: across if x.startswith("h") else down for axes in sites for x in axes}
    pairs = _pairs(rows, columns)
    random = Random(0)

    def planned(turns: list[bool]) -> tuple[Step, ...]:
        return _laid_out(list(sites), pairs, sizes, turns)

    starts = [[random.random() < 0.5 for _ in pairs] for _ in range(TRIALS)]
    turns = min(starts, key=lambda turns: _copied(planned(turns)))
    for place in list(range(len(pairs))) * ROUNDS:
        other = [turn != (number == place) for number, turn in enumerate(turns)]
        turns = min(turns, other, key=lambda turns: _copied(planned(turns)))
    return planned(turns)


def _laid_out(
    tensors: list[Labels],
    pairs: list[tuple[int, int]],
    sizes: dict[str, int],
    turns: list[bool],
) -> tuple[Step, ...]:
    """All products in order; where the second operand's axes are to come first, a turn is true."""
    ends = [set(axes) for axes in tensors]
    needed: dict[str, int] = {}
    for number, (a, b) in enumerate(pairs):
        needed |= dict.fromkeys(ends[a] & ends[b], number)
        ends.append(ends[a] ^ ends[b])
    steps = []
    for pair, turn in zip(pairs, turns, strict=True):
        a, b = reversed(pair) if turn else pair
        summed = _summed(tensors[a], tensors[b], sizes)
        left, rows_left = _side(a, tensors[a], summed, sizes, needed)
        right, columns_left = _side(b, tensors[b], summed, sizes, needed)
        tensors.append(rows_left + columns_left)
        steps.append(Step(left, right))
    return tuple(steps)


def _copied(plan: tuple[Step, ...]) -> int:
    """Entries that are copied; those with a new last axis count more, as they go one by one."""
    return sum(
        prod(side.shape) * (1 if side.order[-1] == len(side.order) - 1 else 3)
        for step in plan
        for side in step
        if side.order is not None
    )


def _planned(rows: int, columns: int, tensors: list[Any]) -> tuple[Step, ...]:
    # The last site's bonds are up and left.
    down, across = tensors[-1].shape
    return _plan(rows, columns, across, down)


# --- running it ----------------------------------------------------------------------------------


def _matrix(side: Side, array: Array) -> Array:
    """The operand as the matrix of the plan."""
    if side.order is not None:
        array = array.reshape(side.shape).transpose(side.order)
    return array.reshape(side.matrix)


def _operands(step: Step, tensors: list[Any]) -> tuple[Array, Array]:
    """Rows by summed axes, and summed axes by columns."""
    left, right = step
    one, other = _matrix(left, tensors[left.number]), _matrix(right, tensors[right.number])
    # What is used up makes room: fresh memory costs more than the product that fills it.
    tensors[left.number] = tensors[right.number] = None
    return one.T if left.turned else one, other if right.turned else other.T


def _derivative(side: Side, matrix: Array) -> Array:
    """By an operand in its own layout, from the one by its matrix."""
    if side.order is None:
        return matrix
    return matrix.reshape(side.ordered).transpose(side.back)


def value(rows: int, columns: int) -> Callable[..., float]:
    """The function that contracts a grid."""

    def contracted(**sites: Array) -> float:
        tensors: list[Any] = list(sites.values())
        for step in _planned(rows, columns, tensors):
            one, other = _operands(step, tensors)
            tensors.append(one.dot(other))
        return float(tensors[-1][0, 0])

    return contracted


def gradient(rows: int, columns: int) -> Callable[..., tuple[Array, ...]]:
    """The function that gives the derivative by every tensor of a grid."""

    def environments(**sites: Array) -> tuple[Array, ...]:
        tensors: list[Any] = list(sites.values())
        count = len(tensors)
        plan = _planned(rows, columns, tensors)
        operands = []
        for step in plan:
            operands.append(_operands(step, tensors))
            tensors.append(operands[-1][0].dot(operands[-1][1]))
        found: list[Any] = [None] * len(tensors)
        found[-1] = np.ones((1, 1))
        for number in range(count + len(plan) - 1, count - 1, -1):
            (left, right), (one, other) = plan[number - count], operands.pop()
            above = found[number].reshape(len(one), other.shape[1])
            found[number] = None
            by_left = other.dot(above.T) if left.turned else above.dot(other.T)
            by_right = one.T.dot(above) if right.turned else above.T.dot(one)
            found[left.number] = _derivative(left, by_left)
            found[right.number] = _derivative(right, by_right)
        return tuple(
            array.reshape(site.shape)
            for array, site in zip(found[:count], sites.values(), strict=True)
        )

    return environments
