"""Where a formula needs brackets, and where its sign goes.

In: a `Formula` and the place where it stands. Out: whether the rules of precedence ask for
brackets there. Both alphabets, text and LaTeX, ask here.

>>> from indexcalc.notation.formula import SymbolKind
>>> x = Symbol(SymbolKind.VARIABLE, "x", ("i",))
>>> needs_brackets(Total((x, x)), Place.FACTOR), needs_brackets(Total((x, x)), Place.OPEN)
(True, False)
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from fractions import Fraction
from typing import assert_never

from indexcalc.notation.formula import (
    Applied,
    Compared,
    EntryPower,
    Folded,
    Formula,
    Inverted,
    Joined,
    Literal,
    Product,
    Raised,
    Symbol,
    Total,
    Transposed,
)

HALF = Fraction(1, 2)


class Place(Enum):
    """Where a formula stands, which decides whether it needs brackets."""

    OPEN = "alone, or between brackets and commas"
    TERM = "a term of a sum"
    FACTOR = "a factor of a product"
    LAST = "the last factor, with nothing behind it"
    OPERAND = "beside an operator between matrices, or a product of one kind beside another"
    TIGHT = "the base of a power, or a denominator"


Token = str | tuple[Formula, Place]
"""What is printed, or a part and where it stands."""


def needs_brackets(part: Formula, place: Place) -> bool:
    """Whether the part must stand in brackets at the place."""
    match part:
        case Symbol() | Applied() | Compared():
            return False
        case Transposed() | Inverted():
            return place is Place.TIGHT
        case Literal(value=value):
            tight = place in (Place.TIGHT, Place.OPERAND)
            return tight and (value < 0 or value.denominator > 1)
        case Product() | Joined():
            return place not in (Place.OPEN, Place.TERM)
        case Total():
            return place is not Place.OPEN
        case Raised(exponent=exponent) | EntryPower(exponent=exponent):
            return place is Place.TIGHT and exponent != HALF
        case Folded():
            return place not in (Place.OPEN, Place.TERM, Place.LAST)
        case _:
            assert_never(part)


def place_of_factors(part: Product) -> Place:
    """Where factors stand: `c A ⊙ B` has scalars, and one product of another kind behind them."""
    alone = len(part.factors) == 1 and isinstance(part.factors[0], Joined)
    return Place.TERM if alone and not part.denominators else Place.FACTOR


def starts_negative(term: Formula) -> bool:
    """Whether a minus sign stands in front."""
    match term:
        case Product(coefficient=coefficient):
            return coefficient < 0
        case Literal(value=value):
            return value < 0
        case _:
            return False


def negated(term: Formula) -> Formula:
    """The term with the other sign in front, if it can have one."""
    match term:
        case Product(c, leading, sums, factors, denominators):
            return Product(-c, leading, sums, factors, denominators)
        case Literal(value=value):
            return Literal(-value)
        case _:
            return term


def starts_plainly(body: Formula) -> bool:
    """Whether a sum sign before this cannot be taken for a call that ends at a bracket."""
    if isinstance(body, Product):
        if body.coefficient < 0 or body.sums:
            return False
        if body.coefficient != 1:
            return True
        body = next(iter((*body.leading, *body.factors)), body)
    first = body.base if isinstance(body, Raised) and body.exponent != HALF else body
    return isinstance(first, Symbol | Applied | Raised)


# --- what every alphabet spells alike -----------------------------------------------------------


def total_tokens(terms: Sequence[Formula]) -> list[Token]:
    """The terms of a sum, with their signs between them."""
    tokens: list[Token] = []
    for position, term in enumerate(terms):
        minus = starts_negative(term)
        if position:
            tokens.append(" - " if minus else " + ")
        elif minus:
            tokens.append("-")
        tokens.append((negated(term) if minus else term, Place.TERM))
    return tokens


def joined_tokens(operands: Sequence[Formula], sign: str) -> list[Token]:
    """Operands with an operator between them."""
    tokens: list[Token] = []
    for position, operand in enumerate(operands):
        tokens += [f" {sign} "] if position else []
        tokens.append((operand, Place.OPERAND))
    return tokens
