"""Derivatives by variables that are not free to move in every direction.

In: a tensor that has the axes of a variable among its own. Out: its part in the directions that the
variable has. A symmetric matrix moves in symmetric matrices only, so the gradient is the symmetric
part `(G + Gᵀ)/2`, which is the gradient in the space of symmetric matrices; a diagonal
matrix has a diagonal gradient.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> A, G = variable("A", (n, n), ["symmetric"]), variable("G", (n, n))
>>> part = project(G, A, 0)
>>> part is transpose(part, (1, 0)), project(G, G, 0) is G
(False, True)
"""

from __future__ import annotations

from fractions import Fraction

from indexcalc.ir.build import linear, transpose
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Node, Variable


def project(node: Node, variable: Variable, first: int) -> Node:
    """The part of `node` that `variable` can have, in the axes `first` and `first + 1`."""
    if not variable.symmetric or len(variable.shape) != 2:
        return node
    axes = list(range(len(node.shape)))
    if "diagonal" in variable.traits:
        axes[first + 1] = first
        return contract([(node, axes)], axes)
    axes[first], axes[first + 1] = first + 1, first
    half = Fraction(1, 2)
    return linear([(half, node), (half, transpose(node, axes))], node.shape)
