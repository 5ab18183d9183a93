"""Symmetric results by blocks: right for every shape, and only where the symmetry is proved."""

from __future__ import annotations

import tracemalloc
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.ir.build import add, transpose, variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node
from indexcalc.plan.invariance import invariant_axes

rng = np.random.default_rng(5)
m, n = Extent.named("m"), Extent.named("n")
A, B, T = variable("A", (m, n)), variable("B", (m, n)), variable("T", (n, n, n))
s = variable("s", (m,))


def moment(*factors: tuple[Node, str], output: str = "abc") -> Node:
    return contract(factors, output)


# --- the proof ----------------------------------------------------------------------------------


def test_a_moment_is_symmetric() -> None:
    assert invariant_axes(moment((s, "i"), (A, "ia"), (A, "ib"), (A, "ic"))) == (0, 1, 2)


def test_two_equal_factors_of_three_are_not_enough() -> None:
    assert invariant_axes(moment((s, "i"), (A, "ia"), (A, "ib"), (B, "ic"))) == ()


def test_a_tensor_is_not_symmetric() -> None:
    assert invariant_axes(T) == ()
    assert invariant_axes(add(T, transpose(T, (1, 0, 2)))) == ()
    assert invariant_axes(add(T, transpose(T, (1, 2, 0)), transpose(T, (2, 0, 1)))) == ()


def test_all_orders_of_a_tensor_are() -> None:
    every = [transpose(T, order) for order in permutations(range(3))]
    assert invariant_axes(add(*every)) == (0, 1, 2)


def test_an_open_sum_is_seen_through() -> None:
    both = add(A, B)
    whole = moment((both, "ia"), (both, "ib"), (both, "ic"))
    assert invariant_axes(whole) == (0, 1, 2)
    mixed = moment((both, "ia"), (both, "ib"), (A, "ic"))
    rest = moment((both, "ia"), (both, "ib"), (B, "ic"))
    assert invariant_axes(mixed) == ()
    assert invariant_axes(add(mixed, rest)) == (0, 1, 2)


def test_an_axis_besides_stays_where_it_is() -> None:
    rows = moment((A, "ia"), (A, "ib"), (A, "ic"), output="iabc")
    assert invariant_axes(rows) == (1, 2, 3)
    diagonal = contract([(T, "abc")], "aabc")
    assert invariant_axes(diagonal) == ()


# --- the loop -----------------------------------------------------------------------------------

LSE = "z_i = A_ij x_j\nf = log(sum_i exp(z_i))"
LOGISTIC = "z_i = y_i A_ij x_j\nf = sum_i log(1 + exp(-z_i)) + sum_j exp(x_j)"
ROWS = "f_b = sum_i C_bi tanh(A_ij x_j)"


CASES = [
    (LSE, "∂³f/∂x_a∂x_b∂x_c", {"m": 200, "n": 32}),
    (LOGISTIC, "∂³f/∂x_a∂x_b∂x_c", {"m": 200, "n": 32}),
    (ROWS, "∂³f_b/∂x_i∂x_j∂x_k", {"m": 3, "n": 200, "p": 32}),
    ("M_abc = s_i A_ia A_ib A_ic - u_a u_b u_c", "M", {"n": 200, "m": 32}),
    ("M_abcd = s_i A_ia A_ib A_ic A_id", "M", {"n": 200, "m": 32}),
]


@pytest.mark.parametrize(("text", "query", "planned"), CASES)
def test_every_shape_agrees_with_other_code(text: str, query: str, planned: dict[str, int]) -> None:
    program = ic.Program(text)
    function = program.compile(query, sizes=planned)
    assert "for start in range" in function.source
    namespace: dict[str, Any] = {}
    exec(function.source, namespace)
    by_blocks = namespace["evaluate"]
    at_once = program.compile(query, sizes=dict.fromkeys(planned, 2))
    for first, second, third in product((1, 2, 9), (1, 5, 17), (1, 7, 8, 16)):
        sizes = {"m": first, "n": second, "p": third}
        given = {
            name: rng.normal(size=[extent.evaluate(sizes) for extent in shape])
            for name, shape in function._spec.expected.arrays
        }
        expected = at_once(**given)
        np.testing.assert_allclose(by_blocks(**given), expected, rtol=1e-9, atol=1e-11)


def test_nothing_to_sum_and_nothing_to_fill() -> None:
    function = ic.Program("M_abc = s_i A_ia A_ib A_ic").compile("M", sizes={"n": 200, "m": 32})
    namespace: dict[str, Any] = {}
    exec(function.source, namespace)
    assert not namespace["evaluate"](np.zeros(0), np.zeros((0, 9))).any()
    assert namespace["evaluate"](np.zeros(3), np.zeros((3, 0))).shape == (0, 0, 0)


@pytest.mark.parametrize("dtype", ["float32", "complex128"])
def test_other_dtypes(dtype: str) -> None:
    program = ic.Program("M_abc = s_i A_ia A_ib A_ic")
    given = {"s": rng.normal(size=300), "A": rng.normal(size=(300, 30))}
    cast = {name: array.astype(dtype) for name, array in given.items()}
    if dtype == "complex128":
        cast["A"] = cast["A"] * (1 + 0.5j)
    function = program.compile("M", sizes={"n": 300, "m": 30})
    found = function(**cast)
    assert "for start in range" in function.source
    expected = np.einsum("i,ia,ib,ic->abc", cast["s"], cast["A"], cast["A"], cast["A"])
    assert found.dtype == dtype
    np.testing.assert_allclose(
        found, expected, rtol=1e-3 if dtype == "float32" else 1e-10, atol=1e-2
    )


def test_small_results_and_short_sums_are_computed_at_once() -> None:
    program = ic.Program("M_abc = s_i A_ia A_ib A_ic")
    for sizes in ({"n": 500, "m": 8}, {"n": 4, "m": 64}):
        assert "for start" not in program.compile("M", sizes=sizes).source


def test_user_names_stay_clear_of_the_loop() -> None:
    program = ic.Program("stop_abc = start_i rest_ia rest_ib rest_ic")
    function = program.compile("stop", sizes={"n": 200, "m": 40})
    start, rest = rng.normal(size=20), rng.normal(size=(20, 11))
    expected = np.einsum("i,ia,ib,ic->abc", start, rest, rest, rest)
    np.testing.assert_allclose(function(start=start, rest=rest), expected, rtol=1e-10, atol=1e-12)


def test_the_cost_counts_what_is_left() -> None:
    program = ic.Program("M_abc = s_i A_ia A_ib A_ic")
    whole = program.compile("M", sizes={"n": 200, "m": 8}).cost.at({"n": 200, "m": 100})
    function = program.compile("M", sizes={"n": 200, "m": 100})
    part = function.cost.at({"n": 200, "m": 100})
    assert 0.3 * whole.flops < part.flops < 0.55 * whole.flops
    assert "orders of" in function.explain()


def test_the_memory_of_a_block_is_counted() -> None:
    program = ic.Program("M_abc = s_i A_ia A_ib A_ic")
    function = program.compile("M", sizes={"n": 3_000, "m": 40})
    given = {"s": rng.normal(size=3_000), "A": rng.normal(size=(3_000, 40))}
    function(**given)
    tracemalloc.start()
    function(**given)
    measured = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    counted = function.cost.numbers.peak_bytes
    assert 0.9 * measured < counted < 1.3 * measured
