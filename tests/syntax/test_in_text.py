"""What a tree says in text notation is read as the same tree, up to brackets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from indexcalc.errors import Source
from indexcalc.syntax import tree
from indexcalc.syntax.in_text import in_text
from indexcalc.syntax.latex.detect import Notation
from indexcalc.syntax.parser import parse_program, parse_query
from tests.syntax import golden_lines
from tests.syntax.tree_dump import dump

HERE = Path(__file__).parent


def expressions(file: Path, notation: Notation) -> list[tuple[str, tree.Tree]]:
    """All expressions and claims in the golden cases of a file, with the text they stand in."""
    found: list[tuple[str, tree.Tree]] = []
    for case in golden_lines.read(file):
        for statement in parse_program(Source(case.given), notation=notation).statements:
            if isinstance(statement, tree.Claim):
                found.append((statement.span.text, statement))
            elif isinstance(statement, tree.Query | tree.Definition):
                found.append((statement.value.span.text, statement.value))
    return found


CASES = expressions(HERE / "trees.golden", "text")
CASES += expressions(HERE / "latex" / "trees.golden", "latex")
CASES = [case for case in CASES if case[0] != "sum_j x_j"]  # of a variable that is called sum


def plain(node: tree.Tree) -> str:
    """The tree without the brackets of fractions, the braces of subscripts, and blanks."""
    return re.sub(r"_\{([^,{}]*)\}", r"_\1", dump(node)).translate(str.maketrans("", "", "(){} "))


@pytest.mark.parametrize(("given", "node"), CASES, ids=[given[:60] for given, _ in CASES])
def test_the_text_is_read_as_the_same_tree(given: str, node: tree.Tree) -> None:
    text = in_text(node)
    read = parse_query(Source(text), ["Σ"])
    again = read.value if isinstance(read, tree.Query) else read
    assert plain(again) == plain(node)
    assert in_text(again) == text


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\alpha \frac{1}{1 + x}", "α 1/(1 + x)"),
        (r"-\frac{a_i b_i}{c} d", "-(a_i b_i/c) d"),
        (r"x \frac{a b}{c}", "x a b/c"),
        (r"x \frac{-a}{c}", "x * (-a/c)"),
        (r"A^{-\top} \sqrt[3]{x}", "A⁻ᵀ x^{1/3}"),
        (r"\|x - y\|_2^2 + |x_i|", "‖x - y‖_2^2 + |x_i|"),
        (r"0.25 x + 10 y", "0.25 x + 10 y"),
    ],
)
def test_texts(latex: str, text: str) -> None:
    query = parse_query(Source(latex), notation="latex")
    assert isinstance(query, tree.Query)
    assert in_text(query.value) == text
