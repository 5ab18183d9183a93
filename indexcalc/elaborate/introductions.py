"""What a program introduces: declared tensors, definitions, functions.

In: the statements. Out: a `SymbolTable` with these, each name once. Names that are just used come
later, in `ranks`.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_program
>>> table = introduce(parse_program(Source("W[m, 3]; y_i = W_ij x_j; f(z) = z^2")))
>>> sorted((symbol.name, symbol.role) for symbol in table.symbols.values())
[('W', 'input'), ('f', 'function'), ('y', 'definition')]
"""

from __future__ import annotations

from indexcalc.elaborate.declarations import (
    check_traits,
    declared_twice,
    extent_names,
    read_extent,
    refuse_missing_comma,
)
from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.names import Reference, declared_name, marked_name
from indexcalc.elaborate.symbols import Symbol, SymbolTable
from indexcalc.elaborate.targets import target_name
from indexcalc.elaborate.uses import Known, long_names_in
from indexcalc.elaborate.vocabulary import SQUARE_TRAITS
from indexcalc.errors import FormulaError, IndexNotationError, Mark, counted
from indexcalc.syntax import tree


def introduce(program: tree.Program) -> SymbolTable:
    """Enter all that is declared or defined.

    Raises `FormulaError` for a name with two meanings and for an unknown directive.
    """
    known = Known(words=long_names_in(program))
    table = SymbolTable(known, ExtentTable())
    for statement in program.statements:
        match statement:
            case tree.Declaration():
                _declare(statement, table)
            case tree.Directive():
                table.householder = _is_householder(statement)
            case _:
                pass
    targets: list[tuple[str, tree.Definition]] = []
    for statement in program.statements:
        if isinstance(statement, tree.Definition):
            targets.append((target_name(statement, known), statement))
        elif isinstance(statement, tree.FunctionDefinition):
            _define_function(statement, table)
    for name, definition in targets:
        known.tensors.setdefault(name, definition.target.span)
    defined: dict[str, tree.Definition] = {}
    for name, definition in targets:
        earlier = defined.setdefault(name, definition)
        if earlier is not definition:
            first, second = Mark(earlier.target.span), Mark(definition.target.span)
            raise FormulaError(f"{name} is defined twice", first, second,
                               hint="give one of the definitions another name")  # fmt: skip
        _define(name, definition, table)
    return table


def _declare(declaration: tree.Declaration, table: SymbolTable) -> None:
    traits = check_traits(declaration)
    for declared in declaration.names:
        refuse_missing_comma(declared)
        name = declared_name(declared.name)
        earlier = table.symbols.get(name)
        if earlier is not None:
            raise declared_twice(name, Mark(earlier.span), Mark(declared.span))
        for extent in declared.extents:
            for extent_name, place in extent_names(extent):
                table.known.extents.setdefault(extent_name, place.span)
        shape = tuple(
            table.extents.given(read_extent(extent), declared.span) for extent in declared.extents
        )
        if traits & SQUARE_TRAITS:
            rows, columns = (extent.span for extent in declared.extents)
            what = f"{name}, declared a square matrix,"
            table.extents.unify(shape[0], shape[1], rows, columns, what)
        table.known.tensors[name] = declared.span
        table.known.ranks[name] = len(shape)
        table.add(Symbol(name, "input", shape, traits, "declared", declared.span))


def _is_householder(directive: tree.Directive) -> bool:
    if directive.key == "notation" and directive.value == "householder":
        return True
    raise FormulaError(
        f"{directive.key}: {directive.value} is no directive",
        Mark(directive.span),
        hint="write  notation: householder",
    )


def _define_function(definition: tree.FunctionDefinition, table: SymbolTable) -> None:
    name = declared_name(definition.name)
    earlier = table.known.functions.get(name) or table.known.tensors.get(name)
    if earlier is not None:
        raise declared_twice(name, Mark(earlier), Mark(definition.name.span))
    table.known.functions[name] = definition.name.span
    symbol = Symbol(name, "function", (), frozenset(), "defined", definition.name.span)
    table.add(symbol)


def _define(name: str, definition: tree.Definition, table: SymbolTable) -> None:
    if name in table.known.functions:
        first, second = table.known.functions[name], definition.target.span
        raise declared_twice(name, Mark(first), Mark(second))
    reference = target_reference(name, definition, table.known)
    declared = table.symbols.get(name)
    if declared is not None:
        _check_rank(reference, declared, definition)
        declared.role = "definition"
        return
    shape = None
    if reference.indices is not None:
        shape = tuple(table.extents.fresh() for _ in reference.indices)
        table.known.ranks[name] = len(shape)
    table.add(Symbol(name, "definition", shape, frozenset(), "", definition.target.span))


def target_reference(name: str, definition: tree.Definition, known: Known) -> Reference:
    """Name and indices of a left-hand side.

    Raises `IndexNotationError` if an index is repeated or grouped there.
    """
    marked = marked_name(definition.target)
    assert marked is not None  # the parser lets nothing else be defined
    reference = known.refer(marked)
    letters = reference.letters
    repeated = next((letter for k, letter in enumerate(letters) if letter in letters[:k]), None)
    if repeated is not None:
        raise IndexNotationError(
            f"index {repeated} stands twice on the left-hand side",
            Mark(definition.target.span),
            hint=f"for a diagonal matrix write  {name}_ij = … δ_ij",
        )
    if any(len(index) != 1 for index in reference.indices or ()):
        raise IndexNotationError(
            "a left-hand side cannot group indices",
            Mark(definition.target.span),
            hint=f"write  {name}_{{{','.join(letters)}}} = …",
        )
    return reference


def _check_rank(reference: Reference, declared: Symbol, definition: tree.Definition) -> None:
    indices, shape = reference.indices, declared.shape
    if indices is None or shape is None or len(indices) == len(shape):
        return
    raise IndexNotationError(
        f"{declared.name} has {counted(len(shape), 'axis', 'axes')} but is defined with "
        f"{counted(len(indices), 'index', 'indices')}",
        Mark(declared.span, "declared"),
        Mark(definition.target.span, "defined"),
        hint="write one index for each axis",
    )
