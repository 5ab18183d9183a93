"""The smallest edit that makes a wrong claim true."""

from __future__ import annotations

import pytest

from indexcalc.claims.check import judge_link
from indexcalc.claims.edits import Edit, smallest_edit
from indexcalc.elaborate.claims import ClaimSides
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
NETWORK = """
W[m, n], U[k, m], X[n, p], b[m], c[k]
Z = W X + b 1^T
S = σ(Z)
Y = U S + c 1^T
"""


def holds(sides: ClaimSides) -> bool:
    return judge_link(sides, *sides.sides).status in {"proved", "agrees"}


def edit(program: str, claim: str) -> Edit | None:
    read = elaborate(parse_program(Source(program), notation="auto"))
    parsed = parse_query(Source(claim, "claim"), read.symbols, notation="auto")
    assert isinstance(parsed, tree.Claim)
    left, right = parsed.sides
    return smallest_edit(read, left, right, holds)


CASES = [
    (QUADRATIC, "∂f/∂x == 2 A x", "(A + A^T) x"),
    (QUADRATIC, "∂f/∂x == A x + A x", "A^T x + A x"),
    (QUADRATIC, "∂f/∂x == -(A + A^T) x", "(A + A^T) x"),
    ("W[m, n], x[n], b[m]; y_k = W_kj x_j + b_k", "∂y_k/∂W_ij == x_j", "δ_ki x_j"),
    (LOGISTIC, "∂λ/∂W_ij == exp(-λ) α y σ'(z_i) w_i x_j", "-exp(-λ) α y σ'(z_i) w_i x_j"),
    (LOGISTIC, "∂λ/∂W_ij == -exp(-λ) α y σ'(z_j) w_i x_j", "-exp(-λ) α y σ'(z_i) w_i x_j"),
    (NETWORK, "dY == (U σ'(Z)) ⊙ (W dX)", "U (σ'(Z) ⊙ (W dX))"),
]


@pytest.mark.parametrize(("program", "claim", "right"), CASES)
def test_the_edit_is_found(program: str, claim: str, right: str) -> None:
    found = edit(program, claim)
    assert found is not None
    assert found.text == right
