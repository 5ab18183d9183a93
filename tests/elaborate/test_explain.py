"""What was read, as text, reads back to the same program."""

from __future__ import annotations

import pytest

from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.elaborate.explain import explain
from indexcalc.elaborate.program import elaborate
from indexcalc.errors import Source
from indexcalc.syntax.parser import parse_program
from tests.elaborate.test_matrix import MEANINGS, SHAPES


def read(text: str) -> Elaborated:
    return elaborate(parse_program(Source(text)))


def assert_reads_back(program: Elaborated, text: str) -> None:
    again = read(text)
    assert {name: (s.shape, s.traits, s.role) for name, s in again.symbols.items()} == {
        name: (s.shape, s.traits, s.role) for name, s in program.symbols.items()
    }
    for one, other in zip(program.definitions, again.definitions, strict=True):
        assert other.name == one.name
        assert other.node is one.node, text
    nodes = [[query.node for query in p.queries] for p in (program, again)]
    assert nodes[0] == nodes[1], text
    assert again.environment.assumptions == program.environment.assumptions
    assert set(again.environment.functions) == set(program.environment.functions)
    for name, function in program.environment.functions.items():
        assert again.environment.functions[name].body is function.body
    assert len(again.claims) == len(program.claims)


TENSORS = {name: axes for name, axes in SHAPES.items() if name != "T"}  # keep ^T a transpose
DECLARATIONS = "; ".join(f"{name}[{', '.join(axes)}]" for name, axes in TENSORS.items())


@pytest.mark.parametrize("text", MEANINGS)
def test_matrix_notation(text: str) -> None:
    definition = read(f"{DECLARATIONS}; R = {text}")
    assert_reads_back(definition, explain(definition))
    query = read(f"{DECLARATIONS}; {text}")
    assert_reads_back(query, explain(query))
