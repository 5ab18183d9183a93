"""Matrix notation: names without indices, joined as in a textbook.

In: values without index letters (`Value.letters` is None; scalars have `()`). Out: a value, with
every sum written out in a `Contract` and all extents unified through the table. A vector is a
column unless `Value.row`. All functions raise `ShapeError` where shapes do not conform.
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.elaborate.conformity import same_shape, sum_mismatch
from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.matrix_functions import apply_function
from indexcalc.elaborate.matrix_power import inverse, power
from indexcalc.elaborate.matrix_product import product
from indexcalc.elaborate.norms import norm
from indexcalc.elaborate.orientation import broadcast, describe, mark, transpose
from indexcalc.elaborate.term import Total, Value
from indexcalc.errors import IndexNotationError, Mark, Span, counted

__all__ = [
    "apply_function",
    "index",
    "inverse",
    "norm",
    "power",
    "product",
    "total",
    "transpose",
]


def total(values: Sequence[Value], signs: Sequence[int], span: Span, table: ExtentTable) -> Value:
    """The sum of values of one shape; a scalar is added to every entry."""
    first = next((value for value in values if not value.is_scalar), None)
    if first is None:
        return Value(Total(span, (), tuple(v.term for v in values), tuple(signs)), ())
    for value, sign in zip(values, signs, strict=True):
        if not value.is_scalar and not same_shape(first, value, table):
            raise sum_mismatch(first, value, "-" if sign < 0 else "+", table)
    terms = tuple(broadcast(value.term, first.shape) for value in values)
    return Value(Total(span, first.shape, terms, tuple(signs)), None, first.row)


def index(value: Value, letters: Sequence[str], span: Span, table: ExtentTable) -> Value:
    """The value with a letter for each axis: the bridge to index notation."""
    if len(letters) != len(value.shape):
        raise IndexNotationError(
            f"{counted(len(letters), 'index', 'indices')} for {describe(value, table)}, "
            f"which has {len(value.shape)}",
            Mark(span),
            mark(value, table),
        )
    return Value(value.term, tuple(letters))
