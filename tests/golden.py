"""Golden cases: what a program is read as, and what comes out of it, as text.

A file holds cases, each a list of sections:

    [case name]
    [program]     the text
    [query]       what is asked, one expression (optional)
    [explain]     how the program was read
    [derivative]  the query in component form
    [code]        the generated module
    [error]       the class and text of the error, instead of all other answers

Lines of `=` between cases and blank lines at a section's ends mean nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import indexcalc as ic

HEADING = re.compile(r"^\[(case (?P<name>.+)|(?P<section>[a-z]+))\]$")
INPUTS = ("program", "query")
ANSWERS = ("explain", "derivative", "code", "error")


@dataclass(frozen=True)
class Case:
    """A named list of sections, and the answers among them that are to be compared."""

    file: Path
    name: str
    sections: dict[str, str]

    @property
    def golden(self) -> dict[str, str]:
        """The answers written in the file."""
        return {key: text for key, text in self.sections.items() if key in ANSWERS}


def read(file: Path) -> list[Case]:
    """All cases of a file, in order."""
    cases: list[Case] = []
    lines: list[str] = []
    section = ""
    for line in [*file.read_text(encoding="utf-8").splitlines(), "[case end]"]:
        heading = HEADING.match(line)
        if not heading:
            lines.append(line)
            continue
        if cases and section:
            cases[-1].sections[section] = "\n".join(lines).strip("\n")
        lines, section = [], heading["section"] or ""
        if heading["name"]:
            cases.append(Case(file, heading["name"], {}))
        elif section not in (*INPUTS, *ANSWERS):
            raise ValueError(f"{file.name}: unknown section [{section}]")
    return cases[:-1]


def write(file: Path, cases: list[Case]) -> None:
    """Write the cases back, as `read` reads them."""
    parts = []
    for case in cases:
        sections = [f"[{key}]\n{text}\n" for key, text in case.sections.items()]
        parts.append(f"[case {case.name}]\n" + "".join(sections))
    file.write_text("\n".join(parts), encoding="utf-8")


def answers(case: Case) -> dict[str, str]:
    """What the compiler says to the sections that the case asks for."""
    try:
        program = ic.Program(case.sections["program"])
        query = case.sections.get("query", "")
        given = {"explain": program.explain()}
        if query:
            formula = program[query]
            given |= {"derivative": str(formula)}
            if "code" in case.sections:
                given |= {"code": program.compile(query).source}
    except ic.FormulaError as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {key: text.strip("\n") for key, text in given.items() if key in case.sections}
