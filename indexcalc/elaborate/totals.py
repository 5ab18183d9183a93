"""Functions of all entries of a vector or a matrix: sums, means, maxima, softmax.

In: a value. Out: a scalar, or (softmax, cumulative sums) a value of the same shape. Sums go into
the product that they are of, so that `sum(a ⊙ b)` is one contraction.

>>> from indexcalc.elaborate.term import Named
>>> from indexcalc.errors import Source
>>> from indexcalc.ir.extent import Extent
>>> here = Span(Source("softmax(θ)"), 0, 10)
>>> θ = Value(Named(Span(here.source, 8, 9), (Extent.named("n"),), "θ"), None)
>>> p = softmax(θ, here, ExtentTable()).term
>>> p.function, p.args[0].signs, p.args[0].terms[1].factors[0].operation
('exp', (1, -1), 'logsumexp')
"""

from __future__ import annotations

from indexcalc.elaborate.conformity import one_shape_needed, refuse, same_shape, written
from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.orientation import broadcast, contract, open_product, reciprocal
from indexcalc.elaborate.term import Fold, Pointwise, SizeOf, Term, Total, Value
from indexcalc.errors import Span
from indexcalc.ir.extent import ONE


def sum_of_entries(value: Value, span: Span) -> Value:
    """The sum of all entries."""
    if value.is_scalar:
        return value
    axes = range(len(value.shape))
    return Value(contract(span, open_product(value.term, axes), ()), ())


def mean(value: Value, span: Span) -> Value:
    """The sum of all entries over their number."""
    if value.is_scalar:
        return value
    axes = range(len(value.shape))
    sizes = [(reciprocal(SizeOf(span, (), (e,)), span), ()) for e in value.shape]
    return Value(contract(span, [*open_product(value.term, axes), *sizes], ()), ())


def fold(operation: str, value: Value, span: Span) -> Value:
    """`max min prod logsumexp` of all entries."""
    if value.is_scalar:
        return value
    return Value(Fold(span, (), operation, value.term, len(value.shape)), ())


def cumulative_sum(value: Value, span: Span, table: ExtentTable) -> Value:
    """Partial sums of a vector."""
    _require_vector(value, "cumsum", table)
    return Value(Fold(span, value.shape, "cumsum", value.term, 1), None, value.row)


def log_softmax(value: Value, span: Span, table: ExtentTable) -> Value:
    """`x − logsumexp(x)`."""
    _require_line(value, "logsoftmax", table)
    return Value(_log_softmax(value.term, span), None, value.row)


def softmax(value: Value, span: Span, table: ExtentTable) -> Value:
    """`exp(x − logsumexp(x))`."""
    _require_line(value, "softmax", table)
    exponent = _log_softmax(value.term, span)
    term = Pointwise(span, value.shape, "exp", "builtin", (0,), None, (exponent,))
    return Value(term, None, value.row)


def _log_softmax(term: Term, span: Span) -> Term:
    largest = broadcast(Fold(span, (), "logsumexp", term, len(term.shape)), term.shape)
    return Total(span, term.shape, (term, largest), (1, -1))


def _require_line(value: Value, name: str, table: ExtentTable) -> None:
    """A vector, or a matrix that is declared with one row or one column."""
    shape = [table.solve(extent) for extent in value.shape]
    if len(shape) != 2 or ONE not in shape:
        _require_vector(value, name, table)


def _require_vector(value: Value, name: str, table: ExtentTable) -> None:
    if len(value.shape) == 1:
        return
    hint = ""
    if len(value.shape) == 2:
        text = written(value)
        hint = f"write  {name}_j({text}_ij)  along rows\nor  {name}_i({text}_ij)  along columns"
    raise refuse(f"{name} without an index is of a vector", value, table, hint)


def cross_entropy(left: Value, right: Value, span: Span, table: ExtentTable) -> Value:
    """`xent(p, q) = −p_i log q_i`."""
    if not same_shape(left, right, table):
        raise one_shape_needed("xent", left, right, table)
    axes = range(len(left.shape))
    logarithm = Pointwise(span, right.shape, "log", "builtin", (0,), None, (right.term,))
    product = contract(span, [(left.term, axes), (logarithm, axes)], ())
    return Value(Total(span, (), (product,), (-1,)), ())
