"""Terms to graph nodes.

In: terms whose extents are solved. Out: nodes, built by the builders of `ir` alone.

>>> from indexcalc.errors import Source
>>> from indexcalc.elaborate.term import Literal
>>> from fractions import Fraction
>>> Lowering({}, ExtentTable()).lower(Literal(Span(Source("2"), 0, 1), (), Fraction(2))).value
Fraction(2, 1)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import assert_never

from indexcalc.elaborate.extents import ExtentTable, is_unknown
from indexcalc.elaborate.functions import FunctionTable
from indexcalc.elaborate.symbols import Symbol
from indexcalc.elaborate.term import (
    Contract,
    Derive,
    Fixed,
    Fold,
    Literal,
    Named,
    Pointwise,
    SizeOf,
    Term,
    Total,
    Whole,
    postorder,
)
from indexcalc.errors import FormulaError, Mark, ShapeError, Span
from indexcalc.ir import build
from indexcalc.ir.contraction import contract
from indexcalc.ir.environment import DefinedFunction
from indexcalc.ir.extent import Extent, Shape
from indexcalc.ir.node import Function, Node, Variable

HALF = Fraction(1, 2)


@dataclass(slots=True)
class Lowering:
    """Lowers terms of one program; equal names give one `Variable`."""

    symbols: Mapping[str, Symbol]
    extents: ExtentTable
    made: dict[int, Node] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)  # kept alive, so that their ids stay theirs
    variables: dict[str, Variable] = field(default_factory=dict)

    def lower(self, root: Term) -> Node:
        """The node of a term. Raises `ShapeError` if an extent is not determined."""
        self.terms.append(root)
        for term in postorder(root):
            if id(term) not in self.made:
                self.made[id(term)] = self.placed(term, [self.made[id(a)] for a in term.arguments])
        return self.made[id(root)]

    def placed(self, term: Term, arguments: list[Node]) -> Node:
        """The node of one term; what the graph refuses is told with the place."""
        try:
            return self.node(term, arguments)
        except FormulaError as error:
            if error.marks:
                raise
            raise type(error)(error.message, Mark(term.span), hint=error.hint) from error

    def variable(self, name: str) -> Variable:
        """The variable of a tensor, or of the parameter of a function."""
        if name not in self.variables:
            symbol = self.symbols.get(name)
            if symbol is None or symbol.shape is None:
                self.variables[name] = build.variable(name, ())
            else:
                shape = self.shape(symbol.shape, symbol.span)
                self.variables[name] = build.variable(name, shape, symbol.traits)
        return self.variables[name]

    def shape(self, shape: Shape, place: Span) -> Shape:
        """A shape with all that was found out put in."""
        return tuple(self.extent(extent, place) for extent in shape)

    def extent(self, extent: Extent, place: Span) -> Extent:
        """An extent with all that was found out put in."""
        solved = self.extents.solve(extent)
        if any(map(is_unknown, solved.names)):
            raise ShapeError(
                f"nothing determines how many values the index in {place.text} takes",
                Mark(place),
                hint="multiply by a tensor with this index, or declare the shape, as in  x[n]",
            )
        return solved

    def node(self, term: Term, arguments: list[Node]) -> Node:  # noqa: C901 - one case a kind
        """The node of one term whose arguments have nodes."""
        match term:
            case Named():
                return self.variable(term.name)
            case Literal():
                return build.number(term.value)
            case Fixed():
                return build.constant(term.name, self.shape(term.shape, term.span))
            case SizeOf():
                return build.size(self.extent(term.extent[0], term.span))
            case Contract():
                return self.contraction(term, arguments)
            case Total():
                shape = self.shape(term.shape, term.span)
                return build.linear(zip(term.signs, arguments, strict=True), shape)
            case Pointwise():
                return _pointwise(term, arguments)
            case Fold():
                return build.reduce(term.operation, arguments[0], term.rank)
            case Whole():
                if term.operation == "reshape":
                    return build.reshape(arguments[0], self.shape(term.shape, term.span))
                return build.call(term.operation, arguments[0])
            case Derive():
                return build.derivative(arguments[0], [self.variable(n) for n in term.names])
            case _:
                assert_never(term)

    def contraction(self, term: Contract, arguments: list[Node]) -> Node:
        """The node of a product."""
        extents = {letter: self.extent(e, term.span) for letter, (e,) in term.extents.items()}
        return contract(list(zip(arguments, term.letters, strict=True)), term.output, extents)


def _pointwise(term: Pointwise, arguments: list[Node]) -> Node:
    if term.parameter is not None:
        return build.power(arguments[0], term.parameter)
    if term.kind == "builtin":
        return build.builtin(term.function, *arguments)
    return build.apply(Function(term.function, term.orders, term.kind), *arguments)


def language_function(name: str) -> DefinedFunction:
    """A function of the language as a defined one, so that primes may stand on it."""
    z = build.variable("z", ())
    match name:
        case "sqrt":
            body = build.power(z, HALF)
        case "silu":
            body = build.multiply(z, build.builtin("sigmoid", z))
        case "gelu":
            inside = build.multiply(z, build.power(build.number(2), -HALF))
            one_more = build.add(build.number(1), build.builtin("erf", inside))
            body = build.scale(HALF, build.multiply(z, one_more))
        case _:
            body = build.builtin(name, z)
    return DefinedFunction(name, (z,), body)


def defined_functions(functions: FunctionTable) -> dict[str, DefinedFunction]:
    """The functions that a program defines, and those of the language that have primes on them."""
    # parameters are scalars whatever the program calls by their names
    lowering = Lowering({}, functions.extents)
    found = {
        formula.name: DefinedFunction(
            formula.name,
            tuple(lowering.variable(parameter) for parameter in formula.parameters),
            lowering.lower(formula.body),
        )
        for formula in functions.formulas.values()
    }
    return found | language_functions(functions.builtin_derived)


def language_functions(names: Iterable[str]) -> dict[str, DefinedFunction]:
    """Functions of the language as defined ones, by name."""
    return {name: language_function(name) for name in names}
