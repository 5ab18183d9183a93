"""Derivations as they are printed, reviewed by eye: `steps.golden`.

A case is a program, a query, and the steps in one or more forms. To write the answers anew:
`python -m tests.derivation.test_golden_steps`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.derivation.agreement import steps

FILE = Path(__file__).with_name("steps.golden")
HEADING = re.compile(r"^\[(case .+|program|query|index|matrix|latex)\]$", re.MULTILINE)


def read() -> list[tuple[str, dict[str, str]]]:
    """The cases in order: name, and text by section."""
    found: list[tuple[str, dict[str, str]]] = []
    _, *parts = HEADING.split(FILE.read_text(encoding="utf-8"))
    for heading, text in zip(parts[::2], parts[1::2], strict=True):
        if heading.startswith("case "):
            found.append((heading.removeprefix("case "), {}))
        else:
            found[-1][1][heading] = text.strip("\n")
    return found


def answer(sections: dict[str, str], form: str) -> str:
    """What is printed for a section."""
    if form == "latex":
        return steps(sections["program"], sections["query"]).to_latex()
    return str(steps(sections["program"], sections["query"], form))


CASES = read()


@pytest.mark.parametrize(
    ("sections", "form"),
    [
        pytest.param(sections, form, id=f"{name}-{form}")
        for name, sections in CASES
        for form in sections
        if form not in ("program", "query")
    ],
)
def test_steps_are_as_reviewed(sections: dict[str, str], form: str) -> None:
    assert answer(sections, form) == sections[form]


def test_seeds_and_textbook_examples_are_there() -> None:
    assert len(CASES) >= 10
    assert all({"program", "query"} < set(sections) for _, sections in CASES)


def write() -> None:
    """Write the file with the answers of today."""
    texts = []
    for name, sections in CASES:
        lines = [f"[case {name}]"]
        for form, text in sections.items():
            is_input = form in ("program", "query")
            lines += [f"[{form}]", text if is_input else answer(sections, form)]
        texts.append("\n".join(lines))
    FILE.write_text("\n\n".join(texts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
