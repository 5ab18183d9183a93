"""Calls: functions of each entry, along an index, of matrices, defined and unknown ones.

In: a call and the values of its arguments. Out: its value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexcalc.elaborate import along, indexed
from indexcalc.elaborate.filled import FILLED
from indexcalc.elaborate.functions import FunctionTable
from indexcalc.elaborate.matrix import apply_function
from indexcalc.elaborate.mixing import matrices_among, refuse_mixture
from indexcalc.elaborate.orientation import describe
from indexcalc.elaborate.read_names import refuse_undeclared
from indexcalc.elaborate.summation import IndexPlan
from indexcalc.elaborate.symbols import SymbolTable
from indexcalc.elaborate.term import Value
from indexcalc.elaborate.vocabulary import (
    ALONG,
    FUNCTIONS,
    NORMS,
    OF_MATRICES,
    ONE_ARGUMENT,
    SEVERAL_ARGUMENTS,
)
from indexcalc.errors import IndexNotationError, Mark, ShapeError, Span, counted
from indexcalc.syntax import tree

Rule = Callable[[Sequence[Value]], Value]
NOUNS = {"det": "determinant", "logdet": "determinant", "inv": "inverse", "tr": "trace"}
POSITION = "·"  # letters that stand for axes without letters


@dataclass(frozen=True, slots=True)
class CallReader:
    """Reads calls with the symbols and the index plan of one expression."""

    table: SymbolTable
    functions: FunctionTable
    plan: IndexPlan

    def read(self, node: tree.Apply, arguments: list[Value]) -> Value:
        """The value of a call."""
        called = self.table.called(node)
        assert called is not None  # `separate` left nothing but calls
        primes = node.head.count if isinstance(node.head, tree.Primed) else 0
        orders = node.head.orders if isinstance(node.head, tree.Primed) else ()
        symbol = self.table.symbols.get(called)
        if symbol is not None or called in self.table.known:
            return self.named(called, arguments, orders or (primes,), node.span)
        name = FUNCTIONS[called]
        if primes or orders:
            return self.derived(name, arguments, primes, node)
        if name in OF_MATRICES:
            return self.of_matrices(name, arguments, node)
        if name in ALONG and len(arguments) == 1:
            return self.along(name, arguments[0], node)
        if name in ALONG and name not in SEVERAL_ARGUMENTS:
            value = apply_function(name, arguments, node.span, self.table.extents)
            if value is not None:
                return value
        return self.entry_by_entry(name, arguments, node)

    # --- at each entry ------------------------------------------------------------------------

    def entry_by_entry(self, name: str, arguments: list[Value], node: tree.Apply) -> Value:
        """A function of the language at each entry, with as many arguments as it takes."""
        builtin, count = SEVERAL_ARGUMENTS.get(name, (name, 1))
        if len(arguments) != count:
            wanted = counted(count, "argument")
            raise IndexNotationError(f"{name} takes {wanted}, not {len(arguments)}",
                                     Mark(node.span))  # fmt: skip
        return self.elementwise(builtin, arguments, node.span)

    def elementwise(self, name: str, arguments: Sequence[Value], span: Span) -> Value:
        """A function of the language at each entry."""
        return self.over_entries(
            arguments, lambda values: self.functions.builtin(name, values, span)
        )

    def named(
        self, name: str, arguments: list[Value], orders: tuple[int, ...], span: Span
    ) -> Value:
        """A defined or an unknown function, or a derivative of it."""
        self.functions.check_call(name, len(arguments), orders, span)
        return self.over_entries(
            arguments, lambda values: self.functions.call(name, values, orders, span)
        )

    def derived(self, name: str, arguments: list[Value], primes: int, node: tree.Apply) -> Value:
        """`tanh'`: a derivative of a function of the language."""
        if name not in ONE_ARGUMENT or len(arguments) != 1:
            raise IndexNotationError(
                f"{name} is no function of one number, so {node.head.span.text} means nothing",
                Mark(node.span),
                hint="write the derivative as  ∂f/∂x",
            )
        return self.over_entries(
            arguments,
            lambda values: self.functions.derived(name, values, primes, node.span),
        )

    def over_entries(self, arguments: Sequence[Value], rule: Rule) -> Value:
        """Apply a rule for values with letters to tensors of one shape without letters, too."""
        if not matrices_among(arguments):
            return rule(arguments)
        refuse_mixture(arguments)
        first = next(value for value in arguments if value.shape)
        table = self.table.extents
        letters = tuple(f"{POSITION}{axis}" for axis in range(len(first.shape)))
        named: list[Value] = []
        for value in arguments:
            if value.shape and (len(value.shape) != len(letters) or value.row != first.row):
                raise ShapeError(
                    f"a function of several tensors needs one shape: {describe(first, table)} and "
                    f"{describe(value, table)}",
                    Mark(first.term.span, f"this is {describe(first, table)}"),
                    Mark(value.term.span, f"this is {describe(value, table)}"),
                )
            named.append(Value(value.term, letters if value.shape else ()))
            if value.shape:
                for axis, (a, b) in enumerate(zip(first.shape, value.shape, strict=True)):
                    table.unify(a, b, first.term.span, value.term.span, f"axis {axis + 1}")
        result = rule(named)
        return Value(result.term, None, first.row)

    # --- of whole tensors -----------------------------------------------------------------------

    def along(self, name: str, argument: Value, node: tree.Apply) -> Value:
        """`softmax`, `norm`, … along an index, or of a whole tensor."""
        table = self.table.extents
        if argument.letters is None:
            if node in self.plan.bound:
                raise IndexNotationError(
                    f"{node.arguments[0].span.text} has no index to work along",
                    Mark(node.span),
                    hint=f"write  {name}({node.arguments[0].span.text})",
                )
            value = apply_function(name, [argument], node.span, table)
            assert value is not None
            return value
        if not argument.shape:
            return self.along_nothing(name, argument, node)
        (letters,) = self.plan.used[node]
        return along.fold(name, argument, letters, node.span, table)

    def along_nothing(self, name: str, argument: Value, node: tree.Apply) -> Value:
        """A scalar: its sum and norm mean something, other functions along an index do not."""
        refuse_undeclared(argument, name, self.table)
        if name == "sum":
            return argument
        if name == "norm":
            return indexed.pointwise("abs", [argument], node.span, self.table.extents)
        raise IndexNotationError(
            f"{name} of a scalar: {node.arguments[0].span.text} has no open index",
            Mark(node.span),
            hint=f"declare it, as in  x[n],  or put an index on it, as in  {name}(x_i)",
        )

    def of_matrices(self, name: str, arguments: list[Value], node: tree.Apply) -> Value:
        """`inv`, `det`, … of matrices with or without indices."""
        if name not in NORMS and name not in FILLED:
            for value in arguments:
                refuse_undeclared(value, NOUNS.get(name, name), self.table)
        used = self.plan.used.get(node, ((),) * len(arguments))
        values = [
            value if not letters else Value(indexed.distinct(value, self.table.extents).term, None)
            for value, letters in zip(arguments, used, strict=True)
        ]
        result = apply_function(name, values, node.span, self.table.extents)
        if result is None:
            raise IndexNotationError(f"{name} does not take these arguments", Mark(node.span))
        return result
