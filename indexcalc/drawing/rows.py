"""Terms side by side, with signs between them, in as many lines as they need.

In: the lines of a picture. Out: shapes: each line's row with what stands in its frames, made from
the inside out, under each other.

>>> from indexcalc.drawing.lettering import lettered
>>> from indexcalc.drawing.network import Item, Tensor, Term
>>> term = Term("2", [Network([Tensor(lettered("c"), ())], [])])
>>> shapes = picture([Line((), (), Row([Item("", term), Item("+", term)]))])
>>> [type(shape).__name__ for shape in shapes.marks]
['Words', 'Mark', 'Words', 'Words', 'Words', 'Mark', 'Words']
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from indexcalc.drawing.frames import Placed, boxed
from indexcalc.drawing.lettering import Lettering, upright, width, with_axes
from indexcalc.drawing.measures import NAME, NUMBER, SIGN
from indexcalc.drawing.network import Frame, Line, Network, Row
from indexcalc.drawing.placement import placed
from indexcalc.drawing.planning import Plan, planned
from indexcalc.drawing.shapes import Shape, Shapes, TextKind, Words

WIDEST, WIDEST_IN_FRAME = 900.0, 560.0  # before a row goes on in a new line
TOLERATED = 1.2  # times as wide, if this saves a line
SPACE, BETWEEN_LINES, MARGIN = 12.0, 18.0, 16.0
TIMES = "·"  # before the rest of a term on a new line
WHERE = 14.0  # size of type


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is never broken, and whether it may start a line: before a sign, before a network."""

    shapes: Shapes
    has_sign: bool
    may_start: bool


def picture(lines: Sequence[Line]) -> Shapes:
    """All lines under each other, with a margin around them."""
    return _stacked([_line(line) for line in lines], BETWEEN_LINES, MARGIN)


def _line(line: Line) -> Shapes:
    plan = planned(line.row, line.letters)
    done: dict[int, Placed] = {}
    for row in reversed(plan.rows):
        done[id(row)] = _row(row, plan, done, WIDEST if row is line.row else WIDEST_IN_FRAME)
    shapes = done[id(line.row)].shapes
    if not line.name:
        return shapes
    where = _text(upright("where"), TextKind.CAPTION, WHERE)
    name = _text(with_axes(line.name, line.letters), TextKind.NAME, NAME)
    return _side_by_side([where, name, _sign("="), shapes])


def _row(row: Row, plan: Plan, done: dict[int, Placed], widest: float) -> Placed:
    """One row, whose frames hold rows that are done."""
    if id(row) in plan.opened:
        [network] = row.items[0].term.networks
        return _network(network, plan, done, through=plan.opened[id(row)])
    pieces: list[_Piece] = []
    for item in row.items:
        parts = [_sign(item.sign)] if item.sign else []
        if item.term.number:
            parts.append(_text(upright(item.term.number), TextKind.NUMBER, NUMBER))
        parts += [_network(network, plan, done).shapes for network in item.term.networks]
        bound = bool(item.sign) + bool(item.term.number)
        pieces += [_Piece(part, k == 0, k == 0 or k > bound) for k, part in enumerate(parts)]
    return Placed(_broken(pieces, widest))


def _network(
    network: Network, plan: Plan, done: dict[int, Placed], through: float | None = None
) -> Placed:
    boxes = {
        number: boxed(vertex, done[id(vertex.row)])
        for number, vertex in enumerate(network.vertices)
        if isinstance(vertex, Frame)
    }
    return placed(network, plan.layering(network), boxes, plan.letters, through)


# --- lines ----------------------------------------------------------------------------------------


def _broken(pieces: Sequence[_Piece], widest: float) -> Shapes:
    """The pieces in lines, broken before signs where that is enough."""
    total = sum(piece.shapes.width + SPACE for piece in pieces)
    if total <= TOLERATED * widest:
        return _side_by_side([piece.shapes for piece in pieces])
    lines: list[list[Shapes]] = [[]]
    wide = 0.0
    for group, continues in _groups(pieces, widest):
        size = sum(piece.width for piece in group) + SPACE * len(group)
        if lines[-1] and wide + size > widest:
            lines.append([_sign(TIMES)] if continues else [])
            wide = 0.0
        lines[-1] += group
        wide += size
    return _stacked([_side_by_side(line) for line in lines], BETWEEN_LINES)


def _groups(pieces: Sequence[_Piece], widest: float) -> Iterator[tuple[list[Shapes], bool]]:
    """What is kept together: a term, or the parts of a term that is too wide for a line.

    Also whether it goes on with a term.
    """
    starts = [k for k, piece in enumerate(pieces) if piece.has_sign]
    for start, end in pairwise([*starts, len(pieces)]):
        term = pieces[start:end]
        if sum(piece.shapes.width + SPACE for piece in term) <= widest:
            yield [piece.shapes for piece in term], False
            continue
        cuts = [k for k, piece in enumerate(term) if piece.may_start]
        for cut, stop in pairwise([*cuts, len(term)]):
            yield [piece.shapes for piece in term[cut:stop]], cut > 0


def _side_by_side(parts: Sequence[Shapes]) -> Shapes:
    """Centred on one line."""
    tall = max((part.height for part in parts), default=0.0)
    marks: list[Shape] = []
    right = 0.0
    for part in parts:
        marks += part.moved(right, (tall - part.height) / 2).marks
        right += part.width + SPACE
    return Shapes(max(0.0, right - SPACE), tall, marks)


def _stacked(parts: Sequence[Shapes], between: float, margin: float = 0.0) -> Shapes:
    marks: list[Shape] = []
    down, wide = margin, 0.0
    for part in parts:
        marks += part.moved(margin, down).marks
        down += part.height + between
        wide = max(wide, part.width)
    return Shapes(wide + 2 * margin, down - between + margin, marks)


# --- texts ----------------------------------------------------------------------------------------


def _sign(sign: str) -> Shapes:
    return _text(upright(sign), TextKind.SIGN, SIGN)


def _text(lettering: Lettering, kind: TextKind, size: float) -> Shapes:
    wide, high = width(lettering, size), 1.3 * size
    return Shapes(wide, high, [Words(kind, wide / 2, high / 2, lettering, size)])
