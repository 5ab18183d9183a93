"""Identities that people use without a word are proved; their mutants are refuted."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from indexcalc.errors import FormulaError
from tests.claims.programs import judged

NAMES = """
x[n], y[n], W[m, n], A[n, n], B[n, n], C[n, n], Z[m, m], t[], u[]; p[n] positive
S[n, n] symmetric; K[n, n] spd; D[n, n] diagonal
σ(z) = 1/(1 + exp(-z))
"""
PROVED = """
σ'(x_i) == σ(x_i) - σ(x_i)^2
σ'(x) == σ(x) ⊙ (1 - σ(x))
sigmoid'(t) == sigmoid(t) sigmoid(-t)
tanh'(x_i) == 1 - tanh(x_i)^2
tanh(t) == 2 sigmoid(2 t) - 1
softplus'(t) == sigmoid(t)
softmax(x)_i == exp(x_i)/sum_k exp(x_k)
log(softmax(x))_i == x_i - logsumexp(x)
logsoftmax(x) == log(softmax(x))
∂softmax(x)_i/∂x_j == softmax(x)_i (δ_ij - softmax(x)_j)
∂(y_i log(softmax(x)_i))/∂x_j == y_j - softmax(x)_j sum_i y_i
sum_i softmax(x)_i == 1
sum_i ∂softmax(x)_i/∂x_j == 0
∂logsumexp(x)/∂x == softmax(x)
softmax(x + t 1) == softmax(x)
logsumexp(x + t 1) == t + logsumexp(x)
exp(t + u) == exp(t) exp(u)
exp(log(t)) == t
log(t/u) == log(t) - log(u)
log(t^3) == 3 log(t)
exp(2 log(p_i)) == p_i^2
sqrt(t)^2 == t
sqrt(t^2) == abs(t)
sqrt(8) == 2 sqrt(2)
log(6) == log(2) + log(3)
1/(1 + exp(-t)) + 1/(1 + exp(t)) == 1
exp(-log(1 + exp(t))) == 1/(1 + exp(t))
log(1 + exp(t)) == t + log(1 + exp(-t))
t/(t + u) + u/(t + u) == 1
1/t - 1/u == (u - t)/(t u)
(t^2 - u^2)/(t - u) == t + u
(1 - t)/(1 - t^2) == 1/(1 + t)
sum_i x_i/(x_i + y_i) == n - sum_i y_i/(x_i + y_i)
cosh(t)^2 - sinh(t)^2 == 1
sin(t)^2 + cos(t)^2 == 1
∂tan(t)/∂t == 1/cos(t)^2
∂tanh(t)/∂t == 1/cosh(t)^2
silu'(t) == sigmoid(t) (1 + t (1 - sigmoid(t)))
∂gelu(t)/∂t == (1 + erf(t/sqrt(2)))/2 + t exp(-t^2/2)/sqrt(2 pi)
relu(t) == max(t, 0)
abs(t) == relu(t) + relu(-t)
max(t, u) - min(t, u) == abs(t - u)
t^2 == abs(t)^2
∂norm1(x)/∂x == sign(x)
x^T A y == y^T A^T x
tr(A B C) == tr(C A B)
tr(A^T B) == A : B
(A B)^T == B^T A^T
(A^T)^-1 == (A^-1)^T
(A B)^-1 == B^-1 A^-1
det(A B) == det(A) det(B)
logdet(A) == log(det(A))
A A^-1 x == x
(A + B)^-1 A == I - (A + B)^-1 B
A (I + A)^-1 == (I + A)^-1 A
(A + B) (A - B) == A A - A B + B A - B B
S x == S^T x
x^T K^-1 y == y^T K^-1 x
D x == diag(D) ⊙ x
Diag(x) A Diag(y) == (x y^T) ⊙ A
∂(x^T A x)/∂x == (A + A^T) x
∂(x^T S x)/∂x == 2 S x
∂logdet(K)/∂K == K^-1
∂tr(A^-1)/∂A == -(A^-2)^T
∂(x^T A^-1 y)/∂A == -(A^-1)^T x y^T (A^-1)^T
∂‖x‖/∂x == x/‖x‖
‖x - y‖^2 == x^T x - 2 x^T y + y^T y
vec(A B C) == (C^T ⊗ A) vec(B)
tr(A ⊗ B) == tr(A) tr(B)
(A ⊗ B) (C ⊗ S) == (A C) ⊗ (B S)
ε_ijk ε_ilm == δ_jl δ_km - δ_jm δ_kl
mean(x) == 1^T x/n
(I + x y^T)^-1 == I - x y^T/(1 + x^T y)
(A + B C B^T)^-1 == A^-1 - A^-1 B (C^-1 + B^T A^-1 B)^-1 B^T A^-1
(I + t A)^-1 x == x - t A (I + t A)^-1 x
(W^T W + t I)^-1 W^T == W^T (W W^T + t I)^-1
(A ⊗ B)^-1 == A^-1 ⊗ B^-1
(A^-1 + B^-1)^-1 == A (A + B)^-1 B
det(A ⊗ Z) == det(A)^m det(Z)^n
det(2 Z) == 2^m det(Z)
det(-A) == (-1)^n det(A)
sin(2 t) == 2 sin(t) cos(t)
sin(3 t) == 3 sin(t) - 4 sin(t)^3
cos(t + u) cos(t - u) == cos(t)^2 - sin(u)^2
cos(t + pi/2) == -sin(t)
cumsum(x + y) == cumsum(x) + cumsum(y)
""".strip().splitlines()
AGREES = """
acosh(t) == log(t + sqrt(t^2 - 1))
atan(t) + atan(1/t) == sign(t) pi/2
""".strip().splitlines()
CHANGES = [
    (r"\+", "-"), (r"(?<=[\w)]) -(?= )", " +"), (r"\^T", ""), ("⊙", " "), (r"\b2\b", "3"),
    (r"\b1\b", "2"), ("sigmoid", "tanh"), ("exp", "sin"), ("log", "sin"), ("softmax", "exp"),
    ("A", "B"), ("x", "y"), ("t(?![a-z])", "u"), ("_i", "_j"), ("relu", "abs"),
]  # fmt: skip
TRUE_MUTANTS = {"sum_i ∂softmax(x)_i/∂x_j == 2 (0)", "sum_i ∂softmax(x)_i/∂x_j == (0) (1 + 1e-9)",
                "sum_i ∂softmax(x)_i/∂x_j == -(0)", "S x == S x"}  # fmt: skip


@pytest.mark.parametrize("claim", PROVED)
def test_identity_is_proved(claim: str) -> None:
    verdict = judged(NAMES, claim)
    assert verdict.status == "proved", verdict.report()


@pytest.mark.parametrize("claim", AGREES)
def test_identity_that_is_not_proved_agrees(claim: str) -> None:
    assert judged(NAMES, claim).status == "agrees"


def mutants(claim: str) -> Iterator[str]:
    left, right = claim.split(" == ")
    yield f"{left} == 2 ({right})"
    yield f"{left} == -({right})"
    yield f"{left} == ({right}) (1 + 1e-9)"
    for pattern, other in CHANGES:
        for found in re.finditer(pattern, right):
            changed = right[: found.start()] + other + right[found.end() :]
            if changed != right:
                yield f"{left} == {changed}"


@pytest.mark.parametrize("claim", PROVED)
def test_no_mutant_passes(claim: str) -> None:
    for mutant in mutants(claim):
        try:
            verdict = judged(NAMES, mutant)
        except FormulaError:
            continue
        assert verdict.status in ("differs", "ill-shaped") or mutant in TRUE_MUTANTS, mutant
