"""The problems that are measured, one module for each family.

In: nothing. Out: `PROBLEMS`, one entry for each function, with its tasks and sizes.
"""

from __future__ import annotations

from benchmarks.problems.grids import GRIDS
from benchmarks.problems.losses import LOSSES
from benchmarks.problems.networks import NETWORKS
from benchmarks.problems.problem import Problem, Sizes, Task
from benchmarks.problems.products import PRODUCTS
from benchmarks.problems.tensors import TENSORS

PROBLEMS: tuple[Problem, ...] = (*LOSSES, *NETWORKS, *TENSORS, *GRIDS, *PRODUCTS)

__all__ = ["PROBLEMS", "Problem", "Sizes", "Task"]
