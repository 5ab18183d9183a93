"""Values of many similar formulas at one point, quickly and without error bounds.

In: nodes of candidates, a point where the names of the program (definitions too) have values. Out:
arrays. What two candidates have in common is computed once. This only sorts candidates out: what is
near enough is judged with error bounds.

>>> from indexcalc.ir.build import builtin, multiply, variable
>>> x = variable("x", ())
>>> here = Values({}, {"x": np.array(2.0)}, {})
>>> float(here.of(multiply(x, x))), float(here.of(builtin("exp", x))) > 7
(4.0, True)
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.trials.evaluation import MOST_ENTRIES, MOST_LABELS, Entrywise
from indexcalc.claims.trials.floats import FLOATS, function_of
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

Array = NDArray[Any]
FOLDS: dict[str, Callable[..., Any]] = {"max": np.max, "min": np.min, "prod": np.prod}


@dataclass(frozen=True, slots=True)
class Values:
    """Sizes, values of names, callables of the program's functions; and all that was computed."""

    sizes: Mapping[str, int]
    names: Mapping[str, Array]
    functions: Mapping[Function, Entrywise]
    known: dict[Node, Array] = field(default_factory=dict)

    def of(self, root: Node) -> Array:
        """The value of a node without derivatives.

        Raises `EvaluationError` for what has no value, `LimitError` for what is too large.
        """
        known = self.known
        with np.errstate(all="ignore"):
            for node in postorder([root], lambda part: () if part in known else part.arguments):
                if node not in known:
                    known[node] = self.one(node, [known[child] for child in node.arguments])
        return known[root]

    def one(self, node: Node, below: list[Array]) -> Array:  # noqa: C901, PLR0912 - one case a kind
        """The value of a node whose arguments have values."""
        match node:
            case Variable():
                if node.name not in self.names:
                    raise EvaluationError(f"no value for {node.name}")
                return self.names[node.name]
            case Number():
                return np.asarray(float(node.value))
            case Size():
                return np.asarray(float(node.extent.evaluate(self.sizes)))
            case Constant():
                return self.constant(node)
            case Sum():
                total = _zeros(self.dimensions(node.shape))
                for (coefficient, _), term in zip(node.terms, below, strict=True):
                    total = total + float(coefficient) * term
                return total
            case Apply():
                return np.asarray(self.function(node.function)(*below))
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

    def dimensions(self, shape: Shape) -> tuple[int, ...]:
        """The sizes of axes."""
        return tuple(extent.evaluate(self.sizes) for extent in shape)

    def constant(self, node: Constant) -> Array:
        """A tensor that is fixed by its name."""
        if node.name == "levi_civita":
            signs = np.zeros((3, 3, 3))
            for first in range(3):
                signs[first, (first + 1) % 3, (first + 2) % 3] = 1
                signs[first, (first + 2) % 3, (first + 1) % 3] = -1
            return signs
        return np.asarray(self.function(Function(node.name, ()))())

    def function(self, function: Function) -> Entrywise:
        """A function of arrays."""
        found = self.functions.get(function) or function_of(function)
        if found is None:
            raise EvaluationError(f"no value is known for the function {function.name}")
        return found

    def contraction(self, node: Contraction, factors: list[Array]) -> Array:
        """The sum of products; axes that repeat or broadcast are put in last."""
        extents = self.dimensions(node.extents)
        if len(extents) > MOST_LABELS or np.prod(extents, dtype=float) > MOST_ENTRIES:
            raise LimitError(f"a product over {len(extents)} indices is not tried out")
        if not extents:  # also the body of a function, taken at each entry of an array
            return np.asarray(functools.reduce(np.multiply, factors, np.asarray(1.0)))
        met = {label for labels in node.labels for label in labels}
        kept = [label for label in dict.fromkeys(node.output) if label in met]
        core = np.asarray(1.0)
        if factors:
            operands: list[Any] = []
            for factor, labels in zip(factors, node.labels, strict=True):
                operands += [factor, list(labels)]
            core = np.asarray(np.einsum(*operands, kept))
        for label in sorted(set(range(len(extents))) - met - set(node.output)):
            core = core * extents[label]
        if tuple(kept) == node.output:
            return core
        result = _zeros([extents[label] for label in node.output])
        labels_out = list(dict.fromkeys(node.output))
        grid = np.indices([extents[label] for label in labels_out])
        places = dict(zip(labels_out, grid, strict=True))
        result[tuple(places[label] for label in node.output)] = core[
            tuple(places[label] for label in kept)
        ]
        return result

    def reduction(self, node: Reduce, argument: Array) -> Array:
        """A fold over the last axes, or a scan."""
        if node.operation == "cumsum":
            return np.cumsum(argument, axis=-1)
        if node.operation == "reverse_cumsum":
            return np.cumsum(argument[..., ::-1], axis=-1)[..., ::-1]
        axes = tuple(range(argument.ndim - node.rank, argument.ndim))
        if node.operation == "logsumexp":
            top = np.max(argument, axis=axes, keepdims=True)
            total = np.sum(np.exp(argument - top), axis=axes)
            return np.asarray(np.log(total) + top.reshape(total.shape))
        return np.asarray(FOLDS[node.operation](argument, axis=axes))

    def call(self, node: Call, argument: Array) -> Array:
        """A function of a whole tensor."""
        if node.operation == "reshape":
            return argument.reshape(self.dimensions(node.shape))
        inverse, determinant = FLOATS.eliminate(argument)
        match node.operation:
            case "inv":
                return inverse
            case "det":
                return np.asarray(determinant)
            case "logdet":
                return np.asarray(np.log(np.abs(determinant)))
            case _:
                raise EvaluationError(f"no value is known for the function {node.operation}")


def _zeros(shape: Sequence[int]) -> Array:
    if np.prod(shape, dtype=float) > MOST_ENTRIES:
        raise LimitError(f"a tensor with {len(shape)} axes of these sizes is not tried out")
    return np.zeros(shape)
