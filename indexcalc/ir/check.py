"""What a node in normal form is, as predicates that answer with a reason.

In: a node, or graphs. Out: None, or a sentence that says which rule is broken. The builders and
every pass keep these rules; the tests ask after each.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.extent import Extent
>>> x = variable("x", (Extent.named("n"),))
>>> is_well_formed(x) is None
True
>>> from indexcalc.ir.node import intern
>>> is_well_formed(intern(Sum, x.shape, ((Fraction(1), x),)))
'a sum of one term with the coefficient 1'
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import assert_never

from indexcalc.ir.contraction import MOST_REPEATS, base_and_exponent, contract
from indexcalc.ir.extent import Extent, Shape
from indexcalc.ir.node import (
    REDUCTIONS,
    SCANS,
    Apply,
    Call,
    Constant,
    Contraction,
    Derivative,
    Labels,
    Node,
    Number,
    Reduce,
    Size,
    Sum,
    Variable,
)
from indexcalc.ir.opening import is_dissolved
from indexcalc.ir.primitives import PRIMITIVES
from indexcalc.ir.walk import postorder

Reason = str | None


def first_fault(roots: Iterable[Node]) -> Reason:
    """The first broken rule in the graphs, with the node that breaks it; None if there is none."""
    for node in postorder(roots):
        reason = is_well_formed(node)
        if reason:
            return f"{node!r}: {reason}"
    return None


def is_well_formed(node: Node) -> Reason:  # noqa: C901 - one case a kind
    """Which rule of the normal form `node` itself breaks (its arguments are taken to be right)."""
    match node:
        case Variable():
            return _variable(node)
        case Number():
            return _first((node.shape != (), "a number with axes"), (not node.value, "a zero"))
        case Constant():
            known = {"pi": 0, "e": 0, "levi_civita": 3}
            return _first((known.get(node.name) != len(node.shape), "an unknown constant"))
        case Size():
            return _first((node.extent.size is not None, "a size that is a number"))
        case Sum():
            return _sum(node)
        case Apply():
            return _apply(node)
        case Contraction():
            return _contraction(node)
        case Reduce():
            return _reduce(node)
        case Call():
            return _call(node)
        case Derivative():
            axes = tuple(extent for v in node.variables for extent in v.shape)
            return _first(
                (not node.variables, "a derivative by nothing"),
                (node.shape != node.numerator.shape + axes, "the axes of a derivative"),
            )
        case _:
            assert_never(node)


def _first(*rules: tuple[bool, str]) -> Reason:
    return next((reason for broken, reason in rules if broken), None)


def _variable(node: Variable) -> Reason:
    square = len(node.shape) == 2 and node.shape[0] == node.shape[1]
    return _first(
        (not node.name, "a variable without a name"),
        (node.symmetric and not square, "a symmetric variable that is not square"),
    )


# --- sums -------------------------------------------------------------------------------------


def _sum(node: Sum) -> Reason:
    coefficients = [coefficient for coefficient, _ in node.terms]
    terms = [term for _, term in node.terms]
    digests = [term.digest for term in terms]
    return _first(
        (any(term.shape != node.shape for term in terms), "terms of different shapes"),
        (not all(coefficients), "a term with the coefficient 0"),
        (coefficients == [1], "a sum of one term with the coefficient 1"),
        (any(isinstance(term, Sum) and len(term.terms) < 2 for term in terms), "a multiple inside"),
        (any(isinstance(t, Number) and t.value != 1 for t in terms), "a number that is not 1"),
        (len(terms) == 1 and isinstance(terms[0], Number), "a multiple of a number"),
        (digests != sorted(set(digests)), "terms out of order, or twice"),
        (len(terms) > 1 and _content(coefficients) != 1, "a common factor of the coefficients"),
    )


def _content(coefficients: Sequence[Fraction]) -> Fraction:
    numerator = gcd(*(c.numerator for c in coefficients))
    content = Fraction(numerator, lcm(*(c.denominator for c in coefficients)))
    return content if coefficients[0] > 0 else -content


# --- functions --------------------------------------------------------------------------------


def _apply(node: Apply) -> Reason:
    function, first = node.function, node.args[0] if node.args else None
    lifted = isinstance(first, Contraction) and first.is_view and _is_rearrangement(first)
    return _first(
        (first is None or len(node.args) != len(function.orders), "the number of arguments"),
        (any(arg.shape != node.shape for arg in node.args), "arguments of different shapes"),
        (function.kind not in {"builtin", "defined", "abstract"}, "an unknown kind of function"),
        (function.kind == "builtin" and any(function.orders), "a builtin function differentiated"),
        (_is_unknown(node), "a function that is not in the table"),
        (len(node.args) == 1 and lifted, "a function of a repeated or transposed tensor"),
        (_is_idle_power(node), "a power that is a product"),
    )


def _is_unknown(node: Apply) -> bool:
    function = node.function
    if function.kind != "builtin":
        return function.parameter is not None
    if function.parameter is not None:
        return function.name != "power" or len(node.args) != 1
    row = PRIMITIVES.get(function.name)
    return row is None or len(row.partials) != len(node.args)


def _is_idle_power(node: Apply) -> bool:
    base, exponent = base_and_exponent(node)
    if base is node:
        return False
    inner = base_and_exponent(base)[1]
    whole = exponent.denominator == 1
    return whole and (0 <= exponent <= MOST_REPEATS or inner != 1 or isinstance(base, Number))


def _is_rearrangement(view: Contraction) -> bool:
    return len(set(view.output)) == len(view.output)


def _reduce(node: Reduce) -> Reason:
    shape = node.argument.shape
    scans = node.operation in SCANS
    return _first(
        (node.operation not in (*REDUCTIONS, *SCANS), "an unknown reduction"),
        (not 1 <= node.rank <= len(shape), "the number of reduced axes"),
        (scans and node.rank != 1, "a scan along several axes"),
        (node.shape != (shape if scans else shape[: -node.rank]), "the shape of a reduction"),
    )


def _call(node: Call) -> Reason:
    shape = node.argument.shape
    if node.operation == "reshape":
        entries = _entries(shape) != _entries(node.shape)
        return _first((entries, "a reshape to another number of entries"),
                      (shape == node.shape, "a reshape to the same shape"))  # fmt: skip
    square = len(shape) == 2 and shape[0] == shape[1]
    return _first(
        (node.operation not in {"inv", "det", "logdet"}, "an unknown function of a matrix"),
        (not square, "a matrix that is not square"),
        (node.shape != (shape if node.operation == "inv" else ()), "the shape of a call"),
    )


def _entries(shape: Shape) -> Extent:
    product = Extent.fixed(1)
    for extent in shape:
        product = product * extent
    return product


# --- contractions -----------------------------------------------------------------------------


def _contraction(node: Contraction) -> Reason:
    return _labels(node) or _factors(node) or (_view(node) if node.is_view else _core(node))


def _labels(node: Contraction) -> Reason:
    axes = [
        *((node.output, node.shape),),
        *((own, f.shape) for own, f in zip(node.labels, node.factors, strict=True)),
    ]
    appearance = list(dict.fromkeys(label for own in node.labels for label in own))
    appearance += [label for label in dict.fromkeys(node.output) if label not in appearance]
    first = [label for own in node.labels for label in own] or list(node.output)
    if any(len(own) != len(shape) for own, shape in axes):
        return "not as many labels as axes"
    return _first(
        (
            any(
                node.extents[label] != e
                for own, shape in axes
                for label, e in zip(own, shape, strict=True)
            ),
            "a label with two extents",
        ),
        (sorted(appearance) != list(range(len(node.extents))), "labels that are not 0, 1, 2, …"),
        (
            not node.is_view and list(dict.fromkeys(first)) != list(range(len(set(first)))),
            "labels that are not numbered by appearance",
        ),
    )


def _factors(node: Contraction) -> Reason:
    factors = list(zip(node.factors, node.labels, strict=True))
    return _first(
        (any(isinstance(f, Number) for f in node.factors), "a number as a factor"),
        (any(isinstance(f, Sum) and len(f.terms) < 2 for f in node.factors), "a multiple inside"),
        (
            any(isinstance(f, Contraction) and f.is_view for f in node.factors),
            "a view that is not absorbed",
        ),
        (
            not node.is_view
            and any(
                isinstance(f, Contraction) and not f.is_view and is_dissolved(f)
                for f in node.factors
            ),
            "a product of scalars, or a power, that is not absorbed",
        ),
        (_uncollected(factors), "powers of one base that are not collected"),
    )


def _uncollected(factors: Sequence[tuple[Node, Labels]]) -> bool:
    """Whether a base occurs with the same labels twice, other than as a repeated factor."""
    seen: dict[tuple[Node, Labels], list[Fraction]] = {}
    for node, labels in factors:
        base, exponent = base_and_exponent(node)
        seen.setdefault((base, labels), []).append(exponent)
    return any(
        len(exponents) > MOST_REPEATS or any(exponent != 1 for exponent in exponents)
        for exponents in seen.values()
        if len(exponents) > 1
    )


def _view(node: Contraction) -> Reason:
    plain = len(node.factors) == 1 and node.labels[0] == node.output
    return _first(
        (not node.factors and not node.output, "a view of nothing without axes"),
        (plain and len(set(node.output)) == len(node.output), "a view that changes nothing"),
        (any(len(set(own)) < len(own) and node.summed for own in node.labels), "a view that sums"),
    )


def _core(node: Contraction) -> Reason:
    covered = {label for own in node.labels for label in own}
    return _first(
        (not node.factors, "a sum over nothing"),
        (list(node.output) != sorted(set(node.output)), "output labels of a core out of order"),
        (not covered.issuperset(range(len(node.extents))), "a label of a core in no factor"),
        (_rebuilt(node) is not node, "factors that are not in canonical order"),
    )


def _rebuilt(node: Contraction) -> Node:
    factors = list(zip(node.factors, node.labels, strict=True))
    return contract(factors, node.output, dict(enumerate(node.extents)))
