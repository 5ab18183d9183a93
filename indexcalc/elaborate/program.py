"""A program, from its syntax tree to the graph.

In: the tree of a program. Out: its symbols, definitions, functions, assumptions, queries and
claims, each with its term (everything explicit) and its node. More queries are read with
`elaborate_query`.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_program, parse_query
>>> program = elaborate(parse_program(Source("z_i = W_ij x_j + b_i; λ = log(1 + exp(w_i z_i))")))
>>> from indexcalc.ir.extent import shape_text
>>> [(s.name, shape_text(s.shape)) for s in program.symbols.values()]
[('z', 'm'), ('W', 'm×n'), ('x', 'n'), ('b', 'm'), ('λ', 'scalar'), ('w', 'm')]
>>> query = elaborate_query(program, parse_query(Source("∂λ/∂W_ij")))
>>> query.letters, query.inputs
(('i', 'j'), ('W', 'x', 'b', 'w'))
"""

from __future__ import annotations

from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.elaborate.expression import ExpressionReader
from indexcalc.elaborate.extent_names import name_extents
from indexcalc.elaborate.functions import FunctionTable
from indexcalc.elaborate.introductions import introduce
from indexcalc.elaborate.query import elaborate_query, refuse_unknown_variables
from indexcalc.elaborate.ranges import enter_ranges
from indexcalc.elaborate.ranks import enter_used, uses_of_statements
from indexcalc.elaborate.restated import settled
from indexcalc.elaborate.statements import StatementReader
from indexcalc.syntax import tree

__all__ = ["elaborate", "elaborate_query"]


def elaborate(program: tree.Program) -> Elaborated:
    """Read a program.

    Raises a `FormulaError` that marks the place of whatever is wrong.
    """
    program = settled(program)
    table = introduce(program)
    uses = list(uses_of_statements(program.statements, table.known))
    spoken = [s for s in program.statements if isinstance(s, tree.Definition | tree.Query)]
    refuse_unknown_variables(spoken, uses, table, "occurs nowhere else in the program")
    enter_ranges(program.statements, uses, table)
    enter_used(table, uses)
    reader = StatementReader(ExpressionReader(table, FunctionTable(table.extents)))
    reader.read_functions(program)
    reader.read_definitions(program)
    reader.read_others(program)
    table.extents.settle()
    name_extents(table)
    return reader.lowered(program)
