"""Gradients, Jacobians and Hessians against JAX, at unequal sizes including 1.

JAX compiles each operation for each shape, so the cases are few; more ground is covered by
the comparison with complex steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from indexcalc.diff.dependence import depends_on
from indexcalc.diff.derivative import expand
from indexcalc.interpret import interpret
from indexcalc.ir.build import (
    add,
    builtin,
    call,
    delta,
    derivative,
    linear,
    multiply,
    negate,
    ones,
    power,
    reciprocal,
    reduce,
    variable,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.environment import Environment
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node
from tests.strategies import Problem

jax = pytest.importorskip("jax")
jnp = jax.numpy
jax.config.update("jax_enable_x64", True)

m, n, k = Extent.named("m"), Extent.named("n"), Extent.named("k")
W, V, b = variable("W", (m, n)), variable("V", (k, m)), variable("b", (m,))
x, t, y = variable("x", (n,)), variable("t", (k,)), variable("y", ())
A = variable("A", (n, n))
ALL = [W, V, b, x, t, y, A]
Named = Mapping[str, Any]


def affine() -> Node:
    return add(contract([(W, "ij"), (x, "j")], "i"), b)


def logistic() -> Node:
    margin = negate(multiply(y, contract([(b, "i"), (builtin("sigmoid", affine()), "i")], "")))
    return builtin("log", add(ones(()), builtin("exp", margin)))


def cross_entropy() -> Node:
    scores = contract([(V, "ki"), (builtin("tanh", affine()), "i")], "k")
    total = reduce("logsumexp", scores, 1)
    shares = linear([(1, scores), (-1, contract([(total, "")], "k", {"k": k}))], (k,))
    return negate(contract([(t, "k"), (shares, "k")], ""))


def normal_likelihood() -> Node:
    K = add(contract([(A, "ia"), (A, "ja")], "ij"), delta(n))
    solved = contract([(call("inv", K), "ij"), (x, "j")], "i")
    return add(contract([(x, "i"), (solved, "i")], ""), call("logdet", K))


def piecewise() -> Node:
    return add(builtin("relu", affine()), builtin("abs", multiply(affine(), b)))


def unit() -> Node:
    norm = power(contract([(x, "i"), (x, "i")], ""), Fraction(1, 2))
    return contract([(x, "i"), (reciprocal(norm), "")], "i")


def jax_affine(v: Named) -> Any:
    return v["W"] @ v["x"] + v["b"]


def jax_cross_entropy(v: Named) -> Any:
    return -v["t"] @ jax.nn.log_softmax(v["V"] @ jnp.tanh(jax_affine(v)))


def jax_normal(v: Named) -> Any:
    K = v["A"] @ v["A"].T + jnp.eye(len(v["A"]))
    return v["x"] @ jnp.linalg.solve(K, v["x"]) + jnp.linalg.slogdet(K)[1]


CASES: dict[str, tuple[Node, Callable[[Named], Any]]] = {
    "logistic": (
        logistic(),
        lambda v: jnp.log(1 + jnp.exp(-v["y"] * (v["b"] @ jax.nn.sigmoid(jax_affine(v))))),
    ),
    "cross entropy": (cross_entropy(), jax_cross_entropy),
    "normal likelihood": (normal_likelihood(), jax_normal),
    "determinant": (call("det", A), lambda v: jnp.linalg.det(v["A"])),
    "piecewise": (
        piecewise(),
        lambda v: jax.nn.relu(jax_affine(v)) + jnp.abs(jax_affine(v) * v["b"]),
    ),
    "unit vector": (unit(), lambda v: v["x"] / jnp.linalg.norm(v["x"])),
    "products of rows": (reduce("prod", W, 1), lambda v: jnp.prod(v["W"], axis=1)),
    "largest": (
        reduce("max", contract([(W, "ij"), (x, "j")], "ij"), 2),
        lambda v: jnp.max(v["W"] * v["x"]),
    ),
    "scan": (reduce("cumsum", power(W, 2), 1), lambda v: jnp.cumsum(v["W"] ** 2, axis=1)),
}


@pytest.mark.parametrize("name", CASES)
def test_first_and_second_derivatives(name: str) -> None:
    node, function = CASES[name]
    sizes = {"m": 2, "n": 3, "k": 1} if name != "cross entropy" else {"m": 1, "n": 2, "k": 3}
    values = Problem(x, sizes, 5).values(ALL)
    by = [v for v in (x, A, W) if depends_on(node, {v}, Environment())][:2]
    requested = [derivative(node, [v]) for v in by] + [derivative(node, [by[0]] * 2)]
    found = expand([node, *requested], Environment())

    def moved(*arrays: Any) -> Any:
        return function(values | {v.name: a for v, a in zip(by, arrays, strict=True)})

    def everything(*arrays: Any) -> list[Any]:
        jacobians = jax.jacrev(moved, tuple(range(len(by))))(*arrays)
        return [moved(*arrays), *jacobians, jax.jacfwd(jax.jacrev(moved))(*arrays)]

    expected = jax.jit(everything)(*(values[v.name] for v in by))
    for result, reference in zip(found, expected, strict=True):
        value = interpret(result, values, sizes)
        np.testing.assert_allclose(value, reference, rtol=1e-10, atol=1e-12)


def test_ties_and_kinks_are_those_of_jax() -> None:
    tied = np.array([1.0, 2.0, 2.0])
    largest = derivative(reduce("max", x, 1), [x])
    kinks = derivative(contract([(builtin("relu", x), "i")], ""), [x])
    repeated = contract([(y, "")], "j", {"j": n})
    pair = derivative(contract([(builtin("maximum", x, repeated), "j")], ""), [y])
    found = expand([largest, kinks, pair], Environment())
    sizes = {"n": 3}
    reference = jax.grad(jnp.max)(tied)
    np.testing.assert_array_equal(interpret(found[0], {"x": tied}, sizes), reference)
    at = np.array([0.0, -1.0, 2.0])
    reference = jax.grad(lambda z: jnp.sum(jax.nn.relu(z)))(at)
    np.testing.assert_array_equal(interpret(found[1], {"x": at}, sizes), reference)
    reference = jax.grad(lambda z: jnp.sum(jnp.maximum(tied, z)))(2.0)
    np.testing.assert_array_equal(interpret(found[2], {"x": tied, "y": 2.0}, sizes), reference)
