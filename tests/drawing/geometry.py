"""What stands where in an SVG picture, read from its text alone, and what is wrong with it.

Lines and texts are taken from the file as a viewer would: positions of shapes are exact, the size
of a text is the layout's own estimate (held against a browser when it was made).
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from itertools import combinations
from math import hypot

from indexcalc.drawing.lettering import Run, Style, width

NAMESPACE = "{http://www.w3.org/2000/svg}"
FRAMES = ("function", "bracket", "condition")
WIRES = ("edge", "leg", "through")
STEPS = 12  # points along a curve
SLACK = 0.6

Point = tuple[float, float]


@dataclass(frozen=True)
class Area:
    """A rectangle, what it is, and what it says."""

    kind: str
    left: float
    top: float
    right: float
    bottom: float
    text: str = ""
    corner: float = 0.0

    def meets(self, other: Area) -> bool:
        """Whether the two have more than a border in common."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > SLACK and down > SLACK

    def holds(self, other: Area) -> bool:
        """Whether the other is inside."""
        across = self.left - SLACK <= other.left and other.right <= self.right + SLACK
        return across and self.top - SLACK <= other.top and other.bottom <= self.bottom + SLACK

    def distance(self, point: Point) -> float:
        """How far the point is outside of the outline; negative by how far it is inside."""
        middle = (self.left + self.right) / 2, (self.top + self.bottom) / 2
        across = abs(point[0] - middle[0]) - (self.right - self.left) / 2 + self.corner
        down = abs(point[1] - middle[1]) - (self.bottom - self.top) / 2 + self.corner
        outside = hypot(max(across, 0.0), max(down, 0.0))
        return outside + min(max(across, down), 0.0) - self.corner


@dataclass(frozen=True)
class Wire:
    """A line: its kind, its index, points along it."""

    kind: str
    letter: str
    points: tuple[Point, ...]

    @property
    def ends(self) -> tuple[Point, Point]:
        return self.points[0], self.points[-1]


@dataclass
class Scene:
    """All shapes of a picture."""

    width: float
    height: float
    title: str
    nodes: list[Area] = field(default_factory=list)
    dots: list[Area] = field(default_factory=list)
    frames: list[Area] = field(default_factory=list)
    texts: list[Area] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)

    def depth(self, point: Point) -> int:
        """In how many frames a point is."""
        return sum(frame.distance(point) < -SLACK for frame in self.frames)

    def of(self, kind: str) -> list[Wire]:
        return [wire for wire in self.wires if wire.kind == kind]

    def says(self, kind: str) -> list[str]:
        return [text.text for text in self.texts if text.kind == kind]


def scene(svg: str) -> Scene:
    """The shapes of an SVG text; an error if it is not well-formed."""
    root = ET.fromstring(svg)
    title = root.findtext(f"{NAMESPACE}title") or ""
    found = Scene(float(root.attrib["width"]), float(root.attrib["height"]), title)
    for element in root:
        kind, tag = element.get("class", ""), element.tag.removeprefix(NAMESPACE)
        if tag == "rect" and kind != "paper":
            (found.nodes if kind == "tensor" else found.frames).append(_rectangle(element))
        elif tag == "circle":
            x, y, r = (float(element.attrib[name]) for name in ("cx", "cy", "r"))
            found.dots.append(Area("dot", x - r, y - r, x + r, y + r, corner=r))
        elif tag == "text":
            found.texts.append(_text(element))
        elif tag == "path":
            letter = element.attrib["data-index"]
            found.wires.append(Wire(kind, letter, _points(element.attrib["d"])))
    return found


def _rectangle(element: ET.Element) -> Area:
    x, y, wide, high = (float(element.attrib[name]) for name in ("x", "y", "width", "height"))
    corner = float(element.attrib["rx"])
    return Area(element.attrib["class"], x, y, x + wide, y + high, corner=corner)


def _text(element: ET.Element) -> Area:
    size, kind = float(element.attrib["font-size"]), element.attrib["class"]
    runs = [Run(element.text, Style.UPRIGHT)] if element.text else []
    for span in element:
        small = "font-size" in span.attrib
        runs.append(Run(span.text or "", Style.SUB if small else Style.UPRIGHT))
        if span.tail:
            runs.append(Run(span.tail, Style.UPRIGHT))
    wide = width(tuple(runs), size)
    x, y = float(element.attrib["x"]), float(element.attrib["y"])
    left = x - wide / 2 if element.attrib["text-anchor"] == "middle" else x
    text = "".join(element.itertext())
    return Area(kind, left, y - 0.74 * size, left + wide, y + 0.22 * size, text)


def _points(path: str) -> tuple[Point, ...]:
    points: list[Point] = []
    for command, numbers in re.findall(r"([MLC])([^MLC]*)", path):
        values = [float(number) for number in numbers.split()]
        pairs = list(zip(values[::2], values[1::2], strict=True))
        if command == "C":
            curve = [points[-1], *pairs]
            points += [_bezier(curve, t / STEPS) for t in range(1, STEPS + 1)]
        elif command == "L":
            (x, y), (right, down) = points[-1], pairs[0]
            points += [
                (x + (right - x) * t / STEPS, y + (down - y) * t / STEPS)
                for t in range(1, STEPS + 1)
            ]
        else:
            points += pairs
    return tuple(points)


def _bezier(curve: list[Point], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    x, y = (sum(w * p[k] for w, p in zip(weights, curve, strict=True)) for k in (0, 1))
    return x, y


# --- what is wrong --------------------------------------------------------------------------------


def faults(picture: Scene) -> list[str]:
    """What overlaps that should not, runs through something, or ends nowhere."""
    return [*_overlaps(picture), *_crossed(picture), *_loose(picture), *_mislabelled(picture)]


def _overlaps(picture: Scene) -> list[str]:
    found = []
    paper = Area("paper", 0, 0, picture.width, picture.height)
    areas = [*picture.nodes, *picture.dots, *picture.frames, *picture.texts]
    for one, other in combinations(areas, 2):
        if not one.meets(other):
            continue
        may_hold = {one.kind, other.kind} & {*FRAMES, "tensor"}
        if not (may_hold and (one.holds(other) or other.holds(one))):
            found.append(f"{one} meets {other}")
    for node in picture.nodes:
        inside = [text.text for text in picture.texts if node.meets(text)]
        if len(inside) != 1:
            found.append(f"{node} says {inside}")
    found += [f"{area} is off the paper" for area in areas if not paper.holds(area)]
    return found


def _crossed(picture: Scene) -> list[str]:
    """Lines through a tensor, a dot, a text, or a frame that they do not belong to."""
    found = []
    for wire in picture.wires:
        for area in [*picture.nodes, *picture.texts]:
            if any(area.distance(point) < -1.0 for point in wire.points):
                found.append(f"{wire.kind} {wire.letter} runs through {area}")
        for dot in picture.dots:
            inside = [dot.distance(point) < 0 for point in wire.points]
            if any(inside) and not (inside[0] or inside[-1]):
                found.append(f"{wire.kind} {wire.letter} runs through {dot}")
        for frame in picture.frames:
            inside = [frame.distance(point) < -SLACK for point in wire.points[1:-1]]
            if any(inside) and not all(inside):
                found.append(f"{wire.kind} {wire.letter} crosses the border of {frame}")
    return found


def _loose(picture: Scene) -> list[str]:
    """Lines that end neither at a shape nor, if they are free, at their letter."""
    found = []
    solid = [*picture.nodes, *picture.dots, *picture.frames]
    for wire in picture.wires:
        ended = [min((abs(a.distance(p)) if a.kind != "dot" else a.distance(p) for a in solid),
                     default=9.0) < 2.5 for p in wire.ends]  # fmt: skip
        if wire.kind == "leg":
            letters = [t for t in picture.texts if t.kind in ("free", "index")]
            near = [t.text for p in wire.ends for t in letters if t.distance(p) < 6]
            fine = any(ended) and wire.letter in near
        else:
            fine = all(ended)
        if not fine:
            found.append(f"{wire.kind} {wire.letter} ends nowhere: {wire.ends}")
    return found


def _mislabelled(picture: Scene) -> list[str]:
    """Tensors whose lines do not have the letters that are written in them."""
    found = []
    texts = [text for text in picture.texts if text.kind == "name"]
    for node in picture.nodes:
        [name] = [text.text for text in texts if node.meets(text)] or [""]
        letters = sorted(
            wire.letter for wire in picture.wires for p in wire.ends if _touches(node, p)
        )
        several = "".join(sorted("".join(letters)))
        written = "".join(sorted(name.replace(",", "")))
        if len(letters) > 1 and not all(several.count(a) <= written.count(a) for a in several):
            found.append(f"{name} has lines {letters}")
    return found


def _touches(node: Area, point: Point) -> bool:
    """Whether a line that ends there ends at the node: at its left or right outline."""
    inside = node.top + 1 < point[1] < node.bottom - 1
    beside = min(abs(point[0] - node.left), abs(point[0] - node.right)) < 18
    return inside and beside and node.distance(point) < 1
