"""Claims in LaTeX, as people paste them, are judged."""

from __future__ import annotations

import pytest

import indexcalc as ic

TRUE = (
    r"""
    L(W) = \|WX - Y\|_F^2, \quad W\in\R^{m\times n}, X\in\R^{n\times p}, Y\in\R^{m\times p} \\
    \nabla_W L = 2(WX - Y)X^T
    """,
    r"""
    \begin{align}
    L &= \frac{1}{2}\sum_{n=1}^{N}\sum_{k=1}^{K}\left(y_{nk}-t_{nk}\right)^2,
      & y_{nk} &= \sum_j w_{kj}z_{nj} \\
    \frac{\partial L}{\partial w_{kj}} &= \sum_n (y_{nk}-t_{nk}) z_{nj}
    \end{align}
    """,
    r"""
    \begin{aligned}
    \frac{\partial}{\partial \beta}\left[ (y - X\beta)^\top (y-X\beta) \right]
      &= -2X^\top(y - X\beta) \\ &= -2X^\top y + 2X^\top X \beta
    \end{aligned} \quad X\in\R^{n\times k}, \; y\in\R^n, \; \beta\in\R^k
    """,
    r"\log\sigma(x) = -\log(1+e^{-x}), \quad \sigma(x) = \frac{1}{1+e^{-x}}",
    r"""
    p_i = \frac{e^{z_i}}{\sum_{j=1}^K e^{z_j}} \\
    \frac{\partial p_i}{\partial z_j} = p_i(\delta_{ij} - p_j)
    """,
    r"""
    X \in \mathbb{R}^{n\times n}, \; A\in\mathbb{R}^{n\times n} \\
    \partial(\mathbf{X}^{-1}) = -\mathbf{X}^{-1}(\partial\mathbf{X})\mathbf{X}^{-1}, \quad
    \nabla_{X} \operatorname{tr} A X = A^T
    """,
    r"""
    \mathcal{L}(x,\lambda) = x^TAx - \lambda(x^Tx-1), \quad A\in\R^{n\times n}, x\in\R^n \\
    \frac{\partial\mathcal{L}}{\partial x} = (A + A^T) x - 2\lambda x, \quad
    \frac{\partial\mathcal{L}}{\partial\lambda} = 1 - x^T x
    """,
    r"""
    f(x) = \log \sum_{i=1}^n e^{x_i}, \quad x \in \R^n; \quad
    \frac{\partial^2 f}{\partial x\,\partial x^\top} = \operatorname{Diag}(p) - p p^\top, \quad
    p = \operatorname{softmax}(x)
    """,
    r"""
    g_{k} = \frac{a_i x_i}{x_j x_j} x_k, \quad
    \frac{\partial g_k}{\partial a_l} = \frac{x_l x_k}{x_j x_j}
    """,
)
# Of square matrices and vectors, as collections of identities have them.
IDENTITIES = (
    r"\frac{\partial x^Ta}{\partial x} = \frac{\partial a^Tx}{\partial x} = a",
    r"\frac{\partial a^TXb}{\partial X} = ab^T",
    r"\frac{\partial a^TX^Tb}{\partial X} = ba^T",
    r"\frac{\partial a^TXa}{\partial X} = aa^T",
    r"\frac{\partial}{\partial X_{ij}}\sum_{klmn}X_{kl}X_{mn} = 2\sum_{kl}X_{kl}",
    r"\frac{\partial b^TX^TXc}{\partial X} = X(bc^T + cb^T)",
    r"\frac{\partial x^TBx}{\partial x} = (B+B^T)x",
    r"\frac{\partial}{\partial X}\mathrm{Tr}(X) = I",
    r"\frac{\partial}{\partial X}\mathrm{Tr}(XA) = A^T",
    r"\frac{\partial}{\partial X}\mathrm{Tr}(X^2) = 2X^T",
    r"\frac{\partial}{\partial X}\mathrm{Tr}(X^TBX) = BX+B^TX",
    r"\frac{\partial}{\partial X}\mathrm{Tr}(AX^{-1}B) = -(X^{-1}BAX^{-1})^T",
    r"\frac{\partial}{\partial X}\mathrm{Tr}\left[(AXB+C)(AXB+C)^T\right] = 2A^T(AXB+C)B^T",
    r"\frac{\partial\det(X)}{\partial X} = \det(X)(X^{-1})^T",
    r"\frac{\partial\ln\det(X^TX)}{\partial X} = 2(X^{-1})^T",
    r"\frac{\partial}{\partial x}||x-a||_2 = \frac{x-a}{||x-a||_2}",
    r"\frac{\partial||x||_2^2}{\partial x} = \frac{\partial||x^Tx||_2}{\partial x} = 2x",
    r"\frac{\partial}{\partial X}||X||_F^2 = \frac{\partial}{\partial X}\mathrm{Tr}(XX^T) = 2X",
    r"\partial(XA) = (\partial X)A",
    r"\partial(\mathrm{Tr}(X)) = \mathrm{Tr}(\partial X)",
    r"\partial(X\circ B) = (\partial X)\circ B",
    r"\partial(X\otimes B) = (\partial X)\otimes B",
    r"\partial(\det(X)) = \det(X)\mathrm{Tr}(X^{-1}\partial X)",
    r"\partial X^T = (\partial X)^T",
    r"\mathrm{Tr}(A^TB) = \mathrm{vec}(A)^T\mathrm{vec}(B)",
    r"\mathrm{vec}(AXB) = (B^T\otimes A)\mathrm{vec}(X)",
    r"(A\otimes B)(C\otimes D) = AC\otimes BD",
    r"(A\otimes B)^{-1} = A^{-1}\otimes B^{-1}",
    r"\mathrm{Tr}(A\otimes B) = \mathrm{Tr}(A)\mathrm{Tr}(B)",
    r"(A+CBC^T)^{-1} = A^{-1} - A^{-1}C(B^{-1}+C^TA^{-1}C)^{-1}C^TA^{-1}",
    r"\det(I+ab^T) = 1 + a^Tb",
    r"\frac{\partial (X^{-1})_{kl}}{\partial X_{ij}} = -(X^{-1})_{ki}(X^{-1})_{jl}",
    r"\frac{\partial a^TX^{-1}b}{\partial X} = -X^{-T}ab^TX^{-T}",
    r"\frac{\partial X_{ij}}{\partial X_{mn}} = \delta_{im}\delta_{jn}",
    r"\frac{\partial}{\partial X}\mathrm{Tr}(A\circ X) = A\circ I",
)
SHAPES = r"X, A, B, C, D \in \R^{n\times n}, x, a, b, c \in \R^n; "
FALSE = (
    r"f = x^T A x, A\in\R^{n\times n}, x\in\R^n; \nabla_x f = 2 A x",
    r"f = \frac1n \sum_{i=1}^n x_i^2; \frac{\partial f}{\partial x_j} = 2 x_j",
    r"x \in \R^n, f = \norm{x}_2^2 \implies df = x^T dx",
)


@pytest.mark.parametrize("text", TRUE, ids=lambda text: text.strip()[:40])
def test_true_claims_hold(text: str) -> None:
    verdicts = ic.Program(text, "latex").check_all()
    assert verdicts
    assert all(verdicts), [verdict.report() for verdict in verdicts]


@pytest.mark.parametrize("text", FALSE, ids=lambda text: text[:40])
def test_false_claims_differ(text: str) -> None:
    (verdict,) = ic.Program(text, "latex").check_all()
    assert verdict.status == "differs"


@pytest.mark.parametrize("text", IDENTITIES)
def test_identities_hold(text: str) -> None:
    (verdict,) = ic.Program(SHAPES + text, "latex").check_all()
    assert verdict, verdict.report()
