"""The steps of formulas that people published, in both notations: every line is true."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.derivation.agreement import assert_true
from tests.test_published import EXPECTED, FORMS, derivative, program_text


@pytest.mark.parametrize(("case", "form"), FORMS)
def test_every_line_is_true(case: dict[str, Any], form: str) -> None:
    match = re.match(r"[^\s_=]+", case[form])
    assert match
    text, query = program_text(case, form), derivative(match[0], case["wrt"], form)
    functions = "ψ(z) = tanh(z)" if "ψ(" in text else ""
    assert_true(text, query, form, functions=functions, sizes=sizes(case))


def sizes(case: dict[str, Any]) -> dict[str, int]:
    """Small unequal sizes, in the order in which those of the reference lie."""
    known: dict[str, int] = {}
    for name, variable in case["variables"].items():
        array = EXPECTED[f"{case['id']}|in|{name}"]
        for extent, size in zip(variable["shape"], array.shape, strict=True):
            if str(extent).removesuffix("_").isidentifier():
                known[extent.removesuffix("_")] = size
    return {name: 2 + place for place, name in enumerate(sorted(known, key=lambda n: known[n]))}
