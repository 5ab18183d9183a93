"""What is computed of a factored result, each as a compiled function of its own.

In: a session, a query with row axes and column axes. Out: `Operations`, which take the arrays of
the inputs. Each is compiled when it is first asked for: a product with a vector is a derivative in
a product, which costs about what a gradient costs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.codegen.run import Function
from indexcalc.compilation import NO_NAMES, compiled, compiled_for, compiled_nodes
from indexcalc.elaborate.elaborated import Query
from indexcalc.elaborate.symbols import Symbol
from indexcalc.errors import FormulaError, LimitError
from indexcalc.ir.build import size, variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent, shape_text
from indexcalc.ir.node import Node
from indexcalc.layout import rows as rows_of
from indexcalc.pipeline import worked_out
from indexcalc.session import Session
from indexcalc.structured.pattern import Pattern, patterns_of
from indexcalc.structured.terms import FlatTerm, flat_terms

Array = NDArray[Any]
VECTOR, COLUMNS = "direction", "columns"


class Operations:
    """Those of one query; raises `FormulaError` if nothing tells which of its axes are rows."""

    def __init__(self, session: Session, query: Query, memory_limit: int | None = None) -> None:
        self._session, self._query, self._limit = session, query, memory_limit
        self.text = query.text
        self.rows = _rows(query)
        self._parts: dict[Pattern, Function] = {}
        self._sizes: dict[tuple[Extent, ...], Function] = {}

    # --- structure ------------------------------------------------------------------------------

    @cached_property
    def _node(self) -> Node:
        return worked_out([self._query.node], self._query.environment)[0]

    @cached_property
    def terms(self) -> list[FlatTerm]:
        """The products whose sum the result is."""
        return flat_terms(self._node)

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """What makes it cheap to solve, the best first; nothing for a sum of very many products."""
        try:
            return patterns_of(self.terms, self.rows, self._query.shape)
        except LimitError:
            return ()

    @property
    def has_diagonal(self) -> bool:
        """Whether row and column axes have the same extents for all sizes."""
        return self._query.shape[: self.rows] == self._query.shape[self.rows :]

    # --- operations -----------------------------------------------------------------------------

    def lengths(self, arrays: Mapping[str, Any]) -> tuple[int, ...]:
        """The extent of each axis."""
        return self.sizes(self._query.shape, arrays)

    def sizes(self, extents: Sequence[Extent], arrays: Mapping[str, Any]) -> tuple[int, ...]:
        """Some extents as numbers."""
        key = tuple(dict.fromkeys(extents))
        if key not in self._sizes:
            nodes = [size(extent) for extent in key]
            self._sizes[key] = compiled_nodes(self._session, [self._query], nodes)
        found = self._sizes[key](**arrays) if key else ()
        values = (found,) if len(key) == 1 else found
        known = dict(zip(key, (int(np.real(value)) for value in values), strict=True))
        return tuple(known[extent] for extent in extents)

    def dense(self, arrays: Mapping[str, Any]) -> Array:
        """The whole array."""
        result: Array = self._dense(**arrays)
        return result

    def matvec(self, arrays: Mapping[str, Any], vector: Array) -> Array:
        """The product with a vector over the column axes, or with several: then the last axis."""
        rank = len(self._query.shape) - self.rows
        function = self._matvec if vector.ndim == rank else self._matmat
        result: Array = function(**{**arrays, self._vector: vector})
        return result

    def rmatvec(self, arrays: Mapping[str, Any], vector: Array) -> Array:
        """The product with a vector over the row axes, or with several: then the last axis."""
        function = self._rmatvec if vector.ndim == self.rows else self._rmatmat
        result: Array = function(**{**arrays, self._vector: vector})
        return result

    def diagonal(self, arrays: Mapping[str, Any]) -> Array:
        """The entries where rows and columns agree."""
        result: Array = self._diagonal(**arrays)
        return result

    def trace(self, arrays: Mapping[str, Any]) -> Array:
        """The sum of the diagonal."""
        result: Array = self._trace(**arrays)
        return result

    def cores(self, arrays: Mapping[str, Any]) -> dict[Node, Array]:
        """The arrays of all cores."""
        return _values(self._core_nodes, self._cores, arrays)

    def parts(self, pattern: Pattern, arrays: Mapping[str, Any]) -> dict[Node, Array]:
        """The arrays of the parts of a pattern."""
        nodes = list(dict.fromkeys(pattern.nodes))
        if pattern not in self._parts:
            self._parts[pattern] = compiled_nodes(self._session, [self._query], nodes)
        return _values(nodes, self._parts[pattern], arrays)

    # --- what is compiled -----------------------------------------------------------------------

    @cached_property
    def _dense(self) -> Function:
        return compiled(self._session, [self._query], memory_limit=self._limit)

    @cached_property
    def _matvec(self) -> Function:
        return self._times_vector(slice(self.rows, None), slice(0, self.rows))

    @cached_property
    def _rmatvec(self) -> Function:
        return self._times_vector(slice(0, self.rows), slice(self.rows, None))

    @cached_property
    def _matmat(self) -> Function:
        return self._times_vector(slice(self.rows, None), slice(0, self.rows), several=True)

    @cached_property
    def _rmatmat(self) -> Function:
        return self._times_vector(slice(0, self.rows), slice(self.rows, None), several=True)

    @cached_property
    def _diagonal(self) -> Function:
        axes = tuple(range(self.rows))
        return self._compiled(contract([(self._query.node, axes + axes)], axes))

    @cached_property
    def _trace(self) -> Function:
        axes = tuple(range(self.rows))
        return self._compiled(contract([(self._query.node, axes + axes)], ()))

    @cached_property
    def _core_nodes(self) -> list[Node]:
        return list(dict.fromkeys(node for term in self.terms for node, _ in term.cores))

    @cached_property
    def _cores(self) -> Function:
        return compiled_nodes(self._session, [self._query], self._core_nodes)

    def _times_vector(self, summed: slice, kept: slice, *, several: bool = False) -> Function:
        axes = tuple(range(len(self._query.shape)))
        extra, more = ((self._columns,), (len(axes),)) if several else ((), ())
        shape = (*self._query.shape[summed], *extra)
        span = self._query.tree.span
        symbol = Symbol(self._vector, "input", shape, frozenset(), "the vector", span)
        vector = variable(self._vector, shape)
        factors = [(self._query.node, axes), (vector, (*axes[summed], *more))]
        product = contract(factors, (*axes[kept], *more))
        return self._compiled(product, {self._vector: symbol})

    @cached_property
    def _columns(self) -> Extent:
        """How many vectors there are: an extent that the formula does not have."""
        shapes = [symbol.shape or () for symbol in self._query.symbols.values()]
        taken = {name for shape in shapes for extent in shape for name in extent.names}
        name = COLUMNS
        while name in taken:
            name += "_"
        return Extent.named(name)

    @cached_property
    def _vector(self) -> str:
        name = VECTOR
        while name in self._query.symbols:
            name += "_"
        return name

    def _compiled(self, node: Node, brought: Mapping[str, Symbol] = NO_NAMES) -> Function:
        return compiled_for(
            self._session, self._query, [node], brought=brought, memory_limit=self._limit
        )


def _values(
    nodes: Sequence[Node], function: Function, arrays: Mapping[str, Any]
) -> dict[Node, Array]:
    results = function(**arrays) if nodes else ()
    several = (results,) if len(nodes) == 1 else tuple(results)
    return {node: np.asarray(value) for node, value in zip(nodes, several, strict=True)}


def _rows(query: Query) -> int:
    found = rows_of(query)
    half = len(query.shape) // 2
    if found in (None, 2) and half and query.shape[:half] == query.shape[half:]:
        return half  # square, so that there is one way to read it
    if found == len(query.shape) == 2:
        return 1
    if found is None or not 0 < found < len(query.shape):
        raise FormulaError(
            f"{query.text} is {shape_text(query.shape)}: a structured result has row axes and "
            "column axes",
            hint="ask for a Jacobian or a Hessian, as in  ∂²f/∂W_ij∂W_kl",
        )
    return found
