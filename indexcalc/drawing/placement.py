"""A network with everything in its place.

In: a network, its columns, and the frames in it with what they hold. Out: shapes, and the heights
at which free indices end. Edges cross a column only in a cell of their own, and bend only between
columns, so that none runs through a vertex or a letter.

>>> from indexcalc.drawing.layering import layered
>>> from indexcalc.drawing.lettering import lettered
>>> from indexcalc.drawing.network import Tensor
>>> from indexcalc.drawing.wiring import wired
>>> A, x = Tensor(lettered("A"), ("i", "j")), Tensor(lettered("x"), ("j",))
>>> [network] = wired([(A, ("i", "j")), (x, ("j",))], [], [], ["i"])
>>> made = placed(network, layered(network, {}), {})
>>> [wire.letter for wire in made.shapes.marks if isinstance(wire, Wire)]
['i', 'j']
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from indexcalc.drawing.coordinates import heights, pooled
from indexcalc.drawing.frames import Box, Placed
from indexcalc.drawing.grid import grid_of
from indexcalc.drawing.layering import Layering, Side
from indexcalc.drawing.lettering import Lettering, lettered
from indexcalc.drawing.measures import (
    DOT,
    LETTER,
    LOOP,
    NAME,
    NUMBER,
    PADDING,
    PORT,
    RADIUS,
    RAISED,
    Reach,
    joined,
    reach_of,
)
from indexcalc.drawing.network import Dot, End, Frame, Loop, Network, Tag, Tensor, Vertex
from indexcalc.drawing.ordering import order_columns
from indexcalc.drawing.shapes import Mark, MarkKind, Shape, Shapes, TextKind, Wire, WireKind, Words

SWEEPS = 24
GAP, STEEP, WIDEST = 16.0, 0.3, 60.0  # between columns: at least, per height, at most
PASSING = Reach(1.0, 2.0, 2.0)
THROUGH = Reach(PADDING / 2, 1.5, 1.5)

Boxes = Mapping[int, Box]


def placed(
    network: Network,
    layering: Layering,
    boxes: Boxes,
    free: Collection[str] = (),
    through: float | None = None,
) -> Placed:
    """The shapes of a network; `boxes` are its frames by number, `free` the letters of the line.

    If the network stands in an open frame, its free indices go `through` the border: then it has
    room at the sides, and at least this width.
    """
    return _Placer(network, layering, boxes, free, through).placed()


class _Placer:
    def __init__(
        self,
        network: Network,
        layering: Layering,
        boxes: Boxes,
        free: Collection[str],
        through: float | None,
    ) -> None:
        self.network, self.boxes, self.free = network, boxes, free
        self.is_through, self.least = through is not None, through or 0.0
        self.grid = grid_of(network, layering.columns)
        for (number, edge), port in self._fixed_ports().items():
            self.grid.ports[number, edge] = port
        order_columns(self.grid, SWEEPS)
        busiest = self._spread_ports()
        self.reaches = [self._reach(cell, busiest) for cell in range(len(self.grid.cells))]
        self.y = heights(self.grid, self.reaches)
        self._slide_ports()
        self.y = heights(self.grid, self.reaches)
        self.x = self._across()

    def placed(self) -> Placed:
        marks: list[Shape] = list(self._wires())
        ends: dict[str, tuple[Side, float]] = {}
        for number, vertex in enumerate(self.network.vertices):
            marks += self._shapes(number, vertex)
            if isinstance(vertex, End):
                side = Side.LEFT if self._faces_right(number) else Side.RIGHT
                ends[vertex.letter] = side, self.y[number]
        reaches = list(enumerate(self.reaches))
        top = min(self.y[cell] - reach.up for cell, reach in reaches)
        bottom = max(self.y[cell] + reach.down for cell, reach in reaches)
        left = self.edges_of_columns[0][0] - self.margins[0]
        right = self.edges_of_columns[-1][1] + self.margins[1]
        shapes = Shapes(right - left, bottom - top, marks).moved(-left, -top)
        return Placed(shapes, {letter: (side, y - top) for letter, (side, y) in ends.items()})

    # --- where edges are attached ---------------------------------------------------------------

    def _fixed_ports(self) -> dict[tuple[int, int], float]:
        """Ports of frames that edges go through."""
        return {
            (number, edge_number): self.boxes[number].ports[edge.letter]
            for edge_number, edge in enumerate(self.network.edges)
            for number in (edge.one, edge.other)
            if number in self.boxes and edge.letter in self.boxes[number].ports
        }

    def _spread_ports(self) -> dict[int, int]:
        """Spread the other edges of each side in their order; the most edges on a side."""
        busiest: dict[int, int] = {}
        for number, found in self._sides():
            busiest[number] = max(busiest.get(number, 0), len(found))
            step = self._port_step(number, len(found))
            for k, (_, edge) in enumerate(found):
                self.grid.ports.setdefault((number, edge), (k - (len(found) - 1) / 2) * step)
        return busiest

    def _sides(self) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        """For each side of each vertex the neighbouring cells and their edges, from the top."""
        place = {cell: k for column in self.grid.columns for k, cell in enumerate(column)}
        sides: dict[tuple[int, bool], list[tuple[int, int]]] = {}
        for edge, path in enumerate(self.grid.paths):
            sides.setdefault((path[0], True), []).append((path[1], edge))
            sides.setdefault((path[-1], False), []).append((path[-2], edge))
        for (number, _), found in sides.items():
            yield number, sorted(found, key=lambda near: (place[near[0]], near[1]))

    def _slide_ports(self) -> None:
        """Move the edges of closed frames to the heights that their other ends have."""
        for number, found in self._sides():
            box = self.boxes.get(number)
            if box is None or box.ports:
                continue
            step = min(PORT, (box.height - 20) / len(found))
            reach = max(box.height / 4, (len(found) - 1) * step / 2)
            wishes = [
                self.y[cell] + self.grid.ports.get((cell, edge), 0.0) - self.y[number] - k * step
                for k, (cell, edge) in enumerate(found)
            ]
            most = reach - (len(found) - 1) * step
            for k, place in enumerate(pooled(wishes, [1.0] * len(wishes))):
                port = min(max(place, -reach), most) + k * step
                self.grid.ports[number, found[k][1]] = port

    def _port_step(self, number: int, count: int) -> float:
        match self.network.vertices[number]:
            case Tensor(is_number=False):
                return PORT
            case Frame():
                return min(26.0, (self.boxes[number].height - 12) / count)
            case _:
                return 0.0

    def _reach(self, cell: int, busiest: Mapping[int, int]) -> Reach:
        number = self.grid.vertex(cell)
        if number is None:
            return PASSING
        vertex = self.network.vertices[number]
        if isinstance(vertex, Frame):
            return self.boxes[number].reach
        if isinstance(vertex, End) and self.is_through:
            return THROUGH
        return reach_of(vertex, busiest.get(number, 0))

    # --- across ---------------------------------------------------------------------------------

    def _across(self) -> list[float]:
        """The centre of each cell; columns are as wide as their widest cell."""
        found = [0.0] * len(self.grid.cells)
        self.edges_of_columns: list[tuple[float, float]] = []
        right = 0.0
        for number, column in enumerate(self.grid.columns):
            left = right + (self._gap(number - 1) if number else 0.0)
            right = left + 2 * max(self.reaches[cell].half for cell in column)
            self.edges_of_columns.append((left, right))
            for cell in column:
                half = self.reaches[cell].half
                towards = self._towards(cell)
                found[cell] = (left + right) / 2 + towards * ((right - left) / 2 - half)
        self.margins = self._margins(right)
        return found

    def _margins(self, wide: float) -> tuple[float, float]:
        """Room on the left and on the right within an open frame."""
        if not self.is_through:
            return 0.0, 0.0
        ends = {v for v, vertex in enumerate(self.network.vertices) if isinstance(vertex, End)}
        outer = self.grid.columns[0], self.grid.columns[-1]
        left, right = (PADDING if ends.isdisjoint(column) else 0.0 for column in outer)
        more = max(0.0, self.least - wide - left - right) / 2
        return left + more, right + more

    def _gap(self, number: int) -> float:
        """The space between two columns, more of it where edges are steep."""
        steepest = 0.0
        for link in self.grid.links[number]:
            one = self.y[link.left] + self.grid.ports.get((link.left, link.edge), 0.0)
            other = self.y[link.right] + self.grid.ports.get((link.right, link.edge), 0.0)
            steepest = max(steepest, abs(one - other))
        return min(WIDEST, GAP + STEEP * steepest)

    def _towards(self, cell: int) -> int:
        """Whether the cell keeps to the right (1) or left (-1) of its column: to its edges."""
        if self.grid.vertex(cell) is None:
            return 0
        right = sum(path[0] == cell for path in self.grid.paths)
        left = sum(path[-1] == cell for path in self.grid.paths)
        return (right > left) - (left > right)

    def _faces_right(self, cell: int) -> bool:
        return self._towards(cell) > 0

    # --- lines ----------------------------------------------------------------------------------

    def _wires(self) -> list[Wire]:
        """One line for each edge between vertices, and one for each free index."""
        vertices = self.network.vertices
        halves: dict[int, list[int]] = {}
        wires: list[Wire] = []
        for number, edge in enumerate(self.network.edges):
            tags = [v for v in (edge.one, edge.other) if isinstance(vertices[v], Tag)]
            if tags:
                halves.setdefault(tags[0], []).append(number)
                continue
            kinds = [vertices[edge.one], vertices[edge.other]]
            kind = WireKind.EDGE
            if any(isinstance(vertex, End) for vertex in kinds):
                kind = WireKind.THROUGH if self.is_through else WireKind.LEG
            is_loop = any(isinstance(vertex, Loop) for vertex in kinds)
            wires.append(Wire(kind, edge.letter, tuple(self._points(number)), is_loop))
        for edges in halves.values():
            first, second = sorted(
                edges, key=lambda edge: self.grid.cells[self.grid.paths[edge][0]]
            )
            points = (*self._points(first), *self._points(second))
            wires.append(Wire(WireKind.EDGE, self.network.edges[first].letter, points))
        return wires

    def _start(self, edge: int) -> int:
        return self.grid.cells[self.grid.paths[edge][0]]

    def _points(self, edge: int) -> list[tuple[float, float]]:
        """The line of an edge from left to right: level in its cells, bent between columns."""
        path = self.grid.paths[edge]
        points: list[tuple[float, float]] = []
        for place, cell in enumerate(path):
            y = self.y[cell] + self.grid.ports.get((cell, edge), 0.0)
            left, right = self.edges_of_columns[self.grid.cells[cell]]
            if place == 0:
                points += [(self._border(cell, edge, 1), y), (right, y)]
            elif place == len(path) - 1:
                points += [(left, y), (self._border(cell, edge, -1), y)]
            else:
                points += [(left, y), (right, y)]
        return points

    def _border(self, cell: int, edge: int, side: int) -> float:
        """Where an edge meets the outline of a vertex on the right (1) or left (-1)."""
        half, off = self.reaches[cell].half, abs(self.grid.ports.get((cell, edge), 0.0))
        match self.network.vertices[cell]:
            case Tensor(is_number=False):
                up = self.reaches[cell].up
                radius = min(half, up, RADIUS)
                beyond = max(0.0, off - (up - radius))
                inset: float = radius - (radius**2 - min(beyond, radius) ** 2) ** 0.5
                return self.x[cell] + side * (half - inset)
            case Frame():
                return self.x[cell] + side * self.boxes[cell].width / 2
            case Dot() | Tag():
                return self.x[cell]
            case End() if self.is_through:
                return self.x[cell] - side * (half + self.margins[side < 0])
            case Loop():
                return self.x[cell] - half + LOOP
            case _:
                return self.x[cell] + side * (half - 1)

    # --- vertices -------------------------------------------------------------------------------

    def _shapes(self, number: int, vertex: Vertex) -> list[Shape]:
        x, y, reach = self.x[number], self.y[number], self.reaches[number]
        match vertex:
            case Tensor(name=name, is_number=True):
                return [Words(TextKind.NUMBER, x, y, name, NUMBER)]
            case Tensor(name=name):
                outline = Mark(MarkKind.TENSOR, x, y, 2 * reach.half, 2 * reach.up)
                return [outline, Words(TextKind.NAME, x, y, name, NAME)]
            case Frame():
                return self.boxes[number].shapes.moved(x, y).marks
            case Dot(letters=letters):
                dot = Mark(MarkKind.DOT, x, y, 2 * DOT, 2 * DOT)
                return [dot, *_letters(TextKind.INDEX, x, y - RAISED - 2, joined(letters))]
            case Tag(letter=letter):
                return _letters(TextKind.INDEX, x, y - RAISED, lettered(letter))
            case End(letter=letter):
                kind = TextKind.FREE if letter in self.free else TextKind.INDEX
                return _letters(kind, x, y, () if self.is_through else lettered(letter))
            case Loop(letter=letter):
                return _letters(TextKind.INDEX, x + LOOP / 2, y, lettered(letter))


def _letters(kind: TextKind, x: float, y: float, lettering: Lettering) -> list[Shape]:
    return [Words(kind, x, y, lettering, LETTER)] if lettering else []
