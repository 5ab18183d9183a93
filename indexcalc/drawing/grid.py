"""Columns of cells: vertices, and places where an edge passes a column.

In: a network with a column for each vertex. Out: a grid in which every link joins neighbouring
columns, so that an edge is a chain of links.

>>> from indexcalc.drawing.network import Dot, Edge
>>> grid = grid_of(Network([Dot(()), Dot(()), Dot(())], [Edge(0, 1, "i"), Edge(2, 0, "j")]),
...                [0, 2, 1])
>>> grid.columns, grid.paths
([[0], [2, 3], [1]], [[0, 3, 1], [0, 2]])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from indexcalc.drawing.network import Network
from indexcalc.errors import LimitError

MOST_CELLS = 20_000


@dataclass(frozen=True, slots=True)
class Link:
    """A piece of an edge between cells of neighbouring columns."""

    left: int
    right: int
    edge: int


@dataclass(slots=True)
class Grid:
    """Cells by column; a cell is a vertex (with its number) or, above those, part of an edge.

    `paths` has the cells of each edge from left to right, `ports` how far up or down an edge is
    attached to a cell where this is fixed.
    """

    vertices: int
    cells: list[int] = field(default_factory=list)  # the column of each cell
    columns: list[list[int]] = field(default_factory=list)
    paths: list[list[int]] = field(default_factory=list)
    links: list[list[Link]] = field(default_factory=list)  # between columns k and k + 1
    ports: dict[tuple[int, int], float] = field(default_factory=dict)

    def vertex(self, cell: int) -> int | None:
        """The vertex in the cell, or None where an edge passes."""
        return cell if cell < self.vertices else None


def grid_of(network: Network, columns: Sequence[int]) -> Grid:
    """The grid for these columns, cells in reading order within each.

    Raises `LimitError` if edges would pass too many columns.
    """
    grid = Grid(len(network.vertices), list(columns))
    grid.columns = [[] for _ in range(max(columns, default=0) + 1)]
    grid.links = [[] for _ in grid.columns[1:]]
    for cell, column in enumerate(columns):
        grid.columns[column].append(cell)
    for number, edge in enumerate(network.edges):
        left, right = sorted((edge.one, edge.other), key=lambda vertex: columns[vertex])
        path = [left]
        if len(grid.cells) + columns[right] - columns[left] > MOST_CELLS:
            raise LimitError(
                f"a product of {len(network.vertices):,} tensors, dots and indices is too "
                "entangled to be drawn",
                hint="give names to parts of the formula in the program",
            )
        for column in range(columns[left] + 1, columns[right]):
            path.append(len(grid.cells))
            grid.cells.append(column)
            grid.columns[column].append(path[-1])
        path.append(right)
        grid.paths.append(path)
        for one, other in pairwise(path):
            grid.links[grid.cells[one]].append(Link(one, other, number))
    return grid
