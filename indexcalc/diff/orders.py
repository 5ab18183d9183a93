"""Derivatives of higher order as derivatives of derivatives.

In: `Derivative` nodes by several variables. Out: the same by one variable each, nested, so that a
caller may simplify between the orders. A mixed derivative by a defined name and by something that
the name is made of has two readings (the name held still, or moving along) and is refused.

>>> from indexcalc.ir.build import variable
>>> f, x, y = variable("f", ()), variable("x", ()), variable("y", ())
>>> (nested,) = one_variable_each([derivative(f, [x, y])], Environment())
>>> nested is derivative(derivative(f, [x]), [y])
True
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.diff.dependence import depends_on
from indexcalc.errors import DifferentiationError
from indexcalc.ir.build import derivative, with_arguments
from indexcalc.ir.environment import Environment
from indexcalc.ir.node import Derivative, Node
from indexcalc.ir.walk import postorder, rewrite


def one_variable_each(roots: Sequence[Node], environment: Environment) -> list[Node]:
    """Nest derivatives by several variables; the order of axes stays.

    Raises `DifferentiationError` where the order of differentiation would matter.
    """
    for node in postorder(roots):
        if isinstance(node, Derivative):
            refuse_entangled(node, environment)
    return rewrite(roots, _nested)


def refuse_entangled(node: Derivative, environment: Environment) -> None:
    """Refuse a derivative by a defined name and by what the name is made of, in one."""
    variables = list(dict.fromkeys(node.variables))
    for name in variables:
        body = environment.definitions.get(name)
        others = [v for v in variables if v is not name]
        if body is None or not others:
            continue
        below = [v.name for v in others if depends_on(body, {v}, environment)]
        if below:
            raise DifferentiationError(
                f"a derivative by {name.name} and by {below[0]}, which {name.name} is made of",
                hint=f"write  ∂(∂…/∂{name.name})/∂{below[0]}  for one derivative after the other",
            )


def _nested(node: Node, arguments: tuple[Node, ...]) -> Node:
    if not isinstance(node, Derivative):
        return with_arguments(node, arguments)
    (result,) = arguments
    for variable in node.variables:
        result = derivative(result, [variable])
    return result
