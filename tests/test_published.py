"""Formulas that people published, in index and in matrix form, against reference derivatives.

The data and where they come from: `tests/data/cases/README.md`. Inputs are plain arrays: no case
declares a symmetry, because the references are derivatives entry by entry.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import indexcalc as ic

FOLDER = Path(__file__).resolve().parent / "data" / "cases"
CASES: list[dict[str, Any]] = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
EXPECTED = np.load(FOLDER / "expected.npz")
TOLERANCE = 1e-9

# Forms that are written in something other than the language, and why.
NOT_THE_LANGUAGE = {
    ("softmax-regression-batch", "matrix"): "`softmax_rows` is not a function of the language",
}
# The reference takes the logistic sigmoid where a case leaves the function open.
SIGMOID = {"pf-three-layer-net-wrong": "ψ"}

FORMS = [
    pytest.param(case, form, id=f"{case['id']}-{form}")
    for case in CASES
    for form in ("index", "matrix")
    if case[form] is not None and (case["id"], form) not in NOT_THE_LANGUAGE
]


def program_text(case: dict[str, Any], form: str) -> str:
    declared = [
        f"{name}[{', '.join(extent.removesuffix('_') for extent in variable['shape'])}]"
        for name, variable in case["variables"].items()
    ]
    return f"{', '.join(declared)}\n{case[form]}"


def arrays(case: dict[str, Any]) -> dict[str, NDArray[np.float64]]:
    """The inputs by argument name: a number is part of the name there (`W_1` is `W1`)."""
    return {
        re.sub(r"_(\d+)$", r"\1", name): EXPECTED[f"{case['id']}|in|{name}"]
        for name in case["variables"]
    }


def derivative(name: str, wrt: list[str], form: str) -> str:
    """The same derivative, spelled as a fraction in one form and as a call in the other."""
    if form == "matrix":
        return f"diff({name}, {', '.join(wrt)})"
    order = f"^{len(wrt)}" if len(wrt) > 1 else ""
    return f"∂{order} {name}/" + "".join(f"∂{variable}" for variable in wrt)


def assert_close(given: NDArray[np.float64], expected: NDArray[np.float64]) -> None:
    # A row or column vector of matrix notation has an axis of extent one that the index form lacks.
    assert np.squeeze(given).shape == np.squeeze(expected).shape
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    np.testing.assert_allclose(
        np.squeeze(given), np.squeeze(expected), rtol=0, atol=TOLERANCE * scale
    )


@pytest.mark.parametrize(("case", "form"), FORMS)
def test_value_and_derivative_are_those_of_the_reference(case: dict[str, Any], form: str) -> None:
    match = re.match(r"[^\s_=]+", case[form])
    assert match
    name = match[0]
    program = ic.Program(program_text(case, form))
    given = arrays(case)
    if case["id"] in SIGMOID:
        given |= {SIGMOID[case["id"]]: "sigmoid"}  # type: ignore[dict-item]
    function = program.compile(name, derivative(name, case["wrt"], form))
    value, slope = function(**given)
    assert_close(value, EXPECTED[f"{case['id']}|value"])
    assert_close(slope, EXPECTED[f"{case['id']}|d"])


def test_the_forms_left_out_exist() -> None:
    known = {case["id"]: case for case in CASES}
    assert all(known[identifier][form] for identifier, form in NOT_THE_LANGUAGE)
    assert set(SIGMOID) <= set(known)
