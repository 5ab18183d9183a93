"""Objectives: derivatives on a flat vector agree with differences of the value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

import indexcalc as ic
from indexcalc.objective import Objective

jax: Any = pytest.importorskip("jax")
jnp = jax.numpy
jax.config.update("jax_enable_x64", True)
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
    with pytest.raises(error, match=words):
        act(ic.Program("A[n, n], x[n]; f = x^T A x"))


# --- as an optimiser uses it --------------------------------------------------------------------


def counted(objective: Objective, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the functions that are called from now on."""
    calls: list[str] = []
    call = Objective._call

    def noting(self: Objective, name: str, *vectors: Any) -> Any:
        calls.append(name)
        return call(self, name, *vectors)

    monkeypatch.setattr(Objective, "_call", noting)
    return calls


def test_value_and_gradient_at_one_point_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    o = network()
    v = start(o)
    o.jac(v)
    calls = counted(o, monkeypatch)
    for point in (v + 1, v + 2):
        o.fun(point)
        o.jac(point)
        o.fun_and_jac(point)
    assert calls == ["_value_and_gradient"] * 2


def test_the_value_alone_costs_no_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    o = network()
    v = start(o)
    calls = counted(o, monkeypatch)
    o.fun(v)
    o.fun(v + 1)
    assert calls == ["_value"] * 2


def test_a_vector_that_is_written_to_is_a_new_point() -> None:
    o = network()
    v = start(o)
    before, gradient = o.fun_and_jac(v)
    v += 0.1
    after = o.fun(v)
    assert after != before
    assert after == pytest.approx(network_like(o).fun(v), rel=1e-12)
    gradient[:] = 0  # what was given away is the caller's
    v -= 0.1
    assert np.abs(o.jac(v)).max() > 0


def network_like(objective: Objective) -> Objective:
    """The same objective with nothing remembered."""
    other = objective.given()
    other._joint = False
    return other


def test_data_in_float32_and_vectors_in_float64() -> None:
    data = {name: rng.normal(size=(5, k)).astype("float32") for name, k in (("X", 3), ("Y", 2))}
    o = ic.Program(NETWORK).objective("L", ["W", "b", "V"], **data)
    v = start(o)
    exact = o.given(**{name: array.astype("float64") for name, array in data.items()})
    assert o.fun(v) == pytest.approx(exact.fun(v), rel=1e-14)
    np.testing.assert_allclose(o.jac(v), exact.jac(v), rtol=1e-12)
    single = v.astype("float32")
    assert {o.jac(single).dtype, o.hess(single).dtype, o.hessp(single, v).dtype} == {single.dtype}
    np.testing.assert_allclose(o.jac(single), exact.jac(v), rtol=1e-3, atol=1e-4)
    assert o.jac(v).dtype == np.float64


def test_scalars_among_the_variables() -> None:
    o = ic.Program("x[n]; f = a x_i x_i + a b^2").objective("f", ["a", "x", "b"])
    v = o.pack(a=2.0, x=[1.0, 3.0], b=-1.0)
    np.testing.assert_array_equal(v, [2.0, 1.0, 3.0, -1.0])
    assert o.fun(v) == 22.0
    np.testing.assert_array_equal(o.jac(v), [11.0, 4.0, 12.0, -4.0])
    hessian = np.array([[0, 2, 6, -2], [2, 4, 0, 0], [6, 0, 4, 0], [-2, 0, 0, 4.0]])
    np.testing.assert_array_equal(o.hess(v), hessian)
    np.testing.assert_array_equal(o.hessp(v, [1, 2, 3, 4]), hessian @ [1, 2, 3, 4])
    assert o.unpack(v)["a"].shape == ()


def test_other_shapes_of_the_variables() -> None:
    o = ic.Program("x[n]; f = sum_i x_i^3").objective("f", "x")
    for size in (3, 5, 1, 0):
        v = o.pack(x=np.arange(size))
        np.testing.assert_array_equal(o.jac(v), 3.0 * v**2)
        np.testing.assert_array_equal(o.hess(v), np.diag(6.0 * v))


def test_names_may_be_spelled_in_ascii() -> None:
    program = ic.Program("θ[n], x[n]; f = log(1 + exp(-λ θ_i x_i))")
    o = program.objective("f", ["theta"], x=np.ones(2), lambda_=2.0)
    np.testing.assert_allclose(o.jac(o.pack(theta=[0.0, 0.0])), [-1.0, -1.0])


@pytest.mark.parametrize("method", ["Newton-CG", "trust-ncg", "L-BFGS-B", "BFGS"])
def test_optimisers_find_the_minimum(method: str) -> None:
    X = rng.normal(size=(30, 4))
    y = np.sign(X @ [1.0, -2.0, 0.5, 0.0] + 0.3 * rng.normal(size=30))
    program = ic.Program(
        "X[m, n], y[m], w[n]; f = sum_i log(1 + exp(-y_i X_ij w_j)) + 0.1 w_j w_j + 0.1 c^2"
        "+ sum_i (c - y_i)^2"
    )
    o = program.objective("f", ["w", "c"], X=X, y=y)
    hessp = None if "BFGS" in method else o.hessp
    found = minimize(o.fun, np.zeros(o.size), method=method, jac=o.jac, hessp=hessp, tol=1e-9)
    assert np.abs(o.jac(found.x)).max() < 1e-3
    assert np.linalg.eigvalsh(o.hess(found.x)).min() > 0


def test_objectives_agree_with_jax() -> None:
    o = network(7)
    v = start(o)

    def loss(W: Any, b: Any, V: Any) -> Any:
        H = jnp.tanh(o._data["X"] @ W + b)
        return jnp.sum((H @ V - o._data["Y"]) ** 2) / 7 + 0.1 * jnp.sum(W**2)

    value, slopes = jax.jit(jax.value_and_grad(loss, (0, 1, 2)))(*o.unpack(v).values())
    np.testing.assert_allclose(o.fun(v), value, rtol=1e-12)
    expected = np.concatenate([np.ravel(slope) for slope in slopes])
    np.testing.assert_allclose(o.jac(v), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda p: p.objective("f", ["x"], B=np.ones(2)), "B not expected"),
        (lambda p: p.objective("f", ["x"], A=np.ones((2, 2))).given(C=1), "C not expected"),
        (lambda p: p.objective("f", ["x"], A=1, x=1), "x is a variable of the objective"),
        (lambda p: p.objective("f", ["A"], x=np.ones(2)).given(A=1), "A is a variable"),
        (
            lambda p: (o := p.objective("f", ["x"])).fun(o.pack(x=np.ones(2))),
            "A missing: the data of an objective",
        ),
        (
            lambda p: p.objective("f", ["x"], A=np.eye(2)).fun(np.ones(2) + 1j),
            "the vector is complex",
        ),
        (lambda p: p.objective("f", ["x"], A=np.eye(2) * 1j).fun(np.ones(2)), "A is complex"),
        (lambda p: p.objective("f", ["x"], A=np.ones((2, 3))).fun(np.ones(2)), "A has the shape"),
        (lambda p: p.objective("f", ["x"], A=np.eye(2)).fun("x"), "the vector"),
        (lambda p: p.objective("f", ["x"], A=np.eye(2)).fun(None), "the vector"),
        (lambda p: p.objective("f", None), "at least one"),
        (lambda p: p.objective("f", 3), "at least one"),
        (lambda p: p.objective("f", [3]), "there is no variable 3"),
        (lambda p: p.objective("f", ["x", "A"]).size, "pack.x=…, A=…"),
        (lambda p: p.objective("f", ["x"], A=np.eye(2)).hessp(np.ones(2), np.ones(3)), "a vector"),
    ],
)
def test_mistakes_with_the_data(act: Callable[[ic.Program], object], words: str) -> None:
    with pytest.raises(ic.FormulaError, match=words):
        act(ic.Program("A[n, n], x[n]; f = x^T A x"))
