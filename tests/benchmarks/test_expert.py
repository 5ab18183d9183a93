"""The hand-written code that we are measured against is right: it agrees with JAX."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.problems import PROBLEMS, Problem

QUICK = [problem for problem in PROBLEMS if problem.name != "deep50"]
PAIRS = [(problem, task) for problem in QUICK for task in problem.tasks]


@pytest.mark.parametrize(
    ("problem", "task"), PAIRS, ids=[f"{problem.name}-{task}" for problem, task in PAIRS]
)
def test_expert_code_agrees_with_jax(problem: Problem, task: str) -> None:
    data = problem.data(problem.small)
    given = problem.tasks[task].expert(**data)
    expected = problem.tasks[task].jax(data)(**data)
    pairs = zip(given, expected, strict=True) if isinstance(given, tuple) else [(given, expected)]
    for ours, theirs in pairs:
        assert np.shape(ours) == np.shape(theirs)
        scale = float(np.max(np.abs(theirs), initial=1e-300))
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12 * scale)


def test_every_measured_task_exists() -> None:
    for problem in PROBLEMS:
        for sizes, tasks in problem.sizes:
            assert set(tasks) <= set(problem.tasks)
            assert set(sizes) == set(problem.small)
