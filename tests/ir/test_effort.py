"""The bound on work: counted the same everywhere, and only where it is asked for."""

from __future__ import annotations

import pytest

from indexcalc.errors import LimitError
from indexcalc.ir.build import add, builtin, number, variable
from indexcalc.ir.effort import EACH_NODE, NEW_NODE, SHORT_FORMULA, allowance, effort, spend
from indexcalc.ir.node import Node
from indexcalc.ir.walk import postorder


def chain(length: int) -> Node:
    node: Node = variable("x", ())
    for k in range(length):
        node = builtin("sin", add(node, number(k + 1)))
    return node


def test_building_and_walking_are_counted() -> None:
    with effort(10 * NEW_NODE), pytest.raises(LimitError):
        chain(20)
    node = chain(20)
    with effort(30), pytest.raises(LimitError):
        postorder([node])


def test_nodes_that_exist_are_counted_as_new_ones() -> None:
    node = chain(20)
    with effort(10 * NEW_NODE), pytest.raises(LimitError):
        assert chain(20) is node


def test_nothing_is_counted_outside() -> None:
    with effort(0):
        pass
    spend(1)
    assert len(postorder([chain(20)])) == 42  # x, 1, twenty sums, twenty sines


def test_an_inner_bound_does_not_use_up_the_outer_one() -> None:
    with effort(100):
        with effort(1000):
            spend(900)
        spend(100)


def test_long_formulas_may_take_longer() -> None:
    assert allowance(0) == SHORT_FORMULA
    assert allowance(1000) - allowance(0) == 1000 * EACH_NODE
