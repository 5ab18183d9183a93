"""Parts of a picture that are too large or too deep get a name, and a line of their own.

In: the lines of a picture. Out: the same with more lines, none of which holds a frame that holds
too much: such a frame is drawn where it is named, `where t1 = …`, and is a tensor in its place.

>>> from indexcalc.drawing.network import End, FrameKind, Item, Network, Row, Term
>>> from indexcalc.drawing.wiring import wired
>>> row = Row()
>>> for _ in range(6):
...     frame = Frame(FrameKind.FUNCTION, lettered("exp"), ("i",), row)
...     row = Row([Item("", Term("", wired([(frame, ("i",))], [], [], ["i"])))])
>>> lines = with_names([Line((), ("i",), row)], iter(["t1", "t2"]))
>>> [[run.text for run in line.name] for line in lines]
[[], ['t', '1']]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexcalc.drawing.lettering import lettered, with_axes
from indexcalc.drawing.network import (
    Dot,
    Frame,
    FrameKind,
    Item,
    Line,
    Network,
    Row,
    Tag,
    Tensor,
    Term,
    networks_of,
    rows_in,
)
from indexcalc.drawing.wiring import wired
from indexcalc.errors import LimitError

MOST_IN_FRAME, DEEPEST = 24, 3  # tensors, frames and dots in a frame; frames in frames
MOST_VERTICES, MOST_EDGES = 400, 1_000  # of a picture


@dataclass(frozen=True, slots=True)
class _Place:
    """A frame where it stands."""

    network: Network
    number: int
    frame: Frame


def with_names(lines: Sequence[Line], names: Iterator[str]) -> list[Line]:
    """Lines that each are small enough to be read; a new one comes behind the line that uses it.

    Raises `LimitError` if the picture is too large to be read at all.
    """
    _check_size(lines)
    found: list[Line] = []
    for line in lines:
        new = _named_frames(line, names)
        found += [line, *reversed(new)]
    return found


def _check_size(lines: Sequence[Line]) -> None:
    networks = [
        network for line in lines for row in rows_in(line.row) for network in networks_of(row)
    ]
    vertices = sum(_weight(network) for network in networks)
    edges = sum(_lines(network) for network in networks)
    if vertices > MOST_VERTICES or edges > MOST_EDGES:
        raise LimitError(
            f"a picture of {vertices:,} tensors, functions and dots with {edges:,} lines between "
            f"them is not drawn; up to {MOST_VERTICES:,} and {MOST_EDGES:,} are",
            hint="give names to parts of the formula in the program, and draw them one by one",
        )


def _named_frames(line: Line, names: Iterator[str]) -> list[Line]:
    """Name what is too large, from the inside out."""
    weight: dict[int, int] = {}
    depth: dict[int, int] = {}
    new: list[Line] = []
    for row in reversed(rows_in(line.row)):
        is_alone = row is line.row and sum(map(_weight, networks_of(row))) == 1
        for place in [] if is_alone else list(_places(row)):
            inner = id(place.frame.row)
            is_large = weight[inner] > MOST_IN_FRAME or depth[inner] >= DEEPEST
            if is_large and len(set(place.frame.ports)) == len(place.frame.ports):
                new.append(_named(place, next(names)))
        left = [id(place.frame.row) for place in _places(row)]
        weight[id(row)] = sum(map(_weight, networks_of(row))) + sum(weight[key] for key in left)
        depth[id(row)] = max((depth[key] + 1 for key in left), default=0)
    return new


def _named(place: _Place, name: str) -> Line:
    """Put a tensor in the place of a frame; the line that says what it is."""
    frame = place.frame
    letters = frame.ports
    axes = letters if len(letters) > 1 else ()
    place.network.vertices[place.number] = Tensor(with_axes(lettered(name), axes), letters)
    if frame.kind is FrameKind.BRACKET and not frame.exponent:
        return Line(lettered(name), letters, frame.row)
    term = Term("", wired([(frame, letters)], [], [], letters))
    return Line(lettered(name), letters, Row([Item("", term)]))


# --- what is where --------------------------------------------------------------------------------


def _places(row: Row) -> Iterator[_Place]:
    for network in networks_of(row):
        for number, vertex in enumerate(network.vertices):
            if isinstance(vertex, Frame):
                yield _Place(network, number, vertex)


def _weight(network: Network) -> int:
    return sum(isinstance(vertex, Tensor | Frame | Dot) for vertex in network.vertices)


def _lines(network: Network) -> int:
    return len(network.edges) - sum(isinstance(vertex, Tag) for vertex in network.vertices)
