"""Indices: what is free, what is summed, in which scope; what has two readings is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest

import indexcalc as ic
from tests.spec.agreement import Reference, agrees, refusal, suggestions

# --- rules 1 to 3: free, repeated, scopes -------------------------------------------------------

ACCEPTED: list[tuple[str, Reference, dict[str, str]]] = [
    ("c_i = a_i b_i", lambda a, b: a * b, {"a": "n", "b": "n"}),
    ("c_i = A_ii", lambda A: np.diag(A).copy(), {"A": "nn"}),
    ("c_bi = W_ij x_bj", lambda W, x: x @ W.T, {"W": "mn", "x": "pn"}),
    ("c = A_ii", lambda A: A.diagonal().sum(), {"A": "nn"}),
    ("c = a_i b_i d_i", lambda a, b, d: (a * b * d).sum(), {"a": "n", "b": "n", "d": "n"}),
    ("c = a_i b_i + d_j g_j", lambda a, b, d, g: a @ b + d @ g,
     {"a": "n", "b": "n", "d": "m", "g": "m"}),
    ("c = a_i b_i + d_i g_i", lambda a, b, d, g: a @ b + d @ g,
     {"a": "n", "b": "n", "d": "n", "g": "n"}),
    ("c = p_i log(y_i)", lambda p, y: p @ np.log(y), {"p": "n", "y": "n:positive"}),
    ("c = a_i (P_ik P_jk) a_j", lambda a, P: a @ P @ P.T @ a, {"a": "m", "P": "mn"}),
    ("c_i = tanh(W_ij x_j + b_i)", lambda W, x, b: np.tanh(W @ x + b),
     {"W": "mn", "x": "n", "b": "m"}),
    ("c = (A_ij x_j)(A_ik x_k)", lambda A, x: (A @ x) @ (A @ x), {"A": "mn", "x": "n"}),
    ("c = x_i/y_i", lambda x, y: (x / y).sum(), {"x": "n", "y": "n:positive"}),
    ("c_i = x_i/y_i", lambda x, y: x / y, {"x": "n", "y": "n:positive"}),
    ("c = log(x_i y_i)", lambda x, y: np.log(x @ y), {"x": "n:positive", "y": "n:positive"}),
    ("c_i = x_i/(x_j x_j)", lambda x: x / (x @ x), {"x": "n"}),
    ("c = exp(-x_i x_i) y_j y_j", lambda x, y: np.exp(-x @ x) * (y @ y), {"x": "n", "y": "m"}),
    ("c = x_i A_ij x_j / (x_k x_k)", lambda x, A: x @ A @ x / (x @ x), {"x": "n", "A": "nn"}),
    ("c_i = x_i^2", lambda x: x**2, {"x": "n"}),
    ("c = x_i x_i", lambda x: x @ x, {"x": "n"}),
    ("c = (x_i x_i)^2", lambda x: (x @ x) ** 2, {"x": "n"}),
    ("c = (a_i X_ij b_j)^2", lambda a, X, b: (a @ X @ b) ** 2, {"a": "m", "X": "mn", "b": "n"}),
    ("c = a_i (b_i + d_i)", lambda a, b, d: a @ (b + d), {"a": "n", "b": "n", "d": "n"}),
    ("c = a_i^2 b_i", lambda a, b: a**2 @ b, {"a": "n", "b": "n"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "by_hand", "shapes"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_what_a_text_means(text: str, by_hand: Reference, shapes: dict[str, str]) -> None:
    agrees(text, "c", by_hand, **shapes)


@pytest.mark.parametrize(("text", "by_hand", "shapes"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_what_was_read_means_the_same_when_it_is_read_again(
    text: str, by_hand: Reference, shapes: dict[str, str]
) -> None:
    explained = ic.Program(text).explain()
    agrees(explained, "c", by_hand, **shapes)
    assert statements(ic.Program(explained).explain()) == statements(explained)


def statements(text: str) -> list[str]:
    """The lines without their comments."""
    return [line.partition("#")[0].strip() for line in text.splitlines()]


def test_each_use_of_a_definition_has_fresh_dummies() -> None:
    program = "z_i = A_ij x_j; f = z_i z_i; g = z_j w_j f"
    agrees(program, "f", lambda A, x: (A @ x) @ (A @ x), A="mn", x="n")

    def by_hand(A, x, w):  # type: ignore[no-untyped-def]
        return (A @ x) @ w * ((A @ x) @ (A @ x))

    agrees(program, "g", by_hand, A="mn", x="n", w="m")


# --- rules 4 and 6: lone indices, broadcasts ------------------------------------------------------

TWO_READINGS = [
    "-y_i X_ik/(1 + exp(y_i X_ij w_j))", "(A_ij x_j)(A_ij x_j)", "x_i y_i/√(x_i x_i)",
    "x_i y_i z_i", "f_j = A_ij / B_ii", "f = y_i exp(x_i x_i)",
    "f_k = -y_i X_ik/(1 + exp(y_i X_ij w_j))", "f = (A_ij x_j)(A_ij x_j)",
]  # fmt: skip
LONE = [
    "f = log(y_i)", "f = x_i^2", "f = A_ij x_j b_k", "f_i = a_i b_j", "f = x_i + y_i",
    "f_i = a_i + c_ij", "f_i = 2 - c_ij d_k", "f = A_{batch,j} x_j", "f = -a_i + b_j b_j",
    "f_i = x_i A_jk", "f = A_ij B_jk",
]  # fmt: skip


def result_indices(text: str) -> tuple[str, ...]:
    program = ic.Program(text)
    return program.queries[0].free if program.queries else program.definitions["f"].free


@pytest.mark.parametrize("text", TWO_READINGS)
def test_two_readings_are_both_named_and_both_accepted(text: str) -> None:
    error = refusal(text)
    assert isinstance(error, ic.IndexNotationError)
    texts = suggestions(error)
    assert len(texts) == 2
    values = [as_function(suggested) for suggested in texts]
    assert values[0] != values[1]


def as_function(text: str) -> str:
    """The statement with all sums written out, without the names on the left."""
    return ic.Program(text).explain().splitlines()[-1].rpartition(" = ")[2]


@pytest.mark.parametrize("text", LONE)
def test_lone_indices_are_told_with_texts_that_are_accepted(text: str) -> None:
    error = refusal(text)
    assert isinstance(error, ic.IndexNotationError)
    texts = suggestions(error)
    assert texts
    for suggested in texts:
        assert ic.Program(suggested).explain()


def test_every_lone_index_is_marked() -> None:
    error = refusal("f = A_ij x_j b_k")
    assert [mark.span.text for mark in error.marks] == ["A_ij", "b_k"]
    assert suggestions(error) == ["f = sum_{i,k} A_ij x_j b_k", "f_ik = A_ij x_j b_k"]


@pytest.mark.parametrize("text", ["x_i + y_j", "f = x_i + y_j", "log(x_i) - A_jk y_k"])
def test_terms_with_different_indices_are_both_shown(text: str) -> None:
    error = refusal(text)
    assert len(error.marks) == 2
    match = re.search(r"write  (.*),\n", error.hint)
    assert match is not None
    assert len(ic.Program("")[match[1]].shape) == 2


BROADCASTS: list[tuple[str, Reference, dict[str, str]]] = [
    ("Y_ij = A_ij + c_i", lambda A, c: A + c[:, None], {"A": "mn", "c": "m"}),
    ("Y_ij = A_ij + c_j", lambda A, c: A + c, {"A": "mn", "c": "n"}),
    ("Y_ij = x_i + y_j", lambda x, y: x[:, None] + y, {"x": "m", "y": "n"}),
    ("Y_ij = tanh(W_ik X_kj + b_i)", lambda W, X, b: np.tanh(W @ X + b[:, None]),
     {"W": "mp", "X": "pn", "b": "m"}),
    ("Y_ij = x_i 1_j + A_ij", lambda x, A: x[:, None] + A, {"x": "m", "A": "mn"}),
    ("Y_i = 1 + x_i", lambda x: 1 + x, {"x": "n"}),
    ("Y_i = a + x_i/b", lambda a, x, b: a + x / b, {"a": "", "x": "n", "b": ":positive"}),
    ("Y_ji = A_ij + c_i", lambda A, c: (A + c[:, None]).T, {"A": "mn", "c": "m"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "by_hand", "shapes"), BROADCASTS, ids=[row[0] for row in BROADCASTS]
)
def test_broadcasts(text: str, by_hand: Reference, shapes: dict[str, str]) -> None:
    agrees(text, "Y", by_hand, **shapes)
    agrees(ic.Program(text).explain(), "Y", by_hand, **shapes)


def test_a_bare_sum_broadcasts_to_the_term_that_has_all_indices() -> None:
    for text in ("A_ij + c_i", "c_i + A_ij"):
        agrees("", text, lambda A, c: A + c[:, None], A="mn", c="m")
    assert "A_ij + c_i 1_j" in ic.Program("Y_ij = A_ij + c_i").explain()


# --- rule 5: explicit sums ------------------------------------------------------------------------

EXPLICIT: list[tuple[str, Reference, dict[str, str]]] = [
    ("sum_i x_i^2", lambda x: x @ x, {"x": "n"}),
    ("Σ_i x_i^2 + 3", lambda x: x @ x + 3, {"x": "n"}),
    ("sum_{i,j} A_ij", lambda A: A.sum(), {"A": "mn"}),
    ("sum_{i,j}(A_ij)", lambda A: A.sum(), {"A": "mn"}),
    ("prod_{i,j} A_ij", lambda A: A.prod(), {"A": "mn"}),
    ("max_{i,j} A_ij", lambda A: A.max(), {"A": "mn"}),
    ("min_{i,j} A_ij", lambda A: A.min(), {"A": "mn"}),
    ("mean_{i,j} A_ij", lambda A: A.mean(), {"A": "mn"}),
    ("logsumexp_{i,j} A_ij", lambda A: np.log(np.exp(A).sum()), {"A": "mn"}),
    ("max_i A_ij", lambda A: A.max(0), {"A": "mn"}),
    ("mean_i A_ij x_i", lambda A, x: (A.T * x).mean(1), {"A": "mn", "x": "m"}),
    ("sum_i x_i y_i + z_j z_j", lambda x, y, z: x @ y + z @ z, {"x": "n", "y": "n", "z": "m"}),
    ("2 sum_i x_i^2 y_i - 1", lambda x, y: 2 * x**2 @ y - 1, {"x": "n", "y": "n"}),
    ("(sum_i x_i)^2", lambda x: x.sum() ** 2, {"x": "n"}),
    ("sum_i log(sum_j exp(A_ij))", lambda A: np.log(np.exp(A).sum(1)).sum(), {"A": "mn"}),
    ("sum_i x_i sum_j y_j", lambda x, y: x.sum() * y.sum(), {"x": "m", "y": "n"}),
    ("sum_i max_j A_ij", lambda A: A.max(1).sum(), {"A": "mn"}),
    ("max_i sum_j A_ij x_j", lambda A, x: (A @ x).max(), {"A": "mn", "x": "n"}),
    ("prod_i (x_i + 1)", lambda x: (x + 1).prod(), {"x": "n"}),
    ("sum_{batch} x_{batch,j}", lambda x: x.sum(0), {"x": "nm"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "by_hand", "shapes"), EXPLICIT, ids=[row[0] for row in EXPLICIT])
def test_explicit_sums(text: str, by_hand: Reference, shapes: dict[str, str]) -> None:
    agrees("", text, by_hand, **shapes)


def test_free_indices_of_a_query_are_ordered_by_appearance() -> None:
    program = ic.Program("y_i = tanh(W_ij x_j)")
    assert program["W_ij x_k"].free == ("i", "j", "k")
    assert program["x_k W_ij"].free == ("k", "i", "j")
    assert program["∂y_i/∂W_jk"].free == ("i", "j", "k")
    assert program["∂²y_a/∂W_ij∂x_k"].free == ("a", "i", "j", "k")
    agrees("", "x_k W_ij", lambda x, W: np.einsum("k,ij->kij", x, W), x="p", W="mn")


# --- letters, ranges, special tensors -------------------------------------------------------------


def test_indices_of_several_letters() -> None:
    program = "S_{head,q} = Q_{head,dim} K_{q, dim}"
    agrees(program, "S", lambda Q, K: Q @ K.T, Q="mn", K="pn")
    assert ic.Program(program).definitions["S"].free == ("head", "q")


def test_greek_indices() -> None:
    agrees("F_μν = A_μ B_ν - A_ν B_μ", "F", lambda A, B: np.outer(A, B) - np.outer(B, A),
           A="n", B="n")  # fmt: skip


@pytest.mark.parametrize("text", ["T^i_j", "f = T^i_j T^j_i", "y_i = T^i_j x_j"])
def test_upper_indices_are_refused_with_a_hint(text: str) -> None:
    error = refusal(text)
    assert "^ is a power" in error.message
    assert "T_ij" in error.hint


def test_a_clash_of_extents_shows_both_places_and_where_each_comes_from() -> None:
    error = refusal("A[3, 2]\nB[3, 3]\nf = A_ij B_ji")
    assert isinstance(error, ic.ShapeError)
    assert [mark.span.text for mark in error.marks] == ["A_ij", "B_ji"]
    assert ["2, from A[3, 2]" in error.marks[0].note, "line 2" in error.marks[1].note] == [True] * 2
    error = refusal("A[n, n], x[m]; y_i = A_ij x_j")
    assert [mark.span.text for mark in error.marks] == ["A_ij", "x_j"]


def test_one_letter_may_have_two_ranges_in_two_statements() -> None:
    program = "f = x_i x_i; g = y_i y_i; h = f g"
    agrees(program, "h", lambda x, y: (x @ x) * (y @ y), x="m", y="n")


def test_delta_epsilon_and_ones() -> None:
    agrees("D_ij = δ_ij v_i", "D", lambda v: np.diag(v) + 0, v="n")
    agrees("c_i = ε_ijk a_j b_k", "c", lambda a, b: np.cross(a, b) + 0, a="3", b="3")
    agrees("c = ε_ijk a_i b_j d_k", "c", lambda a, b, d: np.cross(a, b) @ d, a="3", b="3", d="3")
    agrees("c = 1_i A_ij 1_j", "c", lambda A: A.sum(), A="mn")
    agrees("c = δ_ij A_ij", "c", lambda A: A.diagonal().sum(), A="nn")


def test_epsilon_contracts_to_deltas() -> None:
    value = ic.Program("D_il = ε_ijk ε_ljk; s = ε_ijk ε_ijk")
    np.testing.assert_array_equal(value["D"](), 2 * np.eye(3))
    assert value["s"]() == 6


def test_a_range_that_nothing_determines_is_refused() -> None:
    for text in ("f_k = a_i b_i", "f_ij = δ_ij", "f = 1_i 1_i"):
        assert "how many values" in refusal(text).message
