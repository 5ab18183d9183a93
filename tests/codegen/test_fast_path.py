"""The short way into generated code is for what is like the last arguments, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.codegen.fast_path import MANY

COUNTS = [2, MANY, MANY + 1, 3 * MANY]


def chain(count: int) -> tuple[ic.Function, dict[str, np.ndarray]]:
    """A sum of vectors, and vectors; called once, so that the next call may go the short way."""
    names = [f"a{k}" for k in range(count)]
    function = ic.Program("y_i = " + " + ".join(f"{name}_i" for name in names)).compile("y")
    arrays = {name: np.full(3, float(k)) for k, name in enumerate(names)}
    function(**arrays)
    return function, arrays


@pytest.mark.parametrize("count", COUNTS)
def test_arrays_by_name_by_place_and_both(count: int) -> None:
    function, arrays = chain(count)
    expected = np.full(3, count * (count - 1) / 2)
    placed = [arrays[name] for name in function.signature]
    backwards = dict(reversed(arrays.items()))
    last = function.signature[-1]
    for result in (
        function(**arrays),
        function(**backwards),
        function(*placed),
        function(*placed[:-1], **{last: arrays[last]}),
    ):
        np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("count", COUNTS)
def test_what_is_different_goes_the_long_way(count: int) -> None:
    function, arrays = chain(count)
    total = count * (count - 1) / 2
    np.testing.assert_array_equal(function(**arrays, y=np.zeros(7)), np.full(3, total))
    longer = {name: np.append(array, array[0]) for name, array in arrays.items()}
    np.testing.assert_array_equal(function(**longer), np.full(4, total))
    np.testing.assert_array_equal(function(**arrays), np.full(3, total))
    lists = {name: array.tolist() for name, array in arrays.items()}
    np.testing.assert_array_equal(function(**lists), np.full(3, total))
    single = {name: array.astype(np.float32) for name, array in arrays.items()}
    assert function(**single).dtype == np.float32


@pytest.mark.parametrize("count", COUNTS)
def test_what_is_wrong_is_told(count: int) -> None:
    function, arrays = chain(count)
    first = function.signature[0]
    with pytest.raises(ic.EvaluationError, match=first):
        function(**{name: array for name, array in arrays.items() if name != first})
    with pytest.raises(ic.EvaluationError, match="other"):
        function(**{**arrays, "other": np.zeros(3)})
    with pytest.raises(ic.EvaluationError, match="other"):
        function(**{("other" if name == first else name): array for name, array in arrays.items()})
    with pytest.raises(ic.EvaluationError, match="twice"):
        function(*arrays.values(), **{first: arrays[first]})
    with pytest.raises(ic.ShapeError, match=first):
        function(**{**arrays, first: np.zeros(4)})
