"""The public interface, as a user meets it."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest

import indexcalc as ic

SEED = """
    σ(z) = 1/(1 + exp(-z))
    z_i  = W_ij x_j + b_i
    λ    = log(1 + exp(-y w_i σ(z_i)))
"""


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    return {
        "W": rng.normal(size=(4, 3)),
        "x": rng.normal(size=3),
        "b": rng.normal(size=4),
        "w": rng.normal(size=4),
        "y": np.array(-1.0),
    }


# --- programs -----------------------------------------------------------------------------------


def test_variables_tell_shape_domain_and_role() -> None:
    p = ic.Program("K[n, n] spd\nf = x_i K_ij x_j + g(c)")
    assert p.variables["K"] == ic.Variable("K", ("n", "n"), "spd", "input")
    assert p.variables["x"] == ic.Variable("x", ("n",), "any", "input")
    assert p.variables["c"].shape == ()
    assert (p.variables["f"].role, p.variables["g"].role) == ("definition", "function")


def test_definitions_queries_and_claims_keep_source_order() -> None:
    p = ic.Program("b_i = 2 a_i\nc_i = 3 a_i\n∂c_i/∂a_j\nb_i\nc_i == 3 a_i")
    assert list(p.definitions) == ["b", "c"]
    assert [q.text for q in p.queries] == ["∂c_i/∂a_j", "b_i"]
    assert p.claims == ("c_i == 3 a_i",)
    assert str(p.queries[0]) == "3 δ_ij"
    assert p.definitions["b"](a=[1.0, 2.0]).tolist() == [2.0, 4.0]


@pytest.mark.parametrize(
    "text", ["f = softmax(θ)", "f = sum(x)", "f = norm(x)", "f = ‖x‖", "f = x^T x", "f = ‖A x - b‖"]
)
def test_an_undeclared_name_is_not_taken_for_a_scalar_where_a_vector_is_meant(text: str) -> None:
    with pytest.raises(ic.FormulaError, match="declare"):
        ic.Program(text)


def test_an_empty_program_takes_queries() -> None:
    assert str(ic.Program("")["∂(x_i x_i)/∂x_j"]) == "2 x_j"


def test_a_query_may_bring_new_variables() -> None:
    p = ic.Program(SEED)
    assert p["∂²λ/∂W_ij∂W_kl v_kl"].inputs == ("W", "x", "b", "y", "w", "v")


def test_a_left_hand_side_fixes_the_order_of_axes(arrays: dict[str, np.ndarray]) -> None:
    p = ic.Program(SEED)
    plain, turned = p["∂λ/∂W_ij"], p["G_ji = ∂λ/∂W_ij"]
    assert turned.free == ("j", "i")
    np.testing.assert_array_equal(turned(**arrays), plain(**arrays).T)


@pytest.mark.parametrize("text", [3, None, b"x_i", ["x"]])
def test_what_is_no_text_is_refused(text: object) -> None:
    with pytest.raises(ic.FormulaSyntaxError, match="a formula is a text"):
        ic.Program(text)  # type: ignore[arg-type]
    with pytest.raises(ic.FormulaSyntaxError, match="a formula is a text"):
        ic.Program("")[text]  # type: ignore[index]


# --- functions ----------------------------------------------------------------------------------


def test_joint_results_equal_separate_ones(arrays: dict[str, np.ndarray]) -> None:
    p = ic.Program(SEED)
    queries = ("λ", "∂λ/∂W_ij", "∂λ/∂b_i", "∂²λ/∂W_ij∂W_kl", "z_i")
    for query, together in zip(queries, p.compile(*queries)(**arrays), strict=True):
        np.testing.assert_allclose(together, p[query](**arrays), rtol=1e-13, atol=1e-300)


def test_results_have_names(arrays: dict[str, np.ndarray]) -> None:
    f = ic.Program(SEED).compile("λ", "∂λ/∂W_ij", "∂²λ/∂W_ij∂b_k", "z_i", "z_i w_i", "H_i = z_i")
    assert f(**arrays)._fields == ("λ", "dλ_dW", "d2λ_dW_db", "z", "result", "H")


def test_positional_arguments_follow_the_signature(arrays: dict[str, np.ndarray]) -> None:
    f = ic.Program(SEED).compile("∂λ/∂W_ij")
    np.testing.assert_array_equal(f(*(arrays[name] for name in f.signature)), f(**arrays))


def test_program_variables_that_are_not_needed_may_be_passed(
    arrays: dict[str, np.ndarray],
) -> None:
    p = ic.Program(SEED)
    assert p["z_i"].inputs == ("W", "x", "b")
    np.testing.assert_allclose(
        p["z_i"](**arrays), arrays["W"] @ arrays["x"] + arrays["b"], rtol=1e-14
    )
    with pytest.raises(ic.EvaluationError, match="q not expected"):
        p["z_i"](**arrays, q=1.0)


def test_inputs_that_a_derivative_does_not_need_may_be_left_out() -> None:
    p = ic.Program("f = x_i A_ij y_j")
    g = p["∂f/∂A_ij"]
    x, y = np.arange(3.0), np.arange(2.0)
    assert g.inputs == ("x", "y")
    np.testing.assert_array_equal(g(x=x, y=y), np.outer(x, y))
    np.testing.assert_array_equal(g(x=x, y=y, A=np.ones((3, 2))), np.outer(x, y))
    zero = p["∂²f/∂A_ij∂A_kl"](A=np.ones((3, 2)), x=x, y=y)
    np.testing.assert_array_equal(zero, np.zeros((3, 2, 3, 2)))
    unit = ic.Program("z_i = b_i + c_i")["∂z_i/∂b_j"]
    assert unit.inputs == ("b",)  # nothing is computed from it, but it tells the size
    np.testing.assert_array_equal(unit(b=np.ones(3), c=np.ones(3)), np.eye(3))


def test_the_module_runs_without_the_package(arrays: dict[str, np.ndarray]) -> None:
    f = ic.Program(SEED).compile("λ", "∂λ/∂W_ij")
    assert "indexcalc" not in f.source
    names: dict[str, object] = {}
    exec(f.source, names)
    alone = names["evaluate"](*(arrays[name] for name in f.signature))  # type: ignore[operator]
    for ours, theirs in zip(f(**arrays), alone, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-14)


@pytest.mark.parametrize("value", ["tanh", "sigmoid", "sin"])
def test_an_abstract_function_by_name_brings_its_derivatives(value: str) -> None:
    p = ic.Program("f = w_i σ(w_i)")
    w = np.linspace(-1, 1, 5)
    named = ic.Program(f"f = w_i {value}(w_i)")
    for query in ("f", "∂f/∂w_i", "∂²f/∂w_i∂w_j"):
        np.testing.assert_allclose(p[query](w=w, σ=value), named[query](w=w), rtol=1e-14)
        assert p[query].compiled(w=w, sigma=value) is not None


def test_an_abstract_function_needs_the_orders_that_are_used() -> None:
    g = ic.Program("f = w_i σ(w_i)")["∂f/∂w_i"]
    w = np.linspace(-1, 1, 5)
    value = g(w=w, σ={0: np.sin, 1: np.cos})
    np.testing.assert_allclose(value, np.sin(w) + w * np.cos(w), rtol=1e-14)
    for given in (np.sin, {0: np.sin}, "no such function", 3):
        with pytest.raises(ic.EvaluationError):
            g(w=w, σ=given)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
def test_the_dtype_is_kept(dtype: str) -> None:
    p = ic.Program("f_i = exp(A_ij x_j) / 3")
    A, x = np.eye(2, 3, dtype=dtype), np.arange(3).astype(dtype)
    for query in ("f_i", "∂f_i/∂x_j", "∂²f_i/∂x_j∂x_k"):
        assert p[query](A=A, x=x).dtype == dtype


@pytest.mark.parametrize(
    "formula",
    ["0.2 x_i", "sqrt(pi) x_i", "exp(pi/2) + x_i", "sqrt(2) x_i", "gelu(x_i)", "log(n) x_i",
     "where(x_i > 0, 0.1, 0.2)", "where(x_i > 0, 0.1, pi)", "max(x_i, pi)", "[x_i > 0] 0.1"],
)  # fmt: skip
def test_numbers_in_a_formula_do_not_widen_arrays(formula: str) -> None:
    x = np.array([1, 2], np.float32)
    assert ic.Program("x[n]")[formula](x=x).dtype == np.float32


def test_a_kink_has_no_complex_derivative() -> None:
    g = ic.Program("f = relu(x_i) x_i")["∂f/∂x_i"]
    with pytest.raises(ic.EvaluationError, match="has no complex derivative"):
        g(x=np.ones(2, complex))


def test_complex_arrays_are_computed_as_the_formula_says() -> None:
    p = ic.Program("f = sum_i log(exp(x_i)); g = sum_i log(1 + exp(x_i))")
    x = np.array([1 + 4j, -2 - 5j])  # beyond the principal branch: log(exp(x)) is not x
    np.testing.assert_allclose(p["f"](x=x), np.log(np.exp(x)).sum(), rtol=1e-14)
    np.testing.assert_allclose(p["g"](x=x), np.log(1 + np.exp(x)).sum(), rtol=1e-14)
    expected = np.exp(x) / (1 + np.exp(x))
    np.testing.assert_allclose(p["∂g/∂x_i"](x=x), expected, rtol=1e-14)
    np.testing.assert_array_equal(p["f"](x=x.real), x.real.sum())


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("sqrt(x_i^2)", lambda x: np.sqrt(x**2)),
        ("(x_i^3)^(1/2)", lambda x: np.sqrt(x**3)),
        ("(1/x_i)^(1/2)", lambda x: np.sqrt(1 / x)),
        ("(x_i^(1/2))^(1/3)", lambda x: x ** (1 / 6)),
        ("sqrt(exp(x_i)^2)", lambda x: np.sqrt(np.exp(x) ** 2)),
        ("abs(exp(x_i))", lambda x: np.abs(np.exp(x))),
        ("sqrt(4 x_i)", lambda x: np.sqrt(4 * x)),
    ],
)
def test_roots_of_complex_numbers_are_on_the_principal_branch(
    formula: str, expected: Callable[[np.ndarray], np.ndarray]
) -> None:
    x = np.array([1 + 4j, -2 - 5j, -3 + 1j, -4 + 0j])
    np.testing.assert_allclose(ic.Program(f"y_i = {formula}")["y_i"](x=x), expected(x), rtol=1e-14)


def test_the_derivative_of_a_product_of_complex_numbers() -> None:
    x = np.array([1 + 4j, 0, 3])
    slope = ic.Program("f = prod_i x_i")["∂f/∂x_i"](x=x)
    np.testing.assert_allclose(slope, [0, 3 + 12j, 0], rtol=1e-14)


def test_the_derivative_of_a_complex_root() -> None:
    x = np.array([1 + 4j, -2 - 5j])
    slope = ic.Program("y_i = sqrt(x_i^2)")["d_i = ∂y_i/∂x_i"](x=x)
    np.testing.assert_allclose(slope, x / np.sqrt(x**2), rtol=1e-14)


@pytest.mark.parametrize("formula", ["0/0", "(x - x)/(x - x)", "x (0/0)", "0 (1/0)"])
def test_zero_over_zero_is_refused(formula: str) -> None:
    with pytest.raises(ic.EvaluationError, match="zero is divided by zero"):
        ic.evaluate(formula, x=2.0) if "x" in formula else ic.evaluate(formula)


def test_a_number_over_zero_is_infinite() -> None:
    with np.errstate(divide="ignore"):
        assert ic.evaluate("x/(x - x)", x=2.0) == np.inf
        assert ic.evaluate("-1/0") == -np.inf


def test_an_assumption_is_not_differentiated() -> None:
    p = ic.Program("p[n]; assume sum_i p_i == 1; f = (sum_i p_i)^2")
    assert str(p["∂f/∂p_i"]) == "2 1_i"
    for query in ("∂²f/∂p_i∂p_j", "∂(∂f/∂p_i)/∂p_j"):
        assert str(p[query]) == "2 1_i 1_j"
        np.testing.assert_array_equal(p[query](p=np.array([0.25, 0.75])), np.full((2, 2), 2.0))


def test_a_wrong_shape_names_variable_axis_and_sizes(arrays: dict[str, np.ndarray]) -> None:
    f = ic.Program(SEED).compile("λ")
    with pytest.raises(ic.ShapeError, match=r"x has the shape \(5,\), expected \(3,\)"):
        f(**{**arrays, "x": np.ones(5)})
    with pytest.raises(ic.ShapeError, match="W must have 2 axes"):
        f(**{**arrays, "W": np.ones(5)})


def test_memory_is_planned_before_it_is_taken() -> None:
    f = ic.Program("y_ij = x_i x_j").compile("y_ij", memory_limit=10_000)
    assert f(x=np.ones(10)).shape == (10, 10)
    with pytest.raises(ic.LimitError, match="the limit is 10,000"):
        f(x=np.ones(1000))


def test_an_unknown_backend_is_refused() -> None:
    with pytest.raises(ic.EvaluationError, match="no backend 'fortran'"):
        ic.Program("f = x").compile("f", backend="fortran")


def test_nothing_to_compile_is_an_error() -> None:
    with pytest.raises(ic.EvaluationError, match="nothing to compile"):
        ic.Program("f = x").compile()


# --- one-shot calls -----------------------------------------------------------------------------


def test_evaluate_takes_ranks_from_the_arrays() -> None:
    A, x = np.arange(6.0).reshape(2, 3), np.arange(3.0)
    np.testing.assert_array_equal(ic.evaluate("A x", A=A, x=x), A @ x)
    np.testing.assert_array_equal(ic.evaluate("y = A x\ny_i y_i", A=A, x=x), (A @ x) @ (A @ x))
    np.testing.assert_array_equal(ic.evaluate("z = A x", A=A, x=x), A @ x)
    with pytest.raises(ic.FormulaError):
        ic.evaluate("A x", A=A, x=x, extra=x)
    with pytest.raises(ic.ShapeError):
        ic.evaluate("A x", A=A, x=np.ones(2))


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("x_i x_i", ["x_j"], "2 x_j"),
        ("x_i x_i", ["x_j", "x_k"], "2 δ_jk"),
        ("f = x_i A_ij x_j", ["x_k"], "x_i (A_ik + A_ki)"),
        ("A[n, n], x[n]; x^T A x", ["A"], "x_i x_j"),
        ("a_i = x_i^2; b_i = exp(a_i)", ["a_j"], "b_i δ_ij"),
        ("λ^2", ["lambda"], "2 λ"),
    ],
)
def test_derive(text: str, variables: list[str], expected: str) -> None:
    given = str(ic.derive(text, *variables))
    assert given == expected


def test_derive_needs_something_to_derive_by() -> None:
    with pytest.raises(ic.DifferentiationError, match="needs a variable"):
        ic.derive("x_i x_i")
    with pytest.raises(ic.FormulaError):
        ic.derive("x_i x_i", "2")


# --- stability ----------------------------------------------------------------------------------


@pytest.mark.parametrize("score", [0.0, 1.0, -1.0, 40.0, -40.0, 700.0, -700.0, 1e4, -1e4])
def test_value_gradient_and_hessian_are_stable_together(score: float) -> None:
    mpmath = pytest.importorskip("mpmath")
    f = ic.Program("f = log(1 + exp(-y w_i x_i))").compile("f", "∂f/∂w_i", "∂²f/∂w_i∂w_j")
    w, x = np.array([score, 0.0]), np.array([1.0, 0.5])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, gradient, hessian = f(w=w, x=x, y=1.0)
    with mpmath.workdps(60):
        q = mpmath.mpf(score)
        small, other = 1 / (1 + mpmath.exp(q)), 1 / (1 + mpmath.exp(-q))
        expected = [mpmath.log1p(mpmath.exp(-q)), -small, small * other]
        for ours, exact in zip((value, gradient[0], hessian[0, 0]), expected, strict=True):
            assert abs(ours - exact) <= 1e-14 * abs(exact) or abs(exact) < 1e-300 > abs(ours)


def test_the_cost_says_which_sizes_it_depends_on() -> None:
    cost = ic.Program("A[m, n], x[n]; y = A x").compile("y").cost
    assert cost.at({"m": 2, "n": 3}).flops > 0
    with pytest.raises(ic.EvaluationError, match="depends on n"):
        cost.at({"m": 2})


def test_an_input_that_is_not_in_the_query_may_tell_a_size() -> None:
    program = ic.Program("A[n, n], x[n]; f = x^T A x")
    np.testing.assert_array_equal(program["eye(n)"](A=np.zeros((3, 3))), np.eye(3))
    assert program["eye(n)"].inputs == ("A",)
