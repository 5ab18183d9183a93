"""Choice of index letters, for any alphabet that is printed later.

In: the letters that are free, and wishes for each dummy index. Out: letters that clash with none
in use. What is in use is a set of bits that can be put aside and joined again: the factors of a
product share one, each term of a sum starts from the same.

>>> letters = Letters(free=["i", "j"], avoid=["k"])
>>> letters.fresh(["j", "q"]), letters.fresh(), letters.fresh()
('q', 'l', 'm')
>>> before = letters.used
>>> letters.fresh()
'n'
>>> letters.used = before  # another term of the same sum
>>> letters.fresh()
'n'
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, count, product
from unicodedata import normalize

LATIN = "ijklmnpqrstuvwabcdfgho"
GREEK = "αβγκμνρστηζξφχψω"
RARE = "xyzIJKLMNPQRSUVWABCDEFGHOXYZΓΘΛΞΠΦΨΩ"
ACCENTS = "\u0302\u0303\u0304\u0307\u0308\u030a\u030c"
FIRST_IDEOGRAPH = 0x4E00


class Letters:
    """Letters in use, and an endless supply of others, each of them one letter.

    `avoid` are letters that would confuse (names of variables, of extents): taken late only.
    """

    def __init__(self, free: Sequence[str], avoid: Collection[str] = ()) -> None:
        alphabet = _alphabet(free)
        order = [a for a in alphabet if a not in avoid] + [a for a in alphabet if a in avoid]
        self._letters: list[str] = []  # letter by number of its bit
        self._bits: dict[str, int] = {}
        self._supply = self.mask(order)  # the lowest bit is the best letter
        self._more = chain(RARE, (a + b for b, a in product(ACCENTS, LATIN)), _ideographs())
        self.used = self.mask(free)

    def mask(self, letters: Iterable[str]) -> int:
        """A set of letters as bits."""
        bits = 0
        for letter in letters:
            if letter not in self._bits:
                self._bits[letter] = 1 << len(self._letters)
                self._letters.append(letter)
            bits |= self._bits[letter]
        return bits

    def fresh(self, wishes: Iterable[str] = ()) -> str:
        """A letter that is not in use, the first wish if possible; it is in use from now on."""
        for letter in wishes:
            if letter.isalpha() and not self.mask((letter,)) & self.used:
                self.used |= self.mask((letter,))
                return letter
        while not self._supply & ~self.used:
            self._supply |= self.mask((normalize("NFC", next(self._more)),))
        unused = self._supply & ~self.used
        best = unused & -unused
        self.used |= best
        return self._letters[best.bit_length() - 1]


def _ideographs() -> Iterator[str]:
    return (chr(code) for code in count(FIRST_IDEOGRAPH))


def _alphabet(free: Sequence[str]) -> str:
    """Greek letters first where the text uses only those."""
    single = [letter for letter in free if len(letter) == 1]
    greek = bool(single) and all("α" <= letter <= "ω" for letter in single)
    return GREEK + LATIN if greek else LATIN + GREEK
