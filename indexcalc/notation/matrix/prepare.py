"""What the language takes of a vector only, said of the rows of a matrix.

In: a node. Out: an equal one, in which `logsumexp` of each row is `log(exp(X) 1)`, and a softmax of
each row is `exp(X)` over its row sums.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.extent import Extent
>>> X = variable("X", (Extent.named("m"), Extent.named("n")))
>>> prepared(reduce("logsumexp", X, 1)).function.name
'log'
>>> prepared(X) is X
True
"""

from __future__ import annotations

from indexcalc.ir.build import builtin, power, reduce, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Node, Reduce
from indexcalc.ir.walk import postorder
from indexcalc.notation.patterns import softmax_of

__all__ = ["prepared", "reduce"]


def prepared(root: Node) -> Node:
    """The node with functions of rows said in functions of entries and sums."""
    made: dict[Node, Node] = {}
    for node in postorder([root], _inside):
        softmax = softmax_of(node)
        if softmax and len(node.shape) > 1:
            made[node] = _softmax(made[softmax[0]], softmax[1])
        elif softmax:
            made[node] = node  # of a vector; what it is of is written as it stands
        else:
            made[node] = _log_sum(with_arguments(node, [made[part] for part in node.arguments]))
    return made[root]


def _inside(node: Node) -> tuple[Node, ...]:
    softmax = softmax_of(node)
    return (softmax[0],) if softmax else node.arguments


def _softmax(argument: Node, along: tuple[int, ...]) -> Node:
    exponential = builtin("exp", argument)
    axes = tuple(range(len(argument.shape)))
    kept = tuple(axis for axis in axes if axis not in along)
    norm = contract([(exponential, axes)], kept)
    return contract([(exponential, axes), (power(norm, -1), kept)], axes)


def _log_sum(node: Node) -> Node:
    if not (isinstance(node, Reduce) and node.operation == "logsumexp" and node.shape):
        return node
    axes = tuple(range(len(node.argument.shape)))
    exponential = builtin("exp", node.argument)
    return builtin("log", contract([(exponential, axes)], axes[: len(node.shape)]))
