"""What the documents show is what happens.

In a Markdown file, the Python blocks are run in order, in one name space for the file:

- a block with `>>>` is a doctest;
- another block is run, and a `text` block right after it must be what it prints;
- in a `console` block each line `$ indexcalc …` is run, and what follows must be what it prints.

Every script in `examples/` is run as its reader would run it.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.markdown import Block, blocks

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "grammar/*.md", "examples/*.md", "benchmarks/*.md")
    for path in ROOT.glob(pattern)
)
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def same_text(given: str, shown: str) -> bool:
    return doctest.OutputChecker().check_output(shown, given, OPTIONS)


def run_doctest(path: Path, block: Block, names: dict[str, Any]) -> None:
    test = doctest.DocTestParser().get_doctest(
        block.text, names, path.name, str(path), block.line - 1
    )
    report = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    runner.run(test, out=report.write, clear_globs=False)
    names.update(test.globs)
    assert not runner.failures, report.getvalue()


def run_block(path: Path, block: Block, names: dict[str, Any]) -> str:
    printed = io.StringIO()
    padded = "\n" * (block.line - 1) + block.text
    with contextlib.redirect_stdout(printed):
        exec(compile(padded, str(path), "exec"), names)
    return printed.getvalue()


def run_as_a_reader(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )


def run_console(block: Block) -> None:
    sessions = ("\n" + block.text).split("\n$ ")[1:]
    for session in sessions:
        line, _, shown = session.partition("\n")
        program, *arguments = shlex.split(line, comments=True)
        if program == "indexcalc":
            command = [sys.executable, "-X", "utf8", "-m", "indexcalc.cli", *arguments]
            done = run_as_a_reader(command, ROOT)
            assert same_text(done.stdout + done.stderr, shown)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_code_in_a_document_does_what_is_shown(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    printed: str | None = None
    monkeypatch.chdir(tmp_path)
    for block in blocks(path.read_text(encoding="utf-8")):
        kind = block.info
        if kind == "console":
            run_console(block)
        elif kind == "text" and printed is not None and block.follows:
            assert same_text(printed, block.text), f"line {block.line}: printed\n{printed}"
        printed = None
        if kind in {"python", "pycon"}:
            if ">>>" in block.text:
                run_doctest(path, block, names)
            else:
                printed = run_block(path, block, names)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_prints_something(path: Path, tmp_path: Path) -> None:
    done = run_as_a_reader([sys.executable, "-X", "utf8", "-W", "error", str(path)], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for path in DOCUMENTS:
        for target in relative_links(path.read_text(encoding="utf-8")):
            if not (path.parent / target).exists():
                broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert not broken


def relative_links(markdown: str) -> list[str]:
    """Relative link targets, without anchors, of the text outside of code blocks."""
    for block in blocks(markdown):
        markdown = markdown.replace(block.text, "")
    parts = markdown.split("](")[1:]
    targets = [part.partition(")")[0].partition("#")[0] for part in parts]
    return [target for target in targets if target and "://" not in target]


def test_blocks_are_found_with_their_lines() -> None:
    text = "a\n\n```python\nx = 1\n```\n\n```text\n1\n```\nword\n```text\n2\n```\n"
    assert blocks(text) == [
        Block("python", "x = 1\n", 4, False),
        Block("text", "1\n", 8, True),
        Block("text", "2\n", 12, False),
    ]
