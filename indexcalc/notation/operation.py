"""Functions as they are written: `σ'(z_i)`, `max_k x_bk`, `softmax(θ)_k`, `inv(A)_ij`.

In: a node that is neither product nor sum, and letters for its axes. Out: its arguments with their
letters, and what to make of them once they are arranged.

>>> from indexcalc.ir.build import call, variable
>>> A = variable("A", (Extent.named("n"),) * 2)
>>> what = operation(call("inv", A), ("i", "j"), lambda extent: "k", ())
>>> [(part.node is A, part.indices) for part in what.arguments]
[(True, ())]
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import assert_never

from indexcalc.errors import FormulaError
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import (
    SCANS,
    Apply,
    Call,
    Constant,
    Contraction,
    Derivative,
    Node,
    Number,
    Reduce,
    Size,
    Sum,
    Variable,
)
from indexcalc.notation.formula import (
    Applied,
    Compared,
    Folded,
    Formula,
    Indices,
    Literal,
    Product,
    Symbol,
    SymbolKind,
    Total,
    Transposed,
    first_appearance,
)
from indexcalc.notation.grouping import is_name, split, stacked, transpose_of
from indexcalc.notation.patterns import COMPARISONS, RENAMED, softmax_of

Fresh = Callable[[Extent], str]
Closed = Container[Node]
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Argument:
    """A node under letters; without letters for a whole tensor (`softmax(θ)`)."""

    node: Node
    indices: Indices
    may_be_scalar: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """Arguments, letters that are free within them, and how the whole is made."""

    arguments: tuple[Argument, ...]
    make: Callable[[list[Formula]], Formula]
    bound: Indices = ()


def operation(node: Node, indices: Indices, fresh: Fresh, named: Closed) -> Operation:
    """How `node` is written. `named` holds the nodes that are printed by a name."""
    match node:
        case Variable(name=name):
            return _symbol(SymbolKind.VARIABLE, name, indices)
        case Constant(name=name):
            return _symbol(SymbolKind.CONSTANT, name, indices)
        case Size(extent=extent):
            return Operation((), lambda parts: size_formula(extent))
        case Apply():
            return _apply(node, indices, named)
        case Reduce():
            return _reduce(node, indices, fresh, named)
        case Call():
            return _call(node, indices, fresh, named)
        case Derivative():
            raise FormulaError("a derivative that is not worked out cannot be printed")
        case Number() | Sum() | Contraction():
            raise AssertionError("numbers, sums and products are not operations")
        case _:
            assert_never(node)


def _symbol(kind: SymbolKind, name: str, indices: Indices) -> Operation:
    return Operation((), lambda parts: Symbol(kind, name, indices))


def _apply(node: Apply, indices: Indices, named: Closed) -> Operation:
    function = node.function
    softmax = softmax_of(node)
    if softmax:
        argument, along = softmax
        return _along("softmax", argument, indices, along, named)
    single = len(node.args) == 1
    arguments = tuple(Argument(part, indices, may_be_scalar=not single) for part in node.args)
    if function.kind == "builtin" and function.name in COMPARISONS:
        sign = COMPARISONS[function.name]
        return Operation(arguments, lambda parts: Compared(sign, parts[0], parts[1]))
    name, orders = function.name, function.orders
    if function.kind == "builtin":
        name, orders = RENAMED.get(name, name), ()
    return Operation(arguments, lambda parts: Applied(name, orders, (), tuple(parts), ()))


def _along(
    name: str, argument: Node, indices: Indices, axes: tuple[int, ...], named: Closed
) -> Operation:
    """A function along axes: of a whole vector, or along named indices of a component."""
    if len(argument.shape) == 1 and is_name(argument, named):
        whole = (Argument(argument, ()),)
        return Operation(whole, lambda parts: Applied(name, (), (), tuple(parts), indices))
    along = tuple(indices[axis] for axis in axes)
    component = (Argument(argument, indices),)
    return Operation(component, lambda parts: Applied(name, (), along, tuple(parts), ()))


def _reduce(node: Reduce, indices: Indices, fresh: Fresh, named: Closed) -> Operation:
    argument, name = node.argument, node.operation
    if name in SCANS:
        if name != "cumsum":
            return _reverse_scan(argument, indices, fresh)
        return _along(name, argument, indices, (len(argument.shape) - 1,), named)
    if len(argument.shape) == 1 and is_name(argument, named):
        whole = (Argument(argument, ()),)
        return Operation(whole, lambda parts: Applied(name, (), (), tuple(parts), ()))
    bound = tuple(fresh(extent) for extent in argument.shape[len(indices) :])
    component = (Argument(argument, indices + bound),)
    return Operation(component, lambda parts: Folded(name, bound, parts[0]), bound)


def _reverse_scan(argument: Node, indices: Indices, fresh: Fresh) -> Operation:
    """`Σ_{k ≥ i} x_k`, which the language can say as  sum_k x_k + x_i - cumsum(x)_i."""
    dummy = fresh(argument.shape[-1])
    before = _along("cumsum", argument, indices, (len(indices) - 1,), (argument,))
    component = Argument(argument, indices)
    everything = Argument(argument, (*indices[:-1], dummy))

    def make(parts: list[Formula]) -> Formula:
        total = Product(ONE, (), (dummy,), (parts[0],), ())
        return Total((total, parts[1], Product(-ONE, (), (), (before.make(parts[2:]),), ())))

    return Operation((everything, component, *before.arguments), make, (dummy,))


def size_formula(extent: Extent) -> Formula:
    """The extent as a scalar: `n`, `m n`, `m - 1`."""
    terms: list[Formula] = []
    for names, coefficient in sorted(extent.terms, key=lambda term: (not term[0], term[0])):
        factors = tuple(Symbol(SymbolKind.SIZE, name, ()) for name in names)
        if coefficient == 1 and len(factors) == 1:
            terms += factors
        elif factors:
            terms.append(Product(Fraction(coefficient), (), (), factors, ()))
        else:
            terms.append(Literal(Fraction(coefficient)))
    return terms[0] if len(terms) == 1 else Total(tuple(terms))


def _call(node: Call, indices: Indices, fresh: Fresh, named: Closed) -> Operation:
    name, argument = node.operation, node.argument
    if name == "reshape":
        return _reshape(node, indices, named)
    transposed = transpose_of(argument)
    if transposed is not None and is_name(transposed, named):
        argument, indices = transposed, indices[::-1]
    if is_name(argument, named):
        whole = (Argument(argument, ()),)
        return Operation(whole, lambda parts: Applied(name, (), (), tuple(parts), indices))
    rows, columns = (fresh(extent) for extent in argument.shape)
    component = (Argument(argument, (rows, columns)),)

    def make(parts: list[Formula]) -> Formula:
        turned = indices and first_appearance(parts[0], (rows, columns)) != rows
        return Applied(name, (), (), tuple(parts), indices[::-1] if turned else indices)

    return Operation(component, make)


def _reshape(node: Call, indices: Indices, named: Closed) -> Operation:
    """Grouped indices of a name, or its columns stacked."""
    columns = stacked(node, named)
    if columns is not None:
        name, turned = columns

        def make_vec(parts: list[Formula]) -> Formula:
            whole = Transposed(parts[0]) if turned else parts[0]
            return Applied("vec", (), (), (whole,), indices)

        return Operation((Argument(name, ()),), make_vec)
    groups = split(node.argument.shape, node.shape)

    def make(parts: list[Formula]) -> Formula:
        assert isinstance(parts[0], Symbol)
        return replace(parts[0], indices=indices, groups=groups)

    return Operation((Argument(node.argument, ()),), make)
