"""Forward and reverse mode: one against the other, and both against differences."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings

from indexcalc.diff.dependence import depends_on
from indexcalc.diff.forward import forward
from indexcalc.diff.reverse import reverse
from indexcalc.errors import DifferentiationError, LimitError, ShapeError
from indexcalc.interpret import interpret
from indexcalc.ir.build import (
    add,
    apply,
    builtin,
    call,
    delta,
    derivative,
    linear,
    multiply,
    number,
    power,
    reduce,
    scale,
    variable,
    zero,
)
from indexcalc.ir.check import first_fault
from indexcalc.ir.contraction import contract
from indexcalc.ir.environment import Environment
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Function, Node, Variable
from indexcalc.ir.walk import postorder
from tests.differences import by_central_difference, by_complex_step
from tests.strategies import VARIABLES, Problem, problems

m, n = Extent.named("m"), Extent.named("n")
W, x, b = variable("W", (m, n)), variable("x", (n,)), variable("b", (m,))
A = variable("A", (n, n))
NOTHING = Environment()


def identity(node: Node) -> Node:
    """The seed with which a sweep gives all components."""
    axes = tuple(range(len(node.shape)))
    return contract([], axes + axes, dict(enumerate(node.shape)))


def all_forward(function: Node, by: Variable, environment: Environment = NOTHING) -> Node:
    return forward(function, by, identity(by), environment)


def all_reverse(function: Node, by: Variable, environment: Environment = NOTHING) -> Node:
    return reverse(function, [by], identity(function), environment)[by]


def used(problem: Problem) -> list[Variable]:
    return [v for v in VARIABLES if depends_on(problem.root, {v}, NOTHING)]


def small(problem: Problem, by: Variable) -> bool:
    return int(np.prod(problem.dimensions(problem.root.shape + by.shape))) <= 400


@settings(max_examples=150)
@given(problems("exact"))
def test_forward_is_reverse_in_fractions(problem: Problem) -> None:
    values = problem.values(kind="exact")
    for by in used(problem)[:3]:
        assume(small(problem, by))
        tangent, cotangent = all_forward(problem.root, by), all_reverse(problem.root, by)
        assert tangent.shape == cotangent.shape == problem.root.shape + by.shape
        assert first_fault([tangent, cotangent]) is None
        one = interpret(tangent, values, problem.sizes, exact=True)
        other = interpret(cotangent, values, problem.sizes, exact=True)
        assert (one == other).all()


@settings(max_examples=150)
@given(problems("smooth"))
def test_both_modes_agree_with_complex_steps(problem: Problem) -> None:
    values = problem.values()
    for by in used(problem)[:3]:
        assume(small(problem, by))
        with np.errstate(all="ignore"):
            expected = by_complex_step(problem.root, by, values, problem.sizes)
        assume(np.isfinite(expected).all() and np.abs(expected).max(initial=0) < 1e4)
        scale_of = max(1.0, float(np.abs(expected).max(initial=0)))
        for node in (all_forward(problem.root, by), all_reverse(problem.root, by)):
            found = interpret(node, values, problem.sizes)
            assert np.abs(found - expected).max(initial=0) <= 1e-9 * scale_of


@settings(max_examples=60)
@given(problems("any"))
def test_all_cotangents_of_one_sweep_are_those_of_separate_sweeps(problem: Problem) -> None:
    together = reverse(problem.root, VARIABLES, identity(problem.root))
    for by in VARIABLES:
        assert together[by] is all_reverse(problem.root, by)
    absent = variable("absent", (m, n))
    assert all_reverse(problem.root, absent) is zero(problem.root.shape + absent.shape)
    assert all_forward(problem.root, absent) is zero(problem.root.shape + absent.shape)


@settings(max_examples=60)
@given(problems("any"))
def test_a_seed_is_contracted_with_the_derivative(problem: Problem) -> None:
    """Seeds with extra axes of their own, in both modes."""
    values = problem.values()
    root, by = problem.root, VARIABLES[5]
    assume(small(problem, by))
    out = tuple(range(len(root.shape)))
    seed = variable("way", (*by.shape, m))
    weight = variable("weight", (m, *root.shape))
    more = Problem(root, problem.sizes, problem.seed + 1).values([seed, weight])
    whole = all_forward(root, by)
    moved = contract([(whole, (*out, "p", "q")), (seed, ("p", "q", "s"))], (*out, "s"))
    counted = contract([(weight, ("s", *out)), (whole, (*out, "p", "q"))], ("s", "p", "q"))
    pairs = [(forward(root, by, seed), moved), (reverse(root, [by], weight)[by], counted)]
    for found, expected in pairs:
        one = interpret(found, values | more, problem.sizes)
        other = interpret(expected, values | more, problem.sizes)
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


# --- one rule each ----------------------------------------------------------------------------

SIZES = {"m": 3, "n": 4}


def values_of(seed: int = 0, **fixed: Any) -> dict[str, Any]:
    variables = [W, x, b, A]
    return Problem(x, SIZES, seed).values(variables) | fixed


def check(function: Node, by: Variable, values: dict[str, Any], tolerance: float = 1e-7) -> None:
    expected = by_central_difference(function, by, values, SIZES)
    for node in (all_forward(function, by), all_reverse(function, by)):
        found = interpret(node, values, SIZES)
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
        assert first_fault([node]) is None


@pytest.mark.parametrize("operation", ["max", "min", "prod", "logsumexp", "cumsum"])
@pytest.mark.parametrize("rank", [1, 2])
def test_reductions(operation: str, rank: int) -> None:
    check(reduce(operation, W, 1 if operation == "cumsum" else rank), W, values_of())


def test_max_shares_equally_among_ties() -> None:
    gradient = interpret(all_reverse(reduce("max", x, 1), x), {"x": [2, 5, 5, 1]}, SIZES)
    np.testing.assert_array_equal(gradient, [0, 0.5, 0.5, 0])


@pytest.mark.parametrize("zeros", [0, 1, 2, 3])
def test_derivatives_of_prod_are_exact_at_zeros_to_any_order(zeros: int) -> None:
    at = np.array([2.0, 3.0, 5.0, 7.0])
    at[:zeros] = 0
    product = reduce("prod", x, 1)
    gradient = all_reverse(product, x)
    hessian = all_forward(gradient, x)
    third = all_forward(hessian, x)
    others = [np.delete(at, k).prod() for k in range(4)]
    np.testing.assert_array_equal(interpret(gradient, {"x": at}, SIZES), others)
    second = [[0 if i == j else np.delete(at, [i, j]).prod() for j in range(4)] for i in range(4)]
    np.testing.assert_array_equal(interpret(hessian, {"x": at}, SIZES), second)
    cube = interpret(third, {"x": at}, SIZES)
    for i, j, k in np.ndindex(4, 4, 4):
        expected = np.delete(at, [i, j, k]).prod() if len({i, j, k}) == 3 else 0
        assert cube[i, j, k] == expected


@pytest.mark.parametrize("operation", ["inv", "det", "logdet"])
def test_functions_of_matrices(operation: str) -> None:
    near_one = linear([(1, A), (3, delta(n))], A.shape)
    check(call(operation, near_one), A, values_of(), 1e-6)


def test_symmetric_variables_have_symmetric_gradients() -> None:
    S = variable("S", (n, n), ["symmetric"])
    values = values_of()
    values["S"] = values["A"] + values["A"].T
    form = contract([(S, "ij"), (S, "jk"), (x, "i"), (A, "kl"), (x, "l")], "")
    check(form, S, values)
    gradient = all_reverse(form, S)
    found = interpret(gradient, values, SIZES)
    np.testing.assert_allclose(found, found.T, atol=1e-12)
    check(gradient, S, values)


def test_diagonal_variables_have_diagonal_gradients() -> None:
    D = variable("D", (n, n), ["diagonal"])
    values = values_of(D=np.diag([1.0, 2, 3, 4]))
    form = contract([(D, "ij"), (x, "i"), (A, "jk"), (x, "k")], "")
    check(form, D, values)
    found = interpret(all_reverse(form, D), values, SIZES)
    np.testing.assert_array_equal(found, np.diag(np.diag(found)))


def test_abstract_and_defined_functions_get_primes() -> None:
    for kind in ("abstract", "defined"):
        f = Function("f", (0, 0), kind)
        value = apply(f, x, builtin("sin", x))
        expected = add(
            contract([(apply(f.differentiated(0), x, builtin("sin", x)), "i")], "ii"),
            contract(
                [(apply(f.differentiated(1), x, builtin("sin", x)), "i"), (builtin("cos", x), "i")],
                "ii",
            ),
        )
        assert all_forward(value, x) is expected
        assert all_reverse(value, x) is expected


def test_definitions_are_looked_through_unless_differentiated_by() -> None:
    z, loss = variable("z", (m,)), variable("loss", ())
    body = add(contract([(W, "ij"), (x, "j")], "i"), b)
    chain = Environment({z: body, loss: reduce("logsumexp", z, 1)})
    gradients = reverse(power(loss, 2), [W, z, loss, b], number(1), chain)
    assert gradients[loss] is scale(2, loss)
    assert gradients[z] is gradients[b]
    assert gradients[W] is contract([(gradients[z], "i"), (x, "j")], "ij")
    assert z in postorder([gradients[W]])
    assert body not in postorder([gradients[W]])
    assert all_forward(z, W, chain) is contract([(delta(m), "ip"), (x, "q")], "ipq")
    assert all_forward(z, z, chain) is delta(m)
    assert all_forward(power(z, 2), z, chain) is scale(2, contract([(z, "i")], "ii"))
    assert all_forward(z, W, NOTHING) is zero((m, m, n))
    assert depends_on(loss, {W}, chain)
    assert not depends_on(loss, {W}, NOTHING)


# --- errors and limits ------------------------------------------------------------------------


def test_wrong_seeds_and_missing_rules_are_refused() -> None:
    with pytest.raises(ShapeError, match="a seed of m for x, which is n"):
        forward(x, x, b)
    with pytest.raises(ShapeError, match="a seed of m for a function of n"):
        reverse(x, [x], b)
    inner = derivative(power(x, 2), [x])
    for mode in (all_forward, all_reverse):
        with pytest.raises(DifferentiationError, match="worked out first"):
            mode(inner, x)
        with pytest.raises(DifferentiationError, match="mystery"):
            mode(apply(Function("mystery"), x), x)
    assert all_forward(inner, b) is zero((n, n, m))


def test_a_product_that_is_too_wide_is_refused() -> None:
    factors = [variable(f"x{k}", ()) for k in range(2_100)]
    product = contract([(apply(Function("sin"), multiply(x, f)), "i") for f in factors], "")
    with pytest.raises(LimitError, match="product of 2100 factors"):
        all_reverse(product, x)
    with pytest.raises(LimitError, match="product of 2100 factors"):
        all_forward(product, x)


def network(layers: int) -> tuple[Node, list[Variable]]:
    weights = [variable(f"W{k}", (n, n)) for k in range(layers)]
    node: Node = x
    for weight in weights:
        node = builtin("tanh", contract([(weight, "ij"), (node, "j")], "i"))
    return contract([(node, "i"), (node, "i")], ""), weights


def test_a_gradient_by_all_weights_is_linear_in_the_layers() -> None:
    counts, times = [], []
    for layers in (250, 1_000):
        loss, weights = network(layers)
        start = time.process_time()
        gradients = reverse(loss, weights, number(1))
        times.append(time.process_time() - start)
        counts.append(len(postorder(gradients.values())))
    assert counts[1] <= 4 * counts[0] + 20
    assert counts[1] <= 10 * 1_000
    assert times[1] <= 5


def test_deep_and_wide_graphs() -> None:
    start = time.process_time()
    s = variable("s", ())
    node: Node = s
    for depth in range(20_000):
        node = builtin("sin", node)
        if depth == 2_000:
            shallow = node
    found = [
        interpret(result, {"s": 0.5}, {})
        for result in (forward(shallow, s, number(1)), reverse(shallow, [s], number(1))[s])
    ]
    assert found[0] == pytest.approx(found[1])
    assert len(postorder([reverse(node, [s], number(1))[s]])) > 20_000
    wide = add(*(builtin("sin", scale(k + 1, s)) for k in range(30_000)))
    assert len(postorder([reverse(wide, [s], number(1))[s]])) > 30_000
    assert time.process_time() - start <= 20
