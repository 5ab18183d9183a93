"""Factors outside of sums: fewer products of full size, the same values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import indexcalc as ic

rng = np.random.default_rng(37)
SIZES = {"m": 40, "n": 30, "p": 20}
CASES = [
    ("f_ij = P_ij A_ij - P_ij r_i", 1),
    ("f_ij = P_ij a_i + P_ij b_j", 1),
    ("f_ij = P_ij + 3 P_ij a_i", 1),
    ("f_ij = P_ij A_ij + P_ij B_ij", 2),  # no term is smaller: as it was written
    ("f_ij = P_ij A_ij - P_ji r_i", 2),  # not one factor
]


def multiplications(source: str) -> int:
    """Products of entries that are as large as the result."""
    body = source.rsplit('"""', maxsplit=1)[-1]
    lines = [line.partition("  # ")[2] for line in body.splitlines()]
    return sum(
        left.endswith("_ij") and " " in right and not {"+", "-"} & set(right) and "sum" not in right
        for left, _, right in (line.partition(" = ") for line in lines)
    )


@pytest.mark.parametrize(("text", "most"), CASES)
def test_a_factor_with_all_axes(text: str, most: int) -> None:
    program = ic.Program(text)
    function = program.compile("f", sizes=dict.fromkeys("mnp", 30))
    assert multiplications(function.source) <= most
    sizes = dict.fromkeys("mnp", 7) if "P_ji" in text else {"m": 7, "n": 5, "p": 7}
    given: dict[str, Any] = {
        name: rng.normal(size=[extent.evaluate(sizes) for extent in shape])
        for name, shape in function._spec.expected.arrays
    }
    terms: dict[str, Callable[..., Any]] = {
        "f_ij = P_ij A_ij - P_ij r_i": lambda P, A, r: P * A - P * r[:, None],
        "f_ij = P_ij a_i + P_ij b_j": lambda P, a, b: P * a[:, None] + P * b,
        "f_ij = P_ij + 3 P_ij a_i": lambda P, a: P + 3 * P * a[:, None],
        "f_ij = P_ij A_ij + P_ij B_ij": lambda P, A, B: P * A + P * B,
        "f_ij = P_ij A_ij - P_ji r_i": lambda P, A, r: P * A - P.T * r[:, None],
    }
    np.testing.assert_allclose(function(**given), terms[text](**given), rtol=1e-12, atol=1e-13)


def test_the_slope_of_a_softmax_meets_the_output_only() -> None:
    """`Σ_k P_ik V_ka O_ia` is `O_ia O_ia`: what is there already is used."""
    text = (
        "z_ij = Q_ia K_ja\nP_ij = exp(z_ij) / sum_k exp(z_ik)\nO_ia = P_ij V_ja\nf = 0.5 O_ia O_ia"
    )
    function = ic.Program(text).compile("∂f/∂Q_ij", sizes={"m": 300, "n": 300, "p": 20, "q": 20})
    assert re.search(r"= (\w+)_ij \1_ij$|= (\w+)_ji \2_ji$", function.source, re.MULTILINE)
