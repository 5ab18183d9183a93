"""Logistic, softmax and their derivatives at scores where naive code overflows or cancels."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import indexcalc as ic
from indexcalc.codegen.run import Function
from indexcalc.ir.build import (
    broadcast,
    builtin,
    multiply,
    negate,
    power,
    reduce,
    subtract,
    variable,
)
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node

N = Extent.named("n")
X, S = variable("x", (N,)), variable("s", ())
SCORES = [0.0, 1.0, -1.0, 0.3, -40.0, 40.0, 700.0, -700.0, 1e4, -1e4]
TINY = 1e-300  # below, numbers have fewer digits


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    with warnings.catch_warnings(), np.errstate(over="warn", invalid="warn", divide="warn"):
        warnings.simplefilter("error")
        yield


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


EXACT: dict[str, Callable[[Any], Any]] = {
    "sigmoid": sigmoid,
    "mirrored": lambda x: sigmoid(-x),
    "softplus": lambda x: mp.log(1 + mp.exp(x)),
    "logsigmoid": lambda x: -mp.log(1 + mp.exp(-x)),
    "slope": lambda x: sigmoid(x) * sigmoid(-x),
    "logcosh": lambda x: mp.log(mp.cosh(x)),
    "tanh": mp.tanh,
}


def atoms(x: Node) -> dict[str, Node]:
    rising, falling = builtin("sigmoid", x), builtin("sigmoid", negate(x))
    return {
        "sigmoid": rising,
        "mirrored": falling,
        "softplus": builtin("softplus", x),
        "logsigmoid": negate(builtin("softplus", negate(x))),
        "slope": multiply(rising, falling),
        "logcosh": builtin("logcosh", x),
        "tanh": builtin("tanh", x),
    }


def close(got: Any, exact: Any, tolerance: float = 1e-14) -> None:
    want = np.array([float(value) for value in exact])
    np.testing.assert_array_less(np.abs(got - want), tolerance * np.abs(want) + TINY)


@pytest.fixture(autouse=True)
def digits() -> Iterator[None]:
    with mp.workdps(60):
        yield


def exactly(name: str) -> list[Any]:
    # log(1 + exp(-10000)) needs more digits than any result has
    with mp.workdps(9000 if name in ("softplus", "logsigmoid", "logcosh") else 60):
        return [EXACT[name](mp.mpf(x)) for x in SCORES]


@pytest.mark.parametrize("name", EXACT)
def test_atoms_alone(name: str) -> None:
    f = Function([("y", atoms(X)[name])], [("x", X.shape)])
    close(f(np.array(SCORES)), exactly(name))


@pytest.mark.parametrize("name", EXACT)
def test_atoms_of_scalars(name: str) -> None:
    f = Function([("y", atoms(S)[name])], [("s", ())])
    close(np.array([f(x) for x in SCORES]), exactly(name))


def test_atoms_together_share_work_and_stay_exact() -> None:
    f = Function(list(atoms(X).items()), [("x", X.shape)])
    for name, got in f(np.array(SCORES))._asdict().items():
        close(got, exactly(name))
    assert f.source.count("np.exp(") <= 4


@pytest.mark.parametrize("shift", [0.0, 700.0, -1e4])
def test_softmax_and_its_logarithm(shift: float) -> None:
    total = reduce("logsumexp", X, 1)
    logarithm = subtract(X, broadcast(total, X.shape, ()))
    f = Function(
        [("p", builtin("exp", logarithm)), ("l", logarithm), ("t", total)], [("x", X.shape)]
    )
    x = np.array([0.0, 1.0, -40.0, 30.0]) + shift
    p, log_p, t = f(x)
    with mp.workdps(9000):
        want = mp.log(sum(mp.exp(mp.mpf(v)) for v in x))
        close(np.array([t]), [want])
        close(p, [mp.exp(v - want) for v in x], 1e-13)
        np.testing.assert_allclose(log_p, [float(v - want) for v in x], atol=1e-11)
    assert f.source.count("np.exp(") == 1


def test_logsumexp_of_infinities() -> None:
    f = Function([("t", reduce("logsumexp", X, 1))], [("x", X.shape)])
    assert f(np.array([1.0, -np.inf])) == 1.0
    assert f(np.array([np.inf, 0.0])) == np.inf
    with np.errstate(divide="ignore"):
        assert f(np.array([-np.inf, -np.inf])) == -np.inf
    assert np.isnan(f(np.array([np.nan, 0.0])))


def test_not_a_number_stays() -> None:
    f = Function(list(atoms(X).items()), [("x", X.shape)])
    with np.errstate(invalid="ignore"):
        assert all(np.isnan(got).all() for got in f(np.array([np.nan])))


def test_erf_to_the_last_places() -> None:
    x = np.concatenate([np.linspace(-6.5, 6.5, 401), [1e-300, 0.46875, -0.46876]])
    f = Function([("y", builtin("erf", X))], [("x", X.shape)])
    close(f(x), [mp.erf(mp.mpf(v)) for v in x], 1e-15)
    scalar = Function([("y", builtin("erf", S))], [("s", ())])
    close(np.array([scalar(v) for v in x[::50]]), [mp.erf(mp.mpf(v)) for v in x[::50]], 1e-15)


def test_integer_and_half_powers_are_multiplications_and_roots() -> None:
    exponents = [Fraction(e) for e in ("3", "-2", "9", "1/2", "-3/2", "5/2")]
    f = Function([(f"p{k}", power(X, e)) for k, e in enumerate(exponents)], [("x", X.shape)])
    x = np.array([0.3, 2.0, 7.5])
    for got, exponent in zip(f(x), exponents, strict=True):
        np.testing.assert_allclose(got, x ** float(exponent), rtol=1e-14)
    assert "**" not in f.source
    assert "np.power" not in f.source


@pytest.mark.parametrize("argument", ["-2", "2", "-1/2"])
def test_a_logistic_function_of_a_number(argument: str) -> None:
    program = ic.Program(f"f = x_i x_i sigmoid({argument}); g = softplus({argument}) x_i x_i")
    number = -0.5 if "/" in argument else float(argument)
    np.testing.assert_allclose(program["f"](x=np.ones(2)), 2 / (1 + np.exp(-number)))
    np.testing.assert_allclose(program["g"](x=np.ones(2)), 2 * np.log1p(np.exp(number)))
