"""Random expressions in matrix notation: the value is NumPy's, and the explanation reads back."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from indexcalc.elaborate.explain import explain
from indexcalc.interpret import interpret
from tests.elaborate.test_explain import assert_reads_back, read

Array = NDArray[np.float64]
Example = tuple[str, Array]  # the text, and its value with two axes
SIZES = {"m": 2, "n": 3, "p": 4}
SHAPES = {
    **{f"{letter}{a}{b}": (a, b) for letter in "AB" for a in "mnp" for b in "mnp"},
    **{f"{letter}{a}": (a,) for letter in "xy" for a in "mnp"},
    "c": (),
    "s": (),
}
RNG = np.random.default_rng(3)
ARRAYS = {name: RNG.uniform(0.5, 1.5, [SIZES[a] for a in shape]) for name, shape in SHAPES.items()}
DECLARATIONS = "; ".join(f"{name}[{', '.join(shape)}]" for name, shape in SHAPES.items())
EXTENTS = st.sampled_from("mnp")


@st.composite
def expressions(draw: st.DrawFn, rows: str, columns: str, depth: int) -> Example:
    """An expression of `rows` × `columns`, where `1` is a single row or column."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return leaf(draw, rows, columns)
    rule = draw(st.sampled_from([product, total, hadamard, scaled, transposed, applied, special]))
    text, value = rule(draw, rows, columns, depth - 1)
    return f"({text})", value


def part(draw: st.DrawFn, rows: str, columns: str, depth: int) -> Example:
    return draw(expressions(rows, columns, depth))


def leaf(draw: st.DrawFn, rows: str, columns: str) -> Example:
    if rows == columns == "1":
        name = draw(st.sampled_from("cs"))
        return name, ARRAYS[name].reshape(1, 1)
    if "1" in (rows, columns):
        name = draw(st.sampled_from("xy")) + max(rows, columns)
        return (name, ARRAYS[name][:, None]) if columns == "1" else (f"{name}'", ARRAYS[name][None])
    if rows == columns and draw(st.integers(0, 3)) == 0:
        return f"eye({rows})", np.eye(SIZES[rows])
    letter, turned = draw(st.sampled_from("AB")), draw(st.booleans())
    if turned:
        return f"{letter}{columns}{rows}'", ARRAYS[f"{letter}{columns}{rows}"].T
    return f"{letter}{rows}{columns}", ARRAYS[f"{letter}{rows}{columns}"]


def product(draw: st.DrawFn, rows: str, columns: str, depth: int) -> Example:
    inner = draw(EXTENTS)
    if "1" in (rows, columns) and rows != columns and draw(st.booleans()):
        inner = "1"
    if inner == "1":
        left, right = part(draw, rows, "1", depth), part(draw, "1", columns, depth)
    else:
        left, right = part(draw, rows, inner, depth), part(draw, inner, columns, depth)
    return f"{left[0]} {right[0]}", left[1] @ right[1]


def total(draw: st.DrawFn, rows: str, columns: str, depth: int) -> Example:
    left, right = part(draw, rows, columns, depth), part(draw, rows, columns, depth)
    if draw(st.booleans()):
        return f"{left[0]} - {right[0]}", left[1] - right[1]
    return f"-{left[0]} + {right[0]} + 1", 1 - left[1] + right[1]


def hadamard(draw: st.DrawFn, rows: str, columns: str, depth: int) -> Example:
    left, right = part(draw, rows, columns, depth), part(draw, rows, columns, depth)
    if draw(st.booleans()):
        return f"{left[0]} .* {right[0]}", left[1] * right[1]
    return f"{left[0]} ./ (2 + tanh({right[0]}))", left[1] / (2 + np.tanh(right[1]))


def scaled(draw: st.DrawFn, rows: str, columns: str, depth: int) -> Example:
    factor, tensor = part(draw, "1", "1", depth), part(draw, rows, columns, depth)
    return f"1/2*{factor[0]}*{tensor[0]}", 0.5 * factor[1] * tensor[1]


def transposed(draw: st.DrawFn, rows: str, columns: str, depth: int) -> Example:
    inner = part(draw, columns, rows, depth)
    return f"{inner[0]}^T", inner[1].T


def applied(draw: st.DrawFn, rows: str, columns: str, depth: int) -> Example:
    inner = part(draw, rows, columns, depth)
    if draw(st.booleans()):
        return f"tanh({inner[0]})", np.tanh(inner[1])
    return f"{inner[0]}.^2", inner[1] ** 2


def special(draw: st.DrawFn, rows: str, columns: str, depth: int) -> Example:
    """Functions of whole tensors."""
    if rows == columns == "1":
        a, b = draw(EXTENTS), draw(EXTENTS)
        inner = part(draw, a, b, depth)
        name = draw(st.sampled_from(["sum", "max", "mean"]))
        return f"{name}({inner[0]})", np.asarray(getattr(np, name)(inner[1])).reshape(1, 1)
    if rows == columns:
        vector = part(draw, rows, "1", depth)
        return f"Diag({vector[0]})", np.diagflat(vector[1])
    if columns == "1":
        square = part(draw, rows, rows, depth)
        return f"diag({square[0]})", np.diag(square[1])[:, None]
    if rows == "1":
        square = part(draw, columns, columns, depth)
        return f"1^T {square[0]}", square[1].sum(axis=0, keepdims=True)
    left, right = part(draw, rows, "1", depth), part(draw, "1", columns, depth)
    return f"kron({left[0]}, {right[0]})", left[1] @ right[1]


SHAPE = st.sampled_from(["11", "m1", "1n", "mn", "nn", "pm", "p1"])


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), SHAPE)
def test_random_expressions(data: st.DataObject, shape: str) -> None:
    text, value = data.draw(expressions(shape[0], shape[1], 3))
    program = read(f"{DECLARATIONS}; R = {text}; {text}")
    found: Any = interpret(program.definitions[0].node, ARRAYS, SIZES)
    np.testing.assert_allclose(np.asarray(found).reshape(value.shape), value, rtol=1e-9, atol=1e-9)
    assert_reads_back(program, explain(program))
