"""A result that stays factored, as a linear map from its column axes to its row axes.

In: operations and arrays. Out: a `Structured`, whose products, diagonal, trace and
solutions are computed from the factors.

>>> from indexcalc.api import Program
>>> p = Program("f = log(sum_i exp(x_i))")
>>> h = p.compile("∂²f/∂x_i∂x_j", form="structured")(x=np.zeros(4))
>>> h.shape, h.patterns
((4, 4), ('i,j->ij', 'i->ii'))
>>> h.matvec(np.array([1.0, 0.0, 0.0, 0.0]))
array([ 0.1875, -0.0625, -0.0625, -0.0625])
>>> h.solve(np.ones(4), damping=2.0), h.solver
(array([0.5, 0.5, 0.5, 0.5]), 'diagonal plus low rank')
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from math import prod
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from indexcalc.errors import EvaluationError, ShapeError
from indexcalc.structured.matrices import Matrix, solve_kronecker
from indexcalc.structured.operations import Operations
from indexcalc.structured.pattern import Blocks, Kronecker, Pattern, Square

Array = NDArray[Any]
LARGEST_DENSE = 4000  # rows that are solved with a dense factorisation, if nothing better is known
TOLERANCE = 1e-10
"""Relative residual at which conjugate gradients stop."""


class Structured:
    """The value of one result for given arrays, not written out.

    `shape` is that of the matrix between the flattened row axes and column axes, so that SciPy's
    `aslinearoperator` takes it; `axes` are all extents. Vectors may be flat, or have the axes.
    """

    def __init__(self, operations: Operations, arrays: Mapping[str, Any]) -> None:
        self._operations, self._arrays = operations, dict(arrays)
        self.solver = ""

    # --- what it is -----------------------------------------------------------------------------

    @cached_property
    def axes(self) -> tuple[int, ...]:
        """The extent of each axis."""
        return self._operations.lengths(self._arrays)

    @property
    def shape(self) -> tuple[int, int]:
        """Entries of the row axes, and of the column axes."""
        return prod(self._row_axes), prod(self._column_axes)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of its entries."""
        return np.dtype(np.float64)

    @property
    def patterns(self) -> tuple[str, ...]:
        """For each product in the sum its subscripts, as `numpy.einsum` writes them.

        A letter that the output repeats is a delta.
        """
        return tuple(term.pattern for term in self._operations.terms)

    @cached_property
    def cores(self) -> tuple[tuple[float, tuple[Array, ...]], ...]:
        """For each product in the sum its coefficient and its arrays, in the pattern's order."""
        values = self._operations.cores(self._arrays)
        return tuple(
            (float(term.coefficient), tuple(values[node] for node, _ in term.cores))
            for term in self._operations.terms
        )

    def __repr__(self) -> str:
        """The pattern and the shape."""
        return f"<Structured {' + '.join(self.patterns)} {'×'.join(map(str, self.axes))}>"

    # --- products -------------------------------------------------------------------------------

    def dense(self) -> Array:
        """The whole array, with all its axes; `LimitError` if it does not fit into memory."""
        return self._operations.dense(self._arrays)

    def matvec(self, vector: Any) -> Array:
        """The product with a vector over the column axes."""
        given = _fitting(vector, self._column_axes)
        return _as_given(self._operations.matvec(self._arrays, given), vector)

    def rmatvec(self, vector: Any) -> Array:
        """The transpose times a vector over the row axes."""
        given = _fitting(vector, self._row_axes)
        return _as_given(self._operations.rmatvec(self._arrays, given), vector)

    def diagonal(self) -> Array:
        """The entries where row and column agree, with the row axes. For square ones."""
        self._require_square("a diagonal")
        return self._operations.diagonal(self._arrays)

    def trace(self) -> float:
        """The sum of the diagonal. For square ones."""
        self._require_square("a trace")
        return float(self._operations.trace(self._arrays))

    # --- solutions ------------------------------------------------------------------------------

    def solve(self, right: Any, damping: float = 0.0) -> Array:
        """`x` with `(self + damping · I) x = right`.

        By the structure where there is one, else by a dense factorisation if it is small, else by
        conjugate gradients, which need a positive definite matrix; `solver` says which it was.
        Raises `EvaluationError` for a singular matrix, or if conjugate gradients do not converge.
        """
        self._require_square("a solution")
        given = _fitting(right, self._row_axes)
        try:
            found = self._solved(given, float(damping))
        except np.linalg.LinAlgError as error:
            raise EvaluationError(
                f"{self._operations.text} cannot be solved: {error}",
                hint="a damping > 0 makes a singular matrix regular",
            ) from None
        if not np.isfinite(found).all():
            raise EvaluationError(f"{self._operations.text} is singular", hint="give a damping > 0")
        return _as_given(found, right)

    def logdet(self) -> float:
        """The logarithm of the determinant of a square matrix; NaN if that is negative."""
        self._require_square("a determinant")
        match self._pattern:
            case Square() as square:
                sign, value = self._matrix(square).slogdet()
            case Kronecker(first=first, second=second):
                left, right = self._matrix(first), self._matrix(second)
                (sign, value), (other_sign, other) = left.slogdet(), right.slogdet()
                sign = sign**right.size * other_sign**left.size
                value = right.size * value + left.size * other if sign else float("-inf")
            case Blocks():
                signs, values = np.linalg.slogdet(self._blocks(self._pattern))
                sign, value = np.prod(signs), values.sum()
            case None:
                sign, value = np.linalg.slogdet(self.dense().reshape(self.shape))
            case _:
                assert_never(self._pattern)
        return float(value) if sign >= 0 else float("nan")

    def _solved(self, given: Array, damping: float) -> Array:
        match self._pattern:
            case Square() as square:
                matrix = self._matrix(square)
                self.solver = "diagonal plus low rank" if matrix.is_thin else "dense"
                return matrix.solve(given, 1.0, damping)
            case Kronecker(first=first, second=second):
                found = solve_kronecker(self._matrix(first), self._matrix(second), given, damping)
                if found is not None:
                    self.solver = "Kronecker product"
                    return found
            case Blocks(axis=axis) as pattern:
                self.solver = "blocks on the diagonal"
                blocks = self._blocks(pattern) + damping * np.eye(given.shape[1 - axis])
                turned = given if axis == 0 else given.T
                solved = np.linalg.solve(blocks, turned[:, :, None])[:, :, 0]
                return solved if axis == 0 else solved.T
            case None:
                pass
            case _:
                assert_never(self._pattern)
        return self._solved_without_structure(given, damping)

    def _solved_without_structure(self, given: Array, damping: float) -> Array:
        size = self.shape[0]
        if size <= LARGEST_DENSE:
            self.solver = "dense"
            matrix = self.dense().reshape(size, size) + damping * np.eye(size)
            return np.linalg.solve(matrix, given.ravel()).reshape(given.shape)
        self.solver = "conjugate gradients"
        return conjugate_gradients(
            lambda vector: self._operations.matvec(self._arrays, vector) + damping * vector, given
        )

    # --- parts ----------------------------------------------------------------------------------

    @property
    def _row_axes(self) -> tuple[int, ...]:
        return self.axes[: self._operations.rows]

    @property
    def _column_axes(self) -> tuple[int, ...]:
        return self.axes[self._operations.rows :]

    @property
    def _pattern(self) -> Pattern | None:
        return self._operations.pattern

    def _matrix(self, square: Square) -> Matrix:
        values = self._operations.parts(self._arrays)
        thin = [
            tuple(_columns(values[node]) for node in side) for side in (square.left, square.right)
        ]
        diagonal = None if square.diagonal is None else values[square.diagonal]
        dense = None if square.dense is None else values[square.dense]
        known = next(part for part in (diagonal, dense, *thin[0]) if part is not None)
        none = np.empty((len(known), 0))
        left, right = (np.concatenate((none, *side), axis=1) for side in thin)
        return Matrix(diagonal, left, right, dense)

    def _blocks(self, pattern: Blocks) -> Array:
        return self._operations.parts(self._arrays)[pattern.blocks]

    def _require_square(self, what: str) -> None:
        if self._row_axes != self._column_axes:
            raise ShapeError(
                f"{what} is of a square matrix, and {self._operations.text} has the rows "
                f"{self._row_axes} and the columns {self._column_axes}"
            )


def conjugate_gradients(apply: Callable[[Array], Array], given: Array) -> Array:
    """`x` with `apply(x) = given` for a symmetric positive definite map.

    Hestenes and Stiefel, 1952. Raises `EvaluationError` if the map is not positive definite or
    it does not converge within twice as many steps as there are unknowns.
    """
    found = np.zeros_like(given)
    residual = given.astype(float)
    direction = residual.copy()
    square = float(np.vdot(residual, residual))
    limit = TOLERANCE**2 * square
    for _ in range(2 * given.size):
        if square <= limit:
            return found
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
        direction = residual + (square / previous) * direction
    raise EvaluationError("conjugate gradients do not converge", hint="give a larger damping")


def _fitting(vector: Any, axes: tuple[int, ...]) -> Array:
    given = np.asarray(vector, np.float64)
    if given.shape not in (axes, (prod(axes),)):
        raise ShapeError(f"a vector of shape {axes} is expected, not one of {given.shape}")
    return given.reshape(axes)


def _as_given(result: Array, vector: Any) -> Array:
    """Flat, if the vector was."""
    return result.ravel() if np.ndim(vector) == 1 else result


def _columns(array: Array) -> Array:
    return array[:, None] if array.ndim == 1 else array
