"""The SVG of many formulas: nothing overlaps, every line ends where it should."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from indexcalc.drawing.svg import draw
from tests.drawing.formulas import CORPUS, displayed
from tests.drawing.geometry import Scene, faults, scene

ROOT = Path(__file__).resolve().parents[2]


def drawn(program: str, query: str) -> Scene:
    asked = displayed(program, query)
    return scene(draw(asked.node, asked.letters, asked.style))


@pytest.mark.parametrize(("program", "query"), CORPUS, ids=[query for _, query in CORPUS])
def test_nothing_overlaps_and_every_line_ends_somewhere(program: str, query: str) -> None:
    assert faults(drawn(program, query)) == []
