"""A picture means what its formula means: read back from its lines it has the same value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from indexcalc.drawing.diagram import diagram
from indexcalc.drawing.lettering import plain
from indexcalc.drawing.naming import DEEPEST, MOST_IN_FRAME, with_names
from indexcalc.drawing.network import Dot, End, Frame, Line, Loop, Tag, Tensor, networks_of, rows_in
from indexcalc.errors import FormulaError, LimitError
from indexcalc.interpret import interpret
from indexcalc.ir.node import Function, Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.notation.component import arrangement
from indexcalc.notation.names import NameStyle
from tests.drawing.formulas import CORPUS, DEEP, NEURON, SQUARE, displayed
from tests.drawing.reading import SLOPES, Reader, UnknownSizeError
from tests.strategies import random_problem

KINDS = ("any", "exact", "smooth")
UNKNOWN = {
    Function(name, (order,), "abstract"): slope
    for name in "σφ"
    for order, slope in enumerate(SLOPES)
}
ORDERS = ((1, 2, 3), (3, 1, 2), (2, 3, 1))


def lines_of(node: Node, letters: Sequence[str], style: NameStyle) -> list[Line]:
    made = arrangement(node, letters, style)
    used = {line.name for line in made.where} | made.spelling.known
    return with_names(diagram(made, letters), style.fresh_names("t", used))


def read_back(seed: int) -> str:
    """What became of a random formula: "same", or why it could not be compared."""
    dimensions = dict(zip("mno", ORDERS[seed % 3], strict=True))
    problem = random_problem(KINDS[seed % 2], seed, 4 + seed % 9, dimensions)
    node, values = problem.root, problem.values()
    try:
        lines = lines_of(node, "ijklmnpqrs"[: len(node.shape)], NameStyle())
    except FormulaError:
        return "refused"
    wanted = interpret(node, values, problem.sizes)
    try:
        given = Reader(lines, values | problem.sizes).value(wanted.shape)
    except UnknownSizeError:
        return "no size"
    np.testing.assert_allclose(given, wanted, rtol=1e-7, atol=1e-8, err_msg=f"seed {seed}")
    return "same"


def test_pictures_of_random_formulas_have_their_values() -> None:
    outcomes = Counter(read_back(seed) for seed in range(300))
    assert outcomes["same"] >= 200, outcomes


@pytest.mark.parametrize(("program", "query"), CORPUS, ids=[query for _, query in CORPUS])
def test_pictures_of_the_corpus_have_their_values(program: str, query: str) -> None:
    asked = displayed(program, query)
    lines = lines_of(asked.node, asked.letters, asked.style)
    names = {part.name: part for part in postorder([asked.node]) if isinstance(part, Variable)}
    shapes = [part.shape for part in names.values()] + [asked.node.shape]
    extents = sorted({"n", *(name for shape in shapes for e in shape for name in e.names)})
    sizes = {name: 2 + place % 3 for place, name in enumerate(extents)}
    if "c_i = ε" in program:
        sizes = dict.fromkeys(sizes, 3)
    source = np.random.default_rng(7)
    values = {
        name: source.uniform(0.2, 0.8, [extent.evaluate(sizes) for extent in part.shape])
        for name, part in names.items()
    }
    wanted = interpret(asked.node, values, sizes, functions=UNKNOWN)
    given = Reader(lines, values | sizes).value(wanted.shape)
    np.testing.assert_allclose(given, wanted, rtol=1e-9)


# --- what is drawn how ----------------------------------------------------------------------------


def summary(program: str, query: str) -> dict[str, int]:
    """How many shapes of each kind there are on all lines."""
    asked = displayed(program, query)
    found: Counter[str] = Counter()
    for line in lines_of(asked.node, asked.letters, asked.style):
        found["line"] += 1
        for row in rows_in(line.row):
            found["term"] += len(row.items)
            for network in networks_of(row):
                found.update(type(vertex).__name__ for vertex in network.vertices)
    return dict(sorted(found.items()))


@pytest.mark.parametrize(
    ("program", "query", "wanted"),
    [
        (SQUARE, "A_ij x_j", {"End": 1, "Tag": 1, "Tensor": 2, "line": 1, "term": 1}),
        (SQUARE, "tr(A B C A)", {"Tag": 4, "Tensor": 4, "line": 1, "term": 1}),
        (SQUARE, "A_ii", {"Loop": 1, "Tensor": 1, "line": 1, "term": 1}),
        (SQUARE, "R_i = A_ii", {"Dot": 1, "End": 1, "Tensor": 1, "line": 1, "term": 1}),
        (SQUARE, "sum_i x_i y_i z_i", {"Dot": 1, "Tensor": 3, "line": 1, "term": 1}),
        (SQUARE, "R_ij = δ_ij x_i", {"Dot": 1, "End": 2, "Tensor": 1, "line": 1, "term": 1}),
        (SQUARE, "sum_i x_i", {"Dot": 1, "Tensor": 1, "line": 1, "term": 1}),
        (SQUARE, "A_ij + A_ji", {"End": 4, "Tensor": 2, "line": 1, "term": 2}),
        (SQUARE, "c", {"Tensor": 1, "line": 1, "term": 1}),
        (SQUARE, "0", {"line": 1, "term": 1}),
        (SQUARE, "x_i^2 c^2", {"End": 2, "Frame": 1, "Tensor": 2, "line": 1, "term": 2}),
        (SQUARE, "inv(A)_ij b_j",
         {"End": 1, "Frame": 1, "Tag": 1, "Tensor": 2, "line": 1, "term": 2}),
        (NEURON, "∂λ/∂W_ij",
         {"Dot": 1, "End": 3, "Frame": 3, "Tensor": 5, "line": 1, "term": 5}),
        (DEEP, "h", {"End": 4, "Frame": 3, "Tag": 3, "Tensor": 4, "line": 1, "term": 4}),
    ],
)  # fmt: skip
def test_what_is_drawn(program: str, query: str, wanted: dict[str, int]) -> None:
    assert summary(program, query) == wanted


@pytest.mark.parametrize(("program", "query"), CORPUS, ids=[query for _, query in CORPUS])
def test_a_free_letter_is_once_in_each_term_that_has_it(program: str, query: str) -> None:
    asked = displayed(program, query)
    lines = lines_of(asked.node, asked.letters, asked.style)
    seen: set[str] = set()
    for item in lines[0].row.items:
        networks = item.term.networks
        ends = [v.letter for n in networks for v in n.vertices if isinstance(v, End)]
        assert len(set(ends)) == len(ends)
        assert set(ends) <= set(asked.letters)
        seen |= set(ends)
    assert query in {"0", "c"} or seen == set(asked.letters)


def test_an_edge_joins_an_index_to_what_has_it() -> None:
    for program, query in CORPUS:
        asked = displayed(program, query)
        for line in lines_of(asked.node, asked.letters, asked.style):
            for network in (n for row in rows_in(line.row) for n in networks_of(row)):
                check_edges(network.vertices, [(e.one, e.other, e.letter) for e in network.edges])


def check_edges(vertices: Sequence[object], edges: Sequence[tuple[int, int, str]]) -> None:
    letters: dict[int, list[str]] = {v: [] for v in range(len(vertices))}
    for one, other, letter in edges:
        letters[one].append(letter)
        letters[other].append(letter)
        kinds = {type(vertices[one]), type(vertices[other])}
        assert kinds & {Dot, Tag, Loop, End}
        assert kinds - {Tag, Loop, End}
    for v, vertex in enumerate(vertices):
        if isinstance(vertex, Tensor | Frame):
            slots = vertex.indices if isinstance(vertex, Tensor) else vertex.ports
            loops = [a for a in set(slots) if slots.count(a) > letters[v].count(a)]
            assert all(slots.count(a) == 2 and letters[v].count(a) == 1 for a in loops)
            assert sorted(set(letters[v])) == sorted(set(slots))
        if isinstance(vertex, Tag):
            assert len(letters[v]) == 2


# --- large ones -----------------------------------------------------------------------------------


def test_frames_are_not_nested_deeply() -> None:
    asked = displayed("h_i = " + "sin(" * 20 + "x_i" + ")" * 20, "h")
    lines = lines_of(asked.node, asked.letters, asked.style)
    assert [len(rows_in(line.row)) - 1 for line in lines] == [DEEPEST + 1] * 5
    assert len({plain(line.name) for line in lines}) == 5


def test_a_frame_does_not_hold_much() -> None:
    for program, query in CORPUS:
        asked = displayed(program, query)
        for line in lines_of(asked.node, asked.letters, asked.style):
            for row in rows_in(line.row)[1:]:
                solid = [
                    v
                    for inner in rows_in(row)
                    for n in networks_of(inner)
                    for v in n.vertices
                    if isinstance(v, Tensor | Frame | Dot)
                ]
                alone = len(networks_of(line.row)) == 1
                assert alone or len(solid) <= MOST_IN_FRAME


def test_names_that_are_taken_are_not_given() -> None:
    asked = displayed("h_i = " + "sin(" * 9 + "t1_i + t2_i" + ")" * 9, "h")
    lines = lines_of(asked.node, asked.letters, asked.style)
    names = [plain(line.name).replace("_", "") for line in lines[1:]]
    assert names
    assert not {"t1", "t2"} & set(names)


@pytest.mark.parametrize(
    "text",
    [
        "h_i = " + " + ".join(f"A{k}_ij x_j" for k in range(300)),
        "h_i = " + " ".join(f"v{k}_i" for k in range(500)),
        "h_i = " + "sin(" * 3_000 + "x_i" + ")" * 3_000,
    ],
)
def test_what_is_too_large_is_refused_with_advice(text: str) -> None:
    asked = displayed(text, "h")
    with pytest.raises(LimitError, match="not drawn") as caught:
        lines_of(asked.node, asked.letters, asked.style)
    assert "give names" in caught.value.hint
