"""Tensors restricted to a chunk: what becomes of a node when one index runs over a part only.

In: a node and those of its axes that run over the chunk. Out: which restrictions of its arguments
the restricted node is made of, and the node itself with the shorter extent.

>>> from indexcalc.ir.build import variable
>>> m, n, chunk = Extent.named("m"), Extent.named("n"), Extent.named("chunk")
>>> X, w = variable("X", (m, n)), variable("w", (n,))
>>> z = contract([(X, "ij"), (w, "j")], "i")
>>> [(part.node.name, sorted(part.axes)) for part in made_of(Restricted(z, frozenset([0])))]
[('X', [0]), ('w', [])]
>>> parts = [variable("X", (chunk, n)), w]
>>> rebuilt(Restricted(z, frozenset([0])), parts, chunk)
<Contraction[chunk] ...
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from indexcalc.ir.build import linear, reduce, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent, Shape
from indexcalc.ir.node import SCANS, Apply, Contraction, Node, Reduce, Sum

ACCUMULATED = {"max": "maximum", "min": "minimum", "prod": "multiply", "logsumexp": "logaddexp"}


@dataclass(frozen=True, slots=True)
class Restricted:
    """A node of which `axes` run over the chunk; with none of them it is the node itself.

    With a `summed` label, the node is a contraction in which that label runs over the chunk, or a
    reduction of which that axis of the argument does: a contribution to the node. `is_made` marks
    what a loop makes itself, so that it cannot be a slice of it.
    """

    node: Node
    axes: frozenset[int] = frozenset()
    summed: int | None = None
    is_made: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether nothing is restricted."""
        return not self.axes and self.summed is None

    @property
    def chunk_labels(self) -> frozenset[int]:
        """Labels of a contraction that run over the chunk."""
        assert isinstance(self.node, Contraction)
        own = frozenset() if self.summed is None else frozenset([self.summed])
        return own | {self.node.output[axis] for axis in self.axes}


def made_of(part: Restricted, pinned: Collection[Node] = ()) -> list[Restricted] | None:
    """The restrictions of the arguments, in order.

    None if there are none such, as for a row of an inverse, or if the node is `pinned`: it has to
    be made whole, and then sliced.
    """
    if part.is_whole or (part.node in pinned and not part.is_made):
        return None
    match part.node:
        case Sum() | Apply():
            return [Restricted(argument, part.axes) for argument in part.node.arguments]
        case Contraction():
            return _factors(part.node, part)
        case Reduce():
            return _argument(part.node, part)
        case _:
            return None


def _factors(node: Contraction, part: Restricted) -> list[Restricted] | None:
    labels = part.chunk_labels
    if any(x in labels and axis not in part.axes for axis, x in enumerate(node.output)):
        return None  # a delta of which one side is restricted
    return [
        Restricted(factor, frozenset(axis for axis, x in enumerate(own) if x in labels))
        for factor, own in zip(node.factors, node.labels, strict=True)
    ]


def _argument(node: Reduce, part: Restricted) -> list[Restricted] | None:
    kept = len(node.argument.shape) - node.rank
    if any(axis >= kept for axis in part.axes):
        return None  # a running sum needs what is before the chunk
    own = frozenset() if part.summed is None else frozenset([part.summed])
    return [Restricted(node.argument, part.axes | own)]


def rebuilt(part: Restricted, arguments: Sequence[Node], chunk: Extent) -> Node:
    """The restricted node, made of its restricted arguments."""
    node = part.node
    match node:
        case Sum():
            coefficients = [coefficient for coefficient, _ in node.terms]
            pairs = list(zip(coefficients, arguments, strict=True))
            return linear(pairs, shortened(node.shape, part.axes, chunk))
        case Contraction():
            labels = part.chunk_labels
            extents = {x: chunk if x in labels else e for x, e in enumerate(node.extents)}
            factors = list(zip(arguments, node.labels, strict=True))
            return contract(factors, node.output, extents)
        case Reduce():
            return reduce(node.operation, arguments[0], node.rank)
        case Apply():
            return with_arguments(node, arguments)
        case _:
            raise AssertionError(node)


def shortened(shape: Shape, axes: frozenset[int], chunk: Extent) -> Shape:
    """The shape with these axes as long as the chunk."""
    return tuple(chunk if axis in axes else extent for axis, extent in enumerate(shape))


def contributions(node: Node, extent: Extent) -> list[int]:
    """Labels (or axes of an argument) over which a node sums or reduces, of this extent."""
    match node:
        case Contraction():
            return [label for label in node.summed if node.extents[label] == extent]
        case Reduce() if node.operation not in SCANS:
            shape = node.argument.shape
            gone = range(len(shape) - node.rank, len(shape))
            return [axis for axis in gone if shape[axis] == extent]
        case _:
            return []
