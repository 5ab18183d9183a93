"""A factored result as a linear operator of SciPy.

In: a shape, a dtype, the products with a matrix and its transpose. Out: a
`scipy.sparse.linalg.LinearOperator` over flat vectors. This module is loaded by those who ask for
one, and raises `ImportError` where there is no SciPy.

>>> import numpy as np
>>> matrix = np.array([[1.0, 2.0], [3.0, 4.0]])
>>> operator = linear_operator((2, 2), matrix.dtype, lambda v: matrix @ v, lambda v: matrix.T @ v)
>>> operator @ np.ones(2), operator.H @ np.ones(2)
(array([3., 7.]), array([4., 6.]))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator

Array = NDArray[Any]
Map = Callable[[Array], Array]


def linear_operator(
    shape: tuple[int, int], dtype: np.dtype[Any], times: Map, transposed_times: Map
) -> LinearOperator:
    """The operator with all products: by vectors and by matrices, of the matrix and its adjoint."""

    def forward(vectors: Array) -> Array:
        return times(_flat(vectors)).reshape(shape[0], *vectors.shape[1:])

    def adjoint(vectors: Array) -> Array:
        product = transposed_times(_flat(vectors).conj()).conj()
        return product.reshape(shape[1], *vectors.shape[1:])

    return LinearOperator(
        shape=shape, dtype=dtype, matvec=forward, rmatvec=adjoint, matmat=forward, rmatmat=adjoint
    )


def _flat(vectors: Array) -> Array:
    """One column as a vector."""
    return np.ravel(vectors) if vectors.ndim == 2 and vectors.shape[1] == 1 else vectors
