"""Names that are just used: how many axes each has, or what it means instead.

In: the uses of all names. Out: the symbol table with a symbol for each undeclared tensor and each
unknown function. A name that is never indexed is a scalar (or, after `notation: householder`, what
its letter says), a size, a constant of the language, or its `I`.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_program
>>> from indexcalc.elaborate.introductions import introduce
>>> program = parse_program(Source("λ = y w_i σ(W_ij x_j)"))
>>> table = introduce(program)
>>> enter_used(table, uses_of_statements(program.statements, table.known))
>>> [(s.name, s.role, len(s.shape or ())) for s in table.symbols.values()]
[('λ', 'definition', 0), ('y', 'input', 0), ('w', 'input', 1), ('σ', 'function', 0),
 ('W', 'input', 2), ('x', 'input', 1)]
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from indexcalc.elaborate.names import declared_name
from indexcalc.elaborate.symbols import Symbol, SymbolTable
from indexcalc.elaborate.uses import Known, Use, uses_in
from indexcalc.elaborate.vocabulary import CONSTANTS, FUNCTIONS, SPECIAL_RANK, TO_VALUE
from indexcalc.errors import IndexNotationError, Mark, UnknownNameError, counted
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree

DIFFERENTIAL = "d"


def uses_of_statements(statements: Iterable[Tree], known: Known) -> list[Use]:
    """The uses of all names in source order, parameters of functions left out."""
    found: list[Use] = []
    for statement in statements:
        match statement:
            case tree.Declaration():
                found += [
                    Use(declared_name(d.name), len(d.extents), False, d.span)
                    for d in statement.names
                ]
            case tree.FunctionDefinition():
                parameters = {declared_name(p) for p in statement.parameters}
                inside = uses_in(statement.body, known)
                found += [use for use in inside if use.called and use.name not in parameters]
            case tree.Claim():
                found += _without_differentials(uses_in(statement, known), known, found)
            case tree.Directive():
                pass
            case _:
                found += uses_in(statement, known)
    return found


def _without_differentials(uses: list[Use], known: Known, before: list[Use]) -> list[Use]:
    """In a claim `dλ` speaks of `λ`, and `d(…)` is no call, unless that word is itself a name."""
    names = {use.name for use in before} | {use.name for use in uses}
    result: list[Use] = []
    for use in uses:
        if use.called and use.name == DIFFERENTIAL and DIFFERENTIAL not in known:
            continue
        inner = differential_of(use.name, names, known)
        result.append(use if inner is None else replace(use, name=inner))
    return result


def differential_of(name: str, names: Iterable[str], known: Known) -> str | None:
    """The name behind the `d` of a differential, if this is one."""
    inner = name.removeprefix(DIFFERENTIAL)
    if name in known or not inner or inner == name or inner not in names:
        return None
    return inner


def enter_used(table: SymbolTable, uses: list[Use]) -> None:
    """Enter a symbol for each name that is new, and order symbols by first appearance.

    Raises as `enter_new` does.
    """
    order = {name: k for k, name in enumerate(enter_new(table, uses))}
    entries = sorted(table.symbols.items(), key=lambda item: order.get(item[0], len(order)))
    table.symbols = dict(entries)


def enter_new(table: SymbolTable, uses: list[Use]) -> dict[str, list[Use]]:
    """Enter a symbol for each name that is new; the uses by name.

    Raises `IndexNotationError` for a name with different numbers of indices, `UnknownNameError`
    for a function without brackets.
    """
    by_name: dict[str, list[Use]] = {}
    for use in uses:
        by_name.setdefault(use.name, []).append(use)
    for name, own in by_name.items():
        if name not in table.symbols and name not in table.specials:
            _enter(name, own, table)
    return by_name


def _enter(name: str, uses: list[Use], table: SymbolTable) -> None:
    as_tensor = [use for use in uses if not use.called]
    if not as_tensor:
        _enter_function(name, uses, table)
        return
    indexed = [use for use in as_tensor if use.rank is not None]
    if _is_special(name, indexed, len(as_tensor)):
        table.specials[name] = as_tensor[0].span
    elif indexed:
        _check_same_rank(name, indexed)
        first = indexed[0]
        shape = tuple(table.extents.fresh() for _ in range(first.rank or 0))
        origin = f"indices of {first.span.text}"
        table.known.ranks[name] = len(shape)
        table.add(Symbol(name, "input", shape, frozenset(), origin, as_tensor[0].span))
    elif not (name in table.known.extents or name in CONSTANTS or name in TO_VALUE):
        _enter_unindexed(name, as_tensor[0], table)


def _enter_function(name: str, uses: list[Use], table: SymbolTable) -> None:
    if name == "I":
        table.specials[name] = uses[0].span  # the identity before a bracket: I (A + B)
        return
    if name in FUNCTIONS or name in CONSTANTS or name in table.known.extents:
        return
    first = uses[0]
    for use in uses:
        if use.arguments != first.arguments:
            raise IndexNotationError(
                f"the function {name} has {counted(first.arguments, 'argument')} in one place and "
                f"{use.arguments} in another",
                Mark(first.span),
                Mark(use.span),
                hint="an unknown function takes the same number of arguments everywhere",
            )
    symbol = Symbol(name, "function", (), frozenset(), "called, nowhere defined", first.span)
    table.add(symbol)


def _is_special(name: str, indexed: list[Use], count: int) -> bool:
    """Whether δ, ε or I keeps the meaning that the language gives it."""
    rank = SPECIAL_RANK.get(name)
    if rank is None or any(use.rank != rank for use in indexed):
        return False
    return name == "I" or len(indexed) == count


def _check_same_rank(name: str, indexed: list[Use]) -> None:
    first = indexed[0]
    for use in indexed[1:]:
        if use.rank != first.rank:
            raise IndexNotationError(
                f"{name} has {_indices(first)} in one place and {_indices(use)} in another",
                Mark(first.span, _indices(first)),
                Mark(use.span, _indices(use)),
                hint=f"if these are different tensors, give one a label:  {name}1, {name}2",
            )


def _indices(use: Use) -> str:
    return counted(use.rank or 0, "index", "indices")


def _enter_unindexed(name: str, use: Use, table: SymbolTable) -> None:
    if name in FUNCTIONS:
        raise UnknownNameError(
            f"{name} is a function and needs brackets around its argument",
            Mark(use.span),
            hint=f"write  {name}(x)  or, if a variable is called {name}, declare it:  {name}[]",
        )
    rank = householder_rank(name) if table.householder else 0
    shape = tuple(table.extents.fresh() for _ in range(rank))
    origin = "notation: householder" if table.householder else "never indexed"
    table.add(Symbol(name, "input", shape, frozenset(), origin, use.span))


def householder_rank(name: str) -> int:
    """Axes by Householder's convention: upper-case Latin 2, lower-case Latin 1, Greek 0.

    >>> householder_rank("W1"), householder_rank("x"), householder_rank("λ")
    (2, 1, 0)
    """
    first = unicodedata.normalize("NFKD", name)[0]
    if not unicodedata.name(first, "").startswith("LATIN"):
        return 0
    return 2 if first.isupper() else 1
