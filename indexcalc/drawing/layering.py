"""Which vertex stands in which column: the first step of a layered drawing.

In: a network, and the sides on which its free indices end. Out: a column for each vertex, so that
edges lead from left to right. Layered drawing is that of Sugiyama, Tagawa and Toda ("Methods for
visual understanding of hierarchical system structures", 1981), in the four steps of Gansner,
Koutsofios, North and Vo ("A technique for drawing directed graphs", 1993): columns, order within
columns, places, curves. Contraction graphs have no direction: several orders of the vertices (the
reader's, and breadth-first from each vertex) are tried, and the one that draws best is taken.

>>> from indexcalc.drawing.lettering import lettered
>>> from indexcalc.drawing.network import Tensor
>>> from indexcalc.drawing.wiring import wired
>>> A, x = Tensor(lettered("A"), ("i", "j")), Tensor(lettered("x"), ("j",))
>>> [network] = wired([(x, ("j",)), (A, ("i", "j"))], [], [], ["i"])  # x, A, tag, end
>>> layered(network, {"i": Side.LEFT}).columns
(3, 1, 2, 0)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from indexcalc.drawing.grid import grid_of
from indexcalc.drawing.network import Dot, End, Frame, Loop, Network, Tag
from indexcalc.drawing.ordering import order_columns

TRIED_BY_ALL = 14  # starts of a breadth-first order, for a network of at most so many vertices
FIRST, LAST = -1.0, float("inf")


class Side(Enum):
    """Where an edge leaves."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Layering:
    """A column for each vertex, and how bad the drawing looks."""

    columns: tuple[int, ...]
    cost: float


def layered(network: Network, sides: Mapping[str, Side], pinned: bool = False) -> Layering:
    """The best of several layerings; the first of equals.

    An end whose letter has no side is on the right. With `pinned` all ends are in the first or the
    last column.
    """
    beside = neighbours(network)
    best: Layering | None = None
    for order in _orders(network, beside, sides):
        ranks = _ranks(network, order, beside, sides)
        columns = _tightened(_longest_paths(ranks, beside), ranks, beside)
        if pinned:
            columns = _pinned(network, columns, sides)
        layering = Layering(tuple(columns), _cost(network, columns))
        if best is None or layering.cost < best.cost:
            best = layering
    assert best is not None
    return best


def neighbours(network: Network) -> list[list[int]]:
    """The vertices beside each vertex, once for each edge."""
    beside: list[list[int]] = [[] for _ in network.vertices]
    for edge in network.edges:
        beside[edge.one].append(edge.other)
        beside[edge.other].append(edge.one)
    return beside


# --- orders -------------------------------------------------------------------------------------


def _orders(
    network: Network, beside: Sequence[Sequence[int]], sides: Mapping[str, Side]
) -> Iterator[list[int]]:
    """Orders of the tensors, frames and dots, the reader's first."""
    core = [v for v, vertex in enumerate(network.vertices) if not isinstance(vertex, Tag | End)]
    core = [v for v in core if not isinstance(network.vertices[v], Loop)]
    yield _reading_order(network, core, beside)
    few = len(core) <= TRIED_BY_ALL
    for start in core if few else [core[0], core[-1]]:
        yield _breadth_first(network, start, beside)


def _reading_order(
    network: Network, core: Sequence[int], beside: Sequence[Sequence[int]]
) -> list[int]:
    """As printed; a dot comes behind the first vertex that it is joined to."""

    def place(vertex: int) -> tuple[int, int]:
        if not isinstance(network.vertices[vertex], Dot):
            return vertex, 0
        return min((v for v in beside[vertex] if v in solid), default=vertex), 1

    solid = {v for v in core if not isinstance(network.vertices[v], Dot)}
    return sorted(core, key=place)


def _breadth_first(network: Network, start: int, beside: Sequence[Sequence[int]]) -> list[int]:
    found = {start: None}
    for vertex in _growing(found):
        for near in beside[vertex]:
            ahead = beside[near] if isinstance(network.vertices[near], Tag) else [near]
            for other in ahead:
                if not isinstance(network.vertices[other], End | Loop):
                    found.setdefault(other)
    return list(found)


def _growing(found: dict[int, None]) -> Iterator[int]:
    """The keys, those added on the way included."""
    done = 0
    while done < len(found):
        fresh = list(found)[done:]
        yield from fresh
        done += len(fresh)


def _ranks(
    network: Network,
    order: Sequence[int],
    beside: Sequence[Sequence[int]],
    sides: Mapping[str, Side],
) -> list[float]:
    """A number for each vertex, so that edges lead from lower to higher ones."""
    place = {vertex: float(number) for number, vertex in enumerate(order)}
    ranks: list[float] = []
    for number, vertex in enumerate(network.vertices):
        match vertex:
            case End(letter=letter):
                ranks.append(FIRST if sides.get(letter) is Side.LEFT else LAST)
            case Loop():
                ranks.append(LAST)
            case Tag():
                ranks.append(sum(place[other] for other in beside[number]) / 2)
            case _:
                ranks.append(place[number])
    return ranks


# --- columns ------------------------------------------------------------------------------------


def _longest_paths(ranks: Sequence[float], beside: Sequence[Sequence[int]]) -> list[int]:
    columns = [0] * len(ranks)
    for vertex in sorted(range(len(ranks)), key=lambda v: ranks[v]):
        before = [columns[v] for v in beside[vertex] if ranks[v] < ranks[vertex]]
        columns[vertex] = max(before, default=-1) + 1
    return columns


def _tightened(
    columns: list[int], ranks: Sequence[float], beside: Sequence[Sequence[int]]
) -> list[int]:
    """Vertices moved towards the side on which they have more edges; counted from zero."""
    order = sorted(range(len(ranks)), key=lambda v: ranks[v])
    for _ in range(3):
        for direction in (1, -1):
            for vertex in order[::-direction]:
                ahead = [v for v in beside[vertex] if (ranks[v] > ranks[vertex]) == (direction > 0)]
                if 2 * len(ahead) > len(beside[vertex]):
                    reach = [direction * columns[v] for v in ahead]
                    columns[vertex] = direction * (min(reach) - 1)
    least = min(columns)
    return [column - least for column in columns]


def _pinned(network: Network, columns: list[int], sides: Mapping[str, Side]) -> list[int]:
    ends = {v: part.letter for v, part in enumerate(network.vertices) if isinstance(part, End)}
    inner = [column for v, column in enumerate(columns) if v not in ends]
    left, right = min(inner) - 1, max(inner) + 1
    moved = [
        column if v not in ends else left if sides.get(ends[v]) is Side.LEFT else right
        for v, column in enumerate(columns)
    ]
    return [column - min(moved) for column in moved]


def _cost(network: Network, columns: Sequence[int]) -> float:
    """Crossings count most, then height, then the length of edges."""
    grid = grid_of(network, columns)
    crossings = order_columns(grid, sweeps=4)
    heights = [0.0] * len(grid.columns)
    for number, column in enumerate(grid.columns):
        for cell in column:
            vertex = grid.vertex(cell)
            tall = isinstance(network.vertices[vertex], Frame) if vertex is not None else False
            heights[number] += 2.0 if tall else 1.0 if vertex is not None else 0.6
    length = len(grid.cells) - len(network.vertices) + len(network.edges)
    return 4.0 * crossings + 2.5 * max(heights) + length + 0.8 * len(heights)
