"""What conforms with what, and errors that say what would.

In: two values that were joined by a product or a sum and do not fit. Out: a `ShapeError` that
shows both with their shapes, and the ways of writing that would fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.orientation import agree, describe, mark, sides
from indexcalc.elaborate.term import Value
from indexcalc.errors import ShapeError
from indexcalc.ir.extent import ONE, Extent

SIMPLE = re.compile(r"[^\W\d_]\w*('|\^T|ᵀ|⊤)?|\d+|[^\W\d_]\w*\([^()]*\)|\([^()]*\)")


def same_shape(left: Value, right: Value, table: ExtentTable) -> bool:
    """Whether two values lie alike and their extents can be made equal; it makes them so."""
    if len(left.shape) != len(right.shape) or left.row != right.row:
        return False
    return all(
        agree(a, b, table, left.term.span, right.term.span)
        for a, b in zip(left.shape, right.shape, strict=True)
    )


def source_text(value: Value) -> str:
    """The text of a value on one line, with both ends of each bracket."""
    span = value.term.span
    text = span.text
    if text.count(")") > text.count("("):
        text = span.source.text[span.source.text.rfind("(", 0, span.start) : span.end]
    if text.count("(") > text.count(")"):
        text += span.source.text[span.end : span.source.text.find(")", span.end) + 1]
    return " ".join(text.split())


def written(value: Value) -> str:
    """The text of a value as a factor: in brackets unless it is a single thing."""
    text = source_text(value)
    return text if SIMPLE.fullmatch(text) else f"({text})"


def as_term(value: Value) -> str:
    """The text of a value as a term of a sum."""
    text = source_text(value)
    return f"({text})" if {"+", "-", "−"} & set(text) else text


def transposed(value: Value) -> str:
    """The text of the transpose; a transpose that is there already goes away."""
    text = written(value)
    for sign in ("'", "^T", "ᵀ", "⊤"):
        if text.endswith(sign):
            return text.removesuffix(sign)
    return f"{text}^T"


def trial(table: ExtentTable, values: Iterable[Value]) -> ExtentTable:
    """A table with what is known of the extents of some values, on which to try out equations."""
    names = sorted({name for value in values for extent in value.shape for name in extent.names})
    solved = {name: table.solve(Extent.named(name)) for name in names}
    return ExtentTable({name: e for name, e in solved.items() if e != Extent.named(name)})


def matrix_mismatch(left: Value, right: Value, table: ExtentTable) -> ShapeError:
    """The error for `left right` as a matrix product."""
    shapes = f"{describe(left, table)} times {describe(right, table)}"
    return ShapeError(
        f"the matrix product {_pair(left, right)} does not conform: {shapes}",
        mark(left, table),
        mark(right, table),
        hint=_choices(_conforming(left, right, table)),
    )


def _conforming(left: Value, right: Value, table: ExtentTable) -> list[str]:
    """Spellings with transposes, another order or entry by entry, that would conform."""
    found = []
    for a, a_turned in ((left, False), (left, True)):
        for b, b_turned in ((right, False), (right, True)):
            if _product_conforms(a, a_turned, b, b_turned, table):
                first = transposed(a) if a_turned else written(a)
                found.append(f"{first} {transposed(b) if b_turned else written(b)}")
    if _product_conforms(right, False, left, False, table):
        found.append(f"{written(right)} {written(left)}")
    if same_shape(left, right, trial(table, (left, right))):
        found.append(f"{written(left)} ⊙ {written(right)}")
    return found


def _product_conforms(
    left: Value, left_turned: bool, right: Value, right_turned: bool, table: ExtentTable
) -> bool:
    columns = sides(left)[0 if left_turned else 1]
    rows = sides(right)[1 if right_turned else 0]
    inner = [v.shape[k] for v, k in ((left, columns), (right, rows)) if k is not None]
    copy = trial(table, (left, right))
    if len(inner) == 2:
        return agree(inner[0], inner[1], copy, left.term.span, right.term.span)
    return all(copy.solve(extent) == ONE for extent in inner)


def elementwise_mismatch(left: Value, right: Value, table: ExtentTable) -> ShapeError:
    """The error for a product or quotient entry by entry."""
    hint = _turned_hint(left, right, table, "⊙")
    return one_shape_needed(
        "a product entry by entry", left, right, table, hint or _others(left, right, table)
    )


def dot_mismatch(left: Value, right: Value, table: ExtentTable) -> ShapeError:
    """The error for `left · right`, which is of two vectors or of a matrix and a vector."""
    ways = _conforming(left, right, table)
    if same_shape(left, right, trial(table, (left, right))):
        ways.insert(1, f"{written(left)} : {written(right)}")
    message = f"{written(left)} · {written(right)} is not a dot product of two vectors"
    return ShapeError(message, mark(left, table), mark(right, table), hint=_choices(ways))


def one_shape_needed(
    what: str, left: Value, right: Value, table: ExtentTable, hint: str = ""
) -> ShapeError:
    """The error for two tensors that should have one shape."""
    return ShapeError(
        f"{what} needs two tensors of one shape: "
        f"{describe(left, table)} and {describe(right, table)}",
        mark(left, table),
        mark(right, table),
        hint=hint,
    )


def sum_mismatch(left: Value, right: Value, sign: str, table: ExtentTable) -> ShapeError:
    """The error for `left + right`."""
    hint = _turned_hint(left, right, table, sign) or _broadcast_hint(left, right, table, sign)
    return ShapeError(
        f"terms of a sum must have one shape: {describe(left, table)} and {describe(right, table)}",
        mark(left, table),
        mark(right, table),
        hint=hint,
    )


def _turned_hint(left: Value, right: Value, table: ExtentTable, sign: str) -> str:
    """The hint to transpose the right operand, if that conforms."""
    shape = right.shape[::-1]
    row = len(shape) == 1 and not right.row
    if len(shape) != len(left.shape) or row != left.row:
        return ""
    copy = trial(table, (left, right))
    if not all(
        agree(a, b, copy, left.term.span, right.term.span)
        for a, b in zip(left.shape, shape, strict=True)
    ):
        return ""
    return f"write  {written(left)} {sign} {transposed(right)}"


def _broadcast_hint(left: Value, right: Value, table: ExtentTable, sign: str) -> str:
    """The hint to repeat a vector along the rows or the columns of a matrix."""
    if {len(left.shape), len(right.shape)} != {1, 2}:
        return ""
    vector, matrix = (left, right) if len(left.shape) == 1 else (right, left)
    column, row = written(vector), transposed(vector)
    if vector.row:
        column, row = row, column
    ways = []
    for axis, repeated in ((0, f"{column} 1^T"), (1, f"1 {row}")):
        places = vector.term.span, matrix.term.span
        if agree(vector.shape[0], matrix.shape[axis], trial(table, (left, right)), *places):
            ways.append(
                f"{as_term(left)} {sign} {repeated}"
                if vector is right
                else f"{repeated} {sign} {as_term(right)}"
            )
    return _choices(ways)


def _pair(left: Value, right: Value) -> str:
    return f"{written(left)} {written(right)}"


def _others(left: Value, right: Value, table: ExtentTable) -> str:
    if left.is_scalar or right.is_scalar or max(len(left.shape), len(right.shape)) > 2:
        return ""
    return _choices(_conforming(left, right, table))


def _choices(ways: list[str]) -> str:
    return "\n".join(f"{'or' if k else 'write'}  {way}" for k, way in enumerate(ways[:3]))


def require_square(value: Value, what: str, table: ExtentTable) -> None:
    """Refuse all but a square matrix; an extent that is not known yet is made equal."""
    place = value.term.span
    if len(value.shape) != 2 or not agree(*value.shape, table, place, place):
        message = f"{what} needs a square matrix, not {describe(value, table)}"
        raise refuse(message, value, table, "a square matrix has one extent twice, as in  A[n, n]")


def refuse(message: str, value: Value, table: ExtentTable, hint: str = "") -> ShapeError:
    """An error about one value."""
    return ShapeError(message, mark(value, table), hint=hint)
