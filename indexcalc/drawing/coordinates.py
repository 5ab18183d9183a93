"""How far down every cell stands, so that edges are as straight as they can be.

In: a grid whose columns are in order, and the space of each cell. Out: a height for each cell. Each
column in turn takes the places that its neighbours wish, as near as the order and the spaces allow:
the least squares under order constraints, found by pooling adjacent violators (Ayer et al. 1955;
Barlow et al., "Statistical inference under order restrictions", 1972).

>>> pooled([3.0, 1.0, 5.0], [1.0, 1.0, 1.0])
[2.0, 2.0, 5.0]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from indexcalc.drawing.grid import Grid
from indexcalc.drawing.measures import APART, Reach

SWEEPS = 60
STRAIGHT = (1.0, 2.0, 8.0)  # weight of a link by how many of its cells an edge only passes
ALONE = 6.0  # the same for the only link of both its cells on this side
QUIET = 1e-3


def heights(grid: Grid, reaches: Sequence[Reach]) -> list[float]:
    """The place of each cell along its column."""
    found = [0.0] * len(grid.cells)
    spaces = [_spaces(column, reaches) for column in grid.columns]
    for column, offsets in zip(grid.columns, spaces, strict=True):
        middle = (offsets[0] + offsets[-1]) / 2
        for cell, offset in zip(column, offsets, strict=True):
            found[cell] = offset - middle
    links = _links(grid)
    for _ in range(SWEEPS if len(grid.cells) < 1000 else 10):
        moved = 0.0
        for number in [*range(len(grid.columns)), *reversed(range(len(grid.columns)))]:
            moved = max(moved, _settle(grid.columns[number], spaces[number], links, found))
        if moved < QUIET:
            break
    return found


def _spaces(column: Sequence[int], reaches: Sequence[Reach]) -> list[float]:
    """The least place of each cell if the first is at zero."""
    offsets = [0.0]
    for upper, lower in pairwise(column):
        offsets.append(offsets[-1] + reaches[upper].down + APART + reaches[lower].up)
    return offsets


def _links(grid: Grid) -> list[list[tuple[int, float, float]]]:
    """For each cell its neighbours, how much lower they wish it, and the weight of the wish."""
    found: list[list[tuple[int, float, float]]] = [[] for _ in grid.cells]
    leaving = Counter(link.left for links in grid.links for link in links)
    arriving = Counter(link.right for links in grid.links for link in links)
    for link in (link for links in grid.links for link in links):
        slope = grid.ports.get((link.left, link.edge), 0.0)
        slope -= grid.ports.get((link.right, link.edge), 0.0)
        passed = sum(grid.vertex(cell) is None for cell in (link.left, link.right))
        is_alone = leaving[link.left] == arriving[link.right] == 1
        weight = STRAIGHT[passed] * (ALONE if is_alone else 1.0)
        found[link.right].append((link.left, slope, weight))
        found[link.left].append((link.right, -slope, weight))
    return found


def _settle(
    column: Sequence[int],
    offsets: Sequence[float],
    links: Sequence[Sequence[tuple[int, float, float]]],
    found: list[float],
) -> float:
    """Move one column; how far the farthest cell was moved."""
    wishes: list[float] = []
    weights: list[float] = []
    for cell, offset in zip(column, offsets, strict=True):
        weight = sum(weight for _, _, weight in links[cell])
        total = sum(weight * (found[other] + slope) for other, slope, weight in links[cell])
        wishes.append((total / weight if weight else found[cell]) - offset)
        weights.append(weight or 1.0)
    moved = 0.0
    for cell, offset, place in zip(column, offsets, pooled(wishes, weights), strict=True):
        moved = max(moved, abs(found[cell] - place - offset))
        found[cell] = place + offset
    return moved


def pooled(wishes: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The numbers that never fall and are nearest to the wishes, by weighted least squares."""
    blocks: list[tuple[float, float, int]] = []
    for wish, weight in zip(wishes, weights, strict=True):
        mean, mass, size = wish, weight, 1
        while blocks and blocks[-1][0] > mean:
            before, heavy, many = blocks.pop()
            mean = (before * heavy + mean * mass) / (heavy + mass)
            mass, size = mass + heavy, size + many
        blocks.append((mean, mass, size))
    return [mean for mean, _, size in blocks for _ in range(size)]
