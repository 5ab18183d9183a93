"""A network as one product of matrices: its components beside one another.

In: a network. Out: a `Chain`, whose one part is a Kronecker product where no two components share
an index. Components stand so that their rows and their columns come in the order of the result;
if that cannot be, the columns are exchanged by a commutation matrix.

>>> from indexcalc.ir.build import delta, variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.notation.matrix.vec.network import networks
>>> m, n = Extent.named("m"), Extent.named("n")
>>> z = variable("z", (n,))
>>> (network,) = networks(contract([(delta(m), "ik"), (z, "l")], "ikl"), 1)
>>> [type(part).__name__ for part in ordered(network).parts[0].parts]
['Plain', 'Identity']
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import permutations

from indexcalc.errors import FormulaError
from indexcalc.ir.build import ones
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Labels
from indexcalc.notation.matrix.vec.block import (
    Block,
    Chain,
    Identity,
    Plain,
    Stacked,
    chained,
    effort,
    kronecker,
    sides,
)
from indexcalc.notation.matrix.vec.chain import chain
from indexcalc.notation.matrix.vec.components import Component, components
from indexcalc.notation.matrix.vec.exchange import exchanged
from indexcalc.notation.matrix.vec.network import Network

MOST_SLOTS = 4  # of which all orders are tried


def ordered(network: Network) -> Chain:
    """The network as a product of matrices.

    Raises `FormulaError` if a component of it is none.
    """
    scalars, parts = components(network)
    found = _product(parts, network)
    if len(parts) > 1 and any(map(_is_tangled, parts)):
        # a way through all of it at once may be shorter
        together = Component(
            tuple(factor for part in parts for factor in part.factors),
            network.rows,
            network.columns,
            network.groups,
        )
        other = _product([together], network)
        found = min(found, other, key=lambda blocks: sum(map(effort, blocks)))
    return Chain(tuple(found), network.coefficient, tuple(scalars))


def _product(parts: list[Component], network: Network) -> list[Block]:
    """The matrices whose product the components are."""
    rows, columns = network.rows, network.columns
    before, order, after = _fitting(parts, rows, columns, network.extents)
    paired = _paired(order, _slots(rows, columns))
    blocks = [_block(part, network.extents) for part in paired]
    whole = kronecker(blocks) if blocks else Identity(Extent.fixed(1))
    layers = whole.parts if isinstance(whole, Chain) else (whole,)
    product = chained([*before, *layers, *after], sides(whole)[0])
    return list(product.parts) if isinstance(product, Chain) else [product]


# --- order --------------------------------------------------------------------------------------


def _fitting(
    parts: list[Component], rows: Labels, columns: Labels, extents: Mapping[int, Extent]
) -> tuple[list[Block], list[Component], list[Block]]:
    """The components in an order that fits, with the exchanges of rows and columns around them."""
    slots = _slots(rows, columns)
    order = _in_order(parts, rows, columns, slots)
    if order is not None:
        return [], order, []
    if max(len(rows), len(columns)) > MOST_SLOTS:
        raise FormulaError(f"more than {MOST_SLOTS} indices stacked in one axis are in disorder")
    upper = [(exchanged(rows, other, extents), other) for other in permutations(rows)]
    lower = [(exchanged(other, columns, extents), other) for other in permutations(columns)]
    candidates = [(*pair, *other) for pair in upper for other in lower]
    candidates.sort(key=lambda found: (len(found[0]) + len(found[2]), len(found[0])))
    for before, new_rows, after, new_columns in candidates:
        fitting = [_turned(part, new_rows, new_columns) for part in parts]
        order = _in_order(fitting, new_rows, new_columns, slots)
        if order is not None:
            return before, order, after
    raise AssertionError("with all orders of rows and columns one fits")


def _turned(part: Component, rows: Labels, columns: Labels) -> Component:
    """The component with its rows and columns in the order of these."""
    return Component(
        part.factors,
        tuple(label for label in rows if label in part.rows),
        tuple(label for label in columns if label in part.columns),
        part.groups,
    )


def _slots(rows: Labels, columns: Labels) -> dict[tuple[str, int], int]:
    """The number of the slot of each row and column, counted from the fastest."""
    slots = {("row", label): k for k, label in enumerate(reversed(rows))}
    return slots | {("column", label): k for k, label in enumerate(reversed(columns))}


def _in_order(
    parts: list[Component], rows: Labels, columns: Labels, slots: Mapping[tuple[str, int], int]
) -> list[Component] | None:
    """The components so that rows and columns follow one another; None if there is no such order.

    Among several, those of one slot stand together, slow ones first, rows before columns.
    """
    waiting = list(parts)
    found: list[Component] = []
    next_row, next_column = list(rows), list(columns)
    while waiting:
        free = [
            part
            for part in waiting
            if tuple(next_row[: len(part.rows)]) == part.rows
            and tuple(next_column[: len(part.columns)]) == part.columns
        ]
        if not free:
            return None
        chosen = max(free, key=lambda part: _rank(part, slots))
        waiting.remove(chosen)
        found.append(chosen)
        del next_row[: len(chosen.rows)], next_column[: len(chosen.columns)]
    return found


def _rank(part: Component, slots: Mapping[tuple[str, int], int]) -> tuple[int, bool]:
    own = [slots["row", label] for label in part.rows]
    own += [slots["column", label] for label in part.columns]
    return max(own), bool(part.rows)


def _paired(parts: list[Component], slots: Mapping[tuple[str, int], int]) -> list[Component]:
    """A column before a row of the same slot as one component: `x z^T`."""
    found: list[Component] = []
    for part in parts:
        last = found[-1] if found else None
        if (
            last is not None
            and not (last.groups or part.groups)
            and (len(last.rows), len(last.columns)) == (1, 0)
            and (len(part.rows), len(part.columns)) == (0, 1)
            and slots["row", last.rows[0]] == slots["column", part.columns[0]]
        ):
            found[-1] = Component(last.factors + part.factors, last.rows, part.columns)
        else:
            found.append(part)
    return found


# --- one component ------------------------------------------------------------------------------


def _block(part: Component, extents: Mapping[int, Extent]) -> Block:
    rows, columns = part.rows, part.columns
    if len(rows) <= 1 and len(columns) <= 1 and not _has_inner(part):
        return _matrix(part, extents)
    if {len(rows), len(columns)} == {0, 2} and not _has_inner(part):
        # the fast label counts the rows of what is stacked
        slow, fast = rows or columns
        output = (fast, slow)
        return Stacked(contract(part.factors, output, _of(output, extents)), row=not rows)
    blocks = chain(part, extents)
    return chained(blocks, sides(blocks[0])[0]) if blocks else _identity(rows, extents)


def _has_inner(part: Component) -> bool:
    """Whether there is a summed index, which could not be reduced."""
    inner = any(label not in part.outer for _, own in part.factors for label in own)
    return inner or bool(part.groups)


def _is_tangled(part: Component) -> bool:
    """Whether the component is more than a matrix, or a matrix that is stacked."""
    counts = len(part.rows), len(part.columns)
    return _has_inner(part) or (max(counts) > 1 and min(counts) > 0)


def _identity(labels: Labels, extents: Mapping[int, Extent]) -> Block:
    return kronecker([Identity(extents[label]) for label in labels])


def _matrix(part: Component, extents: Mapping[int, Extent]) -> Block:
    labels = part.rows + part.columns
    if not part.factors and len(labels) == 2 and len(set(labels)) == 1:
        return Identity(extents[labels[0]])
    row = not part.rows
    if not part.factors:
        return Plain(ones(tuple(extents[label] for label in labels)), row)
    return Plain(contract(part.factors, labels, _of(labels, extents)), row)


def _of(labels: Iterable[int], extents: Mapping[int, Extent]) -> dict[int, Extent]:
    return {label: extents[label] for label in labels}
