"""Linear systems solved by products with vectors alone.

In: functions that apply a matrix (and its transpose) to an array. Out: the solution.

>>> matrix = np.array([[2.0, 1.0], [0.0, 1.0]])
>>> normal_equations(lambda v: matrix @ v, lambda v: matrix.T @ v, np.array([3.0, 1.0])).round(9)
array([1., 1.])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.errors import EvaluationError

Array = NDArray[Any]
Map = Callable[[Array], Array]
TOLERANCE = 1e-10
"""Relative residual at which the iterations stop."""
SYMMETRIC = 1e-9
MOST_STEPS = 20_000


def conjugate_gradients(apply: Map, given: Array) -> Array:
    """`x` with `apply(x) = given` for a symmetric positive definite map.

    Hestenes and Stiefel, 1952. Raises `EvaluationError` if the map is not positive definite or
    it does not converge within twice as many steps as there are unknowns, or `MOST_STEPS`.
    """
    found = np.zeros_like(given)
    residual = given.copy()
    direction = residual.copy()
    square = float(np.vdot(residual, residual))
    limit = _tolerance(given) ** 2 * square
    for _ in range(_steps(given)):
        if square <= limit:
            return _checked(apply, found, given)
        image = apply(direction)
        curvature = float(np.vdot(direction, image))
        if not curvature > 0:
            raise EvaluationError(
                "conjugate gradients need a positive definite matrix", hint="give a larger damping"
            )
        step = square / curvature
        found += step * direction
        residual -= step * image
        previous, square = square, float(np.vdot(residual, residual))
        direction *= square / previous
        direction += residual
    raise _slow()


def normal_equations(apply: Map, transposed: Map, given: Array) -> Array:
    """`x` with `apply(x) = given` for any regular map, by conjugate gradients on `A^T A x = A^T b`.

    Björck, Numerical Methods for Least Squares Problems, 1996, algorithm 7.4.1 (CGLS). Raises
    `EvaluationError` if it does not converge, within as many steps as `conjugate_gradients`.
    """
    found = np.zeros_like(given)
    residual = given.copy()
    slope = transposed(residual)
    direction = slope.copy()
    square = float(np.vdot(slope, slope))
    limit = _tolerance(given) * float(np.linalg.norm(given))
    for _ in range(_steps(given)):
        if np.linalg.norm(residual) <= limit:
            return _checked(apply, found, given)
        image = apply(direction)
        length = float(np.vdot(image, image))
        if not length > 0:
            break
        step = square / length
        found += step * direction
        residual -= step * image
        slope = transposed(residual)
        previous, square = square, float(np.vdot(slope, slope))
        direction *= square / previous
        direction += slope
    raise _slow()


def is_symmetric(apply: Map, like: Array) -> bool:
    """Whether `u · A v = v · A u` for two random vectors."""
    rng = np.random.default_rng(0)
    first, second = (rng.normal(size=like.shape).astype(like.dtype) for _ in range(2))
    one, two = apply(first), apply(second)
    scale = np.linalg.norm(first) * np.linalg.norm(two)
    tolerance = max(SYMMETRIC, 100 * float(np.finfo(like.dtype).eps))
    return bool(abs(np.vdot(first, two) - np.vdot(second, one)) <= tolerance * scale)


def _checked(apply: Map, found: Array, given: Array) -> Array:
    """The solution, if its residual is as small as the iteration says; it loses precision."""
    residual = np.linalg.norm(given - apply(found))
    if residual > 1000 * _tolerance(given) * np.linalg.norm(given):
        raise _slow()
    return found


def _tolerance(given: Array) -> float:
    return max(TOLERANCE, 10 * float(np.finfo(given.dtype).eps))


def _steps(given: Array) -> int:
    return min(2 * given.size, MOST_STEPS) + 1


def _slow() -> EvaluationError:
    return EvaluationError(
        "conjugate gradients do not converge",
        hint="give a larger damping, or take a solver with a preconditioner: "
        "scipy.sparse.linalg has some, for .linear_operator()",
    )
