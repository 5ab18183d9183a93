"""What depends on what, looking through definitions.

In: nodes, and the environment whose definitions the chain rule follows. Out: the nodes below them
in order, and whether a variable is among them.

>>> from indexcalc.ir.build import builtin, variable
>>> x, z = variable("x", ()), variable("z", ())
>>> chain = Environment({z: builtin("sin", x)})
>>> depends_on(builtin("exp", z), {x}, chain), depends_on(builtin("exp", z), {x}, Environment())
(True, False)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from indexcalc.ir.environment import Environment
from indexcalc.ir.node import Node, Variable
from indexcalc.ir.walk import postorder

NO_DEFINITIONS = Environment()


def arguments_through(
    environment: Environment, cut: Collection[Variable] = ()
) -> Callable[[Node], Sequence[Node]]:
    """The arguments of a node, where a defined name that is not in `cut` has its body as one."""
    definitions = environment.definitions

    def arguments(node: Node) -> Sequence[Node]:
        if isinstance(node, Variable) and node not in cut and node in definitions:
            return (definitions[node],)
        return node.arguments

    return arguments


def dependents(
    order: Sequence[Node],
    variables: Collection[Variable],
    arguments: Callable[[Node], Sequence[Node]],
) -> set[Node]:
    """The nodes of `order` (arguments first) that are or depend on one of `variables`."""
    found: set[Node] = set()
    for node in order:
        if node in variables or any(child in found for child in arguments(node)):
            found.add(node)
    return found


def depends_on(node: Node, variables: Collection[Variable], environment: Environment) -> bool:
    """Whether the value of `node` may change with one of `variables`."""
    order = postorder([node], arguments_through(environment, variables))
    return any(step in variables for step in order)
