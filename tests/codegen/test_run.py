"""Functions as users call them: arguments, errors, limits, dtypes."""

from __future__ import annotations

import threading
import traceback
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from indexcalc.codegen.run import Function
from indexcalc.errors import EvaluationError, LimitError, ShapeError
from indexcalc.ir.build import (
    add,
    apply,
    builtin,
    call,
    constant,
    delta,
    multiply,
    ones,
    power,
    scale,
    size,
    variable,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import ONE, Extent
from indexcalc.ir.node import Function as ScalarFunction
from indexcalc.ir.node import Node

M, N, P = (Extent.named(name) for name in "mnp")
W, X, A, K = (variable(k, s) for k, s in (("W", (M, N)), ("x", (N,)), ("a", ()), ("K", (N, N))))
PRODUCT = contract([(W, "ij"), (X, "j")], "i")
ARGUMENTS = [("W", W.shape), ("x", X.shape)]


@pytest.fixture
def product() -> Function:
    return Function([("y", PRODUCT)], ARGUMENTS)


def test_by_name_and_by_place(product: Function) -> None:
    w, x = np.arange(6.0).reshape(2, 3), np.arange(3.0)
    for _ in range(2):
        np.testing.assert_array_equal(product(w, x), w @ x)
        np.testing.assert_array_equal(product(x=x, W=w), w @ x)
        np.testing.assert_array_equal(product(w, x=x), w @ x)


def test_shapes_may_change_from_call_to_call(product: Function) -> None:
    for m, n in [(2, 3), (1, 1), (50, 3), (2, 3), (3, 0)]:
        w, x = np.ones((m, n)), np.ones(n)
        np.testing.assert_array_equal(product(w, x), np.full(m, n))


@pytest.mark.parametrize(
    ("args", "named", "message"),
    [
        ((), {}, "W, x missing; expected: W (m×n), x (n)"),
        ((np.ones((2, 2)),), {"z": 1}, "z not expected and x missing"),
        ((np.ones((2, 2)), np.ones(2), 3), {}, "3 arguments given"),
        ((np.ones((2, 2)), np.ones(2)), {"x": np.ones(2)}, "x is given twice"),
        ((np.ones((2, 2)), "abc"), {}, "x must hold numbers"),
        ((np.ones((2, 2)), [[1], [1, 2]]), {}, "x cannot be read as an array of numbers"),
        ((np.ones((2, 2)), np.sin), {}, "x is a tensor, but a function was given"),
        ((np.ones((2, 2)), None), {}, "x must hold numbers"),
    ],
)
def test_wrong_arguments_are_told(
    product: Function, args: tuple[Any, ...], named: dict[str, Any], message: str
) -> None:
    for _ in range(2):
        with pytest.raises(EvaluationError) as caught:
            product(*args, **named)
        assert message in str(caught.value)
        product(np.ones((2, 2)), np.ones(2))  # the second round meets the fast path


@pytest.mark.parametrize(
    ("w", "x", "message"),
    [
        ((2, 3), (2,), "x has the shape (2,), expected (3,)"),
        ((2, 3), (2,), "axis 1 of x is n, and n = 3 is axis 2 of W"),
        ((2, 3), (3, 1), "x must have 1 axes (n), the array has the shape (3, 1)"),
    ],
)
def test_wrong_shapes_are_told(
    product: Function, w: tuple[int, ...], x: tuple[int, ...], message: str
) -> None:
    product(np.ones((2, 3)), np.ones(3))
    with pytest.raises(ShapeError) as caught:
        product(np.ones(w), np.ones(x))
    assert message in str(caught.value)


def test_sizes_are_solved_from_composite_extents() -> None:
    u, v = variable("u", (M + Extent.fixed(-1),)), variable("v", (P * M,))
    root = add(*(contract([], "i", {"i": e}) for e in (P, P)))
    f = Function([("y", root)], [("u", u.shape), ("v", v.shape)])
    np.testing.assert_array_equal(f(np.ones(3), np.ones(20)), np.full(5, 2.0))
    with pytest.raises(ShapeError, match="which cannot be m\\*p with m = 4"):
        f(np.ones(3), np.ones(21))


def test_a_size_that_nothing_tells_is_asked_for() -> None:
    with pytest.raises(ShapeError, match="no argument's shape tells the size n"):
        Function([("y", ones((N,)))], [])()
    np.testing.assert_array_equal(Function([("y", ones((N,)))], [], sizes={"n": 2})(), [1.0, 1.0])


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
def test_dtypes_are_kept(dtype: str) -> None:
    root = multiply(A, builtin("exp", scale(-1, PRODUCT)))
    total = contract([(root, "i")], "")
    f = Function([("y", root), ("s", total), ("d", delta(N))], [*ARGUMENTS, ("a", ())])
    w, x = np.ones((2, 3), dtype), np.ones(3, dtype)
    for a in (2.0, np.dtype(dtype).type(2), 2, np.array(2, dtype)):
        for _ in range(2):
            results = f(w, x, a)
            assert [np.asarray(r).dtype.name for r in results] == [dtype] * 3
            assert all(isinstance(r, np.ndarray | np.generic) for r in results)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [("int64", "float64"), ("bool", "float64"), (">f8", "float64"), ("float16", "float32"),
     ("uint8", "float64"), (">f4", "float32")],
)  # fmt: skip
def test_other_dtypes_are_promoted(product: Function, given: str, wanted: str) -> None:
    result = product(np.ones((2, 3), given), np.ones(3, given))
    assert result.dtype.name == wanted
    assert result.dtype.isnative


def test_mixed_dtypes_meet(product: Function) -> None:
    single, double = np.ones((2, 3), np.float32), np.ones(3)
    assert product(single, double).dtype == np.float64
    assert product(single, double.astype(complex)).dtype == np.complex128
    assert product(single, double.astype(np.complex64)).dtype == np.complex64


def test_arrays_of_any_layout(product: Function) -> None:
    base = np.arange(24.0).reshape(4, 6)
    w, x = base[::2, ::-2], np.broadcast_to(np.float64(2.0), 3)
    base.setflags(write=False)
    np.testing.assert_array_equal(product(w, x), w @ x)
    np.testing.assert_array_equal(product(np.asfortranarray(w), list(x)), w @ x)


def test_infinity_and_nan_pass() -> None:
    f = Function([("y", builtin("exp", X)), ("z", scale(2, X))], [("x", X.shape)])
    y, z = f(np.array([np.inf, -np.inf, np.nan]))
    np.testing.assert_array_equal(y, [np.inf, 0.0, np.nan])
    np.testing.assert_array_equal(z, [np.inf, -np.inf, np.nan])


def test_the_memory_limit_is_checked_before_anything_is_allocated() -> None:
    outer = contract([(X, "i"), (X, "j"), (X, "k"), (X, "l")], "ijkl")
    f = Function([("y", outer)], [("x", X.shape)], memory_limit=10**6)
    assert f(np.ones(3)).shape == (3, 3, 3, 3)
    with pytest.raises(LimitError, match="bytes are needed, and the limit is 1,000,000"):
        f(np.ones(1000))
    with pytest.raises(LimitError, match="bytes are needed"):
        Function([("y", outer)], [("x", X.shape)])(np.ones(100_000))


def test_too_many_axes() -> None:
    with pytest.raises(LimitError, match="65 axes"):
        Function([("y", contract([(X, [k]) for k in range(65)], range(65)))], [("x", X.shape)])
    many = contract([(X, [k]) for k in range(20)], range(20))
    assert Function([("y", many)], [("x", X.shape)])(np.ones(1)).shape == (1,) * 20


def abstract(order: int, x: Node = X) -> Node:
    return apply(ScalarFunction("σ", (order,), "abstract"), x)


def test_abstract_functions_are_passed() -> None:
    f = Function([("y", multiply(abstract(0), abstract(1)))], [("x", X.shape)])
    assert f.signature == ("x", "σ")
    x = np.array([0.1, 0.2])
    for named in ({"σ": {0: np.sin, 1: np.cos}}, {"sigma": {(0,): np.sin, 1: np.cos}}):
        np.testing.assert_allclose(f(x=x, **named), np.sin(x) * np.cos(x))
    assert "def evaluate(x, σ, dσ):" in f.source
    with pytest.raises(EvaluationError, match="σ differentiated 1 times is needed"):
        f(x=x, σ=np.sin)
    with pytest.raises(ShapeError, match=r"σ gave the shape \(1,\)"):
        f(x=x, σ={0: lambda z: z[:1], 1: np.cos})
    with pytest.raises(EvaluationError, match="must be a function of arrays"):
        f(x=x, σ={0: 3, 1: np.cos})


def test_a_function_that_spoils_its_argument_does_no_harm() -> None:
    def spoil(z: Any) -> Any:
        z *= 0
        return z

    x = np.ones(3)
    f = Function([("y", add(abstract(0), X)), ("z", abstract(0))], [("x", X.shape)])
    y, z = f(x=x, σ=spoil)
    np.testing.assert_array_equal(y, x)
    assert not np.shares_memory(y, z)
    assert not np.shares_memory(f(x=x, σ=lambda t: t).z, x)


def test_derivatives_that_hold_for_reals_only_refuse_complex_arrays() -> None:
    f = Function([("y", builtin("abs", X))], [("x", X.shape)], differentiated=True)
    np.testing.assert_array_equal(f(-np.ones(2)), [1.0, 1.0])
    with pytest.raises(EvaluationError, match="abs has no complex derivative"):
        f(np.ones(2) * 1j)
    plain = Function([("y", builtin("abs", X))], [("x", X.shape)])
    np.testing.assert_array_equal(plain(np.ones(2) * 1j), [1.0, 1.0])


def test_a_function_that_numpy_does_not_have_for_complex_numbers() -> None:
    f = Function([("y", builtin("cbrt", X))], [("x", X.shape)])
    with pytest.raises(EvaluationError, match="NumPy cannot evaluate this"):
        f(np.ones(2) * 1j)


def test_a_singular_matrix_is_an_evaluation_error() -> None:
    f = Function([("y", call("inv", K))], [("K", K.shape)])
    with pytest.raises(EvaluationError, match="Singular"):
        f(np.zeros((2, 2)))


def test_what_numpy_calls_scalars_come_out_as_numpy_scalars() -> None:
    constant = Function([("y", scale(2, ones(())))], [])()
    assert isinstance(constant, np.float64)
    assert isinstance(Function([("y", A)], [("a", ())])(3), np.float64)
    assert isinstance(Function([("y", scale(-1, A))], [("a", ())])(np.float32(3)), np.float32)


def test_threads_with_different_shapes(product: Function) -> None:
    failures = []

    def work(n: int) -> None:
        for _ in range(200):
            if not np.array_equal(product(np.ones((n, n)), np.ones(n)), np.full(n, n)):
                failures.append(n)

    threads = [threading.Thread(target=work, args=(n,)) for n in (2, 3, 17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_traceback_shows_the_line() -> None:
    def fail(_: Any) -> Any:
        raise RuntimeError("mine")

    f = Function([("y", abstract(0))], [("x", X.shape)])
    try:
        f(x=np.ones(2), σ=fail)
    except RuntimeError:
        assert "y = σ(x)" in traceback.format_exc()


def test_source_runs_alone_and_explain_tells_the_plan() -> None:
    f = Function([("y", PRODUCT)], ARGUMENTS, formulas={"y": "y_i = W_ij x_j"}, name="product")
    namespace: dict[str, Any] = {}
    exec(f.source, namespace)
    np.testing.assert_array_equal(namespace["product"](np.ones((2, 3)), np.ones(3)), [3.0, 3.0])
    assert "indexcalc" not in f.source
    assert "y_i = W_ij x_j  y = W.dot(x)  2*m*n" in f.explain()
    assert str(f.cost.flops) == "2*m*n"
    f(np.ones((2, 3)), np.ones(3))
    assert f.cost.numbers.flops == 12


def test_extents_of_one_are_not_merged_with_others() -> None:
    v = variable("v", (ONE, N))
    f = Function([("y", contract([(v, "ij"), (v, "ik")], "jk"))], [("v", v.shape)])
    np.testing.assert_array_equal(f(np.ones((1, 3))), np.ones((3, 3)))
    with pytest.raises(ShapeError, match="that is its declared size"):
        f(np.ones((2, 3)))


def test_a_python_number_takes_the_precision_of_the_arrays_in_every_call() -> None:
    f = Function([("y", multiply(A, X))], [("x", X.shape), ("a", ())])
    single, double = np.ones(2, np.float32), np.ones(2)
    for x in (single, double, single, double):
        np.testing.assert_array_equal(f(x, 0.1), x.dtype.type(0.1) * x)


def test_unused_names_may_be_passed_by_the_fast_path_too() -> None:
    f = Function([("y", scale(2, X))], [("x", X.shape)], unused=["W", "if", "x"])
    for _ in range(3):
        np.testing.assert_array_equal(f(x=np.ones(2), W=np.ones(5), **{"if": 3}), [2.0, 2.0])
        with pytest.raises(EvaluationError, match="z not expected"):
            f(x=np.ones(2), z=1)


def test_no_arguments_and_scalars_only() -> None:
    nothing = Function([("y", ones(()))], [])
    assert [nothing() for _ in range(3)] == [1.0] * 3
    with pytest.raises(EvaluationError, match="no arguments are expected"):
        nothing(1)
    g = Function([("y", scale(3, A)), ("z", multiply(A, A))], [("a", ())])
    for a in (2, 2.0, np.float64(2), np.array(2)):
        assert g(a) == (6.0, 4.0)
    assert g(2.0j) == (6.0j, -4.0)
    assert isinstance(g(np.float32(2)).y, np.float32)
    assert isinstance(g(2).y, np.float64)


def test_sizes_and_constants_do_not_promote() -> None:
    n = size(N)
    root = multiply(add(power(n, Fraction(-1, 2)), constant("pi")), builtin("logcosh", X))
    f = Function([("y", root), ("n", power(n, Fraction(1, 2)))], [("x", X.shape)])
    for dtype in ("float32", "complex64", "float64"):
        y, root_n = f(np.ones(4, dtype))
        assert (y.dtype, root_n.dtype) == (np.dtype(dtype), np.dtype(dtype))
        want = (0.5 + np.pi) * np.log(np.cosh(1.0))
        np.testing.assert_allclose(y, np.full(4, want), rtol=1e-6)


def test_the_levi_civita_symbol_is_of_the_dtype_in_use() -> None:
    three = Extent.fixed(3)
    a, b = variable("a", (three,)), variable("b", (three,))
    epsilon = constant("levi_civita", (three,) * 3)
    f = Function([("y", contract([(epsilon, "ijk"), (a, "j"), (b, "k")], "i"))],
                 [("a", a.shape), ("b", b.shape)])  # fmt: skip
    for dtype in ("float32", "float64", "complex64"):
        left, right = np.array([1, 2, 3], dtype), np.array([-1, 0.5, 2], dtype)
        np.testing.assert_allclose(f(left, right), np.cross(left, right), rtol=1e-6)
        assert f(left, right).dtype == dtype


def test_one_over_a_size_of_zero_is_infinite() -> None:
    f = Function([("y", power(size(N), -1))], [("x", X.shape)])
    assert f(np.ones(4)) == 0.25
    with np.errstate(divide="ignore"):
        assert f(np.ones(0)) == np.inf
