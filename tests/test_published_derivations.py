"""The derivations in examples/: what is right is proved, what is wrong is named and repaired."""

from __future__ import annotations

from pathlib import Path

import pytest

import indexcalc as ic
from indexcalc.claims.verdict import Verdict

FOLDER = Path(__file__).parent.parent / "examples" / "derivations"

# the claims that break, with the right side that each should have
WRONG: dict[str, dict[str, str | None]] = {
    "softmax_network": {
        "(∂L/∂x)^T == ((ŷr - yr) W_2^T) ∘ σ'(ar) W_1": "((ŷr - yr) W_2^T) ∘ σ'(ar) W_1^T",
        "(∂L/∂x)^T == ((ŷr - yr) W_2^T) ∘ ((hr - hr∘hr) W_1^T)": (
            "(((ŷr - yr) W_2^T) ∘ (hr - hr∘hr)) W_1^T"
        ),
    },
    "logistic_neuron": {"∂z_k/∂W_ij == x_j": "δ_ki x_j"},
    "network_by_input": {
        "dY == (U S1) ⊙ (W dX)": "U (S1 ⊙ (W dX))",
        "vec(dY) == vec(U S1) ⊙ vec(W dX)": None,
        "∂vec(Y)/∂vec(X) == D (I ⊗ W)": "(I ⊗ U) Diag(vec(S1)) (I ⊗ W)",
    },
}


def verdicts(name: str) -> dict[str, Verdict]:
    program = ic.Program((FOLDER / f"{name}.ic").read_text(encoding="utf-8"))
    return {verdict.claim: verdict for verdict in program.check_all()}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_right_is_proved_and_what_is_wrong_is_named(name: str) -> None:
    found = verdicts(name)
    assert [claim for claim, verdict in found.items() if not verdict] == list(WRONG[name])
    assert all(verdict.status == "proved" for verdict in found.values() if verdict)


@pytest.mark.parametrize(
    ("name", "claim", "right"),
    [
        (name, claim, right)
        for name, claims in WRONG.items()
        for claim, right in claims.items()
        if right is not None
    ],
)
def test_what_is_wrong_is_repaired(name: str, claim: str, right: str) -> None:
    verdict = verdicts(name)[claim]
    assert verdict.correction == right
    assert verdict.edit


def test_a_fact_that_was_used_without_a_word_is_named() -> None:
    text = (FOLDER / "softmax_network.ic").read_text(encoding="utf-8")
    program = ic.Program(text.replace("assume sum(p) == 1", ""))
    verdict = program.check("∂L/∂θ == y - p")
    assert verdict.status == "differs"
    assert "true if the entries of p sum to 1" in verdict.edit


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (  # W² has n columns on the page, and is multiplied by a matrix with m rows
            "W_1[m, n], W_2[m-1, n], X[n, p], b_1[m], b_2[m-1]\n"
            "Y = W_2 σ(W_1 X + b_1 1^T) + b_2 1^T",
            "does not conform: m-1×n times m×p",
        ),
        (  # the vector of ones has n entries on the page, and X has p columns
            "W[m, n], U[k, m], X[n, p], b[m], c[k], u[n]\nY = U σ(W X + b u^T) + c u^T",
            "must have one shape: m×p and m×n",
        ),
        (  # as it was asked, a vector is added to a matrix
            "W_1[m, n], W_2[k, m], X[n, p], b_1[m], b_2[k]\nY = W_2 σ(W_1 X + b_1) + b_2",
            "W_1 X \\+ b_1 1\\^T",
        ),
    ],
)
def test_sizes_that_do_not_conform_on_the_page_are_flagged(program: str, words: str) -> None:
    with pytest.raises(ic.ShapeError, match=words):
        ic.Program(program)
