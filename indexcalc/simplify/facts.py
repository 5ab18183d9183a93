"""Facts that the program assumes.

In: nodes, and equations `left = right` between nodes. Out: the nodes with the right side wherever
the left one stands: as a node, as a part of a product, or as a part of a sum.

>>> from indexcalc.ir.build import multiply, number, variable
>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> p, x = variable("p", (n,)), variable("x", (n,))
>>> total = contract([(p, "i")], "")
>>> facts([multiply(total, x)], [(total, number(1))])[0] is x
True
>>> P, y = variable("P", (n, n)), variable("y", (n, n))
>>> rows = contract([(P, "ij")], "i"), contract([], "i", {"i": n})
>>> before = contract([(P, "ij"), (y, "ik")], "ik")
>>> facts([before], [rows])[0] is y
True
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import permutations

from indexcalc.ir.build import linear, scale, split_multiple, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Contraction, Node, Sum
from indexcalc.ir.walk import revise
from indexcalc.simplify.product import Product, product_of

MOST_MATCHED = 3  # factors of a left side that are looked for inside larger products
Fact = tuple[Node, Node]


def facts(
    roots: Sequence[Node], assumptions: Sequence[Fact], settled: set[Node] | None = None
) -> list[Node]:
    """Use each assumption from left to right, bottom-up, once.

    A node is compared with the facts whose left side has an argument in common with it, so that
    many facts do not cost more than few.
    """
    if not assumptions:
        return list(roots)
    whole: dict[Node, Node] = {}
    parts: dict[Node, list[Fact]] = {}
    for left, right in (_oriented(*fact) for fact in assumptions):
        whole.setdefault(left, right)
        if left.arguments:
            parts.setdefault(left.arguments[0], []).append((left, right))

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        new = with_arguments(node, arguments)
        if new in whole:
            return whole[new]
        for argument in dict.fromkeys(new.arguments):
            for left, right in parts.get(argument, ()):
                if isinstance(new, Contraction) and isinstance(left, Contraction):
                    new = _in_product(new, left, right)
                elif isinstance(new, Sum) and isinstance(left, Sum):
                    new = _in_sum(new, left, right)
        return new

    return revise(roots, rule, set() if settled is None else settled)


def _oriented(left: Node, right: Node) -> Fact:
    """The fact for a left side without coefficient, and without a view that can be undone."""
    coefficient, rest = split_multiple(left)
    if coefficient not in (0, 1):
        left, right = rest, scale(1 / coefficient, right)
    if isinstance(left, Contraction) and left.is_view and left.factors:
        labels, output = left.labels[0], left.output
        if len(labels) == len(output) == len(set(labels)) == len(set(output)):
            return left.factors[0], contract([(right, output)], labels)
    return left, right


# --- in sums ----------------------------------------------------------------------------------


def _in_sum(node: Sum, left: Sum, right: Node) -> Node:
    """`a + b + c` for known `a + b`, up to a common coefficient."""
    if node.shape != left.shape or len(left.terms) > len(node.terms):
        return node
    total = {term: c for c, term in node.terms}
    ratios = {total.get(term, Fraction(0)) / c for c, term in left.terms}
    if len(ratios) != 1 or not left.terms or 0 in ratios:
        return node
    ratio = ratios.pop()
    rest = [(c, term) for c, term in node.terms if term not in left.arguments]
    return linear([*rest, (ratio, right)], node.shape)


# --- in products ------------------------------------------------------------------------------


def _in_product(node: Contraction, left: Contraction, right: Node) -> Node:
    """The product with the factors of `left` among its own replaced by `right`."""
    if not left.factors or len(left.factors) > min(MOST_MATCHED, len(node.factors)):
        return node
    whole = product_of(node)
    for positions in _candidates(whole, left):
        names = _matched(whole, left, positions)
        if names is None:
            continue
        kept = [f for k, f in enumerate(whole.factors) if k not in positions]
        replaced = (right, tuple(names[label] for label in left.output))
        factors = [*kept, replaced]
        return contract(factors, whole.output, dict(enumerate(whole.extents)))
    return node


def _candidates(whole: Product, left: Contraction) -> Iterator[tuple[int, ...]]:
    """Ways to find the factors of `left` among those of the product, in order."""
    places = [k for k, (factor, _) in enumerate(whole.factors) if factor in left.factors]
    if len(places) > 8:
        return
    for choice in permutations(places, len(left.factors)):
        if all(whole.factors[k][0] is own for k, own in zip(choice, left.factors, strict=True)):
            yield choice


def _matched(
    whole: Product, left: Contraction, positions: tuple[int, ...]
) -> dict[int, int] | None:
    """Outer labels for those of `left`, if its sums are closed within these factors."""
    names: dict[int, int] = {}
    for position, own in zip(positions, left.labels, strict=True):
        for label, outer in zip(own, whole.factors[position][1], strict=True):
            if names.setdefault(label, outer) != outer:
                return None
    if any(label not in names for label in left.output):
        return None
    outside = set(whole.output)
    for k, (_, own) in enumerate(whole.factors):
        if k not in positions:
            outside.update(own)
    inside = [names[label] for label in left.summed]
    shown = {names[label] for label in left.output}
    closed = not outside.intersection(inside) and not shown.intersection(inside)
    return names if closed and len(set(inside)) == len(inside) else None
