"""Seconds for a call, measured so that what else the machine does hits all contenders alike.

In: calls without arguments, by name. Out: samples of seconds for each, taken in turns.
"""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from statistics import median, quantiles
from time import perf_counter
from types import MappingProxyType
from typing import Any

Call = Callable[[], Any]

SHORTEST_SAMPLE = 1e-4  # seconds; shorter calls are measured several at a time
LONG = 0.2  # seconds; longer calls are not repeated before each sample
LEAST_SETTLING, MOST_SETTLING = 1e-3, 0.05  # seconds for which a contender runs untimed
MOST_ROUNDS = 300
NOBODY: Mapping[str, float] = MappingProxyType({})
UNSTEADY = 1.3  # how far a median may lie above the lower quartile


def once(call: Call, repeats: int) -> float:
    """Seconds for a call, averaged over `repeats`."""
    start = perf_counter()
    for _ in range(repeats):
        call()
    return (perf_counter() - start) / repeats


def quick(call: Call, seconds: float = 0.03) -> float:
    """A rough figure: the best of the calls that fit into some seconds, but of two short ones."""
    end = perf_counter() + seconds
    best = once(call, 1)
    if best < 2 * LONG:  # the first one may meet what the contender before left to be done
        best = min(best, once(call, 1))
    while perf_counter() < end:
        best = min(best, once(call, 1))
    return best


def race(
    calls: dict[str, Call], budget: float, lingering: Mapping[str, float] = NOBODY
) -> dict[str, list[float]]:
    """The seconds of each call, in turns, until `budget` seconds are spent on each.

    A call that takes longer than the budget has fewer turns, and at least two. `lingering` are the
    seconds for which a contender's threads keep a core after its call: whoever comes next runs
    untimed for as long.
    """
    rough = {name: quick(call, 0.02) for name, call in calls.items()}
    repeats = {n: max(1, min(2000, int(SHORTEST_SAMPLE / max(t, 1e-8)))) for n, t in rough.items()}
    samples: dict[str, list[float]] = {name: [] for name in calls}
    spent = dict.fromkeys(calls, 0.0)
    settling = LEAST_SETTLING
    gc.collect()
    gc.disable()
    try:
        for done in range(MOST_ROUNDS):
            active = [n for n in calls if done < _rounds(rough[n]) or spent[n] < budget]
            for name in active:
                start = perf_counter()
                if rough[name] < LONG:
                    _settle(calls[name], settling)
                samples[name].append(once(calls[name], repeats[name]))
                spent[name] += perf_counter() - start
                least = max(LEAST_SETTLING, lingering.get(name, 0.0))
                settling = min(MOST_SETTLING, max(least, samples[name][-1] / 2))
            if not active:
                break
    finally:
        gc.enable()
    return samples


def _rounds(seconds: float) -> int:
    """The fewest rounds for a call that takes so long; a median needs more than two."""
    return 7 if seconds < LONG / 4 else 5 if seconds < 2 * LONG else 3 if seconds < 1 else 2


def _settle(call: Call, seconds: float) -> None:
    """Call without timing: what the contender before left to be cleaned up is not this one's.

    That is also where another library's threads stop, which wait for work in a loop for a while.
    """
    end = perf_counter() + seconds
    call()
    while perf_counter() < end:
        call()


def unsteady(times: list[float]) -> bool:
    """Whether another process disturbed the measurement: threaded products then wait for cores."""
    return len(times) > 2 and median(times) > UNSTEADY * quantiles(times, n=4)[0]


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise `TimeoutError` in what takes longer, as soon as it is back in Python."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: Any) -> None:
        raise TimeoutError(f"more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
