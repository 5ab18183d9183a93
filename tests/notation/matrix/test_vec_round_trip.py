"""Vec form, read again, is the tensor that it was printed from, its columns stacked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import indexcalc as ic
from indexcalc.elaborate.program import elaborate, elaborate_query
from indexcalc.errors import Source
from indexcalc.interpret import interpret
from indexcalc.ir.build import reshape, transpose
from indexcalc.ir.extent import ONE
from indexcalc.ir.node import Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.notation.latex import formula_latex
from indexcalc.notation.matrix.vec.form import vec_arrangement
from indexcalc.notation.matrix.vec.separation import ungrouped
from indexcalc.notation.names import NameStyle
from indexcalc.notation.text import formula_text
from indexcalc.syntax.latex.detect import Notation
from indexcalc.syntax.parser import parse_program, parse_query
from tests.notation.matrix.random_networks import random_tensor, variables_of
from tests.notation.test_round_trip import declaration
from tests.strategies import EXTENTS, seeds, sizes

REFUSED = "there is no vec form"
SIZES = "\n".join(f"size{extent}[{extent}, {extent}]" for extent in EXTENTS)


def stacked(array: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
    """The matrix with the first `rows` axes as rows, the first axis of each group the fast one."""
    if not rows or rows == array.ndim:
        return array.reshape(-1, order="F")
    count = int(np.prod(array.shape[:rows]))
    return array.reshape((count, array.size // count), order="F")


def values(
    variables: Sequence[Variable], sizes: Mapping[str, int], seed: int
) -> dict[str, NDArray[np.float64]]:
    source = np.random.default_rng(seed)
    return {
        v.name: source.uniform(0.3, 1.2, size=[extent.evaluate(sizes) for extent in v.shape])
        for v in variables
    }


def check(node: Node, rows: int, expected: Node, sizes: Mapping[str, int], seed: int) -> None:
    """The text of `node`, and its LaTeX, have the value of `expected`, stacked."""
    variables = variables_of(postorder([node]))
    style = NameStyle(taken=[v.name for v in variables])
    made = vec_arrangement(node, rows, style)
    where = [f"{line.name} = {formula_text(line.formula, made.spelling)}" for line in made.where]
    program = elaborate(
        parse_program(Source("\n".join([SIZES, *map(declaration, variables), *where])))
    )
    given = values(variables, sizes, seed)
    wanted = stacked(interpret(expected, given, sizes).astype(float), rows)
    printed: list[tuple[str, Notation]] = [
        (formula_text(made.formula, made.spelling), "text"),
        (formula_latex(made.formula, made.spelling), "latex"),
    ]
    for text, notation in printed:
        query = parse_query(Source(text), program.symbols, notation=notation)
        again = elaborate_query(program, query)
        found = interpret(again.node, given, sizes, environment=again.environment).astype(float)
        assert found.shape in (wanted.shape, ())
        np.testing.assert_allclose(
            np.broadcast_to(found, wanted.shape), wanted, rtol=1e-8, atol=1e-8, err_msg=text
        )


@settings(max_examples=100, deadline=None)
@given(seeds(), sizes(), st.booleans())
def test_random_tensors_read_back(seed: int, sizes: dict[str, int], fixed: bool) -> None:
    node, rows = random_tensor(seed, fixed=fixed)
    try:
        check(node, rows, node, sizes, seed)
    except ic.FormulaError as error:
        if REFUSED not in str(error):
            raise


@settings(max_examples=40, deadline=None)
@given(seeds(), sizes())
def test_what_is_stacked_already_is_taken_apart(seed: int, sizes: dict[str, int]) -> None:
    node, rows = random_tensor(seed)
    rows = rows or len(node.shape)
    columns = len(node.shape) - rows
    turned = transpose(node, [*reversed(range(rows)), *reversed(range(rows, rows + columns))])
    groups = [turned.shape[:rows], turned.shape[rows:]]
    shape = [prod(group, start=ONE) for group in groups if group]
    whole = reshape(turned, shape)
    apart = ungrouped(whole)
    try:
        check(whole, 1, whole, sizes, seed)
        if apart is not None:
            check(*apart, *apart[:1], sizes, seed)
            given = values(variables_of(postorder([node])), sizes, seed)
            first, second = (
                stacked(interpret(one, given, sizes).astype(float), count)
                for one, count in ((node, rows), apart)
            )
            np.testing.assert_allclose(first, second, rtol=1e-8, atol=1e-8)
    except ic.FormulaError as error:
        if REFUSED not in str(error):
            raise
