"""Which vertex stands in which column: the first step of a layered drawing.

In: a network, and the sides on which its free indices end. Out: a column for each vertex, so that
edges lead from left to right. Layered drawing is that of Sugiyama, Tagawa and Toda ("Methods for
visual understanding of hierarchical system structures", 1981), in the four steps of Gansner,
Koutsofios, North and Vo ("A technique for drawing directed graphs", 1993): columns, order within
columns, places, curves. Contraction graphs have no direction: several orders of the vertices (the
reader's, and breadth-first from each vertex) are tried, and the one that draws best is taken.

>>> from indexcalc.drawing.lettering import lettered
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
from itertools import pairwise

from indexcalc.drawing.grid import grid_of
from indexcalc.drawing.network import Dot, End, Frame, Loop, Network, Tag, Tensor
from indexcalc.drawing.ordering import order_columns

TRIED_BY_ALL = 14  # starts of a breadth-first order, for a network of at most so many vertices
NO_BULK: Mapping[int, float] = {}
PASSED = 0.5  # height of an edge that passes a column
CROSSED, HIGH, WIDE = 4.0, 2.5, 0.25  # costs
ONE_SIDED = 0.6
TURNED = 0.03  # cost of two factors that are drawn in turned order
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


def layered(
    network: Network,
    sides: Mapping[str, Side],
    bulk: Mapping[int, float] = NO_BULK,
    pinned: bool = False,
) -> Layering:
    """The best of several layerings; the first of equals.

    An end whose letter has no side is on the right. `bulk` tells how high frames are, by vertex,
    in units of a tensor. With `pinned` all ends are in the first or the last column.
    """
    beside = neighbours(network)
    best: Layering | None = None
    core = [v for v, part in enumerate(network.vertices) if isinstance(part, Tensor | Frame)]
    for order in _orders(network, beside, sides):
        ranks = _ranks(network, order, beside, sides)
        columns = _tightened(_longest_paths(ranks, beside), ranks, beside)
        if pinned:
            columns = _pinned(network, columns, sides)
        layering = Layering(
            tuple(columns), _cost(network, columns, bulk) + TURNED * _turned(columns, core)
        )
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
    yield _reading_order(network, core, beside, first=True)
    yield _reading_order(network, core, beside, first=False)
    few = len(core) <= TRIED_BY_ALL
    for start in core if few else [core[0], core[-1]]:
        yield _breadth_first(network, start, beside)


def _reading_order(
    network: Network, core: Sequence[int], beside: Sequence[Sequence[int]], first: bool
) -> list[int]:
    """As printed; a dot comes behind the first vertex that it is joined to, or behind half."""

    def place(vertex: int) -> tuple[int, int]:
        if not isinstance(network.vertices[vertex], Dot):
            return vertex, 0
        joined = sorted(v for v in beside[vertex] if v in solid) or [vertex]
        return joined[0 if first else (len(joined) - 1) // 2], 1

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


def _turned(columns: Sequence[int], core: Sequence[int]) -> int:
    """How many neighbours in reading order are drawn from right to left."""
    return sum(columns[one] > columns[other] for one, other in pairwise(core))


def _cost(network: Network, columns: Sequence[int], bulk: Mapping[int, float]) -> float:
    """Crossings count most, then height, then the length of edges."""
    grid = grid_of(network, columns)
    crossings = order_columns(grid, sweeps=4)
    highest = 0.0
    for column in grid.columns:
        vertices = [cell for cell in column if grid.vertex(cell) is not None]
        height = PASSED * (len(column) - len(vertices))
        highest = max(highest, height + sum(bulk.get(cell, 1.0) for cell in vertices))
    length = len(grid.cells) - len(network.vertices) + len(network.edges)
    sides = WIDE * len(grid.columns) + ONE_SIDED * _one_sided(network, columns)
    return CROSSED * crossings + HIGH * highest + length + sides


def _one_sided(network: Network, columns: Sequence[int]) -> int:
    """How many vertices have several edges, all on one side."""
    count = 0
    for vertex, near in enumerate(neighbours(network)):
        right = sum(columns[other] > columns[vertex] for other in near)
        count += len(near) > 1 and right in (0, len(near))
    return count
