"""LaTeX as people paste it: what each formula is read as, in the words of `explain`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import indexcalc as ic
from tests.syntax import golden_lines

MEANINGS = Path(__file__).with_name("meanings.golden")
CASES = golden_lines.read(MEANINGS)
PIECES = (
    *r"abxdWT_^()[]{}+-=&$|.,:;'12 ",
    r"\\", r"\frac", r"\sum_{i=1}^{n}", r"\sum_{i=0}^{n-1}", r"\partial", r"\partial_x ", "∑_{",
    r"\nabla_{x}", r"\underbrace{", r"}_{z}", "^{[1]}", r"\hat{Y_i}", r"\quad (1)", r"\rangle_F",
    r"\operatorname{tr} ", r"\partial \theta^\top", r"\in \mathbb{R}^n", "_{ij}", r"^\top", "1,000",
    "f(x)_i =", r"\implies",
)  # fmt: skip


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


@given(
    st.sampled_from([case.given for case in CASES]),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 3), st.sampled_from([*PIECES, ""])), max_size=3
    ),
)
@settings(max_examples=200)
def test_any_change_has_a_meaning_or_is_a_formula_error(
    text: str, changes: list[tuple[float, int, str]]
) -> None:
    for place, dropped, piece in changes:
        start = round(place * len(text))
        text = text[:start] + piece + text[start + dropped :]
    assert isinstance(meaning(text), str)
