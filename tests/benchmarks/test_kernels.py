"""The fit of the cost model: known rates come back, and the table that is written is a module."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest

from benchmarks.kernels import (
    Sample,
    errors,
    fitted,
    matrices,
    measured,
    renewed,
    repeated,
    summary,
    table,
)
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


def test_some_rows_are_renewed() -> None:
    rates = list(RATES)
    before = table({"gemm": rates, "gram": rates}, summary([0.0, 0.1]))
    names: dict[str, Any] = {}
    exec(renewed(before, {"gram": [7.0] * 8, "rows": [8.0] * 8}), names)
    assert names["RATES"]["gemm"] == RATES
    assert names["RATES"]["gram"] == (7.0,) * 8
    assert names["RATES"]["rows"] == (8.0,) * 8
    assert list(names["RATES"])[-1] == "rows"


def test_a_short_buffer_is_set_while_its_kernels_are_measured() -> None:
    seen: list[tuple[str, int]] = []
    kernels = {call.kernel: call for call, _, _ in islice(repeated(), 100)}
    assert set(kernels) == {"buffer", "spread", "broadcast", "spread_rows", "rows"}
    for kernel in ("rows", "broadcast"):
        measured(kernels[kernel], lambda k=kernel: seen.append((k, np.getbufsize())), ())
    assert {size for kernel, size in seen if kernel == "rows"} == {256}
    assert {size for kernel, size in seen if kernel == "broadcast"} == {np.getbufsize()}
