"""Statements read one after the other: functions, definitions in order of use, then the others.

In: the statements of a program and its symbols. Out: their terms; after extents are solved, nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from indexcalc.elaborate.dependencies import ordered
from indexcalc.elaborate.elaborated import Assumption, Claim, Definition, Elaborated
from indexcalc.elaborate.expression import ExpressionReader, plain_letters
from indexcalc.elaborate.functions import Formula
from indexcalc.elaborate.introductions import target_reference
from indexcalc.elaborate.lower import Lowering, defined_functions
from indexcalc.elaborate.names import declared_name
from indexcalc.elaborate.orientation import broadcast
from indexcalc.elaborate.query import query_of
from indexcalc.elaborate.ranks import DIFFERENTIAL, differential_of, uses_of_statements
from indexcalc.elaborate.symbols import Symbol, SymbolTable
from indexcalc.elaborate.targets import target_name
from indexcalc.elaborate.term import Letters, Literal, Named, Value
from indexcalc.elaborate.uses import uses_in
from indexcalc.elaborate.vocabulary import CONSTANTS
from indexcalc.errors import FormulaError, Mark, ShapeError, UnknownNameError, counted
from indexcalc.ir.environment import Environment
from indexcalc.syntax import tree


@dataclass(slots=True)
class StatementReader:
    """Reads the statements of one program."""

    expressions: ExpressionReader
    definitions: dict[str, tuple[tree.Definition, Letters, Value]] = field(default_factory=dict)
    assumptions: list[Assumption] = field(default_factory=list)
    queries: list[tuple[tree.Query, Value]] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    @property
    def table(self) -> SymbolTable:
        """The names of the program."""
        return self.expressions.table

    # --- functions ----------------------------------------------------------------------------

    def read_functions(self, program: tree.Program) -> None:
        """Read the bodies of defined functions, those first that others call."""
        bodies = {
            declared_name(s.name): s
            for s in program.statements
            if isinstance(s, tree.FunctionDefinition)
        }
        needs = {
            name: [use.name for use in uses_in(s.body, self.table.known) if use.called]
            for name, s in bodies.items()
        }
        places = {name: s.name.span for name, s in bodies.items()}
        for name in ordered(needs, places):
            self.read_function(name, bodies[name])

    def read_function(self, name: str, definition: tree.FunctionDefinition) -> None:
        """Read one body. Raises `UnknownNameError` if it uses anything but parameters."""
        parameters = {
            declared_name(part): Value(Named(part.span, (), declared_name(part)), ())
            for part in definition.parameters
        }
        for use in uses_in(definition.body, self.table.known):
            constant = use.name in CONSTANTS and use.name not in self.table.symbols
            if not use.called and use.name not in parameters and not constant:
                raise UnknownNameError(
                    f"the body of {name} uses {use.name}, which is not one of its parameters",
                    Mark(use.span),
                    Mark(definition.name.span, "the function"),
                    hint=f"make it a parameter:  {name}({', '.join(parameters)}, {use.name}) = …",
                )
        value = self.expressions.read(definition.body, (), "", parameters)
        if value.shape:
            raise ShapeError(
                f"the body of {name} must be a scalar formula", Mark(definition.body.span)
            )
        formula = Formula(name, tuple(parameters), value.term, definition.name.span)
        self.expressions.functions.formulas[name] = formula

    # --- definitions ----------------------------------------------------------------------------

    def read_definitions(self, program: tree.Program) -> None:
        """Read all definitions, each after those that it uses."""
        declared = self.table.known
        found = {
            target_name(s, declared): s
            for s in program.statements
            if isinstance(s, tree.Definition)
        }
        needs = {
            name: [use.name for use in uses_in(s.value, declared)] for name, s in found.items()
        }
        places = {name: s.target.span for name, s in found.items()}
        for name in ordered(needs, places):
            self.read_definition(name, found[name])
        self.definitions = {name: self.definitions[name] for name in found}

    def read_definition(self, name: str, definition: tree.Definition) -> None:
        """Read one definition, and learn its shape."""
        reference = target_reference(name, definition, self.table.known)
        symbol, place = self.table.symbols[name], definition.target.span
        value = self.expressions.read(definition.value, reference.letters, place.text)
        if reference.indices is None:
            value = _zeros(value, symbol)
            self.enter_shape(symbol, value, definition)
            letters = plain_letters(len(value.shape))
        else:
            assert symbol.shape is not None
            letters = reference.letters
            extents = dict(zip(letters, symbol.shape, strict=True))
            value = self.expressions.spread(value, letters, extents, place)
            symbol.origin = symbol.origin or f"defined as {place.text}"
        self.definitions[name] = definition, letters, value

    def enter_shape(self, symbol: Symbol, value: Value, definition: tree.Definition) -> None:
        """Give a symbol that is defined without indices the shape of its value."""
        symbol.row = value.row
        if symbol.shape is None:
            symbol.shape, symbol.origin = value.shape, "its definition"
            return
        place = definition.target.span
        if len(symbol.shape) != len(value.shape):
            raise ShapeError(
                f"{symbol.name} is declared with {counted(len(symbol.shape), 'axis', 'axes')}, but "
                f"its definition has {len(value.shape)}",
                Mark(symbol.span, "declared"),
                Mark(definition.value.span, "defined"),
            )
        for axis, (left, right) in enumerate(zip(symbol.shape, value.shape, strict=True)):
            what = f"axis {axis + 1} of {symbol.name}"
            self.table.extents.unify(left, right, place, definition.value.span, what)

    # --- assumptions, queries, claims -------------------------------------------------------------

    def read_others(self, program: tree.Program) -> None:
        """Read assumptions and queries; then claims, as far as they can be read."""
        for statement in program.statements:
            match statement:
                case tree.Assumption():
                    self.read_assumption(statement)
                case tree.Query():
                    self.queries.append((statement, self.expressions.read(statement.value)))
                case _:
                    pass
        claims = [s for s in program.statements if isinstance(s, tree.Claim)]
        if claims:
            others = [s for s in program.statements if not isinstance(s, tree.Claim)]
            names = {use.name for use in uses_of_statements(others, self.table.known)}
            spoken = [symbol for name, symbol in self.table.symbols.items() if name in names]
            for claim in claims:
                self.claims.append(Claim(claim, self.try_claim(claim, spoken)))

    def read_assumption(self, assumption: tree.Assumption) -> None:
        """Read both sides of a fact."""
        left = self.expressions.read(assumption.left)
        letters = left.letters or ()
        right = self.expressions.read(assumption.right, letters)
        if right.letters is not None and left.letters is not None:
            extents = dict(zip(letters, left.shape, strict=True))
            right = self.expressions.spread(right, letters, extents, assumption.left.span)
        elif len(left.shape) != len(right.shape):
            raise ShapeError(
                "the sides of an assumption have different numbers of axes",
                Mark(assumption.left.span),
                Mark(assumption.right.span),
            )
        for left_extent, right_extent in zip(left.shape, right.shape, strict=True):
            places = assumption.left.span, assumption.right.span
            self.table.extents.unify(left_extent, right_extent, *places, "an axis")
        self.assumptions.append(Assumption(assumption, letters, left.term, right.term))

    def try_claim(self, claim: tree.Claim, spoken: Sequence[Symbol] = ()) -> Letters | None:
        """Learn extents from a claim; what is wrong in it is for the judgement to say.

        It may tell extents of names that only claims have, but not that two extents of the other
        names, those of the `spoken` symbols, are one: a wrong claim would make them so.
        """
        if self.has_differentials(claim):
            return None
        letters: Letters | None = None
        first: Value | None = None
        apart = self.distinct_extents(spoken)
        for side in claim.sides:
            before = self.table.extents.copy()
            try:
                value = self.expressions.read(side, letters)
                if first is not None and value.letters is not None and first.letters is not None:
                    extents = dict(zip(first.letters, first.shape, strict=True))
                    value = self.expressions.spread(value, first.letters, extents, side.span)
            except FormulaError:
                self.table.extents.restore(before)
                continue
            if self.distinct_extents(spoken) < apart:
                self.table.extents.restore(before)
            if first is None:
                first, letters = value, value.letters
        return letters

    def distinct_extents(self, symbols: Sequence[Symbol]) -> int:
        """How many different extents these symbols have, as far as is known."""
        solve = self.table.extents.solve
        return len({solve(extent) for symbol in symbols for extent in symbol.shape or ()})

    def has_differentials(self, claim: tree.Claim) -> bool:
        """Whether a claim speaks of `dλ` or `d(…)`."""
        symbols = self.table.symbols
        return any(
            use.name not in symbols
            and (
                (use.called and use.name == DIFFERENTIAL)
                or differential_of(use.name, symbols, self.table.known) is not None
            )
            for use in uses_in(claim, self.table.known)
        )

    # --- nodes ----------------------------------------------------------------------------------

    def lowered(self, program: tree.Program) -> Elaborated:
        """Everything with its node, once extents are solved."""
        functions = self.expressions.functions
        lowering = Lowering(self.table.symbols, self.table.extents)
        definitions = tuple(
            Definition(
                statement, name, letters, value.term, lowering.variable(name),
                lowering.lower(value.term), value.row,
            )
            for name, (statement, letters, value) in self.definitions.items()
        )  # fmt: skip
        results = [(s, value, lowering.lower(value.term)) for s, value in self.queries]
        environment = Environment(
            {definition.variable: definition.node for definition in definitions},
            defined_functions(functions),
            tuple((lowering.lower(a.left), lowering.lower(a.right)) for a in self.assumptions),
        )
        symbols = {
            name: replace(symbol, shape=lowering.shape(symbol.shape or (), symbol.span))
            for name, symbol in self.table.symbols.items()
        }
        return Elaborated(
            program,
            symbols,
            definitions,
            tuple(s for s in program.statements if isinstance(s, tree.FunctionDefinition)),
            tuple(self.assumptions),
            tuple(
                query_of(statement, value, node, symbols, environment)
                for statement, value, node in results
            ),
            tuple(self.claims),
            environment,
            self.table,
            functions,
        )


def _zeros(value: Value, symbol: Symbol) -> Value:
    """The number 0 as the zero tensor of a name that is declared; any other value as it is."""
    if not symbol.shape or not isinstance(value.term, Literal) or value.term.value:
        return value
    return Value(broadcast(value.term, symbol.shape), None)
