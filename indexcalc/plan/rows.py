"""How NumPy walks through arrays of which one is repeated: row by row, or through its buffer.

In: labels of the operands in the order of the result's axes, sizes. Out: calls of `machine`.

Axes along which the same operands go on and the same stand still are one for NumPy: they make a
row. If several rows fit into the buffer, it copies repeated operands there, so that the loop inside
is long; a copy takes longer than a multiplication. With a short buffer it reads rows as they lie,
and starts a loop for each. Setting the buffer takes time, too: this pays for rows of some hundred
entries, if there are many.

>>> sizes = {0: 512, 1: 512, 2: 10}
>>> [call.kernel for call in walk([(0,), (1,)], (0, 1), sizes)]
['buffer', 'spread_rows']
>>> [call.kernel for call in walk([(0,), (2,)], (0, 2), sizes)]
['spread']
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from indexcalc.ir.node import Labels
from indexcalc.plan import machine
from indexcalc.plan.machine import Call

BUFFER = 8192  # entries of NumPy's own buffer
SHORT = 256  # entries of a short one
WORTH_IT = 0.85  # of the time with NumPy's own buffer: rows may be shorter than planned
FEWEST_ROWS = {1: 2, 2: 3}  # in the buffer, for it to be used; by the operands that are repeated


def walk(
    operands: Sequence[Labels], order: Labels, lengths: Mapping[int, int], size: float = 1.0
) -> tuple[Call, ...]:
    """The faster way for a cheap function at each entry: with NumPy's own buffer, or a short one.

    `size` is that of an entry, in doubles: what is copied are bytes.
    """
    repeated = sum(len(labels) < len(order) for labels in operands)
    row = run(operands, order, lengths)
    count = size * prod(lengths[label] for label in order)
    read = size * sum(prod(lengths[label] for label in labels) for labels in operands)
    kernels: tuple[machine.Kernel, machine.Kernel] = (
        ("spread", "spread_rows") if repeated > 1 else ("broadcast", "rows")
    )
    copied, as_it_lies = (machine.entrywise(k, count, read, size * row) for k in kernels)
    fewest = FEWEST_ROWS[min(max(repeated, 1), 2)]
    if row * fewest > BUFFER:
        return (as_it_lies,)
    if row * fewest <= SHORT:
        return (copied,)
    short = (Call("buffer"), as_it_lies)
    time = sum(map(machine.seconds, short))
    return short if time < WORTH_IT * machine.seconds(copied) else (copied,)


def run(operands: Sequence[Labels], order: Labels, lengths: Mapping[int, int]) -> int:
    """Entries of a row: the same operands go on, and the same stand still."""
    row, kind = 1, None
    for label in reversed(order):
        here = [label in labels for labels in operands]
        if lengths[label] == 1:
            continue
        if kind not in (None, here):
            break
        kind = here
        row *= lengths[label]
    return row
