"""Sums of outer products: one product of matrices, by blocks where these are large enough."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import indexcalc as ic

rng = np.random.default_rng(17)
CASES = [
    ("S_ijkl = A_ik B_jl + B_ik A_jl", 40, "np.matmul"),
    ("S_ijkl = A_il B_jk + B_il A_jk - A_il A_jk", 40, "np.matmul"),
    ("S_ijk = A_ik y_j + B_ik x_j - 2 C_ik z_j", 60, "np.matmul"),
    ("S_ij = a_i b_j + c_i d_j", 300, ".T.dot"),
    ("S_ijkl = A_ij B_kl + C_ij D_kl", 30, "np.matmul"),
    ("f = logdet(K) + y_i inv(K)_ij y_j\nS_ijkl = ∂²f/∂K_ij∂K_kl", 32, "np.matmul"),
]


@pytest.mark.parametrize(("text", "size", "call"), CASES)
def test_every_shape_agrees_with_other_code(text: str, size: int, call: str) -> None:
    program = ic.Program(text)
    extents = ("m", "n", "p", "q")
    planned = program.compile("S", sizes=dict.fromkeys(extents, size))
    assert "np.stack" in planned.source
    assert call in planned.source
    at_once = program.compile("S", sizes=dict.fromkeys(extents, 2))
    assert "np.stack" not in at_once.source
    namespace: dict[str, Any] = {}
    exec(planned.source, namespace)
    for lengths in ((3, 4, 5, 6), (1, 1, 1, 1), (2, 1, 3, 1), (5, 1, 1, 2)):
        sizes = dict(zip(extents, lengths, strict=True))
        given = {
            name: rng.normal(size=[extent.evaluate(sizes) for extent in shape])
            for name, shape in planned._spec.expected.arrays
        }
        found, expected = namespace["evaluate"](**given), at_once(**given)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)


def test_the_result_lies_in_order() -> None:
    """Whoever walks through it row by row finds its rows."""
    program = ic.Program("f = logdet(K) + y_i inv(K)_ij y_j")
    function = program.compile("∂²f/∂K_ij∂K_kl", sizes={"n": 32})
    matrix = rng.normal(size=(20, 20))
    found = function(K=matrix @ matrix.T + 20 * np.eye(20), y=rng.normal(size=20))
    assert found.flags.c_contiguous
