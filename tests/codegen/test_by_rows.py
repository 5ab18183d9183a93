"""Code that sets NumPy's buffer: where it stands, that it is right for all sizes, and tidy."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import indexcalc as ic
from indexcalc.codegen.preamble import BY_ROWS

Array = NDArray[Any]
rng = np.random.default_rng(5)
HELPER = "def _by_rows("
FORMS: dict[str, Callable[..., Array]] = {
    "R_ij = a_i b_j": lambda a, b, **_: np.einsum("i,j->ij", a, b),
    "R_ij = X_ij a_i": lambda a, X, **_: np.einsum("i,ij->ij", a, X),
    "R_ij = X_ij b_j": lambda b, X, **_: np.einsum("j,ij->ij", b, X),
    "R_ij = X_ij / a_i": lambda a, X, **_: X / a[:, None],
    "R_ij = X_ij - b_j": lambda b, X, **_: X - b,
    "R_ij = a_i - X_ij": lambda a, X, **_: a[:, None] - X,
    "R_ij = exp(X_ij) a_i + b_j": lambda a, b, X, **_: np.exp(X) * a[:, None] + b,
    "R_ij = max(X_ij, b_j)": lambda b, X, **_: np.maximum(X, b),
}
DECLARED = "a[m], b[n], X[m, n]\n"


def data(m: int, n: int, dtype: str = "float64") -> dict[str, Array]:
    shapes = {"a": (m,), "b": (n,), "X": (m, n)}
    return {name: (rng.random(shape) + 0.5).astype(dtype) for name, shape in shapes.items()}


def source_of(text: str, m: int, n: int) -> str:
    return ic.Program(DECLARED + text).compile("R", sizes={"m": m, "n": n}).source


def evaluate(source: str) -> Callable[..., Any]:
    """The function of a module, for all sizes."""
    names: dict[str, Any] = {}
    exec(source, names)
    return names["evaluate"]  # type: ignore[no-any-return]


@pytest.fixture(autouse=True)
def _buffer() -> Iterator[None]:
    """Nothing leaves the buffer in another size."""
    size = np.setbufsize(4096)
    yield
    assert np.setbufsize(size) == 4096


@pytest.mark.parametrize("text", FORMS)
def test_helper_stands_where_rows_are_long_enough(text: str) -> None:
    assert HELPER in source_of(text, 600, 600)
    for m, n in ((600, 30), (10, 10), (3, 600)):
        assert "_by_rows" not in source_of(text, m, n)


@pytest.mark.parametrize("text", FORMS)
@pytest.mark.parametrize("dtype", ["float64", "float32", "complex128"])
def test_every_size_is_right(text: str, dtype: str) -> None:
    if dtype == "complex128" and "max" in text:
        pytest.skip("complex numbers have no order")
    function = evaluate(source_of(text, 600, 600))
    taken = {"a", "b", "X"} & set(function.__code__.co_varnames[: function.__code__.co_argcount])
    for m, n in ((600, 600), (0, 5), (5, 0), (1, 1), (1, 7), (7, 1), (3, 4), (300, 2), (2, 9000)):
        given = {name: value for name, value in data(m, n, dtype).items() if name in taken}
        found = function(**given)
        expected = FORMS[text](**given)
        assert found.shape == expected.shape
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=1e-5 if dtype == "float32" else 1e-12)


@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_may_lie_as_they_like(order: Any) -> None:
    function = evaluate(source_of("R_ij = X_ij a_i", 600, 600))
    given = data(700, 500)
    X, a = np.array(given["X"], order=order)[::2, ::-1], given["a"][::-2]
    np.testing.assert_array_equal(function(X=X, a=a), X * a[:, None])


def test_a_transposed_matrix_is_walked_through_as_it_lies() -> None:
    for form in ("R_ji = X_ij a_i", "R_ji = X_ij b_j"):
        source = source_of(form, 600, 600)
        assert HELPER in source
        given = data(7, 5)
        kept = {name: given[name] for name in ("X", "a" if "a_i" in form else "b")}
        expected = np.einsum("ij,i->ji" if "a_i" in form else "ij,j->ji", *kept.values())
        np.testing.assert_array_equal(evaluate(source)(**kept), expected)


def test_axes_that_lie_together_are_one_row() -> None:
    text = "x[m], T[n, k], S[m, n, k]\n"
    for form in ("R_ijk = x_i T_jk", "R_ijk = S_ijk x_i"):
        program = ic.Program(text + form)
        assert HELPER in program.compile("R", sizes={"m": 512, "n": 32, "k": 32}).source
        far = program.compile("R", sizes={"m": 512, "n": 100, "k": 100}).source
        assert "_by_rows" not in far  # rows of 10,000: NumPy reads them as they lie
        assert "einsum" not in far
    program = ic.Program(text + "R_ijk = S_ijk T_jk")
    assert "_by_rows" not in program.compile("R", sizes={"m": 512, "n": 100, "k": 100}).source


def test_truth_values_are_converted_in_long_pieces() -> None:
    source = source_of("R_ij = X_ij [b_j > 0.7]", 600, 600)
    assert "_by_rows" not in source


def test_in_place() -> None:
    source = source_of("R_ij = exp(X_ij) a_i", 600, 600)
    assert re.search(r"_by_rows\(np.multiply, a\[:, None\], (\w+), \1\)", source)


def test_a_ufunc_that_raises_leaves_the_buffer() -> None:
    names: dict[str, Any] = {"np": np}
    exec(BY_ROWS, names)
    with pytest.raises(ValueError, match="broadcast"):
        names["_by_rows"](np.multiply, np.ones(3), np.ones(4))
    assert np.getbufsize() == 4096
    seen: list[int] = []
    names["_by_rows"](lambda *_, out: seen.append(np.getbufsize()), 1, 2)
    assert seen == [256]
    assert np.getbufsize() == 4096


def test_warnings_are_those_of_the_ufunc() -> None:
    function = evaluate(source_of("R_ij = X_ij / a_i", 600, 600))
    given = data(3, 4)
    X, a = given["X"], np.zeros(3)
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        function(X=X, a=a)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("error")
        assert np.isinf(function(X=X, a=a)).all()
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        function(X=X, a=a)
    assert np.getbufsize() == 4096


def test_in_blocks_it_is_the_block_that_counts() -> None:
    text = "R_ij = exp(X_ij) a_i + b_j X_ij - X_ij^2 a_i + exp(-X_ij) b_j"
    long_rows, short_rows = (source_of(text, m, n) for m, n in ((3000, 1000), (100_000, 30)))
    for source in (long_rows, short_rows):
        assert "for start in range" in source
    assert "_by_rows(np.multiply, a[start:stop]" in long_rows
    assert "_by_rows" not in short_rows
    for m, n in ((3000, 1000), (70, 3), (1, 1), (0, 4)):
        given = data(m, n)
        a, b, X = given["a"], given["b"], given["X"]
        expected = np.exp(X) * a[:, None] + b * X - X**2 * a[:, None] + np.exp(-X) * b
        np.testing.assert_allclose(evaluate(long_rows)(**given), expected, rtol=1e-10)
