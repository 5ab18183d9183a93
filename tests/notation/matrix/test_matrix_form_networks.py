"""Networks of vectors and matrices, each as the formula that a person would write."""

from __future__ import annotations

from fractions import Fraction

import pytest

from indexcalc.notation.formula import Symbol, SymbolKind
from indexcalc.notation.matrix.assemble import assembled
from indexcalc.notation.matrix.oriented import Oriented, oriented
from indexcalc.notation.matrix.reduce import Factor, Network, reduced
from indexcalc.notation.names import NameStyle
from indexcalc.notation.spelling import Spelling
from indexcalc.notation.text import formula_text

SPELLING = Spelling(NameStyle(), whole=True)


def network(text: str, output: str) -> Network:
    """`A_ij x_j^2` with the labels of rows and columns; `S` is symmetric."""
    values: dict[str, Oriented] = {}
    factors = []
    for part in text.split():
        factor, _, power = part.partition("^")
        name, _, letters = factor.partition("_")
        symbol = Symbol(SymbolKind.VARIABLE, name, ())
        value = oriented(symbol, len(letters), symmetric=name == "S")
        labels = tuple(map(ord, letters))
        factors.append(Factor(values.setdefault(name, value), labels, Fraction(power or 1)))
    row, column = ([*map(ord, output), None, None])[:2]
    return Network(tuple(factors), row, column)


def text_of(text: str, output: str) -> str | None:
    found = reduced(network(text, output))
    if found is None:
        return None
    return formula_text(assembled(Fraction(1), len(output), found).plain.formula, SPELLING)


@pytest.mark.parametrize(
    ("given", "output", "text"),
    [
        # chains
        ("A_ij x_j", "i", "A x"),
        ("A_ji x_j", "i", "A^T x"),
        ("A_ij B_jk C_kl", "il", "A B C"),
        ("A_ij B_jk", "ki", "(A B)^T"),
        ("A_ij B_jk C_kl", "li", "(A B C)^T"),
        ("A_ji B_jk C_lk", "il", "A^T B C^T"),
        ("A_ij A_jk A_kl", "il", "A^3"),
        ("S_ji x_j", "i", "S x"),
        ("x_i y_j", "ij", "x y^T"),
        # sums over both ends
        ("x_i A_ij y_j", "", "x^T A y"),
        ("x_i A_ji y_j", "", "y^T A x"),
        ("x_i x_i", "", "x^T x"),
        ("x_i^2 y_i", "", "y^T x.^2"),
        ("x_i y_i z_i", "", "x^T (y ⊙ z)"),
        ("x_i y_i^-1", "", "sum(x ./ y)"),
        ("x_i", "", "sum(x)"),
        ("A_ij", "", "sum(A)"),
        ("A_ij x_j", "", "sum(A x)"),
        ("A_ij", "i", "A 1"),
        ("A_ji", "i", "A^T 1"),
        # traces and entries
        ("A_ii", "", "tr(A)"),
        ("A_ij B_ji", "", "tr(A B)"),
        ("A_ij B_ij", "", "A : B"),
        ("A_ij^2", "", "normF(A)^2"),
        ("A_ij B_jk C_ki", "", "tr(A B C)"),
        ("B_jk A_ij C_ki", "", "tr(B C A)"),
        ("A_ij B_jk A_kl B_li", "", "tr((A B)^2)"),
        ("A_ij x_j B_ji", "", "tr(A Diag(x) B)"),
        ("A_ii", "i", "diag(A)"),
        ("A_ij B_ji", "i", "diag(A B)"),
        ("A_ij B_ij", "i", "(A ⊙ B) 1"),
        ("A_ij B_ij x_j", "i", "(A ⊙ B) x"),
        # labels that more than two factors share
        ("w_i s_i x_j", "ij", "(w ⊙ s) x^T"),
        ("A_ij s_j B_jk y_k", "i", "A (s ⊙ (B y))"),
        ("A_ij s_j B_jk", "ik", "A Diag(s) B"),
        ("s_i A_ij u_j", "ij", "Diag(s) A Diag(u)"),
        ("A_ij s_i^-1 u_j^-1", "ij", "A ./ (s u^T)"),
        ("y_i z_i^-1 X_ij", "j", "X^T (y ./ z)"),
        ("A_ij x_j B_ik y_k", "i", "(A x) ⊙ (B y)"),
        ("A_ij B_ij C_jk", "ik", "(A ⊙ B) C"),
        ("A_ij B_ij^-1", "ij", "A ./ B"),
        # what the result repeats
        ("", "ii", "I"),
        ("x_i", "ii", "Diag(x)"),
        ("", "ij", "1 1^T"),
        ("x_i", "ij", "x 1^T"),
        ("x_j", "ij", "1 x^T"),
        # scalars beside vectors and matrices
        ("a_i X_ij b_j a_k b_l", "kl", "(a^T X b) a b^T"),
        ("c_ x_i y_i A_jk", "jk", "c (x^T y) A"),
        ("x_i y_i^1 z_k d_^-1", "k", "(x^T y) z/d"),
        ("x_i y_i x_k y_k", "", "(x^T y)^2"),
    ],
)
def test_a_network_reads_as_a_person_writes_it(given: str, output: str, text: str) -> None:
    assert text_of(given, output) == text


@pytest.mark.parametrize(
    ("given", "output"),
    [
        ("A_ij B_ik C_il D_jk E_jl F_kl", ""),  # all pairs of four
        ("A_ai B_aj C_bi D_bj E_ij", "ab"),  # a bridge between two ways from row to column
        ("A_ij B_ik C_jk x_j D_aj E_ak F_ai", "a"),
    ],
)
def test_a_network_without_a_matrix_form_has_none(given: str, output: str) -> None:
    assert text_of(given, output) is None


def test_a_bridge_is_no_obstacle_where_all_labels_are_summed() -> None:
    assert text_of("A_ai B_aj C_bi D_bj E_ij", "") is not None


@pytest.mark.parametrize("count", [30, 400])
def test_long_chains_are_quick(count: int) -> None:
    chain = " ".join(f"A{k}_{chr(200 + k)}{chr(201 + k)}" for k in range(count))
    text = text_of(chain, chr(200) + chr(200 + count))
    assert text == " ".join(f"A{k}" for k in range(count))


def test_a_hopeless_network_fails_fast() -> None:
    letters = [chr(200 + k) for k in range(40)]
    edges = [f"A_{a}{b}" for k, a in enumerate(letters) for b in letters[:k]]
    assert text_of(" ".join(edges), "") is None


def test_powers_stay_within_what_the_language_reads() -> None:
    chain = " ".join(f"A_{chr(200 + k)}{chr(201 + k)}" for k in range(250))
    assert text_of(chain, chr(200) + chr(450)) == "A^100 A^100 A^50"
