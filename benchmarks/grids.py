"""Grids of tensors that are contracted to a number: their labels, and a good order for each.

In: rows and columns. Out: the labels of every site, and the pairs to contract, one after another.

>>> labels(2, 2)
(('h1', 'v1'), ('h1', 'v2'), ('v1', 'h2'), ('v2', 'h2'))
>>> equation(labels(2, 2))
'ab,ac,bd,cd->'
"""

from __future__ import annotations

from string import ascii_letters

Labels = tuple[tuple[str, ...], ...]
Path = tuple[tuple[int, int], ...]

PATHS = {
    (4, 5): "3,4 0,3 6,11 9,13 11,15 8,14 8,12 6,12 5,8 4,10 7,9 0,6 1,7 4,6 3,5 2,4 1,3 1,2 0,1",
    (6, 6): (
        "0,6 32,33 3,4 20,26 0,28 2,30 12,28 21,25 20,27 5,11 18,19 1,19 16,17 18,22 0,16 "
        "0,20 10,11 2,3 15,17 2,16 13,14 6,14 4,6 6,12 7,11 5,10 4,9 6,8 6,7 2,6 2,5 0,4 0,3 "
        "0,2 0,1"
    ),
    (6, 10): (
        "0,10 47,57 7,8 36,45 6,54 4,5 32,50 0,1 38,39 21,45 40,41 10,20 36,37 10,37 0,1 "
        "31,33 34,43 23,42 25,30 16,17 21,30 29,38 21,37 35,36 23,24 26,34 12,18 7,21 6,31 "
        "21,30 12,29 11,28 0,6 18,26 16,25 0,24 4,23 18,22 4,7 9,10 10,19 2,3 7,17 3,5 0,5 "
        "0,14 0,1 1,5 0,11 1,10 6,9 5,8 1,7 3,6 4,5 3,4 2,3 1,2 0,1"
    ),
}


def labels(rows: int, columns: int) -> Labels:
    """The bonds of each site: up, left, right, down. `h` goes along a row, `v` along a column."""
    sites = []
    for row in range(rows):
        for column in range(columns):
            h, v = row * (columns - 1) + column, row * columns + column + 1
            bonds = (
                (row > 0, f"v{v - columns}"),
                (column > 0, f"h{h}"),
                (column < columns - 1, f"h{h + 1}"),
                (row < rows - 1, f"v{v}"),
            )
            sites.append(tuple(name for inside, name in bonds if inside))
    return tuple(sites)


def equation(sites: Labels) -> str:
    """The contraction as an einsum equation."""
    names = list(dict.fromkeys(label for site in sites for label in site))
    letters = {name: _letter(number) for number, name in enumerate(names)}
    return ",".join("".join(letters[label] for label in site) for site in sites) + "->"


def _letter(number: int) -> str:
    return ascii_letters[number] if number < len(ascii_letters) else chr(number + 0x180)


def path(rows: int, columns: int) -> Path:
    """The pairs to contract, as `opt_einsum` counts them: each result goes to the end of the list.

    The cheapest of some ten thousand found by `opt_einsum.RandomGreedy`.
    """
    pairs = (pair.split(",") for pair in PATHS[rows, columns].split())
    return tuple((int(first), int(second)) for first, second in pairs)
