"""The loops over the graph, with an explicit stack.

>>> from indexcalc.ir.build import variable, multiply
>>> x = variable("x", ())
>>> [type(node).__name__ for node in postorder([multiply(x, x)])]
['Variable', 'Contraction']
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import get_args

from indexcalc.ir.effort import spend
from indexcalc.ir.node import Node

KINDS: tuple[type, ...] = get_args(Node)
Rule = Callable[[Node, tuple[Node, ...]], Node]


def postorder(
    roots: Iterable[Node], arguments: Callable[[Node], Sequence[Node]] | None = None
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
            below = node.arguments if arguments is None else arguments(node)
            waiting = [child for child in below if child not in done]
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
    rule: Rule,
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


class Roots(tuple[Node, ...]):
    """Nodes, with what is below them and how often it is used, found once for all who ask."""

    @cached_property
    def order(self) -> list[Node]:
        """Every node below once, arguments first."""
        return postorder(self)

    @cached_property
    def uses(self) -> dict[Node, int]:
        """How often each node is used; being a root is a use."""
        count = users(self.order)
        for root in self:
            count[root] = count.get(root, 0) + 1
        return count


def revise(
    roots: Sequence[Node],
    rule: Rule,
    settled: set[Node],
    *,
    kinds: Collection[type] = KINDS,
    local: bool = True,
) -> list[Node]:
    """As `rewrite`, for a rule that leaves most nodes alone and is applied again and again.

    Nodes in `settled` are passed over unless something below them changes. Those that are of none
    of the `kinds` with which the rule does anything are added, and what a `local` rule (one that
    looks at nothing but the node) leaves; any other rule adds itself what it would leave whatever
    stands elsewhere.
    """
    order = roots.order if isinstance(roots, Roots) else postorder(roots)
    spend(len(order))
    if settled.issuperset(order):
        return list(roots)
    changed: dict[Node, Node] = {}
    for node in order:
        arguments = node.arguments
        if changed and not changed.keys().isdisjoint(arguments):
            arguments = tuple([changed.get(child, child) for child in arguments])
        elif node in settled:
            continue
        elif type(node) not in kinds:
            settled.add(node)
            continue
        new = rule(node, arguments)
        if new is not node:
            changed[node] = new
        elif local and arguments is node.arguments:
            settled.add(node)
    return [changed.get(root, root) for root in roots]


def users(order: Iterable[Node]) -> dict[Node, int]:
    """How many times each node of `order` is an argument of a node of `order`."""
    count: dict[Node, int] = {}
    for node in order:
        for child in node.arguments:
            count[child] = count.get(child, 0) + 1
    return count
