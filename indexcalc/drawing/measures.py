"""Sizes of everything in a picture, in pixels.

In: a vertex. Out: how far it reaches from its centre in each direction.

>>> reach = reach_of(Tag("i"), 1)
>>> reach.up > reach.down, reach_of(End("batch"), 1).half > reach_of(End("i"), 1).half
(True, True)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from indexcalc.drawing.lettering import Lettering, lettered, width
from indexcalc.drawing.network import Dot, End, Frame, Loop, Tag, Tensor, Vertex

NAME, LETTER, CAPTION, SIGN, NUMBER = 17.0, 14.0, 14.0, 20.0, 17.0  # sizes of type
BOLD = 1.1  # times as wide
RADIUS, DOT = 17.0, 4.0
PORT = 13.0  # between edges that leave a tensor on one side
APART = 10.0  # between cells above each other
RAISED = 11.0  # of a letter above its line
LOOP = 22.0
PADDING = 12.0  # within a frame
HEAD = 22.0  # for the caption of a frame


@dataclass(frozen=True, slots=True)
class Reach:
    """Half the width, and the heights above and below the line through the centre."""

    half: float
    up: float
    down: float


def reach_of(vertex: Vertex, edges: int) -> Reach:
    """The space for a vertex with so many edges on its busier side; frames have their own."""
    match vertex:
        case Tensor(name=name, is_number=is_number):
            if is_number:
                return Reach(width(name, NUMBER) / 2 + 2, 11, 11)
            high = max(RADIUS, (edges - 1) * PORT / 2 + 10)
            return Reach(max(RADIUS, width(name, NAME) / 2 + 8), high, high)
        case Dot(letters=letters):
            half = max(DOT, width(joined(letters), LETTER) / 2)
            return Reach(half + 1, RAISED + 12 if letters else DOT + 2, DOT + 2)
        case Tag(letter=letter):
            return Reach(width(lettered(letter), LETTER) / 2 + 2, RAISED + 8, 4)
        case End(letter=letter):
            return Reach(BOLD * width(lettered(letter), LETTER) / 2 + 3, 10, 10)
        case Loop(letter=letter):
            return Reach((width(lettered(letter), LETTER) + LOOP) / 2 + 3, 13, 13)
        case Frame():
            raise AssertionError("a frame is as large as what it holds")
        case _:
            assert_never(vertex)


def least_width(frame: Frame) -> float:
    """The width of a frame that its caption needs."""
    return width(frame.caption, CAPTION) + 2 * PADDING


def joined(letters: tuple[str, ...]) -> Lettering:
    """Letters with commas between."""
    comma = lettered(",")
    runs: Lettering = ()
    for letter in letters:
        runs += (comma if runs else ()) + lettered(letter)
    return runs
