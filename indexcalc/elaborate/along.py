"""Functions along an index: `softmax_i`, `max_i`, `norm`, `mean_i`, …

In: a value with letters, and the letters to work along. Out: a value without these (or with, for
`softmax`, `logsoftmax` and `cumsum`).
"""

from __future__ import annotations

from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.indexed import (
    HALF,
    align,
    contract,
    extents_of,
    letters_of,
    opened,
    pointwise,
    raised,
    reciprocal,
    summed,
    total,
)
from indexcalc.elaborate.norms import KINDS
from indexcalc.elaborate.term import Fold, Letters, SizeOf, Value
from indexcalc.errors import IndexNotationError, Mark, Span
from indexcalc.ir.extent import ONE


def fold(operation: str, value: Value, along: Letters, span: Span, table: ExtentTable) -> Value:
    """`sum mean prod max min logsumexp norm softmax logsoftmax cumsum` along some letters."""
    kept = tuple(letter for letter in letters_of(value) if letter not in along)
    match operation:
        case "sum":
            return summed(value, kept, span, table)
        case "mean":
            return contract([*opened(value), _share(value, along, span, table)], kept, span, table)
        case "norm":
            return norm(value, "", along, span, table)
        case "logsoftmax" | "softmax":
            logarithm = fold_last("logsumexp", value, along, kept, span, table)
            difference = total([value, logarithm], (1, -1), span, table)
            if operation == "logsoftmax":
                return difference
            return pointwise("exp", [difference], span, table)
        case "cumsum":
            return _cumulative(value, along, kept, span, table)
        case _:
            return fold_last(operation, value, along, kept, span, table)


def _share(value: Value, along: Letters, span: Span, table: ExtentTable) -> Value:
    """One over the number of entries along some letters."""
    extents = extents_of([value], table)
    count = ONE
    for letter in along:
        count = count * extents[letter]
    return reciprocal(Value(SizeOf(span, (), (count,)), ()), table)


def fold_last(
    operation: str, value: Value, along: Letters, kept: Letters, span: Span, table: ExtentTable
) -> Value:
    """A reduction over some letters, which become the last axes."""
    ordered = align(value, kept + along, extents_of([value], table))
    shape = ordered.shape[: len(kept)]
    return Value(Fold(span, shape, operation, ordered.term, len(along)), kept)


def _cumulative(
    value: Value, along: Letters, kept: Letters, span: Span, table: ExtentTable
) -> Value:
    if len(along) != 1:
        raise IndexNotationError(f"cumsum goes along one index, not {len(along)}", Mark(span))
    ordered = align(value, kept + along, extents_of([value], table))
    scan = Value(Fold(span, ordered.shape, "cumsum", ordered.term, 1), kept + along)
    return align(scan, letters_of(value), extents_of([value], table))


def norm(value: Value, kind: str, along: Letters, span: Span, table: ExtentTable) -> Value:
    """A norm along some letters. Raises `IndexNotationError` for an unknown kind."""
    kept = tuple(letter for letter in letters_of(value) if letter not in along)
    chosen = KINDS.get(kind)
    if chosen is None:
        raise IndexNotationError(
            f"there is no norm called {kind}", Mark(span), hint="the norms are 1, 2, F and inf"
        )
    if chosen in ("1", "inf"):
        size = pointwise("abs", [value], span, table)
        if chosen == "1":
            return summed(size, kept, span, table)
        return fold_last("max", size, along, kept, span, table)
    return raised(contract([value, value], kept, span, table), HALF, span, table)
