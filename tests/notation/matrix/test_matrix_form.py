"""Formulas of programs without indices: derivatives, functions, names, shared parts, refusals."""

from __future__ import annotations

import time

import pytest

import indexcalc as ic
from indexcalc.ir.build import add, builtin, delta, transpose, variable, zero
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node
from indexcalc.notation.matrix.form import matrix_arrangement, to_matrix

NAMES = """
K[n, n] symmetric
W[m, n], A[n, n], B[n, n], X[m, n], Y[m, n], x[n], y[n], w[m], b[m], c[], r[]
"""


def printed(query: str, *lines: str) -> str:
    formula = ic.Program("\n".join([NAMES, *lines]))[query]
    return to_matrix(formula._node, formula._session.style)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("∂(w^T tanh(W x + b))/∂W", "((1 - tanh(W x + b).^2) ⊙ w) x^T"),
        ("∂(y^T A x)/∂A", "y x^T"),
        ("∂(x^T A x)/∂x", "(A + A^T) x"),
        ("∂(x^T K x)/∂x", "2 K x"),
        ("∂(tr(A B A))/∂A", "(A B + B A)^T"),
        ("∂logdet(A)/∂A", "A^-T"),
        ("∂(y^T inv(A) x)/∂A", "-A^-T y x^T A^-T"),
        ("∂(x^T inv(K) x)/∂x", "2 K^-1 x"),
        ("∂‖x - y‖/∂x", "(x - y)/norm(x - y)"),
        ("∂²‖x‖/∂x∂x", "I/norm(x) - x x^T/norm(x)^3"),
        ("∂‖W‖_F/∂W", "W/normF(W)"),
        ("∂softmax(x)/∂x", "Diag(softmax(x)) - softmax(x) softmax(x)^T"),
        ("∂sum(exp(W))/∂W", "exp(W)"),
        ("∂((W ⊙ Y)^T b)/∂b", "(W ⊙ Y)^T"),
        ("∂(A x)/∂x", "A"),
        ("∂x/∂x", "I"),
        ("∂sum(max(x, 0))/∂x", "[x > 0] + 1/2 [x == 0]"),
        ("∂logsumexp(W x + b)/∂x", "W^T softmax(W x + b)"),
    ],
)
def test_a_derivative_without_indices(query: str, text: str) -> None:
    assert printed(query) == text


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("R_ij = A_ji", "A^T"),
        ("R_ij = K_ji", "K"),
        ("R_ij = W_ji x_i exp(w_j)", "Diag(x) W^T Diag(exp(w))"),
        ("R_ij = x_i A_ij/y_j", "Diag(x) A Diag(1 ./ y)"),
        ("R_i = x_i + c", "c + x"),
        ("R_ij = W_ij + b_i", "W + b 1^T"),
        ("R_ij = W_ij + c", "W + c"),
        ("R_ij = b_i + x_j", "b 1^T + 1 x^T"),
        ("R_ij = exp(b_i) 1_j + W_ij", "W + exp(b) 1^T"),
        ("sum_i x_i", "sum(x)"),
        ("sum_{i,j} W_ij^2", "normF(W)^2"),
        ("1/2 x_i x_i", "1/2 x^T x"),
        ("R_i = where(x_i > y_i, x_i, 0)", "where(x > y, x, 0)"),
        ("R_ij = max(W_ij, 0)", "max(W, 0)"),
        ("R_ij = max(W_ij, b_i)", "max(W, b 1^T)"),
        ("R_i = [x_i > c] y_i", "[x > c] ⊙ y"),
        ("R_i = 1/x_i", "1 ./ x"),
        ("R_i = sqrt(x_i) c^2/r", "c^2 sqrt(x)/r"),
        ("R_i = cumsum(x)_i", "cumsum(x)"),
        ("R_i = logsumexp_j(W_ij)", "log(exp(W) 1)"),
        ("max_{i,j} W_ij", "max(W)"),
        ("R_ij = inv(A)_ik inv(A)_kj", "(A^-1)^2"),
        ("det(A_ji)", "det(A)"),
        ("R_ij = inv(A)_ji", "A^-T"),
        ("R_ij = sum_k (W_ik - X_jk)^2", "W.^2 1 1^T + 1 (X.^2 1)^T - 2 W X^T"),
        ("R_ij = δ_ij - 1/n + 0 A_ij", "I - 1 1^T/n"),
        ("R_i = 0 x_i", "vector(0)"),
        ("R_i = 2 c 1_i + 0 x_i", "vector(2 c)"),
        ("R_i = vec(W)_i", "vec(W)"),
        ("n x_i x_i", "n x^T x"),
        ("π x_i x_i", "π x^T x"),
    ],
)
def test_what_was_written_with_indices(query: str, text: str) -> None:
    assert printed(query) == text


def test_a_part_that_is_shared_is_named_once() -> None:
    z = "W tanh(A x + y) + b"
    text = printed(f"exp({z}) ⊙ sin({z}) ⊙ cos({z})")
    assert text == "exp(t1) ⊙ cos(t1) ⊙ sin(t1)\n  where t1 = W tanh(A x + y) + b"


def test_a_line_of_the_where_list_has_no_letters() -> None:
    z = "W tanh(A x + y) + b"
    formula = ic.Program(NAMES)[f"exp({z}) ⊙ sin({z}) ⊙ cos({z})"]
    made = matrix_arrangement(formula._node)
    assert [(line.name, line.letters) for line in made.where] == [("t1", ())]


def test_a_shared_symmetric_matrix_is_not_transposed() -> None:
    m, n = Extent.named("m"), Extent.named("n")
    X, C = variable("X", (m, n)), variable("C", (m, m), ["spd"])
    gram = contract([(X, "ki"), (C, "kl"), (X, "lj")], "ij")
    whole = add(
        builtin("exp", gram), builtin("sin", transpose(gram, (1, 0))), builtin("cos", gram),
        contract([(gram, "ji"), (gram, "kj")], "ik"),
    )  # fmt: skip
    text = to_matrix(whole)
    assert "t1^T" not in text
    assert text.endswith("where t1 = X^T C X")


def test_terms_that_are_equal_by_symmetry_are_one() -> None:
    text = printed("∂(tr(inv(X^T X) K))/∂X")
    assert text == "-2 X (X^T X)^-1 K (X^T X)^-1"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("R_ijk = W_ij x_k", "the result has three axes, and a matrix has two"),
        ("R_ij = T_ijk x_k", "T has three axes"),
        ("R_i = ε_ijk p_j p_k", "ε has three axes"),
        ("R_i = max_j W_ij", "max is taken of each row of a matrix"),
        ("R_ij = cumsum_j(W_ij)", "cumsum is taken along the rows of a matrix"),
        ("R_ij = sum_k tanh(W_ik + X_jk)", "a tensor tanh(…) has three axes"),
        ("sum_{i,j,k,l} (A_ij B_ik K_il A_jk B_jl K_kl)", "join three factors or more"),
    ],
)
def test_a_refusal_says_why_and_shows_the_formula_with_indices(query: str, reason: str) -> None:
    with pytest.raises(ic.FormulaError) as refused:
        printed(query, "T[n, n, n], p[3]")
    assert reason in str(refused.value)
    assert "with indices:" in str(refused.value)


def test_only_a_part_without_a_form_is_shown() -> None:
    with pytest.raises(ic.FormulaError, match=r"two:  sum_\{i,j,k,l\} A_") as refused:
        printed("R_i = exp(x_i) + sum_{i,j,k,l} (A_ij B_ik K_il A_jk B_jl K_kl)")
    assert str(refused.value).count("exp(x") == 1


def test_names_of_the_program_are_kept_apart_from_functions() -> None:
    with pytest.raises(ic.FormulaError, match="tr is a name of the program"):
        printed("A_ii", "tr = c r")
    assert printed("∂((x^T x)^(1/2))/∂x", "norm = c r") == "x/sqrt(x^T x)"


def test_zero_and_identity() -> None:
    n = Extent.named("n")
    assert [to_matrix(zero((n,) * rank)) for rank in range(3)] == ["0", "vector(0)", "matrix(0)"]
    assert to_matrix(delta(n)) == "I"


def test_deep_and_wide_formulas_take_no_time() -> None:
    n = Extent.named("n")
    node: Node = variable("x", (n,))
    for k in range(400):
        A = variable(f"A{k}", (n, n))
        node = add(builtin("tanh", contract([(A, "ij"), (node, "j")], "i")), node)
    start = time.perf_counter()
    text = to_matrix(node)
    assert time.perf_counter() - start < 10
    assert len(text) < 40_000
