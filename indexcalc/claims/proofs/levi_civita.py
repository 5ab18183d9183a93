"""Products with the symbol of Levi-Civita.

In: a product. Out: two symbols as a determinant of deltas; one symbol with its indices in one order
and the sign that this takes.

>>> from indexcalc.ir.build import constant, transpose
>>> from indexcalc.ir.extent import Extent
>>> three = Extent.fixed(3)
>>> symbol = constant("levi_civita", (three, three, three))
>>> turned = transpose(symbol, (1, 0, 2))
>>> (sign, one), (other_sign, other) = oriented(symbol), oriented(turned)
>>> one is other, sign == -other_sign
(True, True)
"""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

from indexcalc.ir.build import delta
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Constant, Node
from indexcalc.simplify.product import Factor, Product, product_of

Pieces = list[tuple[Fraction, list[Factor]]]
SYMBOL = "levi_civita"


def _sign(order: tuple[int, ...]) -> int:
    turns = sum(a > b for k, a in enumerate(order) for b in order[k + 1 :])
    return -1 if turns % 2 else 1


ORDERS = [(order, _sign(order)) for order in permutations(range(3))]


def _places(product: Product) -> list[int]:
    return [
        k
        for k, (factor, _) in enumerate(product.factors)
        if isinstance(factor, Constant) and factor.name == SYMBOL
    ]


def determinant(product: Product) -> Pieces | None:
    """`ε_abc ε_def` as the sum over permutations of products of deltas; None without two."""
    places = _places(product)
    if len(places) < 2:
        return None
    first, second = places[:2]
    rest = [factor for k, factor in enumerate(product.factors) if k not in (first, second)]
    rows, columns = product.factors[first][1], product.factors[second][1]
    unit = delta(product.factors[first][0].shape[0])
    return [
        (Fraction(sign), [*rest, *((unit, (rows[k], columns[order[k]])) for k in range(3))])
        for order, sign in ORDERS
    ]


def oriented(node: Node) -> tuple[int, Node]:
    """The sign and the least of the nodes that differ by the order of one symbol's indices.

    The sign is zero if two orders of opposite sign are one node.
    """
    product = product_of(node)
    places = _places(product)
    if len(places) != 1:
        return 1, node
    (place,) = places
    factor, labels = product.factors[place]
    if len(set(labels)) < len(labels):
        return 0, node
    found: dict[Node, int] = {}
    for order, sign in ORDERS:
        turned = factor, tuple(labels[k] for k in order)
        factors = [*product.factors[:place], turned, *product.factors[place + 1 :]]
        other = contract(factors, product.output, dict(enumerate(product.extents)))
        if found.setdefault(other, sign) != sign:
            return 0, node
    least = min(found, key=lambda one: one.digest)
    return found[least], least
