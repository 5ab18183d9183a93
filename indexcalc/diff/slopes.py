"""The derivative of a reduction, as weights of its argument's entries.

In: a `Reduce` node that is not a scan. Out: a tensor of its argument's shape, with which tangents
are contracted over the reduced axes and which cotangents are multiplied with.

| reduction | weight of an entry |
|---|---|
| `max`, `min` | 1 / (number of entries that attain it), where it is attained; else 0 |
| `prod` | the product of all *other* entries, without rounding at zeros and large entries |
| `logsumexp` | `exp(x − logsumexp x)`, the softmax |

>>> from indexcalc.ir.build import reduce, variable
>>> from indexcalc.ir.extent import Extent
>>> weights(reduce("logsumexp", variable("x", (Extent.named("n"),)), 1)).function.name
'exp'
"""

from __future__ import annotations

from indexcalc.errors import DifferentiationError
from indexcalc.ir.build import broadcast, builtin, delta, ones, reciprocal, reduce, subtract
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Shape
from indexcalc.ir.node import Node, Reduce


def weights(node: Reduce) -> Node:
    """`∂node/∂argument` for each group of reduced entries; the argument's shape."""
    match node.operation:
        case "max" | "min":
            return _share_of_winners(node)
        case "prod":
            return _product_of_others(node.argument, node.rank)
        case "logsumexp":
            return builtin("exp", subtract(node.argument, _repeated(node, node.argument.shape)))
        case operation:
            raise DifferentiationError(f"no derivative is known for the reduction {operation}")


def _repeated(node: Node, shape: Shape) -> Node:
    return broadcast(node, shape, range(len(node.shape)))


def _share_of_winners(node: Reduce) -> Node:
    shape = node.argument.shape
    axes = range(len(shape))
    kept = axes[: len(node.shape)]
    winners = builtin("eq", node.argument, _repeated(node, shape))
    count = contract([(winners, axes)], kept)
    return contract([(winners, axes), (reciprocal(count), kept)], axes)


def _product_of_others(argument: Node, rank: int) -> Node:
    """`Π_j where(δ_ij, 1, x_j)`: entry `i` is replaced by 1, not divided out or subtracted."""
    kept = tuple(range(len(argument.shape) - rank))
    this = tuple(range(len(kept), len(kept) + rank))
    other = tuple(range(len(kept) + rank, len(kept) + 2 * rank))
    shape = argument.shape + argument.shape[len(kept) :]
    extents = dict(enumerate(shape))
    axes = kept + this + other
    everywhere = contract([(argument, kept + other)], axes, extents)
    pairs = zip(this, other, strict=True)
    same = contract([(delta(extents[k]), (k, other_k)) for k, other_k in pairs], axes, extents)
    return reduce("prod", builtin("where", same, ones(shape), everywhere), rank)
