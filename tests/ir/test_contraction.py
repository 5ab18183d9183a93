"""The normal form of contractions: one object for all spellings, and the right value."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from indexcalc.errors import ShapeError
from indexcalc.interpret import interpret
from indexcalc.ir.build import add, delta, ones, power, reciprocal, scale, size, variable
from indexcalc.ir.check import first_fault
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Node, Variable
from tests.strategies import EXTENTS, Problem, random_product, seeds, sizes

m, n = Extent.named("m"), Extent.named("n")
W, x, y = variable("W", (m, n)), variable("x", (n,)), variable("y", (n,))
A = variable("A", (n, n))
HALF = Fraction(1, 2)


def by_nested_loops(
    factors: list[tuple[Node, list[str]]],
    output: list[str],
    known: dict[str, Extent],
    problem: Problem,
) -> Any:
    values = problem.values(kind="exact")
    labels = sorted({label for _, own in factors for label in own} | set(output))
    dimensions = problem.dimensions([known[label] for label in labels])
    total = np.zeros(problem.dimensions([known[label] for label in output]), object)
    for point in itertools.product(*map(range, dimensions)):
        at = dict(zip(labels, point, strict=True))
        term = 1
        for node, own in factors:
            assert isinstance(node, Variable)
            term = term * values[node.name][tuple(at[label] for label in own)]
        total[tuple(at[label] for label in output)] += term
    return total


@settings(max_examples=400)
@given(seeds(), sizes())
def test_contract_is_the_sum_of_products_in_fractions(
    seed: int, dimensions: dict[str, int]
) -> None:
    factors, output, known = random_product(random.Random(seed))
    node = contract(factors, output, known)
    problem = Problem(node, dimensions, seed)
    found = interpret(node, problem.values(kind="exact"), dimensions, exact=True)
    assert (found == by_nested_loops(factors, output, known, problem)).all()
    assert first_fault([node]) is None


def test_all_spellings_of_5000_random_products_are_one_object() -> None:
    source = random.Random(1)
    for _ in range(5_000):
        factors, output, letters = random_product(source)
        names = dict(zip(letters, source.sample(range(100), len(letters)), strict=True))
        renamed = [(node, [names[label] for label in labels]) for node, labels in factors]
        for k, (node, labels) in enumerate(renamed):
            if isinstance(node, Variable) and node.symmetric and source.random() < 0.5:
                renamed[k] = (node, labels[::-1])
        source.shuffle(renamed)
        extents = {names[label]: extent for label, extent in letters.items()}
        again = contract(renamed, [names[label] for label in output], extents)
        assert again is contract(factors, output, letters)


def test_deltas_ones_and_transposes_are_absorbed() -> None:
    assert contract([(delta(n), "ij"), (x, "j")], "i") is x
    assert contract([(delta(n), "ij"), (delta(n), "jk")], "ik") is delta(n)
    assert contract([(delta(n), "ii")], "") is size(n)
    assert contract([(ones((n,)), "i"), (x, "i")], "i") is x
    transposed = contract([(A, "ij")], "ji")
    assert contract([(transposed, "ij"), (x, "j")], "i") is contract([(A, "ji"), (x, "j")], "i")
    assert contract([(transposed, "ij")], "ji") is A


def test_a_product_and_its_transpose_share_the_core() -> None:
    B = variable("B", (n, n))
    plain, transposed = (contract([(A, "ij"), (B, "jk")], output) for output in ("ik", "ki"))
    cores = {node.factors[0] if node.is_view else node
             for node in (plain, transposed) if isinstance(node, Contraction)}  # fmt: skip
    assert len(cores) == 1


def test_a_core_neither_embeds_nor_broadcasts() -> None:
    node = contract([(W, "ij"), (x, "j")], "iki", {"k": n})
    assert isinstance(node, Contraction)
    assert node.is_view
    (core,) = node.factors
    assert core is contract([(W, "ij"), (x, "j")], "i")


def test_equal_factors_are_collected_and_cancel() -> None:
    assert contract([(x, "i"), (reciprocal(x), "i")], "i") is ones((n,))
    assert contract([(x, "i"), (reciprocal(x), "i")], "") is size(n)
    square = contract([(x, "i"), (x, "i")], "")
    assert contract([(square, ""), (reciprocal(square), "")], "") is ones(())
    assert power(power(x, 3), 4) is power(x, 12)


@pytest.mark.parametrize(
    "base",
    [
        scale(2, x),
        contract([(x, "i"), (y, "i")], "i"),
        add(x, y),
        ones((n,)),
        scale(2, ones((n,))),
        contract([(x, "j"), (x, "j")], ""),
        scale(3, ones(())),
        delta(n),
        contract([(x, "i")], "ij", {"j": n}),
        contract([(x, "i")], "ii"),
        power(x, 12),
    ],
    ids=str,
)
def test_roots_multiply_to_their_base(base: Any) -> None:
    axes = range(len(base.shape))
    half = power(base, HALF)
    assert contract([(half, axes), (half, axes)], axes) is base
    cube = contract([(half, axes), (half, axes), (half, axes), (base, axes)], axes)
    mixed = contract([(half, axes), (power(base, -1), axes)], axes)
    assert first_fault([half, cube, mixed, power(half, -2), power(half, -3)]) is None
    assert first_fault([power(base, -3), power(base, 2), power(base, -HALF)]) is None


def test_powers_of_views_and_of_zero_are_worked_out() -> None:
    assert power(delta(n), 2) is delta(n)
    zero = scale(0, x)
    assert power(zero, 2) is zero
    assert power(zero, HALF) is zero


def test_symmetric_variables_have_one_spelling() -> None:
    S = variable("S", (n, n), ["symmetric"])
    assert contract([(S, "ij")], "ji") is S
    assert contract([(S, "ij"), (x, "i")], "j") is contract([(S, "ij"), (x, "j")], "i")
    squared = contract([(S, "ij"), (S, "jk")], "ik")
    assert squared is contract([(S, "ji"), (S, "jk")], "ki")


def test_a_label_has_one_extent() -> None:
    with pytest.raises(ShapeError, match="extents n and m"):
        contract([(W, "ij"), (W, "jk")], "ik")
    with pytest.raises(ShapeError, match="2 labels for a tensor of 1 axes"):
        contract([(x, "ij")], "ij")


def test_a_wide_product_is_quick() -> None:
    scalars = [variable(f"s{k}", ()) for k in range(3_000)]
    vectors: list[Variable] = [variable(f"x{k}", (EXTENTS[1],)) for k in range(3_000)]
    node = contract([*((s, "") for s in scalars), *((v, "i") for v in vectors)], "")
    assert isinstance(node, Contraction)
    assert len(node.factors) == 3_001
