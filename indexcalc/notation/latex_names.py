r"""Names, numbers and indices in LaTeX.

In: a canonical name of the program and its indices. Out: LaTeX: Greek letters and accents as
commands, a number behind a name as a label before the indices (a superscript would be taken for a
power), words upright, indices of several letters in italics.

>>> print(named("W1", ("i", "j")), named("ŷ", ("β",)), named("W_out"), named("loss"))
W_{1,ij} \hat{y}_{\beta} W_{\mathrm{out}} \mathrm{loss}
>>> print(joined([r"\lambda", "x", r"\, ", r"\alpha", r"\, ", "b"]))
\lambda x\, \alpha\, b
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from unicodedata import combining, normalize

from indexcalc.errors import FormulaError

_SMALL = (
    "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
    "varsigma sigma tau upsilon phi chi psi omega"
)
_CAPITAL = {"Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi",
            "Σ": "Sigma", "Υ": "Upsilon", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega"}  # fmt: skip
_VARIANTS = {"ϵ": "epsilon", "ϑ": "vartheta", "ϕ": "varphi", "ϱ": "varrho", "ϖ": "varpi",
             "ℓ": "ell", "ħ": "hbar"}  # fmt: skip
GREEK = {
    **{chr(ord("α") + place): name for place, name in enumerate(_SMALL.split())},
    **_CAPITAL,
    **_VARIANTS,
}
ACCENTS = {
    "\u0300": "grave", "\u0301": "acute", "\u0302": "hat", "\u0303": "tilde", "\u0304": "bar",
    "\u0306": "breve", "\u0307": "dot", "\u0308": "ddot", "\u030a": "mathring", "\u030c": "check",
}  # fmt: skip
_NUMBERED = re.compile(r"(?P<stem>[^_]*?[^_0-9])(?P<label>[0-9]+)")
_OPEN_COMMAND = re.compile(r"\\[A-Za-z]+$")


def named(name: str, indices: Sequence[str] = (), groups: Sequence[int] = ()) -> str:
    """The name with its label and indices; `groups` as in `Symbol`."""
    stem, labels = _taken_apart(name)
    parts = [*labels, index_run(indices, groups)] if indices else labels
    return word(stem) + (_script(",".join(parts)) if parts else "")


def function_name(name: str) -> str:
    """The head of a call: one letter as it is, a word as an operator."""
    stem, labels = _taken_apart(name)
    head = word(stem) if len(_graphemes(stem)) == 1 else _upright("operatorname", stem)
    return head + (_script(",".join(labels)) if labels else "")


def subscript(indices: Sequence[str], groups: Sequence[int] = ()) -> str:
    """`_i`, `_{ij}`, `_{\\mathit{batch},i}`; nothing without indices."""
    return _script(index_run(indices, groups)) if indices else ""


def bound(indices: Sequence[str]) -> str:
    """`_{i}`, `_{i,j}`: what stands below a sum sign."""
    return "_{" + ",".join(map(_letter, indices)) + "}"


def index_run(indices: Sequence[str], groups: Sequence[int] = ()) -> str:
    """Letters side by side, words with commas between, shared axes in parentheses."""
    spelled = [_letter(index) for index in indices]
    if groups:
        if any(len(_graphemes(index)) > 1 for index in indices):
            raise FormulaError(f"the long index names {', '.join(indices)} cannot share an axis")
        runs: list[str] = []
        for count in groups:
            run, spelled = joined(spelled[:count]), spelled[count:]
            runs.append(f"({run})" if count > 1 else run)
        return joined(runs)
    words = any(len(_graphemes(index)) > 1 for index in indices)
    return ",".join(spelled) if words else joined(spelled)


def word(stem: str) -> str:
    """One letter, with its accents as commands, or a word set upright."""
    letters = _graphemes(stem)
    return _accented(letters[0]) if len(letters) == 1 else _upright("mathrm", stem)


def number(value: Fraction, text: str) -> str:
    r"""The number that is `text` in the language: `\frac{1}{2}`, `0.2`, `-3`."""
    if "/" not in text:
        return text
    sign = "-" if value < 0 else ""
    return rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"


def joined(chunks: Iterable[str]) -> str:
    """The chunks as one text, with a blank where a command would run into a letter."""
    out: list[str] = []
    tail = ""
    for chunk in chunks:
        if not chunk:
            continue
        if chunk[0].isalpha() and _OPEN_COMMAND.search(tail):
            out.append(" ")
        out.append(chunk)
        tail = chunk
    return "".join(out)


def _letter(index: str) -> str:
    """One letter, or a word in italics: an upright word in a subscript is part of the name."""
    if len(_graphemes(index)) == 1:
        return _accented(index)
    plain = index.rstrip("0123456789")
    return (
        _upright("mathit", index)
        if len(_graphemes(plain)) > 1
        else word(plain) + index[len(plain) :]
    )


def _taken_apart(name: str) -> tuple[str, list[str]]:
    """`W_out2` is `W` with `out2`; `W12` is `W` with `12`."""
    stem, *rest = [part for part in name.split("_") if part] or [name]
    labels = [part if part.isdigit() else _upright("mathrm", part) for part in rest]
    numbered = _NUMBERED.fullmatch(stem)
    if numbered:
        return numbered["stem"], [numbered["label"], *labels]
    return stem, labels


def _script(inside: str) -> str:
    return f"_{inside}" if len(inside) == 1 else f"_{{{inside}}}"


def _upright(font: str, stem: str) -> str:
    letters = (_accented(letter) for letter in _graphemes(stem))
    return rf"\{font}{{{joined(letters)}}}"


def _graphemes(text: str) -> list[str]:
    """Letters, each with the accents on it, as single characters where there are such."""
    letters: list[str] = []
    for character in normalize("NFC", text):
        if combining(character) and letters:
            letters[-1] += character
        else:
            letters.append(character)
    return letters


def _accented(letter: str) -> str:
    apart = normalize("NFD", letter)
    base, marks = apart[0], apart[1:]
    if any(mark not in ACCENTS for mark in marks):
        return letter
    shown = rf"\{GREEK[base]}" if base in GREEK else base
    for mark in marks:
        shown = rf"\{ACCENTS[mark]}{{{shown}}}"
    return shown
