"""Rows of repeated arrays: how long NumPy finds them, and when a short buffer pays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexcalc.plan.machine import seconds
from indexcalc.plan.rows import BUFFER, FEWEST_ROWS, SHORT, run, walk
from indexcalc.plan.timing import way

Labels = tuple[int, ...]


def strides(labels: Labels, shape: list[int]) -> list[int]:
    """Of an array with these axes in order, repeated along the others; 0 where there is one."""
    small = np.empty([shape[k] if k in labels else 1 for k in range(len(shape))])
    wide = np.broadcast_to(small, shape)
    return [0 if n == 1 else s for n, s in zip(shape, wide.strides, strict=True)]


@st.composite
def layouts(draw: st.DrawFn) -> tuple[list[Labels], list[int]]:
    """Axes of two operands that together have all, and lengths."""
    count = draw(st.integers(1, 4))
    axes = st.lists(st.integers(0, count - 1), unique=True).map(sorted).map(tuple)
    first = draw(axes)
    rest = tuple(k for k in range(count) if k not in first)
    second = tuple(sorted({*draw(axes), *rest}))
    shape = draw(st.lists(st.sampled_from([1, 2, 3]), min_size=count, max_size=count))
    return [first, second], shape


@given(layouts())
def test_a_row_is_as_long_as_that_of_an_iterator_of_numpy(
    layout: tuple[list[Labels], list[int]],
) -> None:
    operands, shape = layout
    order = tuple(range(len(shape)))
    arrays = [
        np.lib.stride_tricks.as_strided(np.zeros(100), shape, strides(labels, shape))
        for labels in operands
    ]
    walked = np.nditer(
        [*arrays, np.empty(shape)],
        flags=["external_loop", "zerosize_ok"],
        op_flags=[["readonly"], ["readonly"], ["writeonly"]],
        order="C",
    )
    longest = max(len(np.atleast_1d(chunk[2])) for chunk in walked)
    assert run(operands, order, dict(enumerate(shape))) == longest


def kernel(first: Labels, second: Labels, *shape: int, size: float = 1.0) -> str:
    """The first kernel of a product with axes in order."""
    order = tuple(range(len(shape)))
    return walk([first, second], order, dict(enumerate(shape)), size)[0].kernel


def test_rows_of_some_hundred_entries_are_read_as_they_lie() -> None:
    assert kernel((0,), (1,), 512, 512) == "buffer"
    assert kernel((0, 1), (0,), 512, 512) == "buffer"
    assert kernel((0, 1), (1,), 512, 512) == "buffer"
    assert kernel((0, 1, 2), (0, 2), 32, 32, 512) == "buffer"
    assert kernel((0,), (1, 2), 512, 32, 32) == "buffer"  # rows of both axes together
    assert kernel((0, 2), (1,), 32, 512, 16) == "spread"  # rows of 16


@pytest.mark.parametrize("columns", [2, 32, SHORT // 3])
def test_short_rows_are_copied_together(columns: int) -> None:
    assert kernel((0,), (1,), 100_000, columns) == "spread"
    assert kernel((0, 1), (0,), 100_000, columns) == "broadcast"


def test_long_rows_need_no_short_buffer() -> None:
    for repeated, first in ((1, (0, 1)), (2, (0,))):
        longest = BUFFER // FEWEST_ROWS[repeated]
        assert kernel(first, (1,) if repeated == 2 else (0,), 100, longest) == "buffer"
        direct = kernel(first, (1,) if repeated == 2 else (0,), 100, longest + 1)
        assert direct == ("rows" if repeated == 1 else "spread_rows")


def test_few_entries_are_not_worth_it() -> None:
    assert kernel((0,), (1,), 4, 512) == "spread"
    assert kernel((0, 1), (0,), 20, 512) == "broadcast"


def test_small_entries_are_copied_faster() -> None:
    assert kernel((0, 1), (0,), 500, 300) == "buffer"
    assert kernel((0, 1), (0,), 500, 300, size=0.5) == "broadcast"
    assert kernel((0, 1), (0,), 500, 150) == "broadcast"
    assert kernel((0, 1), (0,), 500, 150, size=2.0) == "buffer"


@given(st.integers(0, 5000), st.integers(0, 10_000), st.booleans())
def test_any_size_has_a_way(rows: int, columns: int, both: bool) -> None:
    found = walk([(0,) if both else (0, 1), (1,)], (0, 1), {0: rows, 1: columns})
    assert all(seconds(call) > 0 for call in found)


def test_what_is_not_bound_by_copies_is_called_as_ever() -> None:
    sizes = {0: 512, 1: 512}
    assert way("divide", [(0, 1), (0,)], (0, 1), sizes, 1.0) == "buffer"
    assert way("power", [(0, 1), (0,)], (0, 1), sizes, 1.0) == "power"
    assert way("multiply", [(0, 1), (0, 1)], (0, 1), sizes, 1.0) == "light"


def test_arrays_are_walked_through_as_they_lie() -> None:
    sizes = {0: 30, 1: 512, 2: 32}
    assert way("multiply", [(0, 1), (0,)], (1, 0), sizes, 1.0) == "broadcast"
    assert way("multiply", [(0, 1), (0,)], (1, 0), {**sizes, 0: 512}, 1.0) == "buffer"
    assert way("multiply", [(1, 0), (0,)], (0, 1), {**sizes, 0: 512}, 1.0) == "buffer"
    assert way("multiply", [(2, 0, 1), (1, 2)], (0, 1, 2), sizes, 1.0) == "strided"
    assert way("multiply", [(2, 0, 1), (2, 1)], (0, 1, 2), sizes, 1.0) == "buffer"
    assert way("multiply", [(1,), (0,)], (0, 1), {**sizes, 0: 512}, 1.0) == "buffer"
    assert way("multiply", [(1, 0), (2,)], (0, 1, 2), sizes, 1.0) == "strided"
