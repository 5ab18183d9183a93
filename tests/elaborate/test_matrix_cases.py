"""Published formulas in matrix notation: all are read, and right claims have the right value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.elaborate.explain import explain
from indexcalc.elaborate.names import canonical
from indexcalc.elaborate.program import elaborate
from indexcalc.errors import ShapeError, Source
from indexcalc.interpret import interpret
from indexcalc.ir.node import Node
from indexcalc.syntax.parser import parse_program
from tests.elaborate.test_explain import assert_reads_back

FOLDER = Path(__file__).resolve().parents[1] / "data" / "cases"
CASES: dict[str, dict[str, Any]] = {
    case["id"]: case for case in json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
}
EXPECTED = np.load(FOLDER / "expected.npz")
ILL_SHAPED = {  # claims whose mistake is that they do not conform
    "mse-row-jacobian-quotient-wrong",
    "mse-4291445-xAx-by-A-wrong",
    "pf-three-layer-net-wrong",
}
NO_LANGUAGE = ("softmax_rows", "colsums", "diagvec")


def is_read(text: str | None) -> bool:
    return text is not None and not any(word in text for word in NO_LANGUAGE)


def declarations(case: dict[str, Any]) -> str:
    return "; ".join(
        f"{name}[{', '.join(extent.removesuffix('_') for extent in variable['shape'])}]"
        for name, variable in case["variables"].items()
    )


def read(case: dict[str, Any], statement: str) -> Elaborated:
    return elaborate(parse_program(Source(f"{declarations(case)}\n{statement}")))


def value(case: dict[str, Any], node: Node) -> np.ndarray[Any, Any]:
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    sizes: dict[str, int] = {}
    for name, variable in case["variables"].items():
        array = arrays[canonical(name.replace("_", ""))] = EXPECTED[f"{case['id']}|in|{name}"]
        sizes |= {
            extent.removesuffix("_"): size
            for extent, size in zip(variable["shape"], array.shape, strict=True)
        }
    for extent in [extent for extent in sizes if "*" in extent]:
        known, _, other = extent.partition("*")
        sizes[other] = sizes[extent] // sizes[known]
    return np.asarray(interpret(node, arrays, sizes), dtype=float)


@pytest.mark.parametrize("name", [n for n, case in CASES.items() if is_read(case["matrix"])])
def test_formula(name: str) -> None:
    case = CASES[name]
    program = read(case, case["matrix"])
    assert_reads_back(program, explain(program))
    if "ψ" not in case["matrix"][1:]:
        found, expected = value(case, program.definitions[-1].node), EXPECTED[f"{name}|value"]
        np.testing.assert_allclose(np.squeeze(found), np.squeeze(expected), rtol=1e-9)


@pytest.mark.parametrize("name", [n for n, case in CASES.items() if is_read(case.get("raw"))])
def test_as_it_was_typed(name: str) -> None:
    case = CASES[name]
    raw = read(case, f"result = {case['raw']}").definitions[-1].node
    assert raw is read(case, case["matrix"]).definitions[-1].node


CLAIMS = [
    name
    for name, case in CASES.items()
    if is_read(case["claim"]["matrix"]) and "=" not in case["claim"]["matrix"]
]


@pytest.mark.parametrize("name", CLAIMS)
def test_claim(name: str) -> None:
    case = CASES[name]
    text = case["claim"]["matrix"]
    if text.startswith("∂"):
        text = text.partition(" = ")[2]
    if name in ILL_SHAPED:
        with pytest.raises(ShapeError, match="does not conform"):
            read(case, text)
        return
    given = case["variables"][case["wrt"][0]]["shape"]  # tells the size of a bare `eye`
    result = f"result[{', '.join(given)}]; result = {text}" if "*eye" in text[:12] else text
    program = read(case, result)
    assert_reads_back(program, explain(program))
    if case["claim"]["correct"]:
        nodes = [query.node for query in program.queries]
        node = [*nodes, *(definition.node for definition in program.definitions)][0]
        found, expected = value(case, node), EXPECTED[f"{name}|d"]
        np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-10)
