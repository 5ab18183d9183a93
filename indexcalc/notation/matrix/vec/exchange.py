"""Slots of a Kronecker product in another order: commutation matrices.

In: labels as they come and as they are wanted, slow to fast, with their extents. Out: the matrices
that follow. `(A ⊗ B) K` has the columns of `B ⊗ A`.

>>> m, n = Extent.named("m"), Extent.named("n")
>>> exchanged((1, 2), (2, 1), {1: m, 2: n})
[Commutation(rows=Extent(terms=((('m',), 1),)), columns=Extent(terms=((('n',), 1),)))]
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from math import prod

from indexcalc.ir.extent import ONE, Extent
from indexcalc.ir.node import Labels
from indexcalc.notation.matrix.vec.block import Block, Commutation, Identity, kronecker


def exchanged(have: Labels, want: Labels, extents: Mapping[int, Extent]) -> list[Block]:
    """The fewest matrices that bring columns in the order `have` into the order `want`."""
    moves: dict[Labels, tuple[Labels, tuple[int, int, int]]] = {}
    queue = deque([have])
    while queue and want not in moves and want != have:
        current = queue.popleft()
        for move in _moves(len(current)):
            after = _moved(current, move)
            if after != have and after not in moves:
                moves[after] = current, move
                queue.append(after)
    found: list[Block] = []
    place = want
    while place != have:
        before, move = moves[place]
        found.append(_matrix(before, move, extents))
        place = before
    return found[::-1]


def _moves(count: int) -> Iterator[tuple[int, int, int]]:
    """Two neighbouring runs that change places: the start, the middle and the end."""
    for start in range(count):
        for end in range(start + 2, count + 1):
            for middle in range(start + 1, end):
                yield start, middle, end


def _moved(labels: Labels, move: tuple[int, int, int]) -> Labels:
    start, middle, end = move
    return labels[:start] + labels[middle:end] + labels[start:middle] + labels[end:]


def _matrix(labels: Labels, move: tuple[int, int, int], extents: Mapping[int, Extent]) -> Block:
    start, middle, end = move

    def size(first: int, last: int) -> Extent:
        return prod((extents[label] for label in labels[first:last]), start=ONE)

    parts: list[Block] = [Commutation(size(start, middle), size(middle, end))]
    if start:
        parts.insert(0, Identity(size(0, start)))
    if end < len(labels):
        parts.append(Identity(size(end, len(labels))))
    return kronecker(parts)
