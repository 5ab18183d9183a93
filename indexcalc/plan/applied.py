"""Products of an inverse with a vector or a matrix.

In: an inverse and the values that use it. Out: what each use multiplies it by, and how.

>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.plan.graph import Graph
>>> graph, m, n = Graph(), Extent.named("m"), Extent.named("n")
>>> A, B = graph.leaf("input", (n, n), "A"), graph.leaf("input", (m, n), "B")
>>> inverse = graph.matrix("inv", (Term(A, (0, 1)),), (0, 1), (n, n))
>>> product = graph.product(Term(B, (0, 1)), Term(inverse, (1, 2)), {0, 2})
>>> use = applied(product.source, inverse)
>>> use.is_transposed, use.side.labels, use.order
(True, (1, 0), (1, 0))
"""

from __future__ import annotations

from dataclasses import dataclass

from indexcalc.ir.extent import Shape
from indexcalc.ir.node import Labels
from indexcalc.plan.program import Term, Value


@dataclass(frozen=True, slots=True)
class Applied:
    """A `product` of an inverse and another operand, its *side*, with one label summed.

    `row` is that label, `column` the other one of the inverse. A side's labels are 0 for its rows
    and 1 for its columns, if it has any.
    """

    product: Value
    inverse: Value
    mine: Term
    other: Term

    @property
    def row(self) -> int:
        """The label that is summed."""
        return next(label for label in self.mine.labels if label in self.other.labels)

    @property
    def column(self) -> int:
        """The label that the solution has in the place of `row`."""
        return next(label for label in self.mine.labels if label != self.row)

    @property
    def side(self) -> Term:
        """The other operand, rows before columns."""
        return side_of(self.other, self.row)

    @property
    def matrix(self) -> Term:
        """The matrix under the inverse: labelled so that `row, column` is what is solved with."""
        (matrix,) = self.inverse.operands
        return Term(matrix.source, tuple(self.mine.labels[1 - axis] for axis in matrix.labels))

    @property
    def is_transposed(self) -> bool:
        """Whether it is the transposed matrix that is solved with."""
        return self.matrix.labels[0] != self.row

    @property
    def natural(self) -> Labels:
        """The labels of the product in the order of a solution's axes: as the side's lie."""
        return self.column, *(label for label in self.other.labels if label != self.row)

    @property
    def order(self) -> Labels:
        """For each axis of the product, which axis of the solution it is."""
        return tuple(self.natural.index(label) for label in self.product.labels)


def applied(user: Value, inverse: Value) -> Applied | None:
    """The use of an inverse, if it meets one vector or matrix and one label is summed."""
    mine = [term for term in user.operands if term.source is inverse]
    others = [term for term in user.operands if term.source is not inverse]
    if user.kernel != "product" or len(mine) != 1 or len(others) != 1:
        return None
    other = others[0]
    shared = [label for label in mine[0].labels if label in other.labels]
    if len(shared) != 1 or shared[0] in user.labels or not is_side(other):
        return None
    return Applied(user, inverse, mine[0], other)


def is_side(term: Term) -> bool:
    """Whether this is a vector or a matrix of which all entries count."""
    return isinstance(term.source, Value) and 0 < len(term.labels) == len(set(term.labels)) <= 2


def side_of(term: Term, row: int) -> Term:
    """A term with the labels of a side."""
    return Term(term.source, tuple(int(label != row) for label in term.labels))


def side_shape(side: Term) -> Shape:
    """Rows, and columns if there are any."""
    assert isinstance(side.source, Value)
    found = dict(zip(side.labels, side.source.shape, strict=True))
    return tuple(found[label] for label in sorted(found))
