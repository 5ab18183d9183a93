"""Functions of whole tensors: `tr`, `det`, `diag`, `vec`, `sum`, `norm1`, `softmax`, `eye`, …

In: a name and its arguments. Out: the value, or None if the name is no such function (then it is
an elementwise one, or unknown).

>>> from indexcalc.elaborate.term import Named
>>> from indexcalc.errors import Source
>>> from indexcalc.ir.extent import Extent
>>> here, n = Span(Source("tr(A)"), 0, 5), Extent.named("n")
>>> A = Value(Named(here, (n, n), "A"), None)
>>> trace = apply_function("tr", [A], here, ExtentTable())
>>> trace.term.letters, trace.term.output
((('0', '0'),), ())
>>> apply_function("tanh", [A], here, ExtentTable()) is None
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from indexcalc.elaborate.conformity import refuse, require_square
from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.filled import FILLED, filled
from indexcalc.elaborate.kronecker import kronecker, vec
from indexcalc.elaborate.matrix_chain import matrix_chain
from indexcalc.elaborate.matrix_power import inverse
from indexcalc.elaborate.norms import norm, norm_by_order
from indexcalc.elaborate.orientation import contract, open_product
from indexcalc.elaborate.term import Named, Value, Whole
from indexcalc.elaborate.totals import (
    cross_entropy,
    cumulative_sum,
    fold,
    log_softmax,
    mean,
    softmax,
    sum_of_entries,
)
from indexcalc.errors import IndexNotationError, Mark, Span, counted

Args = Sequence[Value]
Rule = Callable[[Args, Span, ExtentTable], Value]


def apply_function(name: str, args: Args, span: Span, table: ExtentTable) -> Value | None:
    """The function `name` of whole tensors; without arguments for bare `I`, `eye` and `ones`.

    None if there is no such function; so `max` and `min` of several arguments, which work entry by
    entry. Raises `ShapeError` for wrong shapes, `IndexNotationError` for a wrong number of
    arguments.
    """
    plain = [value if value.is_scalar else Value(value.term, None, value.row) for value in args]
    if name in FILLED:
        return filled(name, plain, span, table)
    if name not in RULES or not args or (name in ("max", "min") and len(args) > 1):
        return None
    count, rule = RULES[name]
    if name == "norm" and len(args) == 2:
        return norm_by_order(plain[0], plain[1], span, table)
    if len(args) != count:
        wanted = counted(count, "argument")
        raise IndexNotationError(f"{name} takes {wanted}, not {len(args)}", Mark(span))
    return rule(plain, span, table)


def _trace(args: Args, span: Span, table: ExtentTable) -> Value:
    if args[0].is_scalar and not isinstance(args[0].term, Named):
        return args[0]  # tr(xᵀ A y): a product that came out as one number
    if args[0].is_scalar:
        return args[0]  # of a 1×1 matrix, as in  w^T A x = tr(w^T A x) = tr(x w^T A)
    require_square(args[0], "a trace", table)
    return Value(contract(span, open_product(args[0].term, (0, 0)), ()), ())


def _whole(operation: str, what: str) -> Rule:
    def rule(args: Args, span: Span, table: ExtentTable) -> Value:
        require_square(args[0], what, table)
        return Value(Whole(span, (), operation, args[0].term), ())

    return rule


def _solve(args: Args, span: Span, table: ExtentTable) -> Value:
    return matrix_chain(
        [inverse(args[0], args[0].term.span, table), args[1]], [False, False], span, table
    )


def _diag(args: Args, span: Span, table: ExtentTable) -> Value:
    if len(args[0].shape) == 1:
        return _diagonal_matrix(args, span, table)
    require_square(args[0], "diag", table)
    return Value(contract(span, open_product(args[0].term, (0, 0)), (0,)), None)


def _diagonal_matrix(args: Args, span: Span, table: ExtentTable) -> Value:
    if len(args[0].shape) != 1:
        hint = "write  diag  for the diagonal of a matrix" if len(args[0].shape) == 2 else ""
        raise refuse("Diag makes a matrix of a vector", args[0], table, hint)
    return Value(contract(span, [(args[0].term, (0,))], (0, 0)), None)


def _norm(kind: str) -> Rule:
    return lambda args, span, table: norm(args[0], kind, span, table)


RULES: dict[str, tuple[int, Rule]] = {
    "tr": (1, _trace),
    "det": (1, _whole("det", "a determinant")),
    "logdet": (1, _whole("logdet", "a determinant")),
    "inv": (1, lambda args, span, table: inverse(args[0], span, table)),
    "solve": (2, _solve),
    "diag": (1, _diag),
    "Diag": (1, _diagonal_matrix),
    "vec": (1, lambda args, span, table: vec(args[0], span, table)),
    "kron": (2, lambda args, span, table: kronecker(args[0], args[1], span, table)),
    "sum": (1, lambda args, span, table: sum_of_entries(args[0], span)),
    "mean": (1, lambda args, span, table: mean(args[0], span)),
    "max": (1, lambda args, span, table: fold("max", args[0], span)),
    "min": (1, lambda args, span, table: fold("min", args[0], span)),
    "prod": (1, lambda args, span, table: fold("prod", args[0], span)),
    "logsumexp": (1, lambda args, span, table: fold("logsumexp", args[0], span)),
    "cumsum": (1, lambda args, span, table: cumulative_sum(args[0], span, table)),
    "softmax": (1, lambda args, span, table: softmax(args[0], span, table)),
    "logsoftmax": (1, lambda args, span, table: log_softmax(args[0], span, table)),
    "xent": (2, lambda args, span, table: cross_entropy(args[0], args[1], span, table)),
    "norm": (1, _norm("")),
    "norm1": (1, _norm("1")),
    "norm2": (1, _norm("2")),
    "normF": (1, _norm("F")),
    "normInf": (1, _norm("inf")),
}
