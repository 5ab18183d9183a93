"""What a user holds: programs and formulas, from text to functions.

In: a text. Out: a `Program`, the formulas in it, functions of arrays.

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
from typing import Any

from indexcalc.blame import blaming
from indexcalc.codegen.run import Function
from indexcalc.elaborate.elaborated import Query, inputs_of
from indexcalc.elaborate.explain import explain
from indexcalc.elaborate.program import elaborate, elaborate_query
from indexcalc.elaborate.vocabulary import ONE_ARGUMENT
from indexcalc.errors import (
    EvaluationError,
    FormulaError,
    FormulaSyntaxError,
    ShapeError,
    Source,
)
from indexcalc.ir.environment import Environment
from indexcalc.ir.extent import Shape, shape_text
from indexcalc.ir.node import Node
from indexcalc.notation.component import to_component
from indexcalc.notation.latex import to_latex
from indexcalc.pipeline import as_displayed, named_nodes, needed_inputs, worked_out
from indexcalc.presentation import (
    asked,
    name_style,
    result_names,
    shown_in_notebook,
    statement_rows,
)
from indexcalc.simplify.inline import derivatives_left
from indexcalc.syntax import tree
from indexcalc.syntax.latex.arrange import arguments_of
from indexcalc.syntax.latex.detect import NOTATIONS, Notation, detect
from indexcalc.syntax.parser import parse_program, parse_query

BACKENDS = ("numpy",)
LATEX_FORMS = ("index",)


# --- what the user holds ----------------------------------------------------------------------


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
        self._notation = notation
        self._set(parse_program(Source(as_text(text)), notation=notation))

    @classmethod
    def _of(cls, program: tree.Program) -> Program:
        made = cls.__new__(cls)
        made._notation = "auto"
        made._set(program)
        return made

    _notation: Notation

    def _set(self, program: tree.Program) -> None:
        self.text = program.span.source.text
        self._elaborated = elaborate(program)
        self._formulas: dict[str, Formula] = {}
        self._style = name_style(self._elaborated)

    @cached_property
    def variables(self) -> Mapping[str, Variable]:
        """Everything with a name, in the order in which it first appears."""
        symbols = self._elaborated.symbols.values()
        return MappingProxyType(
            {
                symbol.name: Variable(
                    symbol.name,
                    _shape(symbol.shape or ()),
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
                for definition in self._elaborated.definitions
            }
        )

    @cached_property
    def queries(self) -> tuple[Formula, ...]:
        """The expressions that stand alone, in source order."""
        return tuple(
            Formula(self, query.tree.span.text, query) for query in self._elaborated.queries
        )

    @cached_property
    def claims(self) -> tuple[str, ...]:
        """The claims as they were written, in source order."""
        return tuple(claim.tree.span.text for claim in self._elaborated.claims)

    def explain(self) -> str:
        """Every statement as it was read: sums written out as Σ, broadcasts as `1_j`, all shapes.

        The text parses back to the same program.
        """
        return explain(self._elaborated)

    def _repr_latex_(self) -> str:
        """Every statement but claims, one a line, for notebooks."""
        environment = self._elaborated.environment
        rows = statement_rows(
            self._elaborated, self._style, lambda node: as_displayed(node, environment)
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
            source = Source(text, "query")
            symbols = self._elaborated.symbols
            parsed = parse_query(
                source, symbols, notation=self._notation, arguments=self._arguments
            )
            self._formulas[text] = self._formula(parsed)
        return self._formulas[text]

    @cached_property
    def _arguments(self) -> Mapping[str, tuple[str, ...]]:
        """Tensors that a LaTeX text defines as `f(x) = …`, with their arguments."""
        source = self._elaborated.tree.span.source
        latex = (detect(source.text) if self._notation == "auto" else self._notation) == "latex"
        return arguments_of(source) if latex else {}

    def _with_functions(self, functions: Mapping[str, str]) -> Program:
        """The program in which abstract functions are the built-in ones of these names."""
        for name, builtin in functions.items():
            if builtin not in ONE_ARGUMENT:
                known = ", ".join(sorted(ONE_ARGUMENT))
                raise EvaluationError(
                    f"{name}={builtin!r}: there is no built-in function of that name",
                    hint=f"there are {known}",
                )
        lines = [f"{name}(z) = {builtin}(z)" for name, builtin in functions.items()]
        added = parse_program(Source("\n".join(lines), "functions")).statements
        program = self._elaborated.tree
        special = Program._of(tree.Program(program.span, program.statements + added))
        special._notation = self._notation
        return special

    def _formula(self, query: tree.Tree) -> Formula:
        return Formula(self, query.span.text, elaborate_query(self._elaborated, query))

    def compile(
        self,
        *queries: str,
        backend: str = "numpy",
        sizes: Mapping[str, int] | None = None,
        memory_limit: int | None = None,
    ) -> Function:
        """One function for several results, with all common work shared.

        Without queries, those of the program are compiled. `sizes` are hints for the order of
        contractions (without them it is found at the first call); `memory_limit` is in bytes: a
        call that would need more raises `LimitError` before anything is allocated.
        """
        if backend not in BACKENDS:
            known = ", ".join(BACKENDS)
            raise EvaluationError(f"there is no backend {backend!r}; there is: {known}")
        formulas = [self[query] for query in queries] if queries else list(self.queries)
        if not formulas:
            raise EvaluationError("nothing to compile: give a query, or write one in the program")
        return _function(self, formulas, dict(sizes or {}), memory_limit)


class Formula:
    """A symbolic tensor in the context of a program.

    >>> g = Program("f = log(1 + exp(x_i w_i))")["∂f/∂w_j"]
    >>> print(g)
    (1 - exp(-f)) x_j
    >>> g.free, g.shape, g.inputs
    (('j',), ('m',), ('x', 'w'))
    """

    def __init__(self, program: Program, text: str, query: Query) -> None:
        self.program, self.text, self._query = program, text, query

    @property
    def free(self) -> tuple[str, ...]:
        """The index names of the axes, in order."""
        return self._query.letters

    @property
    def shape(self) -> tuple[str | int, ...]:
        """A name or a number for each axis."""
        return _shape(self._query.shape)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names whose arrays a value is computed from, in program order."""
        return self.compiled.arrays

    def to_index(self) -> str:
        """Component form, in the program's own names."""
        return self._text

    def to_latex(self, form: str = "index") -> str:
        r"""LaTeX for math mode, in the program's own names; `form` is "index".

        >>> p = Program("ŷ_i = σ(W1_ij x_j); f = ŷ_i ŷ_i / 2")
        >>> print(p["∂f/∂x_k"].to_latex())
        \hat{y}_i\, W_{1,ik}\, \sigma'(W_{1,ij}\, x_j)
        """
        if form not in LATEX_FORMS:
            raise FormulaError(f"there is no LaTeX in the form {form!r}; there is: index")
        return to_latex(self._node, self.free, self.program._style)

    def _repr_latex_(self) -> str:
        """The query and what it is, for notebooks."""
        left = asked(self._query)
        return f"$\\displaystyle {to_latex(self._node, self.free, self.program._style, left)}$"

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
        return to_component(self._node, self.free, self.program._style)

    @cached_property
    def _node(self) -> Node:
        with blaming([self._query]):
            return as_displayed(self._query.node, self._query.environment)

    @cached_property
    def compiled(self) -> Function:
        """The function that evaluates this formula alone."""
        return _function(self.program, [self], {}, None)

    def __call__(self, **arrays: Any) -> Any:
        """The value for arrays given by name, as an `ndarray` (a NumPy scalar if it has no axes).

        Compiles at the first call, and once more for each new class of shapes.
        """
        return self.compiled(**arrays)


# --- from formulas to functions ---------------------------------------------------------------


def _function(
    program: Program,
    formulas: Sequence[Formula],
    sizes: Mapping[str, int],
    memory_limit: int | None,
) -> Function:
    queries = [formula._query for formula in formulas]
    environment = _joint_environment(queries)
    with blaming(queries):
        nodes = worked_out([query.node for query in queries], environment)
    known = queries[0].symbols
    names = result_names([query.tree for query in queries], known)
    spoken = _arguments(program, queries)
    arguments = needed_inputs(spoken, nodes)
    idle = {*program._elaborated.symbols, *(name for name, _ in spoken)}

    def specialise(functions: Mapping[str, str]) -> Function:
        special = program._with_functions(functions)
        again = [special._formula(query.tree) for query in queries]
        return _function(special, again, sizes, memory_limit)

    return Function(
        list(zip(names, nodes, strict=True)),
        arguments,
        names=named_nodes(environment),
        formulas=dict(zip(names, (formula.text for formula in formulas), strict=True)),
        sizes=sizes,
        memory_limit=memory_limit,
        differentiated=derivatives_left([query.node for query in queries]),
        unused=sorted(idle - {name for name, _ in arguments}),
        specialise=specialise,
        complex_nodes=lambda: worked_out([q.node for q in queries], environment, real=False),
    )


def _joint_environment(queries: Sequence[Query]) -> Environment:
    """The program's environment with the functions that the queries brought along."""
    first = queries[0].environment
    different = {id(query.environment): query.environment for query in queries}.values()
    functions = {n: f for environment in different for n, f in environment.functions.items()}
    return Environment(first.definitions, functions, first.assumptions)


def _arguments(program: Program, queries: Sequence[Query]) -> list[tuple[str, Shape]]:
    """Names and shapes of the inputs: the program's in its order, then those of the queries.

    Raises `ShapeError` if two queries bring one new name along in different shapes.
    """
    inputs = inputs_of(queries)
    symbols = program._elaborated.symbols
    found = {name: symbol.shape or () for name, symbol in symbols.items() if name in inputs}
    for query in queries:
        for name, symbol in query.brought.items():
            if name not in inputs:
                continue
            shape = symbol.shape or ()
            if found.setdefault(name, shape) != shape:
                raise ShapeError(
                    f"{name} is {shape_text(found[name])} in one query "
                    f"and {shape_text(shape)} in {query.tree.span.text}",
                    hint=f"declare {name} in the program",
                )
    return list(found.items())


def _shape(shape: Shape) -> tuple[str | int, ...]:
    return tuple(str(extent) if extent.size is None else extent.size for extent in shape)


def as_text(text: object) -> str:
    """The text itself; `FormulaSyntaxError` for anything that is none."""
    if not isinstance(text, str):
        raise FormulaSyntaxError(f"a formula is a text, not {type(text).__name__}")
    return text
