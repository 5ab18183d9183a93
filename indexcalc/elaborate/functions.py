"""Functions of numbers: those of the language, defined ones, unknown ones.

In: definitions such as `σ(z) = 1/(1 + exp(-z))`, and calls with values that have letters. Out:
values. A defined function of one parameter is called by its name and keeps it; one of several is
written out at each call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from indexcalc.elaborate import indexed
from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.term import (
    Contract,
    Fixed,
    Literal,
    Named,
    Pointwise,
    SizeOf,
    Term,
    Total,
    Value,
    postorder,
)
from indexcalc.errors import FormulaError, IndexNotationError, Mark, Span, counted

HALF = Fraction(1, 2)
MOST_PRIMES = 20
MOST_WRITTEN_OUT = 100_000


@dataclass(frozen=True, slots=True)
class Formula:
    """A defined function: its parameters and its body, a scalar term in them."""

    name: str
    parameters: tuple[str, ...]
    body: Term
    span: Span


@dataclass(slots=True)
class FunctionTable:
    """The functions that a program defines, and those of the language that it puts primes on.

    `written_out` counts the terms that calls of functions of several parameters were turned into.
    """

    extents: ExtentTable
    formulas: dict[str, Formula] = field(default_factory=dict)
    builtin_derived: dict[str, None] = field(default_factory=dict)
    written_out: int = 0

    def check_call(self, name: str, count: int, orders: Sequence[int], span: Span) -> None:
        """Refuse a wrong number of arguments, and primes on a function of several.

        `orders` counts derivatives by each argument; one number is that of primes.
        """
        formula = self.formulas.get(name)
        if formula is not None and len(formula.parameters) != count:
            raise IndexNotationError(
                f"{name} takes {counted(len(formula.parameters), 'argument')}, not {count}",
                Mark(span),
                Mark(formula.span, "defined here"),
            )
        if len(orders) > 1 and len(orders) != count:
            raise IndexNotationError(
                f"{name} has {counted(count, 'argument')} and {len(orders)} numbers of derivatives",
                Mark(span),
                hint=f"write one number for each argument:  {name}^({_first_of(count)})(…)"
                if count > 1
                else f"write  {name}'(…)",
            )
        written_out = formula is not None and count > 1 and len(orders) > 1
        if written_out or (any(orders) and len(orders) != count):
            raise IndexNotationError(
                f"the call of {name} is written out before it is differentiated"
                if written_out
                else f"the prime on {name} does not say by which of {count} arguments",
                Mark(span),
                hint="write the derivative as  ∂f/∂x"
                + ("" if written_out else f"  or  {name}^({_first_of(count)})(…)"),
            )
        if sum(orders) > MOST_PRIMES:
            raise IndexNotationError(f"at most {MOST_PRIMES} primes are read", Mark(span))

    def call(self, name: str, values: Sequence[Value], orders: Sequence[int], span: Span) -> Value:
        """A defined or unknown function at each entry."""
        formula = self.formulas.get(name)
        if formula is not None and len(formula.parameters) > 1:
            return self.write_out(formula, values, span)
        kind = "abstract" if formula is None else "defined"
        each = tuple(orders) if len(orders) == len(values) else (0,) * len(values)
        return indexed.pointwise(name, values, span, self.extents, kind=kind, orders=each)

    def derived(self, name: str, values: Sequence[Value], primes: int, span: Span) -> Value:
        """A derivative of a function of the language, which becomes a defined one."""
        if primes > MOST_PRIMES:
            raise IndexNotationError(f"at most {MOST_PRIMES} primes are read", Mark(span))
        self.builtin_derived[name] = None
        return indexed.pointwise(name, values, span, self.extents, kind="defined", orders=(primes,))

    def builtin(self, name: str, values: Sequence[Value], span: Span) -> Value:
        """A function of the language at each entry."""
        table = self.extents
        match name:
            case "sqrt":
                return indexed.raised(values[0], HALF, span, table)
            case "silu":
                gate = indexed.pointwise("sigmoid", values, span, table)
                return self.times([values[0], gate], span)
            case "gelu":
                return self.gelu(values[0], span)
            case "pow":
                return indexed.power(values[0], values[1], span, table)
            case _:
                return indexed.pointwise(name, values, span, table)

    def gelu(self, value: Value, span: Span) -> Value:
        """`x (1 + erf(x/√2))/2`."""
        table, half = self.extents, indexed.number(HALF, span)
        root_half = indexed.raised(indexed.number(2, span), -HALF, span, table)
        erf = indexed.pointwise("erf", [self.times([value, root_half], span)], span, table)
        one_more = indexed.total([indexed.number(1, span), erf], (1, 1), span, table)
        return self.times([value, one_more, half], span)

    def times(self, values: Sequence[Value], span: Span) -> Value:
        """A product at each entry."""
        letters = tuple(dict.fromkeys(x for value in values for x in indexed.letters_of(value)))
        return indexed.contract(values, letters, span, self.extents)

    # --- functions of several parameters --------------------------------------------------------

    def write_out(self, formula: Formula, values: Sequence[Value], span: Span) -> Value:
        """The body with arguments in place of parameters."""
        arguments = dict(zip(formula.parameters, values, strict=True))
        made: dict[int, Value] = {}
        order = postorder(formula.body)
        self.written_out += len(order)
        if self.written_out > MOST_WRITTEN_OUT:
            raise FormulaError(
                f"the calls of {formula.name} take too long to write out",
                Mark(span),
                hint="define tensors for intermediate results, which are computed once",
            )
        for term in order:
            inside = [made[id(part)] for part in term.arguments]
            made[id(term)] = self.written(term, inside, arguments, span)
        return made[id(formula.body)]

    def written(
        self, term: Term, inside: list[Value], arguments: dict[str, Value], span: Span
    ) -> Value:
        """One term of a body, made of its written-out parts."""
        match term:
            case Named():
                return arguments[term.name]
            case Literal() | Fixed() | SizeOf():
                return Value(term, ())
            case Contract():
                return self.times(inside, span)
            case Total():
                return indexed.total(inside, term.signs, span, self.extents)
            case Pointwise():
                return indexed.pointwise(
                    term.function, inside, span, self.extents,
                    kind=term.kind, orders=term.orders, parameter=term.parameter,
                )  # fmt: skip
            case _:
                raise FormulaError(
                    f"the body of a function must be a scalar formula: {term.span.text}",
                    Mark(term.span),
                )


def _first_of(count: int) -> str:
    """`1,0`: once by the first of so many arguments."""
    return ",".join(["1", *["0"] * (count - 1)])
