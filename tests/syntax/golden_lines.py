"""Golden cases in one file: lines of input start with `> `, what comes out stands below.

Blank lines separate cases; lines that start with `#` before a case say what it is about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """An input, and the text that comes out of it."""

    remarks: str
    given: str
    golden: str


def read(file: Path) -> list[Case]:
    """The cases of `file`, in order."""
    cases = []
    for block in file.read_text(encoding="utf-8").strip("\n").split("\n\n"):
        lines = block.split("\n")
        remarks = [line for line in lines if line.startswith("#")]
        given = [line[2:] for line in lines if line.startswith("> ") or line == ">"]
        golden = [line for line in lines if not line.startswith(("#", ">"))]
        cases.append(Case("\n".join(remarks), "\n".join(given), "\n".join(golden)))
    return cases


def update(file: Path, answer: Callable[[str], str]) -> None:
    """Write what happens now as what is expected."""
    blocks = []
    for case in read(file):
        given = [f"> {line}".rstrip() for line in case.given.split("\n")]
        remarks = [case.remarks] if case.remarks else []
        blocks.append("\n".join([*remarks, *given, answer(case.given)]))
    file.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
