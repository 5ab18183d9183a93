"""Axes that run over the same entries row by row: `vec(A)_k`, `X_{(sr)q}`, `δ_{(sr)a}`.

In: shapes before and after a reshape. Out: which axes belong together, and whether a name can say
it alone. What a name cannot say is written with a grouped delta.

>>> m, n = Extent.named("m"), Extent.named("n")
>>> split((m * n, n), (m, n, n)), split((m, n), (n, m))
((2, 1), ())
"""

from __future__ import annotations

from collections.abc import Container
from math import prod

from indexcalc.ir.extent import ONE, Extent, Shape
from indexcalc.ir.node import Call, Contraction, Node, Variable


def blocks(shape: Shape, other: Shape) -> list[tuple[int, int]]:
    """How many axes of each shape make up the same entries, from the left, in small steps.

    >>> m, n = Extent.named("m"), Extent.named("n")
    >>> blocks((m, n, m), (m, n * m)), blocks((m, n), (n, m))
    ([(1, 1), (2, 1)], [(2, 2)])
    """
    found: list[tuple[int, int]] = []
    start, begin = 0, 0
    while start < len(shape) or begin < len(other):
        steps = (
            (own, outer)
            for total in range(1, len(shape) + len(other) - start - begin + 1)
            for own in range(max(0, total - len(other) + begin), min(total, len(shape) - start) + 1)
            for outer in (total - own,)
            if product_of(shape[start : start + own]) == product_of(other[begin : begin + outer])
        )
        own, outer = next(steps)
        found.append((own, outer))
        start, begin = start + own, begin + outer
    return found


def product_of(shape: Shape) -> Extent:
    """The number of entries."""
    return prod(shape, start=ONE)


def split(shape: Shape, parts: Shape) -> tuple[int, ...]:
    """How many axes of `parts` make up each axis of `shape`; nothing if axes are joined."""
    sizes = blocks(shape, parts)
    return tuple(outer for _, outer in sizes) if all(own == 1 for own, _ in sizes) else ()


def is_name(node: Node, named: Container[Node]) -> bool:
    """Whether the node is printed as a name, which can have indices of any kind."""
    return isinstance(node, Variable) or node in named


def transpose_of(node: Node) -> Node | None:
    """The matrix whose transpose is `node`."""
    if isinstance(node, Contraction) and node.is_view and len(node.factors) == 1:
        turned = len(node.output) == 2 and node.labels[0] == node.output[::-1]
        return node.factors[0] if turned and node.output[0] != node.output[1] else None
    return None


def stacked(node: Call, named: Container[Node]) -> tuple[Node, bool] | None:
    """`(A, False)` if the reshape is `vec(A)`, `(A, True)` if it is `vec(A^T)`, for a name `A`."""
    if len(node.shape) != 1 or len(node.argument.shape) != 2:
        return None
    columns = transpose_of(node.argument)
    if columns is not None and is_name(columns, named):
        return columns, False
    return (node.argument, True) if is_name(node.argument, named) else None


def is_plain_reshape(node: Call, named: Container[Node]) -> bool:
    """Whether a name can say the reshape: by indices that share an axis, or by stacked columns."""
    grouped = is_name(node.argument, named) and split(node.argument.shape, node.shape)
    return bool(grouped) or stacked(node, named) is not None
