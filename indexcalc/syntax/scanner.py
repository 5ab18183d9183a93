"""Text to words and signs.

In: a source text. Out: its lexemes in order, line ends included, blanks and comments left out.
A character that has no place in the language is an error that says what to write instead.

>>> [lexeme.text for lexeme in scan(Source("y_i = W_ij x_j  # affine"))]
['y', '_i', '=', 'W', '_ij', 'x', '_j']
"""

from __future__ import annotations

import unicodedata

from indexcalc.errors import FormulaSyntaxError, LimitError, Mark, Source, Span
from indexcalc.syntax.grammar import words
from indexcalc.syntax.lexeme import Lexeme
from indexcalc.syntax.limits import DEFAULT_LIMITS, SyntaxLimits
from indexcalc.syntax.number import check_digits
from indexcalc.syntax.tables import TEXT, Files

PASSED_OVER = frozenset({"BLANK", "COMMENT"})
WITH_FIGURES = frozenset({"NUMBER", "POWER_NUMBER", "SUPERSCRIPT", "LABEL"})

NO_LATEX = (
    "LaTeX is not read in this notation: write  ∂λ/∂W_ij  or  diff(lambda, W_ij)  for "
    "\\frac{\\partial\\lambda}{\\partial W_{ij}}"
)
INSTEAD = {
    "\\": NO_LATEX,
    "$": NO_LATEX,
    "&": NO_LATEX,
    "_": "write an index right after it:  x_i  or  x_{batch}",
    ".": "a product of entries is  .*  , a decimal fraction  0.5",
    "%": "a comment starts with  #",
    "–": "write  -  for minus",
    "—": "write  -  for minus",
    "‐": "write  -  for minus",
    "‑": "write  -  for minus",
    "÷": "write  /",
    "∕": "write  /",
    "∇": "write  ∂f/∂x_i",
    "∫": "there are no integrals in this language",
    "∞": "there is no infinite number in this language",
    "½": "write  1/2",
    "¼": "write  1/4",
    "¾": "write  3/4",
    "⟨": "write  a_i b_i  or  a : b  for an inner product",
    "⟩": "write  a_i b_i  or  a : b  for an inner product",
    "!": "there is no factorial; unequal is  !=",
    '"': "a second derivative is  σ''(z)  with two single quotes",
    "“": "a derivative or a transpose is  '",
    "”": "a derivative or a transpose is  '",
    "‘": "a derivative or a transpose is  '",
    "`": "a derivative or a transpose is  '",
    "´": "a derivative or a transpose is  '",
    "≡": "write  ==  for a claim,  =  for a definition",
    "≐": "write  ==  for a claim,  =  for a definition",
    "≈": "write  ==  for a claim",
    "∀": "the ranges of indices follow from the shapes",
}


def scan(
    source: Source,
    limits: SyntaxLimits = DEFAULT_LIMITS,
    files: Files = TEXT,
) -> list[Lexeme]:
    """The lexemes of `source`, in the words of one grammar.

    Raises `FormulaSyntaxError` at a character that has no meaning, `LimitError` if the text is
    longer than `limits` allow.
    """
    text = source.text
    if len(text) > limits.characters:
        raise LimitError(
            f"the text has {len(text)} characters; the limit is {limits.characters}",
            hint="raise the limit  characters  of SyntaxLimits if this is meant",
        )
    found: list[Lexeme] = []
    spaced = False
    for match in words(files).finditer(text):
        kind, word = match.lastgroup or "UNKNOWN", match.group()
        if kind in PASSED_OVER or (word == "\ufeff" and match.start() == 0):
            spaced = True
            continue
        named = kind in {"NAME", "LETTER"}
        if kind == "UNKNOWN" or (named and not word.isascii()):
            _check_characters(source, match.start(), word, named=named)
        lexeme = Lexeme(kind, word, source, match.start(), match.end(), spaced)
        found.append(lexeme)
        spaced = False
    return found


def check_lengths(lexemes: list[Lexeme], limits: SyntaxLimits) -> list[Lexeme]:
    """The lexemes as they are, if no number and no row of subscripts is too long.

    Raises `LimitError` beyond `limits`.
    """
    subscripts = 0
    for lexeme in lexemes:
        if lexeme.type in WITH_FIGURES and len(lexeme.text) > 3:
            check_digits(lexeme, limits)
        subscripts = subscripts + 1 if lexeme.type == "SUBSCRIPT" else 0
        if subscripts > limits.subscripts:
            raise LimitError(
                f"more than {limits.subscripts} subscripts follow each other; this is the limit",
                Mark(lexeme.span),
                hint="raise the limit  subscripts  of SyntaxLimits if this is meant",
            )
    return lexemes


def _check_characters(source: Source, start: int, word: str, *, named: bool) -> None:
    """Refuse what is no letter: `\\w` also matches raised figures, Roman numerals and the like."""
    for offset, character in enumerate(word):
        fine = character.isascii() or character == "∆" or unicodedata.category(character)[0] in "LM"
        if not (named and fine):
            raise _unknown(Span(source, start + offset, start + offset + 1), character)


def _unknown(span: Span, character: str) -> FormulaSyntaxError:
    mark = Mark(span)
    if character == "_" and span.source.text[span.end :].lstrip(" \t").startswith("{"):
        return FormulaSyntaxError(
            "the braces of a subscript are not closed on their line, or hold others",
            mark,
            hint="write  W_{1,ij}",
        )
    if character == "_":
        return FormulaSyntaxError("no index follows _", mark, hint=INSTEAD[character])
    if unicodedata.combining(character):
        return FormulaSyntaxError(
            "an accent stands alone", mark, hint="write it after a letter, as in  ŷ"
        )
    name = unicodedata.name(character, f"U+{ord(character):04X}").lower()
    shown = f"{character} ({name})" if character.isprintable() else f"({name})"
    hint = INSTEAD.get(character, "leave it out; operators are  + - * / ^ ' .* : ⊗")
    return FormulaSyntaxError(f"the character {shown} has no meaning here", mark, hint=hint)
