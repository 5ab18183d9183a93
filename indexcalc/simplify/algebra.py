"""Rules of arithmetic: nested sums, like terms across nesting, roots of powers, inverses.

In: nodes. Out: the same values with fewer operations.

>>> from indexcalc.ir.build import add, builtin, multiply, subtract, variable
>>> x, y, z = (variable(name, ()) for name in "xyz")
>>> algebra([subtract(add(x, subtract(y, z)), y)])[0] is subtract(x, z)
True
>>> algebra([power(power(x, 2), Fraction(1, 2))])[0] is builtin("abs", x)
True

A sum inside a sum is opened if it is used once, or if that lets terms cancel or meet; one that is
shared otherwise stays, since it is computed once for all. A transpose of a sum counts as the sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt

from indexcalc.ir.build import builtin, linear, power, scale, split_multiple, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Apply, Call, Contraction, Node, Sum, Variable
from indexcalc.ir.primitives import COMPARISONS
from indexcalc.ir.walk import revise
from indexcalc.simplify.cost import is_view, uses
from indexcalc.simplify.matrices import call_rules, cancel_inverses
from indexcalc.simplify.views import argument_of, is_ones, pattern

Terms = dict[Node, Fraction]


def algebra(
    roots: Sequence[Node], *, real: bool = True, settled: set[Node] | None = None
) -> list[Node]:
    """Apply all rules once, bottom-up. Linear in the size of the graph.

    With `real=False` only those are applied that hold for complex numbers too. `settled` has nodes
    that an earlier call left alone whatever the rest of the graph is, and gets more of them.
    """
    count = uses(roots)
    left = set() if settled is None else settled

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        new = with_arguments(node, arguments)
        match new:
            case Sum() if any(map(_shows_sum, new.arguments)):
                single = {
                    new_term
                    for old, new_term in zip(node.arguments, arguments, strict=True)
                    if count.get(old, 0) == 1 and _inner_count(old, count) == 1
                }
                return _flattened(new, single)
            case Contraction() if _shows_sum(new):
                once = all(count.get(old, 0) == 1 for old in node.arguments)
                new = _turned_sum(new) if once else new
                return cancel_inverses(new) if isinstance(new, Contraction) else new
            case _:
                new = _by_itself(new, real)
        if new is node:
            left.add(node)
        return new

    return revise(roots, rule, left, local=False, kinds=(Sum, Apply, Contraction, Call))


def _by_itself(node: Node, real: bool) -> Node:
    """The rules for which it does not matter how often anything is used."""
    match node:
        case Apply():
            return _entrywise(node, real)
        case Contraction():
            new = _idempotent(node)
            return cancel_inverses(new) if isinstance(new, Contraction) else new
        case Call():
            return call_rules(node)
        case _:
            return node


def _shows_sum(node: Node) -> bool:
    """Whether the node is a sum, or a view of one."""
    if isinstance(node, Contraction) and node.is_view and node.factors:
        node = node.factors[0]
    return isinstance(node, Sum)


def _inner_count(node: Node, count: dict[Node, int]) -> int:
    """How often what a multiple or a view shows is used."""
    most = 1
    for _ in range(2):
        if isinstance(node, Sum) and len(node.terms) == 1:
            node = node.terms[0][1]
        elif isinstance(node, Contraction) and node.is_view and node.factors:
            node = node.factors[0]
        else:
            break
        most = max(most, count.get(node, 1))
    return most


# --- sums -------------------------------------------------------------------------------------


def _flattened(node: Sum, single: set[Node]) -> Node:
    """Terms of inner sums as terms of this one, where that costs nothing or lets some meet."""
    total: Terms = {}
    closed: list[tuple[Fraction, Node, list[tuple[Fraction, Node]]]] = []
    for coefficient, term in node.terms:
        inner = _opened(term)
        if inner is None:
            _collect(total, coefficient, term)
        elif term in single or len(node.terms) == 1:
            for c, part in inner:
                _collect(total, coefficient * c, part)
        else:
            closed.append((coefficient, term, inner))
    if not closed:
        return linear([(c, term) for term, c in total.items()], node.shape)
    for coefficient, term, inner in closed:
        if any(part in total for _, part in inner):
            for c, part in inner:
                _collect(total, coefficient * c, part)
        else:
            _collect(total, coefficient, term)
    return linear([(c, term) for term, c in total.items()], node.shape)


def _collect(total: Terms, coefficient: Fraction, term: Node) -> None:
    inner, rest = split_multiple(term)
    total[rest] = total.get(rest, Fraction(0)) + coefficient * inner
    if not total[rest]:
        del total[rest]


def _opened(term: Node) -> list[tuple[Fraction, Node]] | None:
    """The terms of a sum, or of a transposed sum; None for anything else."""
    if isinstance(term, Sum):
        return list(term.terms)
    if not isinstance(term, Contraction) or not term.is_view or not term.factors:
        return None
    inner = term.factors[0]
    if not isinstance(inner, Sum) or pattern(term) != (tuple(range(len(term.shape))), frozenset()):
        return None
    labels, output = term.labels[0], term.output
    return [(c, contract([(part, labels)], output)) for c, part in inner.terms]


def _turned_sum(node: Contraction) -> Node:
    """`(Aᵀ + B)ᵀ` as `A + Bᵀ`, unless that transposes more terms."""
    terms = _opened(node)
    if terms is None:
        return node
    before = sum(is_view(term) for term in node.factors[0].arguments)
    after = sum(is_view(term) for _, term in terms)
    return linear(terms, node.shape) if after <= before else node


# --- functions and products -------------------------------------------------------------------


def _entrywise(node: Apply, real: bool) -> Node:
    exponent = node.function.parameter
    if exponent is not None:
        return _power(node.args[0], exponent, real) or node
    if node.function.kind == "builtin" and node.function.name == "abs":
        return _absolute(node.args[0], real) or node
    return node


def _power(base: Node, exponent: Fraction, real: bool) -> Node | None:
    """`(c x)^e = c^e x^e` for a rational `c^e > 0`; `(x^2)^½ = |x|`; `(x^a)^b = x^(ab)`."""
    coefficient, rest = split_multiple(base)
    if exponent.denominator == 2 and coefficient > 0 and coefficient != 1:
        root = _square_root(coefficient)
        if root is not None:
            return scale(root**exponent.numerator, power(rest, exponent))
    if coefficient != 1 or exponent.denominator == 1:
        return None
    return _power_of_power(*_whole_power(base), exponent, real)


def _power_of_power(inner: Node, times: Fraction, exponent: Fraction, real: bool) -> Node | None:
    if times == 1:
        return None
    if _is_positive(inner, real):
        return power(inner, times * exponent)
    if not real:  # the argument must not turn beyond ±π
        return power(inner, times * exponent) if abs(times) < 1 else None
    if times.denominator == 1 and times % 2 == 0:
        return power(builtin("abs", inner), times * exponent)
    if times.denominator != 1 or (times * exponent).denominator != 1:
        return power(inner, times * exponent)
    return None


def _square_root(value: Fraction) -> Fraction | None:
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    root = Fraction(top, bottom)
    return root if root * root == value else None


def _whole_power(node: Node) -> tuple[Node, Fraction]:
    """`(x, n)` for the entrywise power `xⁿ`, also where it is written as equal factors."""
    if isinstance(node, Apply) and node.function.parameter is not None:
        return node.args[0], node.function.parameter
    if not isinstance(node, Contraction) or node.summed or not node.factors:
        return node, Fraction(1)
    first, labels = node.factors[0], node.labels[0]
    same = all(factor is first for factor in node.factors) and set(node.labels) == {labels}
    if not same or labels != node.output or len(set(labels)) != len(labels):
        return node, Fraction(1)
    return first, Fraction(len(node.factors))


def _is_positive(node: Node, real: bool) -> bool:
    if isinstance(node, Variable):
        return "positive" in node.traits
    return is_ones(node) or (real and argument_of(node, "exp") is not None)


def _absolute(argument: Node, real: bool) -> Node | None:
    """`|c x| = |c| |x|`, `|x| = x` for positive `x`."""
    coefficient, rest = split_multiple(argument)
    if _is_positive(rest, real):
        return scale(abs(coefficient), rest)
    return scale(abs(coefficient), builtin("abs", rest)) if coefficient != 1 else None


def _idempotent(node: Contraction) -> Node:
    """`[x > 0]² = [x > 0]`: comparisons are 0 or 1."""
    if not any(_is_comparison(factor) for factor in node.factors):
        return node
    seen: set[tuple[Node, tuple[int, ...]]] = set()
    kept: list[tuple[Node, tuple[int, ...]]] = []
    for factor in zip(node.factors, node.labels, strict=True):
        if factor in seen and _is_comparison(factor[0]):
            continue
        seen.add(factor)
        kept.append(factor)
    if len(kept) == len(node.factors):
        return node
    return contract(kept, node.output, dict(enumerate(node.extents)))


def _is_comparison(node: Node) -> bool:
    return isinstance(node, Apply) and node.function.name in COMPARISONS
