"""Long chains in blocks: the same values for every shape, and only where that pays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import indexcalc as ic

rng = np.random.default_rng(31)
LARGE = {"m": 2_000, "n": 2_000, "p": 2_000}
TEXTS = [
    "f_i = sigmoid(x_i) tanh(y_i) + x_i exp(-y_i^2)",
    "f_i = x_i^3 - 2 x_i y_i + y_i^2 - x_i",
    "f_ij = (A_ij - b_j) sigmoid(A_ij) - c_i A_ij + 2",
    "f_ij = (A_ij - B_ji)^2 + A_ij B_ji - 2 A_ij / (1 + B_ji^2)",
    "f_ij = erf(A_ij) * exp(-A_ij^2) + A_ij - s * A_ij^3",
    "f_ij = relu(A_ij - b_j) * A_ij + log(1 + exp(A_ij)) - abs(A_ij)",
    "g_ij = A_ij^2 + b_j\nf_ij = g_ij tanh(g_ij) - A_ij + exp(-g_ij)",
]


def arrays(function: ic.Function, sizes: dict[str, int], dtype: str = "float64") -> dict[str, Any]:
    return {
        name: rng.normal(size=[extent.evaluate(sizes) for extent in shape]).astype(dtype)
        for name, shape in function._spec.expected.arrays
    }


def planned(text: str, *queries: str) -> ic.Function:
    sizes = LARGE if "f_ij" in text else dict.fromkeys(LARGE, 4_000_000)
    return ic.Program(text).compile(*(queries or ["f"]), sizes=sizes)


@pytest.mark.parametrize("text", TEXTS)
def test_every_shape_agrees_with_other_code(text: str) -> None:
    function = planned(text)
    assert "for start in range" in function.source
    namespace: dict[str, Any] = {}
    exec(function.source, namespace)
    at_once = ic.Program(text).compile("f", sizes=dict.fromkeys(LARGE, 2))
    assert "for start" not in at_once.source
    for lengths in ((0, 3), (1, 1), (1, 5), (7, 0), (17, 3), (40_000, 2)):
        sizes = dict(zip("mnp", (*lengths, lengths[0]), strict=True))
        given = arrays(at_once, sizes)
        found, expected = namespace["evaluate"](**given), at_once(**given)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


SUMS = [
    "f_j = Σ_i s_i A_ij^2",
    "f_j = Σ_i s_i A_ij B_ij A_ij",
    "f_i = Σ_j A_ij B_ij A_ij v_j",
    "f_j = Σ_i tanh(A_ij)",
    "f_i = Σ_j exp(A_ij) B_ij",
    "f_jk = Σ_i K_ki (A_ij^2 - B_ij)",
    "f_kj = Σ_i K_ki sin(A_ij)",
    "f_j = Σ_i (A_ij^2 + v_j) sin(B_ij)",
    "f_j = Σ_i s_i C_ji exp(C_ji)",
    "f = Σ_ij s_i tanh(A_ij)^2 v_j",
    "f = exp(1 / Σ_i x_i^2 tanh(x_i))",
    "f_a = Σ_ij s_i tanh(T_ija)^2",
]
SHAPES = {"m": 2_000, "n": 600, "p": 7, "b": 2_000_000}
TEXT = "A[m, n]; B[m, n]; C[n, m]; K[p, m]; T[m, p, n]; s[m]; v[n]; x[b]\n"


@pytest.mark.parametrize("text", SUMS)
def test_sums_of_chains(text: str) -> None:
    """The terms are never all there, and every shape agrees with code that has them all."""
    text = TEXT + text
    function = ic.Program(text).compile("f", sizes=SHAPES)
    assert "for start in range" in function.source
    namespace: dict[str, Any] = {}
    exec(function.source, namespace)
    at_once = ic.Program(text).compile("f", sizes=dict.fromkeys(SHAPES, 2))
    assert "for start" not in at_once.source
    for m, n, p, b in (
        (0, 3, 2, 2),
        (1, 1, 1, 1),
        (5, 0, 2, 3),
        (17, 3, 0, 8),
        (5_000, 2, 3, 10**5),
    ):
        given = arrays(at_once, {"m": m, "n": n, "p": p, "b": b})
        with np.errstate(all="ignore"):
            found, expected = namespace["evaluate"](**given), at_once(**given)
        assert np.shape(found) == np.shape(expected)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("text", SUMS)
@pytest.mark.parametrize("dtype", ["float32", "complex128"])
def test_sums_of_other_dtypes(text: str, dtype: str) -> None:
    program = ic.Program(TEXT + text)
    function, at_once = (
        program.compile("f", sizes=sizes) for sizes in (SHAPES, dict.fromkeys(SHAPES, 2))
    )
    given = arrays(function, {"m": 300, "n": 3, "p": 2, "b": 70_000}, dtype)
    found, expected = function(**given), at_once(**given)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


def test_a_sum_takes_little_memory() -> None:
    function = ic.Program(TEXT + SUMS[0]).compile("f", sizes=SHAPES)
    assert function.cost.numbers.peak_bytes < 2 * 8 * 70_000


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("f_ik = Σ_j (A_ij - s_i) B_kj", ["f"]),  # the product takes much longer than its operand
        ("g_ij = A_ij^2\nf_j = Σ_i s_i g_ij", ["f", "g"]),  # the terms are asked for
        ("f_jk = Σ_i tanh(A_ij) tanh(A_ik)", ["f"]),  # they lie in two ways
        ("f_j = Σ_i A_ij B_ij", ["f"]),  # no terms are made
    ],
)
def test_other_sums_stay_whole(text: str, queries: list[str]) -> None:
    function = ic.Program(TEXT + text).compile(*queries, sizes=SHAPES)
    assert "for start" not in function.source
    small = ic.Program(TEXT + SUMS[0]).compile("f", sizes={"m": 2_000, "n": 200})
    assert "for start" not in small.source


@pytest.mark.parametrize("dtype", ["float32", "complex128"])
def test_other_dtypes(dtype: str) -> None:
    function = planned(TEXTS[1])
    given = {name: rng.normal(size=3_000_000).astype(dtype) for name in "xy"}
    found = function(**given)
    assert "for start in range" in function.source
    assert found.dtype == dtype
    x, y = given["x"], given["y"]
    np.testing.assert_allclose(found, x**3 - 2 * x * y + y**2 - x, rtol=1e-3, atol=1e-5)


def test_what_is_asked_for_is_kept() -> None:
    """An intermediate that is a result, or has other users, is an array of its own."""
    function = planned(TEXTS[6], "f", "g")
    given = arrays(function, {"m": 1_500, "n": 1_500, "p": 1_500})
    f, g = function(**given)
    expected = given["A"] ** 2 + given["b"]
    np.testing.assert_allclose(g, expected, rtol=1e-12)
    np.testing.assert_allclose(
        f, expected * np.tanh(expected) - given["A"] + np.exp(-expected), rtol=1e-11, atol=1e-13
    )


def test_short_chains_and_small_arrays_stay_whole() -> None:
    assert "for start" not in planned("f_i = x_i tanh(y_i)").source
    small = ic.Program(TEXTS[0]).compile("f", sizes=dict.fromkeys(LARGE, 10_000))
    assert "for start" not in small.source
