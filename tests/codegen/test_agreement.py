"""Generated code gives what the interpreter gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from indexcalc.codegen.run import Function
from indexcalc.interpret import interpret
from indexcalc.ir.node import Node, Variable
from indexcalc.ir.walk import postorder
from tests.strategies import Problem, problems


def variables_of(root: Node) -> list[Variable]:
    return [node for node in postorder([root]) if isinstance(node, Variable)]


def compiled(*roots: Node) -> Function:
    variables = {v.name: v for root in roots for v in variables_of(root)}
    results = [(f"result{k}", root) for k, root in enumerate(roots)]
    return Function(
        results, [(v.name, v.shape) for v in variables.values()], sizes=dict(m=2, n=3, o=4)
    )


def agree(root: Node, values: dict[str, Any], sizes: dict[str, int], tolerance: float) -> None:
    variables = variables_of(root)
    copies = {v.name: values[v.name].copy() for v in variables}
    want = interpret(root, values, sizes)
    try:
        f = Function([("y", root)], [(v.name, v.shape) for v in variables], sizes=sizes)
        got = f(**{v.name: values[v.name] for v in variables})
    except Exception:
        raise
    assert np.shape(got) == want.shape
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance, err_msg=f.source)
    for v in variables:
        np.testing.assert_array_equal(copies[v.name], values[v.name])
        assert not np.shares_memory(got, values[v.name])


@given(problems())
@pytest.mark.filterwarnings("ignore")
def test_generated_agrees_with_interpreted(problem: Problem) -> None:
    agree(problem.root, problem.values(), problem.sizes, 1e-9)
