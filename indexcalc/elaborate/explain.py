"""A program as it was read, in the language itself.

In: an elaborated program. Out: text in index notation with sums written out as Σ, broadcasts as
`1_j` and all shapes declared; comments tell where a shape that was not declared came from. The
text parses back to the same program.

>>> from indexcalc.elaborate.program import elaborate
>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_program
>>> print(explain(elaborate(parse_program(Source("A[m, n], x[n], b[m]; Y = A^T (A x - b)")))))
A[m, n]
x[n]
b[m]
Y[n]  # its definition: n from A[m, n]
Y_i = Σ_j A_ji (Σ_k A_jk x_k - b_j)
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Sequence

from indexcalc.elaborate.elaborated import Assumption, Definition, Elaborated, Query
from indexcalc.elaborate.index_letters import fresh_letters, subscript
from indexcalc.elaborate.index_text import IndexWriter
from indexcalc.elaborate.names import declared_name
from indexcalc.elaborate.symbols import Symbol
from indexcalc.elaborate.term import Letters, Term
from indexcalc.elaborate.uses import everything_in, letters_in
from indexcalc.errors import Span
from indexcalc.ir.extent import Shape
from indexcalc.syntax import tree
from indexcalc.syntax.in_text import in_text
from indexcalc.syntax.tree import Tree


def explain(elaborated: Elaborated) -> str:
    """The text of the whole program. Raises `LimitError` if a term has too many indices."""
    return "\n".join(_Explanation(elaborated).lines())


class _Explanation:
    def __init__(self, elaborated: Elaborated) -> None:
        self.elaborated = elaborated
        self.definitions = {id(d.tree): d for d in elaborated.definitions}
        self.queries = {id(q.tree): q for q in elaborated.queries}
        self.assumptions = {id(a.tree): a for a in elaborated.assumptions}
        self.expressions: dict[tuple[int, int], Tree] | None = None
        symbols = elaborated.symbols
        self.shapes = {name: symbol.shape or () for name, symbol in symbols.items()}

    def lines(self) -> Iterator[str]:
        statements = self.elaborated.tree.statements
        for statement in statements:
            if isinstance(statement, tree.Directive):
                yield f"{statement.key}: {statement.value}"
        yield from self.declarations()
        for statement in statements:
            text = self.statement(statement)
            if text:
                yield text

    def declarations(self) -> Iterator[str]:
        for symbol in self.elaborated.symbols.values():
            if symbol.role == "function":
                continue
            extents = ", ".join(str(extent) for extent in symbol.shape or ())
            traits = "".join(f" {trait}" for trait in sorted(symbol.traits))
            comment = self.origin(symbol)
            yield f"{symbol.name}[{extents}]{traits}" + (f"  # {comment}" if comment else "")

    def origin(self, symbol: Symbol) -> str:
        """Where rank and extents of an undeclared tensor are from; nothing if it was declared."""
        if symbol.origin == "declared":
            return ""
        if symbol.origin == "never indexed":
            return "a scalar: it is never indexed"
        given = self.elaborated.table.symbols[symbol.name].shape or ()
        origins = self.elaborated.table.extents.origins
        found: dict[str, None] = {}
        for unknown, extent in zip(given, symbol.shape or (), strict=True):
            place = origins.get(unknown.name or "")
            if place is not None:
                found[f"{extent} from {' '.join(place.text.split())}"] = None
        row = ", a row" if symbol.row else ""
        return symbol.origin + row + (f": {', '.join(found)}" if found else "")

    # --- statements ---------------------------------------------------------------------------

    def statement(self, statement: Tree) -> str:
        match statement:
            case tree.Definition():
                return self.definition(self.definitions[id(statement)])
            case tree.FunctionDefinition():
                return self.function(statement)
            case tree.Query():
                return self.query(self.queries[id(statement)])
            case tree.Assumption():
                return self.assumption(self.assumptions[id(statement)])
            case tree.Claim():
                return in_text(statement)
            case _:
                return ""

    def definition(self, definition: Definition) -> str:
        writer = self.writer()
        letters = _letters(
            definition.letters, definition.term, definition.tree.target, definition.tree
        )
        target = definition.name + subscript(definition.name, letters, writer.shapes)
        return f"{target} = {writer.text(definition.term, letters)}"

    def function(self, statement: tree.FunctionDefinition) -> str:
        formula = self.elaborated.function_table.formulas[declared_name(statement.name)]
        writer = self.writer(formula.parameters)
        parameters = ", ".join(formula.parameters)
        return f"{formula.name}({parameters}) = {writer.text(formula.body, ())}"

    def query(self, query: Query) -> str:
        letters = _letters(query.letters, query.term, query.tree, query.tree)
        return self.writer().text(query.term, letters, bound=False)

    def assumption(self, assumption: Assumption) -> str:
        writer = self.writer()
        written = assumption.tree.left
        letters = _letters(assumption.letters, assumption.left, written, assumption.tree)
        left = writer.text(assumption.left, letters, bound=False)
        return f"assume {left} == {writer.text(assumption.right, letters)}"

    def writer(self, parameters: Sequence[str] = ()) -> IndexWriter:
        scalars: dict[str, Shape] = dict.fromkeys(parameters, ())
        shapes = ChainMap(scalars, self.shapes)
        return IndexWriter(shapes, self.elaborated.table.extents, self.spelled)

    def spelled(self, place: Span) -> str:
        """The expression at a place in text notation."""
        if self.expressions is None:
            nodes = everything_in(self.elaborated.tree)
            self.expressions = {(node.span.start, node.span.end): node for node in nodes}
        node = self.expressions.get((place.start, place.end))
        return in_text(node) if node is not None else " ".join(place.text.split())


def _letters(own: Letters, term: Term, place: Tree, statement: Tree) -> Letters:
    """The letters that the user wrote at `place`, else new ones that the statement has not."""
    if len(own) == len(term.shape) and set(own) <= letters_in(place):
        return own
    return tuple(fresh_letters(len(term.shape), letters_in(statement)))
