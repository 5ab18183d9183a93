"""Component text of nodes built by hand: what a reader sees."""

from __future__ import annotations

from fractions import Fraction

import pytest

import indexcalc as ic
from indexcalc.errors import FormulaError, IndexNotationError
from indexcalc.ir.build import (
    add,
    apply,
    broadcast,
    builtin,
    call,
    constant,
    delta,
    derivative,
    linear,
    multiply,
    negate,
    number,
    ones,
    power,
    reciprocal,
    reduce,
    reshape,
    scale,
    size,
    subtract,
    transpose,
    variable,
    zero,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Function, Node
from indexcalc.notation.component import component, to_component
from indexcalc.notation.names import NameStyle

m, n, p, q = (Extent.named(name) for name in "mnpq")
A, C = variable("A", (n, n)), variable("C", (n, n))
W, T = variable("W", (m, n)), variable("T", (n, n, n))
x, v = variable("x", (n,)), variable("v", (n,))
z, w = variable("z", (m,)), variable("w", (m,))
c, y = variable("c", ()), variable("y", ())
xx = contract([(x, "i"), (x, "i")], "")


def derived(name: str, argument: Node, order: int = 1) -> Node:
    return apply(Function(name, (order,), "abstract"), argument)


PRODUCTS = [
    (contract([(W, "ij"), (x, "j")], "i"), "i", "W_ij x_j"),
    (contract([(A, "ij")], "ji"), "ij", "A_ji"),
    (contract([(A, "ii")], ""), "", "A_ii"),
    (contract([(A, "ii")], "i"), "i", "A_ii"),
    (multiply(x, v), "i", "v_i x_i"),
    (xx, "", "x_i x_i"),
    (contract([(A, "ij"), (A, "ij")], ""), "", "A_ij A_ij"),
    (contract([(A, "ij"), (A, "ij")], "i"), "i", "A_ij A_ij"),
    (contract([(x, "i")] * 3, ""), "", "sum_i x_i^3"),
    (contract([(x, "i")], ""), "", "sum_i x_i"),
    (contract([(A, "ij")], ""), "", "sum_{i,j} A_ij"),
    (contract([(builtin("log", x), "i")], ""), "", "sum_i log(x_i)"),
    (contract([(builtin("log", x), "i"), (v, "i")], ""), "", "v_i log(x_i)"),
    (contract([(builtin("exp", A), "kk")], ""), "", "sum_i exp(A_ii)"),
    (multiply(y, c, xx), "", "c y x_i x_i"),
    (multiply(xx, xx), "", "(x_i x_i)^2"),
    (contract([(x, "k"), (v, "k"), (C, "ik")], "i"), "i", "C_ij v_j x_j"),
    (scale(2, x), "i", "2 x_i"),
    (negate(x), "i", "-x_i"),
    (scale(Fraction(-1, 2), x), "i", "-1/2 x_i"),
    (scale(Fraction(1, 5), x), "i", "0.2 x_i"),
]

POWERS = [
    (power(x, 2), "i", "x_i^2"),
    (reciprocal(x), "i", "1/x_i"),
    (power(x, Fraction(1, 2)), "i", "sqrt(x_i)"),
    (power(x, Fraction(-1, 2)), "i", "1/sqrt(x_i)"),
    (power(x, Fraction(-3, 2)), "i", "1/x_i^(3/2)"),
    (power(add(x, v), 3), "i", "(v_i + x_i)^3"),
    (scale(3, multiply(y, reciprocal(c))), "", "3 y/c"),
    (scale(Fraction(3, 2), reciprocal(c)), "", "3/(2 c)"),
    (multiply(reciprocal(c), reciprocal(y)), "", "1/(c y)"),
    (multiply(x, reciprocal(xx)), "i", "x_i/(x_j x_j)"),
    (contract([(x, "i"), (reciprocal(v), "i")], ""), "", "x_i/v_i"),
    (contract([(reciprocal(x), "i"), (reciprocal(v), "i"), (W, "ji")], "j"), "j",
     "sum_i W_ji/(v_i x_i)"),
    (contract([(reciprocal(A), "ii")], ""), "", "sum_i 1/A_ii"),
    (power(contract([(A, "ij"), (x, "j")], "i"), 2), "i", "(A_ij x_j)^2"),
]  # fmt: skip

PATTERNS = [
    (delta(n), "ij", "δ_ij"),
    (contract([(x, "i")], "ii"), "ij", "x_i δ_ij"),
    (contract([(x, "q")], "ppq", {"p": m}), "ipq", "δ_ip x_q"),
    (ones((n,)), "i", "1_i"),
    (broadcast(x, (m, n), (1,)), "ij", "x_j 1_i"),
    (broadcast(number(2), (m, n), ()), "ij", "2 1_i 1_j"),
    (zero((m, n)), "ij", "0"),
    (constant("levi_civita", (Extent.fixed(3),) * 3), "ijk", "ε_ijk"),
    (multiply(constant("pi"), constant("e")), "", "e π"),
    (multiply(reciprocal(size(n)), y), "", "y/n"),
]

SUMS = [
    (subtract(ones((n,)), x), "i", "1 - x_i"),
    (subtract(x, ones((n,))), "i", "x_i - 1"),
    (add(broadcast(x, (m, n), (1,)), W), "ij", "W_ij + x_j"),
    (add(broadcast(x, (n, n), (1,)), broadcast(v, (n, n), (0,))), "ij", "v_i 1_j + x_j"),
    (multiply(subtract(x, v), subtract(v, x)), "i", "-(v_i - x_i)^2"),
    (scale(-2, subtract(x, v)), "i", "2 (v_i - x_i)"),
    (negate(add(x, v)), "i", "-v_i - x_i"),
    (subtract(contract([(x, "i")], "ii"), contract([(x, "i"), (x, "j")], "ij")), "ij",
     "x_i δ_ij - x_i x_j"),
    (contract([(add(A, contract([(x, "i")], "ii")), "ij"), (v, "j")], "i"), "i",
     "(A_ij + x_i δ_ij) v_j"),
    (contract([(add(A, contract([(x, "i")], "ii")), "ij"), (v, "i"), (v, "j")], ""), "",
     "sum_i v_i (A_ij + x_i δ_ij) v_j"),
    (add(contract([(A, "ij"), (x, "j")], "i"), contract([(C, "ij"), (v, "j")], "i")), "i",
     "A_ij x_j + C_ij v_j"),
]  # fmt: skip

lse = reduce("logsumexp", W, 1)
FUNCTIONS = [
    (builtin("exp", negate(x)), "i", "exp(-x_i)"),
    (derived("σ", z), "i", "σ'(z_i)"),
    (derived("σ", z, 2), "i", "σ''(z_i)"),
    (builtin("maximum", x, zero((n,))), "i", "max(x_i, 0)"),
    (builtin("gt", x, zero((n,))), "i", "[x_i > 0]"),
    (builtin("where", builtin("gt", x, v), x, negate(v)), "i", "where(x_i > v_i, x_i, -v_i)"),
    (builtin("exp", subtract(W, broadcast(lse, (m, n), (0,)))), "bk", "softmax_k(W_bk)"),
    (builtin("exp", subtract(x, broadcast(reduce("logsumexp", x, 1), (n,), ()))), "k",
     "softmax(x)_k"),
    (lse, "b", "logsumexp_i W_bi"),
    (reduce("max", x, 1), "", "max(x)"),
    (multiply(w, reduce("max", W, 1)), "i", "w_i max_j W_ij"),
    (reduce("max", multiply(x, v), 1), "", "max_i v_i x_i"),
    (reduce("cumsum", x, 1), "i", "cumsum(x)_i"),
    (reduce("cumsum", W, 1), "ij", "cumsum_j(W_ij)"),
    (multiply(x, reciprocal(contract([(builtin("exp", x), "k")], ""))), "i",
     "x_i/sum_j exp(x_j)"),
    (apply(Function("g", (1, 0), "abstract"), x, v), "i", "g^(1,0)(x_i, v_i)"),
    (apply(Function("g", (0, 0), "abstract"), x, v), "i", "g(x_i, v_i)"),
    (call("inv", A), "ij", "inv(A)_ij"),
    (call("inv", transpose(A, (1, 0))), "ij", "inv(A)_ji"),
    (call("det", A), "", "det(A)"),
    (call("logdet", contract([(A, "ik"), (C, "kj")], "ij")), "", "logdet(A_ik C_kj)"),
    (reduce("reverse_cumsum", x, 1), "i", "sum_j x_j + x_i - cumsum(x)_i"),
    (reshape(variable("V", (p * n, m)), (p, n, m)), "srq", "V_{(sr)q}"),
    (reshape(W, (m * n,)), "k", "vec(W^T)_k"),
    (reshape(transpose(W, (1, 0)), (m * n,)), "k", "vec(W)_k"),
    (builtin("logcosh", y), "", "log(cosh(y))"),
    (builtin("log1mexp", y), "", "log(1 - exp(y))"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("node", "letters", "text"), PRODUCTS + POWERS + PATTERNS + SUMS + FUNCTIONS
)
def test_text_of_one_node(node: Node, letters: str, text: str) -> None:
    assert to_component(node, list(letters)) == text


def test_one_layer_reads_as_published() -> None:
    style = NameStyle(statements=(("σ", "z"), ("z", "W", "x", "b"), ("λ", "y", "w", "σ", "z")))
    weight = negate(subtract(number(1), builtin("exp", negate(variable("λ", ())))))
    factors = [(weight, ""), (y, ""), (w, "i"), (derived("σ", z), "i"), (x, "j")]
    text = to_component(contract(factors, "ij"), ["i", "j"], style)
    assert text == "-(1 - exp(-λ)) y w_i σ'(z_i) x_j"


def test_row_vector_network_reads_as_published() -> None:
    outer, inner = Extent.fixed(5), Extent.fixed(3)
    style = NameStyle(
        statements=(
            ("a", "x", "W1", "b1"), ("h", "σ", "a"), ("θ", "h", "W2", "b2"), ("ŷ", "θ"),
            ("L", "y", "ŷ"),
        ),
        letters={outer: ("i", "k"), inner: ("j",)},
    )  # fmt: skip
    error = subtract(variable("ŷ", (outer,)), variable("y", (outer,)))
    W1, W2 = variable("W1", (outer, inner)), variable("W2", (inner, outer))
    slope = derived("σ", variable("a", (inner,)))
    node = contract([(error, "k"), (W2, "jk"), (slope, "j"), (W1, "ij")], "i")
    assert to_component(node, ["i"], style) == "(ŷ_k - y_k) W2_jk σ'(a_j) W1_ij"


def test_matrix_by_matrix_reads_as_published() -> None:
    style = NameStyle(
        statements=(("Z", "W", "X", "b"), ("Y", "U", "σ", "Z", "c")), letters={m: ("m",)}
    )
    U, Z = variable("U", (q, m)), variable("Z", (m, p))
    factors = [(U, "im"), (derived("σ", Z), "mj"), (W, "mk"), (delta(p), "jl")]
    text = to_component(contract(factors, "ijkl"), list("ijkl"), style)
    assert text == "U_im σ'(Z_mj) W_mk δ_jl"


def test_a_sum_sign_concerns_only_what_stands_behind_it() -> None:
    total = contract([(v, "k")], "")
    node = subtract(multiply(x, total), v)
    assert to_component(node, ["i"]) == "x_i sum_j v_j - v_i"


def test_chains_of_matrices_read_from_rows_to_columns() -> None:
    factors = [(C, "kb"), (A, "ak"), (variable("B", (n, n)), "bj")]
    assert to_component(contract(factors, "aj"), ["i", "j"]) == "A_ik C_kl B_lj"


def test_matrix_factorisation_reads_as_published() -> None:
    style = NameStyle(statements=(("F", "Ω", "M", "U", "V"),))
    Ω, M = variable("Ω", (m, n)), variable("M", (m, n))
    U, V = variable("U", (m, p)), variable("V", (n, p))
    residual = subtract(M, contract([(U, "ik"), (V, "jk")], "ij"))
    node = scale(-2, contract([(Ω, "pj"), (residual, "pj"), (V, "jq")], "pq"))
    assert to_component(node, ["p", "q"], style) == "2 Ω_pi (U_pj V_ij - M_pi) V_iq"


def test_permutations_of_a_cubic_form_are_in_order() -> None:
    node = linear([(1, transpose(T, axes)) for axes in ((0, 1, 2), (2, 0, 1), (1, 2, 0))], T.shape)
    assert to_component(node, list("abc")) == "T_abc + T_bca + T_cab"


def test_big_shared_parts_are_named_once() -> None:
    node: Node = x
    for _ in range(4):
        node = add(builtin("sin", node), multiply(node, builtin("cos", node)))
    made = component(node, ["i"], NameStyle(taken={"t1"}))
    assert made.text == "sin(t4_i) + t4_i cos(t4_i)"
    assert made.where == (
        "t2_i = sin(x_i) + x_i cos(x_i)",
        "t3_i = sin(t2_i) + t2_i cos(t2_i)",
        "t4_i = sin(t3_i) + t3_i cos(t3_i)",
    )
    assert made.program.endswith("t3_i cos(t3_i)\nsin(t4_i) + t4_i cos(t4_i)")


def test_an_index_that_nothing_makes_free_gets_a_line_of_its_own() -> None:
    made = component(call("inv", add(A, contract([(x, "i")], "ii"))), ["p", "q"])
    assert made.text == "inv(t1)_pq"
    assert made.where == ("t1_ij = A_ij + x_i δ_ij",)


def test_letters_follow_the_program() -> None:
    style = NameStyle(axes={"W": ("a", "b")}, letters={n: ("j",)})
    assert to_component(contract([(W, "ij"), (x, "j")], "i"), ["a"], style) == "W_ab x_b"
    assert to_component(contract([(A, "ij"), (x, "j")], "i"), ["a"], style) == "A_aj x_j"
    assert to_component(contract([(A, "ij"), (x, "j")], "i"), ["μ"]) == "A_μα x_α"


def test_long_index_names_and_split_names_are_braced() -> None:
    heads = contract([(W, "ij"), (x, "j")], "i")
    style = NameStyle(axes={"W": ("head", "dim")})
    assert to_component(heads, ["head"], style) == "W_{head,dim} x_{dim}"
    out = NameStyle(taken={"T_out"})
    assert to_component(T, ["o", "u", "t"], out) == "T_{o,u,t}"


def test_names_are_spelled_as_the_program_spells_them() -> None:
    assert to_component(x, ["i"], NameStyle(spelling={"x": "x_1"})) == "x_1_i"


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(IndexNotationError, match="2 different letters"):
        to_component(W, ["i", "i"])
    with pytest.raises(FormulaError, match="not worked out"):
        to_component(derivative(y, [variable("y", ())]), [])
    hidden = NameStyle(taken={"δ", "I"})
    with pytest.raises(FormulaError, match="hides"):
        to_component(delta(n), ["i", "j"], hidden)


def test_built_in_names_that_the_program_took_are_avoided() -> None:
    style = NameStyle(taken={"δ", "e", "π"})
    assert to_component(delta(n), ["i", "j"], style) == "I_ij"
    assert to_component(constant("e"), [], style) == "exp(1)"
    assert to_component(constant("pi"), [], style) == "acos(-1)"
    assert to_component(multiply(constant("e"), variable("e", ())), []) == "e exp(1)"


def test_functions_whose_names_the_program_took_are_spelled_out() -> None:
    style = NameStyle(taken={"sigmoid", "softplus", "sqrt", "sin"})
    assert to_component(builtin("sigmoid", y), [], style) == "1/(1 + exp(-y))"
    assert to_component(multiply(c, builtin("softplus", y)), [], style) == "c log(1 + exp(y))"
    assert to_component(power(y, Fraction(1, 2)), [], style) == "y^(1/2)"
    assert to_component(apply(Function("sin", (1,), "defined"), y), [], style) == "sin'(y)"
    with pytest.raises(FormulaError, match="hides the function sin"):
        to_component(builtin("sin", y), [], style)


def test_deep_and_wide_formulas_are_printed() -> None:
    node: Node = x
    for _ in range(6_000):
        node = builtin("tanh", contract([(A, "ij"), (node, "j")], "i"))
    text = to_component(node, ["i"])
    assert text.startswith("tanh(A_ij tanh(A_jk ")
    assert text.count("tanh") == 6_000
    terms = [contract([(A, "ij"), (variable(f"v{k}", (n,)), "j")], "i") for k in range(6_000)]
    wide = to_component(linear([(1, term) for term in terms], (n,)), ["i"])
    assert wide.count(" + ") == 5_999


@pytest.mark.parametrize("matrix", ["Diag(x)", "Diag(x.^2)", "Diag(R 1)", "2 Diag(x.^2)"])
def test_a_diagonal_matrix_in_a_function_has_a_line_of_its_own(matrix: str) -> None:
    shown = str(ic.Program("R[n, m], x[n]")[f"inv({matrix})"])
    assert shown.startswith("inv(t1)_ij\n  where t1_ij = ")
