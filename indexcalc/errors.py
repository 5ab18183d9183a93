"""Errors with the place they speak of.

In: a message in the user's words, one or more marked places of the source text, and what to
write instead. Out: an exception whose text shows each marked line with a caret span.

>>> source = Source("f = log(y_i)")
>>> print(IndexNotationError("index i is not free and occurs once",
...                          Mark(Span(source, 8, 11)), hint="write  sum_i log(y_i)"))
index i is not free and occurs once
  line 1, column 9
    f = log(y_i)
            ^^^
  write  sum_i log(y_i)
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

LONGEST_LINE_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Source:
    """A text that a person wrote, and what to call it in messages (`""` for the program itself)."""

    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """The characters `start` up to (not including) `end` of a source text."""

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        """Line number, from 1."""
        return self.source.text.count("\n", 0, self.start) + 1

    @property
    def column(self) -> int:
        """Column number in characters, from 1."""
        return self.start - (self.source.text.rfind("\n", 0, self.start) + 1) + 1

    @property
    def length(self) -> int:
        """Number of characters marked, at least 1."""
        return max(1, self.end - self.start)

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.source.text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of `other`, in the same source."""
        return Span(self.source, min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked place and, where several are marked, what is to be said of this one."""

    span: Span
    note: str = ""


def counted(count: int, singular: str, plural: str = "") -> str:
    """A number with its noun, for messages.

    >>> counted(1, "argument"), counted(2, "argument"), counted(2, "axis", "axes")
    ('1 argument', '2 arguments', '2 axes')
    """
    return f"{count} {singular if count == 1 else plural or singular + 's'}"


def _width(text: str) -> int:
    """Columns that `text` takes on a terminal: combining marks take none, wide letters two."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _render(mark: Mark) -> list[str]:
    span, text = mark.span, mark.span.source.text
    begin = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.start)
    line = text[begin : end if end >= 0 else len(text)].replace("\t", " ")
    start = span.start - begin
    stop = max(start + 1, min(start + span.length, len(line)))
    if len(line) > LONGEST_LINE_SHOWN:
        cut = max(0, start - LONGEST_LINE_SHOWN // 2)
        line, start, stop = line[cut : cut + LONGEST_LINE_SHOWN], start - cut, stop - cut
        stop = min(stop, LONGEST_LINE_SHOWN)
    where = f"{span.source.name}, " if span.source.name else ""
    note = f": {mark.note}" if mark.note else ""
    caret = " " * _width(line[:start]) + "^" * max(1, _width(line[start:stop]))
    return [f"  {where}line {span.line}, column {span.column}{note}", f"    {line}", f"    {caret}"]


class FormulaError(ValueError):
    """Base of all errors that the package raises: what is wrong, where, and what to write.

    `line`, `column` (from 1) and `length` speak of the first marked place; they are 0 if no
    place of a text is to blame (a wrong array, a limit).
    """

    def __init__(self, message: str, *marks: Mark, hint: str = "") -> None:
        """Keep the parts; the rendered text is made by `str`."""
        super().__init__(message)
        self.message, self.marks, self.hint = message, marks, hint
        first = marks[0].span if marks else None
        self.line = first.line if first else 0
        self.column = first.column if first else 0
        self.length = first.length if first else 0

    def __str__(self) -> str:
        """The message, each marked line with carets, and the hint."""
        lines = [self.message]
        for mark in self.marks:
            lines += _render(mark)
        if self.hint:
            lines += [f"  {part}" for part in self.hint.splitlines()]
        return "\n".join(lines)


class FormulaSyntaxError(FormulaError):
    """The text does not follow the grammar."""


class IndexNotationError(FormulaError):
    """An index is used in a way that the summation convention forbids or leaves open."""


class ShapeError(FormulaError):
    """Two extents that must be equal differ, or a shape cannot be found."""


class UnknownNameError(FormulaError):
    """A name is not known where it must be."""


class DifferentiationError(FormulaError):
    """A derivative was asked for that does not exist or is not supported."""


class LimitError(FormulaError):
    """A documented bound on depth, length, rank or size was reached."""


class EvaluationError(FormulaError):
    """Arrays were missing, unknown, or of a kind that the formula cannot take."""
