"""Square matrices that are solved by what they are made of, one or a batch of them.

In: arrays. Out: solutions, determinants, eigenpairs.

>>> A = Matrix(np.array([[2.0, 4.0]]), np.ones((1, 2, 1)), np.ones((1, 2, 1)), None)
>>> A.array()
array([[[3., 1.],
        [1., 5.]]])
>>> A.shifted(1.0, 1.0).solve(np.array([[[5.0], [7.0]]]))
array([[[1.],
        [1.]]])
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SYMMETRIC = 5000  # roundings of the largest entry: what a symmetric matrix may lack of symmetry
PRECISE = 1e-13  # of the largest entry: a residual that needs no second step


@dataclass(frozen=True, slots=True)
class Matrix:
    """`Diag(diagonal) + left right^T + dense`, n×n, with a batch axis in front.

    `diagonal` is b×n, `left` and `right` are b×n×r with r = 0 for none, `dense` is b×n×n; b is 1
    where all of the batch are alike.
    """

    diagonal: Array | None
    left: Array
    right: Array
    dense: Array | None

    @property
    def size(self) -> int:
        """The number of rows."""
        return int(self.left.shape[1])

    @property
    def rank(self) -> int:
        """The number of columns of the thin factors."""
        return int(self.left.shape[2])

    @property
    def count(self) -> int:
        """How many different matrices there are."""
        parts = (self.left, self.right, self.diagonal, self.dense)
        return max(len(part) for part in parts if part is not None)

    @property
    def is_low_rank(self) -> bool:
        """Whether the thin factors are all that there is, and it pays to use them."""
        return self.dense is None and self.diagonal is None and 2 * self.rank < self.size

    @property
    def is_thin(self) -> bool:
        """Whether it is a regular diagonal plus low rank: it pays to use Woodbury's identity."""
        regular = self.diagonal is not None and bool(self.diagonal.all())
        return self.dense is None and regular and (2 * self.rank < self.size or not self.rank)

    def shifted(self, scale: float, shift: float) -> Matrix:
        """`scale · self + shift · I`."""
        diagonal = None if self.diagonal is None else scale * self.diagonal
        if shift:
            diagonal = (np.zeros((1, self.size)) if diagonal is None else diagonal) + shift
        dense = None if self.dense is None else scale * self.dense
        return Matrix(diagonal, scale * self.left, self.right, dense)

    def array(self) -> Array:
        """The b×n×n array."""
        result = self.left @ self.right.swapaxes(1, 2)
        if self.dense is not None:
            result = result + self.dense
        if self.diagonal is not None:
            count = max(len(result), len(self.diagonal))
            result = np.array(np.broadcast_to(result, (count, *result.shape[1:])))
            np.einsum("bii->bi", result)[...] += self.diagonal
        return result

    def solve(self, given: Array) -> Array:
        """`x` with `self x = given`, both b×n×k; by Woodbury's identity if it is thin: `O(n r²)`.

        Raises `LinAlgError` for a singular matrix.
        """
        if not self.is_thin:
            return self._eliminated(given)
        found = self._by_woodbury(given)
        residual = given - self._times(found)
        bound = PRECISE * np.abs(given).max(initial=0.0)
        if np.abs(residual).max(initial=0.0) > bound:
            found += self._by_woodbury(residual)
        return found

    def _by_woodbury(self, given: Array) -> Array:
        assert self.diagonal is not None
        weights = self.diagonal[:, :, None]
        first: Array = given / weights
        if self.rank:
            thin = self.left / weights
            turned = self.right.swapaxes(1, 2)
            small = turned @ thin + np.eye(self.rank)
            first -= thin @ np.linalg.solve(small, turned @ first)
        return first

    def _times(self, vectors: Array) -> Array:
        """The product, of a matrix that is thin."""
        assert self.diagonal is not None
        product: Array = self.diagonal[:, :, None] * vectors
        if self.rank:
            product += self.left @ (self.right.swapaxes(1, 2) @ vectors)
        return product

    def _eliminated(self, given: Array) -> Array:
        whole = self.array()
        if len(whole) == len(given):
            return np.linalg.solve(whole, given)
        count, size, columns = given.shape  # one matrix for all
        joined = given.transpose(1, 0, 2).reshape(size, count * columns)
        solved = np.linalg.solve(whole[0], joined)
        return solved.reshape(size, count, columns).transpose(1, 0, 2)

    def eigenpairs(self, *, complete: bool = False) -> tuple[Array, Array] | None:
        """Eigenvalues and orthonormal eigenvectors of the first matrix; None if not symmetric.

        Those of value 0 of a low-rank matrix are left out, unless `complete`.
        """
        if self.is_low_rank and not complete:
            left, right = self.left[0], self.right[0]
            basis = np.linalg.qr(np.concatenate((left, right), 1))[0]
            small = (basis.T @ left) @ (right.T @ basis)
        else:
            basis, small = None, self.array()[0]
        largest = np.abs(small).max(initial=0.0)
        lack = np.abs(small - small.T).max(initial=0.0)
        if np.iscomplexobj(small) or lack > SYMMETRIC * np.finfo(small.dtype).eps * largest:
            return None
        values, vectors = np.linalg.eigh(small)
        return values, (vectors if basis is None else basis @ vectors)

    def slogdet(self) -> tuple[Array, Array]:
        """For each of the batch the sign of the determinant, and the logarithm of its size."""
        if self.is_low_rank:
            return np.zeros(1), np.full(1, -np.inf)
        if not self.is_thin:
            sign, value = np.linalg.slogdet(self.array())
            return sign, value
        assert self.diagonal is not None
        thin = self.right.swapaxes(1, 2) @ (self.left / self.diagonal[:, :, None])
        sign, value = np.linalg.slogdet(thin + np.eye(self.rank))
        sign = sign * np.prod(np.sign(self.diagonal), axis=1)
        return sign, value + np.log(np.abs(self.diagonal)).sum(axis=1)
