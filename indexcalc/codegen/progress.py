"""A progress bar for long work in chunks, for those who ask for one.

In: what the caller passed as `progress`. Out: what an iterator over chunks is wrapped in, or None.

>>> wrapper(None) is None, wrapper(False) is None, wrapper(list) is list
(True, True, True)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from typing import Any

from indexcalc.errors import EvaluationError

Progress = Callable[[Any], Iterable[Any]]
DELAY = 1.0  # seconds before a bar shows: short work has none


def wrapper(progress: bool | Progress | None) -> Progress | None:
    """`tqdm`'s bar for True; a function of an iterable, such as `tqdm` itself, is taken as it is.

    Raises `EvaluationError` if `tqdm` is asked for and not installed.
    """
    if progress is None or progress is False:
        return None
    if progress is not True:
        if callable(progress):
            return progress
        raise EvaluationError(
            f"progress is True, False, or a function of an iterable, not {progress!r}"
        )
    try:
        bar = import_module("tqdm.auto").tqdm
    except ImportError:
        raise EvaluationError(
            "a progress bar needs tqdm, which is not installed",
            hint="pip install indexcalc[progress], or pass a function that wraps an iterable",
        ) from None
    return partial(bar, desc="indexcalc", unit="chunk", delay=DELAY)
