"""What a name or a function is called where a program may have taken the usual word.

In: the names of a program. Out: the first spelling of a constant that is still free, and functions
in other words where their own means something else. Both alphabets, text and LaTeX, ask here.

>>> spelling = Spelling(NameStyle(), frozenset({"π"}))
>>> unhidden(CONSTANTS["pi"], spelling)
'acos(-1)'
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexcalc.errors import FormulaError
from indexcalc.notation.formula import Applied, Formula
from indexcalc.notation.names import NameStyle
from indexcalc.notation.spelled_out import ALWAYS, spelled_out

# spellings, each for when the program uses those before as names of its own
CONSTANTS = {"pi": ("π", "acos(-1)"), "e": ("e", "exp(1)"), "levi_civita": ("ε",)}
DELTAS = ("δ", "I")
IDENTITIES = ("I", "eye")


@dataclass(frozen=True, slots=True)
class Spelling:
    """How names are spelled, all names that are in use, and whether tensors have no indices."""

    names: NameStyle
    known: frozenset[str] = frozenset()
    whole: bool = False


def unhidden(spellings: Sequence[str], spelling: Spelling) -> str:
    """The first spelling that is no name of the program; `FormulaError` if all are."""
    for text in spellings:
        if text not in spelling.known:
            return text
    raise FormulaError(f"{spellings[0]} is a name of the program and hides what is to be printed")


def unhidden_function(part: Applied, spelling: Spelling) -> Formula:
    """The same in other words if there is no such function, or its name means something else.

    Raises `FormulaError` if there are no other words.
    """
    while part.name in spelling.known or part.name in ALWAYS:
        other = spelled_out(part.name, part.arguments[0])
        if other is None:
            raise FormulaError(
                f"{part.name} is a name of the program and hides the function {part.name}, which "
                "the result needs"
            )
        if not isinstance(other, Applied):
            return other
        part = other
    return part
