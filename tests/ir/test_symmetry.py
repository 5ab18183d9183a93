"""Symmetry that follows from how a matrix is made."""

from __future__ import annotations

import pytest

from indexcalc.ir.build import (
    add,
    builtin,
    call,
    delta,
    multiply,
    ones,
    power,
    scale,
    transpose,
    variable,
)
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node
from indexcalc.ir.symmetry import is_symmetric

m, n = Extent.named("m"), Extent.named("n")
A, S, D = (variable(name, (n, n), traits) for name, traits in
           (("A", []), ("S", ["symmetric"]), ("D", ["diagonal"])))  # fmt: skip
s, x, B = variable("s", ()), variable("x", (n,)), variable("B", (m, n))


@pytest.mark.parametrize(
    "node",
    [
        S,
        D,
        power(S, 9),
        builtin("exp", S),
        call("inv", S),
        add(S, D),
        call("inv", add(S, multiply(delta(n), multiply(s, delta(n))))),
        add(S, scale(2, delta(n)), ones((n, n))),
        builtin("maximum", S, D),
    ],
    ids=str,
)
def test_symmetric(node: Node) -> None:
    assert is_symmetric(node)
    assert transpose(node, (1, 0)) is node


@pytest.mark.parametrize(
    "node", [A, B, x, s, call("inv", A), add(S, A), builtin("exp", A)], ids=str
)
def test_not_known_to_be_symmetric(node: Node) -> None:
    assert not is_symmetric(node)


def test_the_search_is_bounded() -> None:
    node: Node = S
    for _ in range(100):
        node = builtin("sin", node)
    assert not is_symmetric(node)
