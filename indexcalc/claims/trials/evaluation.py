"""Values with a bound for their rounding error.

In: nodes, and estimates for their variables. Out: for each node its value and how far that may be
from the true one, to first order, entry by entry. Two sides that are further apart than their
bounds are different; bounds that are large against the values say that this arithmetic cannot tell.

The arithmetic is given: double precision (`floats`), or decimals of many digits (`decimals`).

>>> from indexcalc.claims.trials.floats import FLOATS
>>> from indexcalc.ir.build import linear, number, variable
>>> x = variable("x", ())
>>> large = linear([(1, x), (1, number(10**12))], ())
>>> difference = linear([(1, large), (-1, number(10**12))], ())
>>> known = {"x": exactly(0.25, FLOATS)}
>>> found = evaluate([large], Point({}, known, {}), FLOATS)[0]
>>> float(found.value), bool(1e-5 < found.error < 1e-2)
(1000000000000.25, True)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, assert_never

import numpy as np

from indexcalc.claims.trials.applied import applied
from indexcalc.claims.trials.arithmetic import (
    HARD_OPERATIONS,
    Arithmetic,
    Array,
    Entrywise,
    Estimate,
    any_infinite,
    exactly,
)
from indexcalc.claims.trials.exactness import adds_exactly, are_coarse, multiplies_exactly
from indexcalc.errors import EvaluationError, LimitError
from indexcalc.ir.extent import Shape
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

__all__ = ["Arithmetic", "Entrywise", "Estimate", "Point", "evaluate", "exactly", "pairwise"]

MOST_ENTRIES = 4_000_000  # of all indices of one product together
MOST_LABELS = 26
SUM_OPERATIONS = 4  # roundings that are counted for one operation
WRONG_ORDER = "a derivative must be worked out before it can be evaluated"


@dataclass(frozen=True, slots=True)
class Point:
    """Where sides are compared: sizes, estimates of variables, callables of abstract functions."""

    sizes: Mapping[str, int]
    values: Mapping[str, Estimate]
    functions: Mapping[Function, Entrywise]


def evaluate(nodes: Sequence[Node], point: Point, arithmetic: Arithmetic) -> list[Estimate]:
    """The estimates of nodes without derivatives and definitions.

    What is no number is NaN or infinite in value or error; all errors are infinite if anything
    was on the way. Raises `EvaluationError` for a function or variable without a value,
    `LimitError` for a product over too many indices.
    """
    evaluation = _Evaluation(point, arithmetic)
    results: dict[Node, Estimate] = {}
    overflows = False
    with np.errstate(all="ignore"):
        for node in postorder(nodes):
            found = evaluation.of(node, [results[child] for child in node.arguments])
            value, error = (np.asarray(a, arithmetic.dtype) for a in (found.value, found.error))
            results[node] = Estimate(value, error)
            overflows |= any_infinite(value)
    if overflows:
        lost = {n: np.full_like(results[n].error, arithmetic.array(np.inf)) for n in nodes}
        return [Estimate(results[node].value, lost[node]) for node in nodes]
    return [results[node] for node in nodes]


def pairwise(factors: list[tuple[Array, Sequence[int]]], output: Sequence[int]) -> Array:
    """The contraction of factors to `output`, two at a time, that pair first that is smallest.

    >>> pairwise([(np.ones((2, 3)), (0, 1)), (np.ones(3), (1,)), (np.ones(2), (0,))], ())
    array(6.)
    """
    left = list(factors)
    while len(left) > 1:
        best, choice = np.inf, (0, 1)
        for k in range(1, len(left)):
            size = _joint_size(left[0], left[k])
            if size < best:
                best, choice = size, (0, k)
        pair = [left[k] for k in choice]
        left = [factor for k, factor in enumerate(left) if k not in choice]
        needed = {*output, *(label for _, labels in left for label in labels)}
        met = dict.fromkeys([*pair[0][1], *pair[1][1]])
        kept = [label for label in met if label in needed]
        left.insert(0, (_einsum(pair, kept), kept))
    return _einsum(left, output)


def _joint_size(one: tuple[Array, Sequence[int]], other: tuple[Array, Sequence[int]]) -> float:
    sizes = {k: n for array, own in (one, other) for k, n in zip(own, array.shape, strict=True)}
    return float(np.prod(list(sizes.values()), dtype=float))


def _einsum(factors: Sequence[tuple[Array, Sequence[int]]], output: Sequence[int]) -> Array:
    operands: list[Any] = []
    for array, labels in factors:
        operands += [array, list(labels)]
    dtype = factors[0][0].dtype
    return np.asarray(np.einsum(*operands, list(output)), dtype)


@dataclass(frozen=True, slots=True)
class _Evaluation:
    point: Point
    arithmetic: Arithmetic

    def of(self, node: Node, below: list[Estimate]) -> Estimate:  # noqa: C901 - one case a kind
        match node:
            case Variable():
                if node.name not in self.point.values:
                    raise EvaluationError(f"no value for {node.name}")
                return self.point.values[node.name]
            case Number():
                return self.number(node.value)
            case Constant():
                return self.constant(node)
            case Size():
                return self.number(Fraction(node.extent.evaluate(self.point.sizes)))
            case Sum():
                return self.sum(node, below)
            case Apply():
                return self.apply(node, below)
            case Contraction():
                return self.contraction(node, below)
            case Reduce():
                return self.reduction(node, below[0])
            case Call():
                return self.call(node, below[0])
            case Derivative():
                raise EvaluationError(WRONG_ORDER)
            case _:
                assert_never(node)

    # --- leaves -------------------------------------------------------------------------------

    def dimensions(self, shape: Shape) -> tuple[int, ...]:
        return tuple(extent.evaluate(self.point.sizes) for extent in shape)

    def rounded(self, value: Any, error: Any, operations: int = SUM_OPERATIONS) -> Estimate:
        """The value with one more rounding error in its bound."""
        value = np.asarray(value, self.arithmetic.dtype)
        more = abs(value) * (self.arithmetic.unit * operations)
        return Estimate(value, np.asarray(error + more, self.arithmetic.dtype))

    def number(self, value: Fraction) -> Estimate:
        own = self.arithmetic.number(value)
        if np.isfinite(float(own)) and Fraction(own) == value:
            return exactly(own, self.arithmetic)
        return self.rounded(own, self.arithmetic.number(Fraction(0)))

    def constant(self, node: Constant) -> Estimate:
        if node.name == "levi_civita":
            signs = np.zeros((3, 3, 3), int)
            for first in range(3):
                for step in (1, 2):
                    second, third = (first + step) % 3, (first + 2 * step) % 3
                    signs[first, second, third] = 3 - 2 * step
            return exactly(np.vectorize(self.exact, otypes=[object])(signs), self.arithmetic)
        function = self.arithmetic.function(Function(node.name, ()))
        if function is None:
            raise EvaluationError(f"no value is known for the constant {node.name}")
        return self.rounded(function(), self.exact(0))

    def exact(self, value: int) -> Any:
        return self.arithmetic.number(Fraction(int(value)))

    # --- operations ---------------------------------------------------------------------------

    def sum(self, node: Sum, below: list[Estimate]) -> Estimate:
        shape = self.dimensions(node.shape)
        value = np.full(shape, self.exact(0), self.arithmetic.dtype)
        error, terms = value, value
        for (coefficient, _), term in zip(node.terms, below, strict=True):
            own = self.arithmetic.number(coefficient)
            value = value + own * term.value
            error = error + abs(own) * term.error
            terms = terms + abs(own * term.value)
        if are_coarse(below) and adds_exactly([c for c, _ in node.terms], terms):
            return exactly(value, self.arithmetic)
        operations = self.arithmetic.unit * (SUM_OPERATIONS + len(below))
        return Estimate(np.asarray(value), np.asarray(error + terms * operations))

    def apply(self, node: Apply, below: list[Estimate]) -> Estimate:
        function = self.point.functions.get(node.function) or self.arithmetic.function(
            node.function
        )
        if function is None:
            raise EvaluationError(f"no value is known for the function {node.function.name}")
        is_unknown = node.function in self.point.functions
        return applied(node, below, function, self.arithmetic, is_unknown=is_unknown)

    def contraction(self, node: Contraction, below: list[Estimate]) -> Estimate:
        extents = self.dimensions(node.extents)
        if len(extents) > MOST_LABELS or np.prod(extents, dtype=float) > MOST_ENTRIES:
            raise LimitError(f"a product over {len(extents)} indices is not tried out")
        values = [factor.value for factor in below]
        value = self.product(node, values, extents)
        sizes = [abs(own) for own in values]
        terms = self.product(node, sizes, extents)
        if are_coarse(below) and multiplies_exactly(len(below), terms):
            return exactly(value, self.arithmetic)
        far = [own + factor.error for own, factor in zip(sizes, below, strict=True)]
        operations = self.arithmetic.unit * (
            SUM_OPERATIONS * (len(below) + 1) + sum(extents[k] for k in node.summed)
        )
        error = self.product(node, far, extents) - terms + terms * operations
        error = error + self.arithmetic.least
        if node.is_view:
            error = self.product(node, [factor.error for factor in below], extents) if below else (
                value * 0
            )  # fmt: skip
        return Estimate(value, error)

    def product(
        self, node: Contraction, factors: Sequence[Array], extents: tuple[int, ...]
    ) -> Array:
        """The sum of the products, with axes that repeat or broadcast put in last."""
        met = {label for labels in node.labels for label in labels}
        kept = [label for label in dict.fromkeys(node.output) if label in met]
        core = np.asarray(self.exact(1), self.arithmetic.dtype)
        if factors:
            arrays = [np.asarray(factor, self.arithmetic.dtype) for factor in factors]
            core = pairwise(list(zip(arrays, node.labels, strict=True)), kept)
        missing = sorted(set(range(len(extents))) - met - set(node.output))
        for label in missing:
            core = core * self.exact(extents[label])
        return self.shown(np.asarray(core, self.arithmetic.dtype), kept, node, extents)

    def shown(
        self, core: Array, kept: list[int], node: Contraction, extents: tuple[int, ...]
    ) -> Array:
        """The core under the output labels of the node."""
        if tuple(kept) == node.output:
            return core
        result = np.full([extents[label] for label in node.output], self.exact(0), core.dtype)
        labels = list(dict.fromkeys(node.output))
        grid = np.indices([extents[label] for label in labels])
        places = dict(zip(labels, grid, strict=True))
        inside = core[tuple(places[label] for label in kept)]
        result[tuple(places[label] for label in node.output)] = inside
        return result

    def reduction(self, node: Reduce, argument: Estimate) -> Estimate:
        rank = len(node.argument.shape)
        axes = tuple(range(rank - node.rank, rank))
        value, error = argument.value, argument.error
        match node.operation:
            case "cumsum" | "reverse_cumsum":
                step = 1 if node.operation == "cumsum" else -1
                sums = [
                    np.cumsum(array[..., ::step], axis=-1)[..., ::step]
                    for array in (value, error, abs(value))
                ]
                unit = self.arithmetic.unit * (value.shape[-1] + SUM_OPERATIONS)
                return Estimate(sums[0], sums[1] + sums[2] * unit)
            case "prod":
                terms = np.prod(abs(value), axis=axes)
                far = np.prod(abs(value) + error, axis=axes)
                return self.rounded(np.prod(value, axis=axes), far - terms, HARD_OPERATIONS)
            case "max" | "min":
                best = np.max if node.operation == "max" else np.min
                return Estimate(
                    np.asarray(best(value, axis=axes)), np.asarray(np.max(error, axis=axes))
                )
            case "logsumexp":
                return self.logsumexp(value, error, axes)
            case _:
                raise EvaluationError(f"no value is known for the reduction {node.operation}")

    def logsumexp(self, value: Array, error: Array, axes: tuple[int, ...]) -> Estimate:
        exp, log = (self.arithmetic.function(Function(name)) for name in ("exp", "log"))
        assert exp is not None
        assert log is not None
        top = np.max(value, axis=axes, keepdims=True)
        total = np.asarray(np.sum(exp(value - top), axis=axes), self.arithmetic.dtype)
        found = np.asarray(log(total)) + np.asarray(top).reshape(np.shape(total))
        more = self.arithmetic.unit * (abs(value) * 2 + HARD_OPERATIONS)
        return self.rounded(found, np.max(error + more, axis=axes), HARD_OPERATIONS)

    def call(self, node: Call, argument: Estimate) -> Estimate:
        if node.operation == "reshape":
            shape = self.dimensions(node.shape)
            return Estimate(argument.value.reshape(shape), argument.error.reshape(shape))
        inverse, determinant = self.arithmetic.eliminate(argument.value)
        rows = HARD_OPERATIONS * (1 + len(inverse))
        moved = argument.error + abs(argument.value) * (self.arithmetic.unit * rows)
        if node.operation == "inv":
            size = abs(inverse)
            return self.rounded(inverse, size @ moved @ size, rows)
        share = np.sum(abs(inverse.T) * moved)
        if node.operation == "det":
            return self.rounded(determinant, abs(determinant) * share, rows)
        log = self.arithmetic.function(Function("log"))
        if node.operation != "logdet" or log is None:
            raise EvaluationError(f"no value is known for the function {node.operation}")
        size = np.asarray(abs(determinant), self.arithmetic.dtype)
        return self.rounded(log(size), share, rows)
