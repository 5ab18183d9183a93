"""Deltas out of sums, sums out of products, factors out of sums: when, and when not."""

from __future__ import annotations

from indexcalc.ir.build import (
    add,
    builtin,
    delta,
    linear,
    multiply,
    ones,
    reciprocal,
    scale,
    subtract,
    variable,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.environment import Environment
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Node, Sum
from indexcalc.ir.walk import postorder
from indexcalc.simplify.algebra import algebra
from indexcalc.simplify.deltas import deltas
from indexcalc.simplify.distribute import MOST_OPENED, distribute
from indexcalc.simplify.factor import factor
from indexcalc.simplify.flatten import flatten
from indexcalc.simplify.passes import simplify

M, N = Extent.named("m"), Extent.named("n")
A, B, C = (variable(name, (N, N)) for name in "ABC")
X, Y, V = (variable(name, (N,)) for name in "xyv")
W = variable("w", (M,))


# --- deltas -----------------------------------------------------------------------------------


def test_equal_deltas_are_one_over_a_sum() -> None:
    left = contract([(X, "i"), (Y, "j")], "iij")
    right = contract([(V, "i"), (Y, "j")], "iij")
    (found,) = deltas([add(left, right)])
    assert isinstance(found, Contraction)
    assert found.is_view
    assert found.output == (0, 0, 1)


def test_terms_off_the_delta_stay_beside_it() -> None:
    node = linear(
        [(1, contract([(X, "i")], "ii")), (2, contract([(Y, "i")], "ii")), (1, A)], (N, N)
    )
    (found,) = deltas([node])
    assert found is add(contract([(add(X, scale(2, Y)), "i")], "ii"), A)


def test_a_repeat_that_all_terms_share_is_outside() -> None:
    wide = add(contract([(X, "i")], "ij", {"j": M}), ones((N, M)))
    assert deltas([wide]) == [contract([(add(X, ones((N,))), "i")], "ij", {"j": M})]


def test_different_joins_stay_apart() -> None:
    node = add(contract([(X, "i")], "iij", {"j": N}), contract([(Y, "i")], "iji", {"j": N}))
    assert deltas([node]) == [node]


# --- distribute -------------------------------------------------------------------------------


def test_a_stuck_delta_meets_its_factor() -> None:
    stuck = contract(
        [(subtract(delta(N), contract([(X, "j")], "ij", {"i": N})), "ij"), (X, "i")], "ij"
    )
    expected = subtract(contract([(X, "i")], "ii"), contract([(X, "i"), (X, "j")], "ij"))
    assert distribute([stuck]) == [expected]


def test_an_outer_delta_is_free_as_it_is() -> None:
    bracket = add(contract([(X, "i")], "ii"), A)
    node = contract([(bracket, "ik"), (Y, "j"), (V, "l")], "ijkl")
    assert distribute([node]) == [node]


def test_the_rest_of_the_sum_stays_one_factor() -> None:
    bracket = linear([(1, delta(N)), (1, A), (1, B)], (N, N))
    node = contract([(bracket, "ij"), (C, "jk")], "ik")
    expected = add(C, contract([(add(A, B), "ij"), (C, "jk")], "ik"))
    assert algebra(distribute([node])) == [expected]


def test_a_trace_of_a_delta_in_a_sum_is_the_size() -> None:
    node = contract([(add(delta(N), A), "ii")], "")
    (found,) = simplify([node], Environment())
    assert not any(
        isinstance(step, Contraction) and not step.factors for step in postorder([found])
    )


def test_ones_stay_in_a_sum_where_that_is_less_work() -> None:
    h = builtin("tanh", X)
    node = contract([(subtract(ones((N,)), h), "i"), (h, "i"), (A, "ij")], "j")
    assert distribute([node]) == [node]


def test_a_broadcast_is_taken_out_where_that_is_less_work() -> None:
    bias = contract([(X, "i")], "ij", {"j": N})
    node = contract([(add(bias, A), "ij"), (B, "jk"), (C, "kl")], "il")
    (found,) = distribute([node])
    assert isinstance(found, Contraction | Sum)


def test_many_deltas_fall_back_to_a_written_out_sum() -> None:
    joins = [
        "iijkl",
        "ijikl",
        "ijkil",
        "ijkli",
        "ijjkl",
        "ijkjl",
        "ijklj",
        "ijkkl",
        "ijklk",
        "ijkll",
    ]
    sources = [variable(f"s{k}", (N,) * 4) for k in range(len(joins))]
    terms = [(1, contract([(s, "ijkl")], join)) for s, join in zip(sources, joins, strict=True)]
    assert len(terms) > MOST_OPENED
    node = contract([(linear(terms, (N,) * 5), "abcde"), (X, "a"), (X, "b"), (X, "c")], "de")
    (found,) = distribute([node])
    assert found is node


def test_growth_is_bounded_for_products_of_many_brackets() -> None:
    node: Node = X
    for k in range(40):
        bracket = add(delta(N), variable(f"A{k}", (N, N)))
        node = contract([(bracket, "ij"), (node, "j")], "i")
    (found,) = simplify([node], Environment())
    assert len(postorder([found])) < 400


# --- factor and flatten -----------------------------------------------------------------------


def test_a_common_factor_of_some_terms() -> None:
    terms = [(1, multiply(X, Y)), (1, multiply(X, V)), (1, builtin("exp", V))]
    assert factor([linear(terms, (N,))]) == [add(multiply(X, add(Y, V)), builtin("exp", V))]


def test_a_common_matrix_is_multiplied_once() -> None:
    left = contract([(A, "ij"), (B, "jk"), (X, "k")], "i")
    right = contract([(A, "ij"), (C, "jk"), (Y, "k")], "i")
    (found,) = factor([add(left, right)])
    assert isinstance(found, Contraction)
    assert A in found.factors


def test_no_identity_is_made_to_take_a_vector_out() -> None:
    node = add(contract([(A, "ij"), (X, "j")], "i"), X)
    assert factor([node]) == [node]
    node = subtract(X, multiply(X, Y))
    assert factor([node]) == [node]


def test_nothing_is_taken_out_from_under_a_delta() -> None:
    node = subtract(contract([(X, "i")], "ii"), contract([(X, "i"), (X, "j")], "ij"))
    assert factor([node]) == [node]


def test_outer_factors_beside_a_delta_are_taken_out() -> None:
    left = contract([(X, "i"), (Y, "j"), (V, "l")], "ijil")
    right = contract([(A, "ik"), (Y, "j"), (V, "l")], "ijkl")
    bracket = add(contract([(X, "i")], "ii"), A)
    expected = contract([(bracket, "ik"), (Y, "j"), (V, "l")], "ijkl")
    assert factor([add(left, right)]) == [expected]


def test_factors_that_hang_together_differently_stay_right() -> None:
    left = contract([(A, "ij"), (X, "j")], "i")
    right = contract([(A, "ij"), (Y, "j"), (X, "k"), (V, "k")], "i")
    (found,) = factor([add(left, right)])
    (flat,) = flatten([found])
    assert flat.shape == left.shape


def test_a_product_that_cancels_is_opened_though_shared() -> None:
    ratio = multiply(Y, builtin("exp", X), reciprocal(V))
    roots = [multiply(ratio, V), builtin("tanh", ratio)]
    assert flatten(roots)[0] is multiply(Y, builtin("exp", X))


def test_the_number_of_factors_is_bounded() -> None:
    node: Node = X
    for k in range(100):
        node = contract([(variable(f"A{k}", (N, N)), "ij"), (node, "j")], "i")
    (found,) = simplify([node], Environment())
    sizes = [len(step.arguments) for step in postorder([found])]
    assert max(sizes) <= 16
