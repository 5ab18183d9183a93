"""Norms of vectors and matrices.

In: a value and which norm (the text after `‖x‖_`, or after `norm`). Out: a scalar.

>>> from indexcalc.elaborate.term import Named
>>> from indexcalc.errors import Source
>>> from indexcalc.ir.extent import Extent
>>> here = Span(Source("‖x‖"), 0, 3)
>>> x = Value(Named(here, (Extent.named("n"),), "x"), None)
>>> root = norm(x, "", here, ExtentTable()).term
>>> root.function, root.parameter, root.args[0].letters
('power', Fraction(1, 2), (('0',), ('0',)))
"""

from __future__ import annotations

from fractions import Fraction

from indexcalc.elaborate.conformity import refuse, source_text
from indexcalc.elaborate.constants import rational_value
from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.orientation import contract
from indexcalc.elaborate.term import Fold, Pointwise, Term, Value
from indexcalc.errors import IndexNotationError, Mark, Span

KINDS = {
    "": "",
    "2": "2",
    "1": "1",
    "F": "F",
    "f": "F",
    "fro": "F",
    "inf": "inf",
    "Inf": "inf",
    "∞": "inf",
}
MATRIX_HINTS = {
    "": "write  ‖{0}‖_F  for the Frobenius norm; the spectral norm is not supported",
    "2": "write  normF({0})  for the Frobenius norm; the spectral norm is not supported",
    "1": "write  sum(abs({0}))  for the sum of all entries,\n"
    "or  max(1^T abs({0}))  for the largest column sum",
    "inf": "write  max(abs({0}))  for the largest entry,\n"
    "or  max(abs({0}) 1)  for the largest row sum",
}


def norm(value: Value, kind: str, span: Span, table: ExtentTable) -> Value:
    """The norm of a vector (`""`, `2`, `1`, `inf`, `F`) or of a matrix (`F` only).

    What a matrix norm without `F` means differs between books: it is a `ShapeError` that names the
    readings. An unknown kind is an `IndexNotationError`.
    """
    chosen = KINDS.get(kind)
    if chosen is None:
        raise IndexNotationError(
            f"there is no norm called {kind}", Mark(span), hint="the norms are 1, 2, F and inf"
        )
    if value.is_scalar:
        return Value(_pointwise("abs", value.term, span), ())
    if len(value.shape) > 1 and chosen != "F":
        text = source_text(value)
        name = f"norm{chosen.capitalize()}({text})" if chosen else f"‖{text}‖"
        hint = MATRIX_HINTS[chosen].format(text)
        raise refuse(f"{name} of a matrix has more than one meaning", value, table, hint)
    return Value(_vector_norm(value.term, chosen, span), ())


def _vector_norm(term: Term, kind: str, span: Span) -> Term:
    axes = range(len(term.shape))
    if kind == "1":
        return contract(span, [(_pointwise("abs", term, span), axes)], ())
    if kind == "inf":
        return Fold(span, (), "max", _pointwise("abs", term, span), 1)
    square = contract(span, [(term, axes), (term, axes)], ())
    return Pointwise(span, (), "power", "builtin", (0,), Fraction(1, 2), (square,))


def _pointwise(function: str, term: Term, span: Span) -> Term:
    return Pointwise(span, term.shape, function, "builtin", (0,), None, (term,))


def norm_by_order(value: Value, order: Value, span: Span, table: ExtentTable) -> Value:
    """MATLAB's `norm(x, 1)` and `norm(x, 2)`."""
    number = rational_value(order.term) if order.is_scalar else None
    return norm(value, str(number) if number is not None else order.term.span.text, span, table)
