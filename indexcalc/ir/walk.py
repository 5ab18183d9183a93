"""The only two loops over the graph: both with an explicit stack.

>>> from indexcalc.ir.build import variable, multiply
>>> x = variable("x", ())
>>> [type(node).__name__ for node in postorder([multiply(x, x)])]
['Variable', 'Contraction']
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from indexcalc.ir.effort import spend
from indexcalc.ir.node import Node


def _arguments(node: Node) -> tuple[Node, ...]:
    return node.arguments


def postorder(
    roots: Iterable[Node], arguments: Callable[[Node], Sequence[Node]] = _arguments
) -> list[Node]:
    """Every node below `roots` once, arguments before users, in an order fixed by the graph.

    `arguments` may be replaced, to look through definitions or to stop early.
    """
    done: set[Node] = set()
    order: list[Node] = []
    stack: list[Node | None] = list(roots)
    stack.reverse()
    while stack:
        node = stack.pop()
        if node is None:  # all below the next one has been visited
            node = stack.pop()
            assert node is not None
        elif node in done:
            continue
        else:
            waiting = [child for child in arguments(node) if child not in done]
            if waiting:
                waiting.reverse()
                stack += (node, None, *waiting)
                continue
        if node not in done:
            done.add(node)
            order.append(node)
    spend(len(order))
    return order


def rewrite(
    roots: Sequence[Node],
    rule: Callable[[Node, tuple[Node, ...]], Node],
    known: Mapping[Node, Node] | None = None,
) -> list[Node]:
    """Rewrite bottom-up: `rule` gets a node and its already rewritten arguments.

    `known` gives results that are fixed in advance; nothing below such a node is visited.
    """
    result: dict[Node, Node] = dict(known or {})
    if result:
        order = postorder(roots, lambda node: () if node in result else node.arguments)
    else:
        order = postorder(roots)
    for node in order:
        if node not in result:
            result[node] = rule(node, tuple([result[child] for child in node.arguments]))
    return [result[root] for root in roots]


def users(order: Iterable[Node]) -> dict[Node, int]:
    """How many times each node of `order` is an argument of a node of `order`."""
    count: dict[Node, int] = {}
    for node in order:
        for child in node.arguments:
            count[child] = count.get(child, 0) + 1
    return count
