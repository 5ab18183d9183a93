"""What matrix notation means, against NumPy, at unequal sizes."""

from __future__ import annotations

import numpy as np
import pytest

from indexcalc.elaborate import matrix
from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.orientation import describe
from indexcalc.elaborate.term import Contract, Named, Value
from indexcalc.errors import (
    FormulaError,
    IndexNotationError,
    LimitError,
    ShapeError,
    Source,
    Span,
)
from indexcalc.ir.extent import Extent
from indexcalc.syntax.tree import ProductOperator
from tests.elaborate.evaluation import SIZES, Reader, arrays, evaluate, read

SHAPES = {
    "A": "mn", "B": "np", "C": "mn", "D": "nn", "E": "nn", "X": "mm", "x": "m", "y": "n", "z": "n",
    "u": "n", "v": "p", "c": "", "s": "", "M": "1n", "N": "n1", "T": "mnp",
}  # fmt: skip

MEANINGS = {
    # products
    "A B": "A @ B",
    "A*B": "A @ B",
    "A B v": "A @ B @ v",
    "A y": "A @ y",
    "x^T A": "x @ A",
    "x'*A*y": "x @ A @ y",
    "x y^T": "np.outer(x, y)",
    "y^T z": "y @ z",
    "A^T": "A.T",
    "Aᵀ x": "A.T @ x",
    "(A B)^T": "(A @ B).T",
    "(A B)^T x": "(A @ B).T @ x",
    "(A^T)^T": "A",
    "(x^T)^T": "x",
    "c^T A": "c * A",
    "x^T A y x^T A": "(x @ A @ y) * (x @ A)",
    "A y^T z": "A * (y @ z)",
    "A y^T z u": "A @ u * (y @ z)",
    "c A s y": "c * s * (A @ y)",
    "A c": "c * A",
    "A/c": "A / c",
    "-1/3*A'*(A y - x)": "-A.T @ (A @ y - x) / 3",
    "1/2 x": "x / 2",
    "x x^T A": "np.outer(x, x) @ A",
    "2*x*x'*A": "2 * np.outer(x, x) @ A",
    "M y": "M @ y",
    "x M": "np.outer(x, M[0])",
    "N x^T": "np.outer(N[:, 0], x)",
    "y^T N": "y @ N",
    # entry by entry
    "A ⊙ C": "A * C",
    "A .* C": "A * C",
    "A ∘ C": "A * C",
    "A ./ C": "A / C",
    "y ⊙ z ⊙ u": "y * z * u",
    "y ./ z .* u": "y / z * u",
    "1 ./ y": "1 / y",
    "c ./ A": "c / A",
    "A ./ c": "A / c",
    "c .* y": "c * y",
    "y' .* z'": "y * z",
    # Frobenius, Kronecker, dot
    "A : C": "np.sum(A * C)",
    "y : z": "y @ z",
    "A ⊗ B": "np.kron(A, B)",
    "kron(A, B)": "np.kron(A, B)",
    "kron(y, z)": "np.kron(y, z)",
    "kron(y', z')": "np.kron(y, z)",
    "kron(x, y')": "np.outer(x, y)",
    "kron(x', y)": "np.outer(y, x)",
    "kron(x', D)": "np.kron(x[None, :], D)",
    "kron(D, x)": "np.kron(D, x[:, None])",
    "kron(c, A)": "c * A",
    "c · A": "c * A",
    "y · z": "y @ z",
    "A · y": "A @ y",
    # sums
    "A + C - 2 A": "C - A",
    "A + 1": "A + 1",
    "1 - y": "1 - y",
    "c - s": "c - s",
    "A + x 1^T": "A + x[:, None]",
    "A + 1 y^T": "A + y",
    "D + I": "D + np.eye(n)",
    "c I + D": "c * np.eye(n) + D",
    "D - eye": "D - np.eye(n)",
    "eye(n) + D": "np.eye(n) + D",
    "A ones": "A.sum(axis=1)",
    "A 1": "A.sum(axis=1)",
    "1^T A": "A.sum(axis=0)",
    "1^T y": "y.sum()",
    "y^T 1": "y.sum()",
    "1^T A 1": "A.sum()",
    "x 1^T + A": "x[:, None] + A",
    "1 1^T + A": "1 + A",
    "y'*1": "y",
    "1*A": "A",
    "A + ones(m,n)": "A + 1",
    "y + ones(n,1)": "y + 1",
    "y' + ones(1,n)": "y + 1",
    "y + vector(1)": "y + 1",
    "A + matrix(1)": "A + 1",
    "A + matrix(c)": "A + c",
    "ones(m,m+1)": "np.ones((m, m + 1))",
    "eye(2*n)": "np.eye(2 * n)",
    # powers
    "D^2": "D @ D",
    "D^3": "D @ D @ D",
    "D^1": "D",
    "D^0": "np.eye(n)",
    "D^-1": "np.linalg.inv(D)",
    "D⁻¹": "np.linalg.inv(D)",
    "D^-2": "np.linalg.inv(D) @ np.linalg.inv(D)",
    "D^-T": "np.linalg.inv(D).T",
    "A.^2": "A ** 2",
    "y.^c": "y ** c",
    "2.^y": "2 ** y",
    "y.^z": "y ** z",
    "c^2": "c ** 2",
    "c^s": "c ** s",
    "c^-1": "1 / c",
    "(y^T z)^(1/2)": "(y @ z) ** .5",
    "(y'*z)^4": "(y @ z) ** 4",
    # functions
    "tr(D)": "np.trace(D)",
    "trace(A C')": "np.trace(A @ C.T)",
    "tr(D E D)": "np.trace(D @ E @ D)",
    "tr(D + I)": "np.trace(D) + n",
    "det(D)": "np.linalg.det(D)",
    "logdet(D)": "np.log(np.linalg.det(D))",
    "inv(D)": "np.linalg.inv(D)",
    "inv(c)": "1 / c",
    "solve(D, y)": "np.linalg.solve(D, y)",
    "solve(D, B)": "np.linalg.solve(D, B)",
    "diag(D)": "np.diag(D)",
    "diag(D E)": "np.diag(D @ E)",
    "diag(y)": "np.diag(y)",
    "diag(y')": "np.diag(y)",
    "Diag(y ⊙ z)": "np.diag(y * z)",
    "vec(A)": "A.T.ravel()",
    "vec(A B)": "(A @ B).T.ravel()",
    "vec(A^T)": "A.ravel()",
    "vec(y')": "y",
    "kron(B', A) vec(D)": "(A @ D @ B).T.ravel()",
    "sum(A)": "A.sum()",
    "sum(A B)": "(A @ B).sum()",
    "sum(x 1^T + A)": "(x[:, None] + A).sum()",
    "sum(x y')": "x.sum() * y.sum()",
    "sum(A)^2": "A.sum() ** 2",
    "sum(c)": "c",
    "mean(y)": "y.mean()",
    "mean(A)": "A.mean()",
    "max(A)": "A.max()",
    "min(y')": "y.min()",
    "prod(y)": "y.prod()",
    "cumsum(y)": "np.cumsum(y)",
    "norm(y)": "np.sqrt(y @ y)",
    "norm2(y')": "np.sqrt(y @ y)",
    "norm1(y - 1)": "np.abs(y - 1).sum()",
    "normInf(y - 1)": "np.abs(y - 1).max()",
    "normF(A)": "np.linalg.norm(A)",
    "‖A‖_F^2": "(A * A).sum()",
    "‖y‖": "np.sqrt(y @ y)",
    "‖y‖_1": "np.abs(y).sum()",
    "norm(y, 1)": "np.abs(y).sum()",
    "norm(y, 2)": "np.sqrt(y @ y)",
    "norm(c - 2)": "abs(c - 2)",
    "softmax(y)": "np.exp(y) / np.exp(y).sum()",
    "softmax(M)": "np.exp(M) / np.exp(M).sum()",
    "logsoftmax(N)": "N - np.log(np.exp(N).sum())",
    "logsoftmax(y')": "y - np.log(np.exp(y).sum())",
    "logsumexp(y)": "np.log(np.exp(y).sum())",
    "xent(y, z)": "-y @ np.log(z)",
    # mixes that only one grouping fits
    "x ∘ A y": "x * (A @ y)",
    "A y ∘ x": "(A @ y) * x",
    "A ⊙ x y^T": "A * np.outer(x, y)",
    "c*y.*cos(z)": "c * y * np.cos(z)",
    "y .* z * c": "c * y * z",
    "c ./ s * y .* z": "c / s * y * z",
    "y .* c * z": "c * y * z",
    "y / c .* z": "y * z / c",
    "(1/c)*y.*(D*z)": "y * (D @ z) / c",
    "-y : D^-1 (D - z u^T) z": "-y @ np.linalg.inv(D) @ (D - np.outer(z, u)) @ z",
    "A B : C B": "np.sum((A @ B) * (C @ B))",
    "x : A y": "x @ A @ y",
}  # fmt: skip


@pytest.mark.parametrize("text", MEANINGS)
def test_meaning(text: str) -> None:
    values = arrays(SHAPES)
    found, table = read(text, **SHAPES)
    names = {**values, **{k: SIZES[k] for k in "mnp"}, "np": np}
    np.testing.assert_allclose(
        evaluate(found.term, values, table), eval(MEANINGS[text], names), rtol=1e-12
    )


LIES = {
    "x": "a vector of m", "x'": "a row of m", "x' A": "a row of n", "A y": "a vector of m",
    "x y'": "m×n", "y' z": "a scalar", "y' + z'": "a row of n", "(A y)'": "a row of m",
    "y'.^2": "a row of n", "softmax(y')": "a row of n", "M y": "a vector of 1", "M": "1×n",
    "A'": "n×m", "A ⊗ x": "m*m×n", "vec(A)": "a vector of m*n", "kron(y', z')": "a row of n*n",
    "A .* 2 * D": "m×n", "D ./ s * E": "n×n", "2 T": "m×n×p", "T/s": "m×n×p", "T + T": "m×n×p",
    "T ⊙ T": "m×n×p",
}  # fmt: skip


@pytest.mark.parametrize("text", LIES)
def test_how_a_value_lies(text: str) -> None:
    found, table = read(text, **SHAPES)
    assert describe(found, table) == LIES[text]
    assert found.letters == (() if found.is_scalar else None)


SQUARE = "  a square matrix has one extent twice, as in  A[n, n]"
REFUSED = {
    "A x": "the matrix product A x does not conform: m×n times a vector of m\n  write  A^T x",
    "x A": "the matrix product x A does not conform: a vector of m times m×n\n  write  x^T A",
    "y z": "the matrix product y z does not conform: a vector of n times a vector of n\n"
    "  write  y z^T\n  or  y^T z\n  or  y ⊙ z",
    "x' y'": "the matrix product x' y' does not conform: a row of m times a row of n\n"
    "  write  x y'",
    "A B A": "the matrix product (A B) A does not conform: m×p times m×n\n  write  (A B)^T A",
    "A x^T": "the matrix product A x^T does not conform: m×n times a row of m\n"
    "  write  A^T x\n  or  x^T A",
    "(A + A) y x": "the matrix product ((A + A) y) x does not conform: "
    "a vector of m times a vector of m\n"
    "  write  ((A + A) y) x^T\n  or  ((A + A) y)^T x\n  or  ((A + A) y) ⊙ x",
    "A B + x": "terms of a sum must have one shape: m×p and a vector of m\n  write  A B + x 1^T",
    "x - A": "terms of a sum must have one shape: a vector of m and m×n\n  write  x 1^T - A",
    "A - y": "terms of a sum must have one shape: m×n and a vector of n\n  write  A - 1 y^T",
    "A + y'": "terms of a sum must have one shape: m×n and a row of n\n  write  A + 1 y'",
    "y + z'": "terms of a sum must have one shape: a vector of n and a row of n\n  write  y + z",
    "A + A'": "terms of a sum must have one shape: m×n and n×m\n  write  A + A",
    "A + B": "terms of a sum must have one shape: m×n and n×p",
    "A ⊙ A'": "a product entry by entry needs two tensors of one shape: m×n and n×m\n"
    "  write  A ⊙ A",
    "A ⊙ B": "a product entry by entry needs two tensors of one shape: m×n and n×p\n  write  A B",
    "A / y": "nothing can be divided by y, which is not a scalar\n"
    "  write  ./ y  for a division entry by entry",
    "A/D": "nothing can be divided by D, which is not a scalar\n"
    "  write  ./ D  for a division entry by entry\n  or  inv(D)  for a product with the inverse",
    "1/(y-z)": "nothing can be divided by y-z, which is not a scalar\n"
    "  write  ./ (y-z)  for a division entry by entry",
    "y^2": "a vector of n has no power\n  write  y.^2  for a power entry by entry\n"
    "  or  y^T y  for a scalar",
    "y'^2": "a row of n has no power\n  write  y'.^2  for a power entry by entry\n"
    "  or  y' y  for a scalar",
    "D^c": "the power of a matrix must be a whole number\n"
    "  write  D.^c  for a power entry by entry",
    "D^0.5": "the power of a matrix must be a whole number\n"
    "  write  D.^0.5  for a power entry by entry",
    "y^z": "an exponent must be a scalar\n  write  y.^z  for a power entry by entry",
    "D.^y": "a power entry by entry needs two tensors of one shape: n×n and a vector of n",
    "A^2": f"a power needs a square matrix, not m×n\n{SQUARE}",
    "A^-1": f"a power needs a square matrix, not m×n\n{SQUARE}",
    "inv(A)": f"an inverse needs a square matrix, not m×n\n{SQUARE}",
    "det(A)": f"a determinant needs a square matrix, not m×n\n{SQUARE}",
    "tr(y)": f"a trace needs a square matrix, not a vector of n\n{SQUARE}",
    "diag(A)": f"diag needs a square matrix, not m×n\n{SQUARE}",
    "Diag(A)": "Diag makes a matrix of a vector\n  write  diag  for the diagonal of a matrix",
    "solve(D, x)": "the matrix product D x does not conform: n×n times a vector of m",
    "softmax(A)": "softmax without an index is of a vector\n"
    "  write  softmax_j(A_ij)  along rows\n  or  softmax_i(A_ij)  along columns",
    "cumsum(c)": "cumsum without an index is of a vector",
    "‖A‖": "‖A‖ of a matrix has more than one meaning\n"
    "  write  ‖A‖_F  for the Frobenius norm; the spectral norm is not supported",
    "norm1(A)": "norm1(A) of a matrix has more than one meaning\n"
    "  write  sum(abs(A))  for the sum of all entries,\n"
    "  or  max(1^T abs(A))  for the largest column sum",
    "normInf(A)": "normInf(A) of a matrix has more than one meaning\n"
    "  write  max(abs(A))  for the largest entry,\n"
    "  or  max(abs(A) 1)  for the largest row sum",
    "‖y‖_3": "there is no norm called 3\n  the norms are 1, 2, F and inf",
    "norm(y, 3)": "there is no norm called 3\n  the norms are 1, 2, F and inf",
    "xent(x, y)": "xent needs two tensors of one shape: a vector of m and a vector of n",
    "xent(y)": "xent takes 2 arguments, not 1",
    "tr(A, B)": "tr takes 1 argument, not 2",
    "vector(y)": "vector(c) needs a scalar c",
    "ones(n)": "ones(n) is a matrix to some and a vector to others\n"
    "  write  ones(n,n)  or  ones(n,1)",
    "eye(c)": "c is not a size\n  a size is a whole number or the name of a declared extent",
    "eye(1/2)": "1/2 is not a size\n  a size is a whole number or the name of a declared extent",
    "eye(m,n)": "eye does not take 2 arguments",
    "y' z ∘ u": "y' z ∘ u can be read in two ways\n  write  y' (z ∘ u)\n  or  (y' z) ∘ u",
    "D*y.*z": "D*y.*z can be read in two ways\n  write  D * (y ⊙ z)\n  or  (D * y) ⊙ z",
    "D : E D": "D : E D can be read in two ways\n  write  D : (E D)\n  or  (D : E) D",
    "D .* 2 * E": "D .* 2 * E can be read in two ways\n  write  D ⊙ (2 * E)\n  or  (D ⊙ 2) * E",
    "I ⊗ D y": "I ⊗ D y can be read in two ways\n  write  I ⊗ (D y)\n  or  (I ⊗ D) y",
    "u ∘ v B": "no way to read u ∘ v B has conforming shapes\n"
    "  u ∘ (v B)  has v B, which does not conform\n"
    "  (u ∘ v) B  has u ∘ v, which does not conform",
    "A B ⊙ C": "no way to read A B ⊙ C has conforming shapes\n"
    "  A (B ⊙ C)  has B ⊙ C, which does not conform\n"
    "  (A B) ⊙ C  joins m×p with m×n",
    "D · E": "D · E is not a dot product of two vectors\n  write  D E\n  or  D : E\n  or  D E^T",
    "y · x": "y · x is not a dot product of two vectors\n  write  y x^T",
    "y : z'": "the product  A : B needs two tensors of one shape: a vector of n and a row of n",
    "D 1/2": "this 1 may be the number or a vector of ones\n"
    "  put brackets around the quotient if it is a number,\n"
    "  or write the division before the product",
    "T'": "a tensor of 3 axes has no transpose\n  name its indices, and exchange them as you like",
    "T y": "a tensor of 3 axes cannot stand in a matrix product\n  write the product with indices",
    "vec(T)": "vec is of a matrix or a vector",
    "kron(T, D)": "a Kronecker product is of matrices",
    "T ⊗ D": "no way to read T ⊗ D has conforming shapes\n  T ⊗ D  joins m×n×p with n×n",
    "D^101": "a matrix power may be at most 100, not 101\n"
    "  name a smaller power, and take the power of that",
}


@pytest.mark.parametrize("text", REFUSED)
def test_refusal(text: str) -> None:
    with pytest.raises(FormulaError) as caught:
        read(text, **SHAPES)
    lines = str(caught.value).split("\n")
    own = [line for k, line in enumerate(lines) if k == 0 or k > 3 * len(caught.value.marks)]
    assert "\n".join(own) == REFUSED[text]
    assert caught.value.marks


def test_both_operands_are_marked_with_their_shapes() -> None:
    with pytest.raises(ShapeError) as caught:
        read("A + x y' + B", **SHAPES)
    assert [mark.note for mark in caught.value.marks] == ["this is m×n", "this is n×p"]
    assert [mark.span.text for mark in caught.value.marks] == ["A", "B"]


@pytest.mark.parametrize(
    ("text", "shape", "found"),
    [
        ("A W x", "??", "n×m"),
        ("W + A", "??", "m×n"),
        ("A ⊙ (1 w')", "?", "n"),
        ("A ⊙ x w'", "?", "n"),
        ("tr(A W)", "??", "n×m"),
        ("inv(w 1' + D)", "?", "n"),
        ("kron(x', I) W + 0 D", "??", "m*n×n"),
        ("(A W) : (x v')", "??", "n×p"),
    ],
)
def test_unknown_extents_are_found(text: str, shape: str, found: str) -> None:
    name = "W" if len(shape) == 2 else "w"
    value, table = read(text, **{**SHAPES, name: shape})
    seen: dict[int, str] = {}
    stack = [value.term]
    while stack:
        term = stack.pop()
        if isinstance(term, Named) and term.name == name:
            seen[id(term)] = "×".join(map(str, table.solve_shape(term.shape)))
        stack.extend(term.arguments)
    assert set(seen.values()) == {found}


def test_a_trial_leaves_no_trace() -> None:
    reader = Reader({**SHAPES, "W": "??"})
    with pytest.raises(ShapeError, match="two ways"):
        reader.read("D : W D")
    with pytest.raises(ShapeError, match="no way"):
        reader.read("x W ⊙ T")
    assert not reader.table.solution


def test_a_product_is_one_flat_contraction() -> None:
    found, _ = read("x' A B v x' A", **SHAPES)
    assert isinstance(found.term, Contract)
    assert [type(factor) for factor in found.term.factors] == [Named] * 6
    assert found.term.letters == (
        ("1",), ("1", "2"), ("2", "3"), ("3",), ("4",), ("4", "0"),
    )  # fmt: skip


def test_transposes_are_seen_through() -> None:
    found, _ = read("A'' A' X", **SHAPES)
    assert isinstance(found.term, Contract)
    assert found.term.letters == (("0", "2"), ("3", "2"), ("3", "1"))


def test_long_products_take_linear_time_and_no_recursion() -> None:
    n = Extent.named("n")
    here = Span(Source("A"), 0, 1)
    A = Value(Named(here, (n, n), "A"), None)
    for operator in (ProductOperator.JUXTAPOSED, ProductOperator.HADAMARD):
        found = matrix.product([A] * 30_000, [operator] * 29_999, here, ExtentTable())
        assert len(found.term.arguments) == 30_000
    total = matrix.total([A] * 30_000, [1] * 30_000, here, ExtentTable())
    assert len(total.term.arguments) == 30_000


def test_a_long_mix_asks_for_brackets() -> None:
    n = Extent.named("n")
    here = Span(Source("A"), 0, 1)
    A = Value(Named(here, (n, n), "A"), None)
    operators = [ProductOperator.JUXTAPOSED, ProductOperator.HADAMARD] * 15
    with pytest.raises(LimitError, match="brackets"):
        matrix.product([A] * 31, operators, here, ExtentTable())
    with pytest.raises(FormulaError):
        matrix.product([A] * 11, operators[:10], here, ExtentTable())


def test_index() -> None:
    found, table = read("A'", **SHAPES)
    named = matrix.index(found, ("i", "j"), found.term.span, table)
    assert named.letters == ("i", "j")
    assert named.shape == found.shape
    with pytest.raises(IndexNotationError, match="3 indices for n×m, which has 2"):
        matrix.index(found, ("i", "j", "k"), found.term.span, table)


def test_elementwise_functions_are_not_of_whole_tensors() -> None:
    found, table = read("y", **SHAPES)
    span = found.term.span
    for name, args in (("exp", [found]), ("max", [found, found]), ("tr", []), ("I", [found])):
        assert matrix.apply_function(name, args, span, table) is None
