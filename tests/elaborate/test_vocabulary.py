"""The functions of the language are the ones that its page shows."""

from __future__ import annotations

import re

import pytest

from indexcalc.elaborate.vocabulary import FUNCTIONS
from indexcalc.syntax.tables import folder
from tests.elaborate.reading import read

PAGE = (folder() / "README.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## Functions")[2].partition("## Derivatives")[0]
ROWS = re.findall(r"^\| `(.+?)` \|", SECTION, re.MULTILINE)


def test_every_function_is_shown() -> None:
    shown = set(re.findall(r"\w+", " ".join(re.findall(r"`[^`]+`", SECTION))))
    assert set(FUNCTIONS) - shown == set()
    assert {name for row in ROWS for name in re.findall(r"(\w+)\(", row)} <= set(FUNCTIONS)


@pytest.mark.parametrize("row", ROWS)
def test_each_function_is_read_as_one(row: str) -> None:
    program = read(f"x[n], y[n], A[n,n], a[], b[]; {row}")
    assert set(program.symbols) <= {"x", "y", "A", "a", "b"}
