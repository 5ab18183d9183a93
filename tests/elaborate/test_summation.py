"""The summation convention: each row of the table of ambiguous cases, accepted or refused.

Accepted texts are compared with the graph that says what they mean; refused ones with the kind of
error, the marked places, and what the hint offers, which is then read as well.
"""

from __future__ import annotations

import re

import pytest

from indexcalc.errors import FormulaError, IndexNotationError, LimitError, ShapeError
from indexcalc.ir.build import (
    add,
    broadcast,
    builtin,
    delta,
    multiply,
    number,
    ones,
    power,
    reciprocal,
    size,
    variable,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node
from tests.elaborate.reading import M, N, P, ask, error_of, marked, node_of, read, shapes

x, y, z, p, t = (variable(name, (M,)) for name in "xyzpt")
a, c = variable("a", ()), variable("c", ())
A, B, S = variable("A", (M, N)), variable("B", (N, P)), variable("S", (M, M))
u, v = variable("u", (N,)), variable("v", (N,))
DECLARED = "x[m], y[m], z[m], p[m], t[m], a[], c[], A[m,n], B[n,p], S[m,m], u[n], v[n]\n"


def dot(left: Node, right: Node) -> Node:
    return contract([(left, "i"), (right, "i")], "")


ACCEPTED: dict[str, Node] = {
    # rule 1: an index on the left-hand side is free
    "c_i = x_i y_i": multiply(x, y),
    "d_i = S_ii": contract([(S, "ii")], "i"),
    "C_ij = A_ij A_ij": multiply(A, A),
    "c_i = x_i y_i z_i": multiply(x, y, z),
    "c_i = S_ii x_i": contract([(S, "ii"), (x, "i")], "i"),
    "C_ji = A_ij": contract([(A, "ij")], "ji"),
    "y_bi = A_ij B_jb": contract([(A, "ij"), (B, "jb")], "bi"),
    # rule 2: any other index that repeats in a term is summed over it
    "x_i y_i": dot(x, y),
    "f = x_i x_i": dot(x, x),
    "f = S_ii": contract([(S, "ii")], ""),
    "f = x_i y_i z_i": contract([(x, "i"), (y, "i"), (z, "i")], ""),
    "f = x_i y_i + u_i v_i": add(dot(x, y), dot(u, v)),
    "A_ij B_jk": contract([(A, "ij"), (B, "jk")], "ik"),
    # rule 3: brackets, arguments, bases and denominators are scopes
    "f = log(x_i y_i)": builtin("log", dot(x, y)),
    "f = t_i log(p_i)": dot(t, builtin("log", p)),
    "f = x_i / y_i": dot(x, reciprocal(y)),
    "f = x_i y_i / S_jj": multiply(dot(x, y), reciprocal(contract([(S, "ii")], ""))),
    "f = x_i (A_ik A_jk) y_j": contract(
        [(x, "i"), (contract([(A, "ik"), (A, "jk")], "ij"), "ij"), (y, "j")], ""
    ),
    "f = (x_i y_i)^2": power(dot(x, y), 2),
    "f = x_i^2 y_i": dot(power(x, 2), y),
    "exp(A_ij u_j + x_i)": builtin("exp", add(contract([(A, "ij"), (u, "j")], "i"), x)),
    "f = S_ii^2": power(contract([(S, "ii")], ""), 2),
    "max(x_i, y_i) z_i": dot(builtin("maximum", x, y), z),
    "f = -(x_i y_i)/2": multiply(number(-1), dot(x, y), reciprocal(number(2))),
    # rule 5: explicit sums bind, and may shadow
    "f = sum_i x_i y_i z_i": contract([(x, "i"), (y, "i"), (z, "i")], ""),
    "f = sum_i log(y_i)": contract([(builtin("log", y), "i")], ""),
    "f = sum_i x_i^2": dot(x, x),
    "f = sum_{i,j} A_ij": contract([(A, "ij")], ""),
    "q_i = exp(x_i)/sum_i exp(x_i)": multiply(
        builtin("exp", x),
        broadcast(reciprocal(contract([(builtin("exp", x), "i")], "")), (M,), ()),
    ),
    "f = x_i sum_j A_ij": dot(x, contract([(A, "ij")], "i")),
    "f = sum_i (x_i y_i + z_i)": contract([(add(multiply(x, y), z), "i")], ""),
    "f = sum_{i,j} (x_i + u_j)": contract(
        [(add(broadcast(x, (M, N), [0]), broadcast(u, (M, N), [1])), "ij")], ""
    ),
    # rule 6: broadcasts
    "A_ij + x_i": add(A, broadcast(x, (M, N), [0])),
    "x_i + 1": add(x, ones((M,))),
    "x_i + a": add(x, broadcast(a, (M,), ())),
    "Y_ij = A_ij + x_i": add(A, broadcast(x, (M, N), [0])),
    "Y_ij = A_ij + x_i + u_j": add(A, broadcast(x, (M, N), [0]), broadcast(u, (M, N), [1])),
    "C_ij = x_i + A_ij": add(A, broadcast(x, (M, N), [0])),
    "C_ij = u_j + A_ij": add(A, broadcast(u, (M, N), [1])),
    "C_ij = u_j + x_i": add(broadcast(x, (M, N), [0]), broadcast(u, (M, N), [1])),
    "exp(A_ik B_kj + x_i)": builtin(
        "exp", add(contract([(A, "ik"), (B, "kj")], "ij"), broadcast(x, (M, P), [0]))
    ),
    "x_i 1_j u_j": contract([(x, "i"), (u, "j")], "i"),
    # deltas and ones
    "S_ij δ_ij": contract([(S, "ii")], ""),
    "S_ij δ_jk": S,
    "A_ij delta_ij": contract([(variable("A", (M, M)), "ii")], ""),
    "C_ij = δ_ij x_i": contract([(x, "i")], "ii"),
    "f = δ_ij x_i y_j": dot(x, y),
    "f = x_i 1_i": contract([(x, "i")], ""),
    "f = δ_ii 1_i x_i": contract([(x, "i")], ""),
}


@pytest.mark.parametrize("text", ACCEPTED, ids=str)
def test_what_a_text_means(text: str) -> None:
    declared = DECLARED if "delta" not in text else "A[m,m]\n"
    left, _, _ = text.partition(" = ")
    used = re.sub(rf"\b{left.split('_')[0]}\[[^]]*\], ", "", declared) if "=" in text else declared
    assert node_of(used + text) is ACCEPTED[text]


# A text, the marked places, and a part of the message.
REFUSED = {
    "f = x_i^2": (["x_i"], "not free and occurs once (a power is one occurrence)"),
    "f = log(y_i)": (["y_i"], "index i is not free and occurs once"),
    "f = x_i y_i + z_i": (["z_i"], "index i is not free and occurs once"),
    "y = A_ij x_j": (["A_ij"], "index i is not free and occurs once"),
    "C_ij = A_ik B_kl": (["B_kl"], "index l is not free and occurs once"),
    "x_i y_i z_i": (["x_i y_i z_i"], "index i occurs 3 times in one term"),
    "S_ii x_i": (["S_ii x_i"], "index i occurs 3 times in one term"),
    "f = A_ij / B_ii": (["B_ii", "A_ij"], "index i has two readings"),
    "f = y_i log(x_i z_i)": (["x_i z_i", "y_i"], "index i has two readings"),
    "f = log(x_i z_i) y_i": (["x_i z_i", "y_i"], "index i has two readings"),
    "(A_ij x_j)(A_ij x_j)": (["A_ij x_j", "A_ij x_j"], "index j has two readings"),
    "x_i y_i/√(x_i x_i)": (["x_i x_i", "x_i"], "index i has two readings"),
    "-y_i X_ik/(1 + exp(y_i X_ij w_j))": (["y_i X_ij w_j", "y_i"], "index i has two readings"),
    "f = x_i (y_i z_i)": (["y_i z_i", "x_i"], "index i has two readings"),
    "f = x_i (1 + (2 + y_i z_i))": (["y_i z_i", "x_i"], "index i has two readings"),
    "f = max(x_i y_i, z_i)": (["x_i y_i", "z_i"], "index i has two readings"),
    "x_i y_i + z_i": (["x_i y_i", "z_i"], "one term sums it, another leaves it open"),
    "x_i + u_j": (["x_i", "u_j"], "carry different indices: i and j"),
    "x_i + x_j": (["x_i", "x_j"], "carry different indices: i and j"),
    "f_k = exp(x_i + u_j) x_i u_j x_k": (["x_i", "u_j"], "carry different indices"),
    "f = sum_j x_i x_i": (["sum_j x_i x_i"], "index j does not occur in x_i x_i"),
    "∂(x_i x_i)/∂x_i": (["x_i x_i", "x_i"], "repeats in what is differentiated"),
    "g_i = ∂(x_i A_ij u_j)/∂x_i": (["x_i A_ij u_j", "x_i"], "repeats in what is differentiated"),
    "softmax(A_ij)": (["softmax(A_ij)"], "nothing says which of i, j"),
    "f_i = log(norm(x_i))": (["norm(x_i)"], "i is free here"),
    "f = x_i logsumexp(x_i)": (["logsumexp(x_i)", "x_i"], "the function uses it up"),
    "B_ij = inv(A_ij)": (["A_ij"], "inv uses it up"),
    "inv(S_ij)_ji": (["inv(S_ij)", "inv(S_ij)_ji"], "the function uses it up"),
    "f = a_i ⊙ b_i": (["a_i ⊙ b_i"], "⊙ joins tensors without indices"),
    "(A_ij x_j)_i": (["A_ij", "(A_ij x_j)_i"], "has the index i already"),
    "y_i = T^i_j x_j": (["T^i_j"], "has an upper index"),
    "f_ii = x_i": (["f_ii"], "stands twice on the left-hand side"),
    "f = 2_i x_i": (["2_i"], "a number has no index"),
    "f = sum_{i,i} x_i": (["sum_{i,i} x_i"], "is named twice"),
}


@pytest.mark.parametrize("text", REFUSED, ids=str)
def test_what_is_refused_and_where(text: str) -> None:
    error = error_of(text)
    places, message = REFUSED[text]
    assert isinstance(error, IndexNotationError)
    assert message in error.message
    assert marked(error) == places
    assert error.hint


# Errors whose readings are written out, one text for each line of the hint.
TWO_READINGS = [
    text for text, (_, message) in REFUSED.items()
    if "two readings" in message or "3 times" in message or "occurs once" in message
    or "different indices" in message or "another leaves" in message
]  # fmt: skip
# What these are written instead has another mistake of the same kind, or is one for each reading.
MORE_THAN_ONE_MISTAKE = {
    *("f = A_ij / B_ii", "f_k = exp(x_i + u_j) x_i u_j x_k", "C_ij = A_ik B_kl"),
}


def texts_in(hint: str) -> list[str]:
    found = []
    for line in hint.splitlines():
        text = re.sub(r"^.*?(?:write|or)  ", "", line)
        found.append(re.sub(r",$|  to .*$|  for .*$", "", text))
    return found


@pytest.mark.parametrize("text", [t for t in TWO_READINGS if t not in MORE_THAN_ONE_MISTAKE])
def test_what_the_hint_says_to_write_is_accepted(text: str) -> None:
    texts = [text for text in texts_in(error_of(text).hint) if "…" not in text]
    assert texts
    for suggestion in texts:
        assert read(suggestion).symbols


def test_a_definition_that_is_used_twice_brings_fresh_dummies() -> None:
    program = read("w_i = A_ij u_j; f = w_i w_i")
    w = program.definitions[0].variable
    assert program.definitions[1].node is contract([(w, "i"), (w, "i")], "")


def test_one_index_two_extents_shows_both_places_and_where_each_is_from() -> None:
    error = error_of("A[3,2], B[3,3]\nf = A_ij B_ji")
    assert isinstance(error, ShapeError)
    assert str(error) == (
        "index j has two extents: 2 and 3\n"
        "  line 2, column 5: here it is 2, from A[3,2] in line 1\n"
        "    f = A_ij B_ji\n"
        "        ^^^^\n"
        "  line 2, column 10: here it is 3, from B[3,3] in line 1\n"
        "    f = A_ij B_ji\n"
        "             ^^^^\n"
        "  the same index must have the same range everywhere in one term"
    )


def test_the_same_letter_in_two_terms_or_statements_has_ranges_of_its_own() -> None:
    assert shapes("x[3], u[4]; f = x_i x_i + u_i u_i; g = u_i u_i")["f"] == "scalar"


def test_free_indices_of_a_bare_expression_are_ordered_by_first_appearance() -> None:
    assert read("B_jk A_ij").queries[0].letters == ("k", "i")
    assert read("x_i 1_j + A_ij").queries[0].letters == ("i", "j")


def test_a_derivative_has_the_numerators_indices_first() -> None:
    program = "Y_ij = A_ik B_kj; f = A_ij A_ij"
    assert ask(program, "∂Y_ij/∂B_kl").letters == ("i", "j", "k", "l")
    assert ask(program, "∂Y_ij/∂B_kj").letters == ("i", "k")
    assert ask(program, "∂²f/∂A_ij∂A_kl V_kl").letters == ("i", "j")


def test_a_left_hand_side_fixes_the_order_of_axes() -> None:
    program = "y_i = A_ij u_j^2"
    given, turned = ask(program, "∂y_i/∂u_j"), ask(program, "H_ji = ∂y_i/∂u_j")
    assert turned.letters == ("j", "i")
    assert turned.node is contract([(given.node, "ij")], "ji")


def test_a_delta_alone_counts_if_its_extent_is_known() -> None:
    assert node_of("x[m]\nf = δ_ij x_j 1_i") is contract([(x, "i")], "")
    program = "S[m,m]\nC_ij = S_ij + δ_ij\nf = C_ii"
    assert read(program).definitions[0].node is add(S, delta(M))
    error = error_of("f = δ_ii")
    assert isinstance(error, ShapeError)
    assert "nothing determines" in error.message


def test_levi_civita_has_three_values() -> None:
    assert shapes("f = ε_ijk a_i b_j c_k") == {"f": "scalar", "a": "3", "b": "3", "c": "3"}


def test_a_grouped_index_splits_its_axis_row_by_row() -> None:
    text = "X[p*n, m], a[p], b[m]\ny_r = a_s X_{(sr)q} b_q"
    assert shapes(text)["y"] == "n"
    assert shapes("X[6, m], a[2]\ny_r = a_s X_{(sr)q} b_q\nb[m]")["y"] == "3"
    error = error_of("X[6, m], a[4]\ny_r = a_s X_{(sr)q} b_q")
    assert isinstance(error, FormulaError)


def test_the_name_of_an_extent_is_its_size() -> None:
    assert node_of("x[n]\nf = 1/n sum_i x_i") is multiply(
        contract([(variable("x", (N,)), "i")], ""), reciprocal(size(N))
    )
    assert node_of("x[n], n[]\nf = n") is variable("n", ())


def test_too_many_axes_are_refused() -> None:
    letters = "abcdefghijklmnopqrstuvwxyzαβγδεζηθ"
    error = error_of(" ".join(f"x_{letter}" for letter in letters))
    assert isinstance(error, LimitError)


def test_a_term_that_lacks_an_index_with_unknown_extent_takes_it_from_the_others() -> None:
    assert shapes("Y_ij = x_i + w_j") == {"Y": "m×n", "x": "m", "w": "n"}
    assert isinstance(error_of("Y_ij = x_i"), ShapeError)
    assert shapes("Y[2, k]; Y_ij = x_i")["x"] == "2"


def test_extents_may_be_formulas() -> None:
    program = read("W[m-1, m], V[m, 2 n], x[2 n]\ny_i = W_ij V_jk x_k")
    assert program.symbols["y"].shape == (Extent.named("m") + Extent.fixed(-1),)
