"""Walks visit each node once, arguments first, without recursion."""

from __future__ import annotations

from hypothesis import given

from indexcalc.ir.build import add, builtin, multiply, variable, with_arguments
from indexcalc.ir.node import Apply, Node
from indexcalc.ir.walk import Roots, postorder, revise, rewrite, users
from tests.strategies import Problem, problems

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


def doubled_sines(below: Node, arguments: tuple[Node, ...]) -> Node:
    new = with_arguments(below, arguments)
    is_sine = isinstance(new, Apply) and new.function.name == "sin"
    return builtin("cos", new.arguments[0]) if is_sine else new


@given(problem=problems())
def test_revising_is_rewriting(problem: Problem) -> None:
    roots = [problem.root, builtin("sin", problem.root)]
    settled: set[Node] = set()
    expected = rewrite(roots, doubled_sines)
    assert revise(roots, doubled_sines, settled) == expected
    assert revise(Roots(roots), doubled_sines, settled) == expected
    assert revise(expected, doubled_sines, settled) == expected


def test_settled_nodes_are_passed_over_until_something_below_changes() -> None:
    inner = add(x, y)
    node = builtin("exp", inner)
    seen: list[Node] = []

    def rule(below: Node, arguments: tuple[Node, ...]) -> Node:
        seen.append(below)
        return with_arguments(below, arguments)

    settled: set[Node] = set()
    assert revise([node], rule, settled) == [node]
    assert settled == {x, y, inner, node}
    seen.clear()
    outer = builtin("sin", node)
    assert revise([outer], rule, settled) == [outer]
    assert seen == [outer]
    assert revise([outer], lambda below, new: z if below is x else rule(below, new), {node}) == [
        builtin("sin", builtin("exp", add(y, z)))
    ]


def test_uses_count_roots_too() -> None:
    roots = Roots([x, add(x, y)])
    assert roots.uses[x] == 2
    assert roots.order == postorder(roots)
