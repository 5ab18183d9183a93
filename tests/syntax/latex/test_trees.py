"""LaTeX to trees: golden cases, equal spellings, places, files of the grammar."""

from __future__ import annotations

from pathlib import Path

import lark
import pytest

from indexcalc.errors import FormulaError, FormulaSyntaxError, Source
from indexcalc.syntax import grammar, tables, tree
from indexcalc.syntax.latex.detect import detect
from indexcalc.syntax.parser import parse_program, parse_query
from tests.syntax import golden_lines
from tests.syntax.tree_dump import dump

TREES = Path(__file__).with_name("trees.golden")
ERRORS = Path(__file__).with_name("errors.golden")
CASES = golden_lines.read(TREES)
MISTAKES = golden_lines.read(ERRORS)
INNER_WORDS = ("lark", "token", "terminal", "RPAR", "LPAR", "CALL_OPEN", "EXTENTS", "$END", "None")


def parsed(text: str) -> str:
    return dump(parse_program(Source(text), notation="latex"))


def answer(text: str) -> str:
    try:
        return parsed(text)
    except FormulaError as error:
        return f"refused: {error.message}"


def error_of(text: str) -> str:
    try:
        parse_program(Source(text), notation="latex")
    except FormulaError as error:
        shown = f"{type(error).__name__}: {error}"
        return "\n".join(line.rstrip() or "    ." for line in shown.split("\n"))
    return "no error"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.given)
def test_golden_tree(case: golden_lines.Case, request: pytest.FixtureRequest) -> None:
    given = answer(case.given)
    if given != case.golden and request.config.getoption("--update-golden"):
        golden_lines.update(TREES, answer)
    else:
        assert given == case.golden
    assert not given.startswith("refused")


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: case.given)
def test_golden_error(case: golden_lines.Case, request: pytest.FixtureRequest) -> None:
    given = error_of(case.given)
    if given != case.golden and request.config.getoption("--update-golden"):
        golden_lines.update(ERRORS, error_of)
    else:
        assert given == case.golden
    assert given != "no error"


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: case.given)
def test_an_error_marks_a_place_and_speaks_no_parser_language(case: golden_lines.Case) -> None:
    with pytest.raises(FormulaError) as caught:
        parse_program(Source(case.given), notation="latex")
    error = caught.value
    assert error.line >= 1
    assert error.hint
    for mark in error.marks:
        assert 0 <= mark.span.start <= mark.span.end <= len(case.given)
    assert not [word for word in INNER_WORDS if word in error.message + error.hint]


# --- the same formula in several spellings ------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (r"\frac12", r"\frac{1}{2}"),
        (r"{a \over b}", r"\frac{a}{b}"),
        (r"\dfrac{a}{b}", r"\tfrac ab"),
        (r"x_12", r"x_{1} 2"),
        (r"x^23", r"x^{2} 3"),
        (r"\mathbf{A}\boldsymbol{x}", "A x"),
        (r"{\bf A}x", "A x"),
        (r"A^\intercal", r"A^{\mathsf T}"),
        (r"\operatorname{tr}(A)", r"\mathrm{tr}\left[A\right]"),
        (r"\mbox{tr}\{A\}", "tr(A)"),
        (r"\hat{\mathbf{y}}", "ŷ"),
        (r"\Vert x \Vert", r"\lVert x \rVert"),
        (r"\sum_{i=1}^n x_i", r"\sum_i x_i"),
        (r"\mathrm{d}L = 0", "dL = 0"),
        (r"\frac{\mathrm{d}y}{\mathrm{d}x}", r"\frac{dy}{dx}"),
        (r"$$a &= b \cr &= c$$", r"\begin{align*} a &= b \\ &= c \end{align*}"),
        (r"\[ a \] % why", "$a$"),
        (r"\nabla_x f", r"\nabla_{x} f"),
        (r"\log y", r"\log{y}"),
        (r"W^{(2)T}", r"{W^{(2)}}^T"),
    ],
)
def test_spellings_of_one_formula(first: str, second: str) -> None:
    assert parsed(first) == parsed(second)


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\frac{\partial \lambda}{\partial W_{ij}}", "(∂(λ)/∂W_{ij})"),
        (r"\frac{\partial^2 f}{\partial x_i \partial x_j}", "(∂²(f)/∂x_{i}∂x_{j})"),
        (r"\sigma(W x + b)", "σ(W x + b)"),
        (r"W \in \mathbb{R}^{m\times n}", "W ∈ ℝ^{m×n}"),
        (r"\sum_{i} \alpha_i \log(x_i)", "sum_{i} α_{i} log(x_{i})"),
        (r"A \odot B \otimes C : D", "A ⊙ B ⊗ C : D"),
        (r"e^{-\lambda}", "e^{-λ}"),
        (r"x^\top A^{-1}_{ij}", "x^⊤ A^{-1}_{ij}"),
        (r"\mathrm{\Delta x}_1 \mathrm{\hat{y}s}_i + \mathrm{\alpha}", "Δx_{1} ŷs_{i} + α"),
        (r"\sum_{\mathit{row},i1} A_{\mathit{row},i1}", "sum_{row,i1} A_{row,i1}"),
        (r"g^{(1,0)}(x, y) + g^{(12)}", "g^(1, 0)(x, y) + g^(12)"),
        (r"x^{\circ 2} \oslash y^{\circ -1} + (x)^{\circ c/2}", "x.^2 ./ y.^{-1} + (x).^{c/2}"),
    ],
)
def test_latex_gives_the_tree_of_the_text(latex: str, text: str) -> None:
    assert parsed(latex) == dump(parse_program(Source(text)))


def test_every_part_lies_inside_the_whole() -> None:
    for case in CASES:
        stack: list[tree.Tree] = [parse_program(Source(case.given), notation="latex")]
        while stack:
            node = stack.pop()
            for child in node.children():
                assert node.span.start <= child.span.start <= child.span.end <= node.span.end
                stack.append(child)


def test_places_are_those_of_the_latex() -> None:
    (statement,) = parse_program(Source(r"y = \mathbf{W}^{\top} x"), notation="latex").statements
    assert isinstance(statement, tree.Definition)
    assert statement.value.span.text == r"\mathbf{W}^{\top} x"


# --- names ------------------------------------------------------------------------------------


def test_a_run_of_letters_is_a_product_unless_it_is_known() -> None:
    assert dump(parse_query(Source("abc"), notation="latex")) == "query {a b c}"
    assert dump(parse_query(Source("abc"), {"abc"}, notation="latex")) == "query abc"
    with pytest.raises(FormulaSyntaxError, match="two readings"):
        parse_query(Source("abcd"), {"abc"}, notation="latex")


def test_a_figure_behind_a_name_is_a_label_if_there_is_such_a_name() -> None:
    assert dump(parse_query(Source("y1"), notation="latex")) == "query {y 1}"
    assert dump(parse_query(Source("y1"), {"y1"}, notation="latex")) == "query y_{1}"


def test_d_and_t_are_what_they_are_declared_to_be() -> None:
    assert dump(parse_query(Source("dx"), notation="latex")) == "query dx"
    assert dump(parse_query(Source("dx"), {"d", "x"}, notation="latex")) == "query {d x}"
    assert dump(parse_query(Source("A^t"), notation="latex")) == "query [transpose A]"
    assert dump(parse_query(Source("A^t"), {"t"}, notation="latex")) == "query [A ^ t]"


@pytest.mark.parametrize(
    ("text", "notation"),
    [(r"\alpha", "latex"), ("$x$", "latex"), ("W x # $5", "text"), ("x^T A x", "text")],
)
def test_notation_is_told_by_signs_that_only_latex_has(text: str, notation: str) -> None:
    assert detect(text) == notation
    assert parse_program(Source(text), notation="auto").statements


# --- the files of the grammar -------------------------------------------------------------------


def test_the_stored_tables_belong_to_the_grammar() -> None:
    place, files = tables.folder(), tables.LATEX
    stored = tables.read_tables((place / files.tables).read_text(encoding="utf-8"))
    assert stored["sha256"] == tables.digest(place, files), tables.__doc__
    assert stored == tables.compile_tables(place, files) | {"lark": stored["lark"]}
    assert grammar.stored_tables(place, files) is not None


def test_the_grammar_has_no_conflicts(caplog: pytest.LogCaptureFixture) -> None:
    lark.logger.setLevel("DEBUG")
    try:
        tables.compile_parser(tables.folder(), tables.LATEX)
    finally:
        lark.logger.setLevel("CRITICAL")
    assert not [record for record in caplog.records if "conflict" in record.message.lower()]
