"""Which letters of a formula are seen from outside, and which parts of it are written otherwise.

In: an arranged formula. Out: for each record its parts as they are shown, its letters, and those of
them that nothing inside sums over. Made bottom-up, with an explicit stack.

>>> from fractions import Fraction
>>> from indexcalc.notation.formula import SymbolKind
>>> from indexcalc.notation.names import NameStyle
>>> A = Symbol(SymbolKind.VARIABLE, "A", ("i", "k"))
>>> x = Symbol(SymbolKind.VARIABLE, "x", ("k",))
>>> scope = scope_of([Product(Fraction(1), (), (), (A, x), ())], Spelling(NameStyle()))
>>> scope.letters(A), [scope.loose(part) for part in (A, scope.roots[0])]
(('i', 'k'), [('i', 'k'), ('i',)])
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from indexcalc.errors import LimitError
from indexcalc.notation.formula import (
    Applied,
    Folded,
    Formula,
    Indices,
    Product,
    Symbol,
    part_list,
)
from indexcalc.notation.spelling import Spelling, unhidden_function

MOST_PARTS = 2_000
TOO_LARGE = "give names to parts of the formula in the program, and draw it in terms of them"


@dataclass(slots=True)
class Scope:
    """What is known of each record, by identity."""

    roots: Sequence[Formula]
    _shown: dict[int, Formula] = field(default_factory=dict)
    _letters: dict[int, Indices] = field(default_factory=dict)
    _loose: dict[int, Indices] = field(default_factory=dict)
    _kept: list[Formula] = field(default_factory=list)

    def shown(self, formula: Formula) -> Formula:
        """The record itself, or the same in words that the program has not taken."""
        return self._shown.get(id(formula), formula)

    def letters(self, formula: Formula) -> Indices:
        """All letters in it that could belong to something around it, first one first."""
        return self._letters[id(self.shown(formula))]

    def loose(self, formula: Formula) -> Indices:
        """Those of its letters that are free in it, if nothing around it says which are."""
        return self._loose[id(self.shown(formula))]

    def add(self, formula: Formula, spelling: Spelling) -> list[Formula]:
        """Decide how a record is shown; its parts in that form."""
        shown = formula
        if isinstance(formula, Applied) and not formula.orders:
            shown = unhidden_function(formula, spelling)
        if shown is not formula:
            self._shown[id(formula)] = shown
            self._kept.append(shown)
        return list(inside(shown))

    def finish(self, formula: Formula) -> None:
        """Find the letters of a record whose parts are finished."""
        shown = self.shown(formula)
        self._letters[id(shown)] = self._letters_of(shown)
        self._loose[id(shown)] = self._loose_of(shown)

    def _letters_of(self, part: Formula) -> Indices:
        match part:
            case Symbol(indices=indices):
                return _unique(indices)
            case Applied(indices=indices) if indices:
                return _unique(indices)
            case Product(sums=bound) | Folded(indices=bound):
                found = _unique(a for inner in inside(part) for a in self.letters(inner))
                return tuple(letter for letter in found if letter not in bound)
            case _:
                return _unique(a for inner in inside(part) for a in self.letters(inner))

    def _loose_of(self, part: Formula) -> Indices:
        match part:
            case Symbol(indices=indices):
                return _once(indices)
            case Applied(indices=indices) if indices:
                return _once(indices)
            case Product(sums=sums):
                found = _once([a for inner in inside(part) for a in self.loose(inner)])
                return tuple(letter for letter in found if letter not in sums)
            case Folded(indices=bound, body=body):
                return tuple(letter for letter in self.loose(body) if letter not in bound)
            case _:
                return _unique(a for inner in inside(part) for a in self.loose(inner))


def scope_of(roots: Sequence[Formula], spelling: Spelling) -> Scope:
    """Analyse the formulas. Raises `LimitError` if there is too much to be drawn."""
    scope = Scope(roots)
    count = 0
    stack: list[tuple[Formula, bool]] = [(root, False) for root in roots]
    while stack:
        formula, done = stack.pop()
        if done:
            scope.finish(formula)
            continue
        count += 1
        if count > MOST_PARTS:
            raise LimitError(
                f"a formula of more than {MOST_PARTS:,} parts is not drawn", hint=TOO_LARGE
            )
        stack.append((formula, True))
        stack.extend((part, False) for part in scope.add(formula, spelling))
    return scope


def inside(formula: Formula) -> tuple[Formula, ...]:
    """The records directly inside, those of a call of a whole tensor included."""
    return formula.arguments if isinstance(formula, Applied) else part_list(formula)


def _unique(letters: Iterable[str]) -> Indices:
    return tuple(dict.fromkeys(letters))


def _once(letters: Sequence[str]) -> Indices:
    return tuple(letter for letter, times in Counter(letters).items() if times == 1)
