"""Unknown extents: unification, products, where an extent is from."""

from __future__ import annotations

from itertools import pairwise

import pytest

from indexcalc.elaborate.extents import ExtentTable, show
from indexcalc.errors import ShapeError, Source, Span
from indexcalc.ir.extent import Extent
from tests.elaborate.reading import M, N, error_of, read, shapes

HERE, THERE = Span(Source("x_i y_i"), 0, 3), Span(Source("x_i y_i"), 4, 7)


def unify(table: ExtentTable, left: Extent, right: Extent) -> None:
    table.unify(left, right, HERE, THERE, "index i")


def test_unknowns_are_joined_before_either_is_known() -> None:
    table = ExtentTable()
    first, second, third = table.fresh(), table.fresh(), table.fresh()
    unify(table, first, second)
    unify(table, second, third)
    unify(table, third, N)
    assert table.solve_shape((first, second, third)) == (N, N, N)


def test_long_chains_of_unknowns_take_linear_time() -> None:
    table = ExtentTable()
    unknowns = [table.fresh() for _ in range(20_000)]
    for left, right in pairwise(unknowns):
        unify(table, left, right)
    unify(table, unknowns[-1], N)
    assert all(table.solve(unknown) == N for unknown in unknowns)


def test_a_product_is_divided_by_what_is_known() -> None:
    table = ExtentTable()
    unknown = table.fresh()
    unify(table, unknown * N, M * N)
    assert table.solve(unknown) == M
    other = table.fresh()
    unify(table, other * Extent.fixed(3), Extent.fixed(12))
    assert table.solve(other) == Extent.fixed(4)


def test_an_equation_with_two_unknowns_waits() -> None:
    table = ExtentTable()
    rows, columns = table.fresh(), table.fresh()
    unify(table, rows * columns, M * N)
    table.settle()
    assert table.pending
    unify(table, rows, M)
    table.settle()
    assert not table.pending
    assert table.solve(columns) == N


def test_a_wrong_product_is_found_once_its_factors_are_known() -> None:
    table = ExtentTable()
    rows, columns = table.fresh(), table.fresh()
    unify(table, rows * columns, Extent.fixed(6))
    unify(table, rows, Extent.fixed(2))
    unify(table, columns, Extent.fixed(2))
    with pytest.raises(ShapeError, match="index i has two extents: 4 and 6"):
        table.settle()


def test_an_unknown_is_not_part_of_itself() -> None:
    table = ExtentTable()
    unknown = table.fresh()
    unify(table, unknown, unknown + Extent.fixed(1))
    assert table.pending


def test_a_copy_is_independent_and_can_be_restored() -> None:
    table = ExtentTable()
    unknown = table.fresh()
    before = table.copy()
    unify(table, unknown, N)
    assert before.solve(unknown) == unknown
    table.restore(before)
    assert table.solve(unknown) == unknown
    assert table.fresh() != unknown


def test_unknowns_are_shown_as_question_marks() -> None:
    assert show(ExtentTable().fresh() * N) == "?*n"


# --- in programs --------------------------------------------------------------------------------


def test_extents_are_named_in_order_of_appearance_and_around_names_in_use() -> None:
    assert shapes("z_i = W_ij x_j") == {"z": "m", "W": "m×n", "x": "n"}
    assert shapes("x[n]; y_i = W_ij x_j") == {"x": "n", "y": "m", "W": "m×n"}
    assert shapes("f = m_i m_i + q_ij q_ij + n") == {
        "f": "scalar", "m": "p", "q": "r×s", "n": "scalar",
    }  # fmt: skip


def test_a_clash_tells_where_an_inferred_extent_is_from() -> None:
    error = error_of("W[3,4], V[3,5]\ny_i = W_ij x_j\nz_i = V_ij x_j")
    notes = [mark.note for mark in error.marks]
    assert notes == ["here it is 5, from V[3,5] in line 1", "here it is 4, from W[3,4] in line 1"]


def test_a_claim_tells_extents_but_a_wrong_one_breaks_nothing() -> None:
    assert shapes("f = x_i x_i\nA_ij x_j == y_i")["A"] == "n×m"
    program = read("x[2]; y[3]; f = x_i x_i + y_i y_i\nx_i == y_i")
    assert program.claims[0].letters == ("i",)
    assert read("f = x_i x_i\ndf == 2 x_i dx_i").claims[0].letters is None


def test_a_query_cannot_change_the_program_and_says_so() -> None:
    error = error_of("f = x_i x_i\ng = y_i y_i", "x_i y_i")
    assert error.message == "index i has two extents: m and n"
