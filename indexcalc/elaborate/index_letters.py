"""Letters for indices: the user's own where there are any, else the usual ones.

In: labels that want letters, and the letters that are in use around them. Out: one letter each.

>>> fresh_letters(3, frozenset("j"))
['i', 'k', 'l']
>>> subscript("W", "ij", set()), subscript("x", ["batch", "out"], set()), subscript("y", "", set())
('_ij', '_{batch,out}', '')
>>> from indexcalc.ir.extent import Extent
>>> p, n, m = (Extent.named(name) for name in "pnm")
>>> grouped((p * n, m), (p, n, m), "srq")
'(sr)q'
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Sequence

from indexcalc.elaborate.names import GREEK, canonical, split_letters
from indexcalc.errors import LimitError
from indexcalc.ir.extent import ONE, Shape

LETTERS = "ijklmnpqrstuvwabcdfghxyzαβγζηθκλμνξρτφχψω"
ACCENTS = ("", "\u0301", "\u0300", "\u0302", "\u0303", "\u0308", "\u0304")
MOST_LETTERS = len(LETTERS) * len(ACCENTS)


def _all_letters() -> Iterator[str]:
    for accent in ACCENTS:
        for letter in LETTERS:
            yield unicodedata.normalize("NFC", letter + accent)


def fresh_letters(count: int, taken: Collection[str]) -> list[str]:
    """The first letters that are not taken. Raises `LimitError` if there are too few."""
    found: list[str] = []
    letters = _all_letters()
    while len(found) < count:
        letter = next(letters, None)
        if letter is None:
            raise LimitError(f"more than {MOST_LETTERS} indices in one term cannot be written out")
        if letter not in taken:
            found.append(letter)
    return found


def is_typed(letter: str) -> bool:
    """Whether a letter of a term is one that the user wrote."""
    return letter[:1].isalpha()


def subscript(name: str, letters: Sequence[str], names: Collection[str]) -> str:
    """Indices as they are put on `name`; with commas where they could be read in another way."""
    if not letters:
        return ""
    joined = "".join(letters)
    spelled = len(letters) > 1 and (joined in GREEK or canonical(joined) != joined)
    short = all(len(split_letters(letter)) == 1 for letter in letters)
    if short and not spelled and f"{name}_{joined}" not in names:
        return f"_{joined}"
    return f"_{{{','.join(letters)}}}"


def grouped(whole: Shape, parts: Shape, letters: Sequence[str]) -> str | None:
    """Letters of `parts` in brackets where several make one axis of `whole`: `(sr)q`.

    None if the shapes do not tell the groups.
    """
    text = ""
    rest = list(zip(parts, letters, strict=True))[::-1]
    for extent in whole:
        size, group = ONE, ""
        while rest and (size != extent or not group):
            part, letter = rest.pop()
            size, group = size * part, group + letter
        if size != extent or not group:
            return None
        text += group if len(split_letters(group)) == 1 else f"({group})"
    return None if rest else text
