"""Which indices occur in an expression: open to the outside, or summed within.

In: the occurrences in parts. Out: those in the whole; an `IndexNotationError` that writes both
readings if an index is summed inside one part and occurs in another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from indexcalc.elaborate.both_readings import Setting, summed_and_outside
from indexcalc.errors import LimitError, Mark, Span
from indexcalc.syntax.tree import Tree

MOST_OPEN = 64
MOST_PLACES = 4


@dataclass(slots=True)
class Place:
    """How often an open index occurs in a term, and where first."""

    count: int
    span: Span


@dataclass(slots=True)
class Occurrences:
    """Open indices by first appearance; indices summed within, with the terms that sum them.

    `repeated` holds free indices that occur more than once in a term.
    """

    open: dict[str, Place] = field(default_factory=dict)
    hidden: dict[str, list[Tree]] = field(default_factory=dict)
    repeated: dict[str, list[Tree]] = field(default_factory=dict)

    def add_letters(self, letters: Iterable[str], span: Span) -> None:
        """Count indices that stand at one place."""
        for letter in letters:
            if letter in self.open:
                self.open[letter].count += 1
            else:
                self.open[letter] = Place(1, span)
        if len(self.open) > MOST_OPEN:
            raise LimitError(f"a term has more than {MOST_OPEN} open indices", Mark(span))

    def hide(self, letter: str, term: Tree) -> None:
        """Close an index: it is summed, or used up by a function, in `term`."""
        self.open.pop(letter, None)
        self.hidden.setdefault(letter, []).append(term)

    def add_term(self, other: Occurrences) -> None:
        """Add what occurs in another term of the same sum: terms are independent."""
        for letter, place in other.open.items():
            self.open.setdefault(letter, Place(1, place.span))
        self._add_hidden(other)
        self.repeated.update(other.repeated)

    def add_factor(self, other: Occurrences, whole: Tree, part: Tree, setting: Setting) -> None:
        """Add what occurs in another factor of the same term.

        `part` is the factor. Raises `IndexNotationError` for an index that one sums and the other
        has.
        """
        clash = (
            _shared(self.hidden, other.hidden)
            or _shared(other.open, self.hidden)
            or _shared(self.open, other.hidden)
        )
        if clash is not None:
            terms = [*self.hidden.get(clash, ()), *other.hidden.get(clash, ())]
            place = self.open.get(clash) or other.open.get(clash)
            raise summed_and_outside(
                clash,
                setting,
                whole,
                terms,
                place.span if place else part.span,
                once=place is not None and place.count == 1 and not setting.bare,
            )
        for letter, place in other.open.items():
            if letter in self.open:
                self.open[letter].count += place.count
            else:
                self.open[letter] = Place(place.count, place.span)
        self._add_hidden(other)
        self.repeated.update(other.repeated)

    def _add_hidden(self, other: Occurrences) -> None:
        small, large = sorted((self.hidden, other.hidden), key=len)
        for letter, terms in small.items():
            places = large.setdefault(letter, [])
            places += terms[: max(0, MOST_PLACES - len(places))]
        self.hidden = large


def _shared(left: Collection[str], right: Collection[str]) -> str | None:
    """An index in both; time goes with the smaller one."""
    small, large = sorted((left, right), key=len)
    return next((letter for letter in small if letter in large), None)
