"""How functions, constants and numbers are spelled in a text.

In: a function, a number, and where it stands. Out: its text, which reads back as the same.

>>> number_text(Fraction(1, 2), Place.TERM), number_text(Fraction(-1, 2), Place.BASE)
('1/2', '(-1/2)')
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from fractions import Fraction

from indexcalc.elaborate.term import Pointwise
from indexcalc.elaborate.vocabulary import COMPARISONS
from indexcalc.errors import FormulaError
from indexcalc.ir.extent import Extent, Shape

SPELLING = {"maximum": "max", "minimum": "min"}
COMPARISON = {name: sign for sign, name in COMPARISONS.items()}
CONSTANT = {"pi": "π", "e": "e"}
CALL = re.compile(r"\w+\([^()]*\)")
ORDERS = {1: "", 2: "²", 3: "³"}


class Place(IntEnum):
    """Where a term stands, by what may stand there without brackets."""

    ARGUMENT = 0  # a sum
    TERM = 1  # a product
    FACTOR = 2  # a power
    BASE = 3  # a name, a call, a bracket


def function_name(term: Pointwise) -> str:
    """The name that the language has for the function, with its primes."""
    name = SPELLING.get(term.function, term.function) if term.kind == "builtin" else term.function
    if len(term.orders) > 1 and any(term.orders):
        return f"{name}^({','.join(map(str, term.orders))})"
    return name + "'" * sum(term.orders)


def number_text(value: Fraction, place: Place) -> str:
    """An exact number, in brackets where it would be read as something else."""
    if value.denominator == 1:
        return str(value) if value >= 0 or place is Place.ARGUMENT else f"({value})"
    return str(value) if place <= Place.TERM and value > 0 else f"({value})"


def size_text(extent: Extent, shapes: Mapping[str, Shape], sum_sign: str, letter: str) -> str:
    """An extent as a number: its name, or a sum of ones where a variable has that name.

    Raises `FormulaError` if no vector or square matrix counts the extent.
    """
    if not extent.names & shapes.keys():
        text = str(extent)
        return text if text.isalnum() else f"({text})"
    for name, shape in shapes.items():
        if shape and len(shape) <= 2 and set(shape) == {extent}:
            return f"({sum_sign} {name}_{letter * len(shape)}^0)"
    raise FormulaError(
        f"the size {extent} cannot be written out, since a variable has that name",
        hint="give the variable another name",
    )
