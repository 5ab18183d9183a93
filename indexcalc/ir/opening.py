"""What a product takes apart when a factor comes into it, and what stays as it is.

In: factors with labels. Out: whether a factor opens, and, for most products, the short way to
their normal form: multiples and transposes are looked through, and nothing else is to be done.

>>> from indexcalc.ir.node import Variable, intern
>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> x = intern(Variable, (n,), "x", frozenset())
>>> coefficient, factors = seen_through([(intern(Sum, (n,), ((Fraction(2), x),)), (0,))])
>>> coefficient, factors == [(x, (0,))], is_settled(factors, (0,))
(Fraction(2, 1), True, True)
"""

from __future__ import annotations

from fractions import Fraction

from indexcalc.ir.node import Apply, Contraction, Labels, Node, Number, Sum
from indexcalc.ir.symmetry import is_symmetric

MOST_FLAT = 16  # factors of a scalar product that is dissolved in another one
MOST_LOOKED_AT = 8  # factors of a product that is looked at for a short way to its normal form
MOST_ALIKE = 3  # factors of such a one, if some are equal
ONCE = Fraction(1)
Factor = tuple[Node, Labels]


def opens(node: Contraction, exponent: Fraction) -> bool:
    """Whether a power of this product is the product of the powers of its factors.

    A product with a sum never opens. To the power 1, only views and what `is_dissolved` do, so that
    no work which others share is done twice. A delta survives positive powers only.
    """
    if exponent is ONCE or exponent == 1:
        return node.is_view or is_dissolved(node)
    if node.summed or exponent.denominator != 1:
        return False
    return exponent > 0 or only_rearranges(node)


def is_dissolved(node: Contraction) -> bool:
    """Whether this product does not stay a factor of its own: products of scalars, and powers.

    A long one stays, so that a chain of products is not copied over and over.
    """
    if len(node.factors) > MOST_FLAT or node.summed:
        return False
    first = node.factors[0], node.labels[0]
    is_power = all(factor == first for factor in zip(node.factors, node.labels, strict=True))
    return not node.extents or is_power


def only_rearranges(node: Contraction) -> bool:
    """Whether nothing is embedded on a diagonal: no label of the output repeats."""
    return len(set(node.output)) == len(node.output)


def seen_through(factors: list[Factor]) -> tuple[Fraction, list[Factor]]:
    """The factors without coefficients and transposes, and the product of the coefficients."""
    coefficient = ONCE
    bare: list[Factor] = []
    for whole, labels in factors:
        node = whole
        if isinstance(node, Sum) and len(node.terms) == 1:
            ((own, node),) = node.terms
            coefficient = own if coefficient is ONCE else coefficient * own
        if isinstance(node, Contraction) and node.is_view and _is_transpose(node):
            outer = dict(zip(node.output, labels, strict=True))
            bare.append((node.factors[0], tuple([outer[label] for label in node.labels[0]])))
        else:
            bare.append((node, labels))
    return coefficient, bare


def _is_transpose(view: Contraction) -> bool:
    """Whether the axes of the one factor stand in another order, and that is all."""
    return len(view.labels) == 1 and len(view.labels[0]) == len(view.output) == len(view.extents)


def is_settled(factors: list[Factor], output: Labels) -> bool:
    """Whether nothing is there to be absorbed, collected or split off: so it is in most products.

    No factor opens or is symmetric, all of them are linked to the output, or to each other where
    that is empty, and equal ones are few: their order would count.
    """
    if not 0 < len(factors) <= MOST_LOOKED_AT or not all(_stays(node) for node, _ in factors):
        return False
    nodes = {node for node, _ in factors}
    if len(nodes) < len(factors) and (
        len(factors) > MOST_ALIKE or any(isinstance(node, Contraction) for node in nodes)
    ):
        return False
    reached = set(output) or set(factors[0][1])
    waiting = [labels for _, labels in factors if labels or not output]
    while waiting:
        apart = [labels for labels in waiting if reached.isdisjoint(labels)]
        if len(apart) == len(waiting):
            return False
        for labels in waiting:
            if not reached.isdisjoint(labels):
                reached.update(labels)
        waiting = apart
    return True


def _stays(node: Node) -> bool:
    """Whether a product has this node for a factor as it is."""
    match node:
        case Number():
            return False
        case Sum():
            return len(node.terms) > 1 and not is_symmetric(node)
        case Contraction():
            return not opens(node, ONCE) and not is_symmetric(node)
        case Apply():
            return node.function.parameter is None and not is_symmetric(node)
        case _:
            return not is_symmetric(node)
