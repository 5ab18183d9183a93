"""Traces of products with several inverses share products of matrices, and keep their values."""

from __future__ import annotations

from itertools import product
from typing import Any

import mpmath
import numpy as np
import pytest

import indexcalc as ic

KERNEL = """
    x[n]
    K_ij = s^2 exp(-(x_i - x_j)^2/(2 l^2)) + v δ_ij
    f = logdet(K) + y_i inv(K)_ij y_j
"""
PARAMETERS = "slv"
PENCIL = """
    A[n, n]; B[n, n]; C[n, n]
    S_ij = A_ij + s B_ij + t C_ij + s t B_ij
    f = logdet(S) + y_i inv(S)_ij y_j + A_ij inv(S)_jk B_ki + inv(S)_ii det(S)
"""


def gp(given: dict[str, Any], *parameters: Any) -> Any:
    """The text above, in many digits."""
    s, scale, v = parameters
    x, y = given["x"], mpmath.matrix(given["y"].tolist())
    n = len(x)
    K = mpmath.matrix(n, n)
    for i, j in product(range(n), repeat=2):
        K[i, j] = s**2 * mpmath.exp(-(mpmath.mpf(x[i] - x[j]) ** 2) / (2 * scale**2)) + v * (i == j)
    return mpmath.log(mpmath.det(K)) + (y.T * mpmath.inverse(K) * y)[0]


def pencil(given: dict[str, Any], *parameters: Any) -> Any:
    s, t = parameters
    A, B, C = (mpmath.matrix(given[name].tolist()) for name in "ABC")
    y = mpmath.matrix(given["y"].tolist())
    S = A + s * B + t * C + s * t * B
    X = mpmath.inverse(S)
    trace = sum((A * X * B)[i, i] for i in range(len(y)))
    f = mpmath.log(mpmath.det(S)) + (y.T * X * y)[0] + trace
    return f + sum(X[i, i] for i in range(len(y))) * mpmath.det(S)


def derivative(of: Any, given: dict[str, Any], names: str, by: str) -> float:
    """By differences, in so many digits that they do not matter."""
    with mpmath.workdps(60):
        at = tuple(mpmath.mpf(given[name]) for name in names)
        orders = tuple(by.count(name) for name in names)
        return float(mpmath.diff(lambda *z: of(given, *z), at, orders))


@pytest.mark.parametrize("declared", ["", "K[n, n] spd"])
@pytest.mark.parametrize("n", [1, 4])
def test_hessian_by_the_parameters_of_a_kernel(declared: str, n: int) -> None:
    orders = ["", *PARAMETERS, "ss", "sl", "sv", "ll", "lv", "vv"]
    queries = ["f", *(f"∂f/∂{a}" for a in PARAMETERS), *(f"∂²f/∂{a}∂{b}" for a, b in orders[4:])]
    program = ic.Program(f"{declared}\n{KERNEL}")
    random = np.random.default_rng(n)
    given: dict[str, Any] = {name: random.standard_normal(n) for name in "xy"}
    given |= {"s": 1.3, "l": 0.7, "v": 0.2}
    found = program.compile(*queries, sizes={"n": 300})(**given)
    expected = [derivative(gp, given, PARAMETERS, by) for by in orders]
    np.testing.assert_allclose(list(found), expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("by", ["ss", "st", "tt", "sts"])
def test_matrices_that_are_not_symmetric(by: str) -> None:
    n = 3
    random = np.random.default_rng(1)
    given: dict[str, Any] = {name: random.standard_normal((n, n)) for name in "BC"}
    given["A"] = random.standard_normal((n, n)) + 4 * np.eye(n)
    given |= {"y": random.standard_normal(n), "s": 0.3, "t": 0.2}
    power = {2: "²", 3: "³"}[len(by)]
    query = f"∂{power}f/{''.join(f'∂{name}' for name in by)}"
    f = ic.Program(PENCIL).compile(query, sizes={"n": 200})
    found = f(**{name: array for name, array in given.items() if name in f.signature})
    assert found == pytest.approx(derivative(pencil, given, "st", by), rel=1e-9)


def test_one_product_of_matrices_for_each_parameter() -> None:
    program = ic.Program(f"K[n, n] spd\n{KERNEL}")
    f = program.compile("∂²f/∂l∂l", "∂²f/∂l∂s", "∂²f/∂s∂s", sizes={"n": 300})
    products = [step for step in f.explain().splitlines() if "2*n*n*n" in step and "dot" in step]
    assert len(products) == 2, f.explain()


def test_what_is_needed_elsewhere_is_made_once() -> None:
    text = "A[n, n]; D[n, n]; E[n, n]; P = inv(A) D inv(A); f = P_ij E_ji; g = P_ij D_ji"
    program = ic.Program(text)
    random = np.random.default_rng(2)
    a, d, e = (random.standard_normal((5, 5)) for _ in range(3))
    function = program.compile("f", "g", "P", sizes={"n": 300})
    found = function(A=a, D=d, E=e)
    expected = np.linalg.inv(a) @ d @ np.linalg.inv(a)
    np.testing.assert_allclose(found[2], expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found[:2], [np.trace(expected @ e), np.trace(expected @ d)])
    products = [row for row in function.explain().splitlines() if "2*n*n*n" in row and "dot" in row]
    assert len(products) == 2, function.explain()
