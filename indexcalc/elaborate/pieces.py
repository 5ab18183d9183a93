"""Pieces of a text: strings that are done, and terms that are still to be written.

In: the factors of a product, or a part of a sum or of a function. Out: pieces in their order.

>>> bracketed(["a", " + ", "b"], needed=True)
['(', 'a', ' + ', 'b', ')']
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from indexcalc.elaborate.arrangement import (
    Part,
    Role,
    is_repeated_scalar,
    may_be_called,
    opens_bracket,
)
from indexcalc.elaborate.spelling import Place, number_text
from indexcalc.elaborate.term import Term


@dataclass(frozen=True, slots=True)
class Task:
    """A term to be written.

    `once` are its axes whose letter must not be repeated; `ordered` tells that the letters must
    first appear in the order of the axes, whatever a left-hand side says.
    """

    term: Term
    letters: tuple[str, ...]
    place: Place
    once: frozenset[int]
    taken: frozenset[str]
    ordered: bool = False


Piece = str | Task


def entry(term: Term, task: Task, place: Place, indexed: bool) -> Task:
    """A part that has the axes of the whole; a repeated scalar stands without them."""
    if not indexed and is_repeated_scalar(term):
        (scalar,) = term.arguments
        return Task(scalar, (), place, frozenset(), task.taken)
    return Task(term, task.letters, place, task.once, task.taken)


def bracketed(pieces: list[Piece], needed: bool) -> list[Piece]:
    """The pieces, in brackets if they are needed."""
    return ["(", *pieces, ")"] if needed else pieces


def joined(
    coefficient: Fraction, sign: str, parts: Sequence[Part], tasks: Sequence[Piece]
) -> list[Piece]:
    """Coefficient, sum sign, factors and divisors with the signs between them."""
    pieces: list[Piece] = []
    divisors: list[Piece] = []
    callable_before = False
    for part, piece in zip(parts, tasks, strict=True):
        if part.role is Role.DIVISOR:
            divisors += ["/", piece]
            continue
        if pieces:
            pieces.append(" * " if callable_before and opens_bracket(part) else " ")
        pieces.append(piece)
        callable_before = may_be_called(part)
    if not pieces:
        return [sign, number_text(coefficient, Place.TERM), *divisors]
    number = f"{number_text(coefficient, Place.TERM)} " if coefficient != 1 else ""
    return [number, sign, *pieces, *divisors]
