"""What is said where a text goes wrong, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexcalc.errors import FormulaError, Source
from indexcalc.syntax.parser import parse_program
from tests.syntax import golden_lines

ERRORS = Path(__file__).with_name("errors.golden")
CASES = golden_lines.read(ERRORS)
INNER_WORDS = ("lark", "token", "terminal", "RPAR", "LPAR", "CALL_OPEN", "EXTENTS", "$END", "None")


def error_of(text: str) -> str:
    """The error as it is printed; an empty line would end the case."""
    try:
        parse_program(Source(text))
    except FormulaError as error:
        shown = f"{type(error).__name__}: {error}"
        return "\n".join(line.rstrip() or "    ." for line in shown.split("\n"))
    return "no error"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.given)
def test_golden_error(case: golden_lines.Case, request: pytest.FixtureRequest) -> None:
    given = error_of(case.given)
    if given != case.golden and request.config.getoption("--update-golden"):
        golden_lines.update(ERRORS, error_of)
    else:
        assert given == case.golden
    assert given != "no error"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.given)
def test_an_error_marks_a_place_and_speaks_no_parser_language(case: golden_lines.Case) -> None:
    with pytest.raises(FormulaError) as caught:
        parse_program(Source(case.given))
    error = caught.value
    assert error.line >= 1
    assert error.column >= 1
    assert error.length >= 1
    assert error.hint
    assert not [word for word in INNER_WORDS if word in error.message + error.hint]
