"""Objectives: derivatives on a flat vector agree with differences of the value."""

from __future__ import annotations

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.objective import Objective

rng = np.random.default_rng(3)

NETWORK = """
    X[n, d], Y[n, c], W[d, h], b[h], V[h, c]
    H_ij = tanh(X_ik W_kj + b_j)
    L = sum_{i,k} (H_ij V_jk - Y_ik)^2 / n + 0.1 W_kj W_kj
"""


def network(samples: int = 5) -> Objective:
    data = {"X": rng.normal(size=(samples, 3)), "Y": rng.normal(size=(samples, 2))}
    return ic.Program(NETWORK).objective("L", ["W", "b", "V"], **data)


def start(objective: Objective) -> np.ndarray:
    shapes = {"W": (3, 4), "b": (4,), "V": (4, 2)}
    return objective.pack(**{name: rng.normal(size=shape) for name, shape in shapes.items()})


def test_gradient_agrees_with_differences() -> None:
    o = network()
    v = start(o)
    steps = np.eye(v.size) * 1e-6
    differences = [(o.fun(v + step) - o.fun(v - step)) / 2e-6 for step in steps]
    np.testing.assert_allclose(o.jac(v), differences, rtol=1e-6, atol=1e-8)
    value, gradient = o.fun_and_jac(v)
    assert value == pytest.approx(o.fun(v), rel=1e-14)
    np.testing.assert_allclose(gradient, o.jac(v), rtol=1e-12)


def test_hessian_agrees_with_differences_of_the_gradient_and_with_its_products() -> None:
    o = network()
    v = start(o)
    steps = np.eye(v.size) * 1e-6
    differences = np.array([(o.jac(v + step) - o.jac(v - step)) / 2e-6 for step in steps])
    hessian = o.hess(v)
    np.testing.assert_allclose(hessian, differences, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-12, atol=1e-14)
    direction = rng.normal(size=v.size)
    np.testing.assert_allclose(o.hessp(v, direction), hessian @ direction, rtol=1e-10)


def test_pack_and_unpack_are_inverse() -> None:
    o = network()
    v = start(o)
    parts = o.unpack(v)
    assert {name: part.shape for name, part in parts.items()} == o.shapes
    np.testing.assert_array_equal(o.pack(**parts), v)


def test_another_batch_keeps_what_is_compiled() -> None:
    o = network()
    v = start(o)
    before = o.fun(v)
    batch = {"X": rng.normal(size=(9, 3)), "Y": rng.normal(size=(9, 2))}
    other = o.given(**batch)
    assert other.fun(v) != before
    assert other._value is o._value
    value = ic.Program(NETWORK)["L"](**batch, **o.unpack(v))
    assert other.fun(v) == pytest.approx(value, rel=1e-14)


def test_shapes_follow_from_data_and_declarations() -> None:
    o = ic.Program("A[m, n], x[n], b[m]; f = ‖A x - b‖^2").objective(
        "f", ["x"], A=np.ones((4, 2)), b=np.ones(4)
    )
    assert o.size == 2
    fixed = ic.Program("x[3]; f = x_i x_i").objective("f", ["x"])
    np.testing.assert_array_equal(fixed.jac(np.ones(3)), 2 * np.ones(3))


def test_a_defined_name_is_cut_off() -> None:
    o = ic.Program("x[3]; z_i = x_i^2; f = sum_i z_i^3").objective("f", ["z"])
    np.testing.assert_array_equal(o.jac(np.full(3, 2.0)), np.full(3, 12.0))


def test_an_unknown_function_is_given_as_data() -> None:
    o = ic.Program("x[2]; f = sum_i σ(x_i)").objective("f", ["x"]).given(**{"σ": "tanh"})
    np.testing.assert_allclose(o.jac(np.zeros(2)), np.ones(2))


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        (lambda p: p.objective("x", ["x"]), ic.ShapeError, "an objective is a scalar"),
        (lambda p: p.objective("f", []), ic.EvaluationError, "at least one"),
        (lambda p: p.objective("f", ["x", "x"]), ic.EvaluationError, "once each"),
        (lambda p: p.objective("f", ["q"]), ic.EvaluationError, "there is no variable q"),
        (lambda p: p.objective("f", ["x"]).size, ic.EvaluationError, "start with  v = o.pack"),
        (lambda p: p.objective("f", ["x"]).pack(y=1), ic.EvaluationError, "pack takes  x"),
        (lambda p: p.objective("f", ["x"]).pack(x=1), ic.ShapeError, "x has 1 axes"),
        (
            lambda p: p.objective("f", ["x"], A=np.ones((2, 2))).fun(np.ones(3)),
            ic.ShapeError,
            "a vector of 2",
        ),
    ],
)
def test_mistakes(act: object, error: type[Exception], words: str) -> None:
    assert callable(act)
    with pytest.raises(error, match=words.replace("(", r"\(")):
        act(ic.Program("A[n, n], x[n]; f = x^T A x"))
