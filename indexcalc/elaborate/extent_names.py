"""Names for extents that nobody named.

In: a symbol table after all equations. Out: each extent of an input that is still unknown gets a
name, `m n p q …` in the order in which tensors and their axes first appear, names in use left out.
So the names do not depend on index letters. An extent that no input has stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from indexcalc.elaborate.extents import is_unknown
from indexcalc.elaborate.ranges import name_ranges
from indexcalc.elaborate.symbols import SymbolTable
from indexcalc.ir.extent import Extent, Shape

POOL = "mnpqrstuvwhklabcdfg"


def name_extents(table: SymbolTable) -> None:
    """Give a name to each unknown extent that some input has; of a query, some new input."""
    name_ranges(table)
    names = _free_names(table)
    determined = {
        unknown
        for symbol in table.own.values()
        if symbol.role == "input"
        for extent in symbol.shape or ()
        for unknown in table.extents.solve(extent).names
    }
    for symbol in table.own.values():
        for extent in symbol.shape or ():
            solved = table.extents.solve(extent)
            for unknown in sorted(filter(is_unknown, solved.names), key=_number):
                if unknown not in determined:
                    continue
                table.extents.solution[unknown] = Extent.named(next(names))
    table.extents.settle()


def name_shapes(table: SymbolTable, shapes: Iterable[Shape]) -> None:
    """Give a name to each extent in shapes that is unknown after all: that of a lone `δ_ij`.

    What holds for every size needs no size to be known.
    """
    names = _free_names(table)
    for extent in (extent for shape in shapes for extent in shape):
        for unknown in sorted(filter(is_unknown, table.extents.solve(extent).names), key=_number):
            table.extents.solution[unknown] = Extent.named(next(names))
    table.extents.settle()


def _number(unknown: str) -> int:
    return int(unknown[1:])


def _free_names(table: SymbolTable) -> Iterator[str]:
    taken = set(table.known.extents) | set(table.symbols)
    for symbol in table.symbols.values():
        for extent in symbol.shape or ():
            taken |= table.extents.solve(extent).names
    round_ = 0
    while True:
        for letter in POOL:
            name = f"{letter}{round_ or ''}"
            if name not in taken:
                yield name
        round_ += 1
