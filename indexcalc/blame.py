"""Places for errors of passes, which know no text.

In: the queries that are worked on. Out: the same errors, with those queries marked.

>>> from indexcalc.elaborate.program import elaborate, elaborate_query
>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_program, parse_query
>>> program = elaborate(parse_program(Source("f = x_i x_i")))
>>> with blaming([elaborate_query(program, parse_query(Source("∂f/∂x_j")))]):
...     raise DifferentiationError("there is no such derivative")
Traceback (most recent call last):
indexcalc.errors.DifferentiationError: there is no such derivative
  line 1, column 1
    ∂f/∂x_j
    ^^^^^^^
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from indexcalc.elaborate.elaborated import Query
from indexcalc.errors import DifferentiationError, Mark


@contextmanager
def blaming(queries: Sequence[Query]) -> Iterator[None]:
    """Mark the queries in a `DifferentiationError` that marks nothing itself."""
    try:
        yield
    except DifferentiationError as error:
        marks = error.marks or tuple(Mark(query.tree.span) for query in queries)
        raise DifferentiationError(error.message, *marks, hint=error.hint) from None
