"""The fit of the cost model: known rates come back, and the table that is written is a module."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.kernels import Sample, errors, fitted, matrices, summary, table
from indexcalc.plan import machine
from indexcalc.plan.machine import FEATURES

RATES = (500.0, 2.0, 0.05, 0.2, 0.4, 0.1, 0.0, 0.0)


def samples(noise: float = 0.0) -> list[Sample]:
    found: list[Sample] = []
    for rows in (1, 10, 300, 5000):
        for columns in (2, 30, 700):
            call = machine.dot(rows, columns, 10)
            exact = sum(r * f for r, f in zip(RATES, call.features, strict=True))
            found.append(Sample(call, 1e-9 * exact * (1 + noise * (-1) ** len(found))))
    return found


def test_exact_samples_are_fitted_exactly() -> None:
    exact = samples()
    assert max(map(abs, errors(exact, fitted(exact)))) < 0.02


def test_one_sample_that_was_disturbed_does_no_harm() -> None:
    exact = samples()
    disturbed = [*exact[:-1], Sample(exact[-1].call, 300 * exact[-1].taken)]
    assert max(map(abs, errors(exact[:-1], fitted(disturbed)))) < 0.25


def test_noise_is_averaged() -> None:
    assert max(map(abs, errors(samples(), fitted(samples(0.1))))) < 0.2


def test_the_table_is_a_module() -> None:
    names: dict[str, Any] = {}
    exec(table({"gemm": list(RATES)}, summary([0.0, 0.1])), names)
    assert names["FEATURES"] == FEATURES
    assert names["RATES"]["gemm"] == RATES
    assert all(len(rates) == len(FEATURES) for rates in names["RATES"].values())


def test_what_is_measured_can_be_called() -> None:
    call, function, operands = next(iter(matrices()))
    assert call.kernel == "inv"
    assert function(*operands).shape == pytest.approx((4, 4))
