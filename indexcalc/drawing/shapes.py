"""What a picture consists of once everything has its place.

In: made by the layout. Out: written by `svg`. Coordinates are in pixels, x to the right, y down.

>>> Shapes(0, 0, [Mark(MarkKind.DOT, 5.0, 5.0, 8.0, 8.0)]).moved(1.0, 2.0).marks[0].x
6.0
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

from indexcalc.drawing.lettering import Lettering


class MarkKind(Enum):
    """A closed shape."""

    TENSOR = "tensor"
    DOT = "dot"
    FUNCTION = "function"
    BRACKET = "bracket"
    CONDITION = "condition"


class TextKind(Enum):
    """What a text says."""

    NAME = "name"
    NUMBER = "number"
    SIGN = "sign"
    CAPTION = "caption"
    EXPONENT = "exponent"
    INDEX = "index"
    FREE = "free"


class WireKind(Enum):
    """What a line is: a summed index, a free one, or the part of either inside a frame."""

    EDGE = "edge"
    LEG = "leg"
    THROUGH = "through"


@dataclass(frozen=True, slots=True)
class Mark:
    """A shape with its centre, width and height."""

    kind: MarkKind
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Words:
    """A text around (x, y); `anchor` is "start", "middle" or "end"."""

    kind: TextKind
    x: float
    y: float
    lettering: Lettering
    size: float
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Wire:
    """A line through points; between two of different heights it is an S-shaped curve."""

    kind: WireKind
    letter: str
    points: tuple[tuple[float, float], ...]
    is_loop: bool = False


Shape = Mark | Words | Wire


@dataclass(slots=True)
class Shapes:
    """Shapes in the order in which they are painted, and the size of what they fill."""

    width: float
    height: float
    marks: list[Shape] = field(default_factory=list)

    def moved(self, right: float, down: float) -> Shapes:
        """The same elsewhere."""
        return Shapes(self.width, self.height, [_moved(mark, right, down) for mark in self.marks])


def _moved(shape: Shape, right: float, down: float) -> Shape:
    if isinstance(shape, Wire):
        return replace(shape, points=tuple((x + right, y + down) for x, y in shape.points))
    return replace(shape, x=shape.x + right, y=shape.y + down)
