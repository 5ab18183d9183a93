"""Facts that are assumed, names that come back, Kronecker products that are never built."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.diff.derivative import expand
from indexcalc.interpret import interpret
from indexcalc.ir.build import (
    add,
    apply,
    broadcast,
    builtin,
    delta,
    derivative,
    multiply,
    negate,
    number,
    ones,
    power,
    reciprocal,
    reduce,
    reshape,
    scale,
    subtract,
    variable,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.environment import DefinedFunction, Environment
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Call, Function, Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.simplify.facts import facts
from indexcalc.simplify.kronecker import kronecker
from indexcalc.simplify.matrices import grouped
from indexcalc.simplify.passes import simplify, simplify_for_display
from indexcalc.simplify.refold import plain, refold
from indexcalc.simplify.stabilise import stabilise

M, N, K = (Extent.named(name) for name in "mnk")
X, Y, P = (variable(name, (N,)) for name in "xyp")
A, B = variable("A", (N, N)), variable("B", (N, N))
S, T = variable("s", ()), variable("t", ())
TOTAL = contract([(P, "i")], "")


# --- facts ------------------------------------------------------------------------------------


def test_a_scalar_part_of_a_product() -> None:
    node = contract([(P, "i"), (X, "j")], "j")
    assert facts([node], [(TOTAL, number(1))]) == [X]


def test_a_multiple_of_the_left_side() -> None:
    assert facts([TOTAL], [(scale(2, TOTAL), number(6))]) == [number(3)]


def test_rows_that_sum_to_one_inside_a_product() -> None:
    stochastic = (contract([(A, "ij")], "i"), ones((N,)))
    node = contract([(A, "ij"), (X, "i"), (B, "ik")], "k")
    assert facts([node], [stochastic]) == [contract([(X, "i"), (B, "ik")], "k")]


def test_an_index_that_something_else_has_is_not_summed_away() -> None:
    stochastic = (contract([(A, "ij")], "i"), ones((N,)))
    for node in (
        contract([(A, "ij"), (X, "j")], "i"),
        contract([(A, "ij"), (X, "i")], "j"),
        contract([(A, "ii")], ""),
    ):
        assert facts([node], [stochastic]) == [node]


def test_orthogonal_columns() -> None:
    orthogonal = (contract([(A, "ki"), (A, "kj")], "ij"), delta(N))
    node = contract([(A, "ki"), (A, "kj"), (X, "j")], "i")
    assert facts([node], [orthogonal]) == [X]
    other = contract([(A, "ik"), (A, "jk"), (X, "j")], "i")
    assert facts([other], [orthogonal]) == [other]


def test_a_part_of_a_sum_up_to_a_coefficient() -> None:
    fact = (add(X, Y), P)
    before = add(scale(-2, X), scale(-2, Y), builtin("exp", X))
    assert facts([before], [fact]) == [add(scale(-2, P), builtin("exp", X))]
    assert facts([subtract(X, Y)], [fact]) == [subtract(X, Y)]


def test_a_fact_whose_right_side_holds_the_left_is_used_once_a_run() -> None:
    (found,) = simplify([X], Environment({}, {}, ((X, scale(Fraction(1, 2), X)),)))
    assert found.shape == X.shape


# --- names ------------------------------------------------------------------------------------


def softmax(u: Node) -> Node:
    return builtin("exp", subtract(u, broadcast(reduce("logsumexp", u, 1), u.shape, ())))


def test_a_definition_up_to_coefficient_and_transpose() -> None:
    name = variable("Z", (N, N))
    program = Environment({name: scale(2, contract([(A, "ij"), (B, "jk")], "ki"))})
    node = contract([(A, "ij"), (B, "jk")], "ik")
    assert refold([node], program) == [scale(Fraction(1, 2), contract([(name, "ij")], "ji"))]


def test_a_definition_that_says_no_more_than_its_name_is_not_used() -> None:
    program = Environment({variable("z", (N,)): scale(2, X), variable("u", (N,)): ones((N,))})
    assert refold([multiply(X, Y)], program) == [multiply(X, Y)]


def test_a_builtin_function_under_the_name_the_program_gives_it() -> None:
    z = variable("z", ())
    logistic = DefinedFunction("σ", (z,), builtin("sigmoid", z))
    assert refold([builtin("sigmoid", X)], Environment({}, {"σ": logistic})) == [
        apply(Function("σ", (0,), "defined"), X)
    ]


def test_sigmoid_by_the_name_of_the_softplus() -> None:
    u = contract([(X, "i"), (Y, "i")], "")
    program = Environment({S: builtin("softplus", u)})
    small = builtin("exp", negate(S))
    assert refold([builtin("sigmoid", negate(u))], program) == [small]
    assert refold([builtin("sigmoid", u)], program) == [subtract(number(1), small)]


def test_reciprocal_by_the_name_of_the_logarithm() -> None:
    program = Environment({S: builtin("log1p", T)})
    assert refold([power(add(number(1), T), -2)], program) == [builtin("exp", scale(-2, S))]


def test_functions_that_only_serve_floating_point_are_said_in_plain_words() -> None:
    assert plain([builtin("log1p", X)], frozenset()) == [builtin("log", add(ones((N,)), X))]
    assert plain([builtin("log1p", X)], frozenset({"log1p"})) == [builtin("log1p", X)]
    assert plain([builtin("expm1", X)], frozenset()) == [subtract(builtin("exp", X), ones((N,)))]


def displayed(node: Node, program: Environment) -> Node:
    names = list(program.definitions)
    bodies = dict(zip(names, stabilise(list(program.definitions.values())), strict=True))
    (found,) = expand(stabilise([node]), Environment(bodies, program.functions))
    return simplify_for_display([found], program)[0]


def test_cross_entropy_in_the_programs_names() -> None:
    theta, guess, truth, loss = P, variable("ŷ", (N,)), variable("y", (N,)), S
    entropy = negate(contract([(truth, "i"), (builtin("log", guess), "i")], ""))
    one = (contract([(truth, "i")], ""), number(1))
    program = Environment({guess: softmax(theta), loss: entropy}, {}, (one,))
    assert displayed(derivative(loss, [theta]), program) is subtract(guess, truth)
    outer = contract([(guess, "i"), (guess, "j")], "ij")
    hessian = displayed(derivative(loss, [theta, theta]), program)
    assert hessian is subtract(contract([(guess, "i")], "ii"), outer)


def test_logistic_loss_in_the_programs_names() -> None:
    alpha, beta, loss = variable("α", ()), variable("β", ()), variable("λ", ())
    program = Environment(
        {
            beta: negate(contract([(X, "i"), (Y, "i")], "")),
            alpha: builtin("exp", beta),
            loss: builtin("log", add(number(1), alpha)),
        }
    )
    found = displayed(derivative(loss, [X]), program)
    assert found is negate(multiply(builtin("exp", negate(loss)), alpha, Y))


# --- Kronecker products -----------------------------------------------------------------------


def kron(left: Node, right: Node) -> Node:
    rows, columns = left.shape[0] * right.shape[0], left.shape[1] * right.shape[1]
    return reshape(contract([(left, "ij"), (right, "kl")], "ikjl"), (rows, columns))


def largest(root: Node, sizes: dict[str, int]) -> int:
    return max(
        int(np.prod([e.evaluate(sizes) for e in step.shape], dtype=int))
        for step in postorder([root])
        if not isinstance(step, Variable | Call)
    )


def test_a_kronecker_product_times_a_stacked_matrix() -> None:
    C, D, V = variable("C", (K, M)), variable("D", (K, N)), variable("V", (M, N))
    stacked = reshape(V, (M * N,))
    node = contract([(kron(C, D), "pq"), (stacked, "q")], "p")
    (found,) = simplify([node], Environment())
    expected = contract([(C, "im"), (V, "mn"), (D, "jn")], "ij")
    assert found is reshape(expected, (K * K,))


def test_the_trace_of_a_kronecker_product() -> None:
    (found,) = simplify([contract([(kron(A, B), "pp")], "")], Environment())
    assert found is multiply(contract([(A, "ii")], ""), contract([(B, "jj")], ""))


def test_values_agree_and_nothing_large_is_made() -> None:
    sizes = {"m": 2, "n": 3, "k": 4}
    v = variable("v", (N * M,))
    node = contract([(kron(A, delta(M)), "pq"), (v, "q"), (v, "p")], "")
    (found,) = simplify([node], Environment())
    source = np.random.default_rng(1)
    values = {"A": source.normal(size=(3, 3)), "v": source.normal(size=6)}
    np.testing.assert_allclose(
        interpret(found, values, sizes), interpret(node, values, sizes), rtol=1e-12
    )
    assert largest(found, sizes) <= 9


@pytest.mark.parametrize(
    ("inner", "outer", "groups"),
    [
        ((M, N), (M * N,), [(M, N)]),
        ((M, N, K), (M * N, K), [(M, N), (K,)]),
        ((M, N), (N, M), None),
        ((M, N), (M, N), [(M,), (N,)]),
        ((Extent.fixed(2), Extent.fixed(3)), (Extent.fixed(3), Extent.fixed(2)), None),
    ],
)
def test_grouped(
    inner: tuple[Extent, ...],
    outer: tuple[Extent, ...],
    groups: list[tuple[Extent, ...]] | None,
) -> None:
    assert grouped(inner, outer) == groups


def test_a_reshape_that_is_only_outer_stays() -> None:
    node = multiply(reshape(A, (N * N,)), variable("w", (N * N,)))
    assert kronecker([node]) == [node]
    assert kronecker([reciprocal(node)]) == [reciprocal(node)]


def test_a_product_of_exponentials_keeps_the_name_of_one() -> None:
    program = ic.Program("β = -γ x_i x_i; α = exp(β); λ = log(1 + α)")
    assert str(program["∂²λ/∂γ∂γ"]) == "exp(-λ) (1 - exp(-λ) α) α (x_i x_i)^2"


@pytest.mark.parametrize(
    ("text", "query", "printed"),
    [
        ("A[m, m], X[n, n]; f = tr(kron(A, X))", "∂f/∂X_ij", "A_kk δ_ij"),
        (
            "X[n, n], Y[p, n]; f = vec(Y)^T kron(X, eye(p)) vec(Y)",
            "∂f/∂Y_ij",
            "Y_ik (X_jk + X_kj)",
        ),
        ("X[n, n], Y[p, n]; f = vec(Y)^T kron(X, eye(p)) vec(Y)", "∂f/∂X_ij", "Y_ki Y_kj"),
    ],
)
def test_kronecker_products_are_not_left_in_a_derivative(
    text: str, query: str, printed: str
) -> None:
    assert str(ic.Program(text)[query]) == printed
