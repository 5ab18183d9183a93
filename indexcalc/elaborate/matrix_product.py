"""Products in matrix notation.

In: the factors of one product with the operators between them. Out: its value. A product of one
kind goes to `matrix_chain`; a mix of kinds (`u ∘ v W`) to `grouping`, which looks for the one way
to bracket it that conforms. The number 1 stands for a vector of ones where a matrix or a row calls
for one (`A 1`, `1 b^T`).
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.grouping import grouped_product
from indexcalc.elaborate.joining import ELEMENTWISE
from indexcalc.elaborate.matrix_chain import elementwise_chain, matrix_chain
from indexcalc.elaborate.orientation import (
    contract,
    is_one,
    open_product,
    reciprocal,
    vector_of_ones,
)
from indexcalc.elaborate.term import Value
from indexcalc.errors import Mark, ShapeError, Span
from indexcalc.syntax.tree import ProductOperator

JUXTAPOSED = ProductOperator.JUXTAPOSED
DIVISIONS = (ProductOperator.DIVIDE, ProductOperator.HADAMARD_DIVIDE)
MATRIX = (JUXTAPOSED, ProductOperator.TIMES, ProductOperator.DIVIDE)
Operators = Sequence[ProductOperator]


def product(
    values: Sequence[Value], operators: Sequence[ProductOperator], span: Span, table: ExtentTable
) -> Value:
    """The product of `values`, with `operators[k]` before `values[k + 1]`.

    Raises `ShapeError` if no reading conforms, or more than one.
    """
    values = _read_ones(values, operators, table)
    if _only_scales(values, operators):
        divided = [False, *(operator in DIVISIONS for operator in operators)]
        return elementwise_chain(values, divided, span, table)
    if _is_pure(operators):
        return _joined(values, operators, span, table)
    scalars, kept, between = _set_apart_scalars(values, operators)
    inner = _joined(kept, between, span, table)
    return _scaled(scalars, inner, span) if scalars else inner


def _only_scales(values: Sequence[Value], operators: Operators) -> bool:
    """Whether all factors but one are scalars, and that one (of any rank) does not divide."""
    if ProductOperator.FROBENIUS in operators:
        return False
    places = [k for k, value in enumerate(values) if not value.is_scalar]
    return len(places) == 1 and (
        places[0] == 0 or operators[places[0] - 1] is not ProductOperator.DIVIDE
    )


def _is_pure(operators: Operators) -> bool:
    """Whether all operators are of one kind, read from left to right."""
    return any(all(operator in kind for operator in operators) for kind in (MATRIX, ELEMENTWISE))


def _joined(values: Sequence[Value], operators: Operators, span: Span, table: ExtentTable) -> Value:
    divided = [False, *(operator in DIVISIONS for operator in operators)]
    if all(operator in MATRIX for operator in operators):
        return matrix_chain(values, divided, span, table)
    if all(operator in ELEMENTWISE for operator in operators):
        return elementwise_chain(values, divided, span, table)
    return grouped_product(values, operators, span, table)


def _scaled(scalars: Sequence[tuple[Value, bool]], inner: Value, span: Span) -> Value:
    """One flat product of scalars, each multiplied or divided by, and the rest."""
    axes = range(len(inner.shape))
    factors = [
        (reciprocal(value.term, value.term.span) if divides else value.term, ())
        for value, divides in scalars
    ]
    term = contract(span, [*factors, *open_product(inner.term, axes)], axes)
    return Value(term, inner.letters, inner.row)


def _set_apart_scalars(
    values: Sequence[Value], operators: Operators
) -> tuple[list[tuple[Value, bool]], list[Value], list[ProductOperator]]:
    """Scalars that multiply the whole however the rest is bracketed, and the rest.

    These are a scalar at an end of the product, and one between two operators of one kind.
    """
    scalars: list[tuple[Value, bool]] = []
    kept: list[Value] = []
    between: list[ProductOperator] = []
    for k, value in enumerate(values):
        before = operators[k - 1] if kept else None
        after = operators[k] if k < len(operators) else None
        if value.is_scalar and (kept or after) and _commutes(before, after):
            scalars.append((value, before in DIVISIONS))
            continue
        if kept and before is not None:
            between.append(before)
        kept.append(value)
    return scalars, kept, between


def _commutes(before: ProductOperator | None, after: ProductOperator | None) -> bool:
    """Whether a scalar between these operators multiplies (or divides) all of the product."""
    if ProductOperator.FROBENIUS in (before, after) or (before is None and after in DIVISIONS):
        return False
    if before is None or after is None:
        return True
    return any(before in kind and after in kind for kind in (MATRIX, ELEMENTWISE))


def _read_ones(values: Sequence[Value], operators: Operators, table: ExtentTable) -> list[Value]:
    """Put vectors of ones for the numbers 1 that stand where only a vector makes sense."""
    read = list(values)
    last: Value | None = None
    for k, value in enumerate(values):
        if is_one(value.term) and _asks_for_ones(values, operators, k, last):
            following = operators[k] if k < len(operators) else None
            if following in DIVISIONS:
                raise _one_before_division(value)
            read[k] = vector_of_ones(value.term.span, table)
        if not read[k].is_scalar:
            last = read[k]
    return read


def _asks_for_ones(
    values: Sequence[Value], operators: Operators, k: int, last: Value | None
) -> bool:
    """Whether a matrix or a row stands before the juxtaposed 1, or only a row after it."""
    if last is not None:
        columns = len(last.shape) == 2 or last.row
        return columns and operators[k - 1] is JUXTAPOSED
    return k < len(operators) and operators[k] is JUXTAPOSED and values[k + 1].row


def _one_before_division(value: Value) -> ShapeError:
    return ShapeError(
        "this 1 may be the number or a vector of ones",
        Mark(value.term.span),
        hint="put brackets around the quotient if it is a number,\n"
        "or write the division before the product",
    )
