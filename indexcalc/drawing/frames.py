"""A frame drawn around what it holds.

In: a frame, and its row with everything in place. Out: the shapes of both, and where edges leave.

>>> from indexcalc.drawing.lettering import lettered
>>> from indexcalc.drawing.network import FrameKind, Row
>>> box = boxed(Frame(FrameKind.FUNCTION, lettered("exp"), (), Row()), Placed(Shapes(40, 30)))
>>> box.width > 40, box.height > 30, [type(shape).__name__ for shape in box.shapes.marks]
(True, True, ['Mark', 'Words'])
"""

from __future__ import annotations

from dataclasses import dataclass, field

from indexcalc.drawing.layering import Side
from indexcalc.drawing.lettering import width
from indexcalc.drawing.measures import CAPTION, HEAD, PADDING, Reach, least_width
from indexcalc.drawing.network import Frame
from indexcalc.drawing.planning import is_open
from indexcalc.drawing.shapes import Mark, MarkKind, Shape, Shapes, TextKind, Words

CORNER = 18.0  # size of type at a corner
OUTSIDE = 12.0  # how far it may reach above or below the frame


@dataclass(slots=True)
class Placed:
    """Shapes, and the ends of free indices: on which side, how far down."""

    shapes: Shapes
    ends: dict[str, tuple[Side, float]] = field(default_factory=dict)


@dataclass(slots=True)
class Box:
    """A frame and what is in it, around the middle of its border."""

    shapes: Shapes
    width: float
    height: float
    corner: float
    ports: dict[str, float]

    @property
    def reach(self) -> Reach:
        """The space it takes, its exponent included."""
        up = self.height / 2 + (OUTSIDE if self.corner else 0)
        return Reach(self.width / 2 + self.corner, up, up)


def boxed(frame: Frame, held: Placed) -> Box:
    """The frame around what it holds; edges go through its border if it is open."""
    opened = is_open(frame)
    head = HEAD if frame.caption else PADDING
    inner = held.shapes
    wide = max(least_width(frame), inner.width + (0 if opened else 2 * PADDING))
    high = inner.height + head + PADDING - (2 if frame.caption else 0)
    left, top = -inner.width / 2, head - high / 2
    kind = MarkKind(frame.kind.value)
    marks: list[Shape] = [Mark(kind, 0.0, 0.0, wide, high)]
    ports: dict[str, float] = {}
    if frame.caption:
        start = PADDING * 0.75 - wide / 2
        marks.append(Words(TextKind.CAPTION, start, 12 - high / 2, frame.caption, CAPTION, "start"))
    for text, down in ((frame.exponent, 2 - high / 2), (frame.foot, high / 2 + 1)):
        if text:
            marks.append(Words(TextKind.EXPONENT, wide / 2 + 3, down, text, CORNER, "start"))
    marks += inner.moved(left, top).marks
    if opened:
        ports = {letter: y + top for letter, (_, y) in held.ends.items()}
    corner = max(
        (width(text, CORNER) + 4 for text in (frame.exponent, frame.foot) if text), default=0
    )
    return Box(Shapes(wide, high, marks), wide, high, corner, ports)
