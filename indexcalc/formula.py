"""A symbolic tensor in the context of a program: printed in every notation, and evaluated.

In: a session and a query. Out: a `Formula`.

>>> from indexcalc.syntax.parser import parse_program
>>> from indexcalc.errors import Source
>>> session = Session(parse_program(Source("f = ‖A x - b‖^2; A[m, n], x[n], b[m]")))
>>> g = Formula(session, session.query(session.parsed("∂f/∂x")))
>>> print(g, "|", g.to_matrix())
2 A_ji (A_jk x_k - b_j) | 2 A^T (A x - b)
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from indexcalc.blame import blaming
from indexcalc.codegen.run import Function
from indexcalc.compilation import compiled
from indexcalc.elaborate.elaborated import Query
from indexcalc.errors import FormulaError
from indexcalc.ir.build import transpose
from indexcalc.ir.extent import Shape
from indexcalc.ir.node import Node
from indexcalc.layout import (
    LAYOUTS,
    NUMERATOR,
    index_layout,
    matrix_layout,
    rows,
    vec_layout,
)
from indexcalc.notation.component import Arrangement, arrangement, to_component
from indexcalc.notation.latex import arrangement_latex, to_latex
from indexcalc.pipeline import as_displayed
from indexcalc.presentation import asked, shown_in_notebook
from indexcalc.session import Session

if TYPE_CHECKING:
    from indexcalc.derivation.derivation import Derivation
    from indexcalc.drawing.picture import Picture

FORMS = ("index", "matrix", "vec")


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

    def to_matrix(self, layout: str = NUMERATOR) -> str:
        """Matrix form: products in matrix order, without indices.

        A tensor with two axes has its first axis as rows: a gradient has the shape of its variable,
        a Jacobian the axes of the numerator as rows (numerator layout, the default). With
        `layout="denominator"` the Jacobian of a vector by a vector is transposed. One axis is a
        column in both. Raises `FormulaError` that says why if there is no matrix form.

        >>> from indexcalc.api import Program
        >>> p = Program("A[m, n], x[n]; y = A x")
        >>> p["∂y/∂x"].to_matrix(), p["∂y/∂x"].to_matrix(layout="denominator")
        ('A', 'A^T')
        """
        from indexcalc.notation.matrix.form import to_matrix  # noqa: PLC0415 - by those who ask

        return to_matrix(self._laid_out(layout), self._session.style)

    def to_vec(self) -> str:
        """The derivative by or of a matrix as a matrix between vectors, columns stacked.

        The result's axes are stacked into the rows and the variable's into the columns, for a
        Hessian those of the first and of the second variable. A matrix that is no such derivative
        is stacked into one column. Raises `FormulaError` that says why if there is no such form.

        >>> from indexcalc.api import Program
        >>> p = Program("A[m, n], X[n, p], B[p, q]; Y = A X B")
        >>> p["∂Y/∂X"].to_vec()
        'B^T ⊗ A'
        """
        from indexcalc.notation.matrix.vec.form import to_vec  # noqa: PLC0415 - by those who ask

        return to_vec(self._node, self._rows, self._session.style)

    def to_latex(self, form: str = "index", layout: str = NUMERATOR) -> str:
        r"""LaTeX for math mode, in the program's own names; `form` is "index", "matrix" or "vec".

        >>> from indexcalc.api import Program
        >>> p = Program("ŷ_i = σ(W1_ij x_j); f = ŷ_i ŷ_i / 2")
        >>> print(p["∂f/∂x_k"].to_latex())
        \hat{y}_i\, W_{1,ik}\, \sigma'(W_{1,ij}\, x_j)
        """
        return arrangement_latex(self._arrangement(form, layout))

    def steps(self, form: str = "index") -> Derivation:
        """The derivation by differentials, a line a step; `form` is "index" or "matrix".

        Each definition with its differential, the differential of the value, into which these are
        put from the outside in, and the derivative read off. Every line is true by itself. Raises
        `FormulaError` for what is no derivative, and where a line has no matrix form.

        >>> from indexcalc.api import Program
        >>> p = Program("r_i = A_ij x_j - b_i; f = r_i r_i")
        >>> print(p["∂f/∂x_j"].steps())
        x varies; A, b are held fixed
        r_i     = A_ij x_j - b_i  ⟹  dr_i = A_ij dx_j
        f       = r_i r_i
        df      = 2 r_i dr_i       # differential
                = 2 r_i A_ij dx_j  # substitute dr
        ∂f/∂x_j = 2 r_i A_ij       # read off
        """
        from indexcalc.derivation.steps import derive  # noqa: PLC0415 - loaded by those who ask

        return derive(self._query, self._session.style, form)

    def draw(self) -> Picture:
        """The contraction graph as an SVG picture, which notebooks show; `.save(path)` writes it.

        Tensors are discs, indices are lines with their letters, free indices end at theirs. Raises
        `LimitError` if there is too much to be drawn.

        >>> from indexcalc.api import Program
        >>> Program("y_i = W_ij x_j")["y"].draw().svg[:4]
        '<svg'
        """
        from indexcalc.drawing.picture import Picture  # noqa: PLC0415 - loaded by those who ask
        from indexcalc.drawing.svg import draw  # noqa: PLC0415

        return Picture(draw(self._node, self.free, self._session.style))

    def layout(self, form: str = "index", layout: str = NUMERATOR) -> str:
        """What the axes of the result are, in words; empty where there is no choice.

        >>> from indexcalc.api import Program
        >>> g = Program("A[m, n], x[n]; y = A x")["∂y/∂x"]
        >>> g.layout(), g.layout("matrix")
        ('axes i of y, then j of x', 'rows y, columns x, numerator layout')
        """
        match _known(form, FORMS, "form"):
            case "matrix":
                return matrix_layout(self._query, layout)
            case "vec":
                return vec_layout(self._query)
            case _:
                return index_layout(self._query)

    def _arrangement(self, form: str, layout: str = NUMERATOR) -> Arrangement:
        style = self._session.style
        match _known(form, FORMS, "form"):
            case "matrix":
                from indexcalc.notation.matrix.form import matrix_arrangement  # noqa: PLC0415

                return matrix_arrangement(self._laid_out(layout), style)
            case "vec":
                from indexcalc.notation.matrix.vec.form import vec_arrangement  # noqa: PLC0415

                return vec_arrangement(self._node, self._rows, style)
            case _:
                return arrangement(self._node, self.free, style)

    def _laid_out(self, layout: str) -> Node:
        if _known(layout, LAYOUTS, "layout") == NUMERATOR or len(self.shape) < 2:
            return self._node
        if rows(self._query) != 1 or len(self.shape) > 2:
            raise FormulaError(
                f"denominator layout is of a vector by a vector, and {self.text} is "
                f"{'×'.join(map(str, self.shape))} with another meaning of its axes",
                hint="numerator layout, the default, has the result's axes first",
            )
        return transpose(self._node, (1, 0))

    @property
    def _rows(self) -> int:
        found = rows(self._query)
        if found is None:
            raise FormulaError(
                f"{self.text} has {len(self.shape)} axes, and nothing tells which of them are to "
                "be stacked into rows and which into columns",
                hint=f"its component form is  {self._text}",
            )
        return found

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


def _known(choice: str, known: tuple[str, ...], what: str) -> str:
    if choice not in known:
        raise FormulaError(f"there is no {what} {choice!r}; there are: {', '.join(known)}")
    return choice
