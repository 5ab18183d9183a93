"""Names as they are lettered in a picture, and how wide they come out.

In: a canonical name. Out: runs of text, each italic, upright, lowered or raised. A single letter is
italic, a word upright, what follows an underscore and a number behind a name are subscripts, and so
are the letters that tell the order of axes. Widths are estimates by kind of character, on the wide
side, since the viewer picks the font.

>>> [(run.text, run.style.value) for run in lettered("W1")]
[('W', 'italic'), ('1', 'sub')]
>>> plain(lettered("loss_out", below="i")), plain(upright("+"))
('loss_out,i', '+')
>>> plain(with_axes(lettered("W1"), ("i", "j")))
'W_1_,ij'
>>> 15 < width(lettered("W1"), 16.0) < 30
True
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from unicodedata import combining, east_asian_width, normalize

_NUMBERED = re.compile(r"(?P<stem>[^_]*?[^_0-9])(?P<label>[0-9]+)")
_WIDTHS = {  # in ems, for DejaVu Serif, which is wider than most
    **dict.fromkeys("iljtfI.,'′|!:;()[]{} -·", 0.42),
    **dict.fromkeys("rJs", 0.54),
    **dict.fromkeys("mwQOGDHNUΩΘΦΨΠψω@%=+−<>≤≥≠∂Σ", 0.95),
    **dict.fromkeys("MW", 1.06),
}


class Style(Enum):
    """How a run of text is set."""

    ITALIC = "italic"
    UPRIGHT = "upright"
    SUB = "sub"
    SUP = "sup"
    AXES = "axes"


SMALL = 0.68  # size of what is lowered or raised
SHIFTS = {Style.SUB: 0.22, Style.AXES: 0.22, Style.SUP: -0.38}  # how far down, per size of type


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one style."""

    text: str
    style: Style


Lettering = tuple[Run, ...]


def lettered(name: str, below: str = "") -> Lettering:
    """A name with its labels; `below` is added to the subscript."""
    stem, *rest = [part for part in name.split("_") if part] or [name]
    numbered = _NUMBERED.fullmatch(stem)
    if numbered:
        stem, rest = numbered["stem"], [numbered["label"], *rest]
    labels = [*rest, below] if below else rest
    runs = [word(stem)]
    if labels:
        runs.append(Run(",".join(labels), Style.SUB))
    return tuple(runs)


def with_axes(name: Lettering, letters: Sequence[str]) -> Lettering:
    """The name with letters for its axes, with commas if one of them is a word."""
    if not letters:
        return name
    comma = "," if any(len(letter) > 1 for letter in letters) else ""
    behind = "," if name and name[-1].style is Style.SUB else ""
    return (*name, Run(behind + comma.join(letters), Style.AXES))


def word(text: str) -> Run:
    """One letter, whatever its accents, in italics; a word upright."""
    letters = sum(not combining(character) for character in normalize("NFC", text))
    is_letter = letters == 1 and text[0].isalpha()
    return Run(text, Style.ITALIC if is_letter else Style.UPRIGHT)


def upright(text: str) -> Lettering:
    """Signs and numbers."""
    return (Run(text, Style.UPRIGHT),) if text else ()


def plain(lettering: Lettering) -> str:
    """The text without its styles: `W_1`, `x^2`."""
    marks = {Style.SUB: "_", Style.SUP: "^", Style.AXES: "_"}
    return "".join(marks.get(run.style, "") + run.text for run in lettering)


def width(lettering: Lettering, size: float) -> float:
    """How wide it comes out at a font size, at most, as a rule."""
    total = 0.0
    for run in lettering:
        scale = SMALL if run.style in SHIFTS else 1.0
        total += scale * sum(map(_em, normalize("NFC", run.text)))
    return total * size


def _em(character: str) -> float:
    if combining(character):
        return 0.0
    if east_asian_width(character) in "WF":
        return 1.05
    return _WIDTHS.get(character, 0.77 if character.isupper() else 0.68)
