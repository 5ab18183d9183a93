"""Sums that do not depend on the index of a chunk, as factors of their own.

In: nodes, the extent that is cut. Out: the same values: where a product runs over an index of that
extent, and inside it a sum over another one, the factors of the sum that do not have the
first are a product of their own, which is then made once and not for every chunk.

>>> from indexcalc.ir.build import variable
>>> m, n = Extent.named("m"), Extent.named("n")
>>> X, D, w = variable("X", (m, n)), variable("D", (m, n)), variable("w", (n,))
>>> node = contract([(X, "ij"), (X, "kj"), (D, "kl"), (w, "l")], "ij")
>>> (nested,) = nest([node], m)
>>> sorted(len(factor.arguments) for factor in nested.arguments), nested.summed
([0, 3], ())
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.ir.build import with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Labels, Node
from indexcalc.ir.walk import rewrite


def nest(roots: Sequence[Node], extent: Extent) -> list[Node]:
    """Rewrite every product below the roots."""

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        return _nested(with_arguments(node, arguments), extent)

    return rewrite(roots, rule)


def _nested(node: Node, extent: Extent) -> Node:
    """The product with the first such sum as a factor."""
    if not isinstance(node, Contraction) or len(node.factors) < 3:
        return node
    summed = [label for label in node.summed if node.extents[label] == extent]
    for cut in node.output if summed else ():
        if node.extents[cut] != extent:
            continue
        for label in summed:
            inner = _component(node, label, cut)
            if 1 < len(inner) < len(node.factors):
                return _with_inner(node, inner)
    return node


def _component(node: Contraction, label: int, cut: int) -> list[int]:
    """The factors that sums connect with `label`, if none of them has the index `cut`."""
    found: dict[int, None] = {}
    labels, seen = [label], {label}
    while labels:
        current = labels.pop()
        for position, own in enumerate(node.labels):
            if current not in own or position in found:
                continue
            if cut in own:
                return []
            found[position] = None
            new = [x for x in own if x not in node.output and x not in seen]
            labels += new
            seen.update(new)
    return sorted(found)


def _with_inner(node: Contraction, inner: Sequence[int]) -> Node:
    pairs = list(zip(node.factors, node.labels, strict=True))
    inside = [pairs[position] for position in inner]
    outside = [pair for position, pair in enumerate(pairs) if position not in inner]
    shown = {label for _, own in outside for label in own} | set(node.output)
    kept: Labels = tuple(
        dict.fromkeys(label for _, own in inside for label in own if label in shown)
    )
    product = contract(inside, kept)
    return contract([*outside, (product, kept)], node.output, _extents(node))


def _extents(node: Contraction) -> dict[int, Extent]:
    return {label: node.extents[label] for label in node.output}
