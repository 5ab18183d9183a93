"""How the names of a program are spelled, ordered and kept apart.

In: what the program wrote (names by statement, letters of axes). Out: for each canonical name its
spelling and its place in the reader's order, and names that are still free.

>>> style = NameStyle(spelling={"W1": "W_1"}, statements=(("a", "W1", "x"), ("f", "w", "a")))
>>> style.spelled("W1"), style.spelled("x")
('W_1', 'x')
>>> sorted(["x", "a", "w", "W1"], key=style.rank)  # from the result down to the input
['w', 'a', 'W1', 'x']
>>> next(style.fresh_names("t", {"t1"}))
't2'
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from indexcalc.ir.extent import Extent

Rank = tuple[int, int, str]
LAST: Rank = (1 << 30, 0, "")


@dataclass(frozen=True, slots=True)
class NameStyle:
    """The program's own way of writing; everything may be left out.

    `spelling` maps a canonical name to the printed one; `statements` lists the names of each
    statement in order of occurrence; `axes` gives the letters a name is usually written with,
    `letters` those of an extent, best first; `taken` are further names not to be used; `rows` are
    vectors that the program defines as rows.
    """

    spelling: Mapping[str, str] = field(default_factory=dict)
    statements: Sequence[Sequence[str]] = ()
    axes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    letters: Mapping[Extent, Sequence[str]] = field(default_factory=dict)
    taken: Collection[str] = ()
    rows: Collection[str] = ()

    def spelled(self, name: str) -> str:
        """The name as the program writes it."""
        return self.spelling.get(name, name)

    def ranks(self) -> dict[str, Rank]:
        """Rank of each name that occurs in a statement, by its first occurrence."""
        found: dict[str, Rank] = {}
        for number, names in enumerate(self.statements):
            for position, name in enumerate(names):
                found.setdefault(name, (-number, position, name))
        return found

    def rank(self, name: str) -> Rank:
        """Place in the reader's order: later statements first, then as written, then the rest."""
        return self.ranks().get(name, (1, 0, name))

    def known(self) -> frozenset[str]:
        """Every name that may not be given to something new."""
        listed = {name for names in self.statements for name in names}
        return frozenset({*self.spelling, *self.spelling.values(), *self.taken, *listed})

    def fresh_names(self, stem: str, used: Collection[str]) -> Iterator[str]:
        """`t1`, `t2`, … without those that the program or `used` has."""
        known = self.known() | frozenset(used)
        return (name for k in count(1) if (name := f"{stem}{k}") not in known)
