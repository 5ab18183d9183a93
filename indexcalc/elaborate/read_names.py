"""Names and numbers as values: variables with their indices, δ, ε, I, e, π, sizes.

In: a leaf of the tree and its reference. Out: its value; letters may repeat, as in `A_ii`.
"""

from __future__ import annotations

from math import prod

from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.indexed import pattern
from indexcalc.elaborate.matrix import apply_function
from indexcalc.elaborate.names import Index, Reference
from indexcalc.elaborate.symbols import Symbol, SymbolTable
from indexcalc.elaborate.term import Fixed, Named, SizeOf, Term, Value, Whole, postorder
from indexcalc.elaborate.vocabulary import CONSTANTS, TO_VALUE
from indexcalc.errors import IndexNotationError, Mark, ShapeError, Span, UnknownNameError, counted
from indexcalc.ir.extent import ONE, Extent, Shape

THREE = Extent.fixed(3)


def read_name(reference: Reference, span: Span, table: SymbolTable) -> Value:
    """The value of a name with or without indices.

    Raises `UnknownNameError` for a name that is none of a tensor, a constant or a size,
    `IndexNotationError` for a wrong number of indices.
    """
    name = reference.name
    symbol = table.symbols.get(name)
    if symbol is not None:
        return _tensor(symbol, reference, span, table.extents)
    if name in table.specials:
        return _special(reference, span, table.extents)
    if reference.indices is not None:
        raise _unknown(name, span)
    if name in CONSTANTS:
        return Value(Fixed(span, (), CONSTANTS[name]), ())
    if name in table.known.extents:
        return Value(SizeOf(span, (), (Extent.named(name),)), ())
    if name in TO_VALUE:
        value = apply_function(name, [], span, table.extents)
        if value is not None:
            return value
    raise _unknown(name, span)


def _unknown(name: str, span: Span) -> UnknownNameError:
    return UnknownNameError(
        f"{name} is not known here", Mark(span), hint=f"declare it, as in  {name}[n]"
    )


def _tensor(symbol: Symbol, reference: Reference, span: Span, table: ExtentTable) -> Value:
    if symbol.role == "function":
        raise UnknownNameError(
            f"{symbol.name} is a function and needs brackets around its argument",
            Mark(span),
            Mark(symbol.span, "used as a function"),
            hint=f"write  {symbol.name}(x)",
        )
    assert symbol.shape is not None  # definitions are read in order of dependence
    named = Named(span, symbol.shape, symbol.name)
    if reference.indices is None:
        return Value(named, None if symbol.shape else (), symbol.row)
    return indexed_by(named, reference, symbol, span, table)


def indexed_by(
    named: Named, reference: Reference, symbol: Symbol, span: Span, table: ExtentTable
) -> Value:
    """The tensor with its indices. Raises `IndexNotationError` for a wrong number of them."""
    indices = reference.indices or ()
    if len(indices) != len(named.shape):
        raise wrong_number(symbol, len(indices), span)
    return with_indices(named, indices, symbol.span, span, table)


def with_indices(
    term: Term, indices: tuple[Index, ...], origin: Span, span: Span, table: ExtentTable
) -> Value:
    """A term with one index for each axis; a grouped index splits its axis, row by row."""
    letters = tuple(letter for index in indices for letter in index)
    if all(len(index) == 1 for index in indices):
        return Value(term, letters)
    shape: list[Extent] = []
    for index, extent in zip(indices, term.shape, strict=True):
        parts = [extent] if len(index) == 1 else [table.fresh() for _ in index]
        if len(index) > 1:
            table.unify(prod(parts, start=ONE), extent, span, origin, f"index ({''.join(index)})")
        shape += parts
    return Value(Whole(span, tuple(shape), "reshape", term), letters)


def wrong_number(symbol: Symbol, count: int, span: Span) -> IndexNotationError:
    """The error for a name with more or fewer indices than it has axes."""
    rank = len(symbol.shape or ())
    what = "is a scalar" if rank == 0 else f"has {counted(rank, 'axis', 'axes')}"
    indices = counted(count, "index", "indices")
    why = {"never indexed": "here it has no index", "declared": "declared here"}
    return IndexNotationError(
        f"{symbol.name} {what}, but {indices} {'stands' if count == 1 else 'stand'} here",
        Mark(span, indices),
        Mark(symbol.span, why.get(symbol.origin, counted(rank, "axis", "axes"))),
        hint=f"write one index for each axis, or declare  {symbol.name}[…]  with "
        f"{counted(count, 'extent')}"
        if symbol.role == "input"
        else "write one index for each axis",
    )


def refuse_undeclared(value: Value, what: str, table: SymbolTable) -> None:
    """Refuse names that are scalars only because nothing is known of them, where more is meant.

    Raises `ShapeError` that asks for a declaration.
    """
    if value.shape:
        return
    for term in postorder(value.term):
        symbol = table.symbols.get(term.name) if isinstance(term, Named) else None
        if symbol is not None and symbol.origin == "never indexed":
            raise ShapeError(
                f"{symbol.name} is neither declared nor indexed, so it is a scalar and has no "
                f"{what}",
                Mark(term.span),
                hint=f"declare it, as in  {symbol.name}[n]  or  {symbol.name}[m, n]",
            )


def _special(reference: Reference, span: Span, table: ExtentTable) -> Value:
    name, indices, letters = reference.name, reference.indices, reference.letters
    if indices is None:
        value = apply_function(name, [], span, table) if name == "I" else None
        if value is None:
            raise IndexNotationError(
                f"{name} needs its indices", Mark(span), hint=f"write  {name}_ij"
            )
        return value
    grouped = any(len(index) != 1 for index in indices)
    if (grouped and name == "ε") or len(indices) != (3 if name == "ε" else 2):
        raise IndexNotationError(
            f"{name} has {3 if name == 'ε' else 2} indices", Mark(span), hint="or declare it"
        )
    if name == "ε":
        return Value(Fixed(span, (THREE,) * 3, "levi_civita"), letters)
    if grouped:
        return Value(_grouped_delta(indices, span, table), letters)
    extent = table.fresh()
    delta: Term = pattern(("i", "i"), {"i": extent}, span).term
    return Value(delta, letters)


def _grouped_delta(indices: tuple[Index, ...], span: Span, table: ExtentTable) -> Term:
    """`δ_{(sr)a}`: one where `a` counts the pairs of `s` and `r`, row by row."""
    shapes: list[Shape] = []
    sizes: list[Extent] = []
    for index in sorted(indices, key=len, reverse=True):
        alone = len(index) == 1 and bool(sizes)
        parts = (sizes[0],) if alone else tuple(table.fresh() for _ in index)
        shapes.append(parts)
        sizes.append(prod(parts, start=ONE))
    table.unify(sizes[0], sizes[1], span, span, "δ")
    delta = pattern(("i", "i"), {"i": sizes[0]}, span).term
    first, second = shapes if len(indices[0]) >= len(indices[1]) else shapes[::-1]
    return Whole(span, first + second, "reshape", delta)


def ones(letters: tuple[str, ...], span: Span, table: ExtentTable) -> Value:
    """`1_i`: a vector of ones; `1_ij` a matrix."""
    extents = {letter: table.fresh() for letter in letters}
    return pattern(tuple(dict.fromkeys(letters)), extents, span)
