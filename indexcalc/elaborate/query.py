"""Queries: one more expression in the context of a program.

In: a program that was read, and a tree. Out: a `Query`. Names that the program does not have become
new inputs, as `v` in `∂²λ/∂W_ij∂W_kl v_kl`; the program itself is not changed.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from indexcalc.elaborate.elaborated import Elaborated, Query
from indexcalc.elaborate.expression import ExpressionReader, plain_letters
from indexcalc.elaborate.extent_names import name_extents
from indexcalc.elaborate.functions import FunctionTable
from indexcalc.elaborate.introductions import target_reference
from indexcalc.elaborate.lower import Lowering, language_functions
from indexcalc.elaborate.names import is_name, marked_name
from indexcalc.elaborate.ranges import enter_ranges
from indexcalc.elaborate.ranks import enter_new
from indexcalc.elaborate.symbols import Symbol, SymbolTable
from indexcalc.elaborate.term import Letters, Value
from indexcalc.elaborate.uses import Known, Use, everything_in, long_names_in, uses_in
from indexcalc.elaborate.vocabulary import CONSTANTS, FUNCTIONS, SPECIAL_RANK
from indexcalc.errors import FormulaSyntaxError, Mark, UnknownNameError
from indexcalc.ir.environment import Environment
from indexcalc.ir.node import Node
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree

MOST_NAMES = 20
OWN_NAMES = (CONSTANTS, FUNCTIONS, SPECIAL_RANK)
NOTHING: Mapping[str, Symbol] = MappingProxyType({})


def elaborate_query(
    elaborated: Elaborated, query: Tree, letters: Sequence[str] | None = None
) -> Query:
    """Read an expression, or `H_ik = …` whose left-hand side fixes the order of axes.

    `letters`, if given, are the free indices (those of the other side of a claim). Takes as long as
    the expression is, however long the program. Raises a `FormulaError` that marks the place of
    whatever is wrong.
    """
    value_tree = _expression(query)
    table = elaborated.table.extended()
    functions = FunctionTable(
        table.extents,
        elaborated.function_table.formulas,
        dict(elaborated.function_table.builtin_derived),
    )
    table.known.words |= long_names_in(query)
    uses = uses_in(value_tree, table.known)
    refuse_unknown_variables([value_tree], uses, table, "does not occur in the program")
    enter_ranges([value_tree], uses, table)
    enter_new(table, uses)
    reader = ExpressionReader(table, functions)
    free = _left_hand_side(query, table.known) if letters is None else tuple(letters)
    target = query.target.span.text if isinstance(query, tree.Definition) else ""
    value = reader.read(value_tree, free, target)
    if free and isinstance(query, tree.Definition):
        extents = {letter: table.extents.fresh() for letter in free}
        value = reader.spread(value, free, extents, query.target.span)
    table.extents.settle()
    name_extents(table)
    lowering = Lowering(table.symbols, table.extents)
    node = lowering.lower(value.term)
    new = {
        name: replace(symbol, shape=lowering.shape(symbol.shape or (), symbol.span))
        for name, symbol in table.own.items()
    }
    environment = with_functions(elaborated.environment, functions)
    return query_of(query, value, node, elaborated.symbols, environment, new)


def refuse_unknown_variables(
    roots: Sequence[Tree], uses: list[Use], table: SymbolTable, unknown: str
) -> None:
    """Refuse a derivative of or by a name that nothing else has: it is zero, and so it is a slip.

    Raises `UnknownNameError` that lists the known names.
    """
    derivatives = [
        node for root in roots for node in everything_in(root) if isinstance(node, tree.Derivative)
    ]
    below = {variable.span.start for node in derivatives for variable in node.variables}
    above = {node.numerator.span.start for node in derivatives if is_name(node.numerator)}
    for places, zero in ((below, "so nothing depends on it"), (above, "so it depends on nothing")):
        elsewhere = {use.name for use in uses if use.span.start not in places}
        for use in uses:
            if use.name in table.symbols or use.name in table.known or use.name in elsewhere:
                continue
            if use.name in table.known.extents or any(use.name in own for own in OWN_NAMES):
                continue  # the reading tells what it is instead of a variable
            if use.span.start in places:
                names = [*table.symbols][:MOST_NAMES]
                hint = f"the names are  {', '.join(names)}" if names else ""
                called = [
                    use.name for use in uses if use.name in table.known.functions and not use.called
                ]
                if called:
                    hint = f"the derivative of a function is written  {called[0]}'(…)"
                raise UnknownNameError(f"{use.name} {unknown}, {zero}", Mark(use.span), hint=hint)


def with_functions(known: Environment, functions: FunctionTable) -> Environment:
    """The environment of the program, with the functions that a query puts primes on."""
    new = [name for name in functions.builtin_derived if name not in known.functions]
    if not new:
        return known
    extended = {**known.functions, **language_functions(new)}
    return Environment(known.definitions, extended, known.assumptions)


def _expression(query: Tree) -> Tree:
    match query:
        case tree.Query() | tree.Definition():
            return query.value
        case tree.Claim() | tree.Assumption() | tree.Declaration() | tree.Directive():
            raise FormulaSyntaxError(
                "an expression is expected here", Mark(query.span), hint="write  ∂λ/∂W_ij"
            )
        case tree.FunctionDefinition():
            raise FormulaSyntaxError(
                "a function is defined in the program, not in a query", Mark(query.span)
            )
        case _:
            return query


def _left_hand_side(query: Tree, known: Known) -> Letters | None:
    """The indices of `H_ik = …`; None for an expression alone."""
    if not isinstance(query, tree.Definition):
        return None
    marked = marked_name(query.target)
    assert marked is not None  # the parser lets nothing else be defined
    return target_reference(known.refer(marked).name, query, known).letters


def query_of(
    query: Tree,
    value: Value,
    node: Node,
    symbols: MutableMapping[str, Symbol],
    environment: Environment,
    brought: Mapping[str, Symbol] = NOTHING,
) -> Query:
    """The record of an expression whose node is known."""
    letters = value.letters
    return Query(
        query,
        plain_letters(len(node.shape)) if letters is None else letters,
        node.shape,
        value.term,
        node,
        ChainMap(dict(brought), symbols) if brought else symbols,
        brought,
        environment,
        letters is not None,
        value.row,
    )
