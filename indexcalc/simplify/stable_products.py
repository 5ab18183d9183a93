"""Products in which exponentials meet exponentials, sigmoids, and sums of exponentials.

In: a `Contraction`. Out: the same value, with exponentials merged where one has all labels of the
other, so that `exp(x) / Σ exp(x)` is one exponential that cannot overflow, or the node itself.

>>> from indexcalc.ir.build import add, multiply, negate, variable
>>> u = variable("u", ())
>>> node = multiply(builtin("exp", u), builtin("sigmoid", negate(u)))
>>> stable_product(node) is builtin("sigmoid", u)
True
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd

from indexcalc.ir.build import add, builtin, linear, negate, ones, power, scale, terms_of
from indexcalc.ir.contraction import base_and_exponent, contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Apply, Contraction, Labels, Node, Reduce, Sum
from indexcalc.simplify.logarithm import is_log_softmax
from indexcalc.simplify.stable_functions import ratio, take
from indexcalc.simplify.views import argument_of_apply, flat_terms, is_ones

Factor = tuple[Node, Labels]
_ACTIVE = {"exp", "sigmoid", "sinh", "expm1"}


def stable_product(node: Contraction) -> Node:
    """The product in stable atoms, one step."""
    if len(node.factors) < 2:
        return node
    opened, extents = open_products(node)
    if not any(_is_active(factor) for factor, _ in opened):
        return node
    factors = opened
    for rule in (_push_into_sum, _merge_exponentials, _meet_sigmoids, _meet_sums, _quotients):
        factors = rule(factors)
    # a product opened in vain stays closed: others may use it too
    return node if factors == opened else contract(factors, node.output, extents)


def open_products(node: Contraction) -> tuple[list[Factor], dict[int, Extent]]:
    """Factors and extents, with those of nested entrywise products that hold an atom opened."""
    extents = dict(enumerate(node.extents))
    factors: list[Factor] = []
    for factor, labels in zip(node.factors, node.labels, strict=True):
        if (
            not isinstance(factor, Contraction)
            or factor.summed
            or factor.is_view
            or not any(_is_active(inner) for inner in factor.factors)
        ):
            factors.append((factor, labels))
        else:
            outer = dict(zip(factor.output, labels, strict=True))
            factors += [
                (inner, tuple(outer[k] for k in own))
                for inner, own in zip(factor.factors, factor.labels, strict=True)
            ]
    return factors, extents


def _is_active(node: Node) -> bool:
    return isinstance(node, Apply) and node.function.name in _ACTIVE


def _exponentials(factors: list[Factor]) -> list[tuple[int, Node, Labels]]:
    """Positions, arguments and labels of the exponentials that stand on no diagonal."""
    return [
        (k, argument, labels)
        for k, (factor, labels) in enumerate(factors)
        if (argument := argument_of_apply(factor, "exp")) is not None
        and len(set(labels)) == len(labels)
    ]


# --- exponentials -----------------------------------------------------------------------------


def _merge_exponentials(factors: list[Factor]) -> list[Factor]:
    """`exp(a_ij) exp(b_i) = exp(a_ij + b_i)`, but not for two softmaxes or for equal factors."""
    found = sorted(_exponentials(factors), key=lambda f: (-len(f[2]), f[0]))
    groups: list[list[tuple[int, Node, Labels]]] = []
    for entry in found:
        home = next((g for g in groups if set(entry[2]) <= set(g[0][2])), None)
        if home is None:
            groups.append([entry])
        else:
            home.append(entry)
    gone: set[int] = set()
    merged: list[Factor] = []
    for group in groups:
        if len({argument for _, argument, _ in group}) > 1 and not all(
            is_log_softmax(argument) for _, argument, _ in group
        ):
            gone.update(position for position, _, _ in group)
            merged += _merged(group)
    if not gone:
        return factors
    return [f for k, f in enumerate(factors) if k not in gone] + merged


def _merged(group: list[tuple[int, Node, Labels]]) -> list[Factor]:
    """One exponential of the sum; `exp(n w)` with a whole `n` is `n` factors `exp(w)`."""
    labels, shape = group[0][2], group[0][1].shape
    total: dict[Node, Fraction] = {}
    for _, argument, own in group:
        wide = contract([(argument, own)], labels, dict(zip(labels, shape, strict=True)))
        for term, coefficient in flat_terms(wide).items():
            total[term] = total.get(term, Fraction(0)) + coefficient
    terms = [(c, term) for term, c in total.items() if c]
    content = gcd(*(c.numerator for c, _ in terms)) if terms else 1
    if any(c.denominator != 1 for c, _ in terms) or content > 8:
        content = 1
    argument = linear([(c / content, term) for c, term in terms], shape)
    return [(builtin("exp", argument), labels)] * content


def _push_into_sum(factors: list[Factor]) -> list[Factor]:
    """`(Σ_j w_j exp(x_j)) exp(−logsumexp x) = Σ_j w_j exp(x_j − logsumexp x)`."""
    for position, argument, labels in _exponentials(factors):
        if not any(c < 0 and _is_logsumexp(term) for c, term in terms_of(argument)):
            continue
        for other, (core, own) in enumerate(factors):
            if not isinstance(core, Contraction) or not set(labels) <= set(own):
                continue
            new = _pushed(core, own, argument, labels)
            if new is not None:
                kept = [f for k, f in enumerate(factors) if k not in (position, other)]
                return [*kept, (new, own)]
    return factors


def _is_logsumexp(term: Node) -> bool:
    core = term.factors[0] if isinstance(term, Contraction) and len(term.factors) == 1 else term
    return isinstance(core, Reduce) and core.operation == "logsumexp"


def _pushed(core: Contraction, own: Labels, argument: Node, labels: Labels) -> Node | None:
    """The core with its exponential multiplied by `exp(argument)`, if it has one to take it."""
    if len(set(own)) != len(own):
        return None
    inner = [core.output[own.index(label)] for label in labels]
    factors, extents = open_products(core)
    for position, (factor, at) in enumerate(factors):
        exponent = argument_of_apply(factor, "exp")
        if exponent is None or len(set(at)) != len(at) or not set(inner) <= set(at):
            continue
        if not set(at) & set(core.summed):
            continue
        wide = contract([(argument, inner)], at, {k: core.extents[k] for k in at})
        factors[position] = builtin("exp", add(exponent, wide)), at
        return contract(factors, core.output, extents)
    return None


# --- sigmoids ---------------------------------------------------------------------------------


def _meet_sigmoids(factors: list[Factor]) -> list[Factor]:
    """`exp(v) σ(−v) = σ(v)`, as often as both sides allow."""
    result = list(factors)
    for position, argument, labels in _exponentials(factors):
        rest = flat_terms(argument)
        changed = False
        for k, (factor, own) in enumerate(result):
            inner = argument_of_apply(factor, "sigmoid")
            if inner is None or len(set(own)) != len(own) or not set(own) <= set(labels):
                continue
            sizes = dict(zip(labels, argument.shape, strict=True))
            wide = contract([(inner, own)], labels, sizes)
            if ratio(rest, wide) <= -1:  # exp(−v) σ(v) = σ(−v)
                take(rest, wide, Fraction(-1))
                result[k] = builtin("sigmoid", negate(inner)), own
                changed = True
        if changed:
            terms = [(c, term) for term, c in rest.items()]
            result[position] = builtin("exp", linear(terms, argument.shape)), labels
    return result


def _meet_sums(factors: list[Factor]) -> list[Factor]:
    """`(1 + exp v) σ(−v) = 1` and `(1 + exp v) σ(v) = exp(v)`."""
    result = list(factors)
    for position, (factor, labels) in enumerate(factors):
        inner = _one_plus_exp(factor)
        if inner is None:
            continue
        down = builtin("sigmoid", negate(inner)), labels
        up = builtin("sigmoid", inner), labels
        if down in result:
            result[result.index(down)] = ones(inner.shape), labels
            result[position] = ones(inner.shape), labels
        elif up in result:
            result[result.index(up)] = ones(inner.shape), labels
            result[position] = builtin("exp", inner), labels
    return result


def _one_plus_exp(node: Node) -> Node | None:
    """`v` if the node is `1 + exp(v)`."""
    if not isinstance(node, Sum) or len(node.terms) != 2 or any(c != 1 for c, _ in node.terms):
        return None
    inner = [argument_of_apply(term, "exp") for term in node.arguments if not is_ones(term)]
    return inner[0] if len(inner) == 1 else None


def _quotients(factors: list[Factor]) -> list[Factor]:
    """`sinh(v)/cosh(v) = tanh(v)`, `expm1(w) σ(−w) = tanh(w/2)`, in pairs."""
    result = list(factors)
    for position, (factor, labels) in enumerate(factors):
        inner = argument_of_apply(factor, "expm1")
        partner = (builtin("sigmoid", negate(inner)), labels) if inner is not None else None
        if inner is not None and partner in result:
            result[result.index(partner)] = ones(inner.shape), labels
            result[position] = builtin("tanh", scale(Fraction(1, 2), inner)), labels
        inner = argument_of_apply(factor, "sinh")
        if inner is not None:
            _over_cosh(result, position, inner)
    return result


def _over_cosh(result: list[Factor], position: int, inner: Node) -> None:
    """Turn the factor `sinh(inner)` at `position` into `tanh`, if `cosh` stands below it."""
    labels, below = result[position][1], builtin("cosh", inner)
    for k, (factor, own) in enumerate(result):
        base, exponent = base_and_exponent(factor)
        if base is below and own == labels and exponent <= -1:
            result[k] = power(below, exponent + 1), labels
            result[position] = builtin("tanh", inner), labels
            return
