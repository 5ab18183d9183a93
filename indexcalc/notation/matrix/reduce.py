"""A network of scalars, vectors and matrices as one formula without indices.

In: a `Network`: factors with labels, and the labels of rows and columns. Out: its formula, or None
if there is none. Every label that is not of the result is summed, and can go if it has at most two
neighbours: with none it leaves a scalar, with one a vector (`A x`), with two a matrix (`A B`). A
network that is used up in this way is a series-parallel one, whatever the order; all others have
no matrix form.

>>> from indexcalc.notation.formula import Symbol, SymbolKind
>>> A, x = (
...     oriented(Symbol(SymbolKind.VARIABLE, name, ()), rank) for name, rank in [("A", 2), ("x", 1)]
... )
>>> found = reduced(Network((Factor(A, (0, 1)), Factor(x, (1,))), row=0))
>>> [factor.name for factor in found.body.plain.formula.factors], found.scalars
(['A', 'x'], ())
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from heapq import heapify, heappop, heappush

from indexcalc.notation.matrix.closing import (
    result_matrix,
    row_sums,
    summed_matrix,
    summed_vector,
    through,
    vector,
)
from indexcalc.notation.matrix.norms import norm_of
from indexcalc.notation.matrix.oriented import Oriented, oriented, placed
from indexcalc.notation.matrix.products import Entry
from indexcalc.notation.matrix.wholes import IDENTITY, diagonal_matrix, diagonal_of
from indexcalc.notation.matrix.written import ONE, SYMBOL

Labels = tuple[int, ...]
TWO = Fraction(2)
MOST_LABELS = 16  # beyond, one order is tried
MOST_ORDERS = 6
__all__ = ["Factor", "Network", "Reduced", "oriented", "reduced"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Factor:
    """`value ^ exponent` at each entry, with a label for each axis; at most two."""

    value: Oriented
    labels: Labels
    exponent: Fraction = ONE


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Network:
    """A product of factors in the reader's order.

    Labels other than `row` and `column` are summed. A result with a row label alone is a column,
    with a column label alone a row; if both labels are one it is a diagonal matrix. A sum of
    squares may be the square of a norm if `norms`.
    """

    factors: tuple[Factor, ...]
    row: int | None = None
    column: int | None = None
    norms: bool = True


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reduced:
    """A vector or a matrix (None if the result is a scalar), times scalars with exponents."""

    scalars: tuple[Entry, ...]
    body: Oriented | None

    @property
    def cost(self) -> int:
        """What it costs to read, without exponents."""
        parts = [value for value, _ in self.scalars] + ([self.body] if self.body else [])
        return sum([part.plain.inner_cost for part in parts])


def reduced(network: Network) -> Reduced | None:
    """The formula of the network in both orientations, or None if there is none.

    Where several labels might go first, a few orders are tried, and the shortest result is taken.
    """
    labels = list(dict.fromkeys(label for factor in network.factors for label in factor.labels))
    if len(labels) > MOST_LABELS:
        return _reduced(network, _interleaved(labels))[0]
    best, free = _reduced(network, labels)
    if best is None or not free:
        return best
    for turn in range(1, min(len(labels), MOST_ORDERS)):
        other, _ = _reduced(network, labels[turn:] + labels[:turn])
        if other is not None and other.cost < best.cost:
            best = other
    return best


def _interleaved(labels: Sequence[int]) -> list[int]:
    """Every second label first, then every second of the others: long chains are halved."""
    bits = len(labels).bit_length()
    order = sorted(range(len(labels)), key=lambda k: f"{k:0{bits}b}"[::-1], reverse=True)
    return [labels[k] for k in order]


def _reduced(network: Network, order: Sequence[int]) -> tuple[Reduced | None, bool]:
    """The formula with labels summed in an order, as far as it is free; whether it was."""
    kept = [label for label in (network.row, network.column) if label is not None]
    graph = _Graph(kept, network.norms)
    graph.near = {label: {} for label in order}
    for place, factor in enumerate(network.factors):
        graph.add(placed(factor.value, place), factor.labels, factor.exponent)
    if not graph.sum_all():
        return None, False
    body = graph.result(network.row, network.column)
    scalars = sorted(graph.scalars, key=lambda entry: entry[0].place)
    return Reduced(tuple(scalars), body), graph.is_free


@dataclass(slots=True)
class _Graph:
    """Labels are vertices: vectors stand at them, matrices between two of them."""

    kept: Sequence[int]
    norms: bool
    scalars: list[Entry] = field(default_factory=list)
    vectors: dict[int, list[Entry]] = field(default_factory=dict)
    matrices: dict[tuple[int, int], list[Entry]] = field(default_factory=dict)
    near: dict[int, dict[int, None]] = field(default_factory=dict)
    is_free: bool = False

    def add(self, value: Oriented, labels: Labels, exponent: Fraction = ONE) -> None:
        """One more factor."""
        for label in labels:
            self.near.setdefault(label, {})
        match labels:
            case ():
                self.scalars.append((value, exponent))
            case (label,):
                self.vectors.setdefault(label, []).append((value, exponent))
            case (row, column) if row == column:
                self.vectors.setdefault(row, []).append((diagonal_of(value), exponent))
            case (row, column):
                pair = min(row, column), max(row, column)
                turned = value if pair == labels else value.transpose
                self.matrices.setdefault(pair, []).append((turned, exponent))
                self.near[row][column] = self.near[column][row] = None
            case _:
                raise AssertionError("a factor has at most two labels here")

    # --- sums ---------------------------------------------------------------------------------

    def sum_all(self) -> bool:
        """Sum over every label that is not kept; whether that could be done."""
        place = {label: k for k, label in enumerate(self.near) if label not in self.kept}
        labels = list(self.near)
        queue = [(*self.effort(label), k) for label, k in place.items()]
        heapify(queue)
        while place:
            *effort, position = heappop(queue)
            label = labels[position]
            if label not in place or tuple(effort) != self.effort(label):
                continue  # it has gone, or stands elsewhere in the queue
            if len(self.near[label]) > 2:
                return False
            self.is_free |= len(self.near[label]) == 2 and len(place) > 1
            near = list(self.near[label])
            for gone in self.sum_over(label):
                del place[gone]
            for other in near:
                if other in place:
                    heappush(queue, (*self.effort(other), place[other]))
        return True

    def effort(self, label: int) -> tuple[int, bool]:
        """Labels with few neighbours go first; ones with vectors before `A 1`."""
        return len(self.near[label]), label not in self.vectors

    def sum_over(self, label: int) -> tuple[int, ...]:
        """Sum over a label; also over its one neighbour, if that leaves a scalar."""
        neighbours = tuple(self.near[label])
        here = self.vectors.pop(label, [])
        match neighbours:
            case ():
                self.add_sum(here, summed_vector(here))
            case (other,) if other not in self.kept and len(self.near[other]) == 1:
                edges = self.taken(label, other)
                there = self.vectors.pop(other, [])
                whole = [] if here or there else edges
                self.add_sum(whole, summed_matrix(edges, here, there))
                del self.near[other], self.near[label]
                return label, other
            case (other,):
                self.add(row_sums(self.taken(other, label), here), (other,))
            case (first, last):
                edges = self.taken(first, label)
                made = through(edges, here, self.taken(label, last))
                self.add(made, (first, last))
            case _:
                raise AssertionError("a label with more neighbours stays")
        del self.near[label]
        return (label,)

    def add_sum(self, entries: Sequence[Entry], made: Oriented) -> None:
        """A scalar that is made of entries; `‖x - y‖²` if these are one square."""
        if self.norms and len(entries) == 1 and entries[0][1] == TWO:
            norm = norm_of(entries[0][0])
            if norm.plain.cost + SYMBOL < made.plain.cost:
                self.scalars.append((norm, TWO))
                return
        self.scalars.append((made, ONE))

    def taken(self, row: int, column: int) -> list[Entry]:
        """The matrices between two labels, with rows first; they are taken out."""
        self.near[row].pop(column, None)
        self.near[column].pop(row, None)
        edges = self.matrices.pop((min(row, column), max(row, column)), [])
        if row < column:
            return edges
        return [(value.transpose, exponent) for value, exponent in edges]

    # --- the result ---------------------------------------------------------------------------

    def result(self, row: int | None, column: int | None) -> Oriented | None:
        """What is left, when only labels of the result are left."""
        match row, column:
            case None, None:
                return None
            case int(), None:
                return vector(self.vectors.get(row, []))
            case None, int():
                return vector(self.vectors.get(column, [])).transpose
            case int(), int() if row == column:
                here = self.vectors.get(row, [])
                return diagonal_matrix(vector(here)) if here else IDENTITY
            case int(), int():
                here, there = (self.vectors.get(label, []) for label in (row, column))
                self.near.setdefault(row, {})
                self.near.setdefault(column, {})
                return result_matrix(self.taken(row, column), here, there)
            case _:
                raise AssertionError("labels are numbers")
