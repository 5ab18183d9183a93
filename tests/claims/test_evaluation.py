"""Values with error bounds: the bounds hold in both arithmetics, facts are met."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from indexcalc.claims.proofs.proof import opened_facts
from indexcalc.claims.trials.constraints import Constraints
from indexcalc.claims.trials.decimals import DECIMALS, many_digits
from indexcalc.claims.trials.decimals import function_of as decimal_function
from indexcalc.claims.trials.evaluation import Arithmetic, Estimate, Point, evaluate, exactly
from indexcalc.claims.trials.floats import FLOATS
from indexcalc.claims.trials.floats import function_of as float_function
from indexcalc.claims.trials.unknown_functions import Shape, callables
from indexcalc.interpret import interpret
from indexcalc.ir.node import Function
from tests.claims.programs import program
from tests.strategies import Problem, problems

Array = NDArray[Any]


def estimated(problem: Problem, values: dict[str, Array], arithmetic: Arithmetic) -> Estimate:
    known = {name: exactly(value, arithmetic) for name, value in values.items()}
    return evaluate([problem.root], Point(problem.sizes, known, {}), arithmetic)[0]


@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_error_is_within_its_bound(problem: Problem) -> None:
    values = problem.values()
    rough = estimated(problem, values, FLOATS)
    if not (np.all(np.isfinite(rough.value)) and np.all(np.isfinite(rough.error))):
        return
    with many_digits():
        fine = estimated(problem, values, DECIMALS)
        error = np.asarray(abs(fine.value - exactly(rough.value, DECIMALS).value), float)
        own = np.asarray(fine.error, float)
    assert np.all(own <= rough.error + 1e-40)
    assert np.all(error <= rough.error + own)


@settings(max_examples=40, deadline=None)
@given(problems())
def test_the_value_is_that_of_the_oracle(problem: Problem) -> None:
    values = problem.values()
    found = estimated(problem, values, FLOATS)
    expected = np.asarray(interpret(problem.root, values, problem.sizes), float)
    usable = np.isfinite(expected) & np.isfinite(found.value) & np.isfinite(found.error)
    gap = abs(np.where(usable, found.value - expected, 0.0))
    assert np.all(gap <= np.where(usable, 16 * found.error + 1e-12 * abs(expected), 1.0))


REFERENCE = {
    **{name: getattr(mpmath, name) for name in ("exp", "log", "sin", "cos", "tan", "asin", "acos",
                                                "atan", "sinh", "cosh", "tanh", "asinh", "acosh",
                                                "atanh", "erf", "log1p", "expm1")},
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "logcosh": lambda x: mpmath.log(mpmath.cosh(x)),
    "log1mexp": lambda x: mpmath.log(1 - mpmath.exp(x)),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(REFERENCE))
@pytest.mark.parametrize("x", [0.25, -0.75, 1.5, -2.25, 4.75, 0.0078125, -9.5])
def test_functions_of_both_arithmetics(name: str, x: float) -> None:
    with mpmath.workdps(90):
        expected = REFERENCE[name](mpmath.mpf(x))
        if isinstance(expected, mpmath.mpc):
            return
        fine, rough = decimal_function(Function(name)), float_function(Function(name))
        assert fine is not None
        assert rough is not None
        with many_digits():
            value = fine(np.array([Decimal(x)], object))[0]
        assert abs(mpmath.mpf(str(value)) - expected) <= 1e-70 * (1 + abs(expected))
        assert abs(mpmath.mpf(float(rough(np.array(x)))) - expected) <= 1e-15 * (abs(expected) * 16)


def test_functions_outside_of_their_domain_are_no_numbers() -> None:
    for name, x in [("log", -1), ("asin", 2), ("acosh", 0), ("atanh", 2), ("log1mexp", 1)]:
        function = decimal_function(Function(name))
        assert function is not None
        with many_digits():
            assert not function(np.array([Decimal(x)], object))[0].is_finite()


@pytest.mark.parametrize("orders", [(0,), (1,), (2,), (3,)])
def test_unknown_functions_have_their_derivatives(orders: tuple[int, ...]) -> None:
    shapes = {"f": Shape.drawn(random.Random(4), 1)}
    function, slope = (Function("f", (n,), "abstract") for n in (orders[0], orders[0] + 1))
    with many_digits():
        made = callables([function, slope], shapes, DECIMALS)
        x, h = Decimal("0.3"), Decimal(10) ** -25
        value = [made[function](np.array([at], object))[0] for at in (x + h, x - h)]
        exact = made[slope](np.array([x], object))[0]
        assert abs((value[0] - value[1]) / (2 * h) - exact) < Decimal(10) ** -40


@pytest.mark.parametrize(
    "fact",
    [
        "sum_i p_i == 1",
        "p_i p_i == 1",
        "A_ki A_kj == δ_ij",
        "A == A^T",
        "p^T A p == 3",
        "exp(p_i) == 2 q_i",
        "sum_j A_ij == 1; assume sum_i A_ij == 1",
        "tr(A) == 0; assume A == A^T; assume sum(p) == 1",
    ],
)
def test_facts_are_met_in_both_arithmetics(fact: str) -> None:
    known = program(f"p[n], q[n], A[n, n]; assume {fact}")
    constraints = Constraints(opened_facts(known.environment))
    source = np.random.default_rng(3)
    values = {"p": source.normal(size=3), "q": source.normal(size=3)}
    values["A"] = source.normal(size=(3, 3))
    met = constraints.met(values, {"n": 3}, {})
    assert met is not None
    rough = constraints.estimates(met, {"n": 3}, {}, FLOATS)
    assert np.all(abs(constraints.residual(Point({"n": 3}, rough, {}), FLOATS)) < 1e-12)
    with many_digits():
        fine = constraints.estimates(met, {"n": 3}, {}, DECIMALS)
        left = constraints.residual(Point({"n": 3}, fine, {}), DECIMALS)
        assert all(abs(entry) < Decimal(10) ** -60 for entry in left)
        for name, estimate in fine.items():
            assert np.allclose(np.asarray(estimate.value, float), met.values[name], atol=1e-9)


def test_facts_that_cannot_be_met() -> None:
    known = program("t[]; assume t^2 == -1")
    constraints = Constraints(opened_facts(known.environment))
    assert constraints.met({"t": np.array(0.5)}, {}, {}) is None


def test_numbers_are_exact_where_they_can_be() -> None:
    with many_digits():
        assert DECIMALS.number(Fraction(1, 8)) == Decimal("0.125")
    assert float(exactly(0.1, FLOATS).error) == 0.0
