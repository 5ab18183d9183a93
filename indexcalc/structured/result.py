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

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.codegen.arguments import as_numbers, joint_dtype
from indexcalc.errors import EvaluationError, LimitError, ShapeError
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node
from indexcalc.structured.assembly import Factors
from indexcalc.structured.iteration import conjugate_gradients, is_symmetric, normal_equations
from indexcalc.structured.operations import Operations
from indexcalc.structured.pattern import Pattern

Array = NDArray[Any]
LARGEST_DENSE = 4000  # rows that are solved with a dense factorisation, if nothing better is known


class Structured:
    """The value of one result for given arrays, not written out.

    `shape` is that of the matrix between the flattened row axes and column axes; `axes` are all
    extents. A vector may be flat or have the axes; a matrix of `shape[1]` rows is several vectors,
    its columns. The arrays are not copied: they must not change while the result is in use.
    """

    def __init__(self, operations: Operations, arrays: Mapping[str, Any]) -> None:
        self._operations, self._arrays = operations, dict(arrays)
        self._converted: dict[np.dtype[Any], dict[str, Any]] = {}
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

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """The type of its entries, which is that of the arrays; float64 for integers."""
        given = {n: a for n, a in self._arrays.items() if not _is_function(a)}
        return joint_dtype([(array, as_numbers(name, array)) for name, array in given.items()])

    @property
    def patterns(self) -> tuple[str, ...]:
        """For each product in the sum its subscripts, as `numpy.einsum` writes them.

        A letter that the output repeats is a delta. Raises `LimitError` for a sum of very many
        products.
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
        try:
            told = " + ".join(self.patterns) or "0"
        except LimitError:
            told = self._operations.text
        return f"<Structured {told} {'×'.join(map(str, self.axes))}>"

    # --- products -------------------------------------------------------------------------------

    def dense(self) -> Array:
        """The whole array, with all its axes; `LimitError` if it does not fit into memory."""
        return self._operations.dense(self._arrays)

    def matvec(self, vector: Any) -> Array:
        """The product with a vector over the column axes, or with the columns of a matrix."""
        given = _Given(vector, self._column_axes, self.dtype)
        arrays = self._in(given.dtype)
        return given.restored(self._operations.matvec(arrays, given.array), self._row_axes)

    def rmatvec(self, vector: Any) -> Array:
        """The transpose times a vector over the row axes, or times the columns of a matrix."""
        given = _Given(vector, self._row_axes, self.dtype)
        arrays = self._in(given.dtype)
        return given.restored(self._operations.rmatvec(arrays, given.array), self._column_axes)

    def __matmul__(self, vector: Any) -> Array:
        """As `matvec`."""
        return self.matvec(vector)

    def diagonal(self) -> Array:
        """The entries where row and column agree, with the row axes. For square ones."""
        self._require_square("a diagonal")
        if self._operations.has_diagonal:
            return self._operations.diagonal(self._arrays)
        if self.shape[0] > LARGEST_DENSE:
            raise ShapeError(
                f"rows and columns of {self._operations.text} have different extents, which happen "
                "to be the same numbers",
                hint="declare the variables with one name for each of them",
            )
        return self.dense().reshape(self.shape).diagonal().reshape(self._row_axes)

    def trace(self) -> Any:
        """The sum of the diagonal, a number. For square ones."""
        self._require_square("a trace")
        if self._operations.has_diagonal:
            return self._operations.trace(self._arrays).item()
        return self.diagonal().sum().item()

    def linear_operator(self) -> Any:
        """A `scipy.sparse.linalg.LinearOperator`: for `cg`, `eigsh`, `svds` and the like.

        Raises `EvaluationError` without SciPy.
        """
        try:
            from indexcalc.structured.linear_operator import linear_operator  # noqa: PLC0415
        except ImportError as error:
            raise EvaluationError(
                f"a linear operator needs SciPy: {error}", hint="pip install 'indexcalc[scipy]'"
            ) from None
        return linear_operator(self.shape, self.dtype, self.matvec, self.rmatvec)

    # --- solutions ------------------------------------------------------------------------------

    def solve(self, right: Any, damping: float = 0.0) -> Array:
        """`x` with `(self + damping · I) x = right`; also for the columns of a matrix.

        By the structure where there is one, else by a dense factorisation if it is small, else by
        conjugate gradients (for a matrix that is not symmetric, on its normal equations). `solver`
        says which it was. Raises `EvaluationError` for a singular matrix, for a large symmetric one
        without structure that is not positive definite, or if the iteration does not converge.
        """
        self._require_square("a solution")
        given = _Given(right, self._row_axes, self.dtype)
        columns = given.array.reshape(self.shape[0], given.count)
        try:
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                found = self._solved(columns, float(damping))
        except np.linalg.LinAlgError as error:
            raise EvaluationError(
                f"{self._operations.text} cannot be solved: {error}",
                hint="a damping > 0 makes a singular matrix regular",
            ) from None
        if not np.isfinite(found).all() and np.isfinite(columns).all():
            raise EvaluationError(
                f"{self._operations.text} is singular, or its entries are not finite",
                hint="a damping > 0 makes a singular matrix regular",
            )
        return given.restored(found.astype(given.dtype, copy=False), self._row_axes)

    def logdet(self, damping: float = 0.0) -> float:
        """The logarithm of the determinant of `self + damping · I`; NaN if that is negative.

        Raises `EvaluationError` for a large matrix without structure.
        """
        self._require_square("a determinant")
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            sign, value = self._slogdet(float(damping))
        return float(value) if sign >= 0 else float("nan")

    def _solved(self, given: Array, damping: float) -> Array:
        for factors in self._factors:
            found = factors.solve(given, damping)
            if found is not None:
                self.solver = factors.solver
                return found
        size = self.shape[0]
        if size <= LARGEST_DENSE:
            self.solver = "dense"
            return np.linalg.solve(self._damped(damping), given)
        columns = [self._iterated(column, damping) for column in given.T]
        return np.stack(columns, axis=1) if columns else given

    def _slogdet(self, damping: float) -> tuple[float, float]:
        for factors in self._factors:
            found = factors.slogdet(damping)
            if found is not None:
                return found
        if self.shape[0] > LARGEST_DENSE:
            raise EvaluationError(
                f"{self._operations.text} has {self.shape[0]:,} rows and no structure from which "
                "its determinant follows",
                hint="numpy.linalg.slogdet takes .dense(), if there is memory and time for it",
            )
        sign, value = np.linalg.slogdet(self._damped(damping))
        return float(sign), float(value)

    @cached_property
    def _factors(self) -> tuple[Factors, ...]:
        """The structures, the best first."""
        return tuple(
            Factors(pattern, self._row_axes, self._sizes, partial(self._parts, pattern))
            for pattern in self._operations.patterns
        )

    def _sizes(self, extents: Sequence[Extent]) -> tuple[int, ...]:
        return self._operations.sizes(extents, self._arrays)

    def _parts(self, pattern: Pattern) -> Mapping[Node, Array]:
        return self._operations.parts(pattern, self._arrays)

    def _damped(self, damping: float) -> Array:
        size = self.shape[0]
        return self.dense().reshape(size, size) + damping * np.eye(size, dtype=self.dtype)

    def _iterated(self, column: Array, damping: float) -> Array:
        if self.dtype.kind == "c":
            raise EvaluationError("a large complex matrix without structure is not solved")

        def apply(vector: Array) -> Array:
            return self.matvec(vector) + damping * vector

        if is_symmetric(apply, column):
            self.solver = "conjugate gradients"
            return conjugate_gradients(apply, column)
        self.solver = "conjugate gradients on the normal equations"
        return normal_equations(apply, lambda v: self.rmatvec(v) + damping * v, column)

    # --- parts ----------------------------------------------------------------------------------

    @property
    def _row_axes(self) -> tuple[int, ...]:
        return self.axes[: self._operations.rows]

    @property
    def _column_axes(self) -> tuple[int, ...]:
        return self.axes[self._operations.rows :]

    def _in(self, dtype: np.dtype[Any]) -> Mapping[str, Any]:
        """The arrays in another dtype, converted once."""
        if dtype == self.dtype:
            return self._arrays
        if dtype not in self._converted:
            self._converted[dtype] = {
                name: array if _is_function(array) else np.asarray(array, dtype)
                for name, array in self._arrays.items()
            }
        return self._converted[dtype]

    def _require_square(self, what: str) -> None:
        if self._row_axes != self._column_axes:
            raise ShapeError(
                f"{what} is of a square matrix, and {self._operations.text} has the rows "
                f"{self._row_axes} and the columns {self._column_axes}"
            )


class _Given:
    """One vector, flat or with its axes, or the columns of a matrix."""

    def __init__(self, vector: Any, axes: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        """Raises `ShapeError`, or `EvaluationError` for what is no array of numbers."""
        raw = as_numbers("the vector", vector)
        size = prod(axes)
        self.is_several = raw.ndim == 2 and len(raw) == size and raw.shape != axes
        self.is_flat = raw.shape == (size,)
        if not self.is_several and raw.shape not in (axes, (size,)):
            raise ShapeError(
                f"a vector of shape {axes} is expected, or flat with {size} entries, or a matrix "
                f"with {size} rows, not one of {raw.shape}"
            )
        columns = raw.shape[1:] if self.is_several else ()
        self.count = prod(columns)
        self.dtype = joint_dtype([(raw, raw), (np.empty(0, dtype), np.empty(0, dtype))])
        self.array: Array = np.asarray(raw, self.dtype).reshape(axes + columns)

    def restored(self, result: Array, axes: tuple[int, ...]) -> Array:
        """The result over other axes in the form that the vector had."""
        if self.is_several:
            return result.reshape(prod(axes), self.count)
        return result.reshape(-1) if self.is_flat else result.reshape(axes)


def _is_function(value: Any) -> bool:
    return callable(value) or isinstance(value, Mapping)
