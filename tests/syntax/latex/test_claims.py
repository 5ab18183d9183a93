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
