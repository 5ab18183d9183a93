"""Subscripts and superscripts.

In: what stands behind `_` or `^`. Out: `SUBSCRIPT`, `LABEL`, transposes and powers as in a text;
any other exponent stays an expression in braces. A superscript that may be an index or a power is
refused.

>>> from indexcalc.syntax.latex.reader import lexemes_of
>>> [(lexeme.type, lexeme.text) for lexeme in lexemes_of(r"W^{(2)T} X_{1,i}^{-1}")]
... # doctest: +NORMALIZE_WHITESPACE
[('NAME', 'W'), ('LABEL', '^{(2)}'), ('POWER_T', '^T'), ('NAME', 'X'), ('SUBSCRIPT', '_{1,i}'),
 ('POWER_NUMBER', '^{-1}')]
"""

from __future__ import annotations

import re

from indexcalc.errors import FormulaSyntaxError, Mark, Span
from indexcalc.syntax.latex.pieces import pieces
from indexcalc.syntax.latex.state import State, lexeme
from indexcalc.syntax.lexeme import Lexeme
from indexcalc.syntax.subscript import refusal

ITEMS = frozenset({"LETTER", "DIGIT", "WORD", "COMMA", "LPAR", "RPAR"})
LONGEST_SUPERSCRIPT = 40
NUMBER = re.compile(r"[-+−]?\d*\.?\d+")
LABEL = re.compile(r"[(\[](\d+)[)\]]")
ORDERS = re.compile(r"\(\d+(,\d+)+\)")  # derivatives by each argument of a function
MATRIX_POWERS = frozenset({"T", "-T", "⊤", "-⊤", "-1", "−1"})
SPELLED = {r"\prime": "'", r"\dagger": "†"}


# --- below ------------------------------------------------------------------------------------


def read_subscript(state: State) -> None:
    """`_{ij}`, `_{1,ij}`, `_{\\text{out}}` at the place."""
    sign = state.word
    start, end = state.group(state.position + 1)
    found = pieces(state.braced, start, end)
    outer = state.frames.get(end + 1)
    last = state.braced.words[end + 1 if outer is not None and outer.accent else end]
    _check_place(state, sign, found, last)
    if _is_square(state, found):
        found = found[:1]
    check_items(sign, found)
    state.position = end + 1
    while found and found[0].type == "WORD" and _names_part(state, found[0].text):
        name = state.out.pop()
        text = f"{name.text}_{found[0].text}"
        state.out.append(lexeme("NAME", text, name, last))
        found = found[2:] if len(found) > 1 and found[1].type == "COMMA" else found[1:]
    if not found:
        return
    text = "".join(part.text for part in found)
    if state.out and state.out[-1].type == "POWER_NUMBER" and state.out[-1].text != "^{-1}":
        _check_order(state, text, state.out[-1].span.to(last.span))
    state.write("SUBSCRIPT", f"_{{{text}}}", sign, last)
    _check_next(state, last)


def _is_square(state: State, found: list[Lexeme]) -> bool:
    """Whether this is the size of `I_{n \\times n}`."""
    texts = [part.text for part in found]
    identity = bool(state.out) and state.out[-1].text == "I"
    return identity and len(texts) == 3 and texts[1] == "×" and texts[0] == texts[2]


def _check_place(state: State, sign: Lexeme, found: list[Lexeme], last: Lexeme) -> None:
    """Refuse what TeX sets below and is no index: `\\Big|_{x=0}`, `\\{x_i\\}_{i=1}^n`, `ℝ^n_+`."""
    place = Mark(sign.span.to(last.span))
    text = "".join(part.text for part in found)
    if "=" in text and state.out and state.out[-1].type in {"BAR", "BAR_CLOSE"}:
        raise FormulaSyntaxError(
            "a derivative at a point is not read",
            place,
            hint="leave the point out: a derivative is taken at the variables as they are",
        )
    if "=" in text:
        raise FormulaSyntaxError(
            "the range of an index is not written here: it follows from the shapes",
            place,
            hint=r"leave it out, and declare the shape, as in  x \in \mathbb{R}^n",
        )
    if text in {"+", "++"}:
        trait = "nonnegative" if text == "+" else "positive"
        raise FormulaSyntaxError(
            f"the sign {text} below a set is not read", place, hint=f"write  x[n] {trait}"
        )


def check_items(sign: Lexeme, found: list[Lexeme]) -> None:
    """Raise `FormulaSyntaxError` for what cannot be an index, and if there is none."""
    expected = True
    for part in found:
        if part.type not in ITEMS or (part.type == "COMMA" and expected):
            raise refusal(part.span, part.text)
        expected = part.type == "COMMA"
    if expected:
        raise FormulaSyntaxError(
            "an index is missing", Mark(sign.span), hint="write  x_{i}  or  x_{batch, out}"
        )


def _names_part(state: State, word: str) -> bool:
    """Whether a word in a subscript belongs to the name: `W_{\\text{out}}`, `x_{\\max}`."""
    if not state.out or state.out[-1].type != "NAME":
        return False
    name = state.out[-1].text
    return f"{name}_{word}" in state.names.variables or (
        word != "∞" and len(word) > 1 and "_" not in name
    )


def _check_next(state: State, last: Lexeme) -> None:
    """`W_ij` is `W_{i}j` to TeX; refuse it where `j` is an index of the text."""
    braced = last.end > last.start
    if braced or state.kind_at(state.position) != "LETTER" or state.word.spaced:
        return
    following = state.word
    names = state.names
    marked = state.kind_at(state.position + 1) in {"UNDERSCORE", "CARET", "PRIME", "LPAR"}
    if marked or following.text in names.variables or following.text not in names.indices:
        return
    raise FormulaSyntaxError(
        f"without braces {following.text} is a factor behind the index, as TeX sets it",
        Mark(state.out[-1].span.to(following.span)),
        hint=f"write  _{{{state.out[-1].text[2:-1]}{following.text}}}  if it is an index too",
    )


# --- above ------------------------------------------------------------------------------------


def read_superscript(state: State) -> None:
    """`^T`, `^{-1}`, `^{(2)}`, `^{(2)T}`, `^{\\prime}`; else an exponent in braces.

    A circle before the exponent makes it a power entry by entry: `x^{\\circ 2}`.
    """
    sign, position = state.word, state.position
    start, end = state.group(position + 1)
    last = state.braced.words[end]
    if start + 1 < end and state.braced.words[start].text in {r"\circ", "∘"}:
        _read_entry_power(state, sign, start, end)
        return
    found = pieces(state.braced, start, end) if end - start <= LONGEST_SUPERSCRIPT else []
    text = "".join(_plain(state, part) for part in found)
    if ORDERS.fullmatch(text):
        state.write("LABEL", f"^{text}", sign, last)
        state.position = end + 1
        return
    label = LABEL.match(text)
    if label:
        _check_labels(state, sign, last, label[0][0])
        state.write("LABEL", f"^{{({label[1]})}}", sign, last)
        text = text[label.end() :]
        sign = next((part for part in found if part.start >= _end_of_label(found)), last)
        if not text:
            state.position = end + 1
            return
    if not _read_mark(state, text, sign, end):
        _read_exponent(state, text, sign, found)


def _read_mark(state: State, text: str, sign: Lexeme, end: int) -> bool:
    """Read a transpose, an inverse, a number, primes; whether it is one of these."""
    last = state.braced.words[end]
    if text in MATRIX_POWERS and state.out and state.out[-1].type == "SUBSCRIPT":
        _check_order(state, state.out[-1].text[2:-1], state.out[-1].span.to(last.span))
    if text in {"-", "−"}:
        raise FormulaSyntaxError(
            "TeX takes one sign for the power",
            Mark(sign.span.to(last.span)),
            hint="write  ^{-1}",
        )
    if state.below and text in {"T", "⊤", "'"}:
        _check_below(state, sign, last)
    elif not _write_mark(state, text, sign, last):
        return False
    state.position = end + 1
    return True


def _read_exponent(state: State, text: str, sign: Lexeme, found: list[Lexeme]) -> None:
    """Go into an exponent. Raises `FormulaSyntaxError` for one with several readings."""
    position = state.position
    last = state.braced.words[state.braced.partner[position + 1]]
    label = bool(LABEL.match("".join(part.text for part in found)))
    bracketed = re.fullmatch(r"\(\w\)|\[\w+\]", text)
    hermitian = [(part.type, part.text) for part in found] == [("WORD", "H")]
    if label or text in {"*", "+", "⋆", "†"} or bracketed or hermitian:
        raise _two_readings(sign.span.to(last.span).text, text, sign, last)
    state.write("CARET", "^", sign, sign)
    brace = state.braced.words[position + 1]
    state.write("LBRACE", "{", brace, brace)
    state.open(position + 1, [lexeme("RBRACE", "}", last, last)])


def _check_below(state: State, sign: Lexeme, last: Lexeme) -> None:
    """`∂²f/∂x∂x^T` is the Hessian, whose axes are those of the variables; `∂f/∂x^T` a row?"""
    if state.below > 1:
        return
    raise FormulaSyntaxError(
        "a transposed variable below tells a layout, and there are several",
        Mark(sign.span.to(last.span)),
        hint=r"write  \frac{\partial f}{\partial x}:  the axes of f, then those of x;"
        "\n"
        r"for a row write  \left(\frac{\partial f}{\partial x}\right)^\top",
    )


def _read_entry_power(state: State, sign: Lexeme, start: int, end: int) -> None:
    words = state.braced.words
    found = pieces(state.braced, start + 1, end) if end - start <= LONGEST_SUPERSCRIPT else []
    text = "".join(part.text for part in found)
    if NUMBER.fullmatch(text):
        state.write("POWER_NUMBER", f".^{{{text}}}", sign, words[end])
        state.position = end + 1
        return
    state.write("CARET", ".^", sign, words[start])
    state.write("LBRACE", "{", words[start], words[start])
    state.open(start - 1, [lexeme("RBRACE", "}", words[end], words[end])])
    state.position += 1


def _check_order(state: State, indices: str, span: Span) -> None:
    """`A_{ij}^{-1}` and `X^2_{ij}` are set one above the other: which comes first is not seen."""
    letters = sum(sign.isalpha() for sign in indices)
    name = state.out[-2].text if len(state.out) > 1 else ""
    if letters < 2 or f"{name}_{indices}" in state.names.variables:
        return
    raise FormulaSyntaxError(
        f"{span.text} has two readings: of the matrix, or of its component",
        Mark(span),
        hint=rf"write  ({name}^{{…}})_{{{indices}}}  for the matrix, "
        rf"({name}_{{{indices}}})^{{…}}  for the component",
    )


def _check_labels(state: State, sign: Lexeme, last: Lexeme, bracket: str) -> None:
    """`W^{[1]}` and `W^{(1)}` in one text are seldom one name: a layer and a sample."""
    state.labels.setdefault(bracket, lexeme("LABEL", bracket, sign, last))
    if len(state.labels) > 1:
        raise FormulaSyntaxError(
            "labels in two kinds of brackets have two readings: the same names, or others",
            *(Mark(place.span) for place in state.labels.values()),
            hint="write all with  ^{(1)},  and an index below:  W^{(1)}_{i}",
        )


def _end_of_label(found: list[Lexeme]) -> int:
    return next(part.end for part in found if part.type in {"RPAR", "RSQB"})


def _plain(state: State, part: Lexeme) -> str:
    """A transpose as ⊤ where it cannot be a variable, everything else as it is."""
    if part.text in SPELLED:
        return SPELLED[part.text]
    transposed = part.type == "TRANSPOSE" or (part.type == "WORD" and part.text in {"T", "t"})
    small = part.type == "LETTER" and part.text == "t" and "t" not in state.names.variables
    return "⊤" if transposed or small else part.text


def _write_mark(state: State, text: str, sign: Lexeme, last: Lexeme) -> bool:
    """Write a superscript that is more than an exponent; whether it is one."""
    if text in {"T", "-T", "−T"}:
        state.write("POWER_T", f"^{text}", sign, last)
    elif text == "⊤":
        state.write("TRANSPOSE", "⊤", sign, last)
    elif text in {"-⊤", "−⊤"}:
        state.write("POWER_T", "^{-⊤}", sign, last)
    elif NUMBER.fullmatch(text):
        state.write("POWER_NUMBER", f"^{{{text}}}", sign, last)
    elif text and not text.strip("'′"):
        state.write("PRIME", "'" * len(text), sign, last)
    else:
        return False
    return True


def _two_readings(shown: str, text: str, sign: Lexeme, last: Lexeme) -> FormulaSyntaxError:
    if re.fullmatch(r"\(\w\)", text):
        message = f"{shown} has two readings: an index, or a power"
        hint = f"write  _{{{text[1:-1]}}}  for an index,  ^{{{text[1:-1]}}}  for a power"
    elif text.startswith("["):
        message = f"{shown} has two readings: a label, or a power"
        hint = f"write  ^{{({text[1:-1]})}}  for a label,  ^{{{text[1:-1]}}}  for a power"
    else:
        message = f"the superscript {shown} has more than one reading"
        hint = r"write  ^\top  or  ^{-1}  or a name of its own:  \hat{x}  or  x_{\text{opt}}"
    return FormulaSyntaxError(message, Mark(sign.span.to(last.span)), hint=hint)
