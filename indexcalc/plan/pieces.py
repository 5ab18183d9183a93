"""A tensor as a sum of pieces, each with a pattern: what can be written or added part by part.

In: a node. Out: pieces: a multiple of a node that is neither a sum nor a view, and labels that
say where its entries lie in the tensor.

>>> from indexcalc.ir.build import add, contract, variable
>>> n = Extent.named("n")
>>> a, B = variable("a", (n,)), variable("B", (n, n))
>>> node = add(contract([(a, "i")], "ii"), contract([(B, "ji")], "ij"))
>>> sorted((piece.core.name, piece.labels, piece.pattern) for piece in pieces_of(node))
[('B', (1, 0), (0, 1)), ('a', (0,), (0, 0))]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from indexcalc.ir.build import linear, ones
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent, Shape
from indexcalc.ir.node import Contraction, Labels, Node, Sum

MOST_PIECES = 64


@dataclass(frozen=True, slots=True)
class Piece:
    """`coefficient · core`, whose axes have `labels`, where axes with equal labels agree.

    `pattern` has the label of each axis of the whole tensor; one that `labels` lacks is repeated
    along.
    """

    coefficient: Fraction
    core: Node
    labels: Labels
    pattern: Labels

    def inside(self) -> Labels:
        """The labels of the pattern once each, those that the core has, in their order."""
        return tuple(x for x in dict.fromkeys(self.pattern) if x in self.labels)


def pieces_of(node: Node) -> list[Piece]:
    """The pieces, in the order of the graph; of a very long sum, the node itself is one piece."""
    axes = tuple(range(len(node.shape)))
    whole = Piece(Fraction(1), node, axes, axes)
    stack, found = [whole], []
    while stack:
        piece = stack.pop()
        core = piece.core
        match core:
            case Sum():
                opened = [
                    Piece(piece.coefficient * c, term, piece.labels, piece.pattern)
                    for c, term in core.terms
                ]
                stack.extend(reversed(opened))
            case Contraction(is_view=True):
                stack.append(_through(core, piece))
            case _:
                found.append(piece)
        if len(stack) + len(found) > MOST_PIECES:
            return [whole]
    return found


def _through(view: Contraction, piece: Piece) -> Piece:
    """The piece with what the view shows in place of the view."""
    outer: dict[int, int] = {}
    same: dict[int, int] = {}
    for inner, label in zip(view.output, piece.labels, strict=True):
        first = _root(same, outer.setdefault(inner, label))
        if first != _root(same, label):
            same[_root(same, label)] = first
    pattern = tuple(_root(same, label) for label in piece.pattern)
    if not view.factors:
        return Piece(piece.coefficient, ones(()), (), pattern)
    labels = tuple(_root(same, outer[inner]) for inner in view.labels[0])
    return Piece(piece.coefficient, view.factors[0], labels, pattern)


def _root(same: Mapping[int, int], label: int) -> int:
    while label in same:
        label = same[label]
    return label


def together(
    terms: Sequence[tuple[Piece, Node, Labels]], shape: Shape, extents: Mapping[int, Extent]
) -> Node:
    """The sum of pieces: each with what stands for its core, and its pattern in the sum."""
    return linear(
        [
            (piece.coefficient, contract([(node, piece.labels)], output, _among(output, extents)))
            for piece, node, output in terms
        ],
        shape,
    )


def _among(labels: Labels, extents: Mapping[int, Extent]) -> dict[int, Extent]:
    """The extents of these labels only: others would be summed over."""
    return {label: extents[label] for label in labels}
