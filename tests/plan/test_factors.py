"""What is made of one matrix comes from few factorisations, and is right for all sizes."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import indexcalc as ic
from indexcalc.codegen.numpy_source import emit
from indexcalc.codegen.run import Function
from indexcalc.errors import EvaluationError
from indexcalc.ir.build import call, variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node
from indexcalc.plan.schedule import make_plan

Array = NDArray[Any]
N, M = Extent.named("n"), Extent.named("m")
A, K = variable("A", (N, N)), variable("K", (N, N), ["spd"])
x, y = variable("x", (N,)), variable("y", (N,))
B, C = variable("B", (N, M)), variable("C", (M, N))
ARGUMENTS = [(v.name, v.shape) for v in (A, K, x, y, B, C)]

# what may be made of a matrix `S`: names of factors and their indices, and the result's
PRODUCTS = {
    "S x": ("S_ij x_j", "i"), "y S": ("y_i S_ij", "j"), "S B": ("S_ij B_jk", "ik"),
    "C S": ("C_ki S_ij", "kj"), "x S x": ("x_i S_ij x_j", ""), "x S y": ("x_i S_ij y_j", ""),
    "B S B": ("B_ia S_ij B_jb", "ab"), "x S B": ("x_i S_ij B_jb", "b"),
    "C S B": ("C_ai S_ij B_jb", "ab"), "trace": ("B_ia S_ij B_ja", ""),
    "rows": ("B_ia S_ij B_ja", "a"), "S S x": ("S_ij S_jk x_k", "i"),
    "S A S": ("x_i S_ij A_jk S_kl y_l", ""), "outer": ("S_ij x_j S_kl y_l", "ik"),
    "S": ("S_ij", "ij"),
}  # fmt: skip
NAMES = [*PRODUCTS, "logdet", "det"]
SHAPES = [(0, 2), (1, 1), (1, 3), (3, 0), (5, 2), (7, 7), (63, 1), (64, 2), (67, 3), (101, 2)]


def node(name: str, matrix: Node) -> Node:
    if name in ("logdet", "det"):
        return call(name, matrix)
    factors, output = PRODUCTS[name]
    named = {"S": call("inv", matrix), "A": A, "x": x, "y": y, "B": B, "C": C}
    pairs = [(named[factor[0]], factor[2:]) for factor in factors.split()]
    return contract(pairs, output)


def truth(name: str, matrix: Array, arrays: dict[str, Array]) -> Array:
    if name in ("logdet", "det"):
        return np.linalg.slogdet(matrix)[1] if name == "logdet" else np.linalg.det(matrix)  # type: ignore[no-any-return]
    factors, output = PRODUCTS[name]
    named = {**arrays, "S": np.linalg.inv(matrix)}
    parts = factors.split()
    axes = ",".join(factor[2:] for factor in parts)
    found: Array = np.einsum(
        f"{axes}->{output}", *(named[part[0]] for part in parts), optimize=True
    )
    return found


def arrays_of(n: int, m: int, dtype: str = "float64") -> dict[str, Array]:
    random = np.random.default_rng(100 * n + m)
    a = random.standard_normal((n, n)) / max(n, 1) ** 0.5
    found = {
        "A": a + 3 * np.eye(n), "K": a @ a.T + np.eye(n),
        "x": random.standard_normal(n), "y": random.standard_normal(n),
        "B": random.standard_normal((n, m)), "C": random.standard_normal((m, n)),
    }  # fmt: skip
    return {name: array.astype(dtype) for name, array in found.items()}


def planned(names: list[str], matrix: Node, sizes: dict[str, int], dtype: str = "float64") -> Any:
    """The function for these sizes, which may be called with all others, and its text."""
    plan = make_plan([(f"r{k}", node(name, matrix)) for k, name in enumerate(names)], sizes)
    module = emit(plan, ARGUMENTS, dtype=dtype)
    namespace: dict[str, Any] = {}
    exec(module.text, namespace)
    return namespace["evaluate"], module.text


@settings(max_examples=40, deadline=None)
@given(
    names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True),
    definite=st.booleans(),
    order=st.sampled_from([1, 4, 50, 150, 300, 1000]),
    width=st.sampled_from([1, 2, 20]),
)
def test_any_results_together(names: list[str], *, definite: bool, order: int, width: int) -> None:
    evaluate, _ = planned(names, K if definite else A, {"n": order, "m": width})
    for n, m in SHAPES:
        arrays = arrays_of(n, m)
        found = evaluate(*(arrays[name] for name, _ in ARGUMENTS))
        for name, result in zip(names, found if len(names) > 1 else [found], strict=True):
            expected = truth(name, arrays["K" if definite else "A"], arrays)
            assert np.shape(result) == np.shape(expected)
            np.testing.assert_allclose(result, expected, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(
    ("names", "order", "calls"),
    [
        (["logdet", "x S x"], 300, ["_cholesky_with(K, x)", "_logdet_of_cholesky"]),
        (["logdet", "x S y"], 300, ["_cholesky_with_several(K, ", "_logdet_of_cholesky"]),
        (["S x"], 50, ["np.linalg.solve(K"]),
        (["S x"], 300, ["_cholesky_with(K, x)", "_backward("]),
        (["S x", "y S"], 300, ["_cholesky_with_several(K, ", "_backward_several("]),
        (["S", "S x", "logdet"], 300, ["_cholesky(K)", "_logdet_of_cholesky", "_inv_of_cholesky"]),
        (["S S x"], 300, ["_cholesky_with(K, x)", "_backward(", "_solve_of_cholesky("]),
    ],
)
def test_one_factor_for_all(names: list[str], order: int, calls: list[str]) -> None:
    _, text = planned(names, K, {"n": order, "m": 2})
    body = text[text.rindex("def evaluate") :]
    for called in calls:
        assert body.count(f" = {called}") == 1, body
    assert sum(body.count(f" = {name}") for name in ("_", "np.linalg.")) == len(calls), body


def test_sides_known_together_are_solved_for_in_one_call() -> None:
    _, text = planned(["S x", "S B"], A, {"n": 300, "m": 2})
    assert text.count(" = _solve_several(A, ") == 1
    assert text.count("np.linalg.solve(") == 1  # in the function above


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [1, 31, 100, 128])
def test_precision_is_that_of_the_arrays(dtype: str, n: int) -> None:
    evaluate, _ = planned(["logdet", "x S x", "S B"], K, {"n": 300, "m": 2}, dtype)
    arrays = arrays_of(n, 2, dtype)
    found = evaluate(*(arrays[name] for name, _ in ARGUMENTS))
    tolerance = 1e-4 if dtype == "float32" else 1e-10
    for name, result in zip(["logdet", "x S x", "S B"], found, strict=True):
        assert np.asarray(result).dtype == dtype
        np.testing.assert_allclose(
            result, truth(name, arrays["K"], arrays), rtol=tolerance, atol=tolerance
        )


@pytest.mark.parametrize("order", [10, 300])
def test_nan_goes_through(order: int) -> None:
    evaluate, _ = planned(["logdet", "x S x", "S B"], K, {"n": order, "m": 2})
    arrays = arrays_of(40, 2)
    arrays["x"][3] = np.nan
    logdet, form, solved = evaluate(*(arrays[name] for name, _ in ARGUMENTS))
    assert np.isnan(form)
    assert logdet == pytest.approx(np.linalg.slogdet(arrays["K"])[1])
    np.testing.assert_allclose(solved, np.linalg.solve(arrays["K"], arrays["B"]), rtol=1e-9)


def test_overflow_of_a_form_leaves_the_determinant_alone() -> None:
    evaluate, _ = planned(["logdet", "x S x"], K, {"n": 300})
    arrays = arrays_of(40, 2)
    with np.errstate(over="ignore"):
        logdet, form = evaluate(*(arrays[n] * (1e200 if n == "x" else 1) for n, _ in ARGUMENTS))
    assert logdet == pytest.approx(np.linalg.slogdet(arrays["K"])[1])
    assert form == np.inf


def test_a_definition_may_be_declared_definite() -> None:
    text = """
        S[n, n] spd
        X[m, n]
        S = X^T X + λ I
        f = logdet(S) + y_i inv(S)_ij y_j
    """
    program = ic.Program(text)
    random = np.random.default_rng(3)
    data, target = random.standard_normal((9, 4)), random.standard_normal(4)
    matrix = data.T @ data + 0.5 * np.eye(4)
    f = program.compile("f", sizes={"m": 500, "n": 300})
    assert "_cholesky_with(S, y)" in f.source
    expected = np.linalg.slogdet(matrix)[1] + target @ np.linalg.solve(matrix, target)
    assert f(X=data, λ=0.5, y=target) == pytest.approx(expected)
    g = program.compile("∂f/∂λ", sizes={"m": 500, "n": 300})
    assert "_inv_of_cholesky" in g.source
    solved = np.linalg.solve(matrix, target)
    expected = np.trace(np.linalg.inv(matrix)) - solved @ solved
    assert g(X=data, λ=0.5, y=target) == pytest.approx(expected)


def test_what_is_not_positive_definite_is_told() -> None:
    program = ic.Program("K[n, n] spd\nf = logdet(K) + y_i inv(K)_ij y_j")
    for query in ("f", "∂f/∂K_ab"):
        with pytest.raises(EvaluationError, match="K is declared spd") as told:
            program.compile(query)(np.array([[1.0, 2.0], [2.0, 1.0]]), np.ones(2))
        assert "symmetric" in str(told.value)


@pytest.mark.parametrize("order", [20, 300])
@pytest.mark.parametrize("direction", ["any", "of the largest eigenvalue", "of the smallest"])
def test_ill_conditioned_matrices(direction: str, order: int) -> None:
    """Errors are a small multiple of the condition number in rounding errors, or far below."""
    n, condition = 40, 1e10
    random = np.random.default_rng(4)
    axes = np.linalg.qr(random.standard_normal((n, n)))[0]
    matrix = (axes * np.logspace(0, -np.log10(condition), n)) @ axes.T
    matrix = (matrix + matrix.T) / 2
    sides = {"any": random.standard_normal(n), "of the largest eigenvalue": axes[:, 0]}
    side = sides.get(direction, axes[:, -1])
    with mpmath.workdps(50):
        exact = mpmath.inverse(mpmath.matrix(matrix.tolist()))
        column = exact * mpmath.matrix(side.tolist())
        form = float((mpmath.matrix(side.tolist()).T * column)[0])
        solved = np.array([float(entry) for entry in column])
        gradient = np.array(
            [[float(exact[i, j] - column[i] * column[j]) for j in range(n)] for i in range(n)]
        )
    names = ["x S x", "S x", "S"]
    apart = [planned([name], K, {"n": order})[0] for name in names]
    given = [{"K": matrix, "x": side}.get(name, np.ones((n, n))) for name, _ in ARGUMENTS]
    form_alone, solved_alone, _ = (evaluate(*given) for evaluate in apart)
    form_joint, solved_joint, inverse = planned(names, K, {"n": order})[0](*given)
    bound = 0.5 * condition * np.finfo(float).eps
    assert abs(solved_alone - solved).max() < bound * abs(solved).max()
    assert abs(solved_joint - solved).max() < 8 * bound * abs(solved).max()  # by the inverse
    for found in (form_alone, form_joint):
        exactly = direction == "of the largest eigenvalue"
        assert found == pytest.approx(form, rel=1e-14 if exactly else bound)
    found = inverse - np.multiply.outer(solved_joint, solved_joint)
    assert abs(found - gradient).max() < bound * abs(gradient).max()
    np.testing.assert_array_equal(inverse, inverse.T)


def test_one_of_several_results_is_explained() -> None:
    function = ic.Program("K[n, n]\nf = logdet(K) + det(K)").compile("f")
    assert "slogdet" in function.explain()


@pytest.mark.parametrize("name", [*PRODUCTS, "logdet", "det"])
def test_plans_tell_what_they_cost(name: str) -> None:
    for matrix in (K, A):
        f = Function([("r", node(name, matrix)), ("s", node("x S x", matrix))], ARGUMENTS,
                     sizes={"n": 300, "m": 2})  # fmt: skip
        assert f.cost.numbers.flops > 300**2
        assert f.cost.numbers.peak_bytes >= 8 * 300**2
        table = f.explain()
        assert ("cholesky" in table) == (matrix is K), table
