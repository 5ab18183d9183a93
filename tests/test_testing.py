"""Claims as assertions."""

from __future__ import annotations

from pathlib import Path

import pytest

import indexcalc as ic
from indexcalc.testing import assert_holds

PROGRAM = "A[n, n], x[n]; f = x^T A x"


def test_what_holds_passes(tmp_path: Path) -> None:
    assert_holds(PROGRAM, "∂f/∂x == (A + A^T) x", "∂²f/∂x∂x == A + A^T")
    assert_holds(ic.Program(PROGRAM), "∂f/∂A == x x^T")
    path = tmp_path / "paper.ic"
    path.write_text(f"{PROGRAM}\n∂f/∂x == A x + A^T x\n", encoding="utf-8")
    assert_holds(path)


def test_all_that_breaks_is_reported() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_holds(PROGRAM, "∂f/∂x == 2 A x", "∂f/∂x == (A + A^T) x", "∂f/∂A == x x")
    report = str(caught.value)
    assert "∂f/∂x == 2 A x" in report
    assert "∂f/∂A == x x" in report
    assert "(A + A^T) x ==" not in report


def test_nothing_to_check_is_no_success() -> None:
    with pytest.raises(ic.FormulaSyntaxError, match="no claim to check"):
        assert_holds(PROGRAM)
