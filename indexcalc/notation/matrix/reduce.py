"""A network of scalars, vectors and matrices as one formula without indices.

In: a `Network`: factors with labels, and the labels of rows and columns. Out: its formula, or None
if the network has none: every label that is not of the result is summed, and can go if it joins at
most two neighbours (a network that can be reduced in this way is a series-parallel one).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from indexcalc.notation.matrix.oriented import ONE, Oriented

Labels = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Factor:
    """`value ^ exponent` at each entry, with a label for each axis; at most two."""

    value: Oriented
    labels: Labels
    exponent: Fraction = ONE


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Network:
    """A product of factors in the reader's order.

    Labels other than `row` and `column` are summed. A result with one label is a column.
    """

    factors: tuple[Factor, ...]
    row: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reduced:
    """Scalars, each with its exponent, before (or below) a vector or matrix.

    `body` is None if the result is a scalar or the ones or identity... of the result's rank.
    """

    scalars: tuple[tuple[Oriented, Fraction], ...]
    body: Oriented | None


def reduced(network: Network) -> Reduced | None:
    """The formula of the network, or None if there is none."""
    return None
