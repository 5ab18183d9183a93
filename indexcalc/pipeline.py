"""The order of the passes, from elaborated nodes to nodes that are printed or made into code.

In: nodes with definitions closed and derivatives not worked out. Out: nodes for code, in terms of
inputs, or nodes for display, in the program's own names.

>>> from indexcalc.ir.build import builtin, variable
>>> w = variable("w", ())
>>> slope = derivative(builtin("exp", w), [w])
>>> worked_out([slope], NO_NAMES)[0] is builtin("exp", w)
True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indexcalc.collection import uncollected
from indexcalc.diff.derivative import expand, expand_innermost
from indexcalc.diff.orders import one_variable_each
from indexcalc.ir.build import derivative
from indexcalc.ir.effort import allowance, effort
from indexcalc.ir.environment import Environment
from indexcalc.ir.extent import Extent, Shape
from indexcalc.ir.node import Contraction, Derivative, Node, Size, Variable
from indexcalc.ir.walk import postorder
from indexcalc.simplify.inline import derivatives_left, inline
from indexcalc.simplify.passes import simplify, simplify_for_display
from indexcalc.simplify.stabilise import stabilise

NO_NAMES = Environment()
Input = tuple[str, Shape]


def worked_out(roots: Sequence[Node], environment: Environment, *, real: bool = True) -> list[Node]:
    """Nodes in terms of inputs, stable, with every derivative worked out: what code is made of.

    Atoms are made stable before they are differentiated (so no pattern has to be found in a
    derivative), and derivatives are worked out from the inside, one level a round. The identities
    behind that hold for real numbers; with `real=False` formulas stay as they were written. Raises
    `LimitError` if the formula grows out of proportion.
    """
    with effort(_allowance(roots, environment)):
        return _worked_out(roots, environment, real)


def _worked_out(roots: Sequence[Node], environment: Environment, real: bool) -> list[Node]:
    nodes = list(roots)
    while True:
        nodes = _opened(nodes, environment, real)
        if not derivatives_left(nodes):
            break
        nodes = expand_innermost(nodes, environment)
    sides = [side for fact in environment.assumptions for side in fact]
    opened = _opened(expand(sides, environment), environment, real) if sides else []
    facts = tuple(zip(opened[::2], opened[1::2], strict=True))
    return simplify(nodes, Environment(assumptions=facts), real=real)


def _opened(nodes: Sequence[Node], environment: Environment, real: bool) -> list[Node]:
    opened = inline(nodes, environment, differentiate)
    return stabilise(opened) if real else opened


@uncollected()
def as_displayed(root: Node, environment: Environment) -> Node:
    """The node with every derivative worked out in the program's own names: what is printed.

    Names are put back after each order, so that the next one goes through `ŷ`, not through what
    `ŷ` stands for. Assumptions hold at a point, not around it, and wait for the last order. A
    defined name alone shows its definition, and what has no derivatives stays as it was written.
    Raises `LimitError` if the formula grows out of proportion.
    """
    with effort(_allowance([root], environment)):
        return _as_displayed(root, environment)


def _as_displayed(root: Node, environment: Environment) -> Node:
    known = dict(environment.definitions)
    if isinstance(root, Variable):
        root = known.pop(root, root)
    if not derivatives_left([root]):
        return root
    definitions = dict(zip(known, stabilise(list(known.values())), strict=True))
    stable = Environment(definitions, environment.functions, environment.assumptions)
    nodes = one_variable_each(stabilise([root]), environment)
    names = Environment(known, environment.functions)
    is_short = False
    while derivatives_left(nodes):
        nodes = expand_innermost(nodes, stable)
        nodes = simplify_for_display(nodes, _held(names, nodes))
        is_short = True
    if environment.assumptions or not is_short:
        facts = replace(names, assumptions=environment.assumptions)
        nodes = simplify_for_display(nodes, facts)
    return nodes[0]


def _held(names: Environment, nodes: Sequence[Node]) -> Environment:
    """The names that may be put back before further derivatives are worked out.

    One that such a derivative is by moves on its own, and is then not what its definition says.
    """
    moved = {v for n in postorder(nodes) if isinstance(n, Derivative) for v in n.variables}
    held = {name: body for name, body in names.definitions.items() if name not in moved}
    return replace(names, definitions=held)


def _allowance(roots: Sequence[Node], environment: Environment) -> int:
    functions = [function.body for function in environment.functions.values()]
    nodes = postorder([*roots, *environment.definitions.values(), *functions])
    orders = sum(len(node.variables) for node in nodes if isinstance(node, Derivative))
    return allowance(sum(1 + len(node.arguments) for node in nodes) + orders)


def differentiate(body: Node, parameter: Variable) -> Node:
    """The derivative of a defined function's body by one of its parameters."""
    return expand([derivative(body, [parameter])], NO_NAMES)[0]


def named_nodes(environment: Environment) -> dict[Node, str]:
    """What definitions are in terms of inputs: these nodes keep their names in generated code."""
    variables = [v for v, body in environment.definitions.items() if not derivatives_left([body])]
    nodes = stabilise(inline(variables, environment, differentiate))
    return {node: v.name for v, node in zip(variables, nodes, strict=True)}


def definite_nodes(environment: Environment) -> frozenset[Node]:
    """What definitions declared symmetric and positive definite are in terms of inputs."""
    variables = [v for v in environment.definitions if "spd" in v.traits]
    nodes = worked_out(variables, environment) if variables else []
    return frozenset(nodes) | frozenset(_opened(variables, environment, real=True))


def needed_inputs(arguments: Sequence[Input], nodes: Sequence[Node]) -> list[Input]:
    """Those inputs that the nodes are computed from, or that alone tell the size of an axis.

    `∂(x_i A_ij y_j)/∂A_kl` does not need `A`: `x` and `y` have its sizes.
    """
    parts = postorder(nodes)
    used = {part.name for part in parts if isinstance(part, Variable)}
    wanted = {name for part in parts for extent in _extents(part) for name in extent.names}
    told: set[str] = set()
    kept: set[str] = set()
    for only_used in (True, False):
        for name, shape in arguments:
            tells = {e.name for e in shape if e.name is not None}
            if name in used if only_used else (wanted - told) & _names(shape):
                kept.add(name)
                told |= tells
    return [(name, shape) for name, shape in arguments if name in kept]


def _extents(node: Node) -> tuple[Extent, ...]:
    if isinstance(node, Contraction):
        return node.shape + node.extents
    return (node.extent,) if isinstance(node, Size) else node.shape


def _names(shape: Shape) -> set[str]:
    return {name for extent in shape for name in extent.names}
