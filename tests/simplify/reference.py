"""Evaluate a graph by its definition over any kind of number: floats, fractions, mpmath.

Independent of the package's own interpreter; arrays hold Python objects.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import mul
from typing import Any

import numpy as np

from indexcalc.ir.extent import Extent
from indexcalc.ir.node import (
    Apply,
    Contraction,
    Function,
    Node,
    Number,
    Reduce,
    Size,
    Sum,
    Variable,
)
from indexcalc.ir.walk import postorder

Array = Any
Scalar = Callable[..., Any]


@dataclass(frozen=True)
class Reference:
    """Inputs by variable, sizes by name, what an `Apply` does to entries, how to make a number."""

    inputs: Mapping[Variable, Any]
    sizes: Mapping[str, int]
    scalar: Callable[[Function], Scalar]
    number: Callable[[Any], Any]

    def __call__(self, roots: Iterable[Node]) -> list[Array]:
        roots = list(roots)
        value: dict[Node, Array] = {}
        for node in postorder(roots):
            value[node] = self.value(node, value)
        return [value[root] for root in roots]

    def value(self, node: Node, value: Mapping[Node, Array]) -> Array:
        match node:
            case Variable():
                return np.asarray(self.inputs[node], object)
            case Number():
                return self.full((), node.value)
            case Size():
                return self.full((), node.extent.evaluate(self.sizes))
            case Sum():
                terms = [self.number(c) * value[term] for c, term in node.terms]
                return np.asarray(sum(terms, self.full(node.shape, 0)), object)
            case Apply():
                return self.applied(node, [value[arg] for arg in node.args])
            case Contraction():
                return self.contracted(node, [value[factor] for factor in node.factors])
            case Reduce():
                return self.reduced(node, value[node.argument])
            case _:
                raise NotImplementedError(node)

    def full(self, extents: tuple[Extent, ...], entry: Any) -> Array:
        result = np.empty(tuple(e.evaluate(self.sizes) for e in extents), object)
        result[...] = self.number(entry)
        return result

    def applied(self, node: Apply, args: list[Array]) -> Array:
        function, result = self.scalar(node.function), self.full(node.shape, 0)
        for place in np.ndindex(result.shape):
            result[place] = function(*(arg[place] for arg in args))
        return result

    def contracted(self, node: Contraction, operands: list[Array]) -> Array:
        letters = string.ascii_letters
        terms = ["".join(letters[k] for k in labels) for labels in node.labels]
        for k, extent in enumerate(node.extents):  # ones, so that every label occurs
            operands.append(self.full((extent,), 1))
            terms.append(letters[k])
        kept = list(dict.fromkeys(node.output))
        arrow = ",".join(terms) + "->" + "".join(letters[k] for k in kept)
        inner = np.asarray(np.einsum(arrow, *operands) if terms else 1, object)
        result = self.full(node.shape, 0)
        for place in np.ndindex(inner.shape):
            at = dict(zip(kept, place, strict=True))
            result[tuple(at[k] for k in node.output)] = inner[place]
        return result

    def reduced(self, node: Reduce, argument: Array) -> Array:
        if node.operation in ("cumsum", "reverse_cumsum"):
            step = -1 if node.operation == "reverse_cumsum" else 1
            return np.cumsum(argument[..., ::step], axis=-1)[..., ::step]
        kept = argument.ndim - node.rank
        result = self.full(node.shape, 0)
        for place in np.ndindex(argument.shape[:kept]):
            entries = list(np.asarray(argument[place], object).flat)
            result[place] = self.fold(node.operation, entries)
        return result

    def fold(self, operation: str, entries: list[Any]) -> Any:
        match operation:
            case "max":
                return max(entries)
            case "min":
                return min(entries)
            case "prod":
                return reduce(mul, entries)
            case _:
                return self.scalar(Function(operation))(*entries)
