"""Walks visit each node once, arguments first, without recursion."""

from __future__ import annotations

from indexcalc.ir.build import add, builtin, multiply, variable, with_arguments
from indexcalc.ir.node import Node
from indexcalc.ir.walk import postorder, rewrite, users

x, y, z = (variable(name, ()) for name in "xyz")


def test_postorder_has_arguments_first_and_each_node_once() -> None:
    node = multiply(builtin("sin", add(x, y)), builtin("cos", add(x, y)))
    order = postorder([node, x])
    assert len(order) == len(set(order))
    place = {below: k for k, below in enumerate(order)}
    for below in order:
        assert all(place[child] < place[below] for child in below.arguments)
    assert order[-1] is node


def test_rewrite_stops_at_what_is_known() -> None:
    inner = builtin("sin", x)
    node = add(inner, y)
    seen: list[Node] = []

    def rule(below: Node, arguments: tuple[Node, ...]) -> Node:
        seen.append(below)
        return with_arguments(below, arguments)

    assert rewrite([node], rule, {inner: z}) == [add(z, y)]
    assert x not in seen
    assert inner not in seen


def test_users_are_counted() -> None:
    node = add(multiply(x, y), builtin("sin", x))
    counts = users(postorder([node]))
    assert counts[x] == 2
    assert counts[y] == 1
    assert node not in counts


def test_a_deep_chain() -> None:
    node: Node = x
    for _ in range(50_000):
        node = builtin("sin", node)
    assert len(postorder([node])) == 50_001
    (moved,) = rewrite([node], with_arguments, {x: y})
    assert postorder([moved])[0] is y
