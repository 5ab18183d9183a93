"""The symbol table: what each name of a program is, and how many axes it has.

In: what `introductions` and `ranks` find out. Out: a `SymbolTable`: tensors with shapes (extents
may be unknown), functions, extents, and the names that keep the meaning that the language gives
them.
"""

from __future__ import annotations

import unicodedata
from collections import ChainMap
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Literal

from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.uses import Known, uses_in
from indexcalc.elaborate.vocabulary import FUNCTIONS
from indexcalc.errors import Mark, Span, UnknownNameError
from indexcalc.ir.extent import Shape
from indexcalc.syntax import tree

Role = Literal["input", "definition", "function"]


@dataclass(slots=True)
class Symbol:
    """A tensor or function of a program.

    `shape` is None while it waits for its definition to be read; `origin` says where the shape is
    from; `row` that it was defined as a row vector.
    """

    name: str
    role: Role
    shape: Shape | None
    traits: frozenset[str]
    origin: str
    span: Span
    row: bool = False


@dataclass(slots=True)
class SymbolTable:
    """Names with their meaning, in order of first appearance."""

    known: Known
    extents: ExtentTable
    symbols: MutableMapping[str, Symbol] = field(default_factory=dict)
    specials: dict[str, Span] = field(default_factory=dict)  # δ, ε, I with their own meaning
    householder: bool = False
    identifiers: MutableMapping[str, str] = field(default_factory=dict)
    ranges: list[str] = field(default_factory=list)  # extents that stand above sum signs alone

    def extended(self) -> SymbolTable:
        """A table on top of this one: it can be added to without changing this one."""
        known = Known(
            self.known.tensors, self.known.functions, ChainMap({}, self.known.extents),
            ChainMap({}, self.known.ranks), set(self.known.words),
        )  # fmt: skip
        return SymbolTable(
            known, self.extents.extended(), ChainMap({}, self.symbols), dict(self.specials),
            self.householder, ChainMap({}, self.identifiers),
        )  # fmt: skip

    @property
    def own(self) -> MutableMapping[str, Symbol]:
        """The symbols that were not there before this table was extended."""
        return self.symbols.maps[0] if isinstance(self.symbols, ChainMap) else self.symbols

    def is_call(self, call: tree.Apply) -> bool:
        """Whether what stands before the bracket is a function."""
        return self.called(call) is not None

    def called(self, call: tree.Apply) -> str | None:
        """The canonical name of the function that is called, or None if it is a product."""
        head = uses_in(call.head, self.known)[0]
        if head.name in FUNCTIONS and head.name not in self.known and head.name not in self.symbols:
            return head.name
        symbol = self.symbols.get(head.name)
        if head.rank is None and symbol is not None and symbol.role == "function":
            return head.name
        return None

    def add(self, symbol: Symbol) -> None:
        """Add a symbol; refuse a name that Python cannot tell from another one."""
        identifier = unicodedata.normalize("NFKC", symbol.name)
        other = self.identifiers.setdefault(identifier, symbol.name)
        if other != symbol.name:
            raise UnknownNameError(
                f"the names {other} and {symbol.name} look alike but are different letters; "
                f"both are {identifier} in Python",
                Mark(self.symbols[other].span),
                Mark(symbol.span),
                hint="write one of them in both places, or choose another name",
            )
        self.symbols[symbol.name] = symbol
