"""Formulas against NumPy code written by hand, at unequal sizes including 1.

In: a program, a query, the hand-written function, and the shape of each of its arguments as a
string of size letters. `slope` makes hand-written functions into their derivatives by complex
steps, so that a reference for a derivative is again code that knows nothing of the package.
"""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import indexcalc as ic

Array = Any
Reference = Callable[..., Array]
Row = tuple[str, str, Reference, dict[str, str]]  # program, query, by hand, shapes

SIZES: tuple[dict[str, int], ...] = (
    {"m": 3, "n": 4, "p": 2, "q": 5, "k": 6},
    {"m": 1, "n": 3, "p": 5, "q": 2, "k": 4},
    {"m": 4, "n": 1, "p": 3, "q": 1, "k": 2},
    {"m": 1, "n": 1, "p": 1, "q": 1, "k": 1},
)
STEP = 1e-30


def draw(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """An array of a kind that formulas ask for."""
    if kind == "any":
        return rng.normal(size=shape)
    if kind == "positive":
        return rng.uniform(0.5, 2.0, shape)
    if kind == "unit":
        return rng.uniform(-0.9, 0.9, shape)
    if kind == "sign":
        return rng.choice([-1.0, 1.0], size=shape)
    square = rng.normal(size=shape)
    if kind == "symmetric":
        return (square + square.T) / 2
    if kind == "invertible":
        return square + 3 * np.eye(shape[0])
    if kind == "spd":
        return square @ square.T / shape[0] + np.eye(shape[0])
    if kind == "diagonal":
        return np.diag(rng.uniform(0.5, 2.0, shape[0]))
    raise AssertionError(kind)


def points(shapes: dict[str, str]) -> Iterator[dict[str, Array]]:
    """Arrays at each set of sizes; a shape is `mn`, `nn:spd` with a kind, `:positive` a scalar."""
    for number, sizes in enumerate(SIZES):
        rng = np.random.default_rng(100 + number)
        made = {}
        for name, text in shapes.items():
            letters, _, kind = text.partition(":")
            size = tuple(sizes[a] if a.isalpha() else int(a) for a in letters)
            made[name] = draw(kind or "any", size, rng)
        yield made


def close(given: Array, expected: Array, tolerance: float = 1e-10) -> None:
    expected = np.asarray(expected)
    assert np.shape(given) == expected.shape, f"shape {np.shape(given)}, by hand {expected.shape}"
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    np.testing.assert_allclose(given, expected, rtol=0, atol=tolerance * scale)


def agrees(
    program: str, query: str, by_hand: Reference, tolerance: float = 1e-10, /, **shapes: str
) -> None:
    """The query's value is what the hand-written function gives, at all sizes."""
    formula = ic.Program(program)[query]
    wanted = list(inspect.signature(by_hand).parameters)
    for arrays in points(shapes):
        expected = by_hand(**{name: arrays[name] for name in wanted})
        close(formula(**arrays), expected, tolerance)


def rows(table: list[Row]) -> pytest.MarkDecorator:
    """A parametrisation over programs with a query each."""
    names = [f"{program} ? {query}".replace("\n", "; ") for program, query, _, _ in table]
    return pytest.mark.parametrize(("program", "query", "by_hand", "shapes"), table, ids=names)


def slope(function: Reference, name: str) -> Reference:
    """The derivative by the argument `name`: axes of the result, then those of the argument."""

    def derivative(**arrays: Array) -> Array:
        at = np.asarray(arrays[name])
        columns = []
        for place in itertools.product(*(range(size) for size in at.shape)):
            moved = at.astype(complex)
            moved[place] += STEP * 1j
            columns.append(np.imag(function(**{**arrays, name: moved})) / STEP)
        shape = np.shape(columns[0]) if columns else ()
        return (
            np.moveaxis(
                np.array(columns).reshape(*at.shape, *shape), range(at.ndim), range(-at.ndim, 0)
            )
            if at.ndim
            else columns[0]
        )

    derivative.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    return derivative


def change(function: Reference, name: str, step: float = 1e-5) -> Reference:
    """The derivative by central differences of fourth order, for what `slope` was applied to."""

    def derivative(**arrays: Array) -> Array:
        at = np.asarray(arrays[name], dtype=float)
        columns = []
        for place in itertools.product(*(range(size) for size in at.shape)):
            values = []
            for steps in (-2, -1, 1, 2):
                moved = at.copy()
                moved[place] += steps * step
                values.append(np.asarray(function(**{**arrays, name: moved})))
            columns.append((values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step))
        shape = np.shape(columns[0]) if columns else ()
        return (
            np.moveaxis(
                np.array(columns).reshape(*at.shape, *shape), range(at.ndim), range(-at.ndim, 0)
            )
            if at.ndim
            else columns[0]
        )

    derivative.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    return derivative


def refusal(program: str, query: str | None = None) -> ic.FormulaError:
    """The error with which a text is refused."""
    try:
        read = ic.Program(program)
        given = read[query] if query is not None else read
        shown = f"read as\n{read.explain()}\n{given}"
    except ic.FormulaError as error:
        return error
    pytest.fail(shown)


SUGGESTED = re.compile(r"(?:^|\n) *(?:write|or) {1,2}(?P<text>\S.*?)(?:,|  .*)?(?=\n|$)")


def suggestions(error: ic.FormulaError) -> list[str]:
    """The texts that an error says to write instead."""
    return [match["text"] for match in SUGGESTED.finditer(error.hint)]
