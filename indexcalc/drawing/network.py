"""What a picture is made of, before anything has a place.

In: made from arranged formulas by `diagram`. Out: read by the layout. A line is a row of terms with
signs between them, a term is a number and networks side by side, a network is a connected graph of
tensors, frames, dots and the ends of free indices. A frame holds a row of its own: the argument of
a function, the terms in a bracket.

>>> from indexcalc.drawing.lettering import lettered
>>> x, end = Tensor(lettered("x"), ("i",)), End("i")
>>> network = Network([x, end], [Edge(0, 1, "i")])
>>> [network.vertices[edge.other].letter for edge in network.edges]
['i']
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from indexcalc.drawing.lettering import Lettering, with_axes


class FrameKind(Enum):
    """What a frame stands for: a function of what is inside, a bracket, a condition."""

    FUNCTION = "function"
    BRACKET = "bracket"
    CONDITION = "condition"


@dataclass(slots=True, eq=False, repr=False)
class Tensor:
    """A named tensor, or (`is_number`) a number; one edge for each index."""

    name: Lettering
    indices: tuple[str, ...]
    is_number: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Frame:
    """A box around a row, with an edge for each port, and an exponent at its corner.

    If it `is_whole`, the ports are those of the function's value, and what is inside has others;
    several are listed at its foot, in their order.
    """

    kind: FrameKind
    caption: Lettering
    ports: tuple[str, ...]
    row: Row
    exponent: Lettering = ()
    is_whole: bool = False

    @property
    def foot(self) -> Lettering:
        """The letters of its axes where there are several to tell apart."""
        return with_axes((), self.ports) if self.is_whole and len(self.ports) > 1 else ()


@dataclass(slots=True, eq=False, repr=False)
class Dot:
    """Where edges meet that all have one index (the copy tensor); `letters` are written at it."""

    letters: tuple[str, ...]


@dataclass(slots=True, eq=False, repr=False)
class Tag:
    """The letter on an edge between two vertices."""

    letter: str


@dataclass(slots=True, eq=False, repr=False)
class End:
    """The letter at the loose end of a free index."""

    letter: str


@dataclass(slots=True, eq=False, repr=False)
class Loop:
    """The letter at an edge from a vertex to itself."""

    letter: str


Vertex = Tensor | Frame | Dot | Tag | End | Loop


@dataclass(frozen=True, slots=True)
class Edge:
    """A line between two vertices, by number; `letter` tells the port of a frame."""

    one: int
    other: int
    letter: str


@dataclass(slots=True, eq=False, repr=False)
class Network:
    """A connected graph."""

    vertices: list[Vertex]
    edges: list[Edge]


@dataclass(slots=True, eq=False, repr=False)
class Term:
    """A number (as text, empty for one) times networks, in reading order."""

    number: str
    networks: list[Network]


@dataclass(slots=True, eq=False, repr=False)
class Item:
    """A term and the sign before it."""

    sign: str
    term: Term


@dataclass(slots=True, eq=False, repr=False)
class Row:
    """Terms with signs between them."""

    items: list[Item] = field(default_factory=list)


@dataclass(slots=True, eq=False, repr=False)
class Line:
    """A row, and the tensor that it stands for; the formula itself has no name."""

    name: Lettering
    letters: tuple[str, ...]
    row: Row


def networks_of(row: Row) -> list[Network]:
    """All networks in the terms of a row."""
    return [network for item in row.items for network in item.term.networks]


def frames_of(row: Row) -> list[Frame]:
    """The frames that stand in a row, not those in them."""
    vertices = (vertex for network in networks_of(row) for vertex in network.vertices)
    return [vertex for vertex in vertices if isinstance(vertex, Frame)]


def rows_in(row: Row) -> list[Row]:
    """The row and those in its frames, each before those in it."""
    found = [row]
    for outer in found:
        found += [frame.row for frame in frames_of(outer)]
    return found
