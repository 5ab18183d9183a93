"""Sums and functions of what only repeats along an axis: they repeat along it themselves.

In: a node. Out: an equal one, in which `x_i 1_j + y_i 1_j` is `(x_i + y_i) 1_j`. A text tells the
length of ones that stand alone, not that of ones in every term of a sum.

>>> from indexcalc.ir.build import add, variable
>>> from indexcalc.ir.extent import Extent
>>> m, n = Extent.named("m"), Extent.named("n")
>>> x, y = (broadcast(variable(name, (m,)), (m, n), (0,)) for name in "xy")
>>> type(add(x, y)).__name__, type(gathered(add(x, y))).__name__
('Sum', 'Contraction')
"""

from __future__ import annotations

from indexcalc.ir.build import (
    apply,
    broadcast,
    linear,
    power,
    scale,
    split_multiple,
    with_arguments,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Apply, Contraction, Node, Sum
from indexcalc.ir.walk import rewrite


def gathered(root: Node) -> Node:
    """The node with repetitions moved out of sums and functions."""
    (made,) = rewrite([root], _rule)
    return made


def _rule(old: Node, arguments: tuple[Node, ...]) -> Node:
    node = with_arguments(old, arguments)
    if not node.shape or not isinstance(node, Sum | Apply) or split_multiple(node)[0] != 1:
        return node
    if not node.arguments:
        return node
    common = set.intersection(*map(_repeated_axes, node.arguments))
    if not common:
        return node
    kept = [axis for axis in range(len(node.shape)) if axis not in common]
    shape = tuple(node.shape[axis] for axis in kept)
    inner = [_slice(argument, kept) for argument in node.arguments]
    if isinstance(node, Sum):
        terms = [(c, part) for (c, _), part in zip(node.terms, inner, strict=True)]
        return broadcast(linear(terms, shape), node.shape, kept)
    if node.function.parameter is not None:
        return broadcast(power(inner[0], node.function.parameter), node.shape, kept)
    return broadcast(apply(node.function, *inner), node.shape, kept)


def _repeated_axes(node: Node) -> set[int]:
    """The axes along which all entries are equal, as the form of the node tells it."""
    view = split_multiple(node)[1]
    if not isinstance(view, Contraction) or not view.is_view:
        return set()
    own = {label for labels in view.labels for label in labels}
    alone = [axis for axis, label in enumerate(view.output) if view.output.count(label) == 1]
    return {axis for axis in alone if view.output[axis] not in own}


def _slice(node: Node, kept: list[int]) -> Node:
    """The node without axes along which it only repeats."""
    coefficient, view = split_multiple(node)
    assert isinstance(view, Contraction)
    output = [view.output[axis] for axis in kept]
    factors = zip(view.factors, view.labels, strict=True)
    return scale(coefficient, contract(factors, output, dict(enumerate(view.extents))))
