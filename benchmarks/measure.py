"""One row of the benchmark: every contender checked against the expert, then timed.

In: a problem, a task, sizes, who takes part. Out: a `Row`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from statistics import median
from types import ModuleType
from typing import Any

import numpy as np

import indexcalc as ic
from benchmarks import first
from benchmarks.problems import Problem, Sizes, Task
from benchmarks.timing import limited, quick, race, unsteady

Call = Callable[[], Any]

PEERS = ("jax", "torch", "autograd")
CONTENDERS = ("ours", "expert", *PEERS)
LONGEST = 4.0  # seconds for one call; who needs more is left out of the row
LONGEST_COMPILING = 60.0  # for the first call of a library that compiles
TOLERANCE = {False: 1e-8, True: 1e-4}  # of the largest entry, in float64 and float32
FROM = 20e-6  # seconds; shorter rows have targets of their own


@dataclass
class Row:
    """One task at one size: seconds for a call by contender, and which way each peer took."""

    case: str
    task: str
    seconds: dict[str, float] = field(default_factory=dict)
    ways: dict[str, str] = field(default_factory=dict)
    first: dict[str, float] = field(default_factory=dict)  # from nothing to the first result
    notes: list[str] = field(default_factory=list)

    def ratio(self, over: str, under: str) -> float | None:
        """How many times `over` takes what `under` takes."""
        if over in self.seconds and under in self.seconds:
            return self.seconds[over] / self.seconds[under]
        return None

    @property
    def best_peer(self) -> str | None:
        """The fastest of the libraries that took part."""
        peers = [name for name in PEERS if name in self.seconds]
        return min(peers, key=self.seconds.__getitem__) if peers else None

    @property
    def first_ratio(self) -> float | None:
        """Our first call over JAX's."""
        if "ours" in self.first and "jax" in self.first:
            return self.first["ours"] / self.first["jax"]
        return None

    @property
    def long(self) -> bool:
        """Whether the expert's code takes long enough for calls to cost nothing beside it."""
        return self.seconds["expert"] >= FROM


def available(names: list[str]) -> tuple[dict[str, ModuleType], list[str]]:
    """The peers that can be imported, by name, and what is missing."""
    found, missing = {}, []
    for name in names:
        try:
            found[name] = import_module(f"benchmarks.peers.{name}_forms")
        except ImportError as error:
            missing.append(f"{name} is left out: {error}")
    return found, missing


def measure(
    problem: Problem,
    task: str,
    sizes: Sizes,
    peers: Mapping[str, ModuleType],
    options: Any,
) -> Row:
    """One row: every contender checked against the expert, then timed in turns."""
    data = problem.data(sizes, task)
    row = Row(problem.case(sizes), task)
    asked = problem.tasks[task]
    expected = asked.expert(**data)
    calls: dict[str, Call] = {}
    if "ours" in options.contenders:
        _add_ours(row, calls, problem, sizes, data)
    calls["expert"] = lambda: asked.expert(**data)
    if "jax" in peers and "ours" in calls:
        found = first.jax(problem, task, data, peers["jax"])
        row.first |= {} if found is None else {"jax": found}
    for name, peer in peers.items():
        way = fastest(name, peer, asked, data, expected, row.notes)
        if way is not None:
            row.ways[name], calls[name] = way
    samples = race(calls, options.budget, {name: peer.LINGERS for name, peer in peers.items()})
    row.seconds = {name: median(times) for name, times in samples.items()}
    row.notes += [f"{name} unsteady" for name, times in samples.items() if unsteady(times)]
    return row


def _add_ours(
    row: Row, calls: dict[str, Call], problem: Problem, sizes: Sizes, data: dict[str, Any]
) -> None:
    """Our call, if it is right; else a note."""
    asked = problem.tasks[row.task]
    try:
        function = first.compiled(problem, row.task, sizes)
        given = function(**data)
        if asked.whole is None:
            agree(given, asked.expert(**data), tolerance=TOLERANCE[asked.single])
        else:
            agree(given.dense(), asked.whole(**data), tolerance=TOLERANCE[asked.single])
    except (ic.FormulaError, AssertionError) as error:
        row.notes.append(f"ours: {type(error).__name__}: {str(error).strip().splitlines()[0]}")
        return
    calls["ours"] = lambda: function(**data)
    row.first["ours"] = first.ours(problem, row.task, sizes, data)


def fastest(
    name: str,
    peer: ModuleType,
    task: Task,
    data: dict[str, Any],
    expected: Any,
    notes: list[str],
) -> tuple[str, Call] | None:
    """The fastest of a peer's ways that is right and comes to an end."""
    found: dict[str, tuple[float, Call]] = {}
    ways = peer.forms(task, data)
    for way, call in ways.items():
        try:
            with limited(LONGEST_COMPILING if peer.COMPILES else LONGEST):
                agree(call(), expected, tolerance=TOLERANCE[task.single])
            with limited(LONGEST):
                found[way] = (quick(call) if len(ways) > 1 else 0.0, call)
        except TimeoutError as error:
            notes.append(f"{name}, {way}: {error}")
        except AssertionError:
            notes.append(f"{name}, {way}: another result")
    if not found:
        return None
    best = min(found, key=lambda way: found[way][0])
    return best, found[best][1]


def agree(given: Any, expected: Any, *, tolerance: float = TOLERANCE[False]) -> None:
    """Raise AssertionError if two results differ by more than rounding."""
    pairs = (
        zip(given, expected, strict=True) if isinstance(expected, tuple) else [(given, expected)]
    )
    for one, other in pairs:
        ours, theirs = np.asarray(one), np.asarray(other)
        assert ours.shape == theirs.shape, f"{ours.shape} is not {theirs.shape}"
        scale = float(np.max(np.abs(theirs), initial=1e-300))
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * scale)
