"""The matrix between stacked indices, before it is written: blocks of blocks around tensors.

In: made by `vec_chain`, `vec_order` and `vec_sum`. Out: read by `vec_formula`. Blocks that are
equal are equal records, so that what several terms share can be found.

>>> from indexcalc.ir.build import variable
>>> m, n = Extent.named("m"), Extent.named("n")
>>> A = Plain(variable("A", (m, n)))
>>> [str(extent) for extent in sides(Kronecker((Identity(n), A)))]
['m*n', 'n*n']
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from math import prod
from typing import assert_never

from indexcalc.ir.extent import ONE, Extent
from indexcalc.ir.node import Node


@dataclass(frozen=True, slots=True)
class Plain:
    """A matrix, a column, or (with `row`) a vector as a row."""

    node: Node
    row: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity matrix."""

    extent: Extent


@dataclass(frozen=True, slots=True)
class Ones:
    """A column (or a row) of ones."""

    extent: Extent
    row: bool = False


@dataclass(frozen=True, slots=True)
class AllOnes:
    """A matrix of ones."""

    rows: Extent
    columns: Extent


@dataclass(frozen=True, slots=True)
class Stacked:
    """`vec` of a matrix, as a column or as a row."""

    node: Node
    row: bool = False


@dataclass(frozen=True, slots=True)
class Diagonal:
    """`Diag(vec(M))` of a matrix."""

    node: Node


@dataclass(frozen=True, slots=True)
class Commutation:
    """`K` with `K vec(X) = vec(X^T)` for a matrix of these extents."""

    rows: Extent
    columns: Extent


@dataclass(frozen=True, slots=True)
class Kronecker:
    """`first ⊗ second ⊗ …`."""

    parts: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """`coefficient · scalars · first second …`: a product of matrices; at least one."""

    parts: tuple[Block, ...]
    coefficient: Fraction = Fraction(1)
    scalars: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Plus:
    """A sum of two terms or more."""

    terms: tuple[Block, ...]


Leaf = Plain | Identity | Ones | AllOnes | Stacked | Diagonal | Commutation
Block = Leaf | Kronecker | Chain | Plus


def inside(block: Block) -> tuple[Block, ...]:
    """The blocks directly inside."""
    match block:
        case Kronecker(parts=parts) | Chain(parts=parts):
            return parts
        case Plus(terms=terms):
            return terms
        case _:
            return ()


def bottom_up(root: Block) -> list[Block]:
    """All blocks, those inside before those around them."""
    order: list[Block] = []
    stack = [root]
    while stack:
        block = stack.pop()
        order.append(block)
        stack.extend(inside(block))
    order.reverse()
    return order


def sides(root: Block) -> tuple[Extent, Extent]:
    """How many rows and columns there are."""
    known: dict[Block, tuple[Extent, Extent]] = {}
    for block in bottom_up(root):
        known[block] = _sides(block, [known[part] for part in inside(block)])
    return known[root]


def _sides(block: Block, parts: list[tuple[Extent, Extent]]) -> tuple[Extent, Extent]:
    match block:
        case Kronecker():
            rows, columns = ONE, ONE
            for part in parts:
                rows, columns = rows * part[0], columns * part[1]
            return rows, columns
        case Chain():
            return parts[0][0], parts[-1][1]
        case Plus():
            return parts[0]
        case Plain() | Stacked() | Diagonal():
            return _tensor_sides(block)
        case _:
            return _named_sides(block)


def _named_sides(block: Identity | Ones | AllOnes | Commutation) -> tuple[Extent, Extent]:
    match block:
        case Identity(extent=extent):
            return extent, extent
        case Ones(extent=extent, row=row):
            return (ONE, extent) if row else (extent, ONE)
        case AllOnes(rows=rows, columns=columns):
            return rows, columns
        case Commutation(rows=rows, columns=columns):
            return rows * columns, rows * columns
        case _:
            assert_never(block)


def _tensor_sides(block: Plain | Stacked | Diagonal) -> tuple[Extent, Extent]:
    size = prod(block.node.shape, start=ONE)
    match block:
        case Plain(node=node) if len(node.shape) == 2:
            return node.shape[0], node.shape[1]
        case Plain(row=row) | Stacked(row=row):
            return (ONE, size) if row else (size, ONE)
        case Diagonal():
            return size, size
        case _:
            assert_never(block)


def lies(root: Block) -> tuple[bool, bool]:
    """Whether the block has rows to count, and columns: a column has only rows."""
    known: dict[Block, tuple[bool, bool]] = {}
    for block in bottom_up(root):
        parts = [known[part] for part in inside(block)]
        match block:
            case Plain(node=node, row=row) if len(node.shape) < 2:
                known[block] = not row, row
            case Ones(row=row) | Stacked(row=row):
                known[block] = not row, row
            case Kronecker():
                known[block] = any(rows for rows, _ in parts), any(last for _, last in parts)
            case Chain():
                known[block] = parts[0][0], parts[-1][1]
            case Plus():
                known[block] = parts[0]
            case _:
                known[block] = True, True
    return known[root]


def tensors(root: Block) -> list[Node]:
    """The nodes that are written, each as often as it is."""
    found: list[Node] = []
    stack = [root]
    while stack:
        part = stack.pop()
        if isinstance(part, Plain | Stacked | Diagonal):
            found.append(part.node)
        elif isinstance(part, Chain):
            found += part.scalars
        stack.extend(inside(part))
    return found


def with_tensors(root: Block, new: Mapping[Node, Node]) -> Block:
    """The block with other tensors in it."""
    made: dict[Block, Block] = {}
    for block in bottom_up(root):
        parts = tuple(made[part] for part in inside(block))
        match block:
            case Plain(node=node) | Stacked(node=node) | Diagonal(node=node):
                made[block] = replace(block, node=new[node])
            case Chain(scalars=scalars):
                scalars = tuple(new[node] for node in scalars)
                made[block] = replace(block, parts=parts, scalars=scalars)
            case Kronecker():
                made[block] = Kronecker(parts)
            case Plus():
                made[block] = Plus(parts)
            case _:
                made[block] = block
    return made[root]


def kronecker(parts: list[Block]) -> Block:
    """The Kronecker product; inner ones are opened, and one part is itself."""
    flat: list[Block] = []
    for part in parts:
        flat += part.parts if isinstance(part, Kronecker) else (part,)
    return flat[0] if len(flat) == 1 else Kronecker(tuple(flat))


def chained(parts: list[Block], extent: Extent) -> Block:
    """The matrix product without identities; `extent` is that of an empty product."""
    kept = [part for part in parts if not isinstance(part, Identity)]
    if not kept:
        return Identity(extent)
    return kept[0] if len(kept) == 1 else Chain(tuple(kept))


def signature(root: Block) -> str:
    """A text that is the same for equal blocks, and in every process."""
    known: dict[Block, str] = {}
    for block in bottom_up(root):
        own = [type(block).__name__]
        for field in fields(block):
            value = getattr(block, field.name)
            if field.name not in ("parts", "terms", "scalars"):
                own.append(value.digest.hex() if field.name == "node" else str(value))
        if isinstance(block, Chain):
            own += [node.digest.hex() for node in block.scalars]
        known[block] = f"{','.join(own)}({','.join(known[part] for part in inside(block))})"
    return known[root]


EFFORTS: dict[type[Block], int] = {
    Identity: 1, Plain: 2, Ones: 2, AllOnes: 2, Stacked: 3, Diagonal: 4, Commutation: 4,
}  # fmt: skip


def effort(root: Block) -> int:
    """What the block costs to read, whatever tensors it is made of."""
    total = 0
    stack = [root]
    while stack:
        block = stack.pop()
        total += EFFORTS.get(type(block), 0)
        total += 2 if isinstance(block, Kronecker) else 0
        stack.extend(inside(block))
    return total
