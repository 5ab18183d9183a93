"""Differentials of expressions in the names that stand in them, and what is read off from them.

In: a node, and for each name that moves a variable for how it moves. Out: the differential,
which is linear in these variables; and from one that is linear in `dX` the derivative by `X`.

>>> from indexcalc.ir.build import builtin, multiply, variable
>>> from indexcalc.ir.extent import Extent
>>> x, n = variable("x", ()), Extent.named("n")
>>> dx = moving(x, "dx")
>>> differential(builtin("sin", x), {x: dx}) is multiply(builtin("cos", x), dx)
True
>>> whole_derivative(multiply(builtin("cos", x), dx), dx) is builtin("cos", x)
True
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from indexcalc.diff.forward import forward
from indexcalc.ir.build import linear, variable, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Node, Variable
from indexcalc.ir.walk import postorder, rewrite

DIRECTIONS = {"symmetric": "symmetric", "spd": "symmetric", "diagonal": "diagonal"}


def moving(name: Variable, spelled: str) -> Variable:
    """How the tensor moves: symmetric if the tensor is, but not positive."""
    traits = {DIRECTIONS[trait] for trait in name.traits if trait in DIRECTIONS}
    return variable(spelled, name.shape, traits)


def differential(node: Node, moves: Mapping[Variable, Variable]) -> Node:
    """The differential of `node` when the names in it move as `moves` tells; the rest is fixed.

    Definitions are not looked through. Raises `DifferentiationError` where no rule is known.
    """
    direct = [part for part in postorder([node]) if isinstance(part, Variable) and part in moves]
    return linear([(1, forward(node, name, moves[name])) for name in direct], node.shape)


def substituted(node: Node, move: Variable, value: Node) -> Node:
    """`node` with `value` for the variable."""
    return rewrite([node], with_arguments, {move: value})[0]


def whole_derivative(node: Node, move: Variable) -> Node:
    """The tensor `G` with `node = G · move`, for a node that is linear in `move`.

    Its axes are those of `node`, then those of `move`. What `move` is symmetric in is not used.
    """
    free = variable(move.name, move.shape)
    rank = len(move.shape)
    axes = range(rank)
    extents = dict(enumerate(move.shape * 2))
    unit = contract([], [*axes, *axes], extents) if rank else None
    seed = unit if unit is not None else contract([], ())
    return forward(substituted(node, move, free), free, seed)


def applied(derivative: Node, move: Variable) -> Node:
    """`G · move`: the last axes of `derivative` contracted with those of the variable."""
    rank = len(derivative.shape)
    kept = rank - len(move.shape)
    return contract([(derivative, range(rank)), (move, range(kept, rank))], range(kept))


def occurrences(node: Node, parts: AbstractSet[Node]) -> tuple[int, int]:
    """How often one of `parts` stands in the node as it is printed, and the names in all."""
    found: dict[Node, int] = {}
    names: dict[Node, int] = {}
    for inner in postorder([node]):
        below = inner.arguments
        found[inner] = int(inner in parts) + sum(found[part] for part in below)
        names[inner] = int(not below) + sum(names[part] for part in below)
    return found[node], names[node]
