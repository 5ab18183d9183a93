"""Three questions that people asked, from the formula on the page to checked numbers.

Each program below is the page's formula in the page's own names. For each: what was read, the
derivative in components and in matrices, how it is derived, what was published and whether it is
right, the generated code, the numbers on real arrays, and how far they are from an independent
check: complex steps or central differences through a plain NumPy function that knows nothing of
indexcalc. Run it with `make demo`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import indexcalc as ic

Arrays = dict[str, Any]
TOLERANCE = 1e-7
rng = np.random.default_rng(2016)


@dataclass(frozen=True)
class Question:
    """A program, the derivatives wanted, what the page claims, arrays, the function in NumPy."""

    title: str
    program: str
    queries: tuple[str, ...]
    claims: tuple[str, ...]
    arrays: Arrays
    plain: Callable[[Arrays], Any]
    variables: tuple[tuple[str, ...], ...]


def logistic(z: Any) -> Any:
    """The logistic function, for real and complex arrays."""
    return 1 / (1 + np.exp(-z))


def cross_entropy(at: Arrays) -> Any:
    """The classifier of the first question; the row vectors of the page are 1-d arrays here."""
    h = logistic(at["x"] @ at["W1"] + at["b1"])
    theta = h @ at["W2"] + at["b2"]
    return -at["y"] @ (theta - np.log(np.exp(theta).sum()))


def log_loss(at: Arrays) -> Any:
    """The loss of the second question."""
    score = at["w"] @ logistic(at["W"] @ at["x"] + at["b"])
    return np.log(1 + np.exp(-at["y"] * score))


def network(at: Arrays) -> Any:
    """The network of the third question, with tanh for the function that the page leaves open."""
    return at["U"] @ np.tanh(at["W"] @ at["X"] + at["b"][:, None]) + at["c"][:, None]


QUESTIONS = (
    Question(
        "1. Why is there a transpose, and why the elementwise product? (row vectors, two layers)",
        """
        σ(z) = 1/(1 + exp(-z))
        a_j  = x_i W1_ij + b1_j
        h_j  = σ(a_j)
        θ_k  = h_j W2_jk + b2_k
        ŷ_k  = softmax(θ)_k
        L    = -y_k log(ŷ_k)
        assume sum_k y_k == 1
        """,
        ("L", "∂L/∂x_i", "∂²L/∂x_i∂x_j"),
        (
            "(∂L/∂x)^T == (((ŷ - y)^T W2^T) ∘ σ'(a)^T) W1",
            "∂L/∂θ == ŷ - y",
            "∂L/∂x == W1 (Diag(h) - Diag(h)^2) W2 (ŷ - y)",
        ),
        {
            "x": rng.normal(size=5),
            "W1": rng.normal(size=(5, 3)),
            "b1": rng.normal(size=3),
            "W2": rng.normal(size=(3, 4)),
            "b2": rng.normal(size=4),
            "y": np.eye(4)[2],
        },
        cross_entropy,
        ((), ("x",), ("x", "x")),
    ),
    Question(
        "2. The derivative of log(1 + exp(-y wᵀσ(Wx + b))) by W",
        """
        σ(z) = 1/(1 + exp(-z))
        z_i  = W_ij x_j + b_i
        λ    = log(1 + exp(-y w_i σ(z_i)))
        """,
        ("λ", "∂λ/∂W_ij", "∂²λ/∂W_ij∂W_kl"),
        ("∂z_k/∂W_ij == x_j", "∂λ/∂W == -(1 - exp(-λ)) y Diag(σ'(z)) w x^T"),
        {
            "W": rng.normal(size=(4, 3)),
            "x": rng.normal(size=3),
            "b": rng.normal(size=4),
            "w": rng.normal(size=4),
            "y": np.array(-1.0),
        },
        log_loss,
        ((), ("W",), ("W", "W")),
    ),
    Question(
        "3. A matrix by a matrix: there is no way to write it in standard matrix notation",
        """
        W[m, n], X[n, p], b[m], U[r, m], c[r]
        S_kj = σ(W_kl X_lj + b_k)
        Y_ij = U_ik S_kj + c_i
        """,
        ("Y_ij", "∂Y_ij/∂X_kl", "J_ikj = ∂Y_ij/∂X_kj"),
        (
            "dY == (U σ'(W X + b 1^T)) ⊙ (W dX)",
            "∂vec(Y)/∂vec(X) == (I ⊗ U) Diag(vec(σ'(W X + b 1^T))) (I ⊗ W)",
        ),
        {
            "W": rng.normal(size=(4, 3)),
            "X": rng.normal(size=(3, 2)),
            "b": rng.normal(size=4),
            "U": rng.normal(size=(5, 4)),
            "c": rng.normal(size=5),
        },
        network,
        ((), ("X",), ("column of X",)),
    ),
)


def complex_step(function: Callable[[Arrays], Any], at: Arrays, name: str) -> Any:
    """`∂function/∂name` from complex steps; axes: the function's, then those of `name`."""
    step = 1e-30
    columns = []
    for index in np.ndindex(at[name].shape):
        moved = at[name].astype(complex)
        moved[index] += 1j * step
        columns.append(np.imag(function({**at, name: moved})) / step)
    stacked = np.stack(columns, axis=-1)
    return stacked.reshape(stacked.shape[:-1] + at[name].shape)


def central_difference(function: Callable[[Arrays], Any], at: Arrays, name: str) -> Any:
    """The same from differences, for what has been through complex steps already."""
    step = 1e-5
    columns = []
    for index in np.ndindex(at[name].shape):
        shift = np.zeros_like(at[name])
        shift[index] = step
        ahead, behind = ({**at, name: at[name] + s} for s in (shift, -shift))
        columns.append((function(ahead) - function(behind)) / (2 * step))
    stacked = np.stack(columns, axis=-1)
    return stacked.reshape(stacked.shape[:-1] + at[name].shape)


def independent(question: Question, names: tuple[str, ...]) -> Any:
    """What a query must give, by differences alone."""
    at = question.arrays
    if names == ("column of X",):
        return np.einsum("ijkj->ikj", complex_step(question.plain, at, "X"))
    if not names:
        return np.asarray(question.plain(at))
    first = names[0]
    if len(names) == 1:
        return complex_step(question.plain, at, first)
    return central_difference(
        lambda where: complex_step(question.plain, where, first), at, names[1]
    )


def answer(question: Question) -> float:
    """Print everything about one question; the largest relative error of its results."""
    print(f"\n{'=' * 98}\n{question.title}\n{'=' * 98}")
    program = ic.Program(question.program)
    print("\nAs it was read\n")
    print(indent(program.explain()))
    print("\nDerivatives\n")
    for query in question.queries[1:]:
        print(indent(f"{query} = {program[query]}" if "=" not in query else str_of(program, query)))
        print(indent(in_matrices(program[query])))
    print("\nThe derivation of the first\n")
    print(indent(str(program[question.queries[1]].steps())))
    print("\nWhat was published\n")
    for claim in question.claims:
        verdict = program.check(claim)
        repair = "" if verdict else f": {verdict.edit}\n        right: {verdict.correction}"
        print(indent(f"{claim}\n        {verdict.status}{repair}"))
    function = program.compile(*question.queries)
    print("\nGenerated code\n")
    print(indent(function.source))
    abstract = {"σ": "tanh"} if "σ" in function.signature else {}
    results = function(**{n: question.arrays[n] for n in program_inputs(function)}, **abstract)
    print("Numbers, and the distance from an independent check\n")
    worst = 0.0
    for query, names, result in zip(question.queries, question.variables, results, strict=True):
        expected = independent(question, names)
        error = float(np.max(np.abs(result - expected)) / np.max(np.abs(expected)))
        worst = max(worst, error)
        shown = np.array2string(np.asarray(result).ravel()[:4], precision=6)
        size = "×".join(map(str, np.shape(result))) or "scalar"
        print(f"    {query:<24} {size:<9} {shown:<48} relative error {error:.1e}")
    return worst


def in_matrices(formula: ic.Formula) -> str:
    """The formula without indices, if there is such a form."""
    for form in (formula.to_matrix, formula.to_vec):
        try:
            return f"without indices: {form()}"
        except ic.FormulaError:
            continue
    return "without indices: there is no such form"


def str_of(program: ic.Program, query: str) -> str:
    """A query that names its axes on the left, as it is read back."""
    left, _, _ = query.partition("=")
    return f"{left.strip()} = {program[query]}"


def program_inputs(function: ic.Function) -> list[str]:
    """The arrays that a function wants (an abstract function is no array)."""
    return [name for name in function.signature if name != "σ"]


def indent(text: str) -> str:
    """Four blanks before each line."""
    return "\n".join(f"    {line}".rstrip() for line in text.strip().splitlines())


def main() -> int:
    """Answer all questions; 0 if every number agrees with its check."""
    worst = max(answer(question) for question in QUESTIONS)
    verdict = "all agree" if worst < TOLERANCE else "THEY DO NOT AGREE"
    print(f"\nlargest relative error {worst:.1e}: {verdict}")
    return 0 if worst < TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
