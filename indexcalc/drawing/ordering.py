"""The order of cells within columns, so that few edges cross.

In: a grid. Out: the same grid with its columns sorted, and the number of crossings. Barycentres in
sweeps to the right and to the left, then exchanges of neighbours (Sugiyama et al. 1981; Gansner et
al. 1993, section 3); the best order found is kept.

>>> from indexcalc.drawing.grid import grid_of
>>> from indexcalc.drawing.network import Dot, Edge, Network
>>> dots = [Dot(()) for _ in range(4)]
>>> grid = grid_of(Network(dots, [Edge(0, 3, "i"), Edge(1, 2, "j")]), [0, 0, 1, 1])
>>> crossings(grid), order_columns(grid, sweeps=2), grid.columns
(1, 0, [[0, 1], [3, 2]])
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

from indexcalc.drawing.grid import Grid

EXCHANGED = 400  # cells of a grid in which neighbours are exchanged one by one
ROUNDS = 8

_End = tuple[int, float]


def order_columns(grid: Grid, sweeps: int) -> int:
    """Sort the columns; how many crossings are left."""
    best = [list(column) for column in grid.columns]
    fewest = crossings(grid)
    for sweep in range(sweeps):
        if not fewest:
            break
        _sweep(grid, to_the_right=sweep % 2 == 0)
        if len(grid.cells) <= EXCHANGED:
            _exchange(grid)
        count = crossings(grid)
        if count < fewest:
            fewest, best = count, [list(column) for column in grid.columns]
    grid.columns = best
    return fewest


def crossings(grid: Grid) -> int:
    """How often links cross."""
    return sum(_between(grid, gap) for gap in range(len(grid.links)))


def _between(grid: Grid, gap: int) -> int:
    """Crossings between one column and the next."""
    left, right = _places(grid.columns[gap]), _places(grid.columns[gap + 1])
    ends = sorted(
        (
            (left[link.left], grid.ports.get((link.left, link.edge), 0.0)),
            (right[link.right], grid.ports.get((link.right, link.edge), 0.0)),
        )
        for link in grid.links[gap]
    )
    seen: list[_End] = []
    count = 0
    for _, end in ends:
        count += len(seen) - bisect_right(seen, end)
        insort(seen, end)
    return count


def _places(column: Sequence[int]) -> dict[int, int]:
    return {cell: place for place, cell in enumerate(column)}


def _sweep(grid: Grid, to_the_right: bool) -> None:
    """Sort each column by the mean place of the neighbours on one side."""
    last = len(grid.columns) - 1
    for number in range(1, last + 1) if to_the_right else range(last - 1, -1, -1):
        place = _places(grid.columns[number - 1 if to_the_right else number + 1])
        before: dict[int, list[float]] = {}
        for link in grid.links[number - 1 if to_the_right else number]:
            near, far = (link.left, link.right) if to_the_right else (link.right, link.left)
            port = grid.ports.get((near, link.edge), 0.0)
            before.setdefault(far, []).append(place[near] + port / 1e4)
        own = _places(grid.columns[number])
        means = {cell: sum(found) / len(found) for cell, found in before.items()}
        wishes = {cell: means.get(cell, float(own[cell])) for cell in own}
        grid.columns[number].sort(key=wishes.__getitem__)


def _exchange(grid: Grid) -> None:
    """Exchange neighbours as long as that removes crossings."""
    for _ in range(ROUNDS):
        improved = False
        for number, column in enumerate(grid.columns):
            gaps = [gap for gap in (number - 1, number) if 0 <= gap < len(grid.links)]
            count = sum(_between(grid, gap) for gap in gaps)
            for k in range(len(column) - 1 if count else 0):
                column[k], column[k + 1] = column[k + 1], column[k]
                fewer = sum(_between(grid, gap) for gap in gaps)
                if fewer < count:
                    count, improved = fewer, True
                else:
                    column[k], column[k + 1] = column[k + 1], column[k]
        if not improved:
            break
