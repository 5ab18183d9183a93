"""Vec form: what is shared, what needs a size, what is exchanged, and what is refused."""

from __future__ import annotations

import pytest

import indexcalc as ic
from indexcalc.ir.build import delta, variable, zero
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node
from indexcalc.notation.matrix.vec.form import to_vec
from indexcalc.notation.matrix.vec.separation import ungrouped

L, M, N, P = map(Extent.named, "lmnp")
A, B, C = variable("A", (M, N)), variable("B", (P, L)), variable("C", (M, L))
TWISTED = "((Diag(x) X) ⊗ C) commutation(n, l)"
X, x, z = variable("X", (N, N)), variable("x", (N,)), variable("z", (M,))


def printed(program: str, query: str, rows: int) -> str:
    formula = ic.Program(program)[query]
    return to_vec(formula._node, rows, formula._session.style)


@pytest.mark.parametrize(
    ("node", "rows", "text"),
    [
        (contract([(A, "ik"), (B, "jl")], "ijkl"), 2, "B ⊗ A"),
        (contract([(A, "il"), (B, "jk")], "ijkl"), 2, "(B ⊗ A) commutation(l, n)"),
        (contract([(A, "ij"), (B, "kl")], "ijkl"), 2, "vec(A) vec(B)^T"),
        (contract([(A, "ij")], "ijij"), 2, "Diag(vec(A))"),
        (contract([(A, "ij")], "ijji"), 2, "Diag(vec(A)) commutation(n, m)"),
        (contract([(delta(M), "ik"), (x, "j")], "ijk"), 2, "x ⊗ eye(m)"),
        (contract([(delta(M), "ik"), (x, "l")], "ikl"), 1, "x^T ⊗ eye(m)"),
        (contract([(z, "i"), (x, "j")], "ij"), 2, "x ⊗ z"),
        (contract([(z, "i"), (x, "j")], "ij"), 0, "x ⊗ z"),
        (contract([(z, "i"), (x, "j")], "ij"), 1, "z x^T"),
        (contract([(A, "ij"), (A, "kl")], "ijkl"), 2, "vec(A) vec(A)^T"),
        (contract([(A, "ij"), (x, "j")], "i"), 1, "A x"),
        (contract([(A, "ij"), (z, "k")], "ijk"), 2, "vec(A) z^T"),
        (contract([(z, "i"), (A, "jk")], "ijk"), 1, "z vec(A)^T"),
        (contract([(C, "il"), (X, "jk"), (x, "j")], "ijkl"), 2, TWISTED),
        (zero((M, N, M, N)), 2, "0"),
    ],
)
def test_products_of_two_matrices(node: Node, rows: int, text: str) -> None:
    assert to_vec(node, rows) == text


def test_what_terms_share_is_written_once() -> None:
    program = "x[n], w[n], A[m, m], B[m, m]"
    assert printed(program, "R_ijkl = x_j x_l A_ik + w_j w_l A_ik", 2) == "(w w^T + x x^T) ⊗ A"


def test_a_name_of_the_program_is_used() -> None:
    program = "W[m, n], U[q, m], X[n, p]; Z = W X; Y = U σ(Z)"
    assert printed(program, "∂Y/∂X", 2) == "(I ⊗ U) Diag(vec(σ'(Z))) (I ⊗ W)"


def test_what_is_said_often_has_a_line_of_its_own() -> None:
    text = printed("X[m, n]; f = logdet(X^T X)", "∂²f/∂X_ij∂X_kl", 2)
    assert text.splitlines()[1:] == ["  where t1 = (X^T X)^-1"]


@pytest.mark.parametrize(
    ("program", "query", "rows", "reason"),
    [
        ("T[n, n, n], x[n]", "T_ijk x_l", 2, "3 indices"),
        ("A[n, n], B[n, n], C[n, n]", "A_ij B_kl C_pq", 3, "3 in a group"),
        ("A[n, n], B[n, n], C[n, n]", "R_ijk = sin(A_ij + B_jk + C_ik)", 2, "3 indices"),
    ],
)
def test_what_no_matrix_says_is_refused_with_its_component_form(
    program: str, query: str, rows: int, reason: str
) -> None:
    with pytest.raises(ic.FormulaError, match="there is no vec form") as caught:
        printed(program, query, rows)
    assert reason in caught.value.message
    assert caught.value.hint.startswith("with indices:")


def test_a_stacked_tensor_gives_its_axes_back() -> None:
    program = ic.Program("A[m, n], X[n, p], B[p, q]; Y = A X B")
    found = ungrouped(program["∂vec(Y)/∂vec(X)"]._node)
    assert found is not None
    assert found[0] is program["∂Y/∂X"]._node
    assert found[1] == 2


def test_other_tensors_are_not_taken_apart() -> None:
    program = ic.Program("A[m, n], v[m*n]")
    assert ungrouped(program["A"]._node) is None
    assert ungrouped(program["v + 2 v"]._node) is None


def test_indices_stacked_from_three_matrices() -> None:
    program = "a[p], X[p*n, m], b[m]; y = kron(a^T, eye) X b"
    assert printed(program, "∂y/∂X", 1) == "b^T ⊗ a^T ⊗ eye(n)"


def test_long_sums_and_products_end() -> None:
    names = [f"A{k}" for k in range(40)]
    program = ", ".join(f"{name}[n, n]" for name in [*names, "X"])
    total = " + ".join(f"{name} X {name}^T" for name in names)
    text = printed(f"{program}; Y = {total}", "∂Y/∂X", 2)
    assert text.count("⊗") == len(names)
    chain = " ".join([*names[:20], "X", *names[20:]])
    assert printed(f"{program}; Y = {chain}", "∂Y/∂X", 2).count("⊗") == 1


KRONECKER = "A[m, n], B[p, q], x[n*q], y[m*p], X[q, n]; "


@pytest.mark.parametrize(
    ("definition", "query", "text"),
    [
        ("r = (A ⊗ B) x - y; f = r^T r", "∂f/∂x", "2 (A^T ⊗ B^T) r"),
        ("r = (A ⊗ B) vec(X) - y; f = r^T r", "∂f/∂vec(X)", "2 (A^T ⊗ B^T) r"),
        ("z = σ((A ⊗ B) x)", "∂z/∂x", "Diag(σ'((A ⊗ B) x)) (A ⊗ B)"),
        ("z = (A ⊗ B) x", "z", "(A ⊗ B) x"),
        ("z = y ⊙ σ((A ⊗ B) x)", "z", "y ⊙ σ((A ⊗ B) x)"),
        ("z = A ⊗ B", "z", "A ⊗ B"),
    ],
)
def test_a_kronecker_product_is_a_factor_like_any_other(
    definition: str, query: str, text: str
) -> None:
    assert printed(KRONECKER + definition, query, 1) == text


def test_what_would_take_a_vector_apart_is_refused() -> None:
    with pytest.raises(ic.FormulaError, match="arranged under other axes"):
        printed(KRONECKER + "z = σ((A ⊗ B) x)", "∂z/∂A", 1)


def test_matrix_form_of_a_stacked_derivative_is_its_vec_form() -> None:
    program = ic.Program("U[q, m], W[m, n], X[n, p]; Y = U σ(W X)")
    text = "(I ⊗ U) Diag(vec(σ'(W X))) (I ⊗ W)"
    assert program["∂vec(Y)/∂vec(X)"].to_matrix() == text
    assert program["∂Y/∂X"].to_vec() == text
