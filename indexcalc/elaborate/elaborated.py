"""What a program is once it is read: symbols, statements with their nodes, and what queries need.

In: nothing. Out: the records that `program` fills and the rest of the package reads.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass

from indexcalc.elaborate.functions import FunctionTable
from indexcalc.elaborate.symbols import Symbol, SymbolTable
from indexcalc.elaborate.term import Letters, Term
from indexcalc.ir.environment import Environment
from indexcalc.ir.extent import Shape
from indexcalc.ir.node import Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.syntax import tree as syntax
from indexcalc.syntax.tree import Tree


@dataclass(frozen=True, slots=True)
class Definition:
    """`z_i = W_ij x_j`: `letters` are those of the left-hand side, or plain ones if it has none."""

    tree: syntax.Definition
    name: str
    letters: Letters
    term: Term
    variable: Variable
    node: Node
    row: bool = False

    @property
    def text(self) -> str:
        """The statement as it was written."""
        return self.tree.span.text


@dataclass(frozen=True, slots=True)
class Query:
    """An expression: index names of its axes in order, shape, term, node.

    `indexed` tells whether the letters were written, `row` whether it is a row vector, `symbols`
    has the program's names and those that the query brings along, which are in `brought`.
    """

    tree: Tree
    letters: Letters
    shape: Shape
    term: Term
    node: Node
    symbols: Mapping[str, Symbol]
    brought: Mapping[str, Symbol]
    environment: Environment
    indexed: bool = True
    row: bool = False

    @property
    def text(self) -> str:
        """The expression as it was written."""
        return self.tree.span.text

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs that it depends on: the program's in its order, then those brought along."""
        found = inputs_of([self])
        return tuple(name for name in self.symbols if name in found)


def inputs_of(queries: Sequence[Query]) -> set[str]:
    """The variables that queries of one program depend on, definitions seen through."""
    definitions = queries[0].environment.definitions

    def below(part: Node) -> tuple[Node, ...]:
        if isinstance(part, Variable) and part in definitions:
            return (definitions[part],)
        return part.arguments

    nodes = postorder([query.node for query in queries], below)
    return {node.name for node in nodes if isinstance(node, Variable) and node not in definitions}


@dataclass(frozen=True, slots=True)
class Assumption:
    """`assume sum_i p_i == 1`."""

    tree: syntax.Assumption
    letters: Letters
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Claim:
    """`a == b == c`, not judged; `letters` are the free indices of the first side, if it has a
    reading."""

    tree: syntax.Claim
    letters: Letters | None


@dataclass(frozen=True, slots=True)
class Elaborated:
    """A program that was read. Shapes in `symbols` are solved; `table` is for further queries."""

    tree: syntax.Program
    symbols: MutableMapping[str, Symbol]
    definitions: tuple[Definition, ...]
    functions: tuple[syntax.FunctionDefinition, ...]
    assumptions: tuple[Assumption, ...]
    queries: tuple[Query, ...]
    claims: tuple[Claim, ...]
    environment: Environment
    table: SymbolTable
    function_table: FunctionTable
