"""The SVG of many formulas: well-formed, nothing overlaps, every line ends where it should."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest

from indexcalc.drawing import coordinates, frames, placement, rows
from indexcalc.drawing.picture import Picture
from indexcalc.drawing.svg import draw
from indexcalc.errors import FormulaError, IndexNotationError
from indexcalc.ir.build import scale, variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.notation.component import to_component
from indexcalc.notation.names import NameStyle
from tests.drawing.formulas import CORPUS, DEEP, LOGISTIC, NEURON, SQUARE, displayed
from tests.drawing.geometry import Scene, faults, scene
from tests.strategies import random_problem

ROOT = Path(__file__).resolve().parents[2]
IDS = [query for _, query in CORPUS]
PLAIN = NameStyle()


def drawn(program: str, query: str) -> Scene:
    asked = displayed(program, query)
    return scene(draw(asked.node, asked.letters, asked.style))


# --- nothing overlaps -----------------------------------------------------------------------------


@pytest.mark.parametrize(("program", "query"), CORPUS, ids=IDS)
def test_nothing_overlaps_and_every_line_ends_somewhere(program: str, query: str) -> None:
    assert faults(drawn(program, query)) == []


def test_nothing_overlaps_in_pictures_of_random_formulas() -> None:
    drawings = 0
    for seed in range(250):
        problem = random_problem("any", seed, 4 + seed % 9, {"m": 1, "n": 2, "o": 3})
        letters = "ijklmnpqrs"[: len(problem.root.shape)]
        try:
            text = draw(problem.root, letters, PLAIN)
        except FormulaError:
            continue
        drawings += 1
        assert faults(scene(text)) == [], f"seed {seed}"
    assert drawings > 200


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (coordinates, "APART", -8.0),
        (placement, "RAISED", 5.0),
        (placement, "GAP", -6.0),
        (placement, "NAME", 40.0),
        (frames, "HEAD", 8.0),
        (frames, "CORNER", 60.0),
        (rows, "SPACE", -8.0),
    ],
)
def test_the_checker_sees_a_bad_layout(
    module: object, name: str, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, value)
    pictures = (drawn(*asked) for asked in [(LOGISTIC, "∂L/∂w_j"), (DEEP, "∂h_i/∂x_j"), CORPUS[5]])
    assert any(faults(picture) for picture in pictures)


# --- what is there --------------------------------------------------------------------------------


@pytest.mark.parametrize(("program", "query"), CORPUS, ids=IDS)
def test_each_free_letter_has_its_line_and_is_told_from_the_others(
    program: str, query: str
) -> None:
    asked = displayed(program, query)
    picture = scene(draw(asked.node, asked.letters, asked.style))
    outside = [
        wire.letter
        for wire in picture.of("leg")
        if all(picture.depth(end) == 0 for end in wire.ends)
    ]
    assert set(outside) >= set(asked.letters if picture.wires else ())
    assert set(picture.says("free")) >= set(asked.letters if picture.wires else ())
    if "where" not in picture.says("caption"):
        assert set(picture.says("free")) <= set(asked.letters)


def test_the_gradient_of_a_neuron_has_all_its_parts() -> None:
    picture = drawn(NEURON, "∂λ/∂W_ij")
    assert sorted(picture.says("name")) == ["w", "x", "y", "z", "λ"]
    assert sorted(picture.says("caption")) == ["exp", "σ′"]
    assert Counter(wire.letter for wire in picture.of("leg")) == {"i": 1, "j": 1}
    assert Counter(wire.letter for wire in picture.of("edge")) == {"i": 2}
    assert [wire.letter for wire in picture.of("through")] == ["i"]
    assert (len(picture.dots), len(picture.nodes), len(picture.frames)) == (1, 5, 3)
    assert picture.title == "-(1 - exp(-λ)) y w_i σ'(z_i) x_j"


def test_axes_of_one_tensor_are_told_apart() -> None:
    assert drawn(SQUARE, "A_ij x_j").says("name") == ["Aij", "x"]
    assert drawn(SQUARE, "A_ji x_j").says("name") == ["Aji", "x"]
    assert "ij" in drawn(SQUARE, "inv(A)_ij b_j").says("exponent")


def test_an_edge_through_a_frame_goes_on_inside() -> None:
    picture = drawn(DEEP, "h")
    through = picture.of("through")
    assert len(through) == 3
    for wire in through:
        others = [other for other in picture.wires if other is not wire]
        assert any(near(end, far) for end in wire.ends for other in others for far in other.ends)


def near(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return abs(one[0] - other[0]) < 0.5 and abs(one[1] - other[1]) < 0.5


def test_names_are_lettered_as_the_program_writes_them() -> None:
    text = draw(variable("ŷ_out", ()), [], PLAIN)
    assert 'font-style="italic">ŷ</tspan>' in text
    assert ">out</tspan>" in text
    assert draw(variable("W1", ()), [], NameStyle(spelling={"W1": "V_2"})).count(">V</tspan>") == 1


def test_index_names_of_several_letters_stand_on_the_lines() -> None:
    picture = drawn(*CORPUS[-1])
    assert picture.says("free") == ["class"]
    assert "batch" in picture.says("index")


# --- as a file ------------------------------------------------------------------------------------


def test_a_picture_stands_alone() -> None:
    for program, query in CORPUS:
        asked = displayed(program, query)
        text = draw(asked.node, asked.letters, asked.style)
        root = ET.fromstring(text)
        assert root.attrib["viewBox"] == f"0 0 {root.attrib['width']} {root.attrib['height']}"
        assert root[0].tag.endswith("title")
        assert root[0].text
        outside = re.findall(r"https?://[^\"' ]+|url\([^)]*\)|@import|href|<script|<image", text)
        assert outside == ["http://www.w3.org/2000/svg"]
        assert "prefers-color-scheme: dark" in text
        sheet = root[1].text or ""
        rules = [line for line in sheet.splitlines() if "{" in line and "@" not in line]
        assert len(rules) == 24
        assert all(rule.startswith(".contraction-graph ") for rule in rules)


@pytest.mark.parametrize(
    "name", ["a<b>&\"'", "]]>", "</svg>", "x\x00\x1b\ufffey", "--", "a\u202eb"]
)
def test_hostile_names_make_no_markup(name: str) -> None:
    n = Extent.named("n")
    node = contract([(variable(name, (n, n)), "ij"), (variable("x", (n,)), "j")], "i")
    picture = scene(draw(node, ['<i>&"'], PLAIN))
    assert len(picture.nodes) == 2
    assert picture.says("free") == ['<i>&"']


def test_a_long_formula_has_a_short_title() -> None:
    node = variable("x" * 3_000, ())
    title = scene(draw(scale(2, node), [], PLAIN)).title
    assert len(title) == 500
    assert title.endswith("…")


def test_a_dot_can_be_drawn_where_delta_is_a_name() -> None:
    n = Extent.named("n")
    names = NameStyle(taken=("δ", "I"))
    node = contract([(variable("x", (n,)), "i")], "ii")
    with pytest.raises(FormulaError):
        to_component(node, "ij", names)
    picture = scene(draw(node, "ij", names))
    assert (len(picture.dots), picture.title) == (1, "contraction graph")


def test_letters_must_fit_the_axes() -> None:
    with pytest.raises(IndexNotationError):
        draw(variable("x", (Extent.named("n"),)), [], PLAIN)


def test_the_title_is_the_printed_formula() -> None:
    asked = displayed(NEURON, "∂²λ/∂W_ij∂W_kl")
    text = draw(asked.node, asked.letters, asked.style)
    assert scene(text).title == to_component(asked.node, asked.letters, asked.style)


def test_the_same_formula_gives_the_same_picture_in_any_process(tmp_path: Path) -> None:
    script = tmp_path / "pictures.py"
    script.write_text(
        "import sys\n"
        f"sys.path[:0] = [{str(ROOT)!r}]\n"
        "from indexcalc.drawing.svg import draw\n"
        "from tests.drawing.formulas import CORPUS, displayed\n"
        "for program, query in CORPUS[::4]:\n"
        "    asked = displayed(program, query)\n"
        "    print(draw(asked.node, asked.letters, asked.style))\n",
        encoding="utf-8",
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-X", "utf8", str(script)],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1
    assert b"<svg" in next(iter(outputs))


def test_a_picture_shows_and_saves_itself(tmp_path: Path) -> None:
    picture = Picture(draw(variable("λ", ()), [], PLAIN))
    assert str(picture) == picture.svg == picture._repr_svg_()
    assert len(repr(picture)) < 100
    picture.save(tmp_path / "picture.svg")
    assert (tmp_path / "picture.svg").read_bytes() == picture.svg.encode()
    with pytest.raises(AttributeError):
        picture.svg = ""  # type: ignore[misc]
