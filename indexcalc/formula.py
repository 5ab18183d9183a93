"""A symbolic tensor in the context of a program: printed in every notation, and evaluated.

In: a session and a query. Out: a `Formula`.

>>> from indexcalc.syntax.parser import parse_program
>>> from indexcalc.errors import Source
>>> session = Session(parse_program(Source("f = ‖A x - b‖^2; A[m, n], x[n], b[m]")))
>>> g = Formula(session, session.query(session.parsed("∂f/∂x")))
>>> print(g)
2 A_ji (A_jk x_k - b_j)
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from indexcalc.blame import blaming
from indexcalc.codegen.run import Function
from indexcalc.compilation import compiled
from indexcalc.elaborate.elaborated import Query
from indexcalc.errors import FormulaError
from indexcalc.ir.extent import Shape
from indexcalc.ir.node import Node
from indexcalc.notation.component import to_component
from indexcalc.notation.latex import to_latex
from indexcalc.pipeline import as_displayed
from indexcalc.presentation import asked, shown_in_notebook
from indexcalc.session import Session

LATEX_FORMS = ("index",)


class Formula:
    """A symbolic tensor in the context of a program.

    >>> from indexcalc.api import Program
    >>> g = Program("f = log(1 + exp(x_i w_i))")["∂f/∂w_j"]
    >>> print(g)
    (1 - exp(-f)) x_j
    >>> g.free, g.shape, g.inputs
    (('j',), ('m',), ('x', 'w'))
    """

    def __init__(self, session: Session, query: Query) -> None:
        self._session, self._query = session, query

    @property
    def text(self) -> str:
        """What was asked, as it was written."""
        return self._query.text

    @property
    def free(self) -> tuple[str, ...]:
        """The index names of the axes, in order."""
        return self._query.letters

    @property
    def shape(self) -> tuple[str | int, ...]:
        """A name or a number for each axis."""
        return plain_shape(self._query.shape)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names whose arrays a value is computed from, in program order."""
        return self.compiled.arrays

    # --- in every notation ----------------------------------------------------------------------

    def to_index(self) -> str:
        """Component form, in the program's own names. Its axes are `free`, in order."""
        return self._text

    def to_latex(self, form: str = "index") -> str:
        r"""LaTeX for math mode, in the program's own names; `form` is "index".

        >>> from indexcalc.api import Program
        >>> p = Program("ŷ_i = σ(W1_ij x_j); f = ŷ_i ŷ_i / 2")
        >>> print(p["∂f/∂x_k"].to_latex())
        \hat{y}_i\, W_{1,ik}\, \sigma'(W_{1,ij}\, x_j)
        """
        if form not in LATEX_FORMS:
            raise FormulaError(f"there is no LaTeX in the form {form!r}; there is: index")
        return to_latex(self._node, self.free, self._session.style)

    # --- as it shows itself -------------------------------------------------------------------

    def _repr_latex_(self) -> str:
        """The query and what it is, for notebooks."""
        left = asked(self._query)
        return f"$\\displaystyle {to_latex(self._node, self.free, self._session.style, left)}$"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return shown_in_notebook(repr(self), self._repr_latex_)

    def __str__(self) -> str:
        """Component form."""
        return self.to_index()

    def __repr__(self) -> str:
        """What was asked, and the shape."""
        return f"<Formula {self.text!r} {'×'.join(map(str, self.shape)) or 'scalar'}>"

    @cached_property
    def _text(self) -> str:
        return to_component(self._node, self.free, self._session.style)

    @cached_property
    def _node(self) -> Node:
        with blaming([self._query]):
            return as_displayed(self._query.node, self._query.environment)

    # --- as a function --------------------------------------------------------------------------

    @cached_property
    def compiled(self) -> Function:
        """The function that evaluates this formula alone."""
        return compiled(self._session, [self._query])

    def __call__(self, **arrays: Any) -> Any:
        """The value for arrays given by name, as an `ndarray` (a NumPy scalar if it has no axes).

        Compiles at the first call, and once more for each new class of shapes.
        """
        return self.compiled(**arrays)


def plain_shape(shape: Shape) -> tuple[str | int, ...]:
    """A name or a number for each axis."""
    return tuple(str(extent) if extent.size is None else extent.size for extent in shape)
