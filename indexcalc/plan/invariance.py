"""Which axes of a tensor may be exchanged, because of how it is made.

In: a node. Out: the largest set of axes, three or more, under whose permutations the tensor stays
as it is. The node is written as a sum of products of what cannot be opened any further: a
transposition of two axes has to map these products to each other. That is a proof; a symmetry that
is not seen costs time, not correctness.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.extent import Extent
>>> m, n = Extent.named("m"), Extent.named("n")
>>> A, s = variable("A", (m, n)), variable("s", (m,))
>>> invariant_axes(contract([(s, "i"), (A, "ia"), (A, "ib"), (A, "ic")], "abc"))
(0, 1, 2)
>>> invariant_axes(contract([(s, "i"), (A, "ia"), (A, "ib"), (s, "c")], "abc"))
()
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from indexcalc.errors import FormulaError
from indexcalc.ir.contraction import contract, factors_under
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Labels, Node, Number, Sum

FEWEST_AXES = 3  # to exchange; two are a matter for products of a matrix with its transpose
MOST_PRODUCTS = 128
MOST_FACTORS = 16  # of one product
Products = dict[Node, Fraction]


@dataclass(frozen=True, slots=True)
class _Open:
    """A product that is being opened: factors, the label of each axis, the extent of each label."""

    coefficient: Fraction
    factors: tuple[tuple[Node, Labels], ...]
    output: Labels
    extents: tuple[Extent, ...]

    def next(self) -> int | None:
        """Which factor to open: sums and products that have an axis of the result."""
        shown = set(self.output)
        for position, (node, labels) in enumerate(self.factors):
            if isinstance(node, Number) or (
                isinstance(node, Sum | Contraction) and not shown.isdisjoint(labels)
            ):
                return position
        return None

    def node(self, output: Labels) -> Node:
        """The product, with its axes in another order."""
        return contract(self.factors, output, dict(enumerate(self.extents)))


def invariant_axes(node: Node) -> tuple[int, ...]:
    """The largest set of axes that can be exchanged at will; none if it has fewer than three."""
    try:
        return _proved(node)
    except FormulaError:  # too much work, or a product that has no normal form: not proved
        return ()


def _proved(node: Node) -> tuple[int, ...]:
    alike = [axes for axes in _alike(node) if len(axes) >= FEWEST_AXES]
    products = _expanded(node) if alike else None
    if products is None:
        return ()
    there = _collected(products, ())
    classes: list[set[int]] = []
    for axes in alike:
        group = [{axis} for axis in axes]
        for left, right in combinations(axes, 2):
            first, second = (next(g for g in group if axis in g) for axis in (left, right))
            if first is not second and _collected(products, (left, right)) == there:
                group.remove(second)
                first |= second
        classes += group
    best = max(classes, key=len)
    return tuple(sorted(best)) if len(best) >= FEWEST_AXES else ()


def _alike(node: Node) -> list[list[int]]:
    """Axes with equal extents."""
    groups: dict[Extent, list[int]] = {}
    for axis, extent in enumerate(node.shape):
        groups.setdefault(extent, []).append(axis)
    return list(groups.values())


def _collected(products: list[_Open], swap: tuple[int, ...]) -> Products:
    total: Products = {}
    for product in products:
        node = _swapped(product, swap)
        total[node] = total.get(node, Fraction(0)) + product.coefficient
    return {node: coefficient for node, coefficient in total.items() if coefficient}


def _swapped(product: _Open, swap: tuple[int, ...]) -> Node:
    order = list(product.output)
    for left, right in zip(swap[::2], swap[1::2], strict=True):
        order[left], order[right] = order[right], order[left]
    return product.node(tuple(order))


def _expanded(node: Node) -> list[_Open] | None:
    """The node as a sum of products, or None if there are too many."""
    axes = tuple(range(len(node.shape)))
    stack = [_Open(Fraction(1), ((node, axes),), axes, node.shape)]
    found: list[_Open] = []
    while stack:
        product = stack.pop()
        position = product.next()
        if position is None:
            found.append(product)
        else:
            stack += _opened(product, position)
        if len(found) + len(stack) > MOST_PRODUCTS or len(product.factors) > MOST_FACTORS:
            return None
    return found


def _opened(product: _Open, position: int) -> Iterator[_Open]:
    """The product with one factor opened: a sum gives several."""
    node, labels = product.factors[position]
    others = (*product.factors[:position], *product.factors[position + 1 :])
    match node:
        case Number():
            coefficient = product.coefficient * node.value
            yield _Open(coefficient, others, product.output, product.extents)
        case Sum():
            for own, term in node.terms:
                factors = ((term, labels), *others)
                coefficient = product.coefficient * own
                yield _Open(coefficient, factors, product.output, product.extents)
        case Contraction():
            yield _inlined(product, node, labels, others)
        case _:
            raise AssertionError(node)


def _inlined(
    product: _Open, node: Contraction, labels: Labels, others: tuple[tuple[Node, Labels], ...]
) -> _Open:
    """The factors of a product in place of it; labels that its output repeats become one."""
    extents = list(product.extents)
    inner = factors_under(node, labels, extents)
    same: dict[int, int] = {}
    first: dict[int, int] = {}
    for own, label in zip(node.output, labels, strict=True):
        kept = same.get(first.setdefault(own, label), first[own])
        label = same.get(label, label)  # noqa: PLW2901 - what it has become
        same |= {other: kept for other, now in same.items() if now == label}
        same[label] = kept
    factors = [(f, tuple(same.get(x, x) for x in own)) for f, own in (*inner, *others)]
    output = tuple(same.get(label, label) for label in product.output)
    return _Open(product.coefficient, tuple(factors), output, tuple(extents))
