"""The grammar files, compiled to plain data.

In: the folder of the grammar. Out: `tables.json` beside it (for LaTeX `latex_tables.json`): the
pattern of all words, and Lark's parsing tables. Compiling takes Lark about 90 ms, reading the
tables 8 ms, and the first formula of a session waits for one or the other; so the tables are kept
in the repository and travel with the package. They name the grammar text and the release of Lark
they belong to, and are passed over where these differ.

After a change of the grammar run  `python -m indexcalc.syntax.tables`  (a test reminds of it).

>>> sorted(compile_tables(folder()))
['lark', 'memo', 'parser', 'sha256', 'words']
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

PACKAGE = Path(__file__).resolve().parent.parent
RULES, WORDS, TABLES = "indexcalc.lark", "terminals.lark", "tables.json"
START = "program"


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one grammar: rules and words, each read one after the other, and the tables."""

    rules: tuple[str, ...]
    words: str
    tables: str
    imported: tuple[str, ...] = ()  # what the words import


TEXT = Files((RULES,), WORDS, TABLES)
LATEX = Files((RULES, "latex.lark"), "latex_terminals.lark", "latex_tables.json", (WORDS,))


def folder() -> Path:
    """Where the grammar lies: inside an installed package, or beside it in a checkout."""
    installed = PACKAGE / "_grammar"
    return installed if installed.is_dir() else PACKAGE.parent / "grammar"


def digest(place: Path, files: Files = TEXT) -> str:
    """A hash of the text of all grammar files, whatever the line ends of the checkout."""
    names = (*files.rules, files.words, *files.imported)
    texts = [(place / name).read_text(encoding="utf-8") for name in names]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def compile_words(place: Path, files: Files = TEXT) -> str:
    """One regular expression with a group for each terminal, in Lark's order of precedence."""
    text = (place / files.words).read_text(encoding="utf-8")
    words = lark.Lark(f"start: PLUS\n{text}", parser=None, lexer="basic", import_paths=[str(place)])
    ordered = sorted(
        (terminal for terminal in words.terminals if not terminal.name.startswith("_")),
        key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name),
    )
    return "|".join(f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in ordered)


def compile_parser(place: Path, files: Files = TEXT) -> lark.Lark:
    """The parser itself, without functions for its rules."""
    text = "\n".join((place / name).read_text(encoding="utf-8") for name in files.rules)
    return lark.Lark(text, parser="lalr", lexer="basic", start=START)


def compile_tables(place: Path, files: Files = TEXT) -> dict[str, Any]:
    """Everything that `tables.json` holds, made from the grammar files."""
    parser, memo = compile_parser(place, files).memo_serialize([TerminalDef, Rule])
    plain = {
        "lark": lark.__version__,
        "sha256": digest(place, files),
        "words": compile_words(place, files),
        "parser": parser | {"parser": parser["parser"] | {"parser": _renumbered(parser)}},
        "memo": memo,
    }
    return read_tables(write_tables(plain))


def _renumbered(serialised: dict[str, Any]) -> dict[str, Any]:
    """The action table with its states numbered breadth first, symbols in order of their names.

    Lark numbers both as they come out of sets, differently in each process.
    """
    table = serialised["parser"]["parser"]
    names: dict[int, str] = table["tokens"]
    symbols = {old: new for new, old in enumerate(sorted(names, key=names.__getitem__))}
    rows = {
        state: sorted((symbols[symbol], action) for symbol, action in actions.items())
        for state, actions in table["states"].items()
    }
    order = list(table["start_states"].values())
    numbers = {state: number for number, state in enumerate(order)}
    for state in order:  # grows as new states come in sight
        for _, (reduces, target) in rows[state]:
            if not reduces and target not in numbers:
                numbers[target] = len(order)
                order.append(target)
    return {
        "tokens": {symbols[old]: names[old] for old in sorted(names, key=symbols.__getitem__)},
        "states": {
            numbers[state]: {
                symbol: (reduces, target if reduces else numbers[target])
                for symbol, (reduces, target) in rows[state]
            }
            for state in order
        },
        "start_states": {name: numbers[state] for name, state in table["start_states"].items()},
        "end_states": {name: numbers[state] for name, state in table["end_states"].items()},
    }


def write_tables(tables: dict[str, Any]) -> str:
    """The text of `tables.json`."""
    return json.dumps(tables, ensure_ascii=False, separators=(",", ":")) + "\n"


def read_tables(text: str) -> dict[str, Any]:
    """What the text of `tables.json` says; JSON makes text of number keys, which is undone."""
    tables: dict[str, Any] = json.loads(text, object_pairs_hook=_with_number_keys)
    return tables


def _with_number_keys(pairs: list[tuple[str, Any]]) -> dict[str | int, Any]:
    return {int(key) if key.isdigit() else key: value for key, value in pairs}


def main() -> None:
    """Write `tables.json` and `latex_tables.json` anew."""
    place = folder()
    for files in (TEXT, LATEX):
        text = write_tables(compile_tables(place, files))
        (place / files.tables).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
