"""Arrays in and out: dtypes, empty axes, division by zero, names, abstract functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from tests.spec.agreement import close

RNG = np.random.default_rng(3)
W, x, b = RNG.normal(size=(3, 4)), RNG.normal(size=4), RNG.normal(size=3)
LAYER = "y_i = tanh(W_ij x_j) + b_i"


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("query", ["y", "∂y_i/∂W_jk", "∂²y_i/∂x_j∂x_k", "y_i y_i"])
def test_floating_dtypes_are_kept(dtype: str, query: str) -> None:
    arrays = {"W": W.astype(dtype), "x": x.astype(dtype), "b": b.astype(dtype)}
    assert ic.Program(LAYER)[query](**arrays).dtype == dtype


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint8", "bool"])
def test_whole_numbers_become_float64(dtype: str) -> None:
    value = ic.evaluate("y_i = W_ij x_j", W=np.ones((2, 3), dtype), x=np.ones(3, dtype))
    assert value.dtype == "float64"
    np.testing.assert_array_equal(value, [3.0, 3.0])


@pytest.mark.parametrize(
    "text",
    [
        "1/w", "y/w", "1/[w > 1]", "y/max(w, 0)", "1/max(w, 0)", "1/relu(w)", "1/([w > 1] w)",
        "1/([w > 1] + [w > 5])", "abs(w)^-1", "w^-2", "where(w > 0, 1, 0)^-1", "sign(w)^-1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_scalars_divided_by_zero_give_infinity(text: str, dtype: str) -> None:
    arrays = {"w": np.zeros((), dtype), **({"y": np.ones((), dtype)} if "y" in text else {})}
    with np.errstate(all="ignore"):
        value = ic.evaluate(text, **arrays)
    assert value == np.inf
    assert value.dtype == dtype


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sum_i x_i", 0), ("prod_i x_i", 1), ("x_i x_i", 0), ("norm(x_i)", 0),
        ("mean_i x_i", np.nan), ("max_i x_i", -np.inf), ("min_i x_i", np.inf),
        ("logsumexp_i x_i", -np.inf), ("x_i x_i + 1/n", np.inf), ("x_i x_i + log(n)", -np.inf),
        ("x_i x_i + 2/n^2", np.inf), ("x_i x_i + n", 0),
    ],
)  # fmt: skip
def test_reductions_of_nothing(text: str, expected: float, dtype: str) -> None:
    program = ic.Program(f"x[n]; f = {text}")
    with np.errstate(all="ignore"):
        value = program["f"](x=np.zeros(0, dtype))
        assert program["∂f/∂x_j"](x=np.zeros(0, dtype)).shape == (0,)
    np.testing.assert_equal(float(value), float(expected))
    assert value.dtype == dtype


@pytest.mark.parametrize(
    ("query", "shape"),
    [("y", (0,)), ("∂y_i/∂x_j", (0, 4)), ("∂y_i/∂W_jk", (0, 0, 4)), ("∂²y_i/∂x_j∂x_k", (0, 4, 4))],
)
def test_axes_of_no_length(query: str, shape: tuple[int, ...]) -> None:
    value = ic.Program(LAYER)[query](W=np.zeros((0, 4)), x=x, b=np.zeros(0))
    assert value.shape == shape


def test_empty_matrices() -> None:
    program = ic.Program("X[n, n]; f = det(X) + logdet(X) + tr(X); B = inv(X) ⊗ X")
    value, slope, kron = program.compile("f", "∂f/∂X", "B")(X=np.zeros((0, 0)))
    assert (value, slope.shape, kron.shape) == (1.0, (0, 0), (0, 0))


def test_nan_and_infinity_pass() -> None:
    with np.errstate(all="ignore"):
        value = ic.evaluate("y_i = log(x_i)", x=np.array([-1.0, 0.0, np.nan, np.inf]))
    np.testing.assert_array_equal(value, [np.nan, -np.inf, np.nan, np.inf])


def test_inputs_are_never_written_to() -> None:
    given = [W.copy(), x.copy(), b.copy()]
    ic.Program(LAYER).compile("y", "∂y_i/∂W_jk", "∂²y_i/∂x_j∂x_k")(*given)
    for array, original in zip(given, (W, x, b), strict=True):
        np.testing.assert_array_equal(array, original)


def test_views_lists_and_read_only_arrays_are_taken() -> None:
    view = np.asfortranarray(np.repeat(W, 2, axis=0))[::2]
    view.setflags(write=False)
    value = ic.Program(LAYER)["y"](W=view, x=list(x), b=tuple(b))
    close(value, np.tanh(W @ x) + b)


REFUSED: list[tuple[dict[str, Any], type[ic.FormulaError], str]] = [
    ({"b": x}, ic.ShapeError, "b has the shape"),
    ({"x": W}, ic.ShapeError, "x must have 1 ax"),
    ({"x": 1.0}, ic.ShapeError, "x must have 1 ax"),
    ({"W": "hi"}, ic.EvaluationError, "W must hold numbers"),
    ({"W": [[1, 2], [3]]}, ic.EvaluationError, "W cannot be read as an array"),
    ({"W": None}, ic.EvaluationError, "W "),
    ({"c": 3}, ic.EvaluationError, "c not expected; expected: W"),
]


@pytest.mark.parametrize(("change", "error", "message"), REFUSED)
def test_wrong_arrays_are_refused(
    change: dict[str, Any], error: type[ic.FormulaError], message: str
) -> None:
    with pytest.raises(error, match=message):
        ic.Program(LAYER)["y"](**{"W": W, "x": x, "b": b, **change})


def test_a_missing_array_is_refused() -> None:
    with pytest.raises(ic.EvaluationError, match="b missing; expected: W"):
        ic.Program(LAYER)["y"](W=W, x=x)


@pytest.mark.parametrize("name", ["λ", "lambda", "lambda_"])
def test_arguments_have_greek_and_ascii_names(name: str) -> None:
    value = ic.Program("f = lambda x_i x_i")["f"](x=x, **{name: 2.0})
    close(value, 2 * x @ x)


def test_names_of_python_are_safe_names() -> None:
    formula = ic.Program("f = lambda if_i np_i + out + len + class_i class_i")["f"]
    arrays = {"lambda": 2.0, "if": x, "np": x, "out": 1.0, "len": 3.0, "class": x}
    close(formula(**arrays), 3 * x @ x + 4)


ABSTRACT = "z_i = W_ij x_j; y_i = σ(z_i)"


@pytest.mark.parametrize("given", ["tanh", {0: np.tanh, 1: lambda z: 1 - np.tanh(z) ** 2}])
def test_abstract_functions_are_given_by_name_or_with_derivatives(given: object) -> None:
    program = ic.Program(ABSTRACT)
    z = W @ x
    close(program["y"](W=W, x=x, σ=given), np.tanh(z))
    close(program["∂y_i/∂x_j"](W=W, x=x, sigma=given), (1 - np.tanh(z) ** 2)[:, None] * W)


def test_higher_derivatives_of_abstract_functions() -> None:
    program = ic.Program(ABSTRACT)
    query = "∂³y_i/∂x_j∂x_k∂x_l"
    z = W @ x
    expected = np.einsum("i,ij,ik,il->ijkl", -np.cos(z), W, W, W)
    close(program[query](W=W, x=x, σ="sin"), expected)
    close(program[query](W=W, x=x, σ={3: lambda z: -np.cos(z)}), expected)
    assert "σ'''(z_i)" in str(program[query])
    with pytest.raises(ic.EvaluationError, match="3 times"):
        program[query](W=W, x=x, σ={0: np.sin, 1: np.cos})


def test_abstract_functions_of_two_arguments() -> None:
    program = ic.Program("y_i = h(x_i, z_i)")
    z = RNG.normal(size=4)
    value = program["∂y_i/∂z_j"](x=x, z=z, h={(0, 1): lambda u, v: u * np.cos(v)})
    close(value, np.diag(x * np.cos(z)))
    with pytest.raises(ic.EvaluationError, match=r"pass  h=\{\(0, 1\): …\}"):
        program["∂y_i/∂z_j"](x=x, z=z, h=np.multiply)


@pytest.mark.parametrize("given", ["no_such_function", 3, None])
def test_what_is_no_function_is_refused(given: object) -> None:
    with pytest.raises(ic.EvaluationError):
        ic.Program(ABSTRACT)["y"](W=W, x=x, σ=given)


def test_a_function_that_gives_another_shape_is_refused() -> None:
    with pytest.raises(ic.ShapeError, match=r"σ gave the shape \(1,\)"):
        ic.Program(ABSTRACT)["y"](W=W, x=x, σ=lambda z: z[:1])


def test_results_come_as_a_named_tuple_and_arguments_by_position() -> None:
    function = ic.Program(LAYER).compile("y", "∂y_i/∂x_j")
    assert function.signature == ("W", "x", "b")
    result = function(W, x, b)
    close(result[0], np.tanh(W @ x) + b)
    assert result._fields[0] == "y"
    with pytest.raises(ic.EvaluationError, match="4 arguments"):
        function(W, x, b, b)


def test_one_shot_calls() -> None:
    close(ic.evaluate("y_i = W_ij x_j", W=W, x=x), W @ x)
    close(ic.evaluate("x^T A x", A=W.T @ W, x=x), x @ W.T @ W @ x)
    close(ic.evaluate("∂(x_i x_i)/∂x_j", x=x), 2 * x)
    assert str(ic.derive("x_i x_i", "x_j", "x_k")) == "2 δ_jk"
    with pytest.raises(ic.ShapeError, match="two extents: 4 and 3"):
        ic.evaluate("y_i = W_ij x_j", W=W, x=b)


def test_a_result_beyond_the_memory_limit_is_refused_before_it_is_made() -> None:
    with pytest.raises(ic.LimitError, match="bytes are needed"):
        ic.evaluate("C_ijkl = x_i x_j x_k x_l", x=np.zeros(3000))
    with pytest.raises(ic.LimitError, match="bytes are needed"):
        ic.Program(LAYER).compile("∂y_i/∂W_jk", memory_limit=100)(W=W, x=x, b=b)
