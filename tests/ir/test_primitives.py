"""Each row of the table: its derivatives against complex steps or differences."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from indexcalc.errors import DifferentiationError
from indexcalc.interpret import interpret
from indexcalc.ir.build import apply, builtin, power, variable
from indexcalc.ir.check import first_fault
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Apply, Function, Node
from indexcalc.ir.primitives import PRIMITIVES, partial

Values = dict[str, list[Any]]
n = Extent.named("n")
ARGUMENTS = [variable(name, (n,)) for name in "abc"]
POINTS = {
    "real": [-2.5, -0.7, 0.3, 1.9],
    "positive": [0.05, 0.7, 1.3, 4.0],
    "negative": [-4.0, -1.3, -0.7, -0.05],
    "unit": [-0.9, -0.2, 0.4, 0.95],
    "above one": [1.05, 1.5, 2.0, 7.0],
}
OTHERS = [[0.6, 2.0, 0.8, 1.1], [1.7, -0.4, 0.2, -2.0]]  # second and third arguments, no ties


def application(name: str) -> tuple[Apply, Values]:
    row = PRIMITIVES[name]
    count = len(row.partials)
    node = builtin(name, *ARGUMENTS[:count])
    assert isinstance(node, Apply)
    values: Values = dict(zip("abc", [POINTS[row.domain], *OTHERS], strict=True))
    return node, values


def value(node: Node, values: Values) -> NDArray[Any]:
    return interpret(node, values, {"n": 4})


def moved(values: Values, position: int, step: complex) -> Values:
    name = "abc"[position]
    return values | {name: [entry + step for entry in values[name]]}


ROWS = [(row.name, k) for row in PRIMITIVES.values() for k in range(len(row.partials))]


@pytest.mark.parametrize(("name", "position"), ROWS)
def test_derivative_against_differences(name: str, position: int) -> None:
    node, values = application(name)
    step = 1e-6
    ends = [value(node, moved(values, position, sign * step)) for sign in (1, -1)]
    slope = partial(node, position)
    assert first_fault([slope]) is None
    assert slope.shape == node.shape
    found = value(slope, values)
    np.testing.assert_allclose(found, (ends[0] - ends[1]) / (2 * step), rtol=2e-6, atol=1e-8)


@pytest.mark.parametrize(("name", "position"), [r for r in ROWS if PRIMITIVES[r[0]].holomorphic])
def test_holomorphic_functions_have_one_derivative_in_all_directions(
    name: str, position: int
) -> None:
    node, values = application(name)
    everywhere = values | {"a": POINTS["real"]}
    at = {name: [entry + 0.1j for entry in row] for name, row in everywhere.items()}
    slope = value(partial(node, position), at)
    for step in (1e-6, 1e-6j):
        ends = [value(node, moved(at, position, sign * step)) for sign in (1, -1)]
        np.testing.assert_allclose(slope, (ends[0] - ends[1]) / (2 * step), rtol=2e-6, atol=1e-7)
    exact = np.imag(value(node, moved(values, position, 1e-30j))) / 1e-30
    np.testing.assert_allclose(value(partial(node, position), values), exact, rtol=1e-12)


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_rows_are_complete(name: str) -> None:
    row = PRIMITIVES[name]
    assert row.name == name
    assert row.latex
    assert row.domain in POINTS
    for position in range(len(row.partials)):
        assert f"{{{position}}}" in row.numpy
    # every function that a derivative brings in is in the table itself
    node, _ = application(name)
    for position in range(len(row.partials)):
        assert first_fault([partial(node, position)]) is None


def test_values_at_kinks() -> None:
    at: Values = {"a": [0.0, 0.0, 2.0, 1.0], "b": [0.0, 1.0, 2.0, 3.0]}
    a, b = ARGUMENTS[:2]
    slopes: dict[str, list[list[float]]] = {
        "abs": [[0, 0, 1, 1]],
        "relu": [[0, 0, 1, 1]],
        "maximum": [[0.5, 0, 0.5, 0], [0.5, 1, 0.5, 1]],
        "minimum": [[0.5, 1, 0.5, 1], [0.5, 0, 0.5, 0]],
    }
    for name, expected in slopes.items():
        args = [a, b][: len(expected)]
        for position, row in enumerate(expected):
            node = builtin(name, *args)
            assert isinstance(node, Apply)
            np.testing.assert_array_equal(value(partial(node, position), at), row)


def test_a_power_of_zero_is_constant_in_its_exponent() -> None:
    node = builtin("pow", *ARGUMENTS[:2])
    assert isinstance(node, Apply)
    at: Values = {"a": [0.0, 0.0, 1.0, 2.0], "b": [2.0, 3.0, 2.0, 1.0]}
    found = value(partial(node, 1), at)
    np.testing.assert_allclose(found, [0, 0, 0, 2 * math.log(2)])


def test_rational_powers_and_unknown_functions() -> None:
    root = power(ARGUMENTS[0], Fraction(1, 2))
    assert isinstance(root, Apply)
    np.testing.assert_allclose(
        value(partial(root, 0), {"a": [1, 4, 9, 16]}), [0.5, 0.25, 1 / 6, 1 / 8]
    )
    abstract = apply(Function("f", (1, 0), "abstract"), *ARGUMENTS[:2])
    assert isinstance(abstract, Apply)
    slope = partial(abstract, 1)
    assert isinstance(slope, Apply)
    assert slope.function == Function("f", (1, 1), "abstract")
    unknown = apply(Function("mystery"), ARGUMENTS[0])
    assert isinstance(unknown, Apply)
    with pytest.raises(DifferentiationError, match="mystery"):
        partial(unknown, 0)
