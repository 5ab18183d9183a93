"""What all terms of a sum have in common.

In: a sum of products of atoms. Out: its coefficient, the factors that stand at each entry of every
term, with their exponents, and the sum that is left. Negative exponents go out too, so that what
is left is a polynomial: `1 + 1/x` is `x⁻¹ (x + 1)`.

>>> from indexcalc.ir.build import add, multiply, number, power, variable
>>> x, y = variable("x", ()), variable("y", ())
>>> coefficient, common, rest = content(add(multiply(x, y), multiply(y, power(x, -1))))
>>> [(one.base.name, str(one.exponent)) for one in common]
[('x', '-1'), ('y', '1')]
>>> rest is add(multiply(x, x), number(1))
True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from indexcalc.ir.build import linear, number, power, split_multiple, terms_of
from indexcalc.ir.contraction import base_and_exponent, contract
from indexcalc.ir.extent import Shape
from indexcalc.ir.node import Node
from indexcalc.simplify.product import product_of

Place = tuple[Node, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Factored:
    """`base ^ exponent` along some axes of the whole."""

    base: Node
    axes: tuple[int, ...]
    exponent: Fraction

    def spread(self, node: Node, shape: Shape) -> Node:
        """A node with the axes of the base, repeated to the shape of the whole."""
        return contract([(node, self.axes)], range(len(shape)), dict(enumerate(shape)))


def content(node: Node) -> tuple[Fraction, list[Factored], Node]:
    """The content of a sum; of anything else, all of its factors at each entry.

    `node = coefficient · Π base^exponent · rest`, with `rest` one if nothing is left.
    """
    common = [Factored(*place, least) for place, least in content_places(node).items()]
    rest = divided(node, common)
    coefficient, rest = split_multiple(rest)
    return coefficient, common, rest


def content_places(node: Node) -> dict[Place, Fraction]:
    """The least exponent of each factor that all terms have, or that one has below a fraction."""
    found = [entry_factors(term) for _, term in terms_of(node)]
    common: dict[Place, Fraction] = {}
    for place in sorted({p for factors in found for p in factors}, key=_order):
        least = min(factors.get(place, Fraction(0)) for factors in found)
        if least < 0 or all(place in factors for factors in found):
            common[place] = least
    return common


def divided(node: Node, common: Sequence[Factored]) -> Node:
    """Every term of the node divided by the factors."""
    if not common:
        return node
    taken = [(power(one.base, -one.exponent), one.axes) for one in common]
    terms: list[tuple[Fraction, Node]] = []
    for c, term in terms_of(node):
        product = product_of(term)
        more = [(factor, tuple(product.output[k] for k in axes)) for factor, axes in taken]
        sizes = dict(enumerate(product.extents))
        rest = contract([*product.factors, *more], product.output, sizes)
        terms.append((c * product.coefficient, rest))
    return linear(terms, node.shape)


def entry_factors(term: Node) -> dict[Place, Fraction]:
    """The factors of a product that are not summed over, by base and axes, with exponents."""
    product = product_of(term)
    output = product.output
    found: dict[Place, Fraction] = {}
    for factor, labels in product.factors:
        if factor is number(1) or not set(labels) <= set(output):
            continue
        base, exponent = base_and_exponent(factor)
        place = base, tuple(output.index(label) for label in labels)
        found[place] = found.get(place, Fraction(0)) + exponent
    return found


def _order(place: Place) -> tuple[bytes, tuple[int, ...]]:
    return place[0].digest, place[1]
