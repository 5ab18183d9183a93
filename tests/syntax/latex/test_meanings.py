"""LaTeX as people paste it: what each formula is read as, in the words of `explain`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import indexcalc as ic
from tests.syntax import golden_lines

MEANINGS = Path(__file__).with_name("meanings.golden")
CASES = golden_lines.read(MEANINGS)


def without_comments(text: str) -> str:
    return re.sub(r"  # .*", "", text)


def meaning(text: str) -> str:
    try:
        return without_comments(ic.Program(text, "latex").explain())
    except ic.FormulaError as error:
        return f"{type(error).__name__}: {error.message}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.given[:60])
def test_golden_meaning(case: golden_lines.Case, request: pytest.FixtureRequest) -> None:
    given = meaning(case.given)
    if given != case.golden and request.config.getoption("--update-golden"):
        golden_lines.update(MEANINGS, meaning)
    else:
        assert given == case.golden


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.given[:60])
def test_the_meaning_is_a_text_of_the_same_program(case: golden_lines.Case) -> None:
    if not re.match(r"\w*Error: ", case.golden):
        assert without_comments(ic.Program(case.golden, "text").explain()) == case.golden
