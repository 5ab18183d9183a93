"""Laws of judging: what is equal is never refuted, what is not never passes."""

from __future__ import annotations

import re
from contextlib import suppress
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import indexcalc as ic
from indexcalc.claims.proofs.clearing import cleared
from indexcalc.claims.proofs.normal_form import normal
from indexcalc.claims.proofs.proof import is_proved
from indexcalc.claims.proofs.splitting import taken_apart
from indexcalc.claims.trials.decimals import DECIMALS, many_digits
from indexcalc.claims.trials.evaluation import Point, evaluate, exactly
from indexcalc.claims.trials.trial import try_out
from indexcalc.elaborate.program import elaborate
from indexcalc.errors import EvaluationError, FormulaError, LimitError, Source
from indexcalc.ir.build import is_zero, scale, subtract, zero
from indexcalc.ir.effort import effort
from indexcalc.ir.environment import Environment
from indexcalc.simplify.passes import simplify
from indexcalc.simplify.stabilise import stabilise
from indexcalc.syntax.parser import parse_program
from tests.claims.programs import judged
from tests.program_texts import written
from tests.strategies import Problem, problems

SLIGHTLY = Fraction(10**13 + 1, 10**13)
BOUND = 400_000


@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_normal_form_keeps_the_value(problem: Problem) -> None:
    try:
        with effort(BOUND):
            (found,) = normal([problem.root], ())
    except (LimitError, EvaluationError):
        return
    with many_digits():
        known = {name: exactly(v, DECIMALS) for name, v in problem.values().items()}
        left, right = evaluate([problem.root, found], Point(problem.sizes, known, {}), DECIMALS)
        errors = np.asarray(left.error + right.error, float)
        gap = np.asarray(abs(left.value - right.value), float)
    usable = np.isfinite(errors) & np.isfinite(gap)
    assert np.all(gap[usable] <= 8 * errors[usable] + 1e-60)


@settings(max_examples=40, deadline=None)
@given(problems())
def test_another_form_of_a_graph_is_proved_equal_and_agrees(problem: Problem) -> None:
    root = stabilise([problem.root])[0]
    other = simplify([root], Environment())[0]
    assert is_proved(problem.root, other)
    assert try_out(problem.root, other).status != "differs"


@settings(max_examples=40, deadline=None)
@given(problems())
def test_what_is_slightly_larger_differs(problem: Problem) -> None:
    root = simplify(stabilise([problem.root]), Environment())[0]
    larger = scale(SLIGHTLY, root)
    if is_proved(root, zero(root.shape)):
        return
    assert not is_proved(root, larger)
    trial = try_out(root, larger)
    if trial.status == "agrees":  # zero whatever the values are, although nothing has shown it
        assert try_out(root, zero(root.shape)).status == "agrees"


@settings(max_examples=40, deadline=None)
@given(problems())
def test_a_difference_cleared_of_denominators_is_zero_only_if_it_was(problem: Problem) -> None:
    root = simplify(stabilise([problem.root]), Environment())[0]
    difference = subtract(root, scale(SLIGHTLY, root))
    try:
        with effort(BOUND):
            (found,) = normal(taken_apart([difference]), ())
            found = cleared(found, ())
    except (LimitError, EvaluationError):
        return
    if is_zero(found):
        assert try_out(root, zero(root.shape)).status == "agrees"


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3))
def test_what_a_program_prints_is_true_and_a_change_of_it_is_not(seed: int, depth: int) -> None:
    given_text = written(seed, depth)
    try:
        program = ic.Program(given_text.text)
        elaborated = elaborate(parse_program(Source(given_text.text)))
    except FormulaError:
        return
    assert elaborated.symbols
    for query in given_text.queries:
        try:
            formula = program[query]
            right, *where = str(formula).split("\n")
        except FormulaError:
            continue
        letters = formula.free
        bare = letters and not re.search(r"_\w|_\{", query)
        left = f"({query})_{''.join(letters)}" if bare else query
        clauses = [line.strip().removeprefix("where ") for line in where]
        same = "\n".join([f"{left} == {right}", *clauses])
        assert judged(given_text.text, same).status in ("proved", "agrees"), same
        changed = "\n".join([f"{left} == ({right}) (1 + 1e-9)", *clauses])
        verdict = judged(given_text.text, changed)
        if verdict.status not in ("differs", "ill-shaped"):
            nothing = "\n".join([f"{left} == 0 ({right})", *clauses])
            assert judged(given_text.text, nothing), changed


ANY_TEXT = st.text(
    st.sampled_from("xyABf ij_^T+-*/()[]{}=<>∂σλd,;'.0123 \n⊙⊗:|‖√Σδ⟹\\$&#@ where assume"),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(ANY_TEXT, ANY_TEXT)
def test_any_text_is_judged_or_refused(left: str, right: str) -> None:
    text = "A[m, n], B[n, n], x[n], y[m]; f = x^T B x"
    with suppress(FormulaError):
        judged(text, f"{left} == {right}")


PIECES = """
A B x y f dA dx df d( ( ) ^T ^-1 _ij _i _j + - * / ⊙ ⊗ : == ⟹ = 2 exp( tr( vec( ∂f/∂x sum( Diag( I
1 , ; assume where 0 δ_ij x_i A_ij
"""
WORDS = st.lists(st.sampled_from(PIECES.split()), max_size=14).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(WORDS)
def test_any_words_are_judged_or_refused(claim: str) -> None:
    text = "A[m, n], B[n, n], x[n], y[m]; f = x^T B x"
    with suppress(FormulaError):
        judged(text, claim)


@pytest.mark.parametrize(
    "claim",
    [
        " == ".join(["x^T B x"] * 60),
        "f == " + "(" * 150 + "f" + ")" * 150,
        "f == " + " + ".join(f"{k} x_i B_ij x_j" for k in range(300)),
        "f == " + " ".join(["(f + 1)"] * 60),
        "f == (1 + f)^50",
        "exp(f) == " + "exp(" * 30 + "f" + ")" * 30,
        "f == " + " ".join(f"(x_{a} + 1_{a} f)" for a in "abcdefgh"),
    ],
    ids=range(7),
)
def test_long_claims_take_bounded_time(claim: str) -> None:
    with suppress(FormulaError):
        judged("A[m, n], B[n, n], x[n], y[m]; f = x^T B x", claim)
