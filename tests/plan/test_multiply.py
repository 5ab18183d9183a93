"""Products that are opened for what is there already."""

from __future__ import annotations

import numpy as np
import pytest

import indexcalc as ic

rng = np.random.default_rng(5)

KNOWN = "O_ia = P_ij V_ja\nG_ij = O_ia V_ja\nM_ij = P_ij G_ij\ns_i = sum_j M_ij"


@pytest.mark.parametrize(
    ("n", "k", "d"), [(200, 300, 8), (1, 1, 1), (0, 3, 2), (4, 0, 2), (5, 6, 0)]
)
def test_a_sum_is_made_of_products_that_are_there(n: int, k: int, d: int) -> None:
    P, V = rng.normal(size=(n, k)), rng.normal(size=(k, d))
    function = ic.Program(KNOWN).compile("O", "M", "s")
    product, entries, sums = function(P=P, V=V)
    np.testing.assert_allclose(product, P @ V, atol=1e-12)
    np.testing.assert_allclose(entries, P * (P @ V @ V.T), atol=1e-11)
    np.testing.assert_allclose(sums, (P * (P @ V @ V.T)).sum(1), atol=1e-10)


def test_a_sum_over_a_large_product_looks_into_it() -> None:
    function = ic.Program(KNOWN).compile("O", "M", "s")
    function(P=rng.normal(size=(500, 400)), V=rng.normal(size=(400, 8)))
    source = function.source
    assert '"ij,ij->i", O, O' in source
    assert ".sum(" not in source


def test_a_sum_alone_is_left() -> None:
    """Nothing that it could be made of is there."""
    source = ic.Program("M_ij = P_ij G_ij\ns_i = sum_j M_ij").compile("M", "s").source
    assert "M.sum(1)" in source


def test_the_gradient_of_attention_finds_the_sum_that_an_expert_writes() -> None:
    text = (
        "Q[n, d], K[n, d], V[n, d]\nP_ij = softmax_j(Q_ik K_jk / sqrt(d))\nO_ia = P_ij V_ja\n"
        "f = 1/2 O_ia O_ia"
    )
    queries = ("∂f/∂Q_ij", "∂f/∂K_ij", "∂f/∂V_ij")
    function = ic.Program(text).compile(*queries, sizes={"n": 512, "d": 64})
    assert '"ij,ij->i", O, O' in function.source
    assert function.source.count(".sum(") == 1
