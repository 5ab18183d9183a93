"""Generated code gives what the interpreter gives, and leaves alone what is not its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from numpy.typing import NDArray

from indexcalc.codegen.run import Function
from indexcalc.interpret import interpret
from indexcalc.ir.node import Call, Node, Variable
from indexcalc.ir.walk import postorder
from tests.strategies import Problem, problems

Arrays = dict[str, NDArray[Any]]
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def compiled(roots: Sequence[Node], sizes: dict[str, int]) -> Function:
    variables = {node.name: node for node in postorder(roots) if isinstance(node, Variable)}
    results = [(f"y{k}", root) for k, root in enumerate(roots)]
    return Function(results, [(v.name, v.shape) for v in variables.values()], sizes=sizes)


def evaluated(f: Function, values: Arrays) -> list[NDArray[Any]]:
    got = f(**{name: values[name] for name in f.signature})
    return list(got) if isinstance(got, tuple) else [got]


def inner_nodes(root: Node) -> list[Node]:
    """The root, and a few nodes below it: what a user may ask for together."""
    order = postorder([root])
    return [root, *order[:: max(1, len(order) // 3)], root]


@given(problems())
def test_generated_agrees_with_interpreted(problem: Problem) -> None:
    values = problem.values()
    f = compiled([problem.root], problem.sizes)
    (got,) = evaluated(f, values)
    want = interpret(problem.root, values, problem.sizes)
    assert np.shape(got) == want.shape
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9, err_msg=f.source)


@given(problems())
def test_plans_for_other_sizes_agree_too(problem: Problem) -> None:
    """Hints change the order of work, not its result."""
    hints = {"m": 700, "n": 900, "o": 800}
    values = problem.values()
    source = (f := compiled([problem.root], hints)).source
    # a size that no argument tells stands in the code as it was hinted
    assume(not any(f"    {name} = {size}\n" in source for name, size in hints.items()))
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    got = namespace["evaluate"](*(values[name] for name in f.signature))
    want = interpret(problem.root, values, problem.sizes)
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9, err_msg=source)


@given(problems(kind="smooth"))
def test_complex_numbers(problem: Problem) -> None:
    assume(
        not any(isinstance(n, Call) and n.operation == "logdet" for n in postorder([problem.root]))
    )
    values = problem.values(kind="complex")
    f = compiled([problem.root], problem.sizes)
    (got,) = evaluated(f, values)
    want = interpret(problem.root, values, problem.sizes)
    assume(np.isfinite(got).all())  # exp(1000 + i) has no stable form: formulas are as written
    np.testing.assert_allclose(got, want, rtol=1e-7, atol=1e-7, err_msg=f.source)


@given(problems())
def test_single_precision_stays_single(problem: Problem) -> None:
    values = {name: array.astype(np.float32) for name, array in problem.values().items()}
    f = compiled([problem.root], problem.sizes)
    (got,) = evaluated(f, values)
    assert f.signature == () or got.dtype == np.float32, f.source
    want = interpret(problem.root, problem.values(), problem.sizes)
    rounded = {name: array.astype(np.float64) for name, array in values.items()}
    moved = np.abs(interpret(problem.root, rounded, problem.sizes) - want).max(initial=0.0)
    scale = 1 + np.abs(want).max(initial=0.0)
    assume(scale < 1e4 and moved < 1e-6 * scale)  # the problem is well posed
    np.testing.assert_allclose(got / scale, want / scale, rtol=2e-2, atol=2e-2)


@given(problems())
def test_joint_results_are_the_separate_ones_and_share_no_memory(problem: Problem) -> None:
    values = problem.values()
    roots = inner_nodes(problem.root)
    f = compiled(roots, problem.sizes)
    before = {name: array.copy() for name, array in values.items()}
    results = evaluated(f, values)
    for root, got in zip(roots, results, strict=True):
        want = interpret(root, values, problem.sizes)
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9, err_msg=f.source)
    for name, array in values.items():
        np.testing.assert_array_equal(before[name], array)
        assert not any(np.shares_memory(got, array) for got in results)
    for k, got in enumerate(results):
        assert not any(np.shares_memory(got, other) for other in results[k + 1 :])


@given(problems())
def test_a_second_call_is_not_touched_by_the_first(problem: Problem) -> None:
    values = problem.values()
    f = compiled([problem.root], problem.sizes)
    (first,) = evaluated(f, values)
    kept = np.array(first)
    if isinstance(first, np.ndarray):
        first += 1.0
    (second,) = evaluated(f, values)
    np.testing.assert_array_equal(second, kept)
