"""Factored results agree with the dense ones, in every operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.structured.matrices import Matrix, solve_kronecker
from indexcalc.structured.result import Structured, conjugate_gradients

rng = np.random.default_rng(5)

# text, query, shapes, what it is solved by
PROBLEMS: dict[str, tuple[str, str, dict[str, tuple[int, ...]], str]] = {
    "layer": (
        "λ = log(1 + exp(-y w_i tanh(W_ij x_j + b_i)))",
        "∂²λ/∂W_ij∂W_kl",
        {"W": (9, 5), "x": (5,), "b": (9,), "w": (9,), "y": ()},
        "Kronecker product",
    ),
    "factorisation": (
        "f = sum_{i,j} (T_ij - U_ik V_jk)^2",
        "∂²f/∂U_ij∂U_kl",
        {"T": (4, 6), "U": (4, 3), "V": (6, 3)},
        "Kronecker product",
    ),
    "masked factorisation": (
        "f = sum_{i,j} M_ij (T_ij - U_ik V_jk)^2",
        "∂²f/∂U_ij∂U_kl",
        {"T": (4, 6), "U": (4, 3), "V": (6, 3), "M": (4, 6)},
        "blocks on the diagonal",
    ),
    "masked, other factor": (
        "f = sum_{i,j} M_ij (T_ij - U_ki V_kj)^2",
        "∂²f/∂U_ij∂U_kl",
        {"T": (4, 6), "U": (3, 4), "V": (3, 6), "M": (4, 6)},
        "blocks on the diagonal",
    ),
    "softmax": ("f = log(sum_i exp(x_i))", "∂²f/∂x_i∂x_j", {"x": (7,)}, "diagonal plus low rank"),
    "logistic, many weights": (
        "f = sum_i log(1 + exp(-y_i X_ij w_j)) + w_j w_j",
        "∂²f/∂w_i∂w_j",
        {"X": (3, 11), "y": (3,), "w": (11,)},
        "diagonal plus low rank",
    ),
    "logistic, few weights": (
        "f = sum_i log(1 + exp(-y_i X_ij w_j)) + w_j w_j",
        "∂²f/∂w_i∂w_j",
        {"X": (11, 3), "y": (11,), "w": (3,)},
        "dense",
    ),
    "two sides": (
        "A[n, n] spd; B[p, p] spd; f = X_ij A_ik X_kl B_jl",
        "∂²f/∂X_ij∂X_kl",
        {"X": (4, 3), "A": (4, 4), "B": (3, 3)},
        "Kronecker product",
    ),
    "no structure": (
        "f = (X_ij Y_ij)^2 + X_ij A_ik X_kj",
        "∂²f/∂X_ij∂X_kl",
        {"X": (4, 3), "Y": (4, 3), "A": (4, 4)},
        "dense",
    ),
    "a multiple": (
        "f = sum_{i,j} (T_ij - U_ik V_jk)^2",
        "3 ∂²f/∂U_ij∂U_kl",
        {"T": (4, 6), "U": (4, 3), "V": (6, 3)},
        "Kronecker product",
    ),
    "one entry": ("f = x_i x_i y_i", "∂²f/∂x_i∂x_j", {"x": (1,), "y": (1,)}, ""),
}

SINGULAR = ("layer", "softmax")  # rank one in the columns; its rows add up to zero


def arrays(shapes: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    found = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    for name in ("A", "B"):
        if name in found and found[name].shape[0] == found[name].shape[1]:
            found[name] = found[name] @ found[name].T + np.eye(len(found[name]))
    return found


def both(name: str) -> tuple[Structured, np.ndarray]:
    text, query, shapes, _ = PROBLEMS[name]
    program, given = ic.Program(text), arrays(shapes)
    structured = program.compile(query, form="structured")(**given)
    dense = program[query](**given)
    return structured, dense.reshape(structured.shape)


@pytest.mark.parametrize("name", PROBLEMS)
def test_products_diagonal_trace_and_dense(name: str) -> None:
    h, dense = both(name)
    np.testing.assert_allclose(h.dense().reshape(h.shape), dense, rtol=1e-12)
    vector = rng.normal(size=h.shape[1])
    np.testing.assert_allclose(h.matvec(vector), dense @ vector, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(h.rmatvec(vector), dense.T @ vector, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(h.diagonal().ravel(), dense.diagonal(), rtol=1e-9, atol=1e-12)
    assert h.trace() == pytest.approx(dense.trace(), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("damping", [0.0, 0.7])
def test_solutions(name: str, damping: float) -> None:
    h, dense = both(name)
    matrix = dense + damping * np.eye(len(dense))
    right = rng.normal(size=h.shape[0])
    if np.linalg.cond(matrix) > 1e10:
        assert name in SINGULAR
        return
    solution = h.solve(right, damping)
    np.testing.assert_allclose(matrix @ solution, right, rtol=1e-8, atol=1e-8)
    assert h.solver == PROBLEMS[name][3] or not PROBLEMS[name][3]


@pytest.mark.parametrize("name", PROBLEMS)
def test_determinants(name: str) -> None:
    h, dense = both(name)
    sign, value = np.linalg.slogdet(dense)
    if name in SINGULAR:
        assert h.logdet() < -30
    elif sign > 0:
        assert h.logdet() == pytest.approx(value, rel=1e-8)
    else:
        assert np.isnan(h.logdet())


@pytest.mark.parametrize("name", PROBLEMS)
def test_cores_under_their_patterns_add_up(name: str) -> None:
    h, dense = both(name)
    total = np.zeros(h.axes)
    for pattern, (coefficient, cores) in zip(h.patterns, h.cores, strict=True):
        inputs, output = pattern.split("->")
        once = "".join(dict.fromkeys(output))
        lengths = dict(zip(output, h.axes, strict=True))
        factors = list(zip(cores, filter(None, inputs.split(",")), strict=True))
        factors += [(np.ones(lengths[x]), x) for x in once if x not in inputs]
        subscripts = ",".join(own for _, own in factors) + "->" + once
        core = np.einsum(subscripts, *(array for array, _ in factors))
        np.einsum(f"{output}->{once}", total)[...] += coefficient * core
    np.testing.assert_allclose(total.reshape(h.shape), dense, rtol=1e-9, atol=1e-11)


def test_a_jacobian_is_no_square() -> None:
    p = ic.Program("y_i = tanh(W_ij x_j)")
    j = p.compile("∂y_i/∂x_j", form="structured")(W=rng.normal(size=(3, 2)), x=rng.normal(size=2))
    assert j.shape == (3, 2)
    np.testing.assert_allclose(j.matvec(np.ones(2)), j.dense().sum(1))
    np.testing.assert_allclose(j.rmatvec(np.ones(3)), j.dense().sum(0))
    with pytest.raises(ic.ShapeError, match="a solution is of a square matrix"):
        j.solve(np.ones(3))


def test_vectors_keep_their_shape() -> None:
    h, dense = both("factorisation")
    matrix = rng.normal(size=h.axes[2:])
    assert h.matvec(matrix).shape == h.axes[:2]
    np.testing.assert_allclose(h.matvec(matrix).ravel(), dense @ matrix.ravel(), rtol=1e-10)
    with pytest.raises(ic.ShapeError, match="a vector of shape"):
        h.matvec(np.ones(5))


def test_a_hessian_with_16_million_million_entries() -> None:
    text, query, _, _ = PROBLEMS["layer"]
    size = 2000
    given = {
        "W": rng.normal(size=(size, size)) / size**0.5,
        "x": rng.normal(size=size),
        "b": rng.normal(size=size),
        "w": rng.normal(size=size),
        "y": 1.0,
    }
    h = ic.Program(text).compile(query, form="structured")(**given)
    right = rng.normal(size=(size, size))
    solution = h.solve(right, damping=1.0)
    np.testing.assert_allclose(h.matvec(solution) + solution, right, rtol=1e-9, atol=1e-9)
    assert h.diagonal().shape == (size, size)
    with pytest.raises(ic.LimitError, match="bytes are needed"):
        h.dense()


def test_unknown_functions_are_given_by_name() -> None:
    program = ic.Program("λ = w_i σ(W_ij x_j)")
    _, query, shapes, _ = PROBLEMS["layer"]
    given = {name: array for name, array in arrays(shapes).items() if name in "Wxw"}
    h = program.compile(query, form="structured")(**given, σ="tanh")
    dense = program[query](**given, σ="tanh").reshape(h.shape)
    right = rng.normal(size=h.shape[0])
    np.testing.assert_allclose(h.matvec(right), dense @ right, rtol=1e-9, atol=1e-10)
    solution = h.solve(right, damping=2.0)
    np.testing.assert_allclose(dense @ solution + 2 * solution, right, rtol=1e-8)


def test_singular_matrices_are_refused() -> None:
    h = ic.Program("f = (x_i a_i)^2").compile("∂²f/∂x_i∂x_j", form="structured")(
        x=np.ones(3), a=np.ones(3)
    )
    with pytest.raises(ic.EvaluationError, match="damping > 0"):
        h.solve(np.ones(3))


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda p: p.compile("f", form="structured"), "row axes and column axes"),
        (lambda p: p.compile("f", "∂f/∂x", form="structured"), "one query"),
        (lambda p: p.compile("∂³f/∂x∂x∂x", form="structured"), "row axes and column axes"),
        (lambda p: p.compile("f", form="sparse"), "there is no form 'sparse'"),
    ],
)
def test_mistakes(act: Callable[[ic.Program], object], words: str) -> None:
    with pytest.raises(ic.FormulaError, match=words):
        act(ic.Program("A[n, n], x[n]; f = x^T A x"))


def test_conjugate_gradients() -> None:
    root = rng.normal(size=(6, 6))
    matrix = root @ root.T + np.eye(6)
    right = rng.normal(size=6)
    found = conjugate_gradients(lambda v: matrix @ v, right)
    np.testing.assert_allclose(matrix @ found, right, rtol=1e-8)
    with pytest.raises(ic.EvaluationError, match="positive definite"):
        conjugate_gradients(lambda v: -matrix @ v, right)


@pytest.mark.parametrize("shift", [0.0, 0.3])
@pytest.mark.parametrize("thin", [False, True])
def test_kronecker_solutions(shift: float, thin: bool) -> None:
    def symmetric(n: int, rank: int) -> Matrix:
        factor = rng.normal(size=(n, rank))
        return Matrix(rng.uniform(1, 2, size=n), factor, factor, None)

    first = symmetric(8, 2)
    factor = rng.normal(size=(7, 1))
    low = Matrix(None, factor, factor, None)
    second = low if thin and shift else symmetric(7, 6)
    given = rng.normal(size=(8, 7))
    found = solve_kronecker(first, second, given, shift)
    assert found is not None
    np.testing.assert_allclose(
        first.array() @ found @ second.array().T + shift * found, given, rtol=1e-8, atol=1e-9
    )
    turned = solve_kronecker(second, first, given.T, shift)
    assert turned is not None
    np.testing.assert_allclose(turned.T, found, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(("rows", "columns"), [(2, 2), (2, 3), (3, 2), (3, 3)])
def test_a_kronecker_product_of_matrices_of_negative_determinant(rows: int, columns: int) -> None:
    compiled = ic.Program("Y_ij = A_ik X_kl B_lj").compile("∂Y_ij/∂X_kl", form="structured")
    given = {
        "A": np.diag([-1.0] + [2.0] * (rows - 1)),
        "B": np.diag([3.0] * (columns - 1) + [-1.0]),
    }
    result = compiled(X=np.ones((rows, columns)), **given)
    sign, size = np.linalg.slogdet(result.dense().reshape(result.shape))
    expected = size if sign > 0 else np.nan
    np.testing.assert_allclose(result.logdet(), expected, rtol=1e-12)


def test_a_product_with_an_empty_factor_is_solved_by_the_damping() -> None:
    compiled = ic.Program("f = sum_{i,j} (T_ij - U_ik V_jk)^2").compile(
        "∂²f/∂U_ij∂U_kl", form="structured"
    )
    result = compiled(T=np.ones((2, 0)), U=np.ones((2, 3)), V=np.ones((0, 3)))
    np.testing.assert_array_equal(result.solve(np.ones((2, 3)), damping=2.0), np.full((2, 3), 0.5))
