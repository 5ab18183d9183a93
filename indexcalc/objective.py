"""A scalar as a function of one flat vector, with its derivatives: what optimisers take.

In: a session, a scalar query, the names of the variables. Out: an `Objective` with `fun`, `jac`,
`hess`, `hessp` for `scipy.optimize.minimize`, each computed jointly with what it shares.

>>> import numpy as np
>>> from indexcalc.api import Program
>>> p = Program("A[m, n], x[n], b[m]; f = ‖A x - b‖^2 / 2")
>>> o = p.objective("f", wrt=["x"], A=np.array([[2.0, 0.0], [0.0, 1.0]]), b=np.array([2.0, 3.0]))
>>> v = np.zeros(o.size)
>>> v = v - np.linalg.solve(o.hess(v), o.jac(v))
>>> o.unpack(v), o.fun(v)
({'x': array([1., 3.])}, 0.0)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import accumulate, count
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.codegen.run import Function
from indexcalc.compilation import compiled, compiled_for
from indexcalc.elaborate.elaborated import Query
from indexcalc.elaborate.symbols import Symbol
from indexcalc.errors import EvaluationError, ShapeError
from indexcalc.ir.build import add, derivative, variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Shape, shape_text
from indexcalc.ir.node import Node, Variable
from indexcalc.session import Session

Vector = NDArray[np.float64]


class Objective:
    """A scalar of the variables `wrt`, which are laid out one behind the other in one vector.

    Each variable is stored row by row. All other inputs are data, given by name. Raises
    `ShapeError` for a query that is no scalar, `EvaluationError` for names that are not there.
    """

    def __init__(
        self, session: Session, query: Query, wrt: Sequence[str], data: Mapping[str, Any]
    ) -> None:
        if query.shape:
            raise ShapeError(f"{query.text} is {shape_text(query.shape)}; an objective is a scalar")
        self.variables = tuple(_symbol(query, name).name for name in wrt)
        if not wrt or len(set(self.variables)) < len(self.variables):
            raise EvaluationError("the variables of an objective are given once each, at least one")
        named = {name: value for name, value in data.items() if isinstance(value, str)}
        if named:  # unknown functions that are built-in ones
            session = session.with_functions(named)
            query = session.query(query.tree)
        self._session, self._query = session, _cut_off(query, self.variables)
        self._data = {name: value for name, value in data.items() if name not in named}
        self._shapes: dict[str, tuple[int, ...]] = {}

    def given(self, /, **data: Any) -> Objective:
        """The same objective with other data (a new batch); what is compiled is kept.

        The variables keep their shapes, where `pack` has told them.
        """
        other = Objective(self._session, self._query, self.variables, {**self._data, **data})
        other._shapes = dict(self._shapes)
        other.__dict__ |= {name: self.__dict__[name] for name in _COMPILED & self.__dict__.keys()}
        return other

    # --- the vector -----------------------------------------------------------------------------

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each variable; `EvaluationError` while nothing has told it."""
        found = dict(self._shapes)
        missing = [name for name in self.variables if name not in found]
        sizes = _sizes(self._query, self._data) if missing else {}
        for name in missing:
            shape = _symbol(self._query, name).shape or ()
            known = [e.size if e.size is not None else sizes.get(str(e)) for e in shape]
            if None in known:
                raise EvaluationError(
                    f"the shape of {name}, {shape_text(shape)}, does not follow from the data",
                    hint=f"start with  v = o.pack({name}=…)",
                )
            found[name] = tuple(size for size in known if size is not None)
        return {name: found[name] for name in self.variables}

    @property
    def size(self) -> int:
        """The length of the vector."""
        return sum(prod(shape) for shape in self.shapes.values())

    def pack(self, /, **arrays: Any) -> Vector:
        """The variables as one vector; tells their shapes, if the data do not."""
        if set(arrays) != set(self.variables):
            raise EvaluationError(f"pack takes  {', '.join(self.variables)}")
        parts = [np.asarray(arrays[name], np.float64) for name in self.variables]
        for name, part in zip(self.variables, parts, strict=True):
            rank = len(_symbol(self._query, name).shape or ())
            if part.ndim != rank:
                raise ShapeError(f"{name} has {rank} axes, and the array given has {part.ndim}")
            self._shapes[name] = part.shape
        return np.concatenate([part.ravel() for part in parts])

    def unpack(self, vector: Any) -> dict[str, NDArray[np.float64]]:
        """The variables in a vector, by name; views of it where possible."""
        vector = np.asarray(vector, np.float64)
        if vector.shape != (self.size,):
            raise ShapeError(
                f"a vector of {self.size} is expected, not one of shape {vector.shape}"
            )
        ends = list(accumulate(prod(shape) for shape in self.shapes.values()))
        parts = np.split(vector, ends[:-1])
        return {
            name: part.reshape(shape)
            for (name, shape), part in zip(self.shapes.items(), parts, strict=True)
        }

    # --- values ---------------------------------------------------------------------------------

    def fun(self, vector: Any) -> float:
        """The value."""
        return float(self._call(self._value, vector)[0])

    def jac(self, vector: Any) -> Vector:
        """The gradient, as long as the vector."""
        return _flat(self._call(self._gradient, vector))

    def fun_and_jac(self, vector: Any) -> tuple[float, Vector]:
        """Value and gradient together: for `minimize(o.fun_and_jac, v, jac=True)`."""
        value, *gradient = self._call(self._value_and_gradient, vector)
        return float(value), _flat(gradient)

    def hess(self, vector: Any) -> NDArray[np.float64]:
        """The Hessian, square, symmetric to rounding."""
        blocks = iter(self._call(self._hessian, vector))
        sizes = [prod(shape) for shape in self.shapes.values()]
        starts = [0, *accumulate(sizes)]
        result = np.empty((starts[-1], starts[-1]))
        for row, rows in enumerate(sizes):
            for column, columns in enumerate(sizes[row:], row):
                block = np.reshape(next(blocks), (rows, columns))
                across = slice(starts[row], starts[row + 1])
                down = slice(starts[column], starts[column + 1])
                result[across, down] = block
                result[down, across] = block.T
        return result

    def hessp(self, vector: Any, direction: Any) -> Vector:
        """The Hessian times a vector, at the cost of a few gradients."""
        along = self.unpack(direction)
        named = {self._directions[name].name: array for name, array in along.items()}
        return _flat(self._call(self._products, vector, named))

    def _call(
        self, function: Function, vector: Any, more: Mapping[str, Any] | None = None
    ) -> Sequence[Any]:
        result = function(**{**self._data, **self.unpack(vector), **(more or {})})
        return (result,) if len(function.results) == 1 else tuple(result)

    # --- what is compiled -----------------------------------------------------------------------

    @cached_property
    def _value(self) -> Function:
        return compiled(self._session, [self._query])

    @cached_property
    def _gradient(self) -> Function:
        return self._compiled(self._slopes)

    @cached_property
    def _value_and_gradient(self) -> Function:
        return self._compiled([self._query.node, *self._slopes])

    @cached_property
    def _hessian(self) -> Function:
        one = self._variables
        pairs = [(a, b) for position, a in enumerate(one) for b in one[position:]]
        return self._compiled([derivative(self._query.node, pair) for pair in pairs])

    @cached_property
    def _products(self) -> Function:
        return self._compiled([self._product(left) for left in self._variables])

    @property
    def _slopes(self) -> list[Node]:
        return [derivative(self._query.node, [one]) for one in self._variables]

    def _product(self, left: Variable) -> Node:
        """`Σ_right ∂²f/∂left∂right · direction of right`."""
        products: list[Node] = []
        for right in self._variables:
            rows, columns = len(left.shape), len(right.shape)
            labels = tuple(range(rows + columns))
            second = derivative(self._query.node, [left, right])
            along = variable(self._directions[right.name].name, right.shape)
            products.append(contract([(second, labels), (along, labels[rows:])], labels[:rows]))
        return add(*products)

    @cached_property
    def _variables(self) -> tuple[Variable, ...]:
        symbols = [_symbol(self._query, name) for name in self.variables]
        return tuple(variable(s.name, s.shape or (), s.traits) for s in symbols)

    @cached_property
    def _directions(self) -> dict[str, Symbol]:
        """For each variable a new name of the same shape."""
        found: dict[str, Symbol] = {}
        for name in self.variables:
            names = (f"{name}_direction{k or ''}" for k in count())
            free = next(new for new in names if new not in self._query.symbols)
            symbol = _symbol(self._query, name)
            found[name] = replace(symbol, name=free, role="input", traits=frozenset())
        return found

    def _compiled(self, nodes: Sequence[Node]) -> Function:
        brought = {symbol.name: symbol for symbol in self._directions.values()}
        return compiled_for(self._session, self._query, nodes, brought=brought)


_COMPILED = frozenset({"_value", "_gradient", "_value_and_gradient", "_hessian", "_products"})


def _cut_off(query: Query, names: Sequence[str]) -> Query:
    """The query in which defined names among `names` are variables like others."""
    environment = query.environment
    kept = {v: body for v, body in environment.definitions.items() if v.name not in names}
    return replace(query, environment=replace(environment, definitions=kept))


def _symbol(query: Query, name: str) -> Symbol:
    symbol = query.symbols.get(name)
    if symbol is None or symbol.role == "function":
        known = [s.name for s in query.symbols.values() if s.role != "function"]
        raise EvaluationError(
            f"there is no variable {name}", hint=f"the variables are  {', '.join(known)}"
        )
    return symbol


def _sizes(query: Query, data: Mapping[str, Any]) -> dict[str, int]:
    """The extents that are an axis of some array of the data."""
    found: dict[str, int] = {}
    for name, array in data.items():
        symbol = query.symbols.get(name)
        shape: Shape = (symbol.shape or ()) if symbol is not None else ()
        for extent, size in zip(shape, np.shape(array), strict=False):
            found.setdefault(str(extent), size)
    return found


def _flat(parts: Sequence[Any]) -> Vector:
    return np.concatenate([np.ravel(part) for part in parts])
