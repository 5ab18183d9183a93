"""The short way to the normal form of a product leads to the same node as the long one."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given, settings

from indexcalc.ir import contraction
from indexcalc.ir.build import add, builtin, delta, ones, power, scale, transpose, variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node
from indexcalc.ir.opening import is_settled, seen_through
from tests.strategies import EXTENTS, random_product, seeds

m, n = Extent.named("m"), Extent.named("n")
A, S = variable("A", (n, n)), variable("S", (n, n), ["symmetric"])
W, x, y = variable("W", (m, n)), variable("x", (n,)), variable("y", (n,))


def drawn(source: random.Random, node: Node) -> Node:
    """The node, or a multiple, a function, a power, a sum or a transpose of it."""
    square = len(node.shape) == 2 and node.shape[0] is node.shape[1]
    return source.choice(
        [
            node,
            scale(Fraction(-3, 2), node),
            builtin("tanh", node),
            power(node, 2),
            add(node, builtin("exp", node)),
            add(node, ones(node.shape)),
            transpose(node, (1, 0)) if square else node,
            scale(2, transpose(node, (1, 0))) if square else node,
            add(delta(node.shape[0]), node) if square else node,
            contract([(node, "ij"), (node, "jk")], "ki") if square else node,
        ]
    )


def by_the_long_way(
    monkeypatch: pytest.MonkeyPatch, *product: object
) -> Node:  # same arguments as `contract`
    with monkeypatch.context() as patched:
        patched.setattr(contraction, "is_settled", lambda factors, output: False)
        return contract(*product)  # type: ignore[arg-type]


@settings(max_examples=600)
@given(seeds())
def test_both_ways_meet(seed: int) -> None:
    source = random.Random(seed)
    factors, output, known = random_product(source)
    if source.random() < 0.5:
        factors += [source.choice(factors)] if factors else []
    factors = [(drawn(source, node), labels) for node, labels in factors]
    with pytest.MonkeyPatch.context() as monkeypatch:
        long = by_the_long_way(monkeypatch, factors, output, known)
    assert contract(factors, output, known) is long


def test_the_short_way_is_taken_for_products_of_different_tensors() -> None:
    assert is_settled([(W, (0, 1)), (x, (1,))], (0,))
    assert is_settled([(A, (0, 1)), (x, (0,)), (y, (1,))], ())
    coefficient, bare = seen_through([(scale(-2, transpose(A, (1, 0))), (3, 4))])
    assert (coefficient, bare) == (Fraction(-2), [(A, (4, 3))])


@pytest.mark.parametrize(
    "factors",
    [
        [(S, (0, 1)), (x, (1,))],  # its axes may be swapped
        [(delta(n), (0, 1)), (x, (1,))],
        [(power(x, -1), (0,)), (x, (0,))],
        [(A, (1, 2)), (y, (0,))],  # A is summed by itself
        [(scale(0, x), (0,)), (y, (0,))],
    ],
)
def test_what_opens_or_falls_apart_takes_the_long_way(
    factors: list[tuple[Node, tuple[int, ...]]],
) -> None:
    assert not is_settled(factors, (0,))


def test_all_extents_of_the_strategies_are_single_objects() -> None:
    assert all(Extent(extent.terms) is extent for extent in EXTENTS)
