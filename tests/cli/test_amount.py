"""Amounts of memory on the command line, and what they are for."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from pathlib import Path

import numpy as np
import pytest

from indexcalc.cli import main
from indexcalc.cli.amount import size_in_bytes


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("12", 12), ("12b", 12), ("3kB", 3_000), ("3 KiB", 3_072), ("2.5g", 2_500_000_000),
     ("1Tib", 1024**4), (" 7 MB ", 7_000_000)],
)  # fmt: skip
def test_amounts(text: str, size: int) -> None:
    assert size_in_bytes(text) == size


@pytest.mark.parametrize("text", ["", "MB", "-3", "3 i", "3 pounds", "1e6", "3.GB", "٣MB kB"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="no amount of memory"):
        size_in_bytes(text)


def test_eval_within_a_limit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, out = tmp_path / "in.npz", tmp_path / "out.npz"
    x = np.linspace(0, 1, 1_000)
    np.savez(data, x=x)
    program = "x[n]; f = Σ_ij exp(-(x_i - x_j)^2)"
    arguments = ["eval", program, "f", "--data", str(data), "-o", str(out)]
    assert main([*arguments, "--memory-limit", "100kB"]) == 0
    with np.load(out) as found:
        np.testing.assert_allclose(found["f"], np.exp(-((x[:, None] - x) ** 2)).sum())
    assert main([*arguments, "--memory-limit", "100"]) == 2
    assert re.search(r"[\d,]{9,} bytes are needed, and the limit is 100", capsys.readouterr().err)
