"""Names for extents that nobody named.

In: a symbol table after all equations. Out: each extent that is still unknown gets a name, `m n p q …`
in the order in which variables and their axes first appear, names in use left out. So the
names do not depend on index letters.
"""

from __future__ import annotations

from collections.abc import Iterator

from indexcalc.elaborate.extents import is_unknown
from indexcalc.elaborate.symbols import SymbolTable
from indexcalc.ir.extent import Extent

POOL = "mnpqrstuvwhklabcdfg"


def name_extents(table: SymbolTable) -> None:
    """Give a name to each unknown extent of a tensor."""
    names = _free_names(table)
    for symbol in table.symbols.values():
        for extent in symbol.shape or ():
            solved = table.extents.solve(extent)
            for unknown in sorted(filter(is_unknown, solved.names), key=_number):
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
