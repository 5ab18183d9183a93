"""Nearly everywhere is not everywhere: ties, sizes, magnitudes, roundings, contradictions."""

from __future__ import annotations

import pytest

from tests.claims.programs import judged

NAMES = """
t[]; u[]; v[]; r[] positive; x[n]; y[n]; W[m, n]; A[n, n]; B[n, n]
S[n, n] symmetric; K[n, n] spd; D[n, n] diagonal; p[n] positive
"""
FALSE = """
relu(t - 10) == 0
relu(t - 1e9) == 0
[t < 100] == 1
max(t, -50) == t
abs(t + 1000) == t + 1000
[t == 0] == 0
[t == 1] == 0
[t == u] == 0
[t >= 0] == [t > 0]
[t > u] + [u > t] == 1
max(t, u) [t > u] + max(t, u) [u > t] == max(t, u)
sign(t)^2 == 1
[t^2 > 0] == 1
[abs(t) u > 0] == [u > 0]
tanh(1e6 t) == sign(t)
sigmoid(1e6 t) == [t > 0]
erf(100 t) == sign(t)
exp(-1e6 t^2) == 0
exp(-800) t == 0
exp(-800 - t^2) == 0
sin(4096 pi t) == 0
cos(8192 pi t) == 1
asin(sin(t)) == t
atan(tan(t)) == t
(-1)^n == 1
cos(pi n) == 1
(t^u)^v == t^(u v)
(n - 1)(n - 2)(n - 3)(n - 4)(n - 5)(n - 6) sum(x) == 0
[m == n] sum(W) == 0
[[t + r > [r > r]] > [r == -1] + u] == [[t + r >= [r > r]] > [r == -1] + u]
max(sign(u), u^(1/2)) == sign(u) [sign(u) > u^(1/2)] + u^(1/2) [u^(1/2) > sign(u)]
[u + u > t] == [u + cbrt(u^3) >= t]
[log(r) > 0] == [log(r) >= 0]
[norm(x) > t] == [norm(x) >= t]
[tr(K) > 0.5] == 1
∂max(t, 1000)/∂t == 0
∂max(t, 0)/∂t == [t > 0] + [t == 1]
∂(t^2)/∂t == 2 t + [t == 0]
[det(K) < 1000] == 1
det(W^T W) == 0
det(W W^T) == 0
relu(f(t) + 100) == f(t) + 100
[sin(2 t) == 2 sin(t) cos(t)] == 0
[sin(t)^2 + cos(t)^2 > 1] == 1
softplus(100 t) == relu(100 t)
t + 1e12 - 1e12 == t + 1e-10
t + 1e-30 u == t
3.14159265358979323846264338327950288419716939937510 == pi
D x == tr(D) x
D A == A D
x^T A y == x^T A^T y
""".strip().splitlines()
TRUE = """
[t > u] + [u > t] + [t == u] == 1
t [t > u] + u [u >= t] == max(t, u)
[t^2 >= 0] == 1
sign(t) sign(u) == sign(t u)
where(t > 0, t, -t) == abs(t)
(r^u)^v == r^(u v)
cos(2 pi n) == 1
sin(pi n) == 0
relu'(t) == [t > 0]
∂abs(t)/∂t == t/abs(t)
∂max(t, u)/∂t == [t > u] + [t == u]/2
sqrt(exp(2 log(t))) == t
sin(u) == sqrt(exp(2 log(sin(u))))
sum_i softmax(x)_i == 1
logsumexp(x) == t + logsumexp(x - t 1)
det(-A) == cos(pi n) det(A)
exp(-740 + t) exp(700) == exp(t - 40)
D E == E D, E = Diag(x)
""".strip().splitlines()


@pytest.mark.parametrize("claim", FALSE)
def test_what_is_not_true_everywhere_is_refuted(claim: str) -> None:
    verdict = judged(NAMES, claim)
    assert verdict.status in ("differs", "undecided"), verdict.report()


@pytest.mark.parametrize("claim", TRUE)
def test_what_is_true_everywhere_holds(claim: str) -> None:
    assert judged(NAMES, claim), judged(NAMES, claim).report()


@pytest.mark.parametrize(
    "claim", ["∂max(t, u)/∂t == [t > u]", "∂max(0, 1 - t u)/∂t == -u [1 - t u > 0]"]
)
def test_the_convention_at_a_kink_is_told(claim: str) -> None:
    verdict = judged(NAMES, claim)
    assert verdict.status == "agrees"
    assert "they differ at a kink, where the derivative is a convention" in verdict.report()


def test_what_is_rare_is_told() -> None:
    report = judged(NAMES, "relu(t - 1000) == 0").report()
    assert "both sides agree at random points of ordinary size" in report


@pytest.mark.parametrize(
    ("claim", "status"),
    [
        ("t == 1; assume t == 1; assume t == 2", "undecided"),
        ("x == y; assume sum_i x_i^2 == -1; assume x == y", "undecided"),
        ("t + u == u + t; assume t == 1; assume t == 2", "proved"),
        ("t u == t; assume u == 1", "proved"),
        ("t u == t; assume v == 1", "differs"),
        ("t == u; assume t^2 == u^2", "differs"),
        ("A A^T == I; assume A^T A == I", "proved"),
        ("A A == I; assume A^T A == I", "differs"),
    ],
)
def test_what_is_assumed_must_be_possible(claim: str, status: str) -> None:
    verdict = judged(NAMES, claim)
    assert verdict.status == status or (status == "proved" and verdict.status == "agrees")


def test_numbers_that_double_precision_does_not_have() -> None:
    assert judged(NAMES, "10^400 t == u").status == "differs"
    assert judged(NAMES, "10^400 t == t 10^200 10^200").status == "proved"


@pytest.mark.parametrize(
    "claim", ["t/[1 > 3] == u/[1 > 3]", "([2 >= 3])^(-2) == sqrt([2 >= 3])^(-4)"]
)
def test_what_is_divided_by_zero_is_undecided(claim: str) -> None:
    assert judged(NAMES, claim).status in ("undecided", "proved")  # 0/0 is itself
