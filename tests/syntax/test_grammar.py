"""The grammar's files: its table by example, and the compiled tables."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import lark
import pytest

from indexcalc.errors import FormulaSyntaxError, Source
from indexcalc.syntax import grammar, tables
from indexcalc.syntax.parser import parse_program

README = (tables.folder() / "README.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?P<first>`.*?`) \| (?P<rest>.*) \|$", re.MULTILINE)
TEXT_PART, LATEX_PART = README.split("## LaTeX")
TAUGHT, REFUSED = TEXT_PART.split("## What is refused")
LATEX_TAUGHT, LATEX_REFUSED = LATEX_PART.split("| Refused |")


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


@pytest.mark.parametrize("row", ROW.findall(TAUGHT), ids=lambda row: row[0])
def test_each_row_is_read(row: tuple[str, str]) -> None:
    for text in quoted(row[0]):
        assert parse_program(Source(text)).statements


@pytest.mark.parametrize("row", ROW.findall(REFUSED), ids=lambda row: row[0])
def test_each_refused_row_is_refused_and_its_cures_are_read(row: tuple[str, str]) -> None:
    (refused,) = quoted(row[0])
    with pytest.raises(FormulaSyntaxError):
        parse_program(Source(refused))
    cures = quoted(row[1])
    assert cures
    for text in cures:
        assert parse_program(Source(text)).statements


@pytest.mark.parametrize("row", ROW.findall(LATEX_TAUGHT), ids=lambda row: row[0])
def test_each_latex_row_is_read(row: tuple[str, str]) -> None:
    assert parse_program(Source(row[0].strip("`")), notation="latex").statements


@pytest.mark.parametrize("row", ROW.findall(LATEX_REFUSED), ids=lambda row: row[0])
def test_each_refused_latex_row_is_refused_and_its_cures_are_read(row: tuple[str, str]) -> None:
    with pytest.raises(FormulaSyntaxError):
        parse_program(Source(row[0].strip("`")), notation="latex")
    cures = quoted(row[1])
    assert cures
    for text in cures:
        assert parse_program(Source(text), notation="latex").statements


def test_the_table_is_not_empty() -> None:
    assert len(ROW.findall(LATEX_TAUGHT)) > 25
    assert len(ROW.findall(TAUGHT)) > 40
    assert len(ROW.findall(REFUSED)) > 5


# --- compiled tables ----------------------------------------------------------------------------


def test_the_stored_tables_belong_to_the_grammar() -> None:
    stored = tables.read_tables((tables.folder() / tables.TABLES).read_text(encoding="utf-8"))
    assert stored["sha256"] == tables.digest(tables.folder()), tables.__doc__
    assert stored == tables.compile_tables(tables.folder()) | {"lark": stored["lark"]}


def test_the_stored_tables_are_used() -> None:
    assert grammar.stored_tables(tables.folder()) is not None


@pytest.mark.parametrize("key", ["lark", "sha256"])
def test_tables_of_another_grammar_or_lark_are_passed_over(tmp_path: Path, key: str) -> None:
    for name in (tables.RULES, tables.WORDS, tables.TABLES):
        (tmp_path / name).write_bytes((tables.folder() / name).read_bytes())
    assert grammar.stored_tables(tmp_path) is not None
    changed = json.loads((tmp_path / tables.TABLES).read_text(encoding="utf-8"))
    changed[key] = "another"
    (tmp_path / tables.TABLES).write_text(json.dumps(changed), encoding="utf-8")
    assert grammar.stored_tables(tmp_path) is None
    (tmp_path / tables.TABLES).unlink()
    assert grammar.stored_tables(tmp_path) is None


def test_tables_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "from indexcalc.syntax.tables import *;"
        "import hashlib; text = write_tables(compile_tables(folder()));"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(tables.PACKAGE.parent)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_the_grammar_has_no_conflicts(caplog: pytest.LogCaptureFixture) -> None:
    lark.logger.setLevel("DEBUG")
    try:
        tables.compile_parser(tables.folder())
    finally:
        lark.logger.setLevel("CRITICAL")
    assert not [record for record in caplog.records if "conflict" in record.message.lower()]
