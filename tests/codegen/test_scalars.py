"""Numbers without axes: Python's arithmetic where it does what NumPy's does, NumPy's elsewhere."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest

import indexcalc as ic

rng = np.random.default_rng(23)


def source(text: str, query: str = "f", **sizes: int) -> str:
    return ic.Program(text).compile(query, sizes=sizes or {"n": 5}).source


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("f = log(1 + exp(-x_i y_i))", "math.log1p("),
        ("f = sigmoid(x_i y_i)", "math.exp("),
        ("f = tanh(x_i y_i)", "math.tanh("),
        ("f = sqrt(x_i x_i)", "math.sqrt("),
        ("f = log(sum_i exp(x_i))", "math.log("),
    ],
)
def test_scalars_by_python(text: str, call: str) -> None:
    assert call in source(text)


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("f = exp(x_i y_i)", "np.exp("),  # may overflow
        ("f = sqrt(x_i y_i)", "np.sqrt("),  # may be negative
        ("f = log1p(x_i y_i)", "np.log1p("),
    ],
)
def test_scalars_by_numpy(text: str, call: str) -> None:
    assert call in source(text)


def quiet(function: Any, **given: Any) -> float:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("error")
        return float(function(**given))


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("f = 1/(x_i y_i)", {"x": [0.0], "y": [1.0]}, math.inf),
        ("f = 1/s", {"s": 0.0}, math.inf),
        ("f = s/t", {"s": 0.0, "t": 0.0}, math.nan),
        ("f = t/(s s)", {"s": 0.0, "t": -1.0}, -math.inf),
        ("f = 1/max(x_i y_i, 0)", {"x": [-1.0], "y": [1.0]}, math.inf),
        ("f = 1/relu(s)", {"s": -2.0}, math.inf),
        ("f = 1/abs(x_i y_i)", {"x": [0.0], "y": [1.0]}, math.inf),
        ("f = 1/tanh(s)", {"s": 0.0}, math.inf),
        ("f = exp(x_i y_i)", {"x": [1e3], "y": [1.0]}, math.inf),
        ("f = log(x_i y_i)", {"x": [0.0], "y": [1.0]}, -math.inf),
        ("f = log(x_i y_i)", {"x": [-1.0], "y": [1.0]}, math.nan),
        ("f = sqrt(x_i y_i)", {"x": [-1.0], "y": [1.0]}, math.nan),
        ("f = log(sum_i exp(x_i))", {"x": [math.nan, 1.0]}, math.nan),
        ("f = log(sum_i exp(x_i))", {"x": [math.inf, 1.0]}, math.inf),
        ("f = log(sum_i exp(x_i))", {"x": [-math.inf, -math.inf]}, -math.inf),
        ("f = log(sum_i exp(x_i))", {"x": []}, -math.inf),
        ("f = sigmoid(s)", {"s": math.nan}, math.nan),
        ("f = sigmoid(s)", {"s": math.inf}, 1.0),
        ("f = sigmoid(s)", {"s": -math.inf}, 0.0),
        ("f = sigmoid(x_i y_i)", {"x": [1e4], "y": [1.0]}, 1.0),
        ("f = log(1 + exp(-s))", {"s": -1e4}, 1e4),
        ("f = sum_i x_i / s", {"x": [1.0, 2.0], "s": 0.0}, math.inf),
    ],
)
@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
def test_edges(text: str, given: dict[str, Any], expected: float, kind: Any) -> None:
    function = ic.Program(text).compile("f")
    arrays = {
        name: np.array(value, kind) if isinstance(value, list) else kind(value)
        for name, value in given.items()
    }
    for _ in range(2):  # the second call takes the short way
        found = quiet(function, **arrays)
        assert found == pytest.approx(expected, nan_ok=True)


def test_a_function_of_the_callers_gets_numpy_scalars() -> None:
    function = ic.Program("f = g(tanh(x_i y_i))").compile("f")
    seen: list[type] = []

    def g(value: Any) -> Any:
        seen.append(type(value))
        return value * 2.0

    one = np.ones(3)
    assert function(x=one, y=one, g=g) == pytest.approx(2 * math.tanh(3.0))
    assert seen == [np.float64]


def test_results_are_numpy_scalars() -> None:
    function = ic.Program("f = tanh(x_i y_i)\ng = x_i y_i").compile("f", "g")
    one = np.ones(3, np.float32)
    for result in function(x=one, y=one):
        assert type(result) is np.float32


def test_names_of_constants_are_free_for_the_caller() -> None:
    text = "ONE_i = sigmoid(TWO_i + math_i)\nf = ONE_i ONE_i"
    two, other = rng.normal(size=4), rng.normal(size=4)
    expected = 1 / (1 + np.exp(-two - other))
    found = ic.Program(text).compile("f", sizes={"m": 4, "n": 4})(TWO=two, math=other)
    assert found == pytest.approx(expected @ expected)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_constants_keep_the_dtype(dtype: str) -> None:
    function = ic.Program("f_i = 1 + 2 tanh(x_i) - x_i / 2").compile("f", sizes={"n": 4})
    x = rng.normal(size=4).astype(dtype)
    found = function(x=x)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, 1 + 2 * np.tanh(x) - x / 2, rtol=1e-6)


@pytest.mark.parametrize("size", [3, 5_000])
def test_the_logistic_function_from_one_exponential(size: int) -> None:
    """Value and slope of the same argument: `exp` is called once, and nothing warns."""
    program = ic.Program("z_i = w_i x_i\nf_i = sigmoid(z_i)")
    function = program.compile("f", "∂f_i/∂x_j", sizes={"n": size})
    assert function.source.count("np.exp(") == 1
    scores = np.array([0.0, 1.0, -1.0, 40.0, -40.0, 700.0, -700.0, 1e4, -1e4])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, slope = function(w=np.ones(9), x=scores)
    tail = np.exp(-np.abs(scores))
    expected = np.where(scores >= 0, 1 / (1 + tail), tail / (1 + tail))
    np.testing.assert_allclose(value, expected, rtol=1e-14, atol=1e-300)
    np.testing.assert_allclose(slope, np.diag(tail / (1 + tail) ** 2), rtol=1e-14, atol=1e-300)


def test_thin_products_keep_infinities() -> None:
    function = ic.Program("S_ij = a_i b_j").compile("S", sizes={"m": 3, "n": 3})
    assert ".dot(" in function.source
    a, b = np.array([math.inf, 1.0, math.nan]), np.array([1.0, -2.0, math.inf, 5.0])
    with np.errstate(invalid="ignore"):  # BLAS may warn of lanes that it computes and throws away
        np.testing.assert_array_equal(function(a=a, b=b), np.multiply.outer(a, b))
    assert function(a=np.ones(0), b=b).shape == (0, 4)
