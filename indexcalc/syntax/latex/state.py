"""How far a LaTeX text has been read.

In: words in braces, and names. Out: the record that all parts of the reader share: the place, the
lexemes written so far, and what is to be written where the open groups close.

>>> from indexcalc.errors import Source
>>> words = [Lexeme("LETTER", "x", Source("x"), 0, 1, False)]
>>> state = State(Braced(words, {}), Names())
>>> state.write("NAME", "x", words[0], words[0])
>>> [lexeme.type for lexeme in state.out], state.kind_at(0), state.kind_at(1)
(['NAME'], 'LETTER', 'END')
"""

from __future__ import annotations

from dataclasses import dataclass, field

from indexcalc.syntax.latex.braces import Braced
from indexcalc.syntax.latex.commands import command_of
from indexcalc.syntax.latex.names import Names
from indexcalc.syntax.lexeme import Lexeme

MARKING = frozenset({"UNDERSCORE", "CARET", "PRIME", "TRANSPOSE", "SUPERSCRIPT", "LOWERED"})


@dataclass(slots=True)
class Frame:
    """A group that is open: what it restores, and what is written where it closes.

    `start` is the place in the output where a group with marks behind it starts; `twice` where
    a variable starts that is written once more (for `∇²`); `resume` the word to go on with;
    `below` the order of the derivative whose denominator follows;
    `accent` that a subscript stands in the group of an accent, at its end.
    """

    font: str
    signs: bool
    closing: list[Lexeme]
    start: int | None = None
    twice: int | None = None
    resume: int | None = None
    rows: bool = False
    below: int = 0
    accent: bool = False


@dataclass(slots=True)
class State:
    """What is read and written; `signs` tells that a plain `d` stands for ∂ (in `{dx\\,dy}`)."""

    braced: Braced
    names: Names
    position: int = 0
    out: list[Lexeme] = field(default_factory=list)
    font: str = ""
    signs: bool = False
    frames: dict[int, Frame] = field(default_factory=dict)
    marked: int = 0  # groups with marks that are open
    math: int = 0  # environments and the like that are open
    cases: int = 0  # tables of cases that are open
    dollars: bool = False  # a formula is open that `$` closes
    delimited: bool = False  # the text tells formulas from what stands between them
    below: int = 0  # the order of the derivative in whose denominator the place is
    statements: tuple[list[int], list[int], list[int]] | None = None
    labels: dict[str, Lexeme] = field(default_factory=dict)  # the first, by kind of bracket
    letters: dict[str, dict[str, Lexeme]] = field(default_factory=dict)  # by font

    @property
    def word(self) -> Lexeme:
        """The word at the place."""
        return self.braced.words[self.position]

    @property
    def between(self) -> bool:
        """Whether the place is outside of formulas, in a text that marks them."""
        return self.delimited and not (self.math or self.dollars)

    def kind_at(self, position: int) -> str:
        """The kind of a word; `END` behind the last one."""
        words = self.braced.words
        return words[position].type if 0 <= position < len(words) else "END"

    def command_at(self, position: int) -> str:
        """The command at a place, or nothing."""
        words = self.braced.words
        return command_of(words[position]) if 0 <= position < len(words) else ""

    def write(self, kind: str, text: str, first: Lexeme, last: Lexeme) -> None:
        """Write a lexeme that stands for the words from `first` to `last`."""
        self.out.append(lexeme(kind, text, first, last))

    def open(self, brace: int, closing: list[Lexeme]) -> Frame:
        """Go into a group; `closing` is written where it ends."""
        frame = Frame(self.font, self.signs, closing)
        self.frames[self.braced.partner[brace]] = frame
        self.position = brace + 1
        return frame

    def close(self) -> Frame:
        """Leave a group, at the brace that closes it."""
        frame = self.frames.pop(self.position)
        self.font, self.signs, self.below = frame.font, frame.signs, frame.below
        self.out += frame.closing
        self.position += 1
        return frame

    def group(self, position: int) -> tuple[int, int]:
        """The first word in the group that opens at a place, and the brace that closes it."""
        return position + 1, self.braced.partner[position]


def lexeme(kind: str, text: str, first: Lexeme, last: Lexeme) -> Lexeme:
    """A lexeme in place of the words from `first` to `last`."""
    return Lexeme(kind, text, first.source, first.start, last.end, first.spaced)
