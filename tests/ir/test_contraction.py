"""The normal form of contractions: one object for all spellings, and the right value."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from indexcalc.interpret import interpret
from indexcalc.ir.check import first_fault
from indexcalc.ir.contraction import contract
from tests.strategies import Problem, products, sizes


def by_nested_loops(
    factors: list[Any], output: list[str], known: dict[str, Any], problem: Problem
) -> Any:
    values = problem.values(kind="exact")
    labels = sorted({label for _, own in factors for label in own} | set(output))
    dimensions = problem.dimensions([known[label] for label in labels])
    total = np.zeros(problem.dimensions([known[label] for label in output]), object)
    for point in itertools.product(*map(range, dimensions)):
        at = dict(zip(labels, point, strict=True))
        term = 1
        for node, own in factors:
            term = term * values[node.name][tuple(at[label] for label in own)]
        total[tuple(at[label] for label in output)] += term
    return total


@settings(max_examples=1_000)
@given(products(), sizes(), st.integers(0, 999))
def test_contract_is_the_sum_of_products_in_fractions(
    product: Any, dimensions: dict[str, int], seed: int
) -> None:
    factors, output, known = product
    node = contract(factors, output, known)
    problem = Problem(node, dimensions, seed)
    found = interpret(node, problem.values(kind="exact"), dimensions, exact=True)
    assert (found == by_nested_loops(factors, output, known, problem)).all()
    assert first_fault([node]) is None


@settings(max_examples=5_000)
@given(products(), st.randoms(use_true_random=False))
def test_all_spellings_of_a_product_are_one_object(product: Any, source: Any) -> None:
    factors, output, known = product
    names = dict(zip(known, source.sample(range(100), len(known)), strict=True))
    renamed = [(node, [names[label] for label in labels]) for node, labels in factors]
    for k, (node, labels) in enumerate(renamed):
        if node.symmetric and source.random() < 0.5:
            renamed[k] = (node, labels[::-1])
    source.shuffle(renamed)
    extents = {names[label]: extent for label, extent in known.items()}
    again = contract(renamed, [names[label] for label in output], extents)
    assert again is contract(factors, output, known)
