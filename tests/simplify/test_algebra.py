"""Rules of arithmetic and of matrices, by example."""
# ruff: noqa: E501 - one rule a line

from __future__ import annotations

from fractions import Fraction

import pytest

from indexcalc.ir.build import (
    add,
    broadcast,
    builtin,
    call,
    delta,
    linear,
    multiply,
    negate,
    ones,
    power,
    reduce,
    reshape,
    scale,
    subtract,
    variable,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node
from indexcalc.simplify.algebra import algebra
from indexcalc.simplify.matrices import call_rules, cancel_inverses
from indexcalc.simplify.symmetry import symmetric

M, N = Extent.named("m"), Extent.named("n")
X, Y, Z = (variable(name, (N,)) for name in "xyz")
A, B = variable("A", (N, N)), variable("B", (N, N))
S = variable("S", (N, N), ["symmetric"])
G = variable("g", (N,), ["positive"])
HALF = Fraction(1, 2)


def transposed(node: Node) -> Node:
    return contract([(node, "ij")], "ji")


def inv(node: Node) -> Node:
    return call("inv", node)


CASES = [
    ("nested sums", subtract(add(X, scale(2, add(Y, Z))), scale(2, Z)), add(X, scale(2, Y))),
    ("transposed sum", add(transposed(add(A, B)), A), linear([(1, A), (1, transposed(A)), (1, transposed(B))], (N, N))),
    ("transposed back", transposed(add(transposed(A), B)), add(A, transposed(B))),
    ("transposed once", transposed(add(A, B)), transposed(add(A, B))),
    ("root of a square", power(power(X, 2), HALF), builtin("abs", X)),
    ("root of a positive square", power(power(G, 2), HALF), G),
    ("root of 4x", power(scale(4, X), HALF), scale(2, power(X, HALF))),
    ("root of 2x stays", power(scale(2, X), HALF), power(scale(2, X), HALF)),
    ("square of a root", power(power(X, HALF), 2), X),
    ("third root of a cube stays", power(power(X, 3), Fraction(1, 3)), power(power(X, 3), Fraction(1, 3))),
    ("root of a reciprocal", power(power(X, -1), HALF), power(X, -HALF)),
    ("|−2x|", builtin("abs", scale(-2, X)), scale(2, builtin("abs", X))),
    ("|exp x|", builtin("abs", builtin("exp", X)), builtin("exp", X)),
    ("[x > 0]²", power(builtin("gt", X, Y), 2), builtin("gt", X, Y)),
    ("x/x", multiply(X, power(X, -1), Y), Y),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_rule(before: Node, after: Node) -> None:
    assert algebra([before]) == [after]


def test_a_shared_sum_stays_closed() -> None:
    inner = add(X, Y)
    roots = [add(inner, Z), builtin("tanh", inner)]
    assert algebra(roots) == roots


def test_a_shared_sum_is_opened_where_terms_cancel() -> None:
    inner = add(X, Y)
    roots = [subtract(inner, X), builtin("tanh", inner)]
    assert algebra(roots) == [Y, builtin("tanh", inner)]


MATRICES = [
    ("inv inv", inv(inv(A)), A),
    ("inv of a multiple", inv(scale(3, A)), scale(Fraction(1, 3), inv(A))),
    ("inv of a transpose", inv(transposed(A)), transposed(inv(A))),
    ("det of a transpose", call("det", transposed(A)), call("det", A)),
    ("det of an inverse", call("det", inv(A)), power(call("det", A), -1)),
    ("logdet of an inverse", call("logdet", inv(A)), negate(call("logdet", A))),
    ("inv of a diagonal", inv(contract([(X, "i")], "ii")), contract([(power(X, -1), "i")], "ii")),
    ("inv of the identity", inv(delta(N)), delta(N)),
    ("det of a diagonal", call("det", contract([(X, "i")], "ii")), reduce("prod", X, 1)),
    ("two reshapes", reshape(reshape(A, (N * N,)), (N, N)), A),
]


@pytest.mark.parametrize(
    ("before", "after"), [c[1:] for c in MATRICES], ids=[c[0] for c in MATRICES]
)
def test_matrix_rule(before: Node, after: Node) -> None:
    assert algebra([before]) == [after]


def test_logdet_of_a_diagonal_stays() -> None:
    # the logarithms of two negative entries do not exist, that of their product does
    node = call("logdet", contract([(X, "i")], "ii"))
    assert call_rules(node) is node  # type: ignore[arg-type]


@pytest.mark.parametrize("axes", [("ij", "jk"), ("ji", "kj")])
def test_inverses_cancel(axes: tuple[str, str]) -> None:
    product = contract([(A, axes[0]), (inv(A), axes[1]), (X, "k")], "i")
    assert algebra([product]) == [X]


def test_inverses_do_not_cancel_across_another_use_of_the_index() -> None:
    for factors in (
        [(A, "ij"), (inv(A), "jk"), (X, "j"), (Y, "k")],
        [(A, "ij"), (inv(A), "kj"), (Y, "k")],
    ):
        product = contract(factors, "i")
        assert cancel_inverses(product) is product  # type: ignore[arg-type]
    assert algebra([contract([(S, "ij"), (inv(S), "kj"), (Y, "k")], "i")]) == [Y]


def test_products_and_sums_that_are_symmetric() -> None:
    gram = contract([(A, "ki"), (A, "kj")], "ij")
    weighted = contract([(A, "ik"), (S, "kl"), (A, "jl")], "ij")
    both = add(A, transposed(A))
    shifted = add(gram, delta(N))
    for matrix in (gram, weighted, both, shifted, builtin("tanh", both)):
        inverse = inv(matrix)
        assert symmetric([transposed(inverse)]) == symmetric([inverse])
    assert symmetric([transposed(inv(A))]) != symmetric([inv(A)])


def test_a_broadcast_is_not_symmetric() -> None:
    wide = add(broadcast(X, (N, N), [0]), A)
    assert symmetric([transposed(inv(wide))]) != symmetric([inv(wide)])
    assert symmetric([inv(add(ones((N, N)), S))]) == [inv(add(ones((N, N)), S))]
