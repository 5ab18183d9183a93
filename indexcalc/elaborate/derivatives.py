"""Derivatives: what is differentiated by what.

In: the tree of a derivative and the value of its numerator. Out: a `Derive` with the axes of the
numerator, then those of each variable; equal letters among them contract like any others.
"""

from __future__ import annotations

from indexcalc.elaborate import indexed
from indexcalc.elaborate.extents import show
from indexcalc.elaborate.names import Reference, marked_name
from indexcalc.elaborate.orientation import contract
from indexcalc.elaborate.read_names import indexed_by
from indexcalc.elaborate.summation import IndexPlan
from indexcalc.elaborate.symbols import Symbol, SymbolTable
from indexcalc.elaborate.term import Derive, Named, Value, Whole
from indexcalc.elaborate.uses import uses_in
from indexcalc.errors import DifferentiationError, IndexNotationError, Mark, ShapeError, Span
from indexcalc.ir.extent import Extent
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree


def read_derivative(
    node: tree.Derivative, numerator: Value, table: SymbolTable, plan: IndexPlan
) -> Value:
    """The value of a derivative.

    Raises `DifferentiationError` for a variable that is none, `IndexNotationError` if some of
    numerator and variables have indices and others need some.
    """
    if any(isinstance(variable, tree.Apply) for variable in node.variables):
        return _by_stacked_columns(node, numerator, table)
    symbols = [_variable(variable, table) for variable in node.variables]
    shape = list(numerator.shape)
    letters = list(numerator.letters or ())
    places = [node.numerator.span for _ in letters]
    bare = numerator.letters is None
    for part, symbol in zip(node.variables, symbols, strict=True):
        reference = plan.references[part]
        assert symbol.shape is not None
        if reference.indices is not None:
            value = _component(part, reference, symbol, table)
            letters += indexed.letters_of(value)
            places += [part.span for _ in value.shape]
        elif symbol.shape:
            bare = True
        shape += symbol.shape
    if bare and letters:
        raise _half_indexed(node)
    if not bare:
        _tie_repeated(list(zip(letters, shape, places, strict=True)), node, symbols, table)
    names = tuple(symbol.name for symbol in symbols)
    term = Derive(node.span, tuple(shape), numerator.term, names)
    return Value(term, None if bare and shape else tuple(letters))


def _tie_repeated(
    axes: list[tuple[str, Extent, Span]],
    node: tree.Derivative,
    symbols: list[Symbol],
    table: SymbolTable,
) -> None:
    """Make the extents of equal letters equal: `∂y_i/∂x_i` wants as many `y` as `x`."""
    found: dict[str, tuple[Extent, Span]] = {}
    for letter, extent, place in axes:
        first, earlier = found.setdefault(letter, (extent, place))
        try:
            table.extents.unify(first, extent, earlier, place, f"index {letter}")
        except ShapeError as error:
            left, right = table.extents.solve(first), table.extents.solve(extent)
            hint = _one_name(left, right, node, symbols, table)
            raise ShapeError(error.message, *error.marks, hint=hint or error.hint) from None


def _one_name(
    left: Extent, right: Extent, node: tree.Derivative, symbols: list[Symbol], table: SymbolTable
) -> str:
    """How to declare that two sizes are one, empty if one of them is no name."""
    if left.name is None or right.name is None:
        return ""
    reference = table.known.refer(marked) if (marked := marked_name(node.numerator)) else None
    above = table.symbols.get(reference.name) if reference is not None else None
    spoken = [above, *symbols] if above is not None else symbols
    # a declaration that says two sizes has to change; without one, a new one settles it
    own = [symbol for symbol in table.symbols.values() if symbol.origin == "declared"]
    shapes = {symbol.name: table.extents.solve_shape(symbol.shape or ()) for symbol in own + spoken}
    split = [symbol for symbol in own if {left, right} & set(shapes[symbol.name])]
    declared = {}
    for symbol in split or spoken:
        axes = [show(right if extent == left else extent) for extent in shapes[symbol.name]]
        if axes:
            declared[symbol.name] = f"{symbol.name}[{', '.join(axes)}]"
    text = ", ".join(declared.values())
    return f"if {left} and {right} are one size, say so in the program:  {text}"


def _component(part: Tree, reference: Reference, symbol: Symbol, table: SymbolTable) -> Value:
    assert symbol.shape is not None
    if any(len(index) != 1 for index in reference.indices or ()):
        raise IndexNotationError("a variable cannot have a grouped index here", Mark(part.span))
    named = Named(part.span, symbol.shape, symbol.name)
    return indexed_by(named, reference, symbol, part.span, table.extents)


def _variable(part: Tree, table: SymbolTable) -> Symbol:
    uses = uses_in(part, table.known)
    symbol = table.symbols.get(uses[0].name) if len(uses) == 1 else None
    if symbol is None or symbol.role == "function":
        raise DifferentiationError(
            f"nothing can be differentiated by {part.span.text}, which is no variable",
            Mark(part.span),
            hint="differentiate by a variable or a defined name; give a longer expression one",
        )
    return symbol


def _half_indexed(node: tree.Derivative) -> IndexNotationError:
    above, below = node.numerator.span.text, node.variables[0].span.text
    return IndexNotationError(
        "in a derivative either all tensors have indices or none",
        Mark(node.numerator.span),
        *(Mark(variable.span) for variable in node.variables),
        hint=f"write indices on  {above}  and  {below},  as in  ∂y_i/∂x_j,  or none: ∂y/∂x",
    )


def _by_stacked_columns(node: tree.Derivative, numerator: Value, table: SymbolTable) -> Value:
    """`∂vec(Y)/∂vec(X)`: by the columns of a matrix on top of one another."""
    variable = node.variables[0]
    argument = variable.arguments[0] if isinstance(variable, tree.Apply) else variable
    if len(node.variables) != 1 or numerator.letters:
        raise DifferentiationError(
            "only a tensor without indices can be differentiated by vec(…), and only once",
            Mark(node.span),
            hint="write  ∂vec(Y)/∂vec(X)",
        )
    symbol = _variable(argument, table)
    assert symbol.shape is not None
    whole = Derive(node.span, numerator.shape + symbol.shape, numerator.term, (symbol.name,))
    if len(symbol.shape) != 2:
        return Value(whole, None if whole.shape else ())
    rank = len(numerator.shape)
    kept = tuple(range(rank))
    turned = contract(node.span, [(whole, (*kept, rank, rank + 1))], (*kept, rank + 1, rank))
    count = symbol.shape[0] * symbol.shape[1]
    return Value(Whole(node.span, (*numerator.shape, count), "reshape", turned), None)
