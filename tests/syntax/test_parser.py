"""Text to tree: golden cases, published formulas, laws, depth and breadth."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexcalc.errors import FormulaError, FormulaSyntaxError, LimitError, Source
from indexcalc.syntax import tree
from indexcalc.syntax.limits import SyntaxLimits
from indexcalc.syntax.parser import parse_program, parse_query
from tests.syntax import golden_lines
from tests.syntax.tree_dump import dump

TREES = Path(__file__).with_name("trees.golden")
CASES = golden_lines.read(TREES)
PUBLISHED = json.loads(
    (Path(__file__).resolve().parents[1] / "data" / "cases" / "cases.json").read_text("utf-8")
)


def parsed(text: str) -> str:
    return dump(parse_program(Source(text)))


def answer(text: str) -> str:
    try:
        return parsed(text)
    except FormulaError as error:
        return f"refused: {error.message}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.given)
def test_golden_tree(case: golden_lines.Case, request: pytest.FixtureRequest) -> None:
    given = answer(case.given)
    if given != case.golden and request.config.getoption("--update-golden"):
        golden_lines.update(TREES, answer)
    else:
        assert given == case.golden
    assert not given.startswith("refused")


@pytest.mark.parametrize("case", PUBLISHED, ids=lambda case: case["id"])
def test_published_formula_is_read(case: dict[str, str]) -> None:
    texts = [case[form] for form in ("index", "matrix", "raw") if case.get(form)]
    assert texts
    for text in texts:
        (statement,) = parse_program(Source(text)).statements
        assert isinstance(statement, tree.Definition | tree.Query)


# --- the same formula in several spellings ------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a .* b", "a ⊙ b"),
        ("‖x‖_2", "||x||_2"),
        ("√x", "sqrt(x)"),
        ("a − b", "a - b"),
        ("[a <= b]", "[a ≤ b]"),
        ("W in R^{m x n}", "W ∈ ℝ^{m×n}"),
        ("x^2", "x²"),
        ("A^-1", "A⁻¹"),
        ("sum_i x_i", "Σ_i x_i"),
        ("sum_i x_i", "∑_i x_i"),
        ("W_1_ij", "W₁ᵢⱼ"),
        ("W^(1)_ij", "W_ij⁽¹⁾"),
        ("y\u0302", "ŷ"),
        ("∆x", "Δx"),
        ("f'(x)", "f′(x)"),
        ("z = a => dz = b", "z = a ⟹ dz == b"),
    ],
)
def test_ascii_and_unicode_are_equals(first: str, second: str) -> None:
    assert parsed(first) == parsed(second)


def test_places_are_those_of_the_text_as_it_was_typed() -> None:
    source = Source("y\u0302_i = W_ij x_j\nf = ŷ_i ŷ_i")
    first, second = parse_program(source).statements
    assert first.span.text == "y\u0302_i = W_ij x_j"
    assert (second.span.line, second.span.column) == (2, 1)
    assert isinstance(second, tree.Definition)
    assert second.value.span.text == "ŷ_i ŷ_i"


def test_every_part_lies_inside_the_whole() -> None:
    for case in CASES:
        stack: list[tree.Tree] = [parse_program(Source(case.given))]
        while stack:
            node = stack.pop()
            for child in node.children():
                assert node.span.start <= child.span.start <= child.span.end <= node.span.end
                stack.append(child)


# --- queries and names that are known -----------------------------------------------------------


@pytest.mark.parametrize("text", ["", "# nothing", "\n;\n"])
def test_a_program_may_be_empty_and_a_query_may_not(text: str) -> None:
    assert parse_program(Source(text)).statements == ()
    with pytest.raises(FormulaSyntaxError, match="no expression"):
        parse_query(Source(text))


def test_a_query_is_one_statement() -> None:
    assert dump(parse_query(Source("∂λ/∂W_ij"))) == "query [∂1 λ by W_ij]"
    assert dump(parse_query(Source("a == b"))) == "claim a == b"
    with pytest.raises(FormulaSyntaxError, match="one expression is expected"):
        parse_query(Source("a; b"))


def test_a_known_variable_is_never_a_sum_sign() -> None:
    assert dump(parse_query(Source("Σ_ij x_j"))) == "query [sum_ij x_j]"
    assert dump(parse_query(Source("Σ_ij x_j"), {"Σ"})) == "query {Σ_ij x_j}"
    assert dump(parse_query(Source("Σ_ij x_j"), ["Sigma"])) == "query {Σ_ij x_j}"
    assert dump(parse_query(Source("max_i (x_i) y"), {"max"})) == "query {max_i@ (x_i) y}"
    assert dump(parse_query(Source("diff(a, b)"), {"diff"})) == "query diff@(a, b)"
    assert dump(parse_query(Source("∑_i x_i"), {"Σ"})) == "query [sum_i x_i]"


# --- any text gives a tree or a FormulaError ----------------------------------------------------

PIECES = [
    *"abxyWTΣσλ∂δ∆ŷ'²³⁻¹ᵀ⊤√‖|()[]{}_^+-*/.:;,=<>∈ℝ×⊙⊗∘·∑∏12.0# \n\t\\$%?½",
    *("sum_i ", "max_i", "exp(", "==", "⟹", "_ij", "_{i,j}", "^T", "^-1", "^(1)", ".^", "./", ".*"),
    *("assume ", "notation: ", "in R^", "diff(", "∂x_i", "/∂x", "\u0302", "W[m,n]", "||", "⁽²⁾"),
]
TEXTS = [case.given for case in CASES] + [case["index"] for case in PUBLISHED]


def refusal(text: str) -> FormulaError | None:
    """The error that the text gives; any other exception is a failure of the test."""
    try:
        parse_program(Source(text))
    except FormulaError as error:
        return error
    return None


def holds(text: str) -> None:
    error = refusal(text)
    if error is not None:
        assert error.message
        assert str(error)
        assert error.line >= 1


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_any_pieces_give_a_tree_or_a_formula_error(text: str) -> None:
    holds(text)


@given(st.text(max_size=12))
def test_any_text_gives_a_tree_or_a_formula_error(text: str) -> None:
    holds(text)


@given(
    st.sampled_from(TEXTS),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 3), st.sampled_from([*PIECES, ""])), max_size=3
    ),
)
def test_any_change_of_a_formula_gives_a_tree_or_a_formula_error(
    text: str, changes: list[tuple[float, int, str]]
) -> None:
    for place, dropped, piece in changes:
        start = round(place * len(text))
        text = text[:start] + piece + text[start + dropped :]
    holds(text)


# --- long and deep ------------------------------------------------------------------------------

MANY, DEEP, SECONDS = 30_000, 20_000, 20


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (" + ".join(["a_i x_i"] * MANY), tree.Sum),
        (" ".join(["x_i"] * MANY), tree.Product),
        ("*".join(["x"] * MANY), tree.Product),
        ("(" * DEEP + "x" + ")" * DEEP, tree.Bracket),
        ("f(" * DEEP + "x" + ")" * DEEP, tree.Apply),
        ("√" * DEEP + "x", tree.Apply),
        ("-" * DEEP + "x", tree.Negative),
        ("^".join(["x"] * DEEP), tree.Power),
        ("x^{" * DEEP + "2" + "}" * DEEP, tree.Power),
        ("sum_i " * DEEP + "x", tree.Reduction),
        ("|" * DEEP + "x" + "|" * DEEP, tree.Norm),
        ("∂(" * DEEP + "f" + ")/∂x" * DEEP, tree.Derivative),
        ("f(" + ",".join(["x"] * MANY) + ")", tree.Apply),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else value.__name__,
)
def test_long_and_deep_texts_are_read(text: str, kind: type[tree.Tree]) -> None:
    start = time.process_time()
    query = parse_query(Source(text))
    assert isinstance(query, tree.Query)
    assert isinstance(query.value, kind)
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "(" * DEEP,
        "x^{" + " " * 100_000,
        "^ " * MANY,
        "∂" * DEEP,
        "∂f/∂vec(" * DEEP,
        "[" * DEEP + "x" + "]" * DEEP,
        "x=" * DEEP,
        "x_" * DEEP,
        "_{" * DEEP,
        "x, " * DEEP,
        "assume " * DEEP,
        "max_i(x) " * DEEP,
        "a/b " * DEEP,
        "'" * MANY,
    ],
    ids=lambda text: text[:8],
)
def test_long_and_wrong_texts_are_refused_in_time(text: str) -> None:
    start = time.process_time()
    with pytest.raises(FormulaError):
        parse_program(Source(text))
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("((x))", SyntaxLimits(depth=1)),
        ("x + y", SyntaxLimits(characters=4)),
        ("x^123456", SyntaxLimits(digits=5)),
        ("1e999999999999", SyntaxLimits()),
        ("1" * 10_000, SyntaxLimits()),
        ("1" * 10_000, SyntaxLimits(digits=100_000)),
        ("x" + "²" * 10_000, SyntaxLimits()),
        ("x^(" + "1" * 10_000 + ")", SyntaxLimits()),
        ("∂³f/∂x³", SyntaxLimits(order=2)),
        ("∂^99999999999 f/∂x", SyntaxLimits()),
        ("x_i_j_k", SyntaxLimits(subscripts=2)),
    ],
)
def test_limits_are_documented_and_adjustable(text: str, limits: SyntaxLimits) -> None:
    with pytest.raises(LimitError, match="limit"):
        parse_program(Source(text), limits=limits)


def test_a_typical_program_is_read_in_milliseconds() -> None:
    text = "σ(z) = 1/(1 + exp(-z))\nz_i = W_ij x_j + b_i\nλ = log(1 + exp(-y w_i σ(z_i)))"
    parse_program(Source(text))
    times = []
    for _ in range(5):
        start = time.process_time()
        parse_program(Source(text))
        times.append(time.process_time() - start)
    assert min(times) < 0.02
