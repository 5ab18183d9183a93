"""What is printed often gets a name; text grows linearly with the graph."""

from __future__ import annotations

import pytest

from indexcalc.ir.build import add, builtin, multiply, variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node
from indexcalc.notation.component import component
from indexcalc.notation.sharing import shared_parts

n = Extent.named("n")
A, x = variable("A", (n, n)), variable("x", (n,))
product = contract([(A, "ij"), (x, "j")], "i")


def nested(depth: int) -> Node:
    node: Node = x
    for _ in range(depth):
        node = add(builtin("sin", node), multiply(node, builtin("cos", node)))
    return node


@pytest.mark.parametrize("depth", [100, 400])
def test_a_graph_that_shares_at_every_level_prints_in_linear_size(depth: int) -> None:
    made = component(nested(depth), ["i"])
    assert len(made.where) <= depth
    assert len(str(made)) < 60 * depth


def test_small_parts_are_repeated() -> None:
    node = multiply(builtin("sin", product), builtin("cos", product))
    assert shared_parts(node) == []


def test_parts_that_are_printed_often_are_named() -> None:
    names = ("sin", "cos", "tan", "tanh", "exp", "log")
    node = multiply(*(builtin(name, product) for name in names))
    assert shared_parts(node) == [product]


def test_arguments_come_before_users() -> None:
    made = component(nested(6), ["i"])
    for number, line in enumerate(made.where, start=1):
        assert line.startswith(f"t{number}_i = ")
        assert f"t{number}_i" not in line.partition(" = ")[2]
