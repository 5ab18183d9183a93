"""The Kronecker product, `vec` and the commutation matrix: two axes made one.

In: values of matrix notation. Out: a product with all axes, read in row-major order under a shape
with fewer: `(A ⊗ B)_{(ik)(jl)} = A_ij B_kl`, and `vec` stacks columns.

>>> from indexcalc.elaborate.term import Named
>>> from indexcalc.errors import Source
>>> from indexcalc.ir.extent import Extent
>>> here, m, n = Span(Source("A"), 0, 1), Extent.named("m"), Extent.named("n")
>>> A = Value(Named(here, (m, n), "A"), None)
>>> square = kronecker(A, A, here, ExtentTable()).term
>>> [str(extent) for extent in square.shape], square.argument.output
(['m*m', 'n*n'], ('0', '1', '2', '3'))
>>> square.argument.letters
(('0', '2'), ('1', '3'))
"""

from __future__ import annotations

from math import prod

from indexcalc.elaborate.conformity import refuse
from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.orientation import contract, sides, transpose
from indexcalc.elaborate.term import Value, Whole
from indexcalc.errors import Span
from indexcalc.ir.extent import ONE, Extent


def kronecker(left: Value, right: Value, span: Span, table: ExtentTable) -> Value:
    """`left ⊗ right`, where a vector is a matrix of one column and a row one of one row."""
    for value in (left, right):
        if len(value.shape) > 2:
            raise refuse("a Kronecker product is of matrices", value, table)
    offset = len(left.shape)
    labels = (tuple(range(offset)), tuple(range(offset, offset + len(right.shape))))
    groups = []
    for side in (0, 1):
        axes = (sides(left)[side], sides(right)[side])
        groups.append(
            [own[axis] for own, axis in zip(labels, axes, strict=True) if axis is not None]
        )
    both = left.shape + right.shape
    term = contract(
        span, [(left.term, labels[0]), (right.term, labels[1])], [*groups[0], *groups[1]]
    )
    shape = tuple(
        prod((table.solve(both[k]) for k in group), start=ONE) for group in groups if group
    )
    row = not groups[0] and bool(groups[1])
    letters = None if shape else ()
    if len(shape) == len(both):
        return Value(term, letters, row)
    return Value(Whole(span, shape, "reshape", term), letters, row)


def vec(value: Value, span: Span, table: ExtentTable) -> Value:
    """The columns of a matrix on top of one another; a vector is its own."""
    match len(value.shape):
        case 0 | 1:
            return Value(value.term, value.letters)
        case 2:
            turned = transpose(value, span, table).term
            shape = (prod(table.solve_shape(turned.shape), start=ONE),)
            return Value(Whole(span, shape, "reshape", turned), None)
        case _:
            raise refuse("vec is of a matrix or a vector", value, table)


def commutation(rows: Extent, columns: Extent, span: Span) -> Value:
    """`K` with `K vec(A) = vec(A^T)` for a matrix `A` of this shape.

    Magnus and Neudecker, The commutation matrix, Annals of Statistics 7 (1979), definition 2.1.
    """
    size = rows * columns
    turned = contract(span, [], (0, 1, 1, 0), {0: rows, 1: columns})
    return Value(Whole(span, (size, size), "reshape", turned), None)
