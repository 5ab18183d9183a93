"""Published matrix formulas beside what is printed, with the number of symbols of each.

`published.golden` shows both, for everything that the published cases and three problems of
question-and-answer sites give in matrix form. Where ours is longer, a remark there says why.
`pytest --update-golden` rewrites the file; read the difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import indexcalc as ic
from indexcalc.notation.matrix.form import to_matrix
from tests.test_published import CASES, NOT_THE_LANGUAGE, derivative

GOLDEN = Path(__file__).with_name("published.golden")

ROW_VECTORS = """
assume sum(y) == 1
W1[d, h], W2[h, k], x[d], b1[h], b2[k], y[k]
a = W1^T x + b1; h = σ(a); θ = W2^T h + b2; ŷ = softmax(θ); L = -y^T log(ŷ)
"""
ONE_LAYER = """
W[m, n], x[n], w[m], b[m], γ[]
z = W x + b; s = σ(z); β = -γ w^T s; α = exp(β); λ = log(1 + α)
"""
MATRICES = """
W[m, n], X[n, p], U[m-1, m], b[m], c[m-1]
Z = W X + b 1^T; S = σ(Z); Y = U S + c 1^T
"""
PROBLEMS = [
    ("row vectors, question", ROW_VECTORS, "∂L/∂x", "((ŷ - y) W2^T) ∘ σ'(a) W1"),
    ("row vectors, answer", ROW_VECTORS, "∂L/∂x", "W1 (H - H^2) W2 (ŷ - y), H = Diag(h)"),
    ("row vectors, answer", ROW_VECTORS, "∂L/∂θ", "ŷ - y"),
    ("row vectors, answer", ROW_VECTORS, "∂ŷ/∂θ", "Ŷ - ŷ ŷ^T, Ŷ = Diag(ŷ)"),
    ("one layer, answer", ONE_LAYER, "∂λ/∂W", "-e^{-λ} α γ S w x^T, S = Diag(σ'(z))"),
    ("one layer, answer", ONE_LAYER, "∂λ/∂s", "-e^{-λ} α γ w"),
    ("one layer, answer", ONE_LAYER, "∂s/∂z", "Diag(σ'(z))"),
    ("two layers, answer", MATRICES, "Z", "W X + b 1^T"),
    ("two layers, answer", MATRICES, "Y", "U S + c 1^T"),
]
# Where ours is longer than what was published, and why.
REMARKS = {
    "wp-axxb ∂f/∂x": "scalars stand in front: no outer product has to be formed",
    "softmax-regression-batch ∂L/∂W": "the published text has a function for a softmax of each row",
    "mse-2152983-tr-log-wrong ∂f/∂X": "holds for X that is not square, too",
    "so-softmax-cost-mean-wrong ∂c/∂z": "holds for any y: the assumption is not seen under n",
}
TOKEN = re.compile(
    r"\^-?\{?-?T\}?|\^-1|[^\W\d_][^\W_]*(?:_\w+)?[\u0300-\u036f]*(?:'+(?=\())?|\d+(?:\.\d+)?|'"
    r"|\.[*/]|[-+/⊙∘:⊗=<>]"
)


def symbols(text: str) -> int:
    """Names, numbers, operators, marks such as `^T` and `^-1`; no brackets and no product signs."""
    return len(TOKEN.findall(text.replace("where ", "")))


@dataclass(frozen=True)
class Pair:
    """A published formula and ours."""

    name: str
    published: str
    ours: str

    def __str__(self) -> str:
        lines = [
            f"== {self.name}",
            f"{symbols(self.published):3}  {self.published}",
            f"{symbols(self.ours):3}  " + "\n     ".join(self.ours.splitlines()),
        ]
        remark = REMARKS.get(self.name)
        return "\n".join([*lines, *([f"     # {remark}"] if remark else [])])


def printed(program: str, query: str) -> str:
    formula = ic.Program(program)[query]
    return to_matrix(formula._node, formula._session.style)


def pairs() -> Iterator[Pair]:
    for name, program, query, text in PROBLEMS:
        yield Pair(f"{name} {query}", text, printed(program, query))
    for case in CASES:
        published = right_claim(case)
        if published:
            name = re.split(r"[\s_=]", case["matrix"])[0]
            query = derivative(name, case["wrt"], form_of(case))
            label = f"{case['id']} ∂{name}/" + "".join(f"∂{v}" for v in case["wrt"])
            yield Pair(label, published, printed(declared(case), query))


def right_claim(case: dict[str, Any]) -> str | None:
    """The right matrix form, if one was published (or stands beside a wrong one)."""
    claim = case["claim"]
    text: str | None = claim["matrix"] if claim["correct"] else claim["right_matrix"]
    return text if text and case["matrix"] and "∂vec" not in text else None


def declared(case: dict[str, Any]) -> str:
    """The program, with the symmetries and sums of one that what was published takes for given."""
    lines = []
    for name, variable in case["variables"].items():
        shape = ", ".join(extent.removesuffix("_") for extent in variable["shape"])
        known = variable["domain"] if variable["domain"] in ("symmetric", "spd") else ""
        lines.append(f"{name}[{shape}] {known}".rstrip())
        if variable["domain"] == "onehot":
            index = "k" if len(variable["shape"]) == 1 else "ik"
            lines.append(f"assume sum_k {name}_{index} == 1")
    return "\n".join([*lines, case[form_of(case)]])


def form_of(case: dict[str, Any]) -> str:
    """The form of the case that is in the language."""
    return "index" if (case["id"], "matrix") in NOT_THE_LANGUAGE else "matrix"


def test_published_formulas_and_ours_are_those_on_file(request: pytest.FixtureRequest) -> None:
    text = "\n\n".join(map(str, pairs())) + "\n"
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_ours_is_at_most_as_long_or_the_file_says_why_not() -> None:
    longer = {pair.name for pair in pairs() if symbols(pair.ours) > symbols(pair.published)}
    assert longer == set(REMARKS)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("-2 X^-T X^-1 a a^T", 9),
        ("-2*inv(X)'*inv(X)*a*a'", 10),
        ("σ'(z) ⊙ x.^2", 5),
        ("W_1 (H - H^2), H = Diag(h)", 9),
        ("l0/norm2(p-q).^3*eye", 8),
        ("y ./ (X θ)\n  where t1 = ŷ^2", 8),
    ],
)
def test_symbols_are_counted(text: str, count: int) -> None:
    assert symbols(text) == count
