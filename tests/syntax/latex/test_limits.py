"""Any text gives a tree or a `FormulaError`, long and deep ones in time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexcalc.errors import FormulaError, LimitError, Source
from indexcalc.syntax.limits import SyntaxLimits
from indexcalc.syntax.parser import parse_program
from tests.syntax import golden_lines

TEXTS = [case.given for case in golden_lines.read(Path(__file__).with_name("trees.golden"))]
PIECES = [
    *r"abxdWT()[]{}_^+-*/=&$\'|.,:;12<> %~#é⊤∂²ŷ∇⟨",
    *(rf"\{word}" for word in (
        "frac", "frac12", "sqrt", "sqrt[3]", "left(", "right)", "left.", "mathbf", "mathrm{tr}",
        "text{ and }", "hat", "log", "tan^2", "max", "sum_i", "sum_{i=1}^n", "partial", "nabla_x",
        "cdot", "odot", "\\", "cr", "[", "]", "begin{align*}", "end{align*}", "eqalign{", "over",
        "prime", "in", "mathbb{R}^{m\\times n}", "langle", "rangle", "implies", "{", "}", "|",
        "frac{\\partial f}{\\partial x}", "frac{\\partial}{\\partial x}", "frac{d}{dx}", "label{",
        "mathcal{L}", "foo", "le", "rm d",
    )),
    *("{\\bf A}", "f(x)=", "S'=", "I_n", "W1", "log", "tr(", "assume ", "[m,n]", "^{(1)}", "^T"),
    *("_{ij}", "^{-1}", "==", "$$", "\n", "0.5"),
]  # fmt: skip


def refusal(text: str) -> FormulaError | None:
    """The error that the text gives; any other exception is a failure of the test."""
    try:
        parse_program(Source(text), notation="latex")
    except FormulaError as error:
        return error
    return None


def holds(text: str) -> None:
    error = refusal(text)
    if error is not None:
        assert error.message
        assert str(error)
        for mark in error.marks:
            assert 0 <= mark.span.start <= mark.span.end <= len(text)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_any_pieces_give_a_tree_or_a_formula_error(text: str) -> None:
    holds(text)


@given(st.text(max_size=12))
def test_any_text_gives_a_tree_or_a_formula_error(text: str) -> None:
    holds(text)


@given(
    st.sampled_from(TEXTS),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 3), st.sampled_from([*PIECES, ""])), max_size=3
    ),
)
def test_any_change_of_a_formula_gives_a_tree_or_a_formula_error(
    text: str, changes: list[tuple[float, int, str]]
) -> None:
    for place, dropped, piece in changes:
        start = round(place * len(text))
        text = text[:start] + piece + text[start + dropped :]
    holds(text)


MANY, DEEP, SECONDS = 5_000, 20_000, 20


@pytest.mark.parametrize(
    "text",
    [
        " + ".join(["a_i x_i"] * MANY),
        "x" * MANY,
        "(" * DEEP + "x" + ")" * DEEP,
        "{" * DEEP + "x" + "}" * DEEP,
        r"\frac{" * MANY + "x" + "}{2}" * MANY,
        r"\sqrt{" * DEEP + "x" + "}" * DEEP,
        "x^{" * MANY + "2" + "}" * MANY,
        r"{a \over " * MANY + "b" + "}" * MANY,
        r"\log" * DEEP + " x",
        r"\mathbf{" * DEEP + "x" + "}" * DEEP,
        r"\sum_i" * DEEP + "x",
        r"\frac{\partial}{\partial x}" * 2_000 + "f",
        r"\frac{\partial " * 2_000 + "f" + r"}{\partial x}" * 2_000,
        r"a &= b \\" * MANY,
        r"\underbrace{" * DEEP + "x" + "}" * DEEP,
        r"\norm{" * MANY + "x" + "}" * MANY,
        r"\partial_x " * 2_000 + "f",
        r"\partial x + " * MANY + "y = z",
        r"\sum_{i=1}^{n} " * 2_000 + "x_i",
        r"\hat{y_i} " * MANY,
        r"\tr A " + "B " * MANY,
        "x, " * MANY,
    ],
    ids=lambda text: text[:12],
)
def test_long_and_deep_texts_are_read_in_time(text: str) -> None:
    start = time.perf_counter()
    assert parse_program(Source(text), notation="latex").statements
    assert time.perf_counter() - start < SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "{" * DEEP, "}" * DEEP, r"\frac" * DEEP, "x_" * DEEP, "$" * (DEEP + 1), r"\left(" * DEEP,
        "x[1," * DEEP, "_{" * DEEP, r"\hat" * DEEP + "xy", "d" * DEEP, "f(x)=" * MANY,
        r"\begin{cases} x & y > 0 \\" * MANY, r"\left\{\begin{array}{l}" * MANY,
        r"\sum_{i=1}^{" * DEEP, r"\pdv{f}" * DEEP, r"\sqrt[" * DEEP,
        "(a," * DEEP + "b" + ")" * DEEP, "{" * 100 + "x" + "}_1" * 100,
    ],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_long_and_wrong_texts_are_refused_in_time(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(FormulaError):
        parse_program(Source(text), notation="latex")
    assert time.perf_counter() - start < SECONDS


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("{{x}}", SyntaxLimits(depth=1)),
        ("x + y", SyntaxLimits(characters=4)),
        (r"\frac{\partial^9 f}{\partial x^9}", SyntaxLimits(order=8)),
        ("1" * 1_000, SyntaxLimits()),
        ("x^{" + "1" * 1_000 + "}", SyntaxLimits()),
        ("x" + "_1" * 100, SyntaxLimits()),
    ],
)
def test_limits(text: str, limits: SyntaxLimits) -> None:
    with pytest.raises(LimitError):
        parse_program(Source(text), limits=limits, notation="latex")
