"""Results that are printed in a form and a notation, read again in their program, and evaluated.

Unknown functions are exponentials, whose derivatives by any argument are multiples of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from indexcalc.errors import Source
from indexcalc.formula import Formula
from indexcalc.interpret import interpret
from indexcalc.ir.extent import ONE
from indexcalc.ir.node import Apply, Function, Node
from indexcalc.ir.walk import postorder
from indexcalc.notation.latex import formula_latex
from indexcalc.notation.latex_names import named
from indexcalc.notation.text import formula_text, subscript
from indexcalc.pipeline import worked_out
from indexcalc.session import Session
from indexcalc.syntax import tree
from indexcalc.syntax.latex.detect import Notation
from indexcalc.syntax.parser import parse_program, parse_query

Array = NDArray[Any]
Form = Literal["index", "matrix", "vec"]
RESULT = "Zz"
RATES = (0.3, 0.2, 0.1)  # of an unknown function in its arguments


def again(formula: Formula, form: Form, notation: Notation) -> tuple[Session, Node, str]:
    """The program with the result defined as it is printed, that definition, and the text.

    Raises `FormulaError` if there is no such form, or if it cannot be read.
    """
    made, session = formula._arrangement(form), formula._session
    left = formula.free if form == "index" else ()
    rows = [(line.name, line.letters, line.formula) for line in made.where]
    rows.append((RESULT, left, made.formula))
    known = made.spelling.known
    if notation == "text":
        lines = [
            f"{name}{subscript(letters, name, known)} = {formula_text(part, made.spelling)}"
            for name, letters, part in rows
        ]
    else:
        lines = [
            f"{named(name, letters)} = {formula_latex(part, made.spelling)}"
            for name, letters, part in rows
        ]
    names = dict.fromkeys([*session.elaborated.symbols, *(name for name, *_ in rows)])
    declared = parse_program(Source(f"{RESULT}[{shape_of(formula, form)}]")).statements
    read = tuple(parse_query(Source(line), names, notation=notation) for line in lines)
    program = session.elaborated.tree
    extended = Session(tree.Program(program.span, program.statements + declared + read))
    definitions = extended.environment.definitions
    result = next(body for v, body in definitions.items() if v.name == RESULT)
    return extended, result, "\n".join(lines)


def shape_of(formula: Formula, form: Form) -> str:
    shape = formula._query.shape
    if form != "vec":
        return ", ".join(map(str, shape))
    rows = formula._rows
    return ", ".join(
        str(math.prod(part, start=ONE)) for part in (shape[:rows], shape[rows:]) if part
    )


def value(
    session: Session, node: Node, arrays: Mapping[str, Any], sizes: Mapping[str, int]
) -> Array:
    """The value of a node of the program, with its derivatives worked out."""
    (inner,) = worked_out([node], session.environment)
    unknown = {
        part.function: exponential(part.function)
        for part in postorder([inner])
        if isinstance(part, Apply) and part.function.kind == "abstract"
    }
    with np.errstate(all="ignore"):
        found = interpret(inner, arrays, sizes, environment=session.environment, functions=unknown)
    return np.asarray(found, float)


def exponential(function: Function) -> Callable[..., Any]:
    """`exp(a x + b y + …)`, differentiated as the function says."""
    rates = RATES[: len(function.orders)]
    factor = math.prod(r**k for r, k in zip(rates, function.orders, strict=True))
    return lambda *args: factor * np.exp(sum(r * x for r, x in zip(rates, args, strict=True)))


def stacked(array: Array, rows: int) -> Array:
    """The first `rows` axes stacked into one, the last of them slowest, and the others likewise."""
    order = [*range(rows)][::-1] + [*range(rows, array.ndim)][::-1]
    sizes = [math.prod(part) for part in (array.shape[:rows], array.shape[rows:]) if part]
    return array.transpose(order).reshape(sizes)


def assert_reads_back(
    formula: Formula,
    form: Form,
    notation: Notation,
    arrays: Mapping[str, Any],
    sizes: Mapping[str, int],
) -> None:
    """What is printed has the value of what was asked, where this is finite.

    Products of whole matrices spread what is undefined in one entry.
    """
    extended, result, text = again(formula, form, notation)
    expected = value(formula._session, formula._query.node, arrays, sizes)
    found = value(extended, result, arrays, sizes)
    if form == "vec":
        expected = stacked(expected, formula._rows)
    compared = np.isfinite(expected) & (np.abs(expected) < 1e12)
    if form != "index":
        compared &= np.isfinite(found)
    scale = np.max(np.abs(expected[compared]), initial=1.0)
    np.testing.assert_allclose(
        found[compared], expected[compared], rtol=1e-6, atol=1e-9 * scale, err_msg=text
    )
