"""Verdicts as a reader sees them: links, layouts, counterexamples, refusals."""

from __future__ import annotations

import json

import pytest

import indexcalc as ic
from indexcalc.claims.check import check, judge_all, sides_equal
from indexcalc.errors import (
    FormulaError,
    FormulaSyntaxError,
    IndexNotationError,
    UnknownNameError,
)
from tests.claims.programs import judged, program, statuses

TEXT = "A[m, n], B[n, n], x[n], v[m]; y = A x; f = x^T B x"


# --- chains -------------------------------------------------------------------------------------


def test_the_first_link_that_breaks_is_named_and_the_rest_judged() -> None:
    verdict = judged(TEXT, "∂f/∂x == (B + B^T) x == 2 B x == B x + B x")
    assert [link.status for link in verdict.links] == ["proved", "differs", "proved"]
    assert (verdict.first_break, verdict.status, bool(verdict)) == (1, "differs", False)
    assert "differs at link 2 of 3" in verdict.report()
    assert verdict.report().count("first link that breaks") == 1


def test_the_weakest_link_counts() -> None:
    agrees = judged("t[]", "asin(t) + acos(t) == pi/2 == pi/2 + 0")
    assert (agrees.status, bool(agrees), agrees.first_break) == ("agrees", True, None)
    undecided = judged("t[]", "t == t == log(-1 - t^2)")
    assert (undecided.status, bool(undecided)) == ("undecided", False)


def test_a_counterexample_is_one() -> None:
    verdict = judged(TEXT, "y_i == A_ij x_j + v_i")
    example = verdict.links[0].counterexample
    assert example is not None
    values, k = example.values, example.entry["i"]
    left = (values["A"] @ values["x"])[k]
    assert example.left == pytest.approx(left)
    assert example.right == pytest.approx(left + values["v"][k])
    assert verdict.max_error == pytest.approx(abs(values["v"]).max())
    assert values["A"].shape == (example.sizes["m"], example.sizes["n"])


def test_sizes_are_unequal() -> None:
    example = judged("A[m, n]", "A_ij == 2 A_ij").links[0].counterexample
    assert example is not None
    assert example.sizes["m"] != example.sizes["n"]


def test_a_verdict_is_data() -> None:
    data = json.loads(json.dumps(judged(TEXT, "∂f/∂x == 2 B x").data()))
    assert data["status"] == "differs"
    assert data["links"][0]["counterexample"]["entry"].keys() == {"i"}


def test_unknown_functions_are_told() -> None:
    report = judged("x[n]", "∂σ(x_i)/∂x_j == σ(x_i) δ_ij").report()
    assert "σ(z) = " in report


# --- shapes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ("y == x A", "a vector of n times"),
        ("∂y/∂x == A^T", "left is m×n, right is n×m"),
        ("y == x", "left is a column of m, right is a column of n"),
        ("x == x^T", "left is a column of n, right is a row of n"),
        ("f == x", "left is scalar, right is a column of n"),
        ("y_i == A_ij x_j v_k", "free index k"),
        ("∂y_i/∂x_j == A_ji", "index i has two extents: m and n"),
        ("x_i (1 - x_i) == v_i", "free index i"),
    ],
)
def test_ill_shaped(claim: str, words: str) -> None:
    verdict = judged(TEXT, claim)
    assert verdict.status == "ill-shaped"
    assert words in verdict.report()


@pytest.mark.parametrize(
    "claim", ["∂y/∂x == A^T", "B x == x^T B^T", "(A B)^T == A B", "B == (B^T)^T == B^T"]
)
def test_the_other_layout_is_told_where_it_is_right(claim: str) -> None:
    verdict = judged(TEXT, claim)
    told = "right in the other layout" in verdict.report()
    assert told == (claim not in ("(A B)^T == A B ⊙ A",))
    assert not verdict


def test_a_wrong_formula_is_in_no_layout() -> None:
    assert "layout" not in judged(TEXT, "∂y/∂x == 2 A^T").report()


@pytest.mark.parametrize(
    "claim",
    [
        "∂f/∂x == x^T (B + B^T)",  # a gradient is a row in numerator layout
        "∂f/∂B == x x^T",
        "y - A x == 0",
        "0 == ∂f/∂v",
        "∂y_i/∂x_j == ∂y_i/∂x_j == A_ij",
        "B == B_ij",
        "(B^T)_ij == B_ji",
        "∂f/∂x_i == 0 + B_ij x_j + B_ji x_j",
    ],
)
def test_shapes_that_are_the_same(claim: str) -> None:
    assert judged(TEXT, claim) or judged(TEXT, claim).links[0].status != "ill-shaped"


def test_what_lacks_an_index_is_noted() -> None:
    verdict = judged(TEXT, "∂(x_i x_i)/∂A_jk == 0")
    assert verdict.status == "proved"
    assert judged(TEXT, "A_ij == x_j").links[0].notes == (
        "x_j has no index i: it is taken to be the same for all values of it",
    )


# --- clauses, assumptions -----------------------------------------------------------------------


def test_definitions_stand_with_a_claim() -> None:
    assert judged(TEXT, "∂f/∂x_i == g_i + B_ji x_j, g_i = B_ij x_j").status == "proved"
    assert judged(TEXT, "∂f/∂x == (B + B^T) q where q = x").status == "proved"
    assert judged(TEXT, "∂f/∂x == g(B + B^T)x\ng = 1").status == "proved"
    assert judged(TEXT, "∂f/∂x == g x, g = B + B^T").status == "proved"


def test_a_definition_of_a_known_name_is_a_claim() -> None:
    assert statuses(TEXT, "y = A x; f == x^T y") == ["proved", "ill-shaped"]
    assert judged(TEXT, "y = 2 A x ⟹ dy = 2 A dx").status == "differs"


@pytest.mark.parametrize(
    ("claim", "fact"),
    [
        ("∂f/∂x == 2 B x", "B == B^T"),
        ("∂f/∂x_i == 2 B_ij x_j", "B_ij == B_ji"),
        ("x_i x_j x_j == x_i", "x_i x_i == 1"),
        ("B_ji B_jk x_k == x_i", "B_ki B_kj == δ_ij"),
        ("x_i == v_i", "x_i == v_i"),
        ("sum_i x_i^2 == 1 - 2 x_j u_j", "x_i x_i + 2 x_j u_j == 1"),
    ],
)
def test_true_under_an_assumption(claim: str, fact: str) -> None:
    text = "B[n, n], x[n], v[n], u[n]; f = x^T B x"
    assert judged(text, claim).status == "differs"
    assert judged(text, f"{claim}; assume {fact}").status == "proved"


def test_an_assumption_that_only_numbers_use() -> None:
    verdict = judged("x[n], t[]", "sin(sum_i x_i^2) == sin(1); assume ‖x‖ == 1")
    assert verdict.status in ("proved", "agrees")
    assert judged("t[]", "t == 2; assume t^2 == 4; assume t == abs(t)").status == "agrees"
    assert judged("t[]", "t == 1; assume t^2 == -1").status == "undecided"


# --- values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "status"),
    [
        ("log(t^2 + u) == log(t^2 + u) + 0", "proved"),
        ("acosh(t) == log(t + sqrt(t^2 - 1))", "agrees"),
        ("asin(t) + acos(t) == pi/2", "agrees"),
        ("log(t) + log(-t) == 0", "undecided"),
        ("sqrt(-1 - t^2) == t", "undecided"),
        ("log(log(log(t))) == log(log(log(t + 1e-12)))", "differs"),
        ("(t + 1e8)^2 - 1e16 - 2e8 t == t^2", "proved"),
        ("(t + 1e8)^2 - 1e16 - 2e8 t == t^2 + 1e-6 u", "differs"),
        ("sin(t + 1e-13 u) == sin(t)", "differs"),
        ("exp(1e-9 t) == 1 + 1e-9 t", "differs"),
        ("log(det(K + t^2 I)) == log(det(K + t^2 I)) + 1e-14 u", "differs"),
        ("sin(3 t) == 3 sin(t) - 4 sin(t)^3", "proved"),
        ("abs(t) == t", "differs"),
        ("[t > 0] == 1", "differs"),
        ("max(t, u) == (t + u + abs(t - u))/2", "proved"),
    ],
)
def test_values(claim: str, status: str) -> None:
    assert judged("t[], u[]; K[n, n] spd", claim).status == status


def test_a_verdict_is_the_same_every_time() -> None:
    first = judged(TEXT, "∂f/∂x == 2 B x")
    assert judged(TEXT, "∂f/∂x == 2 B x").report() == first.report()


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        ("∂f/∂x", FormulaSyntaxError),
        ("", FormulaSyntaxError),
        ("y == A x; x", FormulaSyntaxError),
        ("y == == A x", FormulaSyntaxError),
        ("y == A q", UnknownNameError),
        ("y_i == A_ij x_j + q_i", UnknownNameError),
        ("f == ψ(f)", UnknownNameError),
        ("x_i x_i x_i == 1", IndexNotationError),
        ("y == A_ij x", IndexNotationError),
        ("f == 1; f = 2; g = 2; g = 3", FormulaError),
        ("B^T == B_ji", FormulaError),
        ("∂f/∂B == x_j x_i", FormulaError),
    ],
)
def test_what_is_no_claim_is_an_error(claim: str, kind: type[FormulaError]) -> None:
    with pytest.raises(kind):
        judged(TEXT, claim)


def test_a_name_on_both_sides_is_a_new_input() -> None:
    assert judged(TEXT, "q x == x q").status == "proved"
    assert judged(TEXT, "∂²f/∂x_i∂x_j q_j == (B_ij + B_ji) q_j").status == "proved"


def test_claims_of_a_program() -> None:
    text = "y_i = W_ij x_j\n∂y_i/∂x_j == W_ji\n∂y_i/∂x_j == W_ij\ny = W x ⟹ dy = dW x"
    verdicts = judge_all(program(text))
    assert [v.status for v in verdicts] == ["ill-shaped", "proved", "proved", "proved"]
    with pytest.raises(UnknownNameError):
        judge_all(program("y_i = W_ij x_j\ny_i == w_i"))


def test_sides_are_compared_alone() -> None:
    known = program(TEXT)
    assert sides_equal(known, "A B x", "A (B x)") == "proved"
    assert sides_equal(known, "A B x", "A x") == "differs"
    assert sides_equal(known, "A B x", "x A") == "ill-shaped"


def test_the_program_is_not_changed() -> None:
    known = program(TEXT)
    before = list(known.symbols)
    check(known, "q x == x q")
    check(known, "f == g, g = x^T B x")
    check(known, "dy == A dx + dA x")
    assert list(known.symbols) == before


@pytest.mark.parametrize(
    ("claim", "status"),
    [
        ("δ_ij δ_jk == δ_ik", "proved"),
        ("δ_ij δ_jk == 2 δ_ik", "differs"),
        ("I I == I", "proved"),
        ("δ_ij == δ_ji", "proved"),
        ("1 1^T == (1 1^T)^T", "proved"),
    ],
)
def test_what_nothing_tells_the_size_of_is_judged_for_all_sizes(claim: str, status: str) -> None:
    assert ic.Program("x[n]").check(claim).status == status
