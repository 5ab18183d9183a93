"""Formulas without indices for tests: random well-typed records, and their values by definition.

A shape is `()` for a scalar, `("n",)` for a column, `("", "n")` for a row, `("m", "n")` for a
matrix. A `1` or `I` has its extent as a name, which nothing prints. Values are two-dimensional, so
that a row and a column cannot be taken for another.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.notation.formula import (
    Applied,
    EntryPower,
    Formula,
    Infix,
    Inverted,
    Joined,
    Literal,
    Product,
    Raised,
    Symbol,
    SymbolKind,
    Total,
    Transposed,
)

Array = NDArray[Any]
Shape = tuple[str, ...]
SIZES = {"m": 2, "n": 3}
DECLARED: dict[str, Shape] = {
    "A": ("m", "n"), "B": ("m", "n"), "C": ("n", "m"), "S": ("n", "n"), "R": ("n", "n"),
    "M": ("m", "m"), "x": ("n",), "y": ("n",), "u": ("m",), "v": ("m",), "c": (), "k": (),
}  # fmt: skip
PROGRAM = "\n".join(f"{name}[{', '.join(shape)}]" for name, shape in DECLARED.items())
ONE = Fraction(1)
ENTRYWISE: dict[str, Callable[[Array], Array]] = {
    "exp": np.exp, "tanh": np.tanh, "sqrt": np.sqrt, "abs": np.abs,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "relu": lambda x: np.maximum(x, 0),
    "cbrt": lambda x: np.power(x, 1 / 3),
}  # fmt: skip
JOINING: dict[Infix, Callable[[Array, Array], Array]] = {
    Infix.HADAMARD: np.multiply, Infix.RATIO: np.divide, Infix.KRONECKER: np.kron,
    Infix.FROBENIUS: lambda a, b: np.full((1, 1), np.sum(a * b)),
}  # fmt: skip


def name(text: str) -> Symbol:
    return Symbol(SymbolKind.VARIABLE, text, ())


def ones(extent: str = "n") -> Symbol:
    return Symbol(SymbolKind.ONES, extent, ())


def identity(extent: str = "n") -> Symbol:
    return Symbol(SymbolKind.DELTA, extent, ())


def times(
    *factors: Formula,
    number: int | Fraction = 1,
    leading: tuple[Formula, ...] = (),
    below: tuple[Formula, ...] = (),
) -> Product:
    return Product(Fraction(number), leading, (), factors, below)


def call(function: str, *arguments: Formula) -> Applied:
    return Applied(function, (), (), arguments, ())


# --- values -------------------------------------------------------------------------------------


def arrays(seed: int) -> dict[str, Array]:
    """Values of the declared names, as a caller gives them."""
    source = np.random.default_rng(seed)
    return {
        name: source.uniform(0.4, 1.6, [SIZES[axis] for axis in shape])
        for name, shape in DECLARED.items()
    }


def dimensions(shape: Shape) -> tuple[int, int]:
    rows, columns = (*shape, "", "")[:2]
    return SIZES.get(rows, 1), SIZES.get(columns, 1)


def value(part: Formula, shape: Shape, given: dict[str, Array]) -> Array:
    """The value of a formula of that shape, as a two-dimensional array."""
    return np.broadcast_to(_value(part, given), dimensions(shape))


def _value(part: Formula, given: dict[str, Array]) -> Array:
    match part:
        case Symbol() | Literal():
            return _leaf(part, given)
        case Product():
            return _product(part, given)
        case Total(terms=terms):
            return sum((_value(term, given) for term in terms), np.zeros((1, 1)))
        case Raised(base=base, exponent=exponent):
            inner = _value(base, given)
            if inner.shape == (1, 1):
                return inner ** float(exponent)
            return np.linalg.matrix_power(inner, int(exponent))
        case EntryPower(base=base, exponent=exponent):
            return _value(base, given) ** float(exponent)
        case Transposed(base=base):
            return _value(base, given).T
        case Inverted(base=base):
            return _inverse(_value(base, given))
        case Joined(infix=infix, operands=operands):
            return reduce(JOINING[infix], (_value(operand, given) for operand in operands))
        case _:
            assert isinstance(part, Applied)
            return _applied(part.name, _value(part.arguments[0], given))


def _leaf(part: Symbol | Literal, given: dict[str, Array]) -> Array:
    match part:
        case Literal(value=number):
            return np.full((1, 1), float(number))
        case Symbol(kind=SymbolKind.ONES, name=extent):
            return np.ones((SIZES[extent], 1))
        case Symbol(kind=SymbolKind.DELTA, name=extent):
            return np.eye(SIZES[extent])
        case _:
            return given[part.name].reshape(dimensions(DECLARED[part.name]))


def _inverse(matrix: Array) -> Array:
    """The inverse; NaN where it is lost in rounding."""
    regular = np.all(np.isfinite(matrix)) and np.linalg.cond(matrix) < 1e6
    return np.linalg.inv(matrix) if regular else np.full(matrix.shape, np.nan)


def _applied(function: str, inner: Array) -> Array:
    match function:
        case "tr":
            return np.full((1, 1), np.trace(inner))
        case "det":
            return np.full((1, 1), np.linalg.det(inner))
        case "sum":
            return np.full((1, 1), np.sum(inner))
        case "diag":
            return np.diag(inner).reshape(-1, 1)
        case "Diag":
            return np.diag(inner[:, 0])
        case "vec":
            return inner.reshape(-1, 1, order="F")
        case _:
            return ENTRYWISE[function](inner)


def _product(part: Product, given: dict[str, Array]) -> Array:
    found = np.full((1, 1), float(part.coefficient))
    for scalar in part.leading:
        found = found * _value(scalar, given)
    for scalar in part.denominators:
        found = found / _value(scalar, given)
    whole: Array | None = None
    for factor in part.factors:
        right = _value(factor, given)
        whole = right if whole is None else whole @ right
    return found if whole is None else found * whole


# --- random formulas ----------------------------------------------------------------------------


def random_formula(seed: int, depth: int) -> tuple[Formula, Shape]:
    source = random.Random(seed)
    shape: Shape = source.choice([(), ("n",), ("m",), ("", "n"), ("m", "n"), ("n", "n")])
    return _Random(source).formula(shape, depth), shape


class _Random:
    def __init__(self, source: random.Random) -> None:
        self.source = source

    def formula(self, shape: Shape, depth: int) -> Formula:
        if depth == 0:
            return self.leaf(shape)
        rules = {0: self.scalar, 1: self.column, 2: self.matrix}
        rule = self.row if shape[:1] == ("",) else rules[len(shape)]
        made = rule(shape, depth - 1)
        return self.entry_by_entry(shape, depth - 1) if made is None else made

    def leaf(self, shape: Shape) -> Formula:
        if shape[:1] == ("",):
            return Transposed(ones(shape[1]) if self.rarely() else self.leaf(shape[1:]))
        if not shape and self.rarely():
            return Literal(Fraction(self.source.choice(["2", "1/2", "3"])))
        known = [name for name, declared in DECLARED.items() if declared == shape]
        return name(self.source.choice(known))

    def rarely(self) -> bool:
        return self.source.random() < 0.2

    def side(self) -> str:
        return self.source.choice("mn")

    def entry_by_entry(self, shape: Shape, depth: int) -> Formula:
        def some() -> Formula:
            return self.formula(shape, depth)

        match self.source.randrange(7):
            case 0:
                extra: tuple[Formula, ...] = ()
                if len(shape) == 1 and self.rarely():
                    extra = (times(ones(*shape), number=self.source.choice([1, -2])),)
                terms = [some(), *extra, self.scaled(some(), depth)]
                self.source.shuffle(terms)
                return Total(tuple(terms))
            case 1:
                return self.scaled(some(), depth)
            case 2 if shape:
                return Joined(Infix.HADAMARD, (some(), some()))
            case 3 if shape:
                first = Literal(ONE) if self.rarely() else some()
                return Joined(Infix.RATIO, (first, some()))
            case 4 if shape:
                power = Fraction(self.source.choice(["2", "-1", "1/2", "-3/2", "3"]))
                return EntryPower(some(), power)
            case 5:
                return call(self.source.choice(sorted(ENTRYWISE)), some())
            case _:
                return self.scaled(some(), depth)

    def scaled(self, inner: Formula, depth: int) -> Formula:
        number = Fraction(self.source.choice(["1", "-1", "2", "-1/2", "1/3"]))
        leading = tuple(self.scalar_factor(depth) for _ in range(self.source.randrange(2)))
        below = tuple(self.scalar_factor(depth) for _ in range(self.source.choice([0, 0, 0, 1, 2])))
        flat = isinstance(inner, Product) and inner.coefficient == 1 and not inner.denominators
        if flat and isinstance(inner, Product):
            return Product(number, (*leading, *inner.leading), (), inner.factors, below)
        return Product(number, leading, (), (inner,), below)

    def scalar_factor(self, depth: int) -> Formula:
        made = self.formula((), depth)
        return name("k") if isinstance(made, Literal) else made

    def scalar(self, shape: Shape, depth: int) -> Formula | None:
        match self.source.randrange(8):
            case 0 | 1:
                a, b = self.side(), self.side()
                middle = [self.formula((a, b), depth)] if a != b or self.rarely() else []
                row = Transposed(self.formula((a,), depth))
                return times(row, *middle, self.formula((b,), depth))
            case 2:
                function = self.source.choice(["tr", "det", "sum"])
                return call(function, self.formula(("n", "n"), depth))
            case 3:
                both = (self.formula(("m", "n"), depth), self.formula(("m", "n"), depth))
                return Joined(Infix.FROBENIUS, both)
            case 4:
                base = self.scalar_factor(depth)
                return Raised(base, Fraction(self.source.choice(["2", "1/2", "3/2"])))
            case 5:
                return times(Transposed(ones()), self.formula(("n",), depth))
            case _:
                return None

    def column(self, shape: Shape, depth: int) -> Formula | None:
        (rows,) = shape
        match self.source.randrange(6):
            case 0 | 1:
                inner = self.side()
                right = ones(inner) if self.rarely() else self.formula((inner,), depth)
                return self.chain(self.formula((rows, inner), depth), right)
            case 2 if rows == "n":
                return call("diag", self.formula(("n", "n"), depth))
            case _:
                return None

    def row(self, shape: Shape, depth: int) -> Formula | None:
        columns = shape[1]
        match self.source.randrange(6):
            case 0 | 1:
                return Transposed(self.formula((columns,), depth))
            case 2 | 3:
                inner = self.side()
                left = self.formula(("", inner), depth)
                return self.chain(left, self.formula((inner, columns), depth))
            case _:
                return None

    def matrix(self, shape: Shape, depth: int) -> Formula | None:
        rows, columns = shape
        square = rows == columns
        match self.source.randrange(12):
            case 0 | 1:
                inner = self.side()
                return self.chain(
                    self.formula((rows, inner), depth), self.formula((inner, columns), depth)
                )
            case 2:
                left = ones(rows) if self.rarely() else self.formula((rows,), depth)
                return self.chain(left, self.formula(("", columns), depth))
            case 3 | 4:
                return Transposed(self.formula((columns, rows), depth))
            case 5 if square:
                return Inverted(self.formula(shape, depth))
            case 6 if square:
                return Raised(self.formula(shape, depth), Fraction(2))
            case 7 if square:
                return call("Diag", self.formula((rows,), depth))
            case 8 if square:
                scaled = times(identity(rows), leading=(self.scalar_factor(depth),))
                return Total((self.formula(shape, depth), scaled))
            case _:
                return None

    def chain(self, left: Formula, right: Formula) -> Formula:
        """A product; one that is its first factor goes on, if it has no scalars."""
        if not isinstance(left, Product) or left.coefficient != 1 or left.leading:
            return times(left, right)
        flat = len(left.factors) > 1 and not left.denominators
        return times(*left.factors, right) if flat else times(left, right)
