"""LaTeX that is printed reads back as a tensor with the same values."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from indexcalc.api import Program
from indexcalc.errors import Source
from indexcalc.formula import Formula
from indexcalc.syntax.parser import parse_query
from tests.test_published import (
    CASES,
    NOT_THE_LANGUAGE,
    SIGMOID,
    arrays,
    derivative,
    program_text,
)

# What a formula alone does not tell, and why.
NOT_READ_ALONE = {
    "mc-076-sum-squared": "the extents of ones are those of the left side",
    "mc-105-tr-kron": "the extent of δ is that of the left side",
    "attention-scores-heads": "the extent of δ is that of the left side",
    "mse-2178394-kron-vec": "the extent of δ is that of the left side",
    "mcu-affine-layer": "the extent of δ is that of the left side",
    "mcu-multinomial": "an index of the denominator repeats in the numerator",
}
IN_INDEX_FORM = [
    pytest.param(case, id=case["id"])
    for case in CASES
    if case["index"] is not None
    and (case["id"], "index") not in NOT_THE_LANGUAGE
    and case["id"] not in NOT_READ_ALONE
]


def read_back(formula: Formula) -> Formula:
    """What the LaTeX of a formula says in its program, where list and all."""
    rows = re.sub(r"\\(begin|end)\{aligned\}|\\text\{where \}|&", "", formula.to_latex())
    result, *where = rows.split("\\\\\n")
    program = Program("\n".join([formula._session.source.text, *map(in_text, where)]))
    left = f"R_{{{','.join(formula.free)}}}" if formula.free else "R"
    names = program._session.elaborated.symbols
    tree = parse_query(Source(f"{left} = {result}"), names, notation="latex")
    return program._formula(tree)


def in_text(row: str) -> str:
    """A line of a where list in plain text: the program around it is text."""
    plain = row.replace("\\, ", " ").replace("{1,", "{1, ").strip()
    plain = re.sub(r"\\operatorname\{(\w+)\}", r"\1", plain)
    return re.sub(r"_\{([A-Za-z]+)\}", r"_\1", plain)


@pytest.mark.parametrize("case", IN_INDEX_FORM)
def test_printed_latex_reads_back(case: dict[str, Any]) -> None:
    name = re.match(r"[^\s_=]+", case["index"])
    assert name
    formula = Program(program_text(case, "index"))[derivative(name[0], case["wrt"], "index")]
    again = read_back(formula)
    given: dict[str, Any] = dict(arrays(case))
    if case["id"] in SIGMOID:
        given |= {SIGMOID[case["id"]]: "sigmoid"}

    def value(made: Formula) -> Any:
        return made(**{k: v for k, v in given.items() if k in made.compiled.signature})

    np.testing.assert_allclose(value(again), value(formula), rtol=1e-9, atol=1e-9)


def test_the_cases_left_out_exist() -> None:
    assert set(NOT_READ_ALONE) <= {case["id"] for case in CASES}


@pytest.mark.parametrize("text", ["y logdet(A) z", "logdet(A) y/z", "logdet(A)/y", "y + logdet(A)"])
@pytest.mark.parametrize("form", ["index", "matrix"])
def test_a_log_determinant_in_a_product_reads_back(text: str, form: str) -> None:
    program = Program("A[n, n] spd; y[], z[]")
    arrays = {"A": np.diag([2.0, 3.0]), "y": 1.5, "z": 0.7}
    shown = program[program[text].to_latex(form)]
    assert shown(**arrays) == pytest.approx(program[text](**arrays))
