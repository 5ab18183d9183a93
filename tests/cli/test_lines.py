"""Rows in columns, and long formulas broken before + and -."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexcalc.cli.lines import Row, broken, columns, laid_out

LONG = "a_i (b_j + c_j) + d_i (e_jk f_k - g_j) - h_ij"


def text(*rows: Row, width: int | None = None, joint: str = " = ") -> str:
    return "\n".join(laid_out(rows, width, joint))


def test_equals_signs_and_remarks_stand_in_columns() -> None:
    assert text(Row("∂f/∂x", "2 x"), Row("∂²f/∂x²", "2 I", "rows"), Row("f", "x", "axes")) == (
        "∂f/∂x   = 2 x\n∂²f/∂x² = 2 I    # rows\nf       = x      # axes"
    )


def test_combining_accents_take_no_column() -> None:
    assert text(Row("x̂", "1"), Row("xy", "2")) == "x̂  = 1\nxy = 2"


def test_what_is_below_a_formula_stays_below() -> None:
    assert (
        text(Row("f", "t1 x\n  where t1 = A", "axes i")) == "f = t1 x    # axes i\n  where t1 = A"
    )
    assert text(Row("  index", "t x\n  where t = A"), joint="  ") == (
        "  index  t x\n         where t = A"
    )


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (80, [LONG]),
        (40, ["a_i (b_j + c_j) + d_i (e_jk f_k - g_j)", "- h_ij"]),
        (25, ["a_i (b_j + c_j)", "+ d_i (e_jk f_k - g_j)", "- h_ij"]),
        (16, ["a_i (b_j + c_j)", "+ d_i (e_jk f_k", "  - g_j)", "- h_ij"]),
        (8, ["a_i (b_j", "  + c_j)", "+ d_i", "(e_jk", "  f_k", "  - g_j)", "- h_ij"]),
    ],
)
def test_outer_signs_break_first(width: int, lines: list[str]) -> None:
    assert broken(LONG, width) == lines


def test_a_long_row_goes_on_below_its_right_side() -> None:
    assert text(Row("∂f/∂x_ij", LONG, "axes i, j"), width=40) == (
        "∂f/∂x_ij = a_i (b_j + c_j)\n"
        "           + d_i (e_jk f_k - g_j) - h_ij\n"
        "           # axes i, j"
    )


def test_a_right_side_without_room_stands_below() -> None:
    shown = text(Row("∂(a_i b_i c_j)/∂x_k", "a + b"), width=24)
    assert shown == "∂(a_i b_i c_j)/∂x_k =\n    a + b"


@given(
    st.lists(
        st.sampled_from([" + ", " - ", " ", "(", ")", "a_i", "xyz", "{", "}", "‖"]), max_size=60
    ),
    st.integers(1, 40),
)
def test_nothing_is_lost_and_lines_fit_where_they_can(parts: list[str], width: int) -> None:
    formula = "".join(parts).strip()
    lines = broken(formula, width)
    assert " ".join(" ".join(lines).split()) == " ".join(formula.split())
    for line in lines:
        assert columns(line) <= width or " " not in line.strip()[2:]
