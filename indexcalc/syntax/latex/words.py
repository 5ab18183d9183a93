"""The words of a LaTeX text that count.

In: a source text. Out: its words, without spacing commands and labels, and without line ends where
TeX takes them for blanks: in a formula between `$`, in an environment, in braces.

>>> from indexcalc.errors import Source
>>> [word.text for word in counted(Source("$a\\n\\\\, b$\\nc"), SyntaxLimits())]
['$', 'a', 'b', '$', '\\n', 'c']
"""

from __future__ import annotations

from indexcalc.errors import FormulaSyntaxError, Mark, Source
from indexcalc.syntax.latex.commands import NOISE, SKIPPED, WIDE_SPACES, command_of
from indexcalc.syntax.lexeme import Lexeme
from indexcalc.syntax.limits import SyntaxLimits
from indexcalc.syntax.scanner import scan
from indexcalc.syntax.tables import LATEX

ENDS_LINE = frozenset({"ROW", "NEWLINE", "DOLLARS", "MATH_CLOSE", "ENVIRONMENT", "RBRACE"})
COLUMNS = ["LBRACE", "LETTER", "LETTER"]
ARRAY = "\\begin{array}"
CLOSING = {"MATH_OPEN": 1, "MATH_CLOSE": -1, "LBRACE": 1, "RBRACE": -1}


def counted(source: Source, limits: SyntaxLimits) -> list[Lexeme]:
    """The words of `source` that have a meaning.

    Raises `FormulaSyntaxError` for a character that has none and for a `$` without partner,
    `LimitError` if the text is longer than `limits` allow.
    """
    words = _with_cases(scan(source, limits, LATEX))
    done: list[Lexeme] = []
    dollars: Lexeme | None = None
    depth = position = 0
    spaced = False
    while position < len(words):
        word = words[position]
        command = command_of(word)
        position += 1
        if command == "operatorname" and position < len(words) and words[position].text == "*":
            position += 1
        if command in SKIPPED:
            position, spaced = _behind_group(words, position), True
        if command in WIDE_SPACES:
            position = _behind_number(words, position)
        if command in SKIPPED:
            continue
        if command in NOISE or (word.type == "NEWLINE" and (depth > 0 or dollars)):
            spaced = True
            continue
        if word.type == "DOLLARS":
            dollars = None if dollars else word
        elif word.type == "ENVIRONMENT":
            depth += 1 if word.text.startswith("\\begin") else -1
        depth += CLOSING.get(word.type, 0)
        done.append(word._replace(spaced=True) if spaced else word)
        spaced = False
    if dollars:
        raise FormulaSyntaxError(
            f"{dollars.text} is never closed", Mark(dollars.span), hint="close it where it ends"
        )
    return done


def _behind_number(words: list[Lexeme], position: int) -> int:
    """The place behind the number of an equation, `\\quad (1)`, at the end of its line."""
    end = position
    while end < len(words) and words[end].type in {"LPAR", "DIGIT", "DOT", "RPAR"}:
        end += 1
    kinds = [word.type for word in words[position:end]]
    if len(kinds) < 3 or (kinds[0], kinds[-1]) != ("LPAR", "RPAR") or kinds.count("LPAR") > 1:
        return position
    return end if end == len(words) or words[end].type in ENDS_LINE else position


def _behind_group(words: list[Lexeme], position: int) -> int:
    """The place behind the argument of `\\label{…}`, which is not read."""
    depth = 0
    for end in range(position, len(words)):
        depth += CLOSING.get(words[end].type, 0)
        if depth <= 0:
            return end + 1
    return len(words)


def _with_cases(words: list[Lexeme]) -> list[Lexeme]:
    """`\\left\\{ \\begin{array}{ll} … \\end{array} \\right.` as the environment of cases."""
    if not any(word.text == ARRAY for word in words):
        return words
    done: list[Lexeme] = []
    arrays: list[bool] = []  # which of those that are open are cases
    position = 0
    while position < len(words):
        word = words[position]
        array = _array_behind(words, position)
        position += 1
        if array is not None:
            arrays.append(True)
            done.append(words[array]._replace(text="\\begin{cases}", start=word.start))
            position = _behind_group(words, array + 1)
            continue
        if word.text == ARRAY:
            arrays.append(False)
        elif word.text == "\\end{array}" and arrays and arrays.pop():
            word = word._replace(text="\\end{cases}")
            right = _next(words, position)
            if _texts(words, right, right + 1) == ["\\right", "."]:
                position = right + 2
        done.append(word)
    return done


def _array_behind(words: list[Lexeme], position: int) -> int | None:
    """The place of the table in `\\left\\{ \\begin{array}{ll}`; it has two columns."""
    if words[position].text != "\\left":
        return None
    opener = _next(words, position + 1)
    array = _next(words, opener + 1)
    two_columns = [word.type for word in words[array + 1 : array + 4]] == COLUMNS
    return array if two_columns and _texts(words, opener, array) == ["\\{", ARRAY] else None


def _next(words: list[Lexeme], position: int) -> int:
    """The first place from here that is no line end."""
    while position < len(words) and words[position].type == "NEWLINE":
        position += 1
    return position


def _texts(words: list[Lexeme], *places: int) -> list[str]:
    return [words[place].text if place < len(words) else "" for place in places]
