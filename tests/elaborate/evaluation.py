"""A small reading of matrix notation and a slow evaluation of terms, to test against NumPy."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.elaborate import matrix
from indexcalc.elaborate.extents import ExtentTable
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
    Value,
    Whole,
)
from indexcalc.elaborate.vocabulary import FUNCTIONS
from indexcalc.errors import Source
from indexcalc.ir.extent import Extent
from indexcalc.syntax import tree
from indexcalc.syntax.parser import parse_query

Array = NDArray[np.float64]
SIZES = {"m": 2, "n": 3, "p": 4, "q": 5, "k": 6, "pn": 12}
WITH_SIZES = {**SIZES, "one": 1}


def extent(name: str) -> Extent:
    """The extent a letter stands for: `?` is unknown, a digit is fixed."""
    return Extent.fixed(int(name)) if name.isdigit() else Extent.named(name)


@dataclass
class Reader:
    """Reads an expression in matrix notation; `shapes` gives each name's axes, one letter each."""

    shapes: dict[str, str]
    table: ExtentTable = field(default_factory=ExtentTable)
    unknown: dict[str, Extent] = field(default_factory=dict)

    def shape(self, name: str) -> tuple[Extent, ...]:
        axes = []
        for k, letter in enumerate(self.shapes[name]):
            if letter == "?":
                axes.append(self.unknown.setdefault(f"{name}{k}", self.table.fresh()))
            else:
                axes.append(extent(letter))
        return tuple(axes)

    def read(self, text: str) -> Value:
        query = parse_query(Source(text))
        assert isinstance(query, tree.Query)
        return self.value(query.value)

    def value(self, node: tree.Tree) -> Value:  # noqa: C901 - one case a kind
        table, span = self.table, node.span
        match node:
            case tree.Number():
                return Value(Literal(span, (), node.value), ())
            case tree.Name():
                return self.named(node)
            case tree.Bracket():
                inner = self.value(node.inner)
                return inner
            case tree.Negative():
                return matrix.total([self.value(node.inner)], [-1], span, table)
            case tree.Sum():
                terms = [self.value(term) for term in node.terms]
                return matrix.total(terms, node.signs, span, table)
            case tree.Product():
                factors = [self.value(factor) for factor in node.factors]
                return matrix.product(factors, node.operators, span, table)
            case tree.Primed() | tree.Transpose() if node.span.text.endswith("''"):
                return self.value(node.base)
            case tree.Primed() | tree.Transpose():
                return matrix.transpose(self.value(node.base), span, table)
            case tree.Power():
                return self.power(node)
            case tree.Norm():
                return matrix.norm(self.value(node.inner), node.kind, span, table)
            case tree.Apply():
                return self.call(node)
            case _:
                raise AssertionError(node)

    def named(self, node: tree.Name) -> Value:
        if node.text in self.shapes:
            shape = self.shape(node.text)
            return Value(Named(node.span, shape, node.text), None if shape else ())
        if node.text in ("n", "m", "p") and node.text not in self.shapes:
            return Value(SizeOf(node.span, (), (Extent.named(node.text),)), ())
        found = matrix.apply_function(node.text, (), node.span, self.table)
        assert found is not None, node.text
        return found

    def power(self, node: tree.Power) -> Value:
        base, exponent = self.value(node.base), node.exponent
        inverted = isinstance(exponent, tree.Negative) and isinstance(exponent.inner, tree.Name)
        letter = exponent.inner if isinstance(exponent, tree.Negative) else exponent
        if isinstance(letter, tree.Name) and letter.text == "T":
            if inverted:
                base = matrix.inverse(base, node.span, self.table)
            return matrix.transpose(base, node.span, self.table)
        raised = self.value(exponent)
        return matrix.power(base, raised, node.span, self.table, node.elementwise)

    def call(self, node: tree.Apply) -> Value:
        args = [self.value(argument) for argument in node.arguments]
        assert isinstance(node.head, tree.Name)
        name = FUNCTIONS.get(node.head.text, node.head.text)
        found = matrix.apply_function(name, args, node.span, self.table)
        if found is not None:
            return found
        terms = tuple(arg.term for arg in args)
        orders = (0,) * len(args)
        term = Pointwise(node.span, terms[0].shape, name, "builtin", orders, None, terms)
        return Value(term, args[0].letters, args[0].row)


def read(text: str, **shapes: str) -> tuple[Value, ExtentTable]:
    reader = Reader(shapes)
    return reader.read(text), reader.table


def arrays(shapes: dict[str, str]) -> dict[str, Array]:
    """Fixed random arrays of the sizes in `SIZES`; square ones are well conditioned."""
    rng = np.random.default_rng(5)
    made = {}
    for name, axes in sorted(shapes.items()):
        size = [int(a) if a.isdigit() else SIZES[a] for a in axes]
        made[name] = rng.uniform(0.5, 1.5, size)
        if len(size) == 2 and size[0] == size[1]:
            made[name] = made[name] + 2 * np.eye(size[0])
    return made


def evaluate(  # noqa: C901 - one case a kind
    term: Term, values: dict[str, Array], table: ExtentTable
) -> Array:
    """The array that a term denotes."""

    def size(shape: tuple[Extent, ...]) -> list[int]:
        return [table.solve(axis).evaluate(WITH_SIZES) for axis in shape]

    def inner(part: Term) -> Array:
        return evaluate(part, values, table)

    found: Any
    match term:
        case Named():
            found = values[term.name]
        case Literal():
            found = float(term.value)
        case Fixed():
            found = {"pi": np.pi, "e": np.e}[term.name]
        case SizeOf():
            found = float(size(term.extent)[0])
        case Contract():
            found = contraction(term, [inner(factor) for factor in term.factors], size)
        case Total():
            found = sum(s * inner(t) for s, t in zip(term.signs, term.terms, strict=True))
        case Pointwise():
            found = pointwise(term, [inner(arg) for arg in term.args])
        case Fold():
            found = fold(term, inner(term.argument))
        case Whole():
            found = whole(term, inner(term.argument), size)
        case Derive():
            raise AssertionError("derivatives are not evaluated here")
    found = np.asarray(found, dtype=float)
    assert list(found.shape) == size(term.shape)
    return found  # type: ignore[no-any-return]


def contraction(term: Contract, factors: list[Array], size: Any) -> Array:
    letters = list(term.extents)
    sizes = {letter: size(term.extents[letter])[0] for letter in letters}
    result = np.zeros([sizes[letter] for letter in term.output])
    for point in itertools.product(*(range(sizes[letter]) for letter in letters)):
        at = dict(zip(letters, point, strict=True))
        product = 1.0
        for factor, own in zip(factors, term.letters, strict=True):
            product *= factor[tuple(at[letter] for letter in own)]
        result[tuple(at[letter] for letter in term.output)] += product
    return result


def pointwise(term: Pointwise, args: list[Array]) -> Any:
    if term.parameter is not None:
        return args[0] ** float(Fraction(term.parameter))
    functions: dict[str, Any] = {
        "pow": np.power, "abs": np.abs, "exp": np.exp, "log": np.log, "tan": np.tan,
        "sin": np.sin, "cos": np.cos,
    }  # fmt: skip
    return functions[term.function](*args)


def fold(term: Fold, argument: Array) -> Any:
    axes = tuple(range(argument.ndim - term.rank, argument.ndim))
    match term.operation:
        case "logsumexp":
            return np.log(np.exp(argument).sum(axis=axes))
        case "cumsum":
            return np.cumsum(argument)
        case operation:
            return getattr(np, operation)(argument, axis=axes)


def whole(term: Whole, argument: Array, size: Any) -> Any:
    match term.operation:
        case "inv":
            return np.linalg.inv(argument)
        case "det":
            return np.linalg.det(argument)
        case "logdet":
            return np.linalg.slogdet(argument)[1]
        case _:
            return argument.reshape(size(term.shape))
