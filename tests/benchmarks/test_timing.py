"""Contenders take turns, and who is slow gets fewer of them."""

from __future__ import annotations

from itertools import pairwise
from time import perf_counter, sleep

import pytest

from benchmarks.timing import Call, limited, quick, race, unsteady


def test_contenders_take_turns_until_their_seconds_are_spent() -> None:
    calls = []

    def first() -> None:
        calls.append("a")
        sleep(0.002)

    def second() -> None:
        calls.append("b")
        sleep(0.002)

    samples = race({"a": first, "b": second}, 0.03)
    assert len(samples["a"]) >= 7
    assert len(samples["b"]) >= 7
    assert all(0.002 <= seconds < 1 for seconds in samples["a"] + samples["b"])
    turns = sum(before != after for before, after in pairwise(calls))
    assert turns >= len(samples["a"])


def test_whoever_comes_after_lingering_threads_runs_untimed_for_as_long() -> None:
    calls = {"a": 0, "b": 0}

    def counted(name: str) -> Call:
        def call() -> None:
            calls[name] += 1
            sleep(0.001)

        return call

    race({name: counted(name) for name in calls}, 0.0, {"a": 0.02})
    assert calls["b"] > 1.5 * calls["a"]


def test_a_slow_contender_has_fewer_turns() -> None:
    samples = race({"slow": lambda: sleep(0.25), "quick": lambda: None}, 0.01)
    assert len(samples["slow"]) == 5
    assert len(samples["quick"]) >= 7


def test_what_does_not_end_in_time_is_stopped() -> None:
    start = perf_counter()
    with pytest.raises(TimeoutError, match="more than"), limited(0.05):
        sleep(5)
    assert perf_counter() - start < 1
    with limited(5):
        pass
    sleep(0.01)


def test_a_rough_figure_is_the_best_of_several() -> None:
    assert 0.001 <= quick(lambda: sleep(0.001)) < 0.1


def test_scattered_samples_are_unsteady() -> None:
    assert unsteady([1.0, 1.0, 2.0, 2.0, 2.0])
    assert not unsteady([1.0, 1.01, 1.02, 1.03])
    assert not unsteady([1.0, 5.0])
