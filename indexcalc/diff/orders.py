"""Derivatives of higher order as derivatives of derivatives.

In: `Derivative` nodes by several variables. Out: the same by one variable each, nested, so that a
caller may simplify between the orders.

>>> from indexcalc.ir.build import variable
>>> f, x, y = variable("f", ()), variable("x", ()), variable("y", ())
>>> one_variable_each([derivative(f, [x, y])])[0] is derivative(derivative(f, [x]), [y])
True
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.ir.build import derivative, with_arguments
from indexcalc.ir.node import Derivative, Node
from indexcalc.ir.walk import rewrite


def one_variable_each(roots: Sequence[Node]) -> list[Node]:
    """Nest derivatives by several variables; the order of axes stays."""
    return rewrite(roots, _nested)


def _nested(node: Node, arguments: tuple[Node, ...]) -> Node:
    if not isinstance(node, Derivative):
        return with_arguments(node, arguments)
    (result,) = arguments
    for variable in node.variables:
        result = derivative(result, [variable])
    return result
