"""Three pages of questions and answers, line by line, as people wrote them.

The first is about back-propagation in row vectors, the second about a logistic loss, the third
about the derivative of a layer by a column of its input. What is right in them, and what is wrong,
is known.
"""

from __future__ import annotations

import pytest

from tests.claims.programs import judged, statuses

# --- back-propagation -----------------------------------------------------------------------------

COLUMNS = """
W_1[d, h], W_2[h, k], x[d], b_1[h], b_2[k], p[k]
a = W_1^T x + b_1
h = sigmoid(a)
H = Diag(h)
θ = W_2^T h + b_2
y = softmax(θ)
Y = Diag(y)
L = -p : log(y)
"""
SUM = "; assume sum(p) == 1"
DIFFERENTIALS = (
    "dL == -p : Y^-1 dy == -p : Y^-1 (Y - y y^T) dθ == -p : (I - 1 y^T) dθ == (y 1^T - I) p : dθ"
    " == (y - p) : W_2^T dh == W_2 (y - p) : (H - H^2) da == (H - H^2) W_2 (y - p) : W_1^T dx"
    " == W_1 (H - H^2) W_2 (y - p) : dx"
)
ROWS = """
W_1[5, 3], W_2[3, 5], x[1, 5], b_1[1, 3], b_2[1, 5], y[1, 5]
a = x W_1 + b_1
h = sigmoid(a)
θ = h W_2 + b_2
ŷ_ij = softmax_j(θ_ij)
L = -y_ij log(ŷ_ij)
assume sum_j y_ij == 1
"""


@pytest.mark.parametrize(
    "line",
    [
        "a = W_1^T x + b_1 ⟹ da = W_1^T dx",
        "h = sigmoid(a) ⟹ dh = (H - H^2) da",
        "θ = W_2^T h + b_2 ⟹ dθ = W_2^T dh",
        "y = softmax(θ) ⟹ dy = (Y - y y^T) dθ",
        DIFFERENTIALS + SUM,
        "∂L/∂x == W_1 (H - H^2) W_2 (y - p)" + SUM,
        "∂L/∂θ == y - p" + SUM,
    ],
)
def test_the_derivation_in_columns_is_right(line: str) -> None:
    assert set(statuses(COLUMNS, line)) == {"proved"}


def test_the_derivation_in_columns_needs_that_the_labels_sum_to_one() -> None:
    verdict = judged(COLUMNS, DIFFERENTIALS)
    assert verdict.first_break == 4  # where (y 1^T - I) p becomes y - p
    assert [link.status for link in verdict.links].count("differs") == 1
    assert judged(COLUMNS, "∂L/∂θ == y - p").status == "differs"


@pytest.mark.parametrize(
    ("claim", "status"),
    [
        ("∂L/∂x == ((ŷ - y) W_2^T) ∘ sigmoid'(a) W_1", "ill-shaped"),
        ("∂L/∂x == ((ŷ - y) W_2^T) ∘ ((h - h∘h) W_1^T)", "ill-shaped"),
        ("∂L/∂x == (((ŷ - y) W_2^T) ∘ (h - h∘h)) W_1^T", "proved"),
        ("∂L/∂θ == ŷ - y", "proved"),
    ],
)
def test_the_results_in_rows(claim: str, status: str) -> None:
    assert judged(ROWS, claim).status == status


def test_the_product_of_the_answer_in_rows_tells_both_shapes() -> None:
    report = judged(ROWS, "∂L/∂x == ((ŷ - y) W_2^T) ∘ ((h - h∘h) W_1^T)").report()
    assert "1×3" in report
    assert "1×5" in report


# --- a logistic loss ----------------------------------------------------------------------------

LOSS = r"""
W \in \mathbb{R}^{d\times d}, x \in \mathbb{R}^d, b \in \mathbb{R}^d
{\rm w} \in \mathbb{R}^d
z = Wx+b
s = \sigma(z)
s' = \sigma'(z)
S' = {\rm Diag}(s')
\beta = -\gamma{\rm w}^Ts
\alpha = e^\beta
\lambda = \log(1+\alpha)
"""
LOSS_LINES = [
    r"z = Wx+b \quad&\implies dz = dW\,x",
    r"ds &= s'\odot dz",
    r"ds &= {\rm Diag}(s')\,dz \;=\; S'\,dz",
    r"s' &= \sigma'(z) &\implies ds = S'\,dz",
    r"\beta &= -\gamma{\rm w}^Ts &\implies d\beta = -\gamma{\rm w}^Tds",
    r"\alpha &= e^\beta &\implies d\alpha = \alpha\,d\beta",
    r"""\lambda &= \log(1+\alpha) \\ d\lambda &= e^{-\lambda}\,d\alpha \\
    &= e^{-\lambda}\alpha\,d\beta \\ &= -e^{-\lambda}\alpha\gamma\;{\rm w}^Tds \\
    &= -e^{-\lambda}\alpha\gamma\;{\rm w}^TS'\,dz \\
    &= -e^{-\lambda}\alpha\gamma\;{\rm w}^TS'\,dW\,x \\
    &= -e^{-\lambda}\alpha\gamma\; {\rm Trace}\big({\rm w}^TS'\,dW\,x\big) \\
    &= -e^{-\lambda}\alpha\gamma\; {\rm Trace}\big(x{\rm w}^TS'\,dW\big)""",
    r"""\frac{\partial\lambda}{\partial W} &= -e^{-\lambda}\alpha\gamma\;\big(x{\rm w}^TS'\big)^T \\
    &= -e^{-\lambda}\alpha\gamma\;S'{\rm w}x^T""",
    r"""\frac{\partial\lambda}{\partial W_{ij}}
    &= -e^{-\lambda}\alpha\gamma\;\sum_{k=1}^d {S'}_{ik}{\rm w}_kx_j \\
    &= -e^{-\lambda}\alpha\gamma\;\sigma'(z_i){\rm w}_ix_j \\
    &= -e^{-\lambda}\alpha\gamma\; \sigma'\!\left(\sum_{k=1}^dW_{ik}x_k+b_i\right){\rm w}_ix_j""",
]
LOGISTIC = """
W[m, n], x[n], b[m], w[m], y[]
σ(z) = 1/(1 + exp(-z))
z = W x + b
s = σ(z)
S = Diag(s)
β = -y w^T s
α = exp(β)
λ = log(1 + α)
"""


@pytest.mark.parametrize("line", LOSS_LINES, ids=range(len(LOSS_LINES)))
def test_the_second_answer_is_right(line: str) -> None:
    assert set(statuses(LOSS, line)) == {"proved"}


@pytest.mark.parametrize(
    "claim",
    [
        "∂λ/∂W == -exp(-λ) α y (S - S^2) w x^T",
        "∂λ/∂W_ij == (1 + exp(-y w_k σ(z_k)))^-1 ∂α/∂W_ij",
        "∂(-y w_k σ(z_k))/∂W_ij == -y w_k σ'(z_k) ∂(W_kl x_l + b_k)/∂W_ij",
        "exp(-λ) == 1/(1 + α)",
        "σ'(z) == s - s ⊙ s",
    ],
)
def test_logistic_results(claim: str) -> None:
    assert judged(LOGISTIC, claim).status == "proved"


def test_the_first_answer_ends_wrong() -> None:
    verdict = judged(LOGISTIC, "∂(W_kl x_l + b_k)/∂W_ij == x_j")
    assert verdict.status == "differs"
    assert "no index k, i" in verdict.report()
    assert judged(LOGISTIC, "∂(W_kl x_l + b_k)/∂W_ij == δ_ki x_j").status == "proved"


# --- a layer --------------------------------------------------------------------------------------

LAYER = """
W[m, n], U[q, m], X[n, p], b[m], c[q]
S = σ(W X + b 1^T)
S_1 = σ'(W X + b 1^T)
D = Diag(vec(U S_1))
Y = U S + c 1^T
"""
SQUARE = LAYER.replace("U[q, m]", "U[m, m]").replace("c[q]", "c[m]")
WRONG = [
    "dY == (U S_1) ⊙ (W dX)",
    "vec(dY) == vec(U S_1) ⊙ vec(W dX)",
    "vec(dY) == D (I ⊗ W) vec(dX)",
    "∂vec(Y)/∂vec(X) == D (I ⊗ W)",
]
RIGHT = [
    "dY == U (S_1 ⊙ (W dX))",
    "vec(dY) == (I ⊗ U) Diag(vec(S_1)) (I ⊗ W) vec(dX)",
    "∂vec(Y)/∂vec(X) == (I ⊗ U) Diag(vec(S_1)) (I ⊗ W)",
    "vec(U S_1) ⊙ vec(U S_1) == D vec(U S_1)",
]


@pytest.mark.parametrize("claim", WRONG)
def test_the_layer_of_the_answer_is_wrong(claim: str) -> None:
    assert judged(LAYER, claim).status == "ill-shaped"
    assert judged(SQUARE, claim).status == "differs"


@pytest.mark.parametrize("claim", RIGHT)
@pytest.mark.parametrize("text", [LAYER, SQUARE])
def test_the_layer_repaired(claim: str, text: str) -> None:
    assert judged(text, claim).status == "proved"


def test_the_answers_ones_and_the_weights_of_the_question_have_the_wrong_size() -> None:
    ones = judged(LAYER, "Y == U S + c u^T; u[n]")
    assert ones.status == "ill-shaped"
    question = "W_1[m, n], W_2[r, n], X[n, p], b_1[m]"
    assert judged(question, "W_2 σ(W_1 X + b_1 1^T) == W_2 σ(W_1 X + b_1 1^T)").status == (
        "ill-shaped"
    )
