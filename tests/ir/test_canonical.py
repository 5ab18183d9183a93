"""Equal factors in every order, up to the cap and beyond it."""

from __future__ import annotations

import random
import time

from indexcalc.interpret import interpret
from indexcalc.ir.build import variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node

n = Extent.named("n")
A, S = variable("A", (n, n)), variable("S", (n, n), ["symmetric"])


def cycle(node: Node, labels: list[int]) -> list[tuple[Node, tuple[int, int]]]:
    return [(node, pair) for pair in zip(labels, labels[1:] + labels[:1], strict=True)]


def test_cycles_of_equal_factors_have_one_form() -> None:
    source = random.Random(3)
    for length in range(2, 7):
        labels = list(range(length))
        reference = contract(cycle(A, labels), ())
        for _ in range(20):
            factors = cycle(A, source.sample(range(50), length))
            source.shuffle(factors)
            assert contract(factors, ()) is reference


def test_paths_of_symmetric_factors_have_one_form() -> None:
    source = random.Random(4)
    for length in range(1, 5):
        reference = contract([(S, (k, k + 1)) for k in range(length)], (0, length))
        for _ in range(20):
            names = source.sample(range(50), length + 1)
            factors = [
                (S, tuple(source.sample([names[k], names[k + 1]], 2))) for k in range(length)
            ]
            source.shuffle(factors)
            assert contract(factors, (names[0], names[-1])) is reference


def test_beyond_the_cap_the_value_is_right_and_the_order_deterministic() -> None:
    start = time.process_time()
    labels = list(range(9))
    one, other = contract(cycle(A, labels), ()), contract(cycle(A, labels), ())
    assert one is other
    at = {"A": [[0.5, 1.0], [0.25, -1.0]]}
    power = [[1.0, 0.0], [0.0, 1.0]]
    for _ in labels:
        power = [[sum(row[k] * at["A"][k][j] for k in range(2)) for j in range(2)] for row in power]
    assert abs(interpret(one, at, {"n": 2}) - power[0][0] - power[1][1]) < 1e-12
    many = contract([(A, (k, k + 1)) for k in range(300)], (0,))
    assert len(many.arguments) == 300
    assert time.process_time() - start <= 10
