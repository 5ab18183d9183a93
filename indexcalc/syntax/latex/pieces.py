"""What stands in a group of braces, read as letters, figures and words.

In: a place between two braces. Out: its content without braces and fonts: each letter with its
accents, each word that is set upright in one piece, every other sign by itself.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.latex.braces import enclose
>>> from indexcalc.syntax.limits import SyntaxLimits
>>> from indexcalc.syntax.scanner import scan
>>> from indexcalc.syntax.tables import LATEX
>>> braced = enclose(
...     scan(Source(r"1,\\mathrm{out} \\hat{\\mathbf y}-"), files=LATEX), SyntaxLimits())
>>> found = pieces(braced, 0, len(braced.words))
>>> [(piece.type, piece.text) for piece in found]
[('DIGIT', '1'), ('COMMA', ','), ('WORD', 'out'), ('LETTER', 'ŷ'), ('MINUS', '-')]
"""

from __future__ import annotations

import unicodedata

from indexcalc.syntax.latex.braces import Braced
from indexcalc.syntax.latex.commands import (
    ACCENTS,
    COMMANDED,
    LETTER_FONTS,
    NOISE,
    SIGNS,
    SWITCHES,
    WORD_FONTS,
    command_of,
    letter,
)
from indexcalc.syntax.lexeme import Lexeme


def pieces(braced: Braced, start: int, end: int) -> list[Lexeme]:
    """The content from `start` up to `end` (not included)."""
    found: list[Lexeme] = []
    accents: list[tuple[int, str]] = []
    upright = start  # letters before this place are set upright
    joins = False  # the next letter continues a word
    for position in range(start, end):
        word = braced.words[position]
        command = command_of(word)
        if command in WORD_FONTS or SWITCHES.get(command) in WORD_FONTS:
            upright, joins = _end_of_font(braced, position, end), False
        elif command in ACCENTS:
            accents.append((braced.partner[position + 1], ACCENTS[command]))
        elif command in LETTER_FONTS or command in SWITCHES or word.type in {"LBRACE", "RBRACE"}:
            continue
        elif command in NOISE:
            joins = False
        else:
            marks = "".join(mark for close, mark in reversed(accents) if close > position)
            piece = _piece(word, marks, upright=position < upright)
            if joins and piece.type == "WORD":
                text = found[-1].text + piece.text
                piece = piece._replace(text=text, start=found.pop().start)
            found.append(piece)
            joins = piece.type == "WORD"
    return found


def _end_of_font(braced: Braced, position: int, end: int) -> int:
    """Where an upright font ends: with its argument, or for `\\rm` with the group."""
    return braced.partner.get(position + 1, end) if _has_argument(braced, position) else end


def _has_argument(braced: Braced, position: int) -> bool:
    return command_of(braced.words[position]) in WORD_FONTS


def _piece(word: Lexeme, accents: str, *, upright: bool) -> Lexeme:
    command = command_of(word)
    if command in COMMANDED:
        return word._replace(type="WORD", text=command)
    if command == "infty":
        return word._replace(type="WORD", text="∞")
    if command in SIGNS:
        kind, text = SIGNS[command]
        return word._replace(type=kind, text=text)
    named = letter(command) if command else None
    if named is None and word.type != "LETTER":
        joined = "WORD" if upright and word.type == "DIGIT" else word.type
        return word._replace(type=joined)
    text = unicodedata.normalize("NFC", (named or word.text) + accents).replace("∆", "Δ")
    return word._replace(type="WORD" if upright else "LETTER", text=text)
