"""What has to be known of a node's users before the node is translated.

In: all nodes in order, and how often each is used. Out: which coefficient a product takes along,
which logistic slopes occur only whole, how results want their axes to lie.

>>> from indexcalc.ir.build import scale, variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.ir.walk import postorder, users
>>> x = variable("x", (Extent.named("n"),))
>>> order = postorder([scale(-3, contract([(x, "i"), (x, "i")], ""))])
>>> list(coefficients(order, users(order)).values())
[Fraction(-3, 1)]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from indexcalc.ir.build import split_multiple
from indexcalc.ir.node import Apply, Contraction, Function, Labels, Node, Sum
from indexcalc.plan.logistic import unsigned

Uses = Mapping[Node, int]


def coefficients(order: Sequence[Node], uses: Uses) -> dict[Node, Fraction]:
    """Coefficients which a product, or a sum of products, with one user takes along.

    A minus stays outside where a function follows that is as cheap for the negative.
    """
    scales: dict[Node, Fraction] = {}
    without_sign = unsigned(order)
    for node in reversed(order):
        if not isinstance(node, Sum):
            continue
        dense = [term for _, term in node.terms if not is_embedding(term)]
        alone = node.terms[0][1] if len(node.terms) == 1 else dense[0] if len(dense) == 1 else None
        for own, inner in node.terms:
            coefficient = own * scales.get(node, 1)
            if node in without_sign and len(node.terms) == 1:
                coefficient = abs(coefficient)
            core = behind_view(inner)
            once = uses[inner] == 1 and uses[core] == 1
            if once and _takes_factor(node, core, coefficient, uses):
                scales[core] = coefficient
            elif once and isinstance(core, Contraction) and not core.is_view:
                # a minus goes into a product that stands alone, or is the only dense term
                scales[core] = coefficient if inner is alone else abs(coefficient)
    return scales


def _takes_factor(node: Sum, core: Node, coefficient: Fraction, uses: Uses) -> bool:
    """Whether a multiple of a sum is taken by its terms: a minus, or if all are products."""
    if not isinstance(core, Sum) or len(core.terms) < 2 or len(node.terms) > 1:
        return False
    inner = [behind_view(term) for _, term in core.terms]
    return coefficient == -1 or all(
        isinstance(term, Contraction) and not term.is_view and uses[term] == 1 for term in inner
    )


def slope_arguments(order: Sequence[Node], uses: Uses) -> set[Node]:
    """Arguments `x` for which `σ(x)` and `σ(−x)` occur only as the product of both."""
    together: dict[Node, int] = {}
    for node in order:
        if isinstance(node, Contraction):
            for left, right in slope_positions(node):
                for position in (left, right):
                    factor = node.factors[position]
                    together[factor] = together.get(factor, 0) + 1
    return {
        node.arguments[0]
        for node, count in together.items()
        if isinstance(node, Apply) and count == uses[node]
    }


def slope_positions(node: Contraction) -> list[tuple[int, int]]:
    """Places of factors `σ(x)` and `σ(−x)` with equal labels."""
    waiting: dict[tuple[Node, Labels], list[tuple[Fraction, int]]] = {}
    found: list[tuple[int, int]] = []
    for k, (factor, labels) in enumerate(zip(node.factors, node.labels, strict=True)):
        if not isinstance(factor, Apply) or factor.function != Function("sigmoid"):
            continue
        coefficient, rest = split_multiple(factor.args[0])
        others = waiting.setdefault((rest, labels), [])
        match = next((item for item in others if item[0] == -coefficient), None)
        if match is None:
            others.append((coefficient, k))
        else:
            others.remove(match)
            found.append((match[1], k))
    return found


def is_embedding(node: Node) -> bool:
    """Whether entries off a diagonal are zero."""
    return (
        isinstance(node, Contraction) and node.is_view and len(set(node.output)) < len(node.output)
    )


def behind_view(node: Node) -> Node:
    """The factor of a view; a scaled term is not looked into."""
    if isinstance(node, Contraction) and node.is_view and node.factors:
        return node.factors[0]
    return node


def layouts(roots: Sequence[Node]) -> dict[Node, Labels]:
    """The order in which results want the axes of the nodes they are made of."""
    wanted: dict[Node, Labels] = {}
    stack: list[tuple[Node, Labels]] = [
        (root, tuple(range(len(root.shape)))) for root in reversed(roots)
    ]
    while stack:
        node, axes = stack.pop()
        if node in wanted:
            continue
        wanted[node] = axes
        if isinstance(node, Sum):
            stack.extend((inner, axes) for _, inner in node.terms)
        elif isinstance(node, Contraction) and node.is_view and node.factors:
            axis_of = {label: k for k, label in enumerate(node.labels[0])}
            if len(axis_of) < len(node.labels[0]):
                continue
            labels = [node.output[axis] for axis in axes]
            inner_axes = tuple(dict.fromkeys(axis_of[x] for x in labels if x in axis_of))
            stack.append((node.factors[0], inner_axes))
    return wanted
