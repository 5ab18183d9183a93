"""What a user holds: programs, formulas in them, functions of arrays.

In: a text. Out: a `Program`, and from it formulas and functions.

>>> p = Program('''
...     z_i = W_ij x_j + b_i
...     f   = log(1 + exp(-y w_i tanh(z_i)))
... ''')
>>> g = p["∂f/∂b_i"]
>>> g.free, g.shape, g.inputs
(('i',), ('m',), ('W', 'x', 'b', 'y', 'w'))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, overload

from indexcalc.claims.verdict import Verdict
from indexcalc.codegen.progress import Progress
from indexcalc.codegen.run import Function
from indexcalc.compilation import compiled
from indexcalc.elaborate.explain import explain
from indexcalc.errors import EvaluationError, FormulaSyntaxError, Source
from indexcalc.formula import Formula, plain_shape
from indexcalc.pipeline import as_displayed
from indexcalc.presentation import shown_in_notebook, statement_rows
from indexcalc.session import Session
from indexcalc.syntax import tree
from indexcalc.syntax.latex.detect import NOTATIONS, Notation
from indexcalc.syntax.parser import parse_program

if TYPE_CHECKING:
    from indexcalc.objective import Objective
    from indexcalc.structured.function import StructuredFunction

BACKENDS = ("numpy",)
RESULT_FORMS = ("dense", "structured")


@dataclass(frozen=True, slots=True)
class Variable:
    """What the program knows of a name.

    `shape` has a name or a number for each axis; `domain` is the declared traits (`symmetric`,
    `positive`, …) or "any"; `role` is "input", "definition" or "function".
    """

    name: str
    shape: tuple[str | int, ...]
    domain: str
    role: str


class Program:
    """A text of declarations, definitions and queries, read and checked.

    `notation` is "text", "latex", or "auto", which takes a text for LaTeX if it has signs that only
    LaTeX has (a backslash, `$`, `&`); queries are read in the same way. Raises a `FormulaError`
    that marks the place if the text cannot be read in one way.

    >>> p = Program("A[n, n], x[n]; f = x^T A x")
    >>> str(p["∂f/∂x_i"])
    'x_j (A_ij + A_ji)'
    >>> p.variables["A"].shape
    ('n', 'n')
    """

    def __init__(self, text: str, notation: Notation = "auto") -> None:
        if notation not in NOTATIONS:
            known = ", ".join(NOTATIONS)
            raise FormulaSyntaxError(f"there is no notation {notation!r}; there are: {known}")
        self._session = Session(parse_program(Source(as_text(text)), notation=notation), notation)
        self._formulas: dict[str, Formula] = {}

    @property
    def text(self) -> str:
        """The program as it was written."""
        return self._session.source.text

    @cached_property
    def variables(self) -> Mapping[str, Variable]:
        """Everything with a name, in the order in which it first appears."""
        symbols = self._session.elaborated.symbols.values()
        return MappingProxyType(
            {
                symbol.name: Variable(
                    symbol.name,
                    plain_shape(symbol.shape or ()),
                    " ".join(sorted(symbol.traits)) or "any",
                    symbol.role,
                )
                for symbol in symbols
            }
        )

    @cached_property
    def definitions(self) -> Mapping[str, Formula]:
        """The defined tensors by name, in source order."""
        return MappingProxyType(
            {
                definition.name: self._formula(definition.tree.target)
                for definition in self._session.elaborated.definitions
            }
        )

    @cached_property
    def queries(self) -> tuple[Formula, ...]:
        """The expressions that stand alone, in source order."""
        return tuple(Formula(self._session, query) for query in self._session.elaborated.queries)

    @cached_property
    def claims(self) -> tuple[str, ...]:
        """The claims as they were written, in source order."""
        return tuple(claim.tree.span.text for claim in self._session.elaborated.claims)

    def explain(self) -> str:
        """Every statement as it was read: sums written out as Σ, broadcasts as `1_j`, all shapes.

        The text parses back to the same program.
        """
        return explain(self._session.elaborated)

    def _repr_latex_(self) -> str:
        """Every statement but claims, one a line, for notebooks."""
        environment = self._session.environment
        rows = statement_rows(
            self._session.elaborated,
            self._session.style,
            lambda node: as_displayed(node, environment),
        )
        return (
            "$\\begin{array}{l}\n"
            + " \\\\\n".join(rf"\displaystyle {row}" for row in rows)
            + "\n\\end{array}$"
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return shown_in_notebook(self.text, self._repr_latex_)

    def __getitem__(self, query: str) -> Formula:
        """The formula for any expression of the language; `FormulaError` if it cannot be read.

        A left-hand side (`H_ikj = ∂Y_ij/∂X_kj`) fixes which indices are free, and the axis order.
        """
        text = as_text(query)
        if text not in self._formulas:
            self._formulas[text] = self._formula(self._session.parsed(text))
        return self._formulas[text]

    def _formula(self, query: tree.Tree) -> Formula:
        return Formula(self._session, self._session.query(query))

    @overload
    def compile(
        self,
        *queries: str,
        backend: str = ...,
        sizes: Mapping[str, int] | None = ...,
        memory_limit: int | None = ...,
        progress: bool | Progress = ...,
        form: Literal["dense"] = ...,
    ) -> Function: ...

    @overload
    def compile(
        self,
        *queries: str,
        backend: str = ...,
        sizes: Mapping[str, int] | None = ...,
        memory_limit: int | None = ...,
        progress: bool | Progress = ...,
        form: Literal["structured"],
    ) -> StructuredFunction: ...

    def compile(
        self,
        *queries: str,
        backend: str = "numpy",
        sizes: Mapping[str, int] | None = None,
        memory_limit: int | None = None,
        progress: bool | Progress = False,
        form: Literal["dense", "structured"] = "dense",
    ) -> Function | StructuredFunction:
        """One function for several results, with all common work shared.

        Without queries, those of the program are compiled. `sizes` are hints for the order of
        contractions (without them it is found at the first call). `memory_limit` is in bytes, by
        default those of the machine; inputs are not counted. What would need more is computed in
        chunks of one index, and where that is not enough, `LimitError` is raised before anything is
        allocated. `progress=True` shows a bar while chunks are computed (`EvaluationError` without
        tqdm); a function that wraps an iterable is taken in its place. With `form="structured"` the
        one result, a Jacobian or a Hessian, is not written out: see `Structured`.
        """
        if backend not in BACKENDS:
            known = ", ".join(BACKENDS)
            raise EvaluationError(f"there is no backend {backend!r}; there is: {known}")
        if form not in RESULT_FORMS:
            known = ", ".join(RESULT_FORMS)
            raise EvaluationError(f"there is no form {form!r} of results; there are: {known}")
        formulas = [self[query] for query in queries] if queries else list(self.queries)
        if not formulas:
            raise EvaluationError("nothing to compile: give a query, or write one in the program")
        parts = [formula._query for formula in formulas]
        if form == "dense":
            hints = dict(sizes or {})
            return compiled(
                self._session, parts, sizes=hints, memory_limit=memory_limit, progress=progress
            )
        if len(parts) > 1:
            raise EvaluationError("a structured result is of one query: compile each by itself")
        from indexcalc.structured.function import (  # noqa: PLC0415 - loaded by those who ask
            StructuredFunction,
        )

        return StructuredFunction(self._session, parts[0], memory_limit)

    def check(self, claim: str) -> Verdict:
        """Whether a claim `left == right`, or each link of a chain `a == b == c`, holds.

        "proved" by canonical form, "agrees" at random points and sizes, "differs", "ill-shaped" or
        "undecided": see `Verdict`. Definitions may stand with the claim (`f == g s, s = …`), and
        assumptions (`…; assume A == A^T`). Raises a `FormulaError` for a text that is no claim or
        has names that nothing else has.

        >>> p = Program("A[n, n], x[n]; f = x^T A x")
        >>> p.check("∂f/∂x == (A + A^T) x").status, p.check("∂f/∂x == 2 A x").status
        ('proved', 'differs')
        """
        from indexcalc.claims.check import check, judge  # noqa: PLC0415 - loaded by those who ask

        text, session = as_text(claim), self._session
        own = {claim.tree.span.text: claim.tree for claim in session.elaborated.claims}
        if text in own:  # read already, in the notation of the program
            return judge(session.elaborated, own[text])
        return check(session.elaborated, text, session.notation, session.arguments)

    def check_all(self) -> tuple[Verdict, ...]:
        """The verdict on each claim of the program, in source order. Raises as `check` does.

        >>> [v.status for v in Program("x[n]; f = x^T x; ∂f/∂x == 2 x; ∂f/∂x == x").check_all()]
        ['proved', 'differs']
        """
        from indexcalc.claims.check import judge_all  # noqa: PLC0415 - loaded by those who ask

        return judge_all(self._session.elaborated)

    def objective(self, query: str, /, wrt: Sequence[str], **data: Any) -> Objective:
        """A scalar as a function of one flat vector, with gradient, Hessian and products with it.

        `wrt` are the variables, `data` the arrays of all other inputs (and functions). A name of
        the program that is `wrt` or not ASCII can be given by `objective(…).given(**data)`.

        >>> import numpy as np
        >>> o = Program("f = log(1 + exp(-y w_i x_i))").objective("f", ["w"], y=1, x=np.ones(3))
        >>> o.fun(np.zeros(3)).__round__(4), o.jac(np.zeros(3))
        (0.6931, array([-0.5, -0.5, -0.5]))
        """
        from indexcalc.objective import Objective  # noqa: PLC0415 - loaded by those who ask

        return Objective(
            self._session, self._session.query(self._session.parsed(as_text(query))), wrt, data
        )


def as_text(text: object) -> str:
    """The text itself; `FormulaSyntaxError` for anything that is none."""
    if not isinstance(text, str):
        raise FormulaSyntaxError(f"a formula is a text, not {type(text).__name__}")
    return text
