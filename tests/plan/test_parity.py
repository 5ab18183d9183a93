"""Symmetric matrices are read as they lie, and what changes nothing is computed once."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.codegen.run import Function
from indexcalc.ir.build import builtin, call, linear, power, variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent

N, M = Extent.named("n"), Extent.named("m")
S, T = variable("S", (N, N), ["symmetric"]), variable("T", (N, N), ["symmetric"])
A, x = variable("A", (N, N)), variable("x", (N,))


@pytest.mark.parametrize("first", ["ij", "ji", "ik", "ki"])
@pytest.mark.parametrize("second", ["ij", "ji", "jk", "kj"])
@pytest.mark.parametrize("output", ["", "i", "ij", "ji", "ik", "ki"])
def test_products_of_symmetric_matrices(first: str, second: str, output: str) -> None:
    if not set(output) <= set(first + second):
        return
    root = np.random.default_rng(1).standard_normal((3, 4, 4))
    arrays = {"S": root[0] + root[0].T, "T": root[1] + root[1].T, "A": root[2]}
    for left, right in product((S, A), (S, T, A)):
        node = contract([(left, first), (right, second)], output)
        f = Function([("y", node)], [(v.name, v.shape) for v in (S, T, A)])
        expected = np.einsum(f"{first},{second}->{output}", arrays[left.name], arrays[right.name])
        np.testing.assert_allclose(f(**{n: arrays[n] for n in f.signature}), expected, atol=1e-12)


def test_a_symmetric_matrix_meets_a_vector_once() -> None:
    left, right = contract([(S, "ij"), (x, "j")], "i"), contract([(S, "ji"), (x, "j")], "i")
    inverse = call("inv", S)
    sides = [contract([(inverse, own), (x, "j")], "i") for own in ("ij", "ji")]
    results = [("a", left), ("b", right), ("c", sides[0]), ("d", sides[1])]
    f = Function(results, [("S", S.shape), ("x", x.shape)], sizes={"n": 300})
    body = f.source[f.source.rindex("def ") :]
    assert body.count(".dot(") == 1
    assert body.count("np.linalg.solve") == 1


def test_distances_and_gram_matrices_are_symmetric() -> None:
    points = variable("X", (N, M))
    rows, columns = (contract([(x, own)], "ij", {"i": N, "j": N}) for own in "ij")
    apart = linear([(1, rows), (-1, columns)], (N, N))
    for even in (
        builtin("exp", power(apart, 2)),
        builtin("abs", contract([(points, "ik"), (points, "jk")], "ij")),
    ):
        both = [contract([(even, own), (A, "ij")], "") for own in ("ij", "ji")]
        f = Function([("a", both[0]), ("b", both[1])], [(v.name, v.shape) for v in (points, x, A)])
        assert ".T.ravel()" not in f.source, f.source
        random = np.random.default_rng(2)
        given = {"X": random.standard_normal((5, 2)), "x": random.standard_normal(5)}
        given["A"] = random.standard_normal((5, 5))
        first, second = f(**{name: given[name] for name in f.signature})
        assert first == pytest.approx(second)


def test_an_odd_difference_is_not_symmetric() -> None:
    program = ic.Program("x[n]; A[n, n]; f = sum_ij (x_i - x_j) A_ij; g = sum_ij (x_i - x_j) A_ji")
    a, v = np.arange(9.0).reshape(3, 3), np.array([1.0, 2.0, 4.0])
    f, g = program.compile("f", "g")(x=v, A=a)
    expected = ((v[:, None] - v) * a).sum()
    assert (f, g) == (expected, -expected)
