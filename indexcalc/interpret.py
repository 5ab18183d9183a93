"""The oracle: any node evaluated by its definition, slowly and obviously.

In: a node, arrays for its variables, sizes for its extents. Out: an array of `node.shape`. Nothing
is shared with the path that makes fast code, so that the two can be held against each other.

With `exact=True` the arithmetic is done in fractions, and every function that is not rational is an
unknown but fixed one: the same arguments give the same value, other arguments another. Two
graphs that agree so are equal by the laws of arithmetic alone, not within a tolerance.

>>> from indexcalc.ir.build import builtin, variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> m, n = Extent.named("m"), Extent.named("n")
>>> W, x = variable("W", (m, n)), variable("x", (n,))
>>> y = contract([(W, "ij"), (x, "j")], "i")
>>> interpret(y, {"W": [[1, 2], [3, 4]], "x": [5, 6]}, {"m": 2, "n": 2})
array([17., 39.])
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from indexcalc.errors import EvaluationError
from indexcalc.ir.environment import DefinedFunction, Environment
from indexcalc.ir.extent import Shape, shape_text
from indexcalc.ir.node import (
    Apply,
    Call,
    Constant,
    Contraction,
    Derivative,
    Function,
    Node,
    Number,
    Reduce,
    Size,
    Sum,
    Variable,
)
from indexcalc.ir.walk import postorder

Array = NDArray[Any]
Entrywise = Callable[..., Any]


def interpret(
    node: Node,
    values: Mapping[str, Any],
    sizes: Mapping[str, int],
    *,
    functions: Mapping[Function, Entrywise] | None = None,
    environment: Environment | None = None,
    exact: bool = False,
) -> Array:
    """The value of `node` for arrays or nested lists `values` by variable name.

    `functions` gives abstract functions, and derivatives of defined ones, as callables of scalars;
    names without a value are looked up in `environment`. Raises `EvaluationError` for a
    missing value, a wrong shape, or a derivative that has not been worked out.
    """
    scope = environment or Environment()
    oracle = _Oracle(values, sizes, functions or {}, scope.functions, exact)

    def arguments(node: Node) -> Sequence[Node]:
        if isinstance(node, Variable) and node.name not in values and node in scope.definitions:
            return (scope.definitions[node],)
        return node.arguments

    results: dict[Node, Array] = {}
    for step in postorder([node], arguments):
        below = [results[child] for child in arguments(step)]
        results[step] = below[0] if isinstance(step, Variable) and below else oracle.of(step, below)
    return results[node]


@dataclass(frozen=True, slots=True)
class _Oracle:
    values: Mapping[str, Any]
    sizes: Mapping[str, int]
    functions: Mapping[Function, Entrywise]
    defined: Mapping[str, DefinedFunction]
    exact: bool

    def of(self, node: Node, below: list[Array]) -> Array:  # noqa: C901 - one case a kind
        match node:
            case Variable():
                return self.given(node)
            case Number():
                return self.array(node.value)
            case Constant():
                return self.constant(node)
            case Size():
                return self.array(node.extent.evaluate(self.sizes))
            case Sum():
                return self.sum(node, below)
            case Apply():
                return self.entrywise(self.function(node.function), below)
            case Contraction():
                return self.contraction(node, below)
            case Reduce():
                return self.reduction(node, below[0])
            case Call():
                return self.call(node, below[0])
            case Derivative():
                raise EvaluationError("a derivative must be worked out before it can be evaluated")
            case _:
                assert_never(node)

    # --- leaves -----------------------------------------------------------------------------

    def scalar(self, value: Fraction | int) -> Any:
        return Fraction(value) if self.exact else float(value)

    def array(self, value: Any) -> Array:
        if not self.exact:
            array = np.asarray(value if not isinstance(value, Fraction) else float(value))
            return array if array.dtype.kind in "fc" else array.astype(float)
        array = np.asarray(value, object)
        return self.entrywise(Fraction, [array])

    def dimensions(self, shape: Shape) -> tuple[int, ...]:
        return tuple(extent.evaluate(self.sizes) for extent in shape)

    def given(self, node: Variable) -> Array:
        if node.name not in self.values:
            raise EvaluationError(f"no value for {node.name}")
        array = self.array(self.values[node.name])
        if array.shape != self.dimensions(node.shape):
            raise EvaluationError(
                f"{node.name} is {shape_text(node.shape)}, here {self.dimensions(node.shape)}, "
                f"but its value has the shape {array.shape}"
            )
        return array

    def constant(self, node: Constant) -> Array:
        match node.name:
            case "levi_civita":
                signs = np.zeros((3, 3, 3), int)
                for first in range(3):
                    for step in (1, 2):
                        second, third = (first + step) % 3, (first + 2 * step) % 3
                        signs[first, second, third] = 3 - 2 * step
                return self.array(signs)
            case "pi" | "e":
                return self.array(
                    _unknown(node.name, ()) if self.exact else getattr(math, node.name)
                )
            case _:
                raise EvaluationError(f"no value is known for the constant {node.name}")

    # --- operations -------------------------------------------------------------------------

    def sum(self, node: Sum, below: list[Array]) -> Array:
        total = self.array(np.zeros(self.dimensions(node.shape), int))
        for (coefficient, _), term in zip(node.terms, below, strict=True):
            total = total + self.scalar(coefficient) * term
        return np.asarray(total, object if self.exact else None)

    def entrywise(self, function: Entrywise, args: Sequence[Array]) -> Array:
        """A function of scalars at each entry; plain loops, and the dtype of what comes out."""
        shape = args[0].shape
        entries = [function(*(arg[index] for arg in args)) for index in np.ndindex(shape)]
        if self.exact:
            result = np.empty(len(entries), object)
            result[:] = entries
        else:
            result = np.asarray(entries if entries else np.zeros(0))
            result = result if result.dtype.kind in "fc" else result.astype(float)
        return result.reshape(shape)

    def contraction(self, node: Contraction, below: list[Array]) -> Array:
        """One grid over all labels: multiply the factors on it, add up what meets in the output."""
        grid = np.indices(self.dimensions(node.extents))
        product = self.array(np.ones(grid.shape[1:], int))
        for factor, labels in zip(below, node.labels, strict=True):
            product = product * factor[tuple(grid[label] for label in labels)]
        product = np.asarray(product)
        if not node.output:
            return self.array(product.sum())
        total = self.array(np.zeros(self.dimensions(node.shape), int)).astype(product.dtype)
        np.add.at(total, tuple(grid[label] for label in node.output), product)
        return total

    def reduction(self, node: Reduce, argument: Array) -> Array:
        result = argument.copy()
        if node.operation in {"cumsum", "reverse_cumsum"}:
            step = 1 if node.operation == "cumsum" else -1
            for index in np.ndindex(argument.shape[:-1]):
                row = argument[index][::step]
                sums = [sum(row[1 : k + 1], start=row[0]) for k in range(len(row))]
                result[index] = sums[::step]
            return result
        kept = argument.shape[: argument.ndim - node.rank]
        fold = self.fold(node.operation)
        rows = np.empty(kept, object)
        for index in np.ndindex(kept):
            rows[index] = list(argument[index].flat)
        return self.entrywise(fold, [rows])

    def fold(self, operation: str) -> Entrywise:
        folds: dict[str, Entrywise] = {
            "max": lambda row: functools.reduce(_larger, row),
            "min": lambda row: functools.reduce(_smaller, row),
            "prod": math.prod,
        }
        if operation in folds:
            return folds[operation]
        if operation != "logsumexp":
            raise EvaluationError(f"no value is known for the reduction {operation}")
        if self.exact:
            return lambda row: _unknown(operation, tuple(row))
        return _logsumexp

    def call(self, node: Call, argument: Array) -> Array:
        if node.operation == "reshape":
            return argument.reshape(self.dimensions(node.shape))
        inverse, determinant = _eliminate(argument, self.scalar(1))
        match node.operation:
            case "inv":
                return inverse
            case "det":
                return self.array(determinant)
            case "logdet":
                # log |det| where that is real, and its continuation near there
                positive = determinant if np.real(determinant) >= 0 else -determinant
                return self.array(self.function(Function("log"))(positive))
            case _:
                raise EvaluationError(f"no value is known for the function {node.operation}")

    # --- functions --------------------------------------------------------------------------

    def function(self, function: Function) -> Entrywise:
        """The function as a callable of scalars."""
        if function in self.functions:
            return self.functions[function]
        if function.kind == "defined" and not any(function.orders):
            return self.body(self.defined[function.name])
        if function.kind == "builtin" and function.parameter is not None:
            exponent = function.parameter
            return lambda x: _power(x, exponent, exact=self.exact)
        if function.kind == "builtin" and function.name in _RATIONAL:
            return _RATIONAL[function.name]
        if self.exact:
            return lambda *args: _exact_value(function, args)
        if function.kind == "builtin" and function.name in _FUNCTIONS:
            return _FUNCTIONS[function.name]
        raise EvaluationError(f"no value is known for the function {function.name}")

    def body(self, definition: DefinedFunction) -> Entrywise:
        """A defined function whose body uses builtin functions only."""
        order = postorder([definition.body])

        def evaluate(*args: Any) -> Any:
            names = [parameter.name for parameter in definition.parameters]
            values = dict(self.values) | dict(zip(names, args, strict=True))
            inner = _Oracle(values, self.sizes, self.functions, {}, self.exact)
            results: dict[Node, Array] = {}
            for step in order:
                results[step] = inner.of(step, [results[child] for child in step.arguments])
            return results[definition.body][()]

        return evaluate


# --- exact arithmetic -------------------------------------------------------------------------


def _unknown(name: object, args: tuple[Any, ...]) -> Fraction:
    """A fraction drawn from the name and the arguments: an unknown but fixed function."""
    digest = blake2b(f"{name}{args}".encode(), digest_size=8).digest()
    return Fraction(1 + digest[0] % 97, 1 + digest[1] % 13)


_KNOWN = {("exp", 0): 1, ("cos", 0): 1, ("cosh", 0): 1, ("log", 1): 0}
_ZERO_AT_ZERO = {"sin", "tan", "sinh", "tanh", "expm1", "log1p", "asin", "atan", "asinh", "erf",
                 "cbrt"}  # fmt: skip


def _exact_value(function: Function, args: tuple[Any, ...]) -> Fraction:
    known = _KNOWN.get((function.name, args[0])) if len(args) == 1 else None
    if function.kind == "builtin" and known is not None:
        return Fraction(known)
    if function.kind == "builtin" and function.name in _ZERO_AT_ZERO and args == (0,):
        return Fraction(0)
    return _unknown(function, args)


def _power(base: Any, exponent: Fraction, *, exact: bool) -> Any:
    if exponent.denominator != 1:
        return _unknown(exponent, (base,)) if exact else np.power(base, float(exponent))
    if exact:
        if base == 0 and exponent < 0:
            raise EvaluationError("division by zero")
        return Fraction(base) ** int(exponent)
    return np.float64(1) / base ** -int(exponent) if exponent < 0 else base ** int(exponent)


def _eliminate(matrix: Array, one: Any) -> tuple[Array, Any]:
    """Inverse and determinant by Gauss–Jordan elimination with the largest pivot."""
    size = len(matrix)
    work = matrix.copy()
    inverse = matrix.copy()
    for row in range(size):
        for column in range(size):
            inverse[row, column] = one if row == column else one * 0
    determinant = one
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(work[row, column]))
        if not work[pivot, column]:
            return np.full_like(matrix, one * 0 if matrix.dtype == object else np.nan), one * 0
        if pivot != column:
            work[[pivot, column]], inverse[[pivot, column]] = (
                work[[column, pivot]],
                inverse[[column, pivot]],
            )
            determinant = -determinant
        determinant = determinant * work[column, column]
        inverse[column] = inverse[column] / work[column, column]
        work[column] = work[column] / work[column, column]
        for row in range(size):
            if row != column:
                inverse[row] = inverse[row] - work[row, column] * inverse[column]
                work[row] = work[row] - work[row, column] * work[column]
    return inverse, determinant


# --- functions of floats ----------------------------------------------------------------------


def _logsumexp(row: Sequence[Any]) -> Any:
    top = max(row, key=lambda entry: entry.real)
    # an infinite top is its own distance 0, not ∞ − ∞
    return top + np.log(sum(np.exp(entry - top) if entry != top else 1.0 for entry in row))


def _sigmoid(x: Any) -> Any:
    small = np.exp(-abs(x) if not isinstance(x, complex) else -x)
    return 1 / (1 + small) if isinstance(x, complex) or x >= 0 else small / (1 + small)


def _softplus(x: Any) -> Any:
    return np.log(1 + np.exp(x)) if isinstance(x, complex) else np.logaddexp(0.0, x)


def _logcosh(x: Any) -> Any:
    if isinstance(x, complex):
        return np.log(np.cosh(x))
    return abs(x) + np.log1p(np.exp(-2 * abs(x))) - math.log(2)


def _larger(x: Any, y: Any) -> Any:
    return x if x >= y or x != x else y  # noqa: PLR0124 - a NaN, which passes through


def _smaller(x: Any, y: Any) -> Any:
    return x if x <= y or x != x else y  # noqa: PLR0124 - a NaN, which passes through


def _sign(x: Any) -> Any:
    return x if x == 0 else x / abs(x)


# exact in fractions as well as in floats
_RATIONAL: dict[str, Entrywise] = {
    "abs": abs,
    "sign": _sign,
    "relu": lambda x: _larger(x, type(x)(0)),
    "maximum": _larger,
    "minimum": _smaller,
    "where": lambda c, x, y: x if c else y,
    "gt": lambda x, y: Fraction(int(x > y)),
    "lt": lambda x, y: Fraction(int(x < y)),
    "ge": lambda x, y: Fraction(int(x >= y)),
    "le": lambda x, y: Fraction(int(x <= y)),
    "eq": lambda x, y: Fraction(int(x == y)),
    "ne": lambda x, y: Fraction(int(x != y)),
}

_FUNCTIONS: dict[str, Entrywise] = {
    **{name: getattr(np, name) for name in ("exp", "log", "log1p", "expm1", "cbrt", "sin", "cos",
                                            "tan", "sinh", "cosh", "tanh")},
    **{name: getattr(np, "arc" + name[1:]) for name in ("asin", "acos", "atan", "asinh", "acosh",
                                                        "atanh", "atan2")},
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "log1mexp": lambda x: np.log(-np.expm1(x)),
    "logcosh": _logcosh,
    "erf": math.erf,
    "pow": np.power,
}  # fmt: skip
