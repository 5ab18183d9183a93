"""Functions in formulas without indices: `σ'(Z)`, `softmax(θ)`, `A^-1`, `max(x)`, `vec(X)`.

In: a node that is neither product nor sum. Out: the step that writes it, if the language has the
function of a whole vector or matrix.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import assert_never

from indexcalc.ir.build import apply, broadcast, number, scale, split_multiple, zero
from indexcalc.ir.node import (
    SCANS,
    Apply,
    Call,
    Constant,
    Contraction,
    Node,
    Reduce,
    Size,
    Variable,
)
from indexcalc.notation.formula import (
    Applied,
    Compared,
    Formula,
    Inverted,
    Product,
    Symbol,
    SymbolKind,
    Total,
    Transposed,
)
from indexcalc.notation.grouping import stacked
from indexcalc.notation.matrix.likeness import likeness
from indexcalc.notation.matrix.oriented import (
    Oriented,
    of_plain,
    oriented,
    shortest,
    turned_outside,
)
from indexcalc.notation.matrix.step import Refusal, Step, Task, axes_text, given, instead
from indexcalc.notation.matrix.wholes import either, function_of
from indexcalc.notation.matrix.written import BRACKETS, ONE, SYMBOL, Written, single, transposed
from indexcalc.notation.operation import size_formula
from indexcalc.notation.patterns import COMPARISONS, RENAMED, softmax_of

Operation = Variable | Constant | Size | Apply | Reduce | Call


def operation_step(node: Operation, named: Container[Node]) -> Step | Refusal:
    """How a node of at most two axes is written."""
    match node:
        case Variable(name=name):
            symbol = Symbol(SymbolKind.VARIABLE, name, ())
            return given(oriented(symbol, len(node.shape), symmetric=node.symmetric))
        case Constant(name=name):
            return given(oriented(Symbol(SymbolKind.CONSTANT, name, ()), len(node.shape)))
        case Size(extent=extent):
            return given(oriented(size_formula(extent), 0))
        case Apply():
            return _apply(node)
        case Reduce():
            return _reduce(node)
        case Call():
            return _call(node, named)
        case _:
            assert_never(node)


def repeated_scalar(node: Node) -> Node | None:
    """The scalar that `node` repeats along all its axes, if it is such."""
    coefficient, inner = split_multiple(node)
    if not node.shape:
        return None
    if not coefficient:
        return zero(())
    if not (isinstance(inner, Contraction) and inner.is_view):
        return None
    if any(inner.labels) or len(set(inner.output)) < len(inner.output):
        return None
    return scale(coefficient, inner.factors[0] if inner.factors else number(1))


# --- at each entry ------------------------------------------------------------------------------


def _apply(node: Apply) -> Step:
    rank = len(node.shape)
    softmax = softmax_of(node)
    if softmax and rank == 1:
        return Step((Task(softmax[0]),), lambda made: _of_whole("softmax", made[0], 1))
    scalars = [repeated_scalar(part) for part in node.args]
    if rank and None not in scalars:
        whole = apply(node.function, *(part for part in scalars if part is not None))
        return instead(Task(broadcast(whole, node.shape, ())))
    arguments = [part if own is None else own for part, own in zip(node.args, scalars, strict=True)]

    def make(made: Sequence[Oriented]) -> Oriented:
        plain = _applied(node, [value.plain for value in made])
        return turned_outside(rank, plain, _applied(node, [value.turned for value in made]))

    return Step(tuple(map(Task, arguments)), make)


def _applied(node: Apply, arguments: Sequence[Written]) -> Written:
    function = node.function
    formulas = tuple(part.formula for part in arguments)
    cost = sum(part.cost for part in arguments) + SYMBOL * len(arguments)
    place = min((part.place for part in arguments), default=0)
    made_of = likeness(f"{function.name}{function.orders}", *[part.key for part in arguments])
    if function.kind == "builtin" and function.name in COMPARISONS:
        sign = COMPARISONS[function.name]
        return single(Compared(sign, *formulas), cost + BRACKETS, place, made_of)
    name, orders = function.name, function.orders
    if function.kind == "builtin":
        name, orders = RENAMED.get(name, name), ()
    made = Applied(name, orders, (), formulas, ())
    return single(made, cost + SYMBOL * sum(orders), place, made_of)


def _of_whole(name: str, value: Oriented, rank: int) -> Oriented:
    """A function of a whole tensor, of its shorter orientation if the result is a scalar."""
    part = function_of(name, value.plain if rank else either(value))
    return of_plain(rank, part)


# --- of whole tensors ---------------------------------------------------------------------------


def _reduce(node: Reduce) -> Step | Refusal:
    argument, name = node.argument, node.operation
    rank = len(argument.shape)
    if rank > 2:
        return Refusal(f"{name} is taken of a tensor that has {axes_text(rank)}")
    if name in SCANS:
        if rank > 1:
            return Refusal(f"{name} is taken along the rows of a matrix, and needs an index")
        return _cumulative(argument, name)
    if node.rank < rank:
        return Refusal(f"{name} is taken of each row of a matrix, and needs an index")
    return Step((Task(argument),), lambda made: _of_whole(name, made[0], 0))


def _cumulative(argument: Node, name: str) -> Step:
    """`cumsum(x)`; from behind it is `sum(x) + x - cumsum(x)`."""

    def make(made: Sequence[Oriented]) -> Oriented:
        before = _of_whole("cumsum", made[0], 1)
        if name == "cumsum":
            return before
        everything = _of_whole("sum", made[0], 0).plain
        terms = (everything, made[0].plain, before.plain)
        formulas: list[Formula] = [part.formula for part in terms]
        formulas[2] = Product(-ONE, (), (), (formulas[2],), ())
        cost = sum(part.cost for part in terms) + 2 * SYMBOL + BRACKETS
        return oriented(Total(tuple(formulas)), 1, cost)

    return Step((Task(argument),), make)


def _call(node: Call, named: Container[Node]) -> Step | Refusal:
    match node.operation:
        case "inv":
            return Step((Task(node.argument),), lambda made: _inverse(made[0]))
        case "reshape":
            return _vec(node, named)
        case name:
            return Step((Task(node.argument),), lambda made: _of_whole(name, made[0], 0))


def _inverse(value: Oriented) -> Oriented:
    if value.turned is value.plain:
        part = _inverted(value.plain)
        return Oriented(2, part, part)
    return shortest(2, _inverted(value.plain), _inverted(value.turned))


def _inverted(part: Written) -> Written:
    """The inverse, of which a transpose is taken last."""
    formula = part.formula
    if isinstance(formula, Transposed):
        inner = single(Inverted(formula.base), part.cost, part.place)  # one mark for another
        return transposed(inner)
    return single(Inverted(formula), part.cost + SYMBOL, part.place, likeness("inv", part.key))


def _vec(node: Call, named: Container[Node]) -> Step | Refusal:
    columns = stacked(node, named)
    if columns is None:
        return Refusal("the entries of a tensor are arranged under other axes")
    matrix, turned = columns
    return Step(
        (Task(matrix),),
        lambda made: _of_whole("vec", made[0].transpose if turned else made[0], 1),
    )
