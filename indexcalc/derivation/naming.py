"""Names that are still free, for differentials and for inner functions.

In: the names of a program and letters of its indices. Out: names that nothing else has:
Greek letters for scalars, small Latin ones for vectors, capitals for matrices, as most people
write.

>>> names = Names({"α", "x", "dx"}, {"i", "j"})
>>> names.differential("y"), names.differential("x"), names.differential("et")
('dy', 'Δx', 'Δet')
>>> names.inner(0), names.inner(0), names.inner(1), names.inner(2)
('β', 'γ', 'z', 'Z')
>>> names.value(0), names.value(1)
('f', 'g')
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import chain, count

from indexcalc.elaborate.vocabulary import FUNCTIONS

SIGNS = ("d", "Δ", "D")
SCALARS = "αβγηκμνρτφψωξζ"
VECTORS = "zurvsthqgpc"
MATRICES = "ZURVSHQGPFM"
VALUES = ("fgφhψ", "gfhyuvqpr", "GFHYQPRVU")
# what these say without being declared; d with `et` behind it would be the determinant
LETTERS = ("e", "π", "pi", "δ", "ε", "I", "T", "d", "Σ", "1", "delta")
MEANT = frozenset({*LETTERS, *FUNCTIONS})


class Names:
    """The names in use, and a supply of others; `letters` are indices, which no name should be."""

    def __init__(self, used: Iterable[str], letters: Collection[str] = ()) -> None:
        self._used = set(used) | MEANT
        self._letters = frozenset(letters)

    def differential(self, name: str) -> str:
        """`dW` for `W`, or `ΔW` where `dW` is a name of the program already."""
        signs = chain(SIGNS, (f"d{k}" for k in count(1)))
        return self._first(f"{sign}{name}" for sign in signs)

    def inner(self, rank: int) -> str:
        """A name for an inner function with so many axes."""
        alphabet = (SCALARS, VECTORS, MATRICES)[min(rank, 2)]
        return self._letter(alphabet)

    def value(self, rank: int) -> str:
        """A name for what is differentiated, or for a derivative that is used further."""
        return self._letter(VALUES[min(rank, 2)])

    def _letter(self, alphabet: str) -> str:
        free = (letter for letter in alphabet if letter not in self._letters)
        return self._first(chain(free, _numbered(alphabet[0])))

    def _first(self, names: Iterable[str]) -> str:
        found = next(name for name in names if name not in self._used)
        self._used.add(found)
        return found


def _numbered(stem: str) -> Iterator[str]:
    return (f"{stem}{number}" for number in count(1))
