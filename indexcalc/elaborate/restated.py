"""Definitions that stand with their differentials, and may say again what was defined before.

In: the statements of a program. Out: the same, where a definition of a line `z = W x ⟹ dz = W dx`
whose name is defined elsewhere is a claim: that both definitions are equal.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_program
>>> text = Source("z = W x; z = W x ⟹ dz = W dx; y = z ⟹ dy = dz")
>>> [type(statement).__name__ for statement in settled(parse_program(text)).statements]
['Definition', 'Claim', 'Claim', 'Restated', 'Claim']
"""

from __future__ import annotations

from dataclasses import replace

from indexcalc.elaborate.names import marked_name, refer
from indexcalc.syntax import tree


def settled(program: tree.Program) -> tree.Program:
    """The program with repeated definitions as claims."""
    restated = [s for s in program.statements if isinstance(s, tree.Restated)]
    if not restated:
        return program
    defined = {
        _name(s)
        for s in program.statements
        if isinstance(s, tree.Definition) and not isinstance(s, tree.Restated)
    }
    found: list[tree.Tree] = []
    for statement in program.statements:
        if isinstance(statement, tree.Restated) and _name(statement) in defined:
            sides = statement.target, statement.value
            found.append(tree.Claim(statement.span, sides))
            continue
        if isinstance(statement, tree.Definition):
            defined.add(_name(statement))
        found.append(statement)
    return replace(program, statements=tuple(found))


def _name(definition: tree.Definition) -> str:
    marked = marked_name(definition.target)
    assert marked is not None  # the parser lets nothing else be defined
    return refer(marked, (), ()).name
