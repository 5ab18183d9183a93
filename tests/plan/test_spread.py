"""Sums of outer products under many orders of axes are written by few matrix products."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import indexcalc as ic
from indexcalc.codegen.run import Function
from indexcalc.ir.build import linear, variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent

N = Extent.named("n")
A, B, x = variable("A", (N, N)), variable("B", (N, N)), variable("x", (N,))
ARGUMENTS = [(v.name, v.shape) for v in (A, B, x)]
ORDERS = ["".join(order) for order in permutations("ijkl")]
BASES = {"ik,jl": (A, B), "ij,kl": (A, A), "il,j,k": (A, x, x), "kj,il": (B, A)}


@settings(max_examples=40, deadline=None)
@given(
    inner=st.lists(st.sampled_from(sorted(BASES)), min_size=1, max_size=2, unique=True),
    orders=st.lists(st.sampled_from(ORDERS), min_size=2, max_size=4, unique=True),
    planned=st.sampled_from([2, 13, 32]),
)
def test_any_orders_of_any_outer_products(
    inner: list[str], orders: list[str], planned: int
) -> None:
    terms = [contract(list(zip(BASES[b], b.split(","), strict=True)), "ijkl") for b in inner]
    whole = linear([(k + 1, term) for k, term in enumerate(terms)], (N,) * 4)
    views = [(2 * k - 1, contract([(whole, order)], "ijkl")) for k, order in enumerate(orders)]
    f = Function([("T", linear(views, (N,) * 4))], ARGUMENTS, sizes={"n": planned})
    for n in (1, 3):
        random = np.random.default_rng(n)
        given = {name: random.standard_normal((n,) * len(shape)) for name, shape in ARGUMENTS}
        parts = [np.einsum(f"{b}->ijkl", *(given[node.name] for node in BASES[b])) for b in inner]
        total = sum((k + 1) * part for k, part in enumerate(parts))
        expected = sum(
            (2 * k - 1) * np.einsum(f"{order}->ijkl", total) for k, order in enumerate(orders)
        )
        body = f._compiled({"n": planned}, "float64").body
        np.testing.assert_allclose(body(*given.values()), expected, atol=1e-12)


@pytest.mark.parametrize("n", [1, 5, 13])
def test_hessian_by_a_positive_definite_matrix(n: int) -> None:
    program = ic.Program("K[n, n] spd\nf = logdet(K) + y_i inv(K)_ij y_j")
    hessian = program.compile("∂²f/∂K_ab∂K_cd", sizes={"n": 32})
    random = np.random.default_rng(n)
    root, y = random.standard_normal((n, n)), random.standard_normal(n)
    matrix = root @ root.T + np.eye(n)
    Q = np.linalg.inv(matrix)
    R = 2 * np.outer(Q @ y, Q @ y) - Q
    pairs = [("bc", "ad"), ("ad", "bc"), ("ac", "bd"), ("bd", "ac")]
    expected = sum(np.einsum(f"{p},{q}->abcd", Q, R) for p, q in pairs) / 4
    body = hessian._compiled({"n": 32}, "float64").body
    given = {"K": matrix, "y": y}
    found = body(*(given[name] for name in hessian.signature))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    assert hessian.source.count("np.matmul(") <= 2
    assert hessian.source.count("[..., None]") == 0
