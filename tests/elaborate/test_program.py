"""Whole programs: the seeds, published formulas, laws of reading."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexcalc.errors import (
    DifferentiationError,
    FormulaError,
    IndexNotationError,
    LimitError,
)
from indexcalc.interpret import interpret
from indexcalc.ir.build import (
    add,
    apply,
    broadcast,
    builtin,
    constant,
    derivative,
    multiply,
    negate,
    number,
    ones,
    power,
    reciprocal,
    subtract,
    variable,
    zero,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Function
from tests.elaborate.reading import M, N, P, ask, error_of, node_of, read, shapes

SIGMOID = "σ(z) = 1/(1 + exp(-z))\n"
ONE_LAYER = SIGMOID + "z_i = W_ij x_j + b_i\nλ = log(1 + exp(-y w_i σ(z_i)))"
TWO_LAYERS = SIGMOID + (
    "a_i = x_j W1_ji + b1_i\nh_i = σ(a_i)\nθ_k = h_i W2_ik + b2_k\nŷ_k = softmax(θ)_k\n"
    "L = -y_k log(ŷ_k)"
)
CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "cases" / "cases.json").read_text(encoding="utf-8")
)


def sigma(node: Any) -> Any:
    return apply(Function("σ", (0,), "defined"), node)


def test_one_layer() -> None:
    program = read(ONE_LAYER)
    W, x, b = variable("W", (M, N)), variable("x", (N,)), variable("b", (M,))
    z, y, w = variable("z", (M,)), variable("y", ()), variable("w", (M,))
    product = contract([(W, "ij"), (x, "j")], "i")
    assert [d.node for d in program.definitions] == [
        add(product, b),
        builtin("log", add(number(1), builtin("exp", negate(
            contract([(y, ""), (w, "i"), (sigma(z), "i")], ""))))),
    ]  # fmt: skip
    assert dict(program.environment.definitions) == {
        d.variable: d.node for d in program.definitions
    }
    function = program.environment.functions["σ"]
    parameter = variable("z", ())
    assert function.parameters == (parameter,)
    assert function.body is reciprocal(add(number(1), builtin("exp", negate(parameter))))
    query = ask(ONE_LAYER, "∂λ/∂W_ij")
    assert query.node is derivative(variable("λ", ()), [W])
    assert (query.letters, query.shape) == (("i", "j"), (M, N))
    assert query.inputs == ("W", "x", "b", "y", "w")


def test_two_layers_in_row_vectors() -> None:
    program = read(TWO_LAYERS)
    assert shapes(TWO_LAYERS) == {
        "a": "m", "x": "n", "W1": "n×m", "b1": "m", "h": "m", "θ": "p", "W2": "m×p", "b2": "p",
        "ŷ": "p", "L": "scalar", "y": "p",
    }  # fmt: skip
    assert ask(TWO_LAYERS, "∂L/∂θ_k").node.shape == (P,)
    assert program.symbols["σ"].role == "function"


def test_a_matrix_network_with_a_declared_difference_of_extents() -> None:
    text = "W_1[m,n], W_2[m-1,m], X[n,p], b_1[m], b_2[m-1]\nY = W_2 σ(W_1 X + b_1 1^T) + b_2 1^T"
    indexed = text.partition("Y =")[0] + "Y_ij = W_{2,ik} σ(W_{1,kl} X_lj + b_{1,k}) + b_{2,i}"
    assert read(text).definitions[0].node is read(indexed).definitions[0].node
    query = ask(text, "∂Y/∂X")
    assert query.shape == (M + Extent.fixed(-1), P, N, P)
    assert query.node is ask(text, "∂Y_ij/∂X_kl").node
    stacked = ask(text, "∂vec(Y)/∂vec(X)")
    assert stacked.shape == ((M + Extent.fixed(-1)) * P, N * P)


def test_vectors_of_ones_have_an_extent_from_their_neighbours() -> None:
    assert node_of("b[m], X[m, n]\nX + b 1^T") is add(
        variable("X", (M, N)), broadcast(variable("b", (M,)), (M, N), [0])
    )


FORMS = [
    pytest.param(case, form, id=f"{case['id']}-{form}")
    for case in CASES
    for form in ("index", "matrix")
    if case[form] is not None and "softmax_rows" not in case[form]  # no function of the language
]


@pytest.mark.parametrize(("case", "form"), FORMS)
def test_published_formulas_can_be_read(case: dict[str, Any], form: str) -> None:
    declared = ", ".join(
        f"{name}[{', '.join(extent.removesuffix('_') for extent in v['shape'])}]"
        for name, v in case["variables"].items()
    )
    program = read(f"{declared}\n{case[form]}")
    name = program.definitions[0].name
    variables = "".join(f"∂{variable}" for variable in case["wrt"])
    query = ask(f"{declared}\n{case[form]}", f"∂^{len(case['wrt'])} {name}/{variables}")
    assert len(query.letters) == len(query.shape)


# --- functions ----------------------------------------------------------------------------------

x, y = variable("x", (M,)), variable("y", (M,))
FORMULAS = {
    "C_i = sqrt(x_i)": power(x, Fraction(1, 2)),
    "C_i = x_i^0.5": power(x, Fraction(1, 2)),
    "C_i = silu(x_i)": multiply(x, builtin("sigmoid", x)),
    "C_i = ln(x_i)": builtin("log", x),
    "C_i = e^x_i": builtin("exp", x),
    "C_i = exp(x_i)": builtin("exp", x),
    "C_i = x_i^y_i": builtin("pow", x, y),
    "C_i = pow(x_i, 3)": power(x, 3),
    "C_i = |x_i|": builtin("abs", x),
    "C_i = max(x_i, 0)": builtin("maximum", x, zero((M,))),
    "C_i = [x_i > y_i]": builtin("gt", x, y),
    "C_i = where(x_i >= y_i, x_i, y_i)": builtin("where", builtin("ge", x, y), x, y),
    "C_i = atan2(x_i, y_i)": builtin("atan2", x, y),
    "C_i = π x_i": multiply(constant("pi"), x),
    "C_i = 2^x_i": builtin("pow", multiply(number(2), ones((M,))), x),
    "C = ‖x‖": power(contract([(x, "i"), (x, "i")], ""), Fraction(1, 2)),
    "C = ‖x_i‖": power(contract([(x, "i"), (x, "i")], ""), Fraction(1, 2)),
    "C = norm(x_i - y_i)": power(
        contract([(subtract(x, y), "i"), (subtract(x, y), "i")], ""), Fraction(1, 2)
    ),
    "C = ‖x_i‖_1": contract([(builtin("abs", x), "i")], ""),
    "C = xent(x, y)": negate(contract([(x, "i"), (builtin("log", y), "i")], "")),
    "C = xent(x_i, y_i)": negate(contract([(x, "i"), (builtin("log", y), "i")], "")),
    "C_i = tanh'(x_i)": apply(Function("tanh", (1,), "defined"), x),
    "C_i = g''(x_i)": apply(Function("g", (2,), "abstract"), x),
    "C_i = g(x_i, y_i)": apply(Function("g", (0, 0), "abstract"), x, y),
}


@pytest.mark.parametrize("text", FORMULAS, ids=str)
def test_functions(text: str) -> None:
    declared = "x[m], y[m]\n" if "y" in text else "x[m]\n"
    assert node_of(declared + text) is FORMULAS[text]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("softmax(T)_i", "softmax(T_i)"),
        ("softmax_i(T_i)", "exp(T_i - logsumexp(T))"),
        ("logsoftmax(T)_i", "T_i - logsumexp_j T_j"),
        ("C_i = softmax(T_i)", "softmax(T)_i"),
        ("max(T)", "max_i T_i"),
        ("mean(T)", "1/n sum_i T_i"),
        ("mean(T_i)", "mean_i T_i"),
        ("prod(T_i)", "prod(T)"),
        ("cumsum(T)_i", "cumsum(T_i)"),
        ("sum(T_i)", "sum_i T_i"),
        ("xent(T, softmax(T))", "-T_i log(softmax(T)_i)"),
    ],
)
def test_functions_along_an_index_in_two_spellings(left: str, right: str) -> None:
    assert node_of(f"T[n]\n{left}") is node_of(f"T[n]\n{right}")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("det(S_ki A_kl S_lj)", "det(S^T A S)"),
        ("inv(S_ki A_kj)_pq B_pq", "inv(S^T A)_ij B_ij"),
        ("inv(S_ij)_ij B_ij", "inv(S)_ij B_ij"),
        ("C_ij = A^T_ij", "C_ij = A_ji"),
        ("C_ij = (A B)_ij", "C_ij = A_ik B_kj"),
        ("A^-1_ij B_jk", "(inv(A) B)_ik"),
        ("solve(A, S x)_i", "inv(A)_ij S_jk x_k"),
        ("C = A x", "C_i = A_ij x_j"),
        ("C = x^T A x", "C = x_i A_ij x_j"),
        ("tr(A B)", "A_ij B_ji"),
        ("A : B", "A_ij B_ij"),
        ("C = A ⊙ B", "C_ij = A_ij B_ij"),
        ("diag(A)_i x_i", "sum_i A_ii x_i"),
        ("C = Diag(x)", "C_ij = x_i δ_ij"),
    ],
)
def test_the_two_notations_mean_the_same(left: str, right: str) -> None:
    declared = "A[n,n], B[n,n], S[n,n], x[n]\n"
    np.testing.assert_allclose(value_of(declared + left), value_of(declared + right), rtol=1e-12)


def value_of(text: str) -> Any:
    program = read(text)
    node = (program.queries or program.definitions)[-1].node
    draw = np.random.default_rng(1)
    values = {name: draw.standard_normal((3, 3)) + 2 * np.eye(3) for name in "ABS"}
    return interpret(node, values | {"x": draw.standard_normal(3)}, {"n": 3})


def test_derivatives_in_both_notations_are_one_node() -> None:
    program = "A[n,n], x[n]\nf = x_i A_ij x_j\ny = A x"
    assert ask(program, "∂f/∂x").node is ask(program, "∂f/∂x_i").node
    assert ask(program, "(∂f/∂x)_i x_i").node is ask(program, "∂f/∂x_i x_i").node
    assert ask(program, "∂y/∂A").node is ask(program, "∂y_i/∂A_jk").node
    assert ask(program, "diff(f, x_i, x_j)").node is ask(program, "∂²f/∂x_i∂x_j").node
    assert ask(program, "∂²f/∂x²").node is ask(program, "∂²f/∂x_i∂x_j").node
    assert ask(program, "D_i = ∂y_i/∂x_i").shape == (N,)
    assert ask(program, "∂y_i/∂x_i").shape == ()


def test_a_scalar_by_a_scalar_in_any_spelling_is_a_scalar() -> None:
    for query in ("z ∂f/∂vec(y)", "z ∂f/∂y", "∂f/∂y x_i"):
        assert ask("y[], z[], x[n]; f = y^2", query).indexed


def test_what_cannot_be_differentiated_by() -> None:
    for query in ("∂x_i/∂n", "∂f/∂σ", "∂f/∂e", "∂x_i/∂x", "∂x/∂x_i", "∂²vec(x)/∂vec(x)∂x"):
        error = error_of("x[n]; f = σ(x_i) x_i", query)
        assert isinstance(error, DifferentiationError | IndexNotationError), query
        assert error.marks


def test_functions_of_several_parameters_are_written_out() -> None:
    text = "x[n]\nh(a, b) = a b + exp(a)\ng(a, b) = h(b, a) - 2\nC_ij = g(x_i, x_j)"
    x = np.random.default_rng(1).standard_normal(3)
    given = interpret(read(text).definitions[0].node, {"x": x}, {"n": 3})
    np.testing.assert_allclose(given, np.outer(x, x) + np.exp(x)[None, :] - 2, rtol=1e-14)
    deep = "f0(a, b) = a b\n" + "\n".join(
        f"f{k}(a, b) = f{k - 1}(a, b) f{k - 1}(b, a)" for k in range(1, 40)
    )
    assert "too long to write out" in error_of(deep + "\ny = f39(2, 3)").message


@pytest.mark.parametrize(
    "text",
    ["σ(z) = a z", "σ(z) = z_i z_i", "σ(z, z) = z", "σ(a, b) = a\nf = σ(x)", "f = tanh(x, y)",
     "f = where(x, y)", "f = σ'(x, y)", "f = det'(x)", "f = norm(x, y, z)", "f = inv(x_ijk)",
     "f = softmax_j(x_i)", "σ(z) = ∂z/∂z", "f = exp", "σ(z) = z; f = σ", "f = σ(x) + σ(x, y)"],
)  # fmt: skip
def test_wrong_functions_and_calls_are_refused(text: str) -> None:
    error = error_of(text)
    assert error.marks


# --- laws ---------------------------------------------------------------------------------------

LETTERS = "ijkl"
OTHERS = ("abcd", "jilk", "αβγδ", "pqrs")
RANKS = {"x": 1, "u": 1, "v": 1, "A": 2, "B": 2, "T": 3}


@st.composite
def factors(draw: st.DrawFn, depth: int) -> str:
    kind = draw(st.integers(0, 9 if depth else 5))
    if kind <= 5:
        name = draw(st.sampled_from(sorted(RANKS)))
        return f"{name}_{''.join(draw(st.sampled_from(LETTERS)) for _ in range(RANKS[name]))}"
    inner = draw(expressions(depth - 1))
    match kind:
        case 6:
            return f"({inner})"
        case 7:
            return f"{draw(st.sampled_from(['exp', 'g', 'softmax']))}({inner})"
        case 8:
            return f"({inner})^{draw(st.sampled_from(['2', '(-1)']))}"
        case _:
            return f"(sum_{draw(st.sampled_from(LETTERS))} ({inner}))"


@st.composite
def expressions(draw: st.DrawFn, depth: int) -> str:
    terms = [
        " ".join(draw(factors(depth)) for _ in range(draw(st.integers(1, 3))))
        for _ in range(draw(st.integers(1, 2)))
    ]
    return " + ".join(terms)


@st.composite
def programs(draw: st.DrawFn) -> str:
    letters = draw(st.lists(st.sampled_from(LETTERS), max_size=2, unique=True))
    text = draw(expressions(2))
    return (
        f"f_{''.join(letters)} = {text}" if letters else draw(st.sampled_from(["f = ", ""])) + text
    )


def renamed(text: str, letters: str) -> str:
    """The text with other index letters: those behind an underscore."""
    table = str.maketrans(dict(zip(LETTERS, letters, strict=True)))
    return re.sub(r"_(\w+)", lambda match: "_" + match[1].translate(table), text)


def outcome(text: str) -> Any:
    """The nodes, or the kind of error and its places."""
    try:
        program = read(text)
    except FormulaError as error:
        return type(error), [(mark.span.start, mark.span.end) for mark in error.marks]
    return [d.node for d in program.definitions] + [q.node for q in program.queries]


@given(programs(), st.sampled_from(OTHERS))
def test_renaming_index_letters_gives_the_same_nodes(text: str, letters: str) -> None:
    assert outcome(text) == outcome(renamed(text, letters))


DECLARED = "x[n], u[n], v[n], A[n,n], B[n,n], T[n,n,n]\n"


@given(st.lists(factors(1), min_size=2, max_size=4), st.randoms())
def test_the_order_of_factors_does_not_matter(parts: list[str], random: Any) -> None:
    shuffled = list(parts)
    random.shuffle(shuffled)
    first, second = (outcome(f"{DECLARED}f = {' '.join(order)}") for order in (parts, shuffled))
    assert isinstance(first, list) == isinstance(second, list)
    if isinstance(first, list):
        assert first == second


@given(
    st.lists(st.lists(factors(0), min_size=1, max_size=3), min_size=1, max_size=3),
    st.permutations(LETTERS).map(lambda letters: "".join(letters[:2])),
)
def test_the_meaning_of_products_is_that_of_einsum(terms: list[list[str]], free: str) -> None:
    text = f"C_{free} = {' + '.join(' '.join(term) for term in terms)}"
    found = outcome(DECLARED + "C[n,n]\n" + text)
    indices = ["".join(part.partition("_")[2] for part in term) for term in terms]
    once = [{k for k in own if own.count(k) == 1} - set(free) for own in indices]
    assert isinstance(found, list) == (not any(once))
    if isinstance(found, list):
        draw = np.random.default_rng(len(text))
        values = {name: draw.standard_normal((3,) * rank) for name, rank in RANKS.items()}
        expected = np.zeros((3, 3))
        for term, own in zip(terms, indices, strict=True):
            subscripts = ",".join(part.partition("_")[2] for part in term)
            shown = "".join(k for k in free if k in own)
            arrays = [values[part[0]] for part in term]
            product = np.einsum(f"{subscripts}->{shown}", *arrays)
            where = tuple(slice(None) if k in shown else None for k in free)
            expected += product[where]
        np.testing.assert_allclose(interpret(found[0], values, {"n": 3}), expected, rtol=1e-9)


# --- size ---------------------------------------------------------------------------------------

DEEP, WIDE = 20_000, 30_000
LESS_DEEP = DEEP // 5  # beyond what recursion could reach, where full depth is shown once


@pytest.mark.parametrize(
    "text",
    [
        "f = " + "(1 + " * DEEP + "x_i x_i" + ")" * DEEP,
        "f_i = " + "exp(" * LESS_DEEP + "x_i" + ")" * LESS_DEEP,
        "a[]\nf = " + "a (" * LESS_DEEP + "x_i x_i" + ")" * LESS_DEEP,
        "f = " + "-" * LESS_DEEP + "x",
        "f = " + "x^" * LESS_DEEP + "2",
        "A[n,n]\nf = tr(" + "(" * LESS_DEEP + "A" + " + A)" * LESS_DEEP + ")",
    ],
    ids=lambda text: text[:24],
)
def test_deep_texts_are_read(text: str) -> None:
    assert read(text).definitions[0].node.shape in ((), (M,))


def test_wide_texts_are_read() -> None:
    assert read("f_i = " + " + ".join(["x_i"] * WIDE)).definitions[0].node.shape == (M,)
    assert read("f = " + " ".join(f"a{k}" for k in range(WIDE // 10))).definitions


def test_a_long_chain_of_definitions_is_read_in_linear_time() -> None:
    lines = ["z0_i = x_i", *(f"z{k}_i = W{k}_ij z{k - 1}_j" for k in range(1, 1000))]
    assert len(read("\n".join(reversed(lines))).definitions) == 1000


def test_huge_numbers_are_a_limit() -> None:
    for text in ("f = 9^(9^(9^9))", "f = (2 x)^(10^9)", "f = " + "(" * 200 + "3 x" + ")^2" * 200):
        assert isinstance(error_of(text), LimitError)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("x[n], y[n,m]; y_ij = x", "write  y_ij = (x)_i 1_j\nor  y = x"),
        ("A[m,n]; y_ij = A^T", "write  y_ij = (A^T)_ij\nor  y = A^T"),
        ("A[m,n]; y_i = A", "write  y = A"),
    ],
)
def test_a_left_hand_side_with_indices_tells_how_to_put_them_on_the_right(
    text: str, hint: str
) -> None:
    assert error_of(text).hint == hint
    first = hint.partition("\n")[0].removeprefix("write  ")
    assert read(f"{text.partition(';')[0]}; {first}").definitions


def test_a_derivative_of_a_function_of_numbers_is_a_prime() -> None:
    error = error_of("f(x) = x^2", "∂f/∂x")
    assert error.hint == "the derivative of a function is written  f'(…)"


def test_derivatives_by_each_argument_of_an_unknown_function() -> None:
    x, y = variable("x", (N,)), variable("y", (N,))
    assert node_of("x[n], y[n]; r_i = g^(1,0)(x_i, y_i)") is apply(
        Function("g", (1, 0), "abstract"), x, y
    )
    assert node_of("x[n], y[n]; r = g^{(0, 2)}(x, y)") is apply(
        Function("g", (0, 2), "abstract"), x, y
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("g^(1,0)(a)", "1 argument and 2 numbers"),
        ("g^(1,0)(a, b, c)", "3 arguments and 2 numbers"),
        ("g'(a, b)", "does not say by which"),
        ("a^(1,0)", "no arguments follow"),
        ("w(a, b) = a b; w^(1,0)(c, d)", "written out"),
        ("g^(20,1)(a, b)", "at most 20"),
        ("max^(1,0)(a, b)", "means nothing"),
    ],
)
def test_derivatives_by_each_argument_that_are_refused(text: str, message: str) -> None:
    assert message in error_of(text).message


def test_zero_is_the_zero_tensor_of_a_declared_name() -> None:
    assert node_of("Z[m, n]; Z = 0") is zero((M, N))
    assert "but its definition has 0" in error_of("Z[m, n]; Z = 1").message
