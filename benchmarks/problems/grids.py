"""Tensor networks: a grid of tensors contracted to a number, by every tensor.

In: nothing. Out: `GRIDS`, whose texts are generated.
"""

from __future__ import annotations

from benchmarks import functions
from benchmarks.expert import grids
from benchmarks.grids import labels
from benchmarks.problems.problem import Problem, asked

FREE = ("p", "q", "r", "s")


def _grid(rows: int, columns: int, size: int) -> Problem:
    """Every horizontal bond has the extent D, every vertical one E."""
    sites = {f"T{number}": bonds for number, bonds in enumerate(labels(rows, columns), start=1)}
    factors = [f"{name}_{{{','.join(bonds)}}}" for name, bonds in sites.items()]
    queries = [f"∂f/∂{name}_{{{','.join(FREE[: len(bonds)])}}}" for name, bonds in sites.items()]
    function = functions.grid(rows, columns)
    return Problem(
        f"tn{rows}x{columns}",
        "f = " + " ".join(factors),
        {
            name: tuple("D" if label.startswith("h") else "E" for label in bonds)
            for name, bonds in sites.items()
        },
        {
            "value": asked("value", function, "T1", grids.value(rows, columns), "f"),
            "grad": asked(
                "grad", function, " ".join(sites), grids.gradient(rows, columns), *queries
            ),
        },
        (({"D": size, "E": size}, ("value", "grad")),),
        {"D": 2, "E": 3},
        dict.fromkeys(sites, "site"),
    )


GRIDS = (_grid(4, 5, 8), _grid(6, 6, 5), _grid(6, 10, 4))
