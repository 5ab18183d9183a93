"""Braces in pairs, and around every argument.

In: the words of a LaTeX text. Out: the same with braces around each argument of a command and
each script (TeX takes one letter or figure where there are none: `\\frac12`, `x_ij` is `x_{i}j`),
and the place of the partner of each brace.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.scanner import scan
>>> from indexcalc.syntax.tables import LATEX
>>> braced = enclose(scan(Source(r"x_ij^\\hat y \\frac12"), files=LATEX), SyntaxLimits())
>>> "".join(word.text for word in braced.words)
'x_{i}j^{\\\\hat{y}}\\\\frac{1}{2}'
"""

from __future__ import annotations

from dataclasses import dataclass

from indexcalc.errors import FormulaSyntaxError, LimitError, Mark
from indexcalc.syntax.latex.commands import ARITY, command_of
from indexcalc.syntax.lexeme import Lexeme
from indexcalc.syntax.limits import SyntaxLimits

SCRIPTS = frozenset({"UNDERSCORE", "CARET"})
NO_ARGUMENT = (
    frozenset(
        {"RBRACE", "NEWLINE", "ROW", "ALIGN", "DOLLARS", "ENVIRONMENT", "MATH_CLOSE", "MATH_OPEN"}
    )
    | SCRIPTS
)


@dataclass(frozen=True, slots=True)
class Braced:
    """Words with a brace around each argument; `partner` leads from each brace to the other."""

    words: list[Lexeme]
    partner: dict[int, int]


def enclose(words: list[Lexeme], limits: SyntaxLimits) -> Braced:
    """Put braces around every argument.

    Raises `FormulaSyntaxError` for a brace without partner and for a command without its
    arguments, `LimitError` for braces nested deeper than `limits` allow.
    """
    partner = _pairs(words, limits)
    opened, closed = _missing(words, partner)
    if not opened:
        return Braced(words, partner)
    done: list[Lexeme] = []
    for position, word in enumerate(words):
        brace = Lexeme("LBRACE", "{", word.source, word.start, word.start, word.spaced)
        done += [brace] * opened.get(position, 0)
        done.append(word._replace(spaced=False) if position in opened else word)
        brace = Lexeme("RBRACE", "}", word.source, word.end, word.end, False)
        done += [brace] * closed.get(position, 0)
    return Braced(done, _pairs(done, limits))


def _pairs(words: list[Lexeme], limits: SyntaxLimits) -> dict[int, int]:
    partner: dict[int, int] = {}
    stack: list[int] = []
    for position, word in enumerate(words):
        if word.type == "LBRACE":
            if len(stack) >= limits.depth:
                raise LimitError(
                    f"braces are nested deeper than {limits.depth}",
                    Mark(word.span),
                    hint="raise the limit  depth  of SyntaxLimits if this is meant",
                )
            stack.append(position)
        elif word.type == "RBRACE":
            if not stack:
                raise FormulaSyntaxError(
                    "} closes nothing", Mark(word.span), hint="leave it out, or open a brace"
                )
            opener = stack.pop()
            partner[opener], partner[position] = position, opener
    if stack:
        raise FormulaSyntaxError(
            "{ is never closed", Mark(words[stack[-1]].span), hint="close it where it ends"
        )
    return partner


def _missing(words: list[Lexeme], partner: dict[int, int]) -> tuple[dict[int, int], dict[int, int]]:
    """How many braces open before and close after each word, read from right to left."""
    opened: dict[int, int] = {}
    closed: dict[int, int] = {}
    ends = [0] * len(words)
    for position in range(len(words) - 1, -1, -1):
        word = words[position]
        if word.type == "LBRACE":
            ends[position] = partner[position] + 1
            continue
        end = _root_index(words, position) + 1
        for _ in range(1 if word.type in SCRIPTS else ARITY.get(command_of(word), 0)):
            if end >= len(words) or words[end].type in NO_ARGUMENT:
                raise _nothing_follows(word)
            start, end = end, ends[end]
            if words[start].type != "LBRACE":
                opened[start] = opened.get(start, 0) + 1
                closed[end - 1] = closed.get(end - 1, 0) + 1
        ends[position] = end
    return opened, closed


def _root_index(words: list[Lexeme], position: int) -> int:
    """The place where a command ends: behind the 3 of `\\sqrt[3]`."""
    if command_of(words[position]) != "sqrt" or position + 1 >= len(words):
        return position
    if words[position + 1].type != "LSQB":
        return position
    end = position + 2
    while end < len(words) and words[end].type == "DIGIT":
        end += 1
    if end == position + 2 or end >= len(words) or words[end].type != "RSQB":
        raise FormulaSyntaxError(
            "the index of a root is a whole number",
            Mark(words[position + 1].span),
            hint=r"write  \sqrt[3]{x}  or  x^{1/n}",
        )
    return end


def _nothing_follows(word: Lexeme) -> FormulaSyntaxError:
    hints = {"_": "write an index, as in  x_i", "^": "write a power, as in  x^2"}
    count = ARITY.get(command_of(word), 0)
    hint = hints.get(word.text, f"write  {word.text}" + "{…}" * count)
    return FormulaSyntaxError(f"nothing follows {word.text}", Mark(word.span), hint=hint)
