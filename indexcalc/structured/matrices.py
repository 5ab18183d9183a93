"""Square matrices that are solved by what they are made of.

In: arrays. Out: solutions of `(scale · A + shift · I) x = b`, eigenpairs, determinants.

>>> A = Matrix(np.array([2.0, 4.0]), np.ones((2, 1)), np.ones((2, 1)), None)
>>> A.solve(np.array([4.0, 6.0]), 1.0, 0.0)
array([1., 1.])
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SYMMETRIC = 1e-12  # of the largest entry: what a symmetric matrix may lack of symmetry


@dataclass(frozen=True, slots=True)
class Matrix:
    """`Diag(diagonal) + left right^T + dense`, n×n; the thin factors are n×r, r may be 0."""

    diagonal: Array | None
    left: Array
    right: Array
    dense: Array | None

    @property
    def size(self) -> int:
        """The number of rows."""
        return int(self.left.shape[0])

    @property
    def rank(self) -> int:
        """The number of columns of the thin factors."""
        return int(self.left.shape[1])

    @property
    def is_thin(self) -> bool:
        """Whether the thin factors are all that there is to solve with: it pays to use them."""
        return self.dense is None and 2 * self.rank < self.size

    def array(self) -> Array:
        """The n×n array."""
        result = self.left @ self.right.T
        if self.dense is not None:
            result += self.dense
        if self.diagonal is not None:
            result.reshape(-1)[:: self.size + 1] += self.diagonal
        return result

    def solve(self, given: Array, scale: float, shift: float) -> Array:
        """`(scale · A + shift · I)^-1 given`, for a vector or the columns of a matrix.

        Diagonal plus low rank by Woodbury's identity: `O(n r²)`. Raises `LinAlgError` for a
        singular matrix.
        """
        diagonal = np.full(self.size, float(shift))
        if self.diagonal is not None:
            diagonal = diagonal + scale * self.diagonal
        if not self.is_thin or not diagonal.all():
            whole = scale * self.array()
            whole.reshape(-1)[:: self.size + 1] += shift
            solved: Array = np.linalg.solve(whole, given)
            return solved
        weights = diagonal[:, None] if given.ndim == 2 else diagonal
        first: Array = given / weights
        if not self.rank:
            return first
        thin = self.left / diagonal[:, None]
        small = scale * (self.right.T @ thin)
        small.reshape(-1)[:: self.rank + 1] += 1.0
        first -= thin @ np.linalg.solve(small, scale * (self.right.T @ first))
        return first

    def eigenpairs(self) -> tuple[Array, Array] | None:
        """Eigenvalues and orthonormal eigenvectors, but for those of value 0 of a low-rank matrix.

        None if the matrix is not symmetric.
        """
        if self.is_thin and self.diagonal is None:
            basis = np.linalg.qr(np.concatenate((self.left, self.right), 1))[0]
            small = (basis.T @ self.left) @ (self.right.T @ basis)
        else:
            basis, small = None, self.array()
        if np.abs(small - small.T).max(initial=0.0) > SYMMETRIC * np.abs(small).max(initial=0.0):
            return None
        values, vectors = np.linalg.eigh(small)
        return values, (vectors if basis is None else basis @ vectors)

    def slogdet(self) -> tuple[float, float]:
        """The sign of the determinant, and the logarithm of its size."""
        if self.is_thin and self.diagonal is None:
            return 0.0, float("-inf")
        if self.is_thin and self.diagonal is not None and self.diagonal.all():
            thin = self.right.T @ (self.left / self.diagonal[:, None])
            sign, value = np.linalg.slogdet(thin + np.eye(self.rank))
            sign *= np.prod(np.sign(self.diagonal))
            value += np.log(np.abs(self.diagonal)).sum()
        else:
            sign, value = np.linalg.slogdet(self.array())
        return float(sign), float(value)


def solve_kronecker(first: Matrix, second: Matrix, given: Array, shift: float) -> Array | None:
    """`X` with `first X second^T + shift X = given`; None if neither has eigenpairs to use.

    With a shift, in the eigenvectors of a symmetric factor: for each eigenvalue `λ` of `second`,
    `X q = (λ first + shift)^-1 given q`; what is orthogonal to all `q` is divided by the shift.
    """
    if not shift:
        inner = first.solve(given, 1.0, 0.0)
        return second.solve(inner.T, 1.0, 0.0).T
    if first.is_thin and first.diagonal is None and not _is_low_rank(second):
        turned = solve_kronecker_by(second, first, given.T, shift)
        return None if turned is None else turned.T
    return solve_kronecker_by(first, second, given, shift)


def solve_kronecker_by(first: Matrix, second: Matrix, given: Array, shift: float) -> Array | None:
    """As `solve_kronecker`, in the eigenvectors of `second`."""
    pairs = second.eigenpairs()
    if pairs is None:
        return None
    values, vectors = pairs
    if not len(values):
        return given / shift
    turned = given @ vectors
    result = (given - turned @ vectors.T) / shift
    other = None if first.is_thin or len(values) == 1 else first.eigenpairs()
    if other is not None:
        inner = (other[1].T @ turned) / (other[0][:, None] * values + shift)
        solved = other[1] @ inner
    else:
        columns = zip(values, turned.T, strict=True)
        solved = np.stack([first.solve(b, float(value), shift) for value, b in columns], axis=1)
    added: Array = result + solved @ vectors.T
    return added


def _is_low_rank(matrix: Matrix) -> bool:
    return matrix.is_thin and matrix.diagonal is None
