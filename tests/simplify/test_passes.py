"""Laws that every pass keeps, on random graphs; then size: deep and wide graphs in time."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given

from indexcalc.interpret import interpret
from indexcalc.ir.build import add, builtin, linear, variable
from indexcalc.ir.check import first_fault
from indexcalc.ir.contraction import contract
from indexcalc.ir.environment import Environment
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.simplify import deltas as deltas_module
from indexcalc.simplify.algebra import algebra
from indexcalc.simplify.cancel import cancel
from indexcalc.simplify.cost import entry_cost
from indexcalc.simplify.deltas import deltas
from indexcalc.simplify.distribute import distribute
from indexcalc.simplify.factor import factor
from indexcalc.simplify.flatten import flatten
from indexcalc.simplify.kronecker import kronecker
from indexcalc.simplify.passes import fixed_point, simplify
from indexcalc.simplify.stabilise import stabilise
from indexcalc.simplify.symmetry import symmetric
from tests.simplify.polynomials import LEAVES, exponentials, polynomials
from tests.strategies import Problem, problems

Pass = Callable[[Sequence[Node]], list[Node]]
POLYNOMIAL_VARIABLES = [leaf for leaf in LEAVES if isinstance(leaf, Variable)]


def all_passes(roots: Sequence[Node]) -> list[Node]:
    return simplify(roots, Environment())


EXACT: dict[str, Pass] = {
    "algebra": algebra,
    "distribute": distribute,
    "deltas": deltas,
    "factor": factor,
    "flatten": flatten,
    "symmetric": symmetric,
    "simplify": all_passes,
}
exact_passes = pytest.mark.parametrize("name", EXACT)


@exact_passes
@given(problem=problems("exact"))
def test_value_is_kept_exactly_with_functions_unknown(name: str, problem: Problem) -> None:
    values = problem.values(kind="exact")
    (found,) = EXACT[name]([problem.root])
    before = interpret(problem.root, values, problem.sizes, exact=True)
    after = interpret(found, values, problem.sizes, exact=True)
    assert found.shape == problem.root.shape
    assert (before == after).all()


@exact_passes
@given(problem=problems("any"))
def test_results_are_in_normal_form(name: str, problem: Problem) -> None:
    assert first_fault(EXACT[name]([problem.root])) is None


@given(problem=problems("any"))
def test_stable_forms_are_in_normal_form_and_final(problem: Problem) -> None:
    found = stabilise([problem.root])
    assert first_fault(found) is None
    assert stabilise(found) == found


@given(problem=problems("any"))
def test_a_second_run_changes_nothing(problem: Problem) -> None:
    found = all_passes([problem.root])
    assert all_passes(found) == found


@given(problem=problems("smooth"))
def test_stable_forms_keep_the_value(problem: Problem) -> None:
    values = problem.values()
    (found,) = stabilise([problem.root])
    before = interpret(problem.root, values, problem.sizes)
    after = interpret(found, values, problem.sizes)
    np.testing.assert_allclose(after, before, rtol=1e-9, atol=1e-12 * max(1, abs(before).max()))


@exact_passes
@given(problem=polynomials())
def test_polynomials_keep_their_value(name: str, problem: Problem) -> None:
    values = problem.values(POLYNOMIAL_VARIABLES, kind="exact")
    (found,) = EXACT[name]([problem.root])
    assert first_fault([found]) is None
    before = interpret(problem.root, values, problem.sizes, exact=True)
    after = interpret(found, values, problem.sizes, exact=True)
    assert (before == after).all()


@given(problem=polynomials())
def test_a_second_run_on_polynomials_changes_nothing(problem: Problem) -> None:
    found = all_passes([problem.root])
    assert all_passes(found) == found


@pytest.mark.parametrize("name", ["algebra", "deltas", "factor", "flatten", "symmetric"])
@given(problem=polynomials())
def test_the_work_does_not_grow(name: str, problem: Problem) -> None:
    # a little is allowed: what a pass saves at one sum, sharing with another may have saved before
    (found,) = EXACT[name]([problem.root])
    assert work(found) <= 1.02 * work(problem.root)


def work(root: Node) -> int:
    return sum(entry_cost(node) for node in postorder([root]))


@given(problem=exponentials())
def test_stable_forms_agree_where_the_original_is_finite(problem: Problem) -> None:
    values = problem.values(POLYNOMIAL_VARIABLES)
    found = stabilise([problem.root])
    assert stabilise(found) == found
    assert first_fault(found) is None
    with np.errstate(all="ignore"):
        before = interpret(problem.root, values, problem.sizes)
        after = interpret(found[0], values, problem.sizes)
    known = np.isfinite(before)
    np.testing.assert_allclose(after[known], before[known], rtol=1e-6, atol=1e-9)


# --- size -------------------------------------------------------------------------------------

N = Extent.named("n")
DEEP, WIDE = 20_000, 30_000
SECONDS = 20


@cache
def deep_graph() -> Node:
    """Alternating functions, sums and products, one on top of the other."""
    x = variable("x", (N,))
    node: Node = x
    for level in range(DEEP // 4):
        node = builtin("tanh", node)
        node = add(node, x)
        node = contract([(node, "i"), (variable(f"a{level % 7}", (N,)), "i")], "i")
        node = add(node, builtin("exp", node))
    return node


@cache
def wide_graph() -> Node:
    """A sum of products with common factors, a delta here and there, and exponentials."""
    x, terms = variable("x", (N,)), []
    for k in range(WIDE // 3):
        y = variable(f"y{k}", (N,))
        terms.append((1, contract([(x, "i"), (y, "j")], "ij")))
        terms.append((k + 1, contract([(y, "i")], "ii")))
        terms.append((1, contract([(builtin("exp", y), "i"), (y, "j")], "ij")))
    return linear(terms, (N, N))


@pytest.mark.parametrize("make", [deep_graph, wide_graph])
@pytest.mark.parametrize("name", ["simplify", "stabilise"])
def test_large_graphs_in_time(name: str, make: Callable[[], Node]) -> None:
    root = make()
    start = time.process_time()
    found = {"simplify": all_passes, "stabilise": stabilise}[name]([root])
    assert time.process_time() - start < SECONDS
    assert found[0].shape == root.shape


def test_time_is_linear_in_the_number_of_nested_products() -> None:
    A = variable("A", (N, N))
    node: Node = variable("x", (N,))
    for _ in range(500):
        node = contract([(A, "ij"), (node, "j")], "i")
    start = time.process_time()
    (found,) = all_passes([node])
    assert time.process_time() - start < SECONDS
    assert max(len(step.arguments) for step in postorder([found])) <= 16


SCRIPT = """
from indexcalc.ir.build import *
from indexcalc.ir.contraction import contract
from indexcalc.ir.environment import Environment
from indexcalc.ir.extent import Extent
from indexcalc.simplify.flatten import flatten
from indexcalc.simplify.kronecker import kronecker
from indexcalc.simplify.passes import fixed_point, simplify
from indexcalc.simplify.stabilise import stabilise
n = Extent.named("n")
v = [variable(name, (n,)) for name in "abcdef"]
terms = [(k + 1, contract([(x, "i"), (y, "j")], "ij")) for k, x in enumerate(v) for y in v]
terms += [(1, contract([(x, "i")], "ii")) for x in v]
node = contract([(linear(terms, (n, n)), "ij"), (builtin("exp", v[0]), "j")], "i")
node = builtin("log", add(ones((n,)), builtin("exp", node)))
print(simplify(stabilise([node]), Environment())[0].digest.hex())
"""


def test_results_do_not_depend_on_the_hash_seed() -> None:
    results = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(results) == 1


def without_memory(roots: Sequence[Node]) -> list[Node]:
    passes = (kronecker, symmetric, algebra, distribute, deltas, flatten, cancel, factor)
    return fixed_point(roots, passes)


@given(problem=problems())
def test_what_passes_remember_changes_no_result(problem: Problem) -> None:
    roots = [problem.root, builtin("tanh", problem.root)]
    assert all_passes(roots) == without_memory(roots)


@given(problem=polynomials())
def test_what_passes_remember_changes_no_polynomial(problem: Problem) -> None:
    assert all_passes([problem.root]) == without_memory([problem.root])


def test_rounds_that_change_little_cost_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each pass looks at a node again only if the node is new, not in each of the rounds."""
    looked = 0

    def counted(node: Node, *rest: object) -> Node:
        nonlocal looked
        looked += 1
        return original(node, *rest)  # type: ignore[arg-type]

    original = deltas_module._rule
    monkeypatch.setattr(deltas_module, "_rule", counted)
    n = Extent.named("n")
    node: Node = variable("h", (n,))
    for k in range(60):
        slope = add(builtin("exp", node), variable(f"b{k}", (n,)))
        node = contract([(variable(f"W{k}", (n, n)), "ij"), (node, "j"), (slope, "j")], "i")
    roots = [node, builtin("sin", node)]
    nodes = set(postorder(roots))
    results = all_passes(roots)
    assert looked <= 2 * len(nodes | set(postorder(results)))
