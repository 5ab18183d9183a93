"""The grammar, ready for use.

In: the grammar folder, `indexcalc/_grammar` in an installed package or `grammar` in a checkout.
Out: the pattern of all words, and a Lark parser that calls a function for each rule as soon as it
is read, so that no parse tree is built or walked.

>>> words().match("W_ij").lastgroup
'NAME'
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import lark

from indexcalc.syntax.tables import TEXT, Files, compile_tables, digest, folder, read_tables


def stored_tables(place: Path, files: Files = TEXT) -> dict[str, Any] | None:
    """The tables in `place`; None if there are none, or those of another grammar or Lark."""
    stored = place / files.tables
    if not stored.is_file():
        return None
    found = read_tables(stored.read_text(encoding="utf-8"))
    fits = (found["lark"], found["sha256"]) == (lark.__version__, digest(place, files))
    return found if fits else None


@cache
def tables(files: Files = TEXT) -> dict[str, Any]:
    """The compiled grammar: as stored, or made now."""
    place = folder()
    return stored_tables(place, files) or compile_tables(place, files)


@cache
def words(files: Files = TEXT) -> re.Pattern[str]:
    """A pattern that matches any one word, sign or character, with the terminal's name as group."""
    return re.compile(tables(files)["words"])


def parser(builder: object, files: Files = TEXT) -> lark.Lark:
    """An LALR parser that calls the method of `builder` with a rule's name for each rule read."""
    made: lark.Lark = lark.Lark._load_from_dict(  # type: ignore[no-untyped-call]
        tables(files)["parser"], tables(files)["memo"], transformer=builder
    )
    return made
