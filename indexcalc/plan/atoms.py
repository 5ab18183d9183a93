"""Scalar functions as sequences of NumPy's own, so that functions of one argument share work.

In: a function and the terms it is applied to. Out: the term of its value. The sequences are right
to a few units in the last place wherever the result is a normal number: `σ(x)` keeps its
relative precision at both ends, and nothing overflows except `exp` inside `σ`, where infinity is
the right intermediate value.

>>> n = Extent.named("n")
>>> graph = Graph()
>>> x = Term(graph.leaf("input", (n,), "x"), (0,))
>>> lowered = elementwise(graph, Function("softplus"), (x,))
>>> [value.detail for value in graph.values]
['x', 'abs', 'negative', 'exp', 'log1p', 'maximum', 'add']
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Function
from indexcalc.plan.graph import Graph
from indexcalc.plan.program import Term, Value

__all__ = ["Extent", "elementwise", "literal", "logistic_slope", "negate", "raise_to"]

ONE = Fraction(1)
HALF = Fraction(1, 2)
LARGEST_UNROLLED = 64  # integer powers above are left to `np.power`
Rule = Callable[[Graph, Term], Term]


def literal(value: Fraction | int) -> Term:
    """An exact number as an operand."""
    return Term(Fraction(value))


def elementwise(graph: Graph, function: Function, terms: tuple[Term, ...]) -> Term:
    """The value of `function` at each entry of operands that broadcast against each other."""
    if function.kind != "builtin":
        return graph.function(function.name, function.orders, terms)
    if function.parameter is not None:
        return raise_to(graph, terms[0], function.parameter)
    rule = RULES.get(function.name)
    if rule is not None:
        return rule(graph, terms[0])
    if function.name == "where":
        return graph.map("where", _condition(graph, terms[0]), *map(_n(graph), terms[1:]))
    return graph.map(function.name, *map(_n(graph), terms))


def as_number(graph: Graph, term: Term) -> Term:
    """Truth values as 0 and 1."""
    if isinstance(term.source, Value) and term.source.is_boolean:
        return graph.map("number", term)
    return term


def negate(graph: Graph, term: Term) -> Term:
    """`−term`, undoing a negation or swapping a difference where there is one."""
    source = term.source
    if isinstance(source, Fraction):
        return literal(-source)
    if source.kernel == "map" and source.detail in ("negative", "subtract"):
        outer = dict(zip(source.labels, term.labels, strict=True))
        inner = [Term(t.source, tuple(outer[x] for x in t.labels)) for t in source.operands]
        if source.detail == "negative":
            return inner[0]
        return graph.map("subtract", inner[1], inner[0], want=term.labels)
    return graph.map("negative", as_number(graph, term))


def raise_to(graph: Graph, term: Term, exponent: Fraction) -> Term:
    """A power by multiplications, roots and one division."""
    term = as_number(graph, term)
    doubled = exponent * 2
    if doubled.denominator != 1 or abs(exponent) > LARGEST_UNROLLED:
        return graph.map("power", term, Term(exponent))
    if exponent < 0:
        return graph.map("reciprocal", raise_to_positive(graph, term, -exponent))
    return raise_to_positive(graph, term, exponent)


def raise_to_positive(graph: Graph, term: Term, exponent: Fraction) -> Term:
    """`term ^ exponent` for a positive multiple of one half."""
    whole = int(exponent)
    result = graph.map("sqrt", term) if exponent != whole else None
    square = term
    while whole:
        if whole & 1:
            result = square if result is None else graph.map("multiply", result, square)
        whole >>= 1
        if whole:
            square = graph.map("multiply", square, square)
    return literal(1) if result is None else result


def logistic_slope(graph: Graph, term: Term) -> Term:
    """`σ(x) σ(−x)` as `e/(1+e)²` with `e = exp(−|x|)`, precise at both ends."""
    decay = _decay(graph, term)
    rise = graph.map("add", decay, literal(1))
    return graph.map("divide", decay, graph.map("multiply", rise, rise))


# --- rules: name → sequence ---------------------------------------------------------------------


def _n(graph: Graph) -> Callable[[Term], Term]:
    return lambda term: as_number(graph, term)


def _condition(graph: Graph, term: Term) -> Term:
    if isinstance(term.source, Value) and term.source.is_boolean:
        return term
    return graph.map("ne", term, literal(0))


def _absolute(graph: Graph, term: Term) -> Term:
    source = term.source
    if isinstance(source, Value) and source.kernel == "map" and source.detail == "negative":
        term = negate(graph, term)
    return graph.map("abs", as_number(graph, term))


def _decay(graph: Graph, term: Term) -> Term:
    """`exp(−|x|)`: never above 1. For complex numbers `exp(−x)`: there is no larger side."""
    if graph.is_complex:
        return graph.map("quiet_exp", negate(graph, term))
    return graph.map("exp", graph.map("negative", _absolute(graph, term)))


def _sigmoid(graph: Graph, term: Term) -> Term:
    exponential = graph.map("quiet_exp", negate(graph, term))
    return graph.map("reciprocal", graph.map("add", exponential, literal(1)))


def _softplus(graph: Graph, term: Term) -> Term:
    if graph.is_complex:
        return graph.map("log1p", graph.map("exp", term))
    small = graph.map("log1p", _decay(graph, term))
    source = term.source
    if isinstance(source, Value) and source.kernel == "map" and source.detail == "negative":
        return graph.map("subtract", small, graph.map("minimum", negate(graph, term), literal(0)))
    return graph.map("add", graph.map("maximum", term, literal(0)), small)


def _log1mexp(graph: Graph, term: Term) -> Term:
    """`log(1 − exp(x))` for negative `x`: by `expm1` above −log 2, by `log1p` below."""
    near = graph.map("log", graph.map("negative", graph.map("expm1", term)))
    if graph.is_complex:
        return near
    far = graph.map("log1p", graph.map("negative", graph.map("exp", term)))
    above = graph.map("gt", term, Term(Fraction(-693, 1000)))
    return graph.map("where", above, near, far)


def _logcosh(graph: Graph, term: Term) -> Term:
    """`log cosh x`: `log1p(2 sinh²(x/2))` near zero, `|x| + log1p(e^(−2|x|)) − log 2` away."""
    if graph.is_complex:
        return graph.map("log", graph.map("cosh", term))
    size = _absolute(graph, term)
    bounded = graph.map("minimum", size, literal(1))
    sinh = graph.map("sinh", graph.map("multiply", bounded, Term(HALF)))
    square = graph.map("multiply", sinh, sinh)
    near = graph.map("log1p", graph.map("multiply", square, literal(2)))
    decay = graph.map("exp", graph.map("multiply", size, literal(-2)))
    log_two = graph.map("log", literal(2))
    far = graph.map("add", size, graph.map("subtract", graph.map("log1p", decay), log_two))
    return graph.map("where", graph.map("lt", size, literal(1)), near, far)


def _relu(graph: Graph, term: Term) -> Term:
    return graph.map("maximum", as_number(graph, term), literal(0))


RULES: dict[str, Rule] = {
    "abs": _absolute,
    "log1mexp": _log1mexp,
    "logcosh": _logcosh,
    "relu": _relu,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
}
