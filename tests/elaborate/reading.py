"""Short ways to read programs and queries in tests."""

from __future__ import annotations

from indexcalc.elaborate.elaborated import Elaborated, Query
from indexcalc.elaborate.program import elaborate, elaborate_query
from indexcalc.errors import FormulaError, Source
from indexcalc.ir.extent import Extent, shape_text
from indexcalc.ir.node import Node, Variable
from indexcalc.syntax.parser import parse_program, parse_query

M, N, P = (Extent.named(name) for name in "mnp")


def read(text: str) -> Elaborated:
    return elaborate(parse_program(Source(text)))


def ask(program: str, query: str) -> Query:
    return elaborate_query(read(program), parse_query(Source(query)))


def node_of(text: str) -> Node:
    """The node of the last definition or query."""
    program = read(text)
    return (program.queries or program.definitions)[-1].node


def shapes(text: str) -> dict[str, str]:
    """The shapes of all tensors, `scalar` or `m×n`."""
    return {
        name: shape_text(symbol.shape or ())
        for name, symbol in read(text).symbols.items()
        if symbol.role != "function"
    }


def variables(text: str) -> dict[str, Variable]:
    """The variables of a program by name."""
    program = read(text)
    found = {}
    for node in [d.node for d in program.definitions] + [q.node for q in program.queries]:
        stack = [node]
        while stack:
            part = stack.pop()
            if isinstance(part, Variable):
                found[part.name] = part
            stack.extend(part.arguments)
    return found


def error_of(text: str, query: str = "") -> FormulaError:
    """The error that a program, or a query of it, raises."""
    try:
        program = read(text)
        if query:
            elaborate_query(program, parse_query(Source(query)))
    except FormulaError as error:
        return error
    raise AssertionError(f"no error: {text} {query}")


def marked(error: FormulaError) -> list[str]:
    """The texts of the marked places."""
    return [mark.span.text for mark in error.marks]
