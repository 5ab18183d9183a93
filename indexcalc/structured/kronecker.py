"""Kronecker products and sums of two matrices, plus a multiple of the identity.

In: two `Matrix`es, a shift. Out: solutions and determinants from the two alone: from one
factorisation of each, or the eigenvectors of a symmetric one.

>>> first = Matrix(np.array([[1.0, 2.0]]), np.empty((1, 2, 0)), np.empty((1, 2, 0)), None)
>>> second = Matrix(None, np.ones((1, 3, 1)), np.ones((1, 3, 1)), None)
>>> both = KroneckerMatrix(first, second, 1.0, is_sum=False)
>>> both.solve(np.ones((1, 2, 3)))
array([[[0.25      , 0.25      , 0.25      ],
        [0.14285714, 0.14285714, 0.14285714]]])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexcalc.structured.matrices import Array, Matrix


@dataclass(frozen=True, slots=True)
class KroneckerMatrix:
    """`first ⊗ second + shift · I`, or `first ⊗ I + I ⊗ second + shift · I` if it `is_sum`.

    It acts on k×m×n arrays of k vectors: `first` on the axis of m entries, `second` on that of n.
    """

    first: Matrix
    second: Matrix
    shift: float
    is_sum: bool

    def turned(self) -> KroneckerMatrix:
        """The same with the two axes exchanged."""
        return KroneckerMatrix(self.second, self.first, self.shift, self.is_sum)

    @property
    def by_first(self) -> bool:
        """Whether the eigenvectors of `first` are the cheaper ones."""
        if self.first.is_low_rank != self.second.is_low_rank:
            return self.first.is_low_rank
        return self.second.is_thin and not self.first.is_thin

    def solve(self, given: Array) -> Array | None:
        """`X` with `first X second^T + shift X = given`; None if neither factor is symmetric.

        Raises `LinAlgError` for a singular matrix.
        """
        if self.is_sum:
            return self._solve_sum(given)
        if not self.shift:
            return _solved_right(self.second, _solved_left(self.first, given))
        multiple = _multiple(self.first)
        if multiple is not None:  # one factorisation of the other
            return _solved_right(self.second.shifted(multiple, self.shift), given)
        multiple = _multiple(self.second)
        if multiple is not None:
            return _solved_left(self.first.shifted(multiple, self.shift), given)
        if self.by_first:
            solved = self.turned()._by_second(given.swapaxes(1, 2))
            return None if solved is None else solved.swapaxes(1, 2)
        return self._by_second(given)

    def _by_second(self, given: Array) -> Array | None:
        """For each eigenvalue `λ` of `second`, `X q = (λ first + shift)^-1 given q`.

        What is orthogonal to all eigenvectors `q` of a low-rank matrix is divided by the shift.
        """
        pairs = self.second.eigenpairs()
        if pairs is None:
            return None
        values, vectors = pairs
        turned = given @ vectors
        other = None if self.first.is_thin or len(values) <= 1 else self.first.eigenpairs()
        if other is not None and len(other[0]) == self.first.size:
            inner = other[1].T @ turned
            inner /= other[0][:, None] * values + self.shift
            solved = other[1] @ inner
        else:
            solved = np.empty_like(turned)
            for position, value in enumerate(values):
                matrix = self.first.shifted(float(value), self.shift)
                solved[:, :, position] = matrix.solve(turned[None, :, :, position].swapaxes(1, 2))[
                    0
                ].T
        if len(values) == self.second.size:
            result: Array = solved @ vectors.T
            return result
        solved *= self.shift
        solved -= turned
        result = solved @ vectors.T
        result += given
        result /= self.shift
        return result

    def _solve_sum(self, given: Array) -> Array | None:
        pairs = self.first.eigenpairs(complete=True)
        others = self.second.eigenpairs(complete=True)
        if pairs is None or others is None:
            return None
        inner = pairs[1].T @ given @ others[1]
        inner /= pairs[0][:, None] + others[0] + self.shift
        solved: Array = pairs[1] @ inner @ others[1].T
        return solved

    def slogdet(self) -> tuple[float, float] | None:
        """The sign of the determinant, and the logarithm of its size; None as for `solve`."""
        if self.is_sum:
            return self._slogdet_of_sum()
        if self.shift:
            return (self.turned() if self.by_first else self)._slogdet_by_second()
        (sign,), (value,) = self.first.slogdet()
        (other_sign,), (other,) = self.second.slogdet()
        m, n = self.first.size, self.second.size
        sign = float(sign**n * other_sign**m)
        return sign, float(n * value + m * other) if sign else float("-inf")

    def _slogdet_by_second(self) -> tuple[float, float] | None:
        pairs = self.second.eigenpairs()
        if pairs is None:
            return None
        missing = (self.second.size - len(pairs[0])) * self.first.size
        sign = float(np.sign(self.shift) ** missing)
        total = float(missing * np.log(abs(self.shift)))
        own = None if self.first.is_thin else self.first.eigenpairs(complete=True)
        if own is not None:
            return _slogdet_of(own[0][:, None] * pairs[0] + self.shift, sign, total)
        for value in pairs[0]:
            (one,), (size,) = self.first.shifted(float(value), self.shift).slogdet()
            sign, total = sign * float(one), total + float(size)
        return sign, total

    def _slogdet_of_sum(self) -> tuple[float, float] | None:
        pairs = self.first.eigenpairs(complete=True)
        others = self.second.eigenpairs(complete=True)
        if pairs is None or others is None:
            return None
        return _slogdet_of(pairs[0][:, None] + others[0] + self.shift, 1.0, 0.0)


def _slogdet_of(values: Array, sign: float, total: float) -> tuple[float, float]:
    if not values.all():
        return 0.0, float("-inf")
    return float(sign * np.prod(np.sign(values))), float(total + np.log(np.abs(values)).sum())


def _multiple(matrix: Matrix) -> float | None:
    """The number that it is times the identity."""
    if matrix.dense is not None or matrix.rank or matrix.diagonal is None or not matrix.size:
        return None
    value = matrix.diagonal[0, 0]
    return float(value) if (matrix.diagonal == value).all() else None


def _solved_left(matrix: Matrix, given: Array) -> Array:
    """`matrix^-1` on the middle axis."""
    count, rows, columns = given.shape
    joined = given.transpose(1, 0, 2).reshape(1, rows, count * columns)
    return matrix.solve(joined).reshape(rows, count, columns).transpose(1, 0, 2)


def _solved_right(matrix: Matrix, given: Array) -> Array:
    """`matrix^-1` on the last axis."""
    return _solved_left(matrix, given.swapaxes(1, 2)).swapaxes(1, 2)
