"""Builders keep the value, and what they make is in normal form."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from indexcalc.errors import DifferentiationError, ShapeError
from indexcalc.interpret import interpret
from indexcalc.ir import build
from indexcalc.ir.check import first_fault
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Apply, Function, Node, Sum
from indexcalc.ir.walk import postorder
from tests.strategies import Problem, problems

n, m = Extent.named("n"), Extent.named("m")
x, y = build.variable("x", (n,)), build.variable("y", (n,))
A = build.variable("A", (n, n))


@settings(max_examples=400)
@given(problems("exact"))
def test_builders_keep_the_value_in_fractions(problem: Problem) -> None:
    values = problem.values(kind="exact")
    assert problem.written is not None
    expected = interpret(problem.written, values, problem.sizes, exact=True)
    found = interpret(problem.root, values, problem.sizes, exact=True)
    assert found.shape == expected.shape
    assert (found == expected).all()


@settings(max_examples=300)
@given(problems("any"))
def test_builders_make_the_normal_form(problem: Problem) -> None:
    assert first_fault([problem.root]) is None


@settings(max_examples=100)
@given(problems("any"))
def test_rebuilding_changes_nothing(problem: Problem) -> None:
    for node in postorder([problem.root]):
        marker = [build.variable(f"stand-in {k}", a.shape) for k, a in enumerate(node.arguments)]
        moved = build.with_arguments(node, marker)
        assert first_fault([moved]) is None
        assert build.with_arguments(node, node.arguments) is node


def test_sums_collect_like_terms() -> None:
    assert build.subtract(build.add(x, y), build.add(y, x)) is build.zero((n,))
    difference = build.subtract(x, y)
    assert build.negate(difference) is build.subtract(y, x)
    assert build.scale(Fraction(1, 2), build.scale(2, difference)) is difference
    assert isinstance(difference, Sum)
    doubled = build.linear([(4, x), (-6, y)], (n,))
    assert [abs(c) for c, _ in build.terms_of(doubled)] in ([4, 6], [6, 4])
    assert build.split_multiple(doubled)[0] in {2, -2}
    assert build.add(build.number(2), build.number(-2)) is build.zero(())


def test_sums_of_different_shapes_are_refused() -> None:
    with pytest.raises(ShapeError, match="a sum of n and n×n"):
        build.add(x, A)
    with pytest.raises(ShapeError, match="square"):
        build.call("inv", build.variable("B", (m, n)))
    with pytest.raises(ShapeError, match="pow of n and n×n"):
        build.builtin("pow", x, A)
    with pytest.raises(DifferentiationError):
        build.derivative(x, [])


def test_functions_commute_with_views() -> None:
    repeated = build.broadcast(x, (m, n), (1,))
    assert build.builtin("exp", repeated) is build.broadcast(build.builtin("exp", x), (m, n), (1,))
    negated = build.negate(repeated)
    minus = build.builtin("exp", build.negate(x))
    assert build.builtin("exp", negated) is build.broadcast(minus, (m, n), (1,))
    transposed = build.transpose(A, (1, 0))
    assert build.builtin("sin", transposed) is build.transpose(build.builtin("sin", A), (1, 0))
    # exp is not 0 at 0, so that a diagonal embedding must stay inside
    embedded = build.multiply(build.delta(n), build.broadcast(x, (n, n), (0,)))
    assert isinstance(build.builtin("exp", embedded), Apply)


def test_functions_at_known_points() -> None:
    zero = build.zero((n,))
    assert build.builtin("exp", zero) is build.ones((n,))
    assert build.builtin("sin", zero) is zero
    assert build.builtin("log", build.number(1)) is build.zero(())
    assert build.builtin("log", build.ones((n,))) is zero
    assert isinstance(build.apply(Function("exp", kind="abstract"), zero), Apply)


@pytest.mark.parametrize("exponent", [-3, -1, 2, 3, 9])
def test_powers_of_products_are_products_of_powers(exponent: int) -> None:
    product = build.multiply(x, y)
    spread = build.multiply(build.power(x, exponent), build.power(y, exponent))
    assert build.power(product, exponent) is spread
    assert build.power(build.scale(2, x), exponent) is build.scale(
        Fraction(2) ** exponent, build.power(x, exponent)
    )
    assert build.power(build.power(x, exponent), -exponent) is build.power(x, -exponent * exponent)


def test_powers_of_one_base_are_one_power() -> None:
    assert build.multiply(build.power(x, 2), x) is build.power(x, 3)
    assert build.multiply(build.power(x, 5), build.power(x, -3)) is build.power(x, 2)
    assert build.multiply(build.power(x, 5), build.power(x, 5)) is build.power(x, 10)


def test_a_root_of_a_square_stays() -> None:
    square = build.power(x, 2)
    assert build.power(square, Fraction(1, 2)) is not x
    assert build.power(build.power(x, Fraction(1, 2)), 2) is x


def test_reshape_and_reduce_leave_trivial_cases_alone() -> None:
    assert build.reshape(x, (n,)) is x
    assert build.reduce("max", x, 0) is x
    assert build.reshape(build.zero((n,)), (n, Extent.fixed(1))) is build.zero((n, Extent.fixed(1)))


def test_a_wide_and_a_deep_graph_are_built_and_evaluated() -> None:
    scalars = [build.variable(f"s{k}", ()) for k in range(30_000)]
    total = build.add(*scalars)
    assert isinstance(total, Sum)
    assert len(total.terms) == 30_000
    node: Node = scalars[0]
    for _ in range(20_000):
        node = build.builtin("sin", node)
    assert interpret(node, {"s0": 0.5}, {}) == pytest.approx(0.0122, abs=1e-3)
    assert np.shape(interpret(total, {s.name: 1 for s in scalars}, {})) == ()
    assert first_fault([node, total]) is None
