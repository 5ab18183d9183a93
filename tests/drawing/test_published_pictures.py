"""The pictures in the documents are those that the code draws.

`pytest tests/drawing/test_published_pictures.py --update-golden` draws them again; look at them
before you commit them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from indexcalc.drawing.svg import draw
from tests.drawing.formulas import LOGISTIC, NEURON, SQUARE, displayed
from tests.drawing.geometry import faults, scene

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
PICTURES = {
    "bilinear": (SQUARE, "x_i A_ij y_j"),
    "chain": (SQUARE, "A_ij B_jk x_k"),
    "trace": (SQUARE, "tr(A B C)"),
    "three": (SQUARE, "sum_i x_i y_i z_i"),
    "entrywise": (SQUARE, "R_i = x_i y_i"),
    "diagonal": (SQUARE, "R_ij = δ_ij x_i"),
    "total": (SQUARE, "sum_i x_i"),
    "function": (SQUARE, "exp(A_ij x_j)"),
    "difference": (SQUARE, "(A_ij - B_ij) x_j"),
    "power": (SQUARE, "c x_i^2"),
    "inverse": (SQUARE, "inv(A)_ij b_j"),
    "neuron-gradient": (NEURON, "∂λ/∂W_ij"),
    "neuron-hessian": (NEURON, "∂²λ/∂W_ij∂W_kl"),
    "logistic-hessian": (LOGISTIC, "∂²L/∂w_j∂w_k"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_published_picture_is_up_to_date(name: str, request: pytest.FixtureRequest) -> None:
    asked = displayed(*PICTURES[name])
    text = draw(asked.node, asked.letters, asked.style)
    file = FOLDER / f"{name}.svg"
    if request.config.getoption("--update-golden"):
        file.write_text(text, encoding="utf-8", newline="\n")
    assert faults(scene(text)) == []
    assert file.read_text(encoding="utf-8") == text


def test_every_picture_in_the_folder_is_checked_and_shown() -> None:
    assert {file.stem for file in FOLDER.glob("*.svg")} == set(PICTURES)
    page = (FOLDER.parent / "pictures.md").read_text(encoding="utf-8")
    assert all(f"(pictures/{name}.svg)" in page for name in PICTURES)
