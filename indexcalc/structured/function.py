"""A compiled function whose result stays factored.

In: a session, a query. Out: a `StructuredFunction`; called with arrays, it gives a `Structured`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from indexcalc.elaborate.elaborated import Query
from indexcalc.session import Session
from indexcalc.structured.operations import Operations
from indexcalc.structured.result import Structured


class StructuredFunction:
    """For one Jacobian or Hessian: arrays in, a factored result out.

    >>> import numpy as np
    >>> from indexcalc.api import Program
    >>> f = Program("f = log(sum_i exp(x_i))").compile("∂²f/∂x_i∂x_j", form="structured")
    >>> f
    <StructuredFunction ∂²f/∂x_i∂x_j>
    >>> f(x=np.zeros(2)).trace()
    0.5
    """

    def __init__(self, session: Session, query: Query, memory_limit: int | None = None) -> None:
        """Raises `FormulaError` if nothing tells which axes are rows and which columns."""
        self._session, self._query, self._limit = session, query, memory_limit
        self._operations: dict[tuple[tuple[str, str], ...], Operations] = {
            (): Operations(session, query, memory_limit)
        }

    def __call__(self, /, **arrays: Any) -> Structured:
        """The factored result; nothing is computed before it is asked for.

        Arrays go by name; an abstract function is a callable or the name of a built-in one.
        """
        named = {name: value for name, value in arrays.items() if isinstance(value, str)}
        others = {name: value for name, value in arrays.items() if name not in named}
        return Structured(self._with_functions(named), others)

    def _with_functions(self, named: Mapping[str, str]) -> Operations:
        """The operations in which abstract functions are the built-in ones of these names."""
        key = tuple(sorted(named.items()))
        if key not in self._operations:
            session = self._session.with_functions(named)
            query = session.query(self._query.tree)
            self._operations[key] = Operations(session, query, self._limit)
        return self._operations[key]

    def __repr__(self) -> str:
        """What was asked."""
        return f"<StructuredFunction {self._query.text}>"
