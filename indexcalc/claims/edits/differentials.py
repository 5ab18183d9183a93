"""A program in which the differentials of its names are names too.

In: a program, and what differentials a claim could speak of. Out: the program with `dx` beside `x`,
so that a side of a claim is read as any query is. `d(…)` is left to whoever reads claims.

>>> from indexcalc.elaborate.program import elaborate
>>> from indexcalc.elaborate.query import elaborate_query
>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_program, parse_query
>>> program = elaborate(parse_program(Source("W[m, n], x[n]; y = W x")))
>>> moved = with_changes(program, {"dx": "x"})
>>> query = elaborate_query(moved, parse_query(Source("W dx")))
>>> [str(extent) for extent in query.shape], list(query.brought)
(['m'], [])
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from indexcalc.elaborate.differentials import moving_traits
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.elaborate.symbols import Symbol
from indexcalc.errors import FormulaError


def with_changes(elaborated: Elaborated, names: Mapping[str, str]) -> Elaborated:
    """The program with a differential for each of some names; none that looks like another name."""
    table = elaborated.table.extended()
    tensors = dict(table.known.tensors)
    for name, inner in names.items():
        of = elaborated.symbols.get(inner)
        if of is None or of.shape is None or name in elaborated.symbols:
            continue
        traits = moving_traits(of.traits)
        try:
            table.add(Symbol(name, "input", of.shape, traits, "", of.span, of.row))
        except FormulaError:
            continue
        table.known.ranks[name] = len(of.shape)
        tensors[name] = of.span
    table.known.tensors = tensors
    return replace(elaborated, table=table, symbols=table.symbols)
