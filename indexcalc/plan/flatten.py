"""Nested products as one product with many factors, so that their order is free to choose.

In: nodes. Out: the same values, in which a product that only one other product uses stands with its
factors there. A product that is larger than all of its factors (an outer product) is opened wherever
it is a factor: it costs less to compute again than to store.

>>> from indexcalc.ir.build import variable
>>> n = Extent.named("n")
>>> A, x, y = variable("A", (n, n)), variable("x", (n,)), variable("y", (n,))
>>> inner = contract([(A, "ij"), (x, "j"), (y, "i")], "i")
>>> (flat,) = flatten([contract([(A, "ik"), (inner, "i")], "k")], frozenset())
>>> len(flat.factors)
4
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

from indexcalc.ir.build import with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Labels, Node
from indexcalc.ir.walk import postorder, rewrite, users

MOST_FACTORS = 24  # of one product; the search for an order takes longer with each


def flatten(roots: Sequence[Node], kept: Collection[Node]) -> list[Node]:
    """Open products inside products, except those in `kept`."""
    uses = users(postorder(roots))
    for root in roots:
        uses[root] = uses.get(root, 0) + 1

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        if not isinstance(node, Contraction) or node.is_view:
            return with_arguments(node, arguments)
        opened = [
            position
            for position, (old, new) in enumerate(zip(node.factors, arguments, strict=True))
            if _is_open(new) and old not in kept and (uses[old] == 1 or _expands(new))
        ]
        return _merged(node, arguments, opened)

    return rewrite(roots, rule)


def _is_open(factor: Node) -> bool:
    return isinstance(factor, Contraction) and not factor.is_view and bool(factor.extents)


def _expands(factor: Node) -> bool:
    """Whether the product sums nothing and has more axes than any factor."""
    assert isinstance(factor, Contraction)
    return not factor.summed and len(factor.output) > max(map(len, factor.labels))


def _merged(node: Contraction, arguments: Sequence[Node], opened: Sequence[int]) -> Node:
    """The product with the factors of its factors at the positions `opened`."""
    room = MOST_FACTORS - len(arguments)
    factors: list[tuple[Node, Sequence[Hashable]]] = []
    extents: dict[Hashable, Extent] = dict(enumerate(node.extents))
    for position, (new, labels) in enumerate(zip(arguments, node.labels, strict=True)):
        inner = len(new.factors) if isinstance(new, Contraction) else 0
        if position not in opened or inner - 1 > room:
            factors.append((new, labels))
            continue
        assert isinstance(new, Contraction)
        room -= inner - 1
        renamed = _outer_labels(new, position, labels)
        extents |= {renamed[k]: extent for k, extent in enumerate(new.extents)}
        factors += [
            (factor, tuple(renamed[label] for label in own))
            for factor, own in zip(new.factors, new.labels, strict=True)
        ]
    return contract(factors, node.output, extents)


def _outer_labels(inner: Contraction, position: int, labels: Labels) -> dict[int, Hashable]:
    """The outer label of each output label of `inner`, a private one for each that it sums."""
    renamed: dict[int, Hashable] = {label: (position, label) for label in range(len(inner.extents))}
    renamed.update(zip(inner.output, labels, strict=True))
    return renamed
