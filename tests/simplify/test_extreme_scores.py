"""Stable forms in floats at extreme scores, against the original formulas in many digits."""
# ruff: noqa: E501 - one formula a line

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

from indexcalc.diff.derivative import expand
from indexcalc.ir.build import (
    add,
    broadcast,
    builtin,
    derivative,
    linear,
    multiply,
    negate,
    number,
    power,
    reciprocal,
    scale,
    subtract,
    variable,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.environment import Environment
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Function, Node, Variable
from indexcalc.simplify.passes import simplify
from indexcalc.simplify.stabilise import stabilise
from tests.simplify.reference import Reference

N = Extent.named("n")
U, R = variable("u", (N,)), variable("r", (N,))
S = variable("s", ())
HALF = Fraction(1, 2)
NOTHING = Environment()


def exp(u: Node) -> Node:
    return builtin("exp", u)


def log(u: Node) -> Node:
    return builtin("log", u)


def divide(left: Node, right: Node) -> Node:
    return multiply(left, reciprocal(right))


def total(node: Node) -> Node:
    return contract([(node, "i")], "")


def softmax(u: Node) -> Node:
    return multiply(exp(u), reciprocal(broadcast(total(exp(u)), u.shape, ())))


SCORES = [0.0, 1.0, -1.0, 40.0, -40.0, 700.0, -700.0, 1e4, -1e4]


def _float_softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _float_sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _float_log1mexp(x: float) -> float:
    return math.log(-math.expm1(x)) if x > -math.log(2) else math.log1p(-math.exp(x))


def _float_logcosh(x: float) -> float:
    return abs(x) + math.log1p(math.exp(-2 * abs(x))) - math.log(2)


def _float_logsumexp(*x: float) -> float:
    top = max(x)
    return top + math.log(sum(math.exp(v - top) for v in x))


FLOATS: dict[str, Callable[..., float]] = {
    "softplus": _float_softplus,
    "sigmoid": _float_sigmoid,
    "log1mexp": _float_log1mexp,
    "logcosh": _float_logcosh,
    "logsumexp": _float_logsumexp,
}


def float_scalar(function: Function) -> Callable[..., float]:
    if function.parameter is not None:
        exponent = float(function.parameter)
        return lambda x: x**exponent
    found: Callable[..., float] = FLOATS.get(function.name) or getattr(math, function.name)
    return found


def exact_scalar(function: Function) -> Callable[..., Any]:
    if function.parameter is not None:
        p, q = function.parameter.numerator, function.parameter.denominator
        return lambda x: mpmath.power(x, mpmath.mpf(p) / q)
    known = {
        "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
        "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
        "logsumexp": lambda *x: mpmath.log(mpmath.fsum(map(mpmath.exp, x))),
    }
    found: Callable[..., Any] = known.get(function.name) or getattr(mpmath, function.name)
    return found


def exact_number(value: Any) -> Any:
    if isinstance(value, Fraction):
        return mpmath.mpf(value.numerator) / value.denominator
    return mpmath.mpf(value)


SCALARS: list[tuple[str, Node, Callable[[float], bool]]] = [
    ("log(1+exp)", log(add(number(1), exp(S))), lambda s: True),
    ("log(3+2exp)", log(add(number(3), scale(2, exp(S)))), lambda s: True),
    ("log(exp(s)+exp(-3s))", log(add(exp(S), exp(scale(-3, S)))), lambda s: True),
    ("log(1+exp(s)+exp(2s))", log(linear([(1, number(1)), (1, exp(S)), (1, exp(scale(2, S)))], ())), lambda s: True),
    ("log(1-exp)", log(subtract(number(1), exp(S))), lambda s: s < 0),
    ("log(exp-1)", log(subtract(exp(S), number(1))), lambda s: s > 0),
    ("1/(1+exp)", reciprocal(add(number(1), exp(S))), lambda s: s <= 700),
    ("exp/(1+exp)", divide(exp(S), add(number(1), exp(S))), lambda s: s >= -700),
    ("exp/(1+exp)^2", divide(exp(S), power(add(number(1), exp(S)), 2)), lambda s: abs(s) <= 700),
    ("sqrt(1+exp)", power(add(number(1), exp(S)), -HALF), lambda s: abs(s) <= 40),
    ("log sigmoid", log(reciprocal(add(number(1), exp(negate(S))))), lambda s: True),
    ("log(1-sigmoid)", log(subtract(number(1), reciprocal(add(number(1), exp(negate(S)))))), lambda s: True),
    ("tanh", divide(subtract(exp(S), exp(negate(S))), add(exp(S), exp(negate(S)))), lambda s: True),
    ("log cosh", log(add(exp(S), exp(negate(S)))), lambda s: True),
    ("exp-1", subtract(exp(S), number(1)), lambda s: s <= 700),
    ("softplus-s", subtract(log(add(number(1), exp(S))), S), lambda s: s <= 700),
]  # fmt: skip


CASES = [
    pytest.param(node, score, id=f"{name} at {score}")
    for name, node, domain in SCALARS
    for score in SCORES
    if domain(score)
]


@pytest.mark.parametrize(("node", "score"), CASES)
def test_values_at_extreme_scores(node: Node, score: float) -> None:
    check(node, {S: score}, 1e-14)


def check(node: Node, inputs: dict[Variable, Any], tolerance: float) -> None:
    compare([node], stabilise([node]), inputs, tolerance)


def compare(
    exact: list[Node],
    stable: list[Node],
    inputs: dict[Variable, Any],
    tolerance: float,
    absolute: float = 1e-306,  # below, there are no normal numbers
) -> None:
    """The stable forms in floats against the originals in many digits, without warnings."""
    sizes = {"n": 3, "m": 2}
    largest = max(float(np.max(np.abs(value))) for value in inputs.values())
    with mpmath.workdps(60 + 2 * int(largest)):  # enough to add 1 to exp of any score
        wide = {v: np.vectorize(mpmath.mpf, otypes=[object])(value) for v, value in inputs.items()}
        expected = Reference(wide, sizes, exact_scalar, exact_number)(exact)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = Reference(inputs, sizes, float_scalar, float)(stable)
    for ours, theirs in zip(found, expected, strict=True):
        for one, other in zip(ours.flat, theirs.flat, strict=True):
            assert abs(one - other) <= tolerance * abs(other) + absolute


def jointly(node: Node, variable: Variable) -> tuple[list[Node], list[Node]]:
    """Value, gradient and Hessian: of the formula as it is, and by way of stable atoms."""
    wanted = [node, derivative(node, [variable]), derivative(node, [variable, variable])]
    stable = expand(stabilise(wanted), NOTHING)
    return expand(wanted, NOTHING), simplify(stabilise(stable), NOTHING)


LOSSES = [
    ("log(1+exp(-s))", log(add(number(1), exp(negate(S))))),
    ("log(1+exp(3s))", log(add(number(1), exp(scale(3, S))))),
    ("-log(sigmoid)", negate(log(reciprocal(add(number(1), exp(negate(S))))))),
    ("-log(1-sigmoid)", negate(log(subtract(number(1), reciprocal(add(number(1), exp(S))))))),
    (
        "log(exp(s)+exp(2s)+1)",
        log(linear([(1, exp(S)), (1, exp(scale(2, S))), (1, number(1))], ())),
    ),
]


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("node", [loss[1] for loss in LOSSES], ids=[loss[0] for loss in LOSSES])
def test_losses_with_gradient_and_hessian(node: Node, score: float) -> None:
    exact, stable = jointly(node, S)
    compare(exact, stable, {S: score}, 1e-13 if abs(score) == 700 else 1e-14)


@pytest.mark.parametrize("score", SCORES)
def test_cross_entropy_with_gradient_and_hessian(score: float) -> None:
    loss = negate(total(multiply(R, log(softmax(U)))))
    inputs: dict[Variable, Any] = {U: [score, -score / 2, 3.0], R: [0.25, 0.5, 0.25]}
    exact, stable = jointly(loss, U)
    # where one probability is nearly 1, t − p and p − p² are differences of numbers near 1
    compare(exact, stable, inputs, 1e-14 + abs(score) * 1e-15, absolute=4e-15)


@pytest.mark.parametrize("score", SCORES)
def test_softmax_at_extreme_scores(score: float) -> None:
    inputs: dict[Variable, Any] = {U: [score, score - 1, score + 2], R: [0.2, 0.3, 0.5]}
    # relative to the score: the difference x − logsumexp(x) is one kernel in generated code
    check(softmax(U), inputs, 1e-14 + abs(score) * 1e-15)
    check(log(total(exp(U))), inputs, 1e-14)
    check(divide(total(multiply(R, exp(U))), total(exp(U))), inputs,
          1e-14 + abs(score) * 1e-15)  # fmt: skip
