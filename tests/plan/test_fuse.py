"""Matrix functions share factorisations and give what the plain ones give."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from indexcalc.codegen.run import Function
from indexcalc.ir.build import add, call, variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent

N, M = Extent.named("n"), Extent.named("m")
A, K = variable("A", (N, N)), variable("K", (N, N), ["spd"])
x, B = variable("x", (N,)), variable("B", (N, M))


def definite(n: int) -> NDArray[np.float64]:
    root = np.random.default_rng(n).standard_normal((n, n))
    return root @ root.T / n + np.eye(n)


@pytest.mark.parametrize("n", [1, 5, 32, 33, 64, 65, 130, 200])
def test_functions_of_a_definite_matrix(n: int) -> None:
    random = np.random.default_rng(1)
    k, v, b = definite(n), random.standard_normal(n), random.standard_normal((n, 3))
    inverse = call("inv", K)
    f = Function([("logdet", call("logdet", K)), ("inv", inverse)], [("K", K.shape)])
    logdet, inv = f(k)
    np.testing.assert_allclose(logdet, np.linalg.slogdet(k)[1], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(inv, np.linalg.inv(k), rtol=1e-9, atol=1e-11)
    assert f.source.count(" = _cholesky(K)") == 1
    right = contract([(inverse, "ij"), (x, "j")], "i")
    left = contract([(B, "ia"), (inverse, "ij")], "aj")
    g = Function([("r", right), ("l", left)], [("K", K.shape), ("x", x.shape), ("B", B.shape)],
                 sizes={"n": 50, "m": 3})  # fmt: skip
    r, left_solution = g(k, v, b)
    np.testing.assert_allclose(r, np.linalg.solve(k, v), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(left_solution, np.linalg.solve(k, b).T, rtol=1e-9, atol=1e-11)


def test_few_vectors_are_solved_for_by_one_factor() -> None:
    inverse = call("inv", K)
    value = add(call("logdet", K), contract([(x, "i"), (inverse, "ij"), (x, "j")], ""))
    f = Function([("f", value)], [("K", K.shape), ("x", x.shape)])
    k, v = definite(40), np.ones(40)
    assert f(k, v) == pytest.approx(np.linalg.slogdet(k)[1] + v @ np.linalg.solve(k, v))
    assert "np.linalg.inv" not in f.source
    assert f.source.count(" = _cholesky_with(K, x)") == 1


@pytest.mark.parametrize("axes", ["ij,j->i", "i,ij->j", "ij,ja->ia", "ia,ij->aj", "ia,ij->ja"])
def test_solutions_in_every_arrangement(axes: str) -> None:
    inputs, output = axes.split("->")
    factors = [
        call("inv", A) if own == "ij" else B if "a" in own else x for own in inputs.split(",")
    ]
    random = np.random.default_rng(2)
    a, b, v = random.standard_normal((5, 5)), random.standard_normal((5, 2)), np.arange(5.0)
    root = contract(list(zip(factors, inputs.split(","), strict=True)), output)
    f = Function([("y", root)], [("A", A.shape), ("B", B.shape), ("x", x.shape)],
                 sizes={"n": 9, "m": 2})  # fmt: skip
    arrays = {id(B): b, id(x): v}
    operands = [arrays.get(id(node), np.linalg.inv(a)) for node in factors]
    np.testing.assert_allclose(f(a, b, v), np.einsum(axes, *operands), rtol=1e-10)
    assert "np.linalg.solve" in f.source


def test_determinant_and_its_logarithm_share_a_factorisation() -> None:
    f = Function([("d", call("det", A)), ("l", call("logdet", A))], [("A", A.shape)])
    a = np.diag([2.0, 3.0, 0.5])
    assert f.source.count("np.linalg.slogdet(") == 1
    np.testing.assert_allclose(f(a), [3.0, np.log(3.0)], rtol=1e-14)
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(f(np.zeros((2, 2))), [0.0, -np.inf])
    d, logarithm = f(-np.eye(3))
    assert d == -1.0
    assert np.isnan(logarithm)
