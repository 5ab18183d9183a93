"""From a text to its first result: work that grows with the text, counted, not timed.

What is counted is calls of Python functions, so that the figures are the same on every machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType

import pytest

import indexcalc as ic

LAYERS = (12, 24, 48)
SIZES = {"n": 3, "b": 2}
MOST_CALLS = {"value": 6_000, "gradient": 22_000}  # for a layer: about twice what it takes


def calls(work: Callable[[], object]) -> int:
    """How many Python functions are called."""
    count = 0

    def counted(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def network(layers: int) -> str:
    lines = ["h1_ib = tanh(W1_ij x_jb)"]
    lines += [f"h{k}_ib = tanh(W{k}_ij h{k - 1}_jb)" for k in range(2, layers + 1)]
    return "\n".join([*lines, f"f = 1/2 h{layers}_ib h{layers}_ib"])


def source(layers: int, task: str) -> str:
    gradients = [f"∂f/∂W{k}_ij" for k in range(1, layers + 1)]
    queries = gradients if task == "gradient" else ["f"]
    return ic.Program(network(layers)).compile(*queries, sizes=SIZES).source


@pytest.mark.parametrize("task", MOST_CALLS)
def test_the_work_for_each_layer_stays_the_same(task: str) -> None:
    source(4, task)  # tables are loaded
    found = [calls(partial(source, layers, task)) for layers in LAYERS]
    short, middle, long = found
    assert long - middle < 1.3 * 2 * (middle - short)
    assert (long - middle) / (LAYERS[2] - LAYERS[1]) < MOST_CALLS[task]


def test_a_second_program_takes_no_more_work_than_the_first() -> None:
    def value() -> str:
        return ic.Program("f = log(1 + exp(-y w_i x_i))").compile("∂f/∂w_j").source

    value()
    first, second = (min(calls(value) for _ in range(3)) for _ in range(2))
    assert second < 1.02 * first < 16_000  # what weak references do when nodes go counts at times
