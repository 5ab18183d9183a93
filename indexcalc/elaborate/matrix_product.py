"""Products in matrix notation.

In: the factors of one product with the operators between them. Out: its value. A product of one
kind goes to `matrix_chain`; a mix of kinds (`u ∘ v W`) to `grouping`, which looks for the one way
to bracket it that conforms.
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.matrix_chain import elementwise_chain, matrix_chain
from indexcalc.elaborate.term import Value
from indexcalc.errors import Span
from indexcalc.syntax.tree import ProductOperator

MATRIX = (ProductOperator.JUXTAPOSED, ProductOperator.TIMES, ProductOperator.DIVIDE)
ELEMENTWISE = (
    ProductOperator.HADAMARD,
    ProductOperator.SMALL_CIRCLE,
    ProductOperator.HADAMARD_DIVIDE,
)
DIVISIONS = (ProductOperator.DIVIDE, ProductOperator.HADAMARD_DIVIDE)


def product(
    values: Sequence[Value], operators: Sequence[ProductOperator], span: Span, table: ExtentTable
) -> Value:
    """The product of `values`, with `operators[k]` before `values[k + 1]`.

    Raises `ShapeError` if no reading conforms, or more than one.
    """
    divided = [False, *(operator in DIVISIONS for operator in operators)]
    if all(operator in MATRIX for operator in operators):
        return matrix_chain(values, divided, span, table)
    return elementwise_chain(values, divided, span, table)
