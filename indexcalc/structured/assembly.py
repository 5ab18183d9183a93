"""The arrays of a pattern, put together so that they can be solved with.

In: a `Pattern`, the arrays of its parts, the extents of the row axes. Out: `Factors`, which solve,
or say that the structure is of no use for these arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from math import prod
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node
from indexcalc.structured.kronecker import KroneckerMatrix
from indexcalc.structured.matrices import Matrix
from indexcalc.structured.pattern import Kronecker, KroneckerTerms, Part, Pattern, Square

Array = NDArray[Any]
LARGEST_FACTOR = 4000  # rows of a dense matrix inside a structure
ALIKE = 4  # roundings of the largest entry: by how much arrays may differ that are the same
MOST_ENTRIES = 1 << 27  # of all dense blocks together: a gigabyte


class Factors:
    """One structure of one matrix; `solver` names it."""

    def __init__(
        self,
        pattern: Pattern,
        rows: tuple[int, ...],
        sizes: Callable[[Sequence[Extent]], tuple[int, ...]],
        parts: Callable[[], Mapping[Node, Array]],
    ) -> None:
        """`rows` are the extents of the row axes; the others are called when they are needed."""
        self._pattern, self._rows, self._sizes, self._parts = pattern, rows, sizes, parts
        self.solver = ""

    def solve(self, given: Array, damping: float) -> Array | None:
        """`x` with `(self + damping · I) x = given`, for columns; None if it is not of use here.

        Raises `LinAlgError` for a singular matrix.
        """
        match self._pattern:
            case Square() as square:
                matrix = self._solvable(square, damping)
                if matrix is None:
                    return None
                self.solver = _name(square, matrix)
                found = matrix.solve(self._blocks(square, given))
                return self._unblocked(square, found)
            case Kronecker() | KroneckerTerms():
                both = self._kronecker(damping)
                if both is None:
                    return None
                self.solver = f"Kronecker {'sum' if both.is_sum else 'product'}"
                solved = both.solve(given.T.reshape(given.shape[1], *self._rows))
                return None if solved is None else solved.reshape(given.shape[::-1]).T
            case _:
                assert_never(self._pattern)

    def slogdet(self, damping: float) -> tuple[float, float] | None:
        """The sign of the determinant, and the logarithm of its size; None as for `solve`."""
        match self._pattern:
            case Square() as square:
                matrix = self._solvable(square, damping)
                if matrix is None:
                    return None
                signs, values = matrix.slogdet()
                times = self._count(square) // max(len(signs), 1)  # alike
                return float(np.prod(signs) ** times), float(times * values.sum())
            case Kronecker() | KroneckerTerms():
                both = self._kronecker(damping)
                return None if both is None else both.slogdet()
            case _:
                assert_never(self._pattern)

    # --- arrays ---------------------------------------------------------------------------------

    @cached_property
    def _values(self) -> Mapping[Node, Array]:
        return self._parts()

    @cached_property
    def _matrix(self) -> Matrix:
        assert isinstance(self._pattern, Square)
        return self._assembled(self._pattern, self._rows)

    @cached_property
    def _pair(self) -> tuple[Matrix, Matrix] | None:
        """The two sides of a Kronecker product or sum; None if they are too large or too many."""
        assert not isinstance(self._pattern, Square)
        if isinstance(self._pattern, Kronecker):
            pairs: Sequence[tuple[Square, Square]] = [(self._pattern.first, self._pattern.second)]
        else:
            pairs = self._pattern.pairs
        sides = [side for pair in pairs for side in zip(pair, self._rows, strict=True)]
        if any(side.dense is not None and size > LARGEST_FACTOR for side, size in sides):
            return None
        found = [
            (self._assembled(first, self._rows[:1]), self._assembled(second, self._rows[1:]))
            for first, second in pairs
        ]
        solvable = all(
            matrix.is_thin or matrix.is_low_rank or matrix.size <= LARGEST_FACTOR
            for pair in found
            for matrix in pair
        )
        if not solvable:
            return None
        return found[0] if len(found) == 1 else _joined(found)

    def _kronecker(self, damping: float) -> KroneckerMatrix | None:
        assert not isinstance(self._pattern, Square)
        if self._pair is None:
            return None
        own = self._pattern.shift
        shift = damping + (0.0 if own is None else float(self._values[own]))
        is_sum = isinstance(self._pattern, Kronecker) and self._pattern.is_sum
        return KroneckerMatrix(*self._pair, shift, is_sum)

    def _assembled(self, square: Square, rows: tuple[int, ...]) -> Matrix:
        count = prod(rows[axis] for axis in square.batch)
        size = prod(rows[axis] for axis in square.rest)

        inner = self._sizes(square.inner)

        def array(part: Part, *axes: int) -> Array:
            value = self._values[part.node]
            return value.reshape(count if part.is_batched else 1, *axes)

        def joined(parts: Sequence[Part]) -> Array:
            if not parts:
                return np.empty((1, size, 0))
            arrays = [array(part, size, k) for part, k in zip(parts, inner, strict=True)]
            most = max(len(each) for each in arrays)
            wide = [np.broadcast_to(each, (most, *each.shape[1:])) for each in arrays]
            return np.concatenate(wide, axis=2)

        diagonal = None if square.diagonal is None else array(square.diagonal, size)
        dense = None if square.dense is None else array(square.dense, size, size)
        return Matrix(diagonal, joined(square.left), joined(square.right), dense)

    # --- blocks ---------------------------------------------------------------------------------

    def _solvable(self, square: Square, damping: float) -> Matrix | None:
        """The damped matrix; None for one dense matrix, and for blocks that do not fit."""
        size = prod(self._rows[axis] for axis in square.rest)
        count = self._count(square)
        is_small = size <= LARGEST_FACTOR and count * size**2 <= MOST_ENTRIES
        has_blocks = bool(square.batch) and is_small
        if not has_blocks and (square.dense is not None or self._rank(square) >= max(size, 2) / 2):
            return None
        matrix = self._matrix.shifted(1.0, damping)
        return matrix if has_blocks or matrix.is_thin else None

    def _rank(self, square: Square) -> int:
        """How many columns the thin factors have together."""
        return sum(self._sizes(square.inner))

    def _count(self, square: Square) -> int:
        return prod(self._rows[axis] for axis in square.batch)

    def _blocks(self, square: Square, given: Array) -> Array:
        """Columns as an array with the batch axes joined, the other row axes joined, and them."""
        columns = given.shape[1]
        order = (*square.batch, *square.rest, len(self._rows))
        turned = given.reshape(*self._rows, columns).transpose(order)
        size = prod(self._rows[axis] for axis in square.rest)
        return turned.reshape(self._count(square), size, columns)

    def _unblocked(self, square: Square, blocks: Array) -> Array:
        columns = blocks.shape[2]
        order = (*square.batch, *square.rest, len(self._rows))
        lengths = [self._rows[axis] for axis in order[:-1]]
        back = blocks.reshape(*lengths, columns).transpose(np.argsort(order))
        return back.reshape(prod(self._rows), columns)


def _joined(pairs: Sequence[tuple[Matrix, Matrix]]) -> tuple[Matrix, Matrix] | None:
    """One product for several of which one side is the same to rounding."""
    if any(matrix.size > LARGEST_FACTOR for matrix in pairs[0]):
        return None
    arrays = [(first.array(), second.array()) for first, second in pairs]
    for side in (0, 1):
        known = arrays[0][side]
        bound = ALIKE * np.finfo(known.dtype).eps * np.abs(known).max(initial=0.0)
        if all(np.abs(pair[side] - known).max(initial=0.0) <= bound for pair in arrays):
            none = np.empty((1, arrays[0][1 - side].shape[1], 0))
            total = sum((pair[1 - side] for pair in arrays[1:]), start=arrays[0][1 - side])
            kept, other = pairs[0][side], Matrix(None, none, none, total)
            return (other, kept) if side else (kept, other)
    return None


def _name(square: Square, matrix: Matrix) -> str:
    if matrix.is_thin and not matrix.rank:
        return "diagonal"
    if square.batch:
        return "blocks on the diagonal"
    return "diagonal plus low rank"
