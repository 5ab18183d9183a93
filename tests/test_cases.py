"""Golden cases of `tests/cases/`: see `tests/golden.py` for the format.

`pytest tests/test_cases.py --update-golden` writes what happens into the files; read the
difference before you commit it. It rewrites texts, never verdicts: a case that expects an error
and gives none, or the other way round, fails.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import indexcalc as ic
from tests import golden

SUGGESTION = re.compile(r"^ +(?:write|or)  (?P<text>\S.*? = .*?)(?:,|  .*)?$", re.M)
FOLDER = Path(__file__).resolve().parent / "cases"
FILES = sorted(FOLDER.glob("*.test"))
CASES = [case for file in FILES for case in golden.read(file)]


def without_blanks_at_line_ends(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file.stem}:{case.name}")
def test_golden_case(case: golden.Case, request: pytest.FixtureRequest) -> None:
    assert case.golden, "a case has to ask for something"
    given = {key: without_blanks_at_line_ends(text) for key, text in golden.answers(case).items()}
    assert ("error" in given) == ("error" in case.golden), given
    if request.config.getoption("--update-golden") and given != case.golden:
        update(case, given)
    else:
        assert given == case.golden


def suggestions(case: golden.Case) -> list[str]:
    """The statements that an error says to write instead, in their programs."""
    if "error" not in case.golden:
        return []
    program = case.sections["program"]
    broken = next(line for line in program.splitlines()[::-1] if line.strip())
    found = [match["text"] for match in SUGGESTION.finditer(case.golden["error"])]
    return [program.replace(broken, text) for text in found if "…" not in text]


@pytest.mark.parametrize("text", [text for case in CASES for text in suggestions(case)], ids=repr)
def test_what_an_error_says_to_write_is_accepted(text: str) -> None:
    assert ic.Program(text).explain()


def update(case: golden.Case, given: dict[str, str]) -> None:
    cases = golden.read(case.file)
    for other in cases:
        if other.name == case.name:
            kept = {key: other.sections[key] for key in golden.INPUTS if key in other.sections}
            other.sections.clear()
            other.sections.update(kept | given)
    golden.write(case.file, cases)


def test_names_of_cases_are_unique() -> None:
    names = [(case.file, case.name) for case in CASES]
    assert len(names) == len(set(names))


def test_writing_what_was_read_changes_nothing(tmp_path: Path) -> None:
    for file in FILES:
        copy = tmp_path / file.name
        golden.write(copy, golden.read(file))
        assert copy.read_text(encoding="utf-8") == file.read_text(encoding="utf-8")


def test_a_wrong_golden_text_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "one.test"
    file.write_text("[case one]\n[program]\nf = x_i x_i\n[explain]\nf = 7\n", encoding="utf-8")
    (case,) = golden.read(file)
    assert golden.answers(case) != case.golden
