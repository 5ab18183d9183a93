"""The smallest edit that makes a wrong claim true."""

from __future__ import annotations

import pytest

from indexcalc.claims.edits.smallest import Edit, smallest_edit
from indexcalc.claims.judgement import judge_link
from indexcalc.elaborate.claims import ClaimSides, read_sides
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.elaborate.program import elaborate
from indexcalc.errors import Source
from indexcalc.syntax import tree
from indexcalc.syntax.parser import parse_program, parse_query

LOGISTIC = """
σ(z) = 1/(1 + exp(-z))
z_i = W_ij x_j + b_i
α = exp(-y w_i σ(z_i))
λ = log(1 + α)
"""
QUADRATIC = "A[n, n], x[n]; f = x^T A x"
RESIDUAL = "A[m, n], x[n], b[m]; f = (A x - b)^T (A x - b)"
NETWORK = """
W[m, n], U[k, m], X[n, p], b[m], c[k]
Z = W X + b 1^T
S = σ(Z)
Q = σ'(Z)
Y = U S + c 1^T
D = Diag(vec(U Q))
"""
ROWS = """
x[1, q], W_1[q, r], b_1[1, r], W_2[r, s], b_2[1, s], y[1, s]
σ(z) = 1/(1 + exp(-z))
a = x W_1 + b_1
h = σ(a)
θ = h W_2 + b_2
ŷ_ij = softmax_j(θ_ij)
L = -y : log(ŷ)
"""
CROSS_ENTROPY = "x[n], y[n]; p = softmax(x); L = xent(y, p)"
LATEX = r"""
x \in \mathbb{R}^{n}, W \in \mathbb{R}^{m\times n}, b, w \in \mathbb{R}^{m} \\
z_i = \sum_j W_{ij} x_j + b_i \\
\alpha = \exp(-y \sum_i w_i \sigma(z_i)) \\
\lambda = \log(1+\alpha)
"""
BY_W = r"\frac{\partial \lambda}{\partial W_{ij}} = "


def holds(sides: ClaimSides) -> bool:
    return judge_link(sides, *sides.sides).status in {"proved", "agrees"}


def read(program: str) -> Elaborated:
    return elaborate(parse_program(Source(program), notation="auto"))


def links(program: Elaborated, claim: str) -> tuple[tree.Tree, tree.Tree]:
    parsed = parse_query(Source(claim, "claim"), program.symbols, notation="auto")
    assert isinstance(parsed, tree.Claim)
    left, right = parsed.sides
    return left, right


def edit(text: str, claim: str, evaluations: int = 1200) -> Edit | None:
    """What is found; checked to be true when it is read again."""
    program = read(text)
    left, right = links(program, claim)
    found = smallest_edit(program, left, right, holds, evaluations=evaluations, seconds=60)
    if found is not None and "condition" not in found.kind:
        mended = f"{left.span.text} == {found.text}"
        if left.span.source.text.startswith("\\"):
            mended = f"{left.span.text} = {found.text}"
        assert holds(read_sides(program, links(program, mended)))
    return found


CASES = [
    # transposes, signs, factors
    (QUADRATIC, "∂f/∂x == A x + A x", "transpose", "A^T x + A x"),
    (QUADRATIC, "∂f/∂x == A^T x + A^T x", "transpose", "A x + A^T x"),
    (QUADRATIC, "∂f/∂x == -(A + A^T) x", "sign", "(A + A^T) x"),
    (QUADRATIC, "∂f/∂x == A x - A^T x", "sign", "A x + A^T x"),
    (QUADRATIC, "∂f/∂x == -A x - A^T x", "sign", "A x + A^T x"),
    (QUADRATIC, "∂f/∂x == 1/2 (A + A^T) x", "factor", "(A + A^T) x"),
    (QUADRATIC, "∂f/∂x == A x/2 + A^T x", "factor", "A x + A^T x"),
    (RESIDUAL, "∂f/∂x == A^T (A x - b)", "factor", "2 A^T (A x - b)"),
    (RESIDUAL, "∂f/∂x == 2 A (A x - b)", "transpose", "2 A^T (A x - b)"),
    (RESIDUAL, "∂f/∂x == 2 A^T (A x + b)", "sign", "2 A^T (A x - b)"),
    (RESIDUAL, "∂f/∂x == 2 (A x - b) A^T", "swap", "2 A^T (A x - b)"),
    (RESIDUAL, "∂f/∂x == 2 A^T A x - b", "brackets", "2 A^T (A x - b)"),
    (RESIDUAL, "∂f/∂x == 2 A^T A x - A^T b", "brackets", "2 (A^T A x - A^T b)"),
    ("x[n]; f = (1/n) sum_i x_i^2", "∂f/∂x_i == 2 x_i", "factor", "2 (1/n) x_i"),
    # the kind of product, order, symmetry
    ("a[n], x[n]; y = exp(a ⊙ x)", "∂y/∂x == a ⊙ y", "Diag", "Diag(a ⊙ y)"),
    ("x[n]; p = softmax(x)", "∂p/∂x == p - p p^T", "Diag", "Diag(p) - p p^T"),
    ("x[n]; p = softmax(x)", "∂p/∂x == Diag(p) - p ⊙ p", "transpose, operator", None),
    ("x[n], A[n, n]; f = x^T A x", "∂f/∂A == x x", "transpose", "x x^T"),
    ("X[n, n]; f = logdet(X)", "∂f/∂X == X^-1", "transpose", "X^-T"),
    ("X[n, n]; f = logdet(X)", "∂f/∂X == X^T", "inverse", "X^-T"),
    (QUADRATIC, "∂f/∂x == 2 A x", "symmetry", "(A + A^T) x"),
    ("W[m, n], x[n]; f = sum(σ(W x))", "∂f/∂W == σ'(W x) x", "transpose", "σ'(W x) x^T"),
    (NETWORK, "dY == (U Q) ⊙ (W dX)", "brackets", "U (Q ⊙ (W dX))"),
    (NETWORK, "∂vec(Y)/∂vec(X) == D (I ⊗ W)", "definition, brackets",
     "(I ⊗ U) Diag(vec(Q)) (I ⊗ W)"),
    # indices
    ("W[m, n], x[n], b[m]; y_k = W_kj x_j + b_k", "∂y_k/∂W_ij == x_j", "delta", "δ_ki x_j"),
    (LOGISTIC, "∂λ/∂W_ij == exp(-λ) α y σ'(z_i) w_i x_j", "sign",
     "-exp(-λ) α y σ'(z_i) w_i x_j"),
    (LOGISTIC, "∂λ/∂W_ij == -exp(-λ) α y σ'(z_j) w_i x_j", "index",
     "-exp(-λ) α y σ'(z_i) w_i x_j"),
    (LOGISTIC, "∂λ/∂W_ij == -exp(-λ) α y σ(z_i) w_i x_j", "function",
     "-exp(-λ) α y σ'(z_i) w_i x_j"),
    (LOGISTIC, "∂λ/∂W_ij == -exp(-λ) α y w_i x_j", "factor",
     "-exp(-λ) α y w_i x_j σ'(z_i)"),
    (LOGISTIC, "∂λ/∂W_ij == -exp(λ) α y σ'(z_i) w_i x_j", "sign",
     "-exp(-λ) α y σ'(z_i) w_i x_j"),
    (LOGISTIC, "∂λ/∂W_ij == -exp(-λ) α y σ'(z_i) b_i x_j", "name",
     "-exp(-λ) α y σ'(z_i) w_i x_j"),
    ("x[n], w[m], W[m, n]; f = w^T W x", "∂f/∂W == x w^T", "layout", None),
    ("x[n], w[n], W[n, n]; f = w^T W x", "∂f/∂W_ij == x_i w_j", "layout", "x_j w_i"),
    ("W[m, n], x[n], U[k, m]; a = W x; h = σ(a); y = U h; L = y^T y", "dL == 2 y^T dx", "name",
     "2 y^T dy"),
    ("x[n]; p = softmax(x)", "∂p_i/∂x_j == p_i (1 - p_j)", "delta", "p_i (δ_ij - p_j)"),
    ("q[n], k[n]; a = q_i k_i / sqrt(n)", "∂a/∂q_i == k_i", "factor", "(1/sqrt(n)) k_i"),
    # terms and two changes
    ("a[n], b[n], x[n]; f = a_i x_i x_j b_j", "∂f/∂x_k == a_k b_j x_j", "term", None),
    (LOGISTIC, "∂λ/∂W_ij == -2 exp(-λ) α y σ'(z_j) w_i x_j", "index, factor",
     "-exp(-λ) α y σ'(z_i) w_i x_j"),
    (ROWS + "assume sum_j y_ij == 1_i", "∂L/∂x == ((ŷ-y) W_2^T) ∘ σ'(a) W_1", "transpose",
     "((ŷ-y) W_2^T) ∘ σ'(a) W_1^T"),
    (ROWS + "assume sum_j y_ij == 1_i", "∂L/∂x == ((ŷ-y) W_2^T) ∘ ((h - h∘h) W_1^T)", "brackets",
     "(((ŷ-y) W_2^T) ∘ (h - h∘h)) W_1^T"),
    # LaTeX
    (LATEX,
     BY_W + r"-e^{-\lambda} \alpha y \sigma'(z_i) w_i x_i", "index",
     r"-e^{-\lambda} \alpha y \sigma'(z_i) w_i x_j"),
    (LATEX, r"\frac{\partial z_k}{\partial W_{ij}} = x_j", "delta", r"\delta_{ki} x_j"),
    (r"A \in \mathbb{R}^{n\times n}, x \in \mathbb{R}^n \\ f = x^\top A x",
     r"\frac{\partial f}{\partial x} = (\mathbf{A} + \mathbf{A}) \mathbf{x}", "transpose",
     r"(\mathbf{A}^\top + \mathbf{A}) \mathbf{x}"),
    (r"A \in \mathbb{R}^{n\times n}, x \in \mathbb{R}^n \\ f = x^\top A x",
     r"\frac{\partial f}{\partial x} = \frac{1}{2} (A^\top + A) x", "factor", r"(A^\top + A) x"),
]  # fmt: skip


@pytest.mark.parametrize(("program", "claim", "kind", "right"), CASES)
def test_the_edit_is_found(program: str, claim: str, kind: str, right: str | None) -> None:
    found = edit(program, claim)
    assert found is not None
    assert found.kind == kind
    assert right is None or found.text == right


CONDITIONS = [
    (CROSS_ENTROPY, "∂L/∂x == p - y", "true if the entries of y sum to 1"),
    (CROSS_ENTROPY, "∂L/∂x == y - p", "sign; true if the entries of y sum to 1"),
    ("X[m, m], B[m, m]; F = X B X", "∂vec(F)/∂vec(X) == (X B) ⊗ I + I ⊗ (X B)",
     "true if X and B are symmetric"),
    ("X[m, n], y[m], w[n]; f = sum_i log(1 + exp(-y_i X_ij w_j)); s_i = 1/(1 + exp(-y_i X_ij w_j))",
     "∂²f/∂w_j∂w_k == s_i (1 - s_i) X_ij X_ik", "true if the entries of y are 1 or -1"),
    (ROWS, "∂L/∂x == ((ŷ-y) W_2^T) ∘ σ'(a) W_1",
     "transpose W_1; true if the entries of y sum to 1"),
]  # fmt: skip


@pytest.mark.parametrize(("program", "claim", "description"), CONDITIONS)
def test_a_condition_left_unsaid_is_told(program: str, claim: str, description: str) -> None:
    found = edit(program, claim)
    assert found is not None
    assert found.description == description


def test_a_symmetrised_side_tells_the_condition_too() -> None:
    found = edit(QUADRATIC, "∂f/∂x == 2 A x")
    assert found is not None
    assert found.condition == "A is symmetric"


def test_the_right_side_is_the_last_resort() -> None:
    found = edit("A[n, n], B[n, n]; f = tr(B^T log(A))", "∂f/∂A == B^T inv(A) A B inv(A)")
    assert found is not None
    assert found.kind == "whole"
    assert found.text == "B ./ A"


@pytest.mark.parametrize("evaluations", [0, 1, 7, 50])
def test_a_small_budget_is_kept(evaluations: int) -> None:
    found = edit(LOGISTIC, "∂λ/∂W_ij == -exp(-λ) α y b_i x_j", evaluations)
    assert found is None or found.kind == "whole"


def test_the_same_edit_every_time() -> None:
    claim = "∂L/∂x == ((ŷ-y) W_2^T) ∘ σ'(a) W_1"
    assert edit(ROWS, claim) == edit(ROWS, claim)


def test_a_claim_that_holds_needs_no_search() -> None:
    found = edit(QUADRATIC, "∂f/∂x == (A + A^T) x", 0)
    assert found is None or found.kind == "whole"
