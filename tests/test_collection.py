"""The collector of cycles waits for a block, and then runs again if it ran before."""

from __future__ import annotations

import gc

import pytest

import indexcalc as ic
from indexcalc.collection import uncollected


@pytest.mark.parametrize("runs", [True, False])
def test_the_collector_is_as_before_whatever_happens(runs: bool) -> None:
    (gc.enable if runs else gc.disable)()
    try:
        with uncollected():
            assert not gc.isenabled()
        assert gc.isenabled() == runs
        with pytest.raises(ic.FormulaError), uncollected():
            raise ic.FormulaError("no formula")
        assert gc.isenabled() == runs
    finally:
        gc.enable()


def test_the_collector_runs_between_and_after_all_steps() -> None:
    program = ic.Program("f = log(1 + exp(x_i w_i))")
    assert gc.isenabled()
    function = program.compile("∂f/∂w_j")
    assert gc.isenabled()
    function(x=[1.0], w=[0.0])
    assert gc.isenabled()
    with pytest.raises(ic.FormulaError):
        ic.Program("y_i = x_j")
    assert gc.isenabled()
