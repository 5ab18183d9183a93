"""Products of products as one flat product.

In: products among whose factors are products. Out: products of many factors, whose order of
contraction is chosen later, with sizes at hand.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> A, B, x = variable("A", (n, n)), variable("B", (n, n)), variable("x", (n,))
>>> inner = contract([(A, "ij"), (B, "jk")], "ik")
>>> [found] = flatten([contract([(inner, "ik"), (x, "k")], "i")])
>>> len(found.factors)
3

A product is taken into the product that uses it if nothing else does, or if a factor cancels with
one there; one that is shared otherwise stays, since it is computed once for all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from indexcalc.ir.build import split_multiple, with_arguments
from indexcalc.ir.contraction import base_and_exponent, contract, factors_under
from indexcalc.ir.node import Apply, Contraction, Labels, Node
from indexcalc.ir.walk import revise
from indexcalc.simplify.cost import uses
from indexcalc.simplify.product import Factor

MOST_FACTORS = 16  # of a product that others are taken into


def flatten(roots: Sequence[Node]) -> list[Node]:
    """Flatten all products, bottom-up, once."""
    count = uses(roots)
    source: dict[Node, Node] = {}
    shared: set[Node] = set()

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        new = with_arguments(node, arguments)
        if isinstance(new, Contraction) and not new.is_view and has_product(new):
            pairs = zip(node.arguments, arguments, strict=True)
            single = {_shown(now) for old, now in pairs if count.get(old, 0) == 1}
            new = merged(new, single - shared)
        if source.setdefault(new, node) is not node:
            shared.add(new)  # two nodes became one
        return new

    return revise(roots, rule, set(), local=False)


def has_product(node: Contraction) -> bool:
    """Whether a product stands among the factors."""
    return any(isinstance(factor, Contraction) for factor in node.factors)


def _shown(node: Node) -> Node:
    """What a multiple and a view show."""
    _, rest = split_multiple(node)
    if isinstance(rest, Contraction) and rest.is_view and rest.factors:
        return rest.factors[0]
    return rest


def merged(node: Contraction, single: Collection[Node]) -> Node:
    """The product with those products among its factors opened that are in `single` or cancel."""
    if not any(inner in single for inner in node.factors) and not _may_cancel(node):
        return node
    size = len(node.factors)
    extents = list(node.extents)
    parts: list[list[Factor]] = []
    for inner, labels in zip(node.factors, node.labels, strict=True):
        if isinstance(inner, Contraction) and size + len(inner.factors) <= MOST_FACTORS:
            size += len(inner.factors) - 1
            parts.append(factors_under(inner, labels, extents))
        else:
            parts.append([(inner, labels)])
    cancelling = _cancelling(parts)
    factors: list[Factor] = []
    for position, (inner, labels) in enumerate(zip(node.factors, node.labels, strict=True)):
        open_it = position in cancelling or inner in single
        factors += parts[position] if open_it else [(inner, labels)]
    if factors == list(zip(node.factors, node.labels, strict=True)):
        return node
    return contract(factors, node.output, dict(enumerate(extents)))


def _cancelling(parts: list[list[Factor]]) -> set[int]:
    """Parts in which a factor meets its own reciprocal in another part."""
    signs: dict[tuple[Node, Labels], dict[bool, list[int]]] = {}
    for position, part in enumerate(parts):
        for node, labels in part:
            base, exponent = base_and_exponent(node)
            found = signs.setdefault((base, labels), {})
            found.setdefault(exponent > 0, []).append(position)
    return {
        position
        for found in signs.values()
        if len(found) == 2
        for positions in found.values()
        for position in positions
    }


def _may_cancel(node: Contraction) -> bool:
    """Whether there is a reciprocal among the factors, or among theirs."""
    for factor in node.factors:
        for inner in factor.factors if isinstance(factor, Contraction) else (factor,):
            if isinstance(inner, Apply) and base_and_exponent(inner)[1] < 0:
                return True
    return False
