"""Which parts of a formula get a name of their own, so that they are printed once.

In: a node. Out: the nodes below it to be named, arguments before users. A part is named if printing
it again and again would cost more than a line for it. What is not named is printed less than
`DEAREST` symbols too often for each place that uses it, so that the text grows linearly with the
graph, however often the graph shares.

>>> from indexcalc.ir.build import add, builtin, multiply, variable
>>> x = variable("x", ())
>>> y = builtin("sin", add(*(builtin("exp", multiply(x, variable(a, ()))) for a in "abcd")))
>>> shared_parts(multiply(y, builtin("cos", y))) == [y]
True
>>> shared_parts(multiply(x, builtin("cos", x)))
[]
"""

from __future__ import annotations

from collections.abc import Mapping

from indexcalc.ir.node import Constant, Contraction, Node, Number, Size, Variable
from indexcalc.ir.walk import postorder
from indexcalc.notation.patterns import shown_arguments, stripped

DEAREST = 9  # symbols that repeating a part may cost
SMALLEST = 3  # symbols of a part that is worth a name


def shared_parts(*roots: Node) -> list[Node]:
    """The nodes below `roots` to be named, arguments before users.

    Of several formulas of one text, each is a root as often as it is printed.
    """

    def below(node: Node) -> tuple[Node, ...]:
        return () if _is_leaf(node) else shown_arguments(node)

    tops = [stripped(root) for root in roots]
    order = postorder(tops, below)
    inside = {node: below(node) for node in order}
    times = dict.fromkeys(order, 0)
    for top in tops:
        times[top] += 1
    weight, shared = _big_parts(order, inside, dict(times))
    for node in reversed(order):
        if (
            inside[node]
            and weight[node] >= SMALLEST
            and (times[node] - 1) * weight[node] >= DEAREST
        ):
            shared.add(node)
        printed = 1 if node in shared else times[node]
        for argument in inside[node]:
            times[argument] += printed
    return [node for node in order if node in shared]


def _big_parts(
    order: list[Node], inside: Mapping[Node, tuple[Node, ...]], uses: dict[Node, int]
) -> tuple[dict[Node, int], set[Node]]:
    """The weight of each node as printed, and those too big for the number of places they are in.

    This alone keeps the text linear in the graph: what is left is small.
    """
    for node in order:
        for argument in inside[node]:
            uses[argument] += 1
    weight: dict[Node, int] = {}
    shared: set[Node] = set()
    for node in order:
        own = 0 if isinstance(node, Contraction) and node.factors else 1
        weight[node] = own + sum(1 if part in shared else weight[part] for part in inside[node])
        if inside[node] and (uses[node] - 1) * weight[node] >= DEAREST:
            shared.add(node)
    return weight, shared


def _is_leaf(node: Node) -> bool:
    return isinstance(node, Variable | Number | Constant | Size)
