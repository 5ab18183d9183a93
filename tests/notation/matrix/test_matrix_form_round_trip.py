"""Matrix text, read again, is the tensor that it was printed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import indexcalc as ic
from indexcalc.elaborate.program import elaborate
from indexcalc.errors import ShapeError, Source
from indexcalc.interpret import interpret
from indexcalc.ir.build import with_arguments
from indexcalc.ir.node import Node, Variable
from indexcalc.ir.walk import rewrite
from indexcalc.notation.matrix.form import matrix_arrangement
from indexcalc.notation.names import NameStyle
from indexcalc.notation.text import formula_text
from indexcalc.syntax.parser import parse_program
from tests.notation.matrix.random_formulas import VARIABLES, random_formula
from tests.notation.test_round_trip import declaration
from tests.strategies import seeds, sizes

STYLE = NameStyle(taken=[v.name for v in VARIABLES])
REFUSED = "there is no matrix form"
UNWRITABLE = "nothing determines"  # the size of ones or an identity that stand alone


def statements(node: Node) -> list[str]:
    """The where list, and the formula as the definition of `R`."""
    made = matrix_arrangement(node, STYLE)
    lines = [f"{line.name} = {formula_text(line.formula, made.spelling)}" for line in made.where]
    return [*lines, f"R = {formula_text(made.formula, made.spelling)}"]


def read_back(lines: Sequence[str], node: Node, variables: Sequence[Variable]) -> Node:
    shape = ", ".join(map(str, node.shape))
    text = "\n".join([*map(declaration, variables), f"R[{shape}]", *lines])
    definitions = elaborate(parse_program(Source(text))).environment.definitions
    known: dict[Node, Node] = {}
    for name, body in definitions.items():
        known[name] = rewrite([body], with_arguments, known)[0]
    return next(known[name] for name in definitions if name.name == "R")


def values(sizes: Mapping[str, int], seed: int) -> dict[str, NDArray[np.float64]]:
    source = np.random.default_rng(seed)
    made = {}
    for v in VARIABLES:
        array = source.normal(size=[extent.evaluate(sizes) for extent in v.shape])
        made[v.name] = array + array.T if v.symmetric else array
    return made


@settings(max_examples=300, deadline=None)
@given(seeds(), st.integers(1, 6), sizes())
def test_random_formulas_read_back(seed: int, steps: int, sizes: dict[str, int]) -> None:
    node = random_formula(seed, steps)
    try:
        lines = statements(node)
    except ic.FormulaError as error:
        if REFUSED in str(error):
            return
        raise
    try:
        again = read_back(lines, node, VARIABLES)
    except ShapeError as error:
        if UNWRITABLE in str(error):
            return
        raise
    given = values(sizes, seed)
    with np.errstate(all="ignore"):
        found, expected = (interpret(part, given, sizes).astype(float) for part in (again, node))
    scale = np.max(np.abs(expected), initial=1.0)
    np.testing.assert_allclose(
        found, expected, rtol=1e-6, atol=1e-9 * scale, err_msg="\n".join(lines)
    )
