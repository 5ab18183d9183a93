"""Sums over orders of axes: few additions, the same values."""

from __future__ import annotations

import numpy as np
import pytest

import indexcalc as ic

rng = np.random.default_rng(11)


def additions(source: str) -> int:
    """How many additions of arrays the body of a module has; comments have formulas, too."""
    code = source.rsplit('"""', maxsplit=1)[-1]
    body = "\n".join(line.split("#")[0] for line in code.splitlines())
    return body.count("np.add(") + body.count(" + ")


@pytest.mark.parametrize(
    ("text", "query", "rank", "most"),
    [
        ("f = T_ijkl x_i x_j x_k x_l", "∂³f/∂x_a∂x_b∂x_c", 4, 6),
        ("f = T_ijkl x_i x_j x_k x_l", "∂²f/∂x_a∂x_b", 4, 9),
        ("f = T_ijk x_i x_j x_k", "∂³f/∂x_a∂x_b∂x_c", 3, 5),
        ("f = T_ijk x_i x_j x_k", "∂²f/∂x_a∂x_b", 3, 4),
    ],
)
def test_polynomials(text: str, query: str, rank: int, most: int) -> None:
    program = ic.Program(text)
    function = program.compile(query)
    tensor, point = rng.normal(size=(8,) * rank), rng.normal(size=8)
    value = function(T=tensor, x=point)
    order = value.ndim
    axes = rng.permutation(order)
    np.testing.assert_allclose(value, value.transpose(axes), rtol=1e-10, atol=1e-12)
    # the derivative of a homogeneous polynomial, contracted with its point, gives a multiple of it
    total = value
    for _ in range(order):
        total = total @ point
    multiple = np.prod([rank - k for k in range(order)])
    expected = multiple * program[text.split("=")[1]](T=tensor, x=point)
    assert total == pytest.approx(expected, rel=1e-11)
    assert additions(function.source) <= most


def test_a_sum_without_symmetry_is_left() -> None:
    text = "s_ij = A_ij + A_ji + B_ij + C_ji"
    arrays = {name: rng.normal(size=(3, 3)) for name in "ABC"}
    expected = arrays["A"] + arrays["A"].T + arrays["B"] + arrays["C"].T
    np.testing.assert_allclose(ic.Program(text)["s"](**arrays), expected)
