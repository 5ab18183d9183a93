"""Products that are alike along an axis become one, and nothing else changes."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import indexcalc as ic
from indexcalc.interpret import interpret
from indexcalc.ir.build import add, linear, transpose, variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Node, Sum
from indexcalc.ir.walk import postorder
from indexcalc.plan.collect import collect

M, N, P = (Extent.named(name) for name in "mnp")
BY_LETTER = {"i": M, "j": N, "k": P, "l": P, "q": N}
VARIABLES = [
    variable(f"{name}{''.join(str(e) for e in shape)}", shape)
    for name in "AB"
    for shape in ((M, N), (M, P), (N, P), (P,), (M,), (P, P), (M, M))
]
LARGE = {"m": 300, "n": 400, "p": 500}
SMALL = {"m": 2, "n": 3, "p": 1}


def products(node: Node) -> int:
    """Products of several arrays in the graph."""
    return sum(
        isinstance(found, Contraction) and not found.is_view and len(found.factors) > 1
        for found in postorder([node])
    )


@st.composite
def terms(draw: st.DrawFn) -> tuple[Fraction, Node]:
    """A product of two to five arrays over the axes i, j, maybe seen through a view."""
    factors = []
    for _ in range(draw(st.integers(2, 5))):
        factor = draw(st.sampled_from(VARIABLES))
        letters = [
            draw(st.sampled_from([x for x in "ijklq" if BY_LETTER[x] == extent]))
            for extent in factor.shape
        ]
        factors.append((factor, "".join(letters)))
    coefficient = draw(st.sampled_from([Fraction(1), Fraction(-2), Fraction(1, 3)]))
    order = draw(st.sampled_from(["ij", "ji"]))
    node = contract(factors, order, BY_LETTER)
    return coefficient, transpose(node, (1, 0)) if order == "ji" else node


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_value_stays(data: st.DataObject) -> None:
    """For sums in which factors recur, and for sums of such sums."""
    first = data.draw(st.lists(terms(), min_size=2, max_size=4))
    second = data.draw(st.lists(terms(), min_size=1, max_size=3))
    inner = linear(first, (M, N))
    outer = linear([*second, (Fraction(3), inner)], (M, N))
    found = collect([outer, inner], LARGE)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    values = {
        v.name: np.vectorize(Fraction, otypes=[object])(
            rng.integers(-4, 5, [e.evaluate(SMALL) for e in v.shape])
        )
        for v in VARIABLES
    }
    for before, after in zip((outer, inner), found, strict=True):
        assert before.shape == after.shape
        one, other = (interpret(node, values, SMALL, exact=True) for node in (before, after))
        assert np.array_equal(one, other)


def pair(left: str, right: str, output: str = "ij") -> Node:
    """Two products with one array of `n` by `p`, met by two others."""
    A, B = variable("Amp", (M, P)), variable("Bmp", (M, P))
    S = variable("Snp", (N, P))
    names = {"A": A, "B": B, "S": S}
    made = [
        contract([(names[name[0]], name[1:]) for name in side.split()], output, BY_LETTER)
        for side in (left, right)
    ]
    return linear([(Fraction(1), made[0]), (Fraction(-2), made[1])], (M, N))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Aik Sjk", "Bik Sjk"),
        ("Aik Sjk", "Bil Sjl"),
        ("Aik Sjk", "Bil Sjk"),  # a matrix and a vector, repeated
        ("Aik Sjk Sjk", "Bik Bik Sjk Sjk"),
        ("Aik Sjk", "Bil Bil Bik Sjk"),
    ],
)
def test_one_large_product(left: str, right: str) -> None:
    (found,) = collect([pair(left, right)], LARGE)
    large = [
        node
        for node in postorder([found])
        if isinstance(node, Contraction) and any(f.shape == (N, P) for f in node.factors)
    ]
    assert len([node for node in large if not node.is_view]) == 1
    assert not isinstance(found, Sum) or len(found.terms) == 1


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Aik Sjk", "Bik Sjk Sjk"),
        ("Aik Sjk Sjl", "Bik Sjk"),
    ],
)
def test_other_products_stay(left: str, right: str) -> None:
    node = pair(left, right)
    assert collect([node], LARGE)[0] is node


def test_what_is_made_for_others_stays() -> None:
    A, B, S = variable("A", (M, P)), variable("B", (M, P)), variable("S", (N, P))
    left, right = (contract([(X, "ik"), (S, "jk")], "ij") for X in (A, B))
    both = add(left, right)
    assert collect([both], LARGE)[0] is not both
    assert collect([both, left], LARGE) == [both, left]


def test_a_vector_costs_less_than_a_sum_of_matrices() -> None:
    A, B, x = variable("A", (M, P)), variable("B", (M, P)), variable("x", (P,))
    both = add(contract([(A, "ik"), (x, "k")], "i"), contract([(B, "ik"), (x, "k")], "i"))
    assert collect([both], LARGE)[0] is both
    y = variable("y", (P,))
    both = add(contract([(A, "ik"), (x, "k")], "i"), contract([(A, "ik"), (y, "k")], "i"))
    assert products(collect([both], LARGE)[0]) == 1


@pytest.mark.parametrize(("variable", "inputs"), [("U", "X"), ("V", "A")])
def test_the_diagonal_of_a_hessian_meets_squares_once(variable: str, inputs: str) -> None:
    """Terms of curvature, each of samples by units, meet the squares of the inputs."""
    texts = {
        "U": "V[c, h]\nO_bi = V_ij A_bj",
        "V": "V[g, h]; W[c, g]\nO_bi = W_ij tanh(V_jk A_bk)",  # signs differ: a multiple of a sum
    }
    program = ic.Program(
        f"X[b, n]; U[h, n]; Y[b, c]; {texts[variable]}\nA_bi = tanh(U_ij X_bj)\n"
        "f = -Y_bc logsoftmax_c(O_bc)"
    )
    sizes = {"b": 500, "n": 200, "h": 100, "g": 80, "c": 10}
    source = program.compile(f"D_ij = ∂²f/∂{variable}_ij∂{variable}_ij", sizes=sizes).source
    lines = [line.partition("  # ") for line in source.split('"""')[-1].splitlines()]
    (square,) = (after[:-1] for _, _, after in lines if after.endswith(f"{inputs}_ij^2"))
    name = square.split("_")[0]
    used = [code for code, _, _ in lines if re.search(rf"\b{name}\b", code) and "del" not in code]
    assert len(used) == 2
