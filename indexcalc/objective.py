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

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, count
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.codegen.arguments import as_numbers, joint_dtype, spellings
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

Vector = NDArray[Any]
Place = tuple[str, int, int, tuple[int, ...]]  # name, start, end, shape


@dataclass(frozen=True, slots=True)
class _Bound:
    """A function with the data in place: its arguments in order, None where variables go.

    `places` are positions among the arguments, whether they are of the vector (0) or of the
    direction (1), and start, end and shape there.
    """

    function: Function
    dtype: np.dtype[Any]
    arguments: list[Any]
    places: list[tuple[int, int, int, int, tuple[int, ...]]]
    is_single: bool


class Objective:
    """A scalar of the variables `wrt`, which are laid out one behind the other in one vector.

    Each variable is stored row by row. All other inputs are data, given by name; they are not
    copied and must not change (`given` takes other data). Vectors are float64; for a float32 vector
    and float32 data everything is computed in float32. Raises `ShapeError` for a query that is no
    scalar, `EvaluationError` for names that are not there.
    """

    def __init__(
        self, session: Session, query: Query, wrt: Sequence[str], data: Mapping[str, Any]
    ) -> None:
        if query.shape:
            raise ShapeError(f"{query.text} is {shape_text(query.shape)}; an objective is a scalar")
        several = tuple(wrt) if hasattr(wrt, "__iter__") else ()
        names = (wrt,) if isinstance(wrt, str) else several
        self.variables = tuple(_symbol(query, name).name for name in names)
        if not names or len(set(self.variables)) < len(self.variables):
            raise EvaluationError("the variables of an objective are given once each, at least one")
        data = _named(session, query, data)
        both = [name for name in data if name in self.variables]
        if both:
            told = f"{', '.join(both)} is a variable of the objective, and given as data"
            raise EvaluationError(told, hint=self._packed)
        functions = {name: value for name, value in data.items() if isinstance(value, str)}
        if functions:  # unknown functions that are built-in ones
            session = session.with_functions(functions)
            query = session.query(query.tree)
        self._session, self._query = session, _cut_off(query, self.variables)
        self._data = {name: value for name, value in data.items() if name not in functions}
        self._shapes: dict[str, tuple[int, ...]] = {}
        self._places: list[Place] | None = None
        self._bound: dict[tuple[str, str], _Bound] = {}
        self._joint = False
        self._latest: tuple[tuple[str, bytes], float, Vector] | None = None

    def given(self, /, **data: Any) -> Objective:
        """The same objective with other data (a new batch); what is compiled is kept.

        The variables keep their shapes, where `pack` has told them.
        """
        named = _named(self._session, self._query, data)
        other = Objective(self._session, self._query, self.variables, {**self._data, **named})
        other._shapes = dict(self._shapes)
        other._joint = self._joint
        if not any(isinstance(value, str) for value in named.values()):
            kept = _COMPILED & self.__dict__.keys()
            other.__dict__ |= {name: self.__dict__[name] for name in kept}
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
                    hint=self._packed,
                )
            found[name] = tuple(size for size in known if size is not None)
        return {name: found[name] for name in self.variables}

    @property
    def _packed(self) -> str:
        return f"start with  v = o.pack({', '.join(f'{name}=…' for name in self.variables)})"

    @property
    def size(self) -> int:
        """The length of the vector."""
        return self._layout[-1][2]

    def pack(self, /, **arrays: Any) -> Vector:
        """The variables as one vector; tells their shapes, if the data do not."""
        spelled = _spelled(self.variables) | {name: name for name in self.variables}
        given = {spelled.get(name, name): array for name, array in arrays.items()}
        if set(given) != set(self.variables) or len(given) < len(arrays):
            raise EvaluationError(f"pack takes  {', '.join(self.variables)}")
        parts = [_real(name, given[name]) for name in self.variables]
        dtype = joint_dtype([(given[n], p) for n, p in zip(self.variables, parts, strict=True)])
        for name, part in zip(self.variables, parts, strict=True):
            rank = len(_symbol(self._query, name).shape or ())
            if part.ndim != rank:
                raise ShapeError(f"{name} has {rank} axes, and the array given has {part.ndim}")
        self._shapes |= {n: p.shape for n, p in zip(self.variables, parts, strict=True)}
        self._places, self._latest = None, None
        self._bound.clear()
        return np.concatenate([part.ravel() for part in parts]).astype(dtype, copy=False)

    def unpack(self, vector: Any) -> dict[str, Vector]:
        """The variables in a vector, by name; views of it where possible."""
        vector = self._as_vector(vector)
        return {name: vector[start:end].reshape(shape) for name, start, end, shape in self._layout}

    # --- values ---------------------------------------------------------------------------------

    def fun(self, vector: Any) -> float:
        """The value.

        After `jac` has been asked for once, value and gradient are computed together and the last
        ones are remembered, so that an optimiser which asks for both pays for one evaluation.
        """
        vector = self._as_vector(vector)
        if self._joint:
            return self._both(vector)[0]
        return float(self._call("_value", vector)[0])

    def jac(self, vector: Any) -> Vector:
        """The gradient, as long as the vector."""
        return self.fun_and_jac(vector)[1]

    def fun_and_jac(self, vector: Any) -> tuple[float, Vector]:
        """Value and gradient together: for `minimize(o.fun_and_jac, v, jac=True)`."""
        self._joint = True
        value, gradient = self._both(self._as_vector(vector))
        return value, gradient.copy()  # the caller may write into it

    def _both(self, vector: Vector) -> tuple[float, Vector]:
        key = vector.dtype.char, vector.tobytes()  # the caller may write into the vector
        latest = self._latest
        if latest is not None and latest[0] == key:
            return latest[1], latest[2]
        value, *gradient = self._call("_value_and_gradient", vector)
        found = float(value), _flat(gradient)
        self._latest = (key, *found)
        return found

    def hess(self, vector: Any) -> Vector:
        """The Hessian, square, symmetric to rounding."""
        blocks = self._call("_hessian", self._as_vector(vector))
        waiting = iter(blocks)
        ends = [(start, end) for _, start, end, _ in self._layout]
        result = np.empty((self.size, self.size), np.result_type(*blocks))
        for position, (top, bottom) in enumerate(ends):
            for left, right in ends[position:]:
                block = np.reshape(next(waiting), (bottom - top, right - left))
                result[top:bottom, left:right] = block
                result[left:right, top:bottom] = block.T
        return result

    def hessp(self, vector: Any, direction: Any) -> Vector:
        """The Hessian times a vector, at the cost of a few gradients."""
        along = self._as_vector(direction)
        return _flat(self._call("_products", self._as_vector(vector), along))

    # --- calls ----------------------------------------------------------------------------------

    @property
    def _layout(self) -> list[Place]:
        """Where each variable is in the vector."""
        if self._places is None:
            shapes = self.shapes
            ends = list(accumulate(prod(shape) for shape in shapes.values()))
            starts = [0, *ends]
            self._places = [
                (name, start, end, shape)
                for (name, shape), start, end in zip(shapes.items(), starts, ends, strict=False)
            ]
        return self._places

    def _as_vector(self, vector: Any) -> Vector:
        if type(vector) is not np.ndarray or vector.dtype != np.float64:
            vector = _real("the vector", vector)
        found: Vector = vector
        if found.shape != (self.size,):
            raise ShapeError(f"a vector of {self.size} is expected, not one of shape {found.shape}")
        return found

    def _call(self, name: str, vector: Vector, direction: Vector | None = None) -> Sequence[Any]:
        """The results of the function of this name."""
        bound = self._bound.get((name, vector.dtype.char))
        if bound is None:
            bound = self._bound[name, vector.dtype.char] = self._bind(name, vector.dtype)
        sources = [each.astype(bound.dtype, copy=False) for each in (vector, direction)
                   if each is not None]  # fmt: skip
        arguments = list(bound.arguments)
        for position, source, start, end, shape in bound.places:
            array = sources[source]
            arguments[position] = array[start:end].reshape(shape) if shape else array[start]
        result = bound.function(*arguments)
        return (result,) if bound.is_single else tuple(result)

    def _bind(self, name: str, kind: np.dtype[Any]) -> _Bound:
        """A function with the data in place, in the one dtype that all are computed in."""
        function: Function = getattr(self, name)
        raw = {n: _real(n, value) for n, value in self._data.items() if not _is_function(value)}
        pairs = [(self._data[n], array) for n, array in raw.items()]
        empty = np.empty(0, kind)
        dtype = joint_dtype([(empty, empty), *pairs])
        spans = {n: (0, start, end, shape) for n, start, end, shape in self._layout}
        if name == "_products":
            along = self._directions
            spans |= {along[n].name: (1, *span[1:]) for n, span in spans.items()}
        given = {
            n: value if _is_function(value) else dtype.type(raw[n]) if not raw[n].ndim
            else np.asarray(raw[n], dtype)
            for n, value in self._data.items()
        }  # fmt: skip
        signature = function.signature
        missing = [n for n in signature if n not in given and n not in spans]
        if missing:
            raise EvaluationError(
                f"{', '.join(missing)} missing: the data of an objective are all that is no "
                f"variable of it, and the variables are {', '.join(self.variables)}",
                hint=f"give  {', '.join(f'{n}=…' for n in missing)}  with the objective",
            )
        places = [(k, *spans[n]) for k, n in enumerate(signature) if n in spans]
        arguments = [None if n in spans else given[n] for n in signature]
        return _Bound(function, dtype, arguments, places, len(function.results) == 1)

    # --- what is compiled -----------------------------------------------------------------------

    @cached_property
    def _value(self) -> Function:
        return compiled(self._session, [self._query])

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
        slope = self._slope_along_direction
        return self._compiled([derivative(slope, [left]) for left in self._variables])

    @property
    def _slopes(self) -> list[Node]:
        return [derivative(self._query.node, [one]) for one in self._variables]

    @property
    def _slope_along_direction(self) -> Node:
        """`Σ ∂f/∂variable · its direction`; one reverse sweep gives its gradient by all variables.

        Pearlmutter, Fast exact multiplication by the Hessian, 1994, the other way round.
        """
        slopes: list[Node] = []
        for by in self._variables:
            axes = tuple(range(len(by.shape)))
            along = variable(self._directions[by.name].name, by.shape)
            slopes.append(contract([(derivative(self._query.node, [by]), axes), (along, axes)], ()))
        return add(*slopes)

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


_COMPILED = frozenset({"_value", "_value_and_gradient", "_hessian", "_products"})


def _cut_off(query: Query, names: Sequence[str]) -> Query:
    """The query in which defined names among `names` are variables like others."""
    environment = query.environment
    kept = {v: body for v, body in environment.definitions.items() if v.name not in names}
    return replace(query, environment=replace(environment, definitions=kept))


def _symbol(query: Query, name: str) -> Symbol:
    """The variable of this name, which may be spelled in ASCII."""
    symbols = {s.name: s for s in query.symbols.values() if s.role != "function"}
    found = name if name in symbols else _spelled(symbols).get(name)
    if found is None:
        raise EvaluationError(
            f"there is no variable {name}", hint=f"the variables are  {', '.join(symbols)}"
        )
    return symbols[found]


def _named(session: Session, query: Query, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data by the names of the program; `EvaluationError` for others, or one given twice."""
    names = dict.fromkeys([*query.symbols, *session.elaborated.symbols])
    spelled = _spelled(names)
    unknown = [key for key in data if key not in names and key not in spelled]
    if unknown:
        raise EvaluationError(
            f"{', '.join(unknown)} not expected", hint=f"there are  {', '.join(names)}"
        )
    found = [key if key in names else spelled[key] for key in data]
    twice = sorted({name for name in found if found.count(name) > 1})
    if twice:
        raise EvaluationError(f"{', '.join(twice)} given twice")
    return dict(zip(found, data.values(), strict=True))


def _spelled(names: Iterable[str]) -> dict[str, str]:
    """The name that each spelling stands for."""
    return {spelling: name for name in reversed(list(names)) for spelling in spellings(name)}


def _is_function(value: Any) -> bool:
    return callable(value) or isinstance(value, Mapping)


def _real(name: str, value: Any) -> Vector:
    """An array of real numbers, float32 or float64; `EvaluationError` for others."""
    raw = as_numbers(name, value)
    if raw.dtype.kind == "c":
        raise EvaluationError(f"{name} is complex, and an objective is of real numbers")
    return np.asarray(raw, joint_dtype([(raw, raw)]))


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
