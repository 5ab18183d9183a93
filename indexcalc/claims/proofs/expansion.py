"""Sums of products of atoms: everything multiplied out.

In: a node whose arguments are multiplied out. Out: the same value as one sum of products, in which
no factor is a sum or a product of its own, so that equal polynomials are one node.

>>> from indexcalc.ir.build import add, multiply, subtract, variable
>>> a, b = variable("a", ()), variable("b", ())
>>> square = multiply(add(a, b), subtract(a, b))
>>> multiplied_out(square) is subtract(multiply(a, a), multiply(b, b))
True
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from indexcalc.claims.proofs.levi_civita import oriented
from indexcalc.claims.proofs.relations import related
from indexcalc.claims.proofs.symmetries import in_one_order
from indexcalc.errors import LimitError
from indexcalc.ir.build import linear, power, split_multiple
from indexcalc.ir.contraction import base_and_exponent, contract, factors_under
from indexcalc.ir.effort import spend
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Labels, Node, Sum
from indexcalc.simplify.product import Factor, Product, product_of

MOST_TERMS = 4000
MOST_FACTORS = 40
HIGHEST_POWER = 8
EACH_TERM = 40  # units of effort
Pieces = Sequence[tuple[Fraction, Sequence[Factor]]]


def multiplied_out(root: Node) -> Node:
    """The node as a sum of products. Raises `LimitError` if that is very long."""
    total: dict[Node, Fraction] = {}
    stack = [(Fraction(1), root)]
    while stack:
        outer, node = stack.pop()
        coefficient, rest = split_multiple(node)
        coefficient *= outer
        if isinstance(rest, Sum):
            stack += [(coefficient * c, term) for c, term in rest.terms]
            continue
        more = _one_step(rest)
        if more is None:
            sign, one = oriented(in_one_order(rest))
            total[one] = total.get(one, Fraction(0)) + sign * coefficient
        else:
            stack += [(coefficient * c, term) for c, term in more]
        spend(EACH_TERM)
        if len(stack) + len(total) > MOST_TERMS:
            raise LimitError(f"more than {MOST_TERMS} terms when it is multiplied out")
    return linear([(c, term) for term, c in total.items()], root.shape)


def _one_step(node: Node) -> list[tuple[Fraction, Node]] | None:
    """The terms that one factor opens into, None if all factors are atoms."""
    product = product_of(node)
    if len(product.factors) > MOST_FACTORS:
        raise LimitError(f"a product of more than {MOST_FACTORS} factors")
    extents = list(product.extents)
    for at, (factor, labels) in enumerate(product.factors):
        pieces = _opened(factor, labels, extents)
        if pieces is not None:
            left = [other for k, other in enumerate(product.factors) if k != at]
            return _terms(product, extents, [(c, [*left, *own]) for c, own in pieces])
    found = related(product)
    return None if found is None else _terms(product, extents, found)


def _terms(product: Product, extents: list[Extent], pieces: Pieces) -> list[tuple[Fraction, Node]]:
    sizes = dict(enumerate(extents))
    return [(c, contract(factors, product.output, sizes)) for c, factors in pieces]


def _opened(factor: Node, labels: Labels, extents: list[Extent]) -> Pieces | None:
    """The products that a factor is a sum of; None for an atom."""
    coefficient, rest = split_multiple(factor)
    if isinstance(rest, Sum):
        return [(coefficient * c, [(term, labels)]) for c, term in rest.terms]
    base, exponent = base_and_exponent(rest)
    if isinstance(base, Sum) and 1 < exponent <= HIGHEST_POWER:
        lower = power(base, exponent - 1)
        return [(coefficient * c, [(term, labels), (lower, labels)]) for c, term in base.terms]
    if isinstance(rest, Contraction) and labels and not rest.is_view:
        return [(coefficient, factors_under(rest, labels, extents))]
    return None
