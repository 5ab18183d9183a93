"""Orders of contractions as opt_einsum finds them, for products of three and more.

In: the labels of each operand, the labels to keep, the size of each label. Out: positions in a
list to whose end each product goes. opt_einsum is loaded by the first search, not by the package.

>>> exact([{0, 1}, {1, 2}, {2}], {0}, {0: 9, 1: 9, 2: 9}, "flops")
[(1, 2), (0, 1)]
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

Path = Sequence[Sequence[int]]


def exact(
    operands: Sequence[Collection[int]],
    kept: Collection[int],
    sizes: Mapping[int, int],
    goal: str,
) -> Path:
    """The best of all orders; `goal` is what opt_einsum minimises. For a handful of operands."""
    from opt_einsum.paths import DynamicProgramming  # noqa: PLC0415 - loaded by those who ask

    search = DynamicProgramming(minimize=goal)
    found: Path = search(*_named(operands, kept), dict(sizes))
    return found


def greedy(
    operands: Sequence[Collection[int]], kept: Collection[int], sizes: Mapping[int, int]
) -> Path:
    """A good order, quickly, for any number of operands."""
    from opt_einsum import paths  # noqa: PLC0415 - loaded by those who ask

    found: Path = paths.greedy(*_named(operands, kept), dict(sizes))
    return found


def _named(
    operands: Sequence[Collection[int]], kept: Collection[int]
) -> tuple[list[frozenset[int]], frozenset[int]]:
    # numbers, not letters: sets of strings have another order in every process
    return [frozenset(own) for own in operands], frozenset(kept)
