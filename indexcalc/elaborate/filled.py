"""Constant matrices and vectors: `I`, `eye(n)`, `ones(m,n)`, `vector(1)`, `commutation(m,n)`.

In: a name and its arguments. Out: the value; without a size it has unknown extents, which what
stands beside it decides.

>>> from indexcalc.errors import Source
>>> table = ExtentTable()
>>> eye = filled("eye", [], Span(Source("eye"), 0, 3), table)
>>> eye.term.output, [str(extent) for extent in eye.shape]
(('0', '0'), ['?1', '?1'])
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.elaborate.constants import extent_value
from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.kronecker import commutation
from indexcalc.elaborate.orientation import broadcast, identity, is_one, ones
from indexcalc.elaborate.term import Value
from indexcalc.errors import IndexNotationError, Mark, Span, counted
from indexcalc.ir.extent import ONE, Extent

FILLED = ("I", "eye", "ones", "vector", "matrix", "commutation")


def filled(name: str, args: Sequence[Value], span: Span, table: ExtentTable) -> Value | None:
    """The constant tensor, or None where the name is used in another way (`I(x)`)."""
    match name, len(args):
        case "I" | "eye", 0:
            return Value(identity(span, table.fresh()), None)
        case "eye", 1:
            return Value(identity(span, _size(args[0])), None)
        case "ones", 0:
            return Value(ones(span, (table.fresh(),)), None)
        case "ones", 1:
            size = args[0].term.span.text
            raise IndexNotationError(
                f"ones({size}) is a matrix to some and a vector to others",
                Mark(span),
                hint=f"write  ones({size},{size})  or  ones({size},1)",
            )
        case "ones", 2:
            return _ones(_size(args[0]), _size(args[1]), span)
        case "vector" | "matrix", 1:
            return _repeated(name, args[0], span, table)
        case "commutation", 2:
            return commutation(_size(args[0]), _size(args[1]), span)
        case "I" | "vector" | "matrix", _:
            return None
        case _:
            raise IndexNotationError(
                f"{name} does not take {counted(len(args), 'argument')}", Mark(span)
            )


def _size(value: Value) -> Extent:
    extent = extent_value(value.term)
    if extent is None or (extent.size is not None and extent.size < 0):
        raise IndexNotationError(
            f"{value.term.span.text} is not a size",
            Mark(value.term.span),
            hint="a size is a whole number or the name of a declared extent",
        )
    return extent


def _ones(rows: Extent, columns: Extent, span: Span) -> Value:
    """A matrix; a vector if there is one column, a row if there is one row."""
    if columns == ONE:
        return Value(ones(span, (rows,)), None)
    if rows == ONE:
        return Value(ones(span, (columns,)), None, row=True)
    return Value(ones(span, (rows, columns)), None)


def _repeated(name: str, value: Value, span: Span, table: ExtentTable) -> Value:
    """`vector(c)`, `matrix(c)`: every entry is the scalar `c`."""
    if not value.is_scalar:
        raise IndexNotationError(f"{name}(c) needs a scalar c", Mark(value.term.span))
    shape = tuple(table.fresh() for _ in range(1 if name == "vector" else 2))
    term = ones(span, shape) if is_one(value.term) else broadcast(value.term, shape)
    return Value(term, None)
