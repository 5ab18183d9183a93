"""Total differentials in claims: what they are of, what varies, what is refused."""

from __future__ import annotations

import pytest

from indexcalc.errors import DifferentiationError, FormulaError, UnknownNameError
from tests.claims.programs import judged

LAYERS = """
W[m, n], x[n], b[m], w[m], y[], W_out[m, n]
S[n, n] symmetric; K[n, n] spd; D[n, n] diagonal
z = W x + b
α = exp(w^T z)
λ = log(1 + α)
c = W_out x
"""
RIGHT = [
    "d(W x) == W dx + dW x",
    "d(W x + b) == W dx + dW x + db",
    "dλ == exp(-λ) dα == exp(-λ) α w^T dz",
    "dλ == exp(-λ) α w_i dW_ij x_j",
    "dλ == ∂λ/∂W_ij dW_ij",
    "dλ == ∂λ/∂W : dW",
    "dλ == ∂λ/∂W_ij dW_ij + ∂λ/∂x_j dx_j + ∂λ/∂b_i db_i + ∂λ/∂w_i dw_i",
    "dz_i == dW_ij x_j + W_ij dx_j + db_i",
    "dc == dW_out x",
    "d(x^T S x) == 2 x^T S dx + x^T dS x",
    "d(x^T S x) == 2 x^T S dx",
    "dS == dS^T",
    "d(K^-1) == -K^-1 dK K^-1",
    "d(logdet(K)) == tr(K^-1 dK)",
    "d(D x) == dD x + D dx",
    "d(x^T) == dx^T",
    "d(exp(x_i) y) == exp(x_i) y dx_i + exp(x_i) dy",
    "d(x_i x_i) == 2 x_i dx_i",
    "d(5) == 0",
    "vec(dW) == d(vec(W))",
    "dlambda == exp(-lambda) dalpha",
]
WRONG = [
    "d(W x) == W dx - dW x",
    "d(W x) == W dx + 2 dW x",
    "dλ == exp(λ) dα",
    "dλ == 0",
    "dx == 2 dx",
    "w^T dz == dy",
    "w^T dz + dy == w^T dz",
    "dλ == exp(-λ) α w_i dW_ij x_j + dy",
    "d(x^T S x) == x^T S dx",
    "d(K^-1) == K^-1 dK K^-1",
    "dW x == W dx",
]


@pytest.mark.parametrize("claim", RIGHT)
def test_right_differential(claim: str) -> None:
    verdict = judged(LAYERS, claim)
    assert verdict.status == "proved", verdict.report()


@pytest.mark.parametrize("claim", WRONG)
def test_wrong_differential(claim: str) -> None:
    assert judged(LAYERS, claim).status in ("differs", "ill-shaped")


def test_what_is_held_constant_is_told() -> None:
    verdict = judged(LAYERS, "dz == dW x")
    assert verdict.links[0].constants == ("b", "x")
    assert "with b, x held constant" in verdict.report()
    assert judged(LAYERS, "d(W x) == W dx + dW x").links[0].constants == ()


def test_a_line_with_its_definition() -> None:
    verdict = judged(LAYERS, "z = W x + b ⟹ dz = dW x == d(W x)")
    assert [link.status for link in verdict.links] == ["proved"] * 3
    wrong = judged(LAYERS, "z = W x - b ⟹ dz = dW x")
    assert [link.status for link in wrong.links] == ["differs", "proved"]
    new = judged(LAYERS, "q = W^T b ⟹ dq = dW^T b")
    assert [link.status for link in new.links] == ["proved"]


def test_a_line_about_a_name_does_not_go_down_to_what_the_name_is_made_of() -> None:
    layers = range(1, 41)
    text = "; ".join(
        ["x[n0]", *(f"W{k}[n{k}, n{k - 1}]" for k in layers), "h0 = x"]
        + [f"h{k} = tanh(W{k} h{k - 1})" for k in layers]
        + ["f = h40^T h40/2"]
    )
    assert judged(text, "df == h40^T dh40").status == "proved"
    assert judged(text, "df == ∂f/∂h39 : dh39").links[0].constants == ("W40",)


def test_the_chain_rule_goes_through_all_names() -> None:
    text = "x[], y[]; u = x^2; v = u y; f = u v + x"
    assert judged(text, "df == v du + u dv + dx").status == "proved"
    assert judged(text, "df == (v + u y) du + u^2 dy + dx").status == "proved"
    assert judged(text, "df == v du + dx").status == "differs"
    assert judged(text, "df == v du + u dv").status == "differs"
    assert judged(text, "df == v du + u dv + 2 x dx").status == "differs"


def test_names_that_begin_with_d_are_themselves() -> None:
    text = "dx[n], x[n], d[]; f = x^T x"
    assert judged(text, "d(x^T x) == d x^T x").status == "proved"
    assert judged(text, "dx^T x == x^T dx").status == "proved"
    assert judged("t[], dt[]; f = t^2", "dt == 2 t").status == "differs"
    assert judged("t[]; f = t^2", "df == 2 t dt").status == "proved"


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        ("dλ/dW_ij == 2", DifferentiationError),
        ("d λ == 3", UnknownNameError),
        ("d(dx) == dx", DifferentiationError),
        ("d(W dx) == dW dx", DifferentiationError),
        ("dq == x", FormulaError),
    ],
)
def test_refused(claim: str, kind: type[FormulaError]) -> None:
    with pytest.raises(kind):
        judged(LAYERS, claim)
