"""All answers to a measured task agree: hand-written code, compiled code, every way of a peer."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from benchmarks.first import compiled
from benchmarks.measure import agree
from benchmarks.peers import jax_forms
from benchmarks.problems import PROBLEMS, Problem

LARGE = ("deep50", "deep200", "tn6x6", "tn6x10")  # each like a smaller one
QUICK = [problem for problem in PROBLEMS if problem.name not in LARGE]
TOLERANCE = {False: 1e-12, True: 1e-5}


def tasks(single: bool) -> pytest.MarkDecorator:
    pairs = [(p, name) for p in QUICK for name in p.tasks if p.tasks[name].single == single]
    names = [f"{problem.name}-{task}" for problem, task in pairs]
    return pytest.mark.parametrize(("problem", "task"), pairs, ids=names)


def close(given: Any, expected: Any, problem: Problem, task: str) -> None:
    agree(given, expected, tolerance=TOLERANCE[problem.tasks[task].single])


@tasks(single=False)
def test_expert_code_agrees_with_jax(problem: Problem, task: str) -> None:
    asked = problem.tasks[task]
    data = problem.data(problem.small, task)
    expected = asked.expert(**data)
    ways = jax_forms.forms(asked, data)
    assert ways or asked.structured
    for call in ways.values():
        close(call(), expected, problem, task)


@tasks(single=False)
def test_compiled_functions_agree_with_expert_code(problem: Problem, task: str) -> None:
    asked = problem.tasks[task]
    data = problem.data(problem.small, task)
    given = compiled(problem, task, problem.small)(**data)
    if asked.whole is not None:
        close(given.dense(), asked.whole(**data), problem, task)
    else:
        close(given, asked.expert(**data), problem, task)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize("peer", ["torch", "autograd"])
@tasks(single=False)
def test_other_libraries_agree_with_expert_code(peer: str, problem: Problem, task: str) -> None:
    pytest.importorskip(peer)
    forms = import_module(f"benchmarks.peers.{peer}_forms").forms
    asked = problem.tasks[task]
    data = problem.data(problem.small, task)
    for call in forms(asked, data).values():
        close(call(), asked.expert(**data), problem, task)


@tasks(single=True)
def test_results_in_float32_agree_and_stay_in_it(problem: Problem, task: str) -> None:
    asked = problem.tasks[task]
    data = problem.data(problem.small, task)
    given = compiled(problem, task, problem.small)(**data)
    plain = next(iter(jax_forms.forms(asked, data).values()))()
    for results in (given, asked.expert(**data), plain):
        close(results, asked.expert(**data), problem, task)
        for result in results if isinstance(results, tuple) else (results,):
            assert np.asarray(result).dtype == np.float32


def test_a_wrong_result_does_not_agree() -> None:
    right = np.arange(3.0)
    agree(right + 1e-9, right)
    with pytest.raises(AssertionError):
        agree(right + 1e-7, right)
    with pytest.raises(AssertionError):
        agree(right[:, None], right)


def test_every_measured_task_exists() -> None:
    for problem in PROBLEMS:
        for sizes, tasks in problem.sizes:
            assert set(tasks) <= set(problem.tasks)
            assert set(sizes) == set(problem.small)


def test_rows_have_different_names() -> None:
    rows = [
        (problem.case(sizes), task)
        for problem in PROBLEMS
        for sizes, tasks in problem.sizes
        for task in tasks
    ]
    assert len(rows) == len(set(rows))
