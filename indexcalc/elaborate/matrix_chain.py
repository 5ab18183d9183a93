"""Products of one kind, read from left to right: matrix products and elementwise ones.

In: the factors of `A B x`, scalars among them, or of `a ⊙ b ./ c`. Out: one flat `Contract`. A
matrix product that has become a number multiplies what stands before it, as in
`x^T A x x^T A` and `A x^T y`. Everything takes time linear in the number of factors.

>>> from indexcalc.elaborate.term import Named
>>> from indexcalc.errors import Source
>>> text, n = Source("x' A"), Extent.named("n")
>>> x = Value(Named(Span(text, 0, 2), (n,), "x"), None, row=True)
>>> A = Value(Named(Span(text, 3, 4), (n, Extent.named("p")), "A"), None)
>>> y = matrix_chain([x, A], [False, False], Span(text, 0, 4), ExtentTable())
>>> y.row, y.term.letters, y.term.output
(True, (('1',), ('1', '0')), ('0',))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from indexcalc.elaborate.conformity import (
    elementwise_mismatch,
    matrix_mismatch,
    refuse,
    same_shape,
    source_text,
    written,
)
from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.orientation import agree, contract, reciprocal, sides
from indexcalc.elaborate.term import Term, Value
from indexcalc.errors import Span
from indexcalc.ir.extent import ONE, Extent

Factor = tuple[Term, tuple[int, ...]]


@dataclass(slots=True)
class _Group:
    """Factors multiplied so far; `rows` and `columns` are labels, or None for an extent of one."""

    span: Span
    factors: list[Factor] = field(default_factory=list)
    rows: int | None = None
    columns: int | None = None

    @property
    def is_scalar(self) -> bool:
        return self.rows is None and self.columns is None


@dataclass(slots=True)
class _Chain:
    table: ExtentTable
    extents: list[Extent] = field(default_factory=list)

    def extend(self, group: _Group, value: Value) -> bool:
        """Multiply by one more factor from the right, if it conforms."""
        row_axis, column_axis = sides(value)
        labels = [len(self.extents) + axis for axis in range(len(value.shape))]
        if not (value.is_scalar or group.is_scalar):
            inner = None if row_axis is None else value.shape[row_axis]
            if not self.conforms(group, inner, value.term.span):
                return False
            if row_axis is not None and group.columns is not None:
                labels[row_axis] = group.columns
        if group.is_scalar:
            group.rows = None if row_axis is None else labels[row_axis]
        if not value.is_scalar:
            group.columns = None if column_axis is None else labels[column_axis]
        self.extents.extend(value.shape)
        group.factors.append((value.term, tuple(labels)))
        group.span = group.span.to(value.term.span)
        return True

    def conforms(self, group: _Group, inner: Extent | None, place: Span) -> bool:
        """Whether the columns on the left are as many as the rows on the right."""
        left = None if group.columns is None else self.extents[group.columns]
        if left is not None and inner is not None:
            return agree(left, inner, self.table, group.span, place)
        only = left if left is not None else inner
        return only is None or self.table.solve(only) == ONE

    def value(self, group: _Group, span: Span) -> Value:
        output = [label for label in (group.rows, group.columns) if label is not None]
        term = contract(span, group.factors, output)
        return Value(
            term, None if output else (), row=group.rows is None and group.columns is not None
        )


def matrix_chain(
    values: Sequence[Value], divided: Sequence[bool], span: Span, table: ExtentTable
) -> Value:
    """The matrix product of all values, each multiplied or divided by (then it is a scalar).

    Raises `ShapeError` where two neighbours do not conform.
    """
    _refuse_tensors(values, table)
    chain = _Chain(table)
    waiting: list[_Group] = []
    group = _Group(values[0].term.span)
    for value, division in zip(values, divided, strict=True):
        if division:
            _divide(chain, group, value)
            continue
        if not chain.extend(group, value):
            if not value.row:
                raise matrix_mismatch(chain.value(group, group.span), value, table)
            waiting.append(group)  # the row may begin a number, which ends with a vector
            group = _Group(value.term.span)
            chain.extend(group, value)
        if waiting and group.is_scalar:
            waiting[-1].factors += group.factors
            waiting[-1].span = waiting[-1].span.to(group.span)
            group = waiting.pop()
    if waiting:
        left, right = (chain.value(part, part.span) for part in (waiting[-1], group))
        raise matrix_mismatch(left, right, table)
    return chain.value(group, span)


def _refuse_tensors(values: Sequence[Value], table: ExtentTable) -> None:
    for value in values:
        if len(value.shape) > 2:
            raise refuse(
                f"a tensor of {len(value.shape)} axes cannot stand in a matrix product",
                value,
                table,
                "write the product with indices",
            )


def _divide(chain: _Chain, group: _Group, value: Value) -> None:
    if not value.is_scalar:
        text = source_text(value)
        hint = f"write  ./ {written(value)}  for a division entry by entry"
        if len(value.shape) == 2:
            hint += f"\nor  inv({text})  for a product with the inverse"
        message = f"nothing can be divided by {text}, which is not a scalar"
        raise refuse(message, value, chain.table, hint)
    group.factors.append((reciprocal(value.term, value.term.span), ()))


def elementwise_chain(
    values: Sequence[Value], divided: Sequence[bool], span: Span, table: ExtentTable
) -> Value:
    """The product entry by entry of values with one shape, and of scalars.

    Raises `ShapeError` where two shapes differ.
    """
    first: Value | None = None
    factors: list[Factor] = []
    for value, division in zip(values, divided, strict=True):
        if not value.is_scalar:
            first = first or value
            if not same_shape(first, value, table):
                raise elementwise_mismatch(first, value, table)
        term = reciprocal(value.term, value.term.span) if division else value.term
        factors.append((term, tuple(range(len(value.shape)))))
    if first is None:
        return Value(contract(span, factors, ()), ())
    return Value(contract(span, factors, range(len(first.shape))), None, first.row)
