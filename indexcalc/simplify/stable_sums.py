"""Sums in which exponentials, sigmoids and their kin meet what cancels them.

In: a `Sum`. Out: the same sum with such pairs replaced by one atom, or the node itself.

>>> from indexcalc.ir.build import add, negate, ones, variable
>>> from indexcalc.ir.extent import Extent
>>> u = variable("u", (Extent.named("n"),))
>>> stable_sum(add(ones(u.shape), negate(builtin("sigmoid", u)))) is builtin("sigmoid", negate(u))
True
"""

from __future__ import annotations

from fractions import Fraction

from indexcalc.ir.build import broadcast, builtin, linear, negate, number, scale, split_multiple
from indexcalc.ir.node import Node, Sum
from indexcalc.simplify.views import argument_of, hoisted, is_ones

Terms = dict[Node, Fraction]


def stable_sum(node: Sum) -> Node:
    """The sum in stable atoms, one step; repeats that all terms share are taken out of it."""
    coefficient, inner = split_multiple(node)
    if isinstance(inner, Sum) and inner is not node:
        return scale(coefficient, _stable(inner))
    return _stable(node)


def _stable(node: Sum) -> Node:
    outer = hoisted(node)
    if outer is not node or len(node.terms) < 2:
        return outer
    terms: Terms = {term: coefficient for coefficient, term in node.terms}
    unit = next((term for term in terms if is_ones(term)), None)
    changed = False
    for term in list(terms):
        if term in terms:
            changed = (unit is not None and _with_one(terms, term, unit)) or changed
        if term in terms:
            changed = _with_mirror(terms, term) or _softplus(terms, term) or changed
    if not changed:
        return node
    return linear([(c, term) for term, c in terms.items()], node.shape)


def _put(terms: Terms, coefficient: Fraction, node: Node) -> None:
    inner, rest = split_multiple(node)
    if is_ones(rest):
        rest = broadcast(number(1), node.shape, ())
    terms[rest] = terms.get(rest, Fraction(0)) + coefficient * inner
    if not terms[rest]:
        del terms[rest]


def _with_one(terms: Terms, term: Node, unit: Node) -> bool:
    """`exp v − 1`, `1 − σ(v)`, `1 ± tanh v`, all with one coefficient."""
    one = terms.get(unit, Fraction(0))
    coefficient = terms[term]
    if not one or abs(one) != abs(coefficient):
        return False
    opposite = one == -coefficient
    new: tuple[Fraction, Node] | None = None
    if opposite and (inner := argument_of(term, "exp")) is not None:
        new = coefficient, builtin("expm1", inner)
    elif opposite and (inner := argument_of(term, "sigmoid")) is not None:
        new = one, builtin("sigmoid", negate(inner))
    elif (inner := argument_of(term, "tanh")) is not None:
        new = 2 * one, builtin("sigmoid", scale(-2 if opposite else 2, inner))
    if new is None:
        return False
    del terms[unit], terms[term]
    _put(terms, *new)
    return True


def _with_mirror(terms: Terms, term: Node) -> bool:
    """`σ(v) + σ(−v) = 1`, `softplus(v) − softplus(−v) = v`, `exp v ± exp(−v)`."""
    for name in ("sigmoid", "softplus", "exp"):
        inner = argument_of(term, name)
        if inner is None:
            continue
        mirror = builtin(name, negate(inner))
        coefficient, other = terms[term], terms.get(mirror, Fraction(0))
        if mirror is term or abs(coefficient) != abs(other):
            return False
        new = _mirrored(name, inner, coefficient == other)
        if new is None:
            return False
        del terms[term], terms[mirror]
        _put(terms, coefficient, new)
        return True
    return False


def _mirrored(name: str, inner: Node, same: bool) -> Node | None:
    match name, same:
        case "sigmoid", True:
            return broadcast(number(1), inner.shape, ())
        case "softplus", False:
            return inner
        case "exp", _:
            return scale(2, builtin("cosh" if same else "sinh", inner))
        case _:
            return None


def _softplus(terms: Terms, term: Node) -> bool:
    """`softplus(v) − v = softplus(−v)`, where `v` stands in the sum as a whole or term by term."""
    inner = argument_of(term, "softplus")
    if inner is None:
        return False
    coefficient = terms[term]
    inner_coefficient, rest = split_multiple(inner)
    parts = [(inner_coefficient, rest)]
    if terms.get(rest) != -coefficient * inner_coefficient:
        if not isinstance(rest, Sum):
            return False
        parts = [(inner_coefficient * c, part) for c, part in rest.terms]
    if any(terms.get(part) != -coefficient * c for c, part in parts):
        return False
    del terms[term]
    for _, part in parts:
        del terms[part]
    _put(terms, coefficient, builtin("softplus", negate(inner)))
    return True
