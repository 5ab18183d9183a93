"""Published matrices between stacked tensors beside what is printed.

`vec.golden` shows both, in text and LaTeX, for the cases that have such a derivative and for what
textbooks give, with the number of symbols.
`pytest --update-golden` rewrites the file; read the difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.interpret import interpret
from indexcalc.ir.node import Function
from indexcalc.notation.latex import arrangement_latex
from indexcalc.notation.matrix.vec.form import to_vec, vec_arrangement
from tests.notation.matrix.test_matrix_form_published import symbols
from tests.notation.matrix.test_vec_round_trip import stacked
from tests.test_published import CASES

GOLDEN = Path(__file__).with_name("vec.golden")
REFUSED = "there is no vec form"

LAYERS = "W[m, n], U[q, m], X[n, p], b[m], c[q]\nY = U σ(W X + b 1^T) + c 1^T"
NEURON = "W[m, n], x[n], b[m], w[m], y[]\nz = W x + b; λ = log(1 + exp(-y w^T σ(z)))"
NET = "W1[h, n], W2[m, h], X[n, p], V[m, p]\nY = W2 σ(W1 X); L = 1/2 sum((Y - V).^2)"
FACTORS = "W[n, k], H[k, m], V[n, m]\nL = (V - W H) : (V - W H)"


@dataclass(frozen=True)
class Question:
    """A query, how many of its axes are rows, and the published answer, if there is one."""

    program: str
    query: str
    rows: int
    published: str = ""
    refused: bool = False

    def formula(self) -> ic.Formula:
        return ic.Program(self.program)[self.query]

    def __str__(self) -> str:
        formula = self.formula()
        style = formula._session.style
        lines = [f"== {self.program.splitlines()[-1]}  ~  {self.query}"]
        if self.published:
            lines.append(f"{length(self.published):3}  {self.published}")
        try:
            text = to_vec(formula._node, self.rows, style)
            latex = arrangement_latex(vec_arrangement(formula._node, self.rows, style))
        except ic.FormulaError as error:
            text, latex = f"refused: {error.message}", ""
        lines.append(f"{length(text):3}  " + "\n     ".join(text.splitlines()))
        if latex:
            lines.append("     " + "\n     ".join(latex.splitlines()))
        return "\n".join(lines)


def length(text: str) -> int:
    """Symbols; a constant matrix is one, whether its size is written or not."""
    return symbols(re.sub(r"(eye|ones|commutation)\([^()]*\)", "K", text))


QUESTIONS = [
    Question(LAYERS, "∂Y/∂X", 2, "(I ⊗ U) Diag(vec(σ'(W X + b 1^T))) (I ⊗ W)"),
    Question(LAYERS, "∂vec(Y)/∂vec(X)", 1, "(I ⊗ U) Diag(vec(σ'(W X + b 1^T))) (I ⊗ W)"),
    Question(LAYERS, "∂Y/∂W", 2, "(I ⊗ U) Diag(vec(σ'(W X + b 1^T))) (X^T ⊗ I)"),
    Question(LAYERS, "∂Y/∂U", 2, "σ(W X + b 1^T)^T ⊗ I"),
    Question(LAYERS, "∂Y/∂b", 2),
    Question(LAYERS, "∂Y/∂c", 2, "1 ⊗ I"),
    Question("W[m, n], z[n], b[m]\ny = W z + b", "∂y/∂W", 1, "z^T ⊗ I"),
    Question("A[m, n], X[n, p], B[p, q]\nY = A X B", "∂Y/∂X", 2, "B^T ⊗ A"),
    Question("A[m, n], X[n, n]\nY = A X A^T", "∂Y/∂X", 2, "A ⊗ A"),
    Question("A[m, n], X[n, n]\nY = A X A^T", "∂Y/∂A", 2, "(A X^T ⊗ I) + (I ⊗ A X) K"),
    Question("X[m, n]\nY = X^T", "∂Y/∂X", 2, "K"),
    Question("X[m, n]\nY = X^T X", "∂Y/∂X", 2, "(I + K) (I ⊗ X^T)"),
    Question("X[m, n]\nY = X X^T", "∂Y/∂X", 2, "(I + K) (X ⊗ I)"),
    Question("X[n, n]\nY = X^2", "∂Y/∂X", 2, "X^T ⊗ I + I ⊗ X"),
    Question("X[n, n]\nY = X^3", "∂Y/∂X", 2, "(X^2)^T ⊗ I + X^T ⊗ X + I ⊗ X^2"),
    Question("X[n, n]\nY = inv(X)", "∂Y/∂X", 2, "-(X^-T ⊗ X^-1)"),
    Question("A[m, m], X[n, n]\nY = kron(A, X)", "∂Y/∂X", 2, "(I ⊗ K ⊗ I) (vec(A) ⊗ I)"),
    Question("A[m, n], X[m, n]\nY = A ⊙ X", "∂Y/∂X", 2, "Diag(vec(A))"),
    Question("x[n]\nY = x x^T", "∂Y/∂x", 2, "x ⊗ I + I ⊗ x"),
    Question("x[n]\nY = Diag(x)", "∂Y/∂x", 2),
    Question("A[m, n], X[n, p], B[m, p]\ny = diag(A X B^T)", "∂y/∂X", 1),
    Question("W[m, n], x[n]\np = softmax(W x)", "∂p/∂W", 1, "x^T ⊗ (Diag(p) - p p^T)"),
    Question("X[n, d], W[d, c]\nP_ik = softmax_k(X_ij W_jk)", "∂P_ik/∂W_ab", 2),
    Question("X[n, d]\nK_ij = exp(-sum_k((X_ik - X_jk)^2))", "∂K_ij/∂X_kl", 2),
    Question(NEURON, "∂λ/∂W", 2),
    Question(
        NEURON,
        "∂²λ/∂W_ij∂W_kl",
        2,
        "(1 - exp(-λ)) y (x x^T) ⊗ (exp(-λ) y (w ⊙ σ'(z)) (w ⊙ σ'(z))^T - Diag(w ⊙ σ''(z)))",
    ),
    Question(NET, "∂²L/∂W1_ij∂W1_kl", 2),
    Question(NET, "∂²L/∂W1_ij∂W2_kl", 2),
    Question(NET, "∂²L/∂W2_ij∂W2_kl", 2),
    Question(FACTORS, "∂²L/∂W_ij∂W_kl", 2, "2 (H H^T) ⊗ I"),
    Question(FACTORS, "∂²L/∂W_ij∂H_kl", 2),
    Question("X[n, n]\nf = logdet(X)", "∂²f/∂X_ij∂X_kl", 2, "-K (X^-T ⊗ X^-1)"),
    Question("X[n, n]\nf = det(X)", "∂²f/∂X_ij∂X_kl", 2),
    Question("X[m, n]\nf = logdet(X^T X)", "∂²f/∂X_ij∂X_kl", 2),
    Question("X[n, n]\nf = tr(X^3)", "∂²f/∂X_ij∂X_kl", 2),
    Question("A[m, m], X[m, n], B[n, n]\nf = tr(X^T A X B)", "∂²f/∂X_ij∂X_kl", 2,
             "B^T ⊗ A + B ⊗ A^T"),
    Question("X[m, n]\nf = ‖X‖_F", "∂²f/∂X_ij∂X_kl", 2),
    Question("X[m, n]\nf = sum(X)^2", "∂²f/∂X_ij∂X_kl", 2),
    Question("X[m, n], a[m], b[n]\nf = exp(a^T X b)", "∂²f/∂X_ij∂X_kl", 2,
             "f (b b^T) ⊗ (a a^T)"),
    Question("X[n, n] symmetric; A[n, n]\nY = X A X", "∂Y/∂X", 2),
    Question("X[n, n] spd\nf = logdet(X)", "∂²f/∂X_ij∂X_kl", 2),
    Question("X[m, n]\nf = sum(X.^3)", "∂^3 f/∂X_ij∂X_kl∂X_pq", 2, refused=True),
]  # fmt: skip


# Cases with a derivative of three axes or more, and how many of them are rows.
ROWS = {
    "hyperelastic-tangent": 2,
    "logistic-third-derivative": 1,
    "attention-scores-heads": 3,
    "gaussian-loglik-sigma-hessian-wrong": 2,
    "cubic-form-third": 1,
    "mse-3927579-xbx-vec": 2,
    "im-axat-fourth-order": 2,
    "mse-2178394-kron-vec": 1,
    "mcu-affine-layer": 1,
}
REFUSALS = {"attention-scores-heads", "cubic-form-third"}
FROM_CASES = {
    "mse-3927579-xbx-vec": "(X^T B^T) ⊗ I + I ⊗ (X B)",
    "mse-2178394-kron-vec": "b^T ⊗ (a^T ⊗ I)",
    "mcu-affine-layer": "z1^T ⊗ I",
}


def of_cases() -> Iterator[Question]:
    for case in CASES:
        if case["id"] in ROWS:
            form = "matrix" if case["matrix"] else "index"
            shapes = [
                f"{name}[{', '.join(variable['shape'])}]"
                for name, variable in case["variables"].items()
            ]
            name = re.split(r"[\s_=]", case[form])[0]
            yield Question(
                "\n".join([*shapes, case[form]]),
                f"diff({name}, {', '.join(case['wrt'])})",
                ROWS[case["id"]],
                FROM_CASES.get(case["id"], ""),
                case["id"] in REFUSALS,
            )


ALL = [*QUESTIONS, *of_cases()]


def test_published_matrices_and_ours_are_those_on_file(request: pytest.FixtureRequest) -> None:
    text = "\n\n".join(map(str, ALL)) + "\n"
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_ours_is_at_most_as_long() -> None:
    for question in ALL:
        if question.published:
            formula = question.formula()
            text = to_vec(formula._node, question.rows, formula._session.style)
            assert length(text) <= length(question.published), text


SLOPES = {
    Function("σ", (order,), "abstract"): lambda x, order=order: np.sin(x + 0.3 + order * np.pi / 2)
    for order in range(4)
}


@pytest.mark.parametrize("question", ALL, ids=lambda q: f"{q.query} {q.program[-30:]}")
def test_ours_reads_back(question: Question) -> None:
    formula = question.formula()
    if question.refused:
        with pytest.raises(ic.FormulaError, match=REFUSED):
            to_vec(formula._node, question.rows)
        return
    text = to_vec(formula._node, question.rows, formula._session.style)
    first, *where = text.split("\n  where ")
    program = ic.Program("\n".join([question.program, *where]))
    sizes = {"m": 4, "n": 3, "p": 2, "q": 1, "d": 2, "h": 2, "k": 2, "c": 2}
    source = np.random.default_rng(0)
    values = {}
    for v in formula._session.elaborated.symbols.values():
        if v.role == "input":
            shape = [extent.evaluate(sizes) for extent in v.shape or ()]
            array = source.uniform(0.3, 1.2, size=shape)
            square = len(shape) == 2 and shape[0] == shape[1]
            values[v.name] = array + array.T + 3 * np.eye(shape[0]) if square else array
    found, expected = (
        interpret(
            one._node,
            values,
            sizes,
            functions=SLOPES,
            environment=one._session.elaborated.environment,
        ).astype(float)
        for one in (program[first], formula)
    )
    np.testing.assert_allclose(found, stacked(expected, question.rows), rtol=1e-8, atol=1e-8)
