"""Factored results agree with the dense ones, in every operation."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.structured.iteration import conjugate_gradients
from indexcalc.structured.pattern import Square
from indexcalc.structured.result import Structured

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
    for act in (h.matvec, h.rmatvec, partial(h.solve, damping=1.0)):
        tracemalloc.start()
        act(right)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1.3 * right.nbytes  # hardly more than the result
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


# --- beyond one vector --------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROBLEMS)
def test_several_vectors_at_once_are_the_columns_of_a_matrix(name: str) -> None:
    h, dense = both(name)
    vectors = rng.normal(size=(h.shape[1], 4))
    np.testing.assert_allclose(h @ vectors, dense @ vectors, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(h.rmatvec(vectors), dense.T @ vectors, rtol=1e-9, atol=1e-10)
    found = h.solve(vectors, damping=20.0)
    residual = dense @ found + 20 * found - vectors
    np.testing.assert_allclose(residual, 0, atol=1e-8)


def structure_of(text: str, query: str, shapes: dict[str, tuple[int, ...]]) -> Structured:
    h = ic.Program(text).compile(query, form="structured")(**arrays(shapes))
    right = rng.normal(size=h.shape[0])
    solution = h.solve(right, damping=50.0)
    np.testing.assert_allclose(h.matvec(solution) + 50 * solution, right, rtol=1e-8, atol=1e-8)
    dense = h.dense().reshape(h.shape) + 50 * np.eye(h.shape[0])
    assert h.logdet(damping=50.0) == pytest.approx(np.linalg.slogdet(dense)[1], rel=1e-8)
    return h


SOFTMAX = "Z_ij = X_ik W_kj; l = sum_i (logsumexp_j(Z_ij) - Z_ij Y_ij)"
SIZES = {"X": (9, 4), "W": (4, 3), "Y": (9, 3)}


@pytest.mark.parametrize(
    ("text", "query", "shapes", "solver", "patterns"),
    [
        (
            "f = sum_{i,j} (T_ij - U_ik V_jk)^2", "∂²f/∂U_ij∂U_kl",
            {"T": (4, 6), "U": (4, 3), "V": (6, 3)}, "Kronecker product", ("jk->ijik",),
        ),
        (
            "f = sum_{i,j} (W_ik X_kj - Y_ij)^2 + 3 W_ij W_ij", "∂²f/∂W_ij∂W_kl",
            {"W": (4, 5), "X": (5, 6), "Y": (4, 6)}, "Kronecker product", None,
        ),
        (
            "λ = log(1 + exp(-y w_i tanh(W_ij x_j))) + 3 W_ij W_ij", "∂²λ/∂W_ij∂W_kl",
            {"W": (9, 5), "x": (5,), "w": (9,), "y": ()}, "Kronecker product", None,
        ),
        (
            "f = X_ij A_ik X_kj + X_ij B_jl X_il", "∂²f/∂X_ij∂X_kl",
            {"X": (4, 3), "A": (4, 4), "B": (3, 3)}, "Kronecker sum", None,
        ),
        ("f = sum_{i,j} exp(W_ij a_i)", "∂²f/∂W_ij∂W_kl",
         {"W": (4, 3), "a": (4,)}, "diagonal", ("ij->ijij",)),
        (SOFTMAX, "∂²l/∂Z_ij∂Z_kl", SIZES, "blocks on the diagonal", None),
        ("f = log(1 + exp(X_ij A_ij)) + 3 X_ij X_ij", "∂²f/∂X_ij∂X_kl",
         {"X": (4, 3), "A": (4, 3)}, "diagonal plus low rank", None),
        ("y_bi = tanh(W_ij x_bj)", "∂y_bi/∂x_ck",
         {"W": (3, 3), "x": (5, 3)}, "blocks on the diagonal", None),
        ("f = (sum_{i,j,k} T_ijk A_ijk)^2 + sum_{i,j,k} T_ijk^4", "∂²f/∂T_ijk∂T_lmn",
         {"T": (4, 3, 2), "A": (4, 3, 2)}, "diagonal plus low rank", None),
        ("H1 = tanh(X W1); f = sum(tanh(H1 W2)); X[s, n], W1[n, h], W2[h, k]", "∂²f/∂W1∂W1",
         {"X": (5, 3), "W1": (3, 4), "W2": (4, 2)}, "dense", None),
    ],
)  # fmt: skip
def test_what_each_structure_is_solved_by(
    text: str,
    query: str,
    shapes: dict[str, tuple[int, ...]],
    solver: str,
    patterns: tuple[str, ...] | None,
) -> None:
    h = structure_of(text, query, shapes)
    assert h.solver == solver
    assert patterns is None or h.patterns == patterns


def test_the_hessian_of_a_factorisation_is_a_small_matrix_and_a_delta() -> None:
    h, _ = both("factorisation")
    V = h._arrays["V"]
    ((coefficient, (core,)),) = h.cores
    np.testing.assert_allclose(coefficient * core, 2 * V.T @ V)


def test_softmax_of_many_samples_is_solved_without_dense_blocks() -> None:
    h = structure_of(SOFTMAX, "∂²l/∂Z_ij∂Z_kl", {"X": (40, 4), "W": (4, 30), "Y": (40, 30)})
    (pattern,) = h._operations.patterns
    assert isinstance(pattern, Square)
    assert pattern.dense is None
    assert pattern.batch == (0,)


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_the_kind_of_numbers_is_kept(name: str, kind: str) -> None:
    text, query, shapes, _ = PROBLEMS[name]
    given = {name: np.asarray(array, kind) for name, array in arrays(shapes).items()}
    h = ic.Program(text).compile(query, form="structured")(**given)
    vector = rng.normal(size=h.shape[1])
    assert h.dtype == kind
    assert h.matvec(vector.astype(kind)).dtype == kind
    assert h.matvec(vector).dtype == "float64"
    found = h.solve(vector.astype(kind), 30.0)
    assert found.dtype == kind
    dense = h.dense().reshape(h.shape)
    np.testing.assert_allclose(h.matvec(vector), dense @ vector, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(dense @ found + 30 * found, vector, rtol=1e-3, atol=1e-3)


def test_complex_results() -> None:
    given = {"x": rng.normal(size=3) + 1j, "a": rng.normal(size=3) + 2j}
    h = ic.Program("f = exp(x_i a_i) + x_i x_i").compile("∂²f/∂x_i∂x_j", form="structured")(**given)
    vector = rng.normal(size=3) + 1j * rng.normal(size=3)
    np.testing.assert_allclose(h.matvec(vector), h.dense() @ vector)
    np.testing.assert_allclose(h.dense() @ h.solve(vector), vector)
    assert isinstance(h.trace(), complex)
    operator = h.linear_operator()
    np.testing.assert_allclose(operator.H @ vector, h.dense().conj().T @ vector)


def test_a_sum_of_very_many_products_has_no_factored_form_and_is_solved() -> None:
    terms = " + ".join(f"(a_i x_i)^{k} (b_j x_j)^{k + 1}" for k in range(1, 24))
    h = ic.Program(f"f = {terms}").compile("∂²f/∂x_i∂x_j", form="structured")(
        x=rng.normal(size=3) / 9, a=rng.normal(size=3), b=rng.normal(size=3)
    )
    right = rng.normal(size=3)
    np.testing.assert_allclose(h.matvec(h.solve(right, 2.0)) + 2 * h.solve(right, 2.0), right)
    assert h.solver == "dense"
    assert "∂²f" in repr(h)
    with pytest.raises(ic.LimitError, match="no short factored form"):
        _ = h.patterns


def test_large_matrices_without_structure_are_solved_by_products(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("indexcalc.structured.result.LARGEST_DENSE", 0)
    h, dense = both("no structure")
    right = rng.normal(size=(h.shape[0], 2))
    found = h.solve(right, damping=100.0)
    np.testing.assert_allclose(dense @ found + 100 * found, right, rtol=1e-7, atol=1e-8)
    assert h.solver == "conjugate gradients"
    with pytest.raises(ic.EvaluationError, match="positive definite"):
        h.solve(right, damping=-1000.0)
    with pytest.raises(ic.EvaluationError, match="no structure from which its determinant"):
        h.logdet()
    jacobian = ic.Program("y_i = tanh(W_ij x_j)").compile("∂y_i/∂x_j", form="structured")
    j = jacobian(W=rng.normal(size=(4, 4)) + 3 * np.eye(4), x=rng.normal(size=4))
    np.testing.assert_allclose(j.matvec(j.solve(right[:4])), right[:4], rtol=1e-7, atol=1e-8)
    assert j.solver == "conjugate gradients on the normal equations"


def test_a_kronecker_product_with_a_tiny_damping_keeps_its_precision() -> None:
    h = ic.Program("f = X_ij A_ik X_kl B_jl").compile("∂²f/∂X_ij∂X_kl", form="structured")(
        X=np.ones((4, 3)), A=np.diag([1.0, 2.0, 3.0, 4.0]), B=np.diag([1.0, 2.0, 3.0])
    )
    right = rng.normal(size=h.shape[0])
    exact = np.linalg.solve(h.dense().reshape(h.shape), right)
    np.testing.assert_allclose(h.solve(right, damping=1e-13), exact, rtol=1e-11)


@pytest.mark.parametrize(
    ("text", "query", "shapes"),
    [
        ("f = log(1 + x_i x_i)", "∂²f/∂x_i∂x_j", {"x": (0,)}),
        ("f = sum_{i,j} (T_ij - U_ik V_jk)^2", "∂²f/∂U_ij∂U_kl",
         {"T": (3, 4), "U": (3, 0), "V": (4, 0)}),
        ("f = sum_{i,j} exp(W_ij)", "∂²f/∂W_ij∂W_kl", {"W": (0, 3)}),
        ("f = a_i x_i", "∂²f/∂x_i∂x_j", {"a": (3,), "x": (3,)}),
    ],
)  # fmt: skip
def test_empty_and_zero_matrices(text: str, query: str, shapes: dict[str, tuple[int, ...]]) -> None:
    h = ic.Program(text).compile(query, form="structured")(**arrays(shapes))
    dense = h.dense().reshape(h.shape)
    vectors = rng.normal(size=(h.shape[0], 2))
    np.testing.assert_array_equal(h @ vectors, dense @ vectors)
    np.testing.assert_allclose(h.solve(vectors, 2.0), vectors / 2)
    assert h.diagonal().shape == h.axes[: len(h.axes) // 2]
    assert h.logdet(2.0) == pytest.approx(h.shape[0] * np.log(2))
    assert repr(h)


def test_extents_that_happen_to_be_the_same_number(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = ic.Program("y_bi = tanh(W_ij x_bj)").compile("∂y_bi/∂x_ck", form="structured")
    h = compiled(W=rng.normal(size=(3, 3)), x=rng.normal(size=(5, 3)))
    dense = h.dense().reshape(h.shape)
    np.testing.assert_allclose(h.diagonal().ravel(), dense.diagonal())
    assert h.trace() == pytest.approx(dense.trace())
    monkeypatch.setattr("indexcalc.structured.result.LARGEST_DENSE", 0)
    with pytest.raises(ic.ShapeError, match="happen to be the same numbers"):
        h.diagonal()


def test_entries_that_are_not_finite_have_no_solution() -> None:
    h = ic.Program("f = x_i x_i x_j x_j").compile("∂²f/∂x_i∂x_j", form="structured")
    with pytest.raises(ic.EvaluationError, match="entries are not finite"):
        h(x=[1.0, np.nan]).solve(np.ones(2))


@pytest.mark.parametrize("symmetric", ["A", "B", "AB", ""])
def test_matrices_that_are_symmetric_though_not_declared_so(symmetric: str) -> None:
    given = {"A": rng.normal(size=(4, 4)), "B": rng.normal(size=(3, 3)), "X": np.ones((4, 3))}
    given |= {name: given[name] @ given[name].T for name in symmetric}
    h = ic.Program("f = X_ij A_ik X_kl B_jl + 2 X_ij X_ij").compile(
        "∂²f/∂X_ij∂X_kl", form="structured"
    )(**given)
    dense = h.dense().reshape(h.shape)
    right = rng.normal(size=12)
    np.testing.assert_allclose(dense @ h.solve(right), right, rtol=1e-8, atol=1e-8)
    assert h.solver == ("Kronecker product" if symmetric else "dense")
    sign, value = np.linalg.slogdet(dense)
    assert h.logdet() == pytest.approx(value if sign > 0 else np.nan, nan_ok=True)
