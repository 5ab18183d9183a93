"""One-shot calls: a value or a derivative from a text, without a program to keep.

In: a text, arrays or variables. Out: the value, or a `Formula`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from indexcalc.api import as_text
from indexcalc.elaborate.names import canonical, declared_name, marked_name, refer
from indexcalc.errors import DifferentiationError, EvaluationError, FormulaSyntaxError, Mark, Source
from indexcalc.formula import Formula
from indexcalc.session import Session
from indexcalc.syntax import tree
from indexcalc.syntax.parser import parse_program, parse_query


def evaluate(text: str, **arrays: Any) -> Any:
    """The value of the last statement of `text` for the given arrays, like `numpy.einsum`.

    Names that the text neither declares nor defines take the shapes of their arrays, so that
    matrix notation needs no declarations. Raises `FormulaError` as `Program` and calls do.

    >>> import numpy as np
    >>> evaluate("y_i = W_ij x_j", W=np.ones((2, 3)), x=np.arange(3))
    array([3., 3.])
    >>> evaluate("x^T A x", A=np.eye(2), x=np.array([1.0, 2.0]))
    np.float64(5.0)
    """
    shapes = {name: np.shape(array) for name, array in arrays.items() if _is_array(array)}
    session, last = _last(as_text(text), shapes)
    formula = Formula(session, session.query(last))
    function = formula.compiled
    used = {*function.signature, *formula._query.inputs}
    idle = [name for name in arrays if canonical(name) not in used and name not in used]
    if idle:
        raise EvaluationError(
            f"{', '.join(idle)} given, but the text does not use it",
            hint=f"it uses  {', '.join(function.signature) or 'nothing'}",
        )
    return function(**arrays)


def _is_array(value: object) -> bool:
    """Whether an argument stands for a tensor, not for an abstract function."""
    return not (callable(value) or isinstance(value, str | Mapping))


def derive(text: str, *variables: str) -> Formula:
    """The derivative of the last statement of `text` by `variables`, in order.

    >>> print(derive("log(1 + exp(-y w_i x_i))", "w_j"))
    -y sigmoid(-y w_i x_i) x_j
    >>> print(derive("A[n, n], x[n]; x^T A x", "x", "x"))
    A_ij + A_ji
    """
    if not variables:
        raise DifferentiationError("derive needs a variable", hint="derive(text, 'w_j')")
    session, last = _last(as_text(text), {})
    known = session.elaborated.symbols
    names = [parse_query(Source(as_text(v), "variable"), known, notation="auto") for v in variables]
    wrt = tuple(name.value if isinstance(name, tree.Query) else name for name in names)
    numerator = last.target if isinstance(last, tree.Definition) else last
    value = numerator.value if isinstance(numerator, tree.Query) else numerator
    scope = value if isinstance(value, tree.Name | tree.Subscripted) else _in_brackets(value)
    query = tree.Query(value.span, tree.Derivative(value.span, scope, wrt, 0))
    return Formula(session, session.query(query))


def _last(text: str, shapes: Mapping[str, tuple[int, ...]]) -> tuple[Session, tree.Tree]:
    """The program, and its last statement: a query, or the name that it defines.

    `shapes` declare the names that the text neither declares nor defines.
    """
    parsed = parse_program(Source(text), notation="auto")
    values = (tree.Query, tree.Definition)
    if not parsed.statements or not isinstance(parsed.statements[-1], values):
        raise FormulaSyntaxError(
            "the last statement must be an expression or a definition",
            *(Mark(statement.span) for statement in parsed.statements[-1:]),
        )
    given = _declarations(parsed, shapes)
    session = Session(tree.Program(parsed.span, given + parsed.statements))
    last = parsed.statements[-1]
    return session, last.target if isinstance(last, tree.Definition) else last


def _declarations(
    program: tree.Program, shapes: Mapping[str, tuple[int, ...]]
) -> tuple[tree.Tree, ...]:
    """A declaration for each array, `x[3]`, unless the text says itself what the name is."""
    own: set[str] = set()
    for statement in program.statements:
        match statement:
            case tree.Declaration():
                own |= {declared_name(one.name) for one in statement.names}
            case tree.Definition():
                own.add(_name_of(statement.target))
            case _:
                pass
    lines = [
        f"{name}[{', '.join(map(str, shape))}]"
        for name, shape in shapes.items()
        if canonical(name) not in own
    ]
    return parse_program(Source("; ".join(lines), "arguments")).statements


def _name_of(target: tree.Tree) -> str:
    marked = marked_name(target)
    assert marked is not None  # the parser lets nothing else be defined
    return refer(marked, (), ()).name


def _in_brackets(value: tree.Tree) -> tree.Tree:
    return value if isinstance(value, tree.Bracket) else tree.Bracket(value.span, value)
