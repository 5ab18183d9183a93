"""Subscripts.

In: a subscript as one word, `_ij`, `_{batch, out}`, `_{(sr)q}`, `₁ᵢⱼ`. Out: what it lists; what
is a label, an index or part of a name is not decided here.

>>> from indexcalc.errors import Source
>>> def read(text):
...     return read_subscript(Lexeme("SUBSCRIPT", text, Source(text), 0, len(text), False))
>>> [(part.items, part.braced) for part in read("_{1,ij}")], [part.items for part in read("₁ᵢⱼ")]
([(('1', 'ij'), True)], [('1',), ('ij',)])
"""

from __future__ import annotations

import re
import unicodedata

from indexcalc.errors import FormulaSyntaxError, Mark, Span
from indexcalc.syntax.lexeme import Lexeme
from indexcalc.syntax.tree import Subscript

WORD = r"(?:[^\W_]|[\u0300-\u036F\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE20-\uFE2F])+|∞"
ITEM = re.compile(rf"(?P<item>{WORD}|\([^(){{}}]*\))|(?P<comma>,)|(?P<blank>\s+)|(?P<other>.)")


def read_subscript(lexeme: Lexeme) -> list[Subscript]:
    """The subscripts written in one word: two if lowered figures and letters follow each other.

    Raises `FormulaSyntaxError` if what stands in braces is no list of indices.
    """
    if not lexeme.text.startswith("_"):
        plain = unicodedata.normalize("NFKC", lexeme.text)
        runs = re.findall(r"\d+|\D+", plain)
        return [Subscript(lexeme.span, (run,), False) for run in runs]
    inside = lexeme.text[1:].strip()
    if not inside.startswith("{"):
        _check_letters(lexeme.span, inside)
        return [Subscript(lexeme.span, (unicodedata.normalize("NFC", inside),), False)]
    first = lexeme.end - len(inside) + 1
    return [Subscript(lexeme.span, _items(lexeme, inside[1:-1], first), True)]


def _items(lexeme: Lexeme, inside: str, first: int) -> tuple[str, ...]:
    items: list[str] = []
    expected = True  # nothing stands since the brace or the last comma
    for match in ITEM.finditer(inside):
        kind = match.lastgroup
        if kind == "other" or (kind == "comma" and expected):
            start = first + match.start()
            raise refusal(Span(lexeme.source, start, start + 1), match.group())
        if kind == "item":
            _check_letters(lexeme.span, match.group())
            items.append(unicodedata.normalize("NFC", "".join(match.group().split())))
        expected = kind == "comma" or (kind == "blank" and expected)
    if expected:
        raise FormulaSyntaxError(
            "an index is missing", Mark(lexeme.span), hint="write  x_i  or  x_{batch, out}"
        )
    return tuple(items)


def _check_letters(span: Span, item: str) -> None:
    """Refuse what the pattern takes for a letter and is none: raised figures, Roman numerals."""
    for character in "" if item.isascii() else item:
        if not (
            character.isascii() or character == "∞" or unicodedata.category(character)[0] in "LM"
        ):
            raise refusal(span, character)


def refusal(span: Span, sign: str) -> FormulaSyntaxError:
    """The error for a sign that cannot stand in a subscript."""
    match sign:
        case "=":
            message = "the range of an index is not written: it follows from the shapes"
            hint = "write  sum_i  and declare the extent, as in  x[n]"
        case "+" | "-" | "−":
            message, hint = "an index cannot be shifted", "write a plain index, as in  x_i"
        case "'" | "′":
            message, hint = "an index has no prime", "choose another letter, or a name: x_{other}"
        case ":" | "·" | "*":
            message = "a row or a column has no sign of its own"
            hint = "write a component with all its indices, as in  A_{ij};  x_j = A_{ij}  is row i"
        case "," | ")" | "(":
            message, hint = "an index is missing", "write  x_{batch, out}"
        case _:
            message = f"{sign} cannot stand in a subscript"
            hint = "write indices, numbers and commas, as in  W_{1,ij}"
    return FormulaSyntaxError(message, Mark(span), hint=hint)
