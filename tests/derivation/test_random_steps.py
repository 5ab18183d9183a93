"""Random formulas: every line of their derivations is true."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import HealthCheck, assume, given, reject, settings

import indexcalc as ic
from indexcalc.ir.node import Variable
from indexcalc.ir.walk import postorder
from indexcalc.notation.component import component
from tests.derivation.agreement import assert_true, steps
from tests.strategies import Problem, problems

MOST_AXES = 3
SHORT = 160


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems("smooth", most_steps=7))
def test_every_line_is_true(problem: Problem) -> None:
    root = problem.root
    variables = [node for node in postorder([root]) if isinstance(node, Variable)]
    assume(variables and len(root.shape) <= 1)
    by = min(variables, key=lambda v: len(v.shape))
    letters = "ij"[: len(root.shape)]
    made = component(root, letters)
    assume(len(made.program) <= SHORT and "vec(" not in made.program)
    declared = "; ".join(
        f"{v.name}[{', '.join(map(str, v.shape))}]{' symmetric' if v.symmetric else ''}"
        for v in variables
    )
    declared += f"; f[{', '.join(map(str, root.shape))}]"
    lower = f"_{letters}" if letters else ""
    *where, text = made.program.split("\n")
    program = "\n".join([declared, *where, f"f{lower} = {text}"])
    below = f"_{'klp'[: len(by.shape)]}" if by.shape else ""
    try:
        read = ic.Program(program)
    except ic.FormulaError:  # of 1_i alone nothing tells the size
        reject()
    assume(all(variable.role != "function" for variable in read.variables.values()))
    query = f"∂f{lower}/∂{by.name}{below}"
    assert_true(program, query, sizes=problem.sizes)
    matrices = False
    with suppress(ic.FormulaError):  # most have no matrix form
        steps(program, query, "matrix")
        matrices = True
    if matrices:
        assert_true(program, query, "matrix", sizes=problem.sizes)
