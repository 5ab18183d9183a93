"""Programs: statements, lines, comments, order, and ASCII beside Unicode."""

from __future__ import annotations

import numpy as np
import pytest

import indexcalc as ic
from tests.spec.agreement import agrees, points, refusal, slope

# --- statements ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "declaration",
    [
        "W[m, n]; x[n], b[m]", "W[m,n]\nx[n]\nb[m]", "W ∈ ℝ^{m×n}; x ∈ ℝ^n; b ∈ ℝ^m",
        "W ∈ R^{m×n}; x[n], b[m]", "W in R^{m x n}; x[n], b[m]",
    ],
)  # fmt: skip
def test_declarations(declaration: str) -> None:
    agrees(f"{declaration}\na = W x + b", "a", lambda W, x, b: W @ x + b, W="mn", x="n", b="m")


def test_a_declared_scalar_is_a_scalar() -> None:
    agrees("y[]; x[n]\nz = y x", "z", lambda x, y: y * x, x="n", y="")


@pytest.mark.parametrize(
    ("trait", "kind"), [("symmetric", "symmetric"), ("spd", "spd"), ("diagonal", "diagonal")]
)
def test_traits_of_matrices(trait: str, kind: str) -> None:
    program = f"A[n, n] {trait}\nf = x_i A_ij x_j"
    assert ic.Program(program).variables["A"].domain == trait
    agrees(program, "∂f/∂x_i", lambda A, x: 2 * A @ x, A=f"nn:{kind}", x="n")


def test_a_trait_of_a_vector() -> None:
    agrees("x[n] positive\nf = sum_i log(x_i)", "∂f/∂x_j", lambda x: 1 / x, x="n:positive")


def test_definitions_in_both_notations_are_one() -> None:
    agrees("a_i = W_ji x_j + b_i", "a", lambda W, x, b: W.T @ x + b, W="mn", x="m", b="n")
    program = "W[m, n], x[m], b[n]; a = W^T x + b"
    agrees(program, "a", lambda W, x, b: W.T @ x + b, W="mn", x="m", b="n")


def test_an_elementwise_function_is_defined() -> None:
    program = "σ(z) = 1/(1 + exp(-z)); a_i = σ(x_i)"
    agrees(program, "a", lambda x: 1 / (1 + np.exp(-x)), x="n")


def test_queries_stand_alone_and_claims_are_kept() -> None:
    program = ic.Program(
        """
        λ = log(1 + w_i x_i)
        ∂λ/∂w_i
        λ
        ∂²λ/∂w_i∂w_j v_j
        ∂λ/∂w_i == exp(-λ) x_i == x_i exp(-λ)
        dλ == exp(-λ) x_i dw_i
        """
    )
    assert [query.text for query in program.queries] == ["∂λ/∂w_i", "λ", "∂²λ/∂w_i∂w_j v_j"]
    assert len(program.claims) == 2
    compiled = program.compile()
    for arrays in points({"w": "n:positive", "x": "n:positive", "v": "n"}):
        first, value, product = compiled(**arrays)
        w, x, v = arrays["w"], arrays["x"], arrays["v"]
        np.testing.assert_allclose(first, x / (1 + w @ x))
        np.testing.assert_allclose(value, np.log(1 + w @ x))
        np.testing.assert_allclose(product, -x * (x @ v) / (1 + w @ x) ** 2)


def test_an_assumption_simplifies() -> None:
    program = "L = -p_i log(softmax(θ_i)); θ[n]\nassume sum_i p_i == 1"
    formula = ic.Program(program)["∂L/∂θ_k"]
    assert "sum" not in str(formula).replace("sum_i exp", "")
    theta = np.array([0.3, -1.0, 2.0])
    p = np.array([0.2, 0.5, 0.3])
    softmax = np.exp(theta) / np.exp(theta).sum()
    np.testing.assert_allclose(formula(θ=theta, p=p), softmax - p, atol=1e-15)


# --- lines --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "f = exp(a_i b_i) + 1", "f = exp(a_i b_i)\n    + 1", "f = exp(a_i b_i) +\n 1",
        "f = exp(\na_i\nb_i\n) + 1", "f = exp(a_i b_i) + 1  # a comment + 1",
        "# first\nf = exp(a_i  # inside\n b_i) + 1\n\n", "\n\nf = exp(a_i\n * b_i) + 1;",
        "g = 1; f = exp(a_i b_i) + g", "f = exp(a_i b_i) + g\ng = 1", "f=exp(a_i b_i)+1\r\n",
        "f = exp(\ta_i b_i)\t+ 1",
    ],
)  # fmt: skip
def test_where_a_statement_ends(text: str) -> None:
    agrees(text, "f", lambda a, b: np.exp(a @ b) + 1, a="n", b="n")


def test_a_minus_at_the_start_of_a_line_begins_a_statement() -> None:
    program = ic.Program("f = a_i b_i\n-g")
    assert [query.text for query in program.queries] == ["-g"]


def test_order_of_statements_does_not_matter() -> None:
    lines = ["z_i = W_ij x_j + b_i", "λ = log(1 + exp(w_i σ(z_i)))", "σ(z) = tanh(z)", "W[m, n]"]

    def by_hand(W, x, b, w):  # type: ignore[no-untyped-def]
        return np.log(1 + np.exp(w @ np.tanh(W @ x + b)))

    for program in ("\n".join(lines), "\n".join(lines[::-1])):
        agrees(program, "λ", by_hand, W="mn", x="n", b="m", w="m")
        agrees(program, "∂λ/∂W_ij", slope(by_hand, "W"), W="mn", x="n", b="m", w="m")


# --- what is refused ----------------------------------------------------------------------------


def test_a_name_is_defined_once_and_both_places_are_shown() -> None:
    error = refusal("f = x_i x_i\ng = f\nf = y_i y_i")
    assert [mark.span.line for mark in error.marks] == [1, 3]
    assert "defined twice" in error.message


@pytest.mark.parametrize("program", ["a = b\nb = a", "a = b\nb = c + 1\nc = 2 a"])
def test_circles_are_refused_with_their_places(program: str) -> None:
    error = refusal(program)
    assert "circle" in error.message
    assert len(error.marks) == len(program.splitlines())


def test_a_missing_comma_in_a_declaration_has_two_readings() -> None:
    error = refusal("A[m n]; f = A")
    for shape, rank in (("A[m, n]", 2), ("A[m*n]", 1)):
        assert shape in error.hint
        assert len(ic.Program(shape).variables["A"].shape) == rank


def test_a_name_cannot_be_defined_by_itself() -> None:
    assert "a is defined by itself" in refusal("a = a + 1").message


def test_a_trait_behind_a_list_has_two_readings() -> None:
    error = refusal("A[n, n], K[n, n] spd")
    for text in ("A[n, n]; K[n, n] spd", "A[n, n] spd; K[n, n] spd"):
        assert text in error.hint
        assert ic.Program(text).text == text


@pytest.mark.parametrize("trait", ["antisymmetric", "integer", "orthogonal", "simplex"])
def test_an_unknown_trait_lists_the_known_ones(trait: str) -> None:
    error = refusal(f"A[n, n] {trait}")
    assert trait in error.message
    assert "symmetric, spd, diagonal" in error.hint


# --- ASCII and Unicode --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "query"),
    [
        ("λ = exp(θ_i x_i)", "∂²λ/∂θ_i∂θ_j"),
        ("lambda = exp(theta_i x_i)", "diff(lambda, theta_i, theta_j)"),
        ("lambda = exp(θ_i x_i)", "diff(λ, theta_i, θ_j)"),
        ("λ = exp(sum_i theta_i x_i)", "∂^2 λ/∂θ_i∂theta_j"),
    ],
)
def test_greek_letters_and_their_names_are_the_same(program: str, query: str) -> None:
    def by_hand(theta, x):  # type: ignore[no-untyped-def]
        return np.exp(theta @ x) * np.outer(x, x)

    agrees(program, query, by_hand, theta="n", x="n")


@pytest.mark.parametrize(
    ("text", "by_hand"),
    [
        ("C = A .* B", lambda A, B: A * B), ("C = A ⊙ B", lambda A, B: A * B),
        ("C = A ∘ B", lambda A, B: A * B), ("C = A : B", lambda A, B: (A * B).sum()),
        ("C = kron(A, B)", np.kron), ("C = A ⊗ B", np.kron),
        ("C_ij = sum_k A_ik B_jk", lambda A, B: A @ B.T),
        ("C_ij = Σ_k A_ik B_jk", lambda A, B: A @ B.T),
        ("C = A*B'", lambda A, B: A @ B.T), ("C = A Bᵀ", lambda A, B: A @ B.T),
    ],
)  # fmt: skip
def test_operators_in_ascii_and_unicode(text, by_hand) -> None:  # type: ignore[no-untyped-def]
    def reference(A, B):  # type: ignore[no-untyped-def]
        return by_hand(A, B)

    agrees(f"A[m, n], B[m, n]\n{text}", "C", reference, A="mn", B="mn")


def test_the_delta_in_ascii() -> None:
    agrees("D_ij = delta_ij v_i", "D", lambda v: np.diag(v) + 0, v="n")
    agrees("D_ij = δ_ij v_j", "D", lambda v: np.diag(v) + 0, v="n")


def test_a_keyword_of_python_becomes_a_legal_argument() -> None:
    formula = ic.Program("f = lambda x_i x_i")["f"]
    assert formula.compiled.signature == ("λ", "x")
    program = ic.Program("f = if_i if_i + class")
    compile(program["f"].compiled.source, "generated", "exec")
