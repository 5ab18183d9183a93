"""A compiled function whose result stays factored.

In: a session, a query. Out: a `StructuredFunction`; called with arrays, it gives a `Structured`.
"""

from __future__ import annotations

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
        self._operations = Operations(session, query, memory_limit)

    def __call__(self, /, **arrays: Any) -> Structured:
        """The factored result; nothing is computed before it is asked for."""
        return Structured(self._operations, arrays)

    def __repr__(self) -> str:
        """What was asked."""
        return f"<StructuredFunction {self._operations.text}>"
