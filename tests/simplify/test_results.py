"""Derivatives as short as by hand: whole results, compared as graphs."""

from __future__ import annotations

from indexcalc.diff.derivative import expand
from indexcalc.ir.build import (
    add,
    apply,
    broadcast,
    builtin,
    derivative,
    linear,
    multiply,
    negate,
    number,
    reciprocal,
    reduce,
    scale,
    subtract,
    variable,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.environment import Environment
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Function, Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.simplify.passes import simplify
from indexcalc.simplify.product import product_of
from indexcalc.simplify.stabilise import stabilise

M, N, P, Q = map(Extent.named, "mnpq")
W, X, B, C = (
    variable("W", (M, N)),
    variable("x", (N,)),
    variable("b", (M,)),
    variable("w", (M,)),
)
Y, T, THETA = variable("y", ()), variable("t", (P,)), variable("θ", (P,))
NOTHING = Environment()


def derived(node: Node, *variables: Variable) -> Node:
    """The derivative by the passes in their order."""
    (stable,) = stabilise([node])
    return simplify(stabilise(expand([derivative(stable, variables)], NOTHING)), NOTHING)[0]


def sigma(u: Node, order: int = 0) -> Node:
    return apply(Function("σ", (order,), "abstract"), u)


def softmax(u: Node) -> Node:
    top = builtin("exp", u)
    return multiply(top, reciprocal(broadcast(contract([(top, "i")], ""), u.shape, ())))


def stable_softmax(u: Node) -> Node:
    return builtin("exp", subtract(u, broadcast(reduce("logsumexp", u, 1), u.shape, ())))


def cross_entropy(t: Node, u: Node) -> Node:
    return negate(contract([(t, "i"), (builtin("log", softmax(u)), "i")], ""))


def score() -> tuple[Node, Node]:
    """`z = W x + b` and `q = y w·σ(z)`."""
    z = add(contract([(W, "ij"), (X, "j")], "i"), B)
    return z, contract([(Y, ""), (C, "i"), (sigma(z), "i")], "")


def logistic_loss(q: Node) -> Node:
    return builtin("log", add(number(1), builtin("exp", negate(q))))


def test_gradient_of_cross_entropy_of_softmax() -> None:
    p, total = stable_softmax(THETA), contract([(T, "i")], "")
    assert derived(cross_entropy(T, THETA), THETA) is subtract(multiply(p, total), T)


def test_hessian_of_cross_entropy_of_softmax() -> None:
    p, total = stable_softmax(THETA), contract([(T, "i")], "")
    found = derived(cross_entropy(T, THETA), THETA, THETA)
    bracket = subtract(contract([(p, "i")], "ii"), contract([(p, "i"), (p, "j")], "ij"))
    assert found is multiply(bracket, total)
    assert len(postorder([found])) <= 12


def test_gradient_of_a_layer_and_softmax() -> None:
    W1, W2 = variable("W1", (N, M)), variable("W2", (M, P))
    a = add(contract([(X, "j"), (W1, "ji")], "i"), B)
    h = reciprocal(add(contract([], "i", {"i": M}), builtin("exp", negate(a))))
    theta = contract([(h, "i"), (W2, "ik")], "k")
    found = derived(cross_entropy(T, theta), X)
    slope = [(builtin("sigmoid", a), "i"), (builtin("sigmoid", negate(a)), "i")]
    theta = contract([(builtin("sigmoid", a), "i"), (W2, "ik")], "k")
    residual = subtract(multiply(stable_softmax(theta), contract([(T, "k")], "")), T)
    assert found is contract([(residual, "k"), (W2, "ik"), *slope, (W1, "ji")], "j")


def test_gradient_of_logistic_loss_is_one_flat_product() -> None:
    z, q = score()
    found = derived(logistic_loss(q), W)
    factors = [(Y, ""), (builtin("sigmoid", negate(q)), ""), (C, "i"), (sigma(z, 1), "i"), (X, "j")]
    assert found is negate(contract(factors, "ij"))


def test_hessian_of_logistic_loss_is_a_core_and_a_delta() -> None:
    z, q = score()
    found = derived(logistic_loss(q), W, W)
    up, down = builtin("sigmoid", q), builtin("sigmoid", negate(q))
    slopes = [(C, "i"), (C, "k"), (sigma(z, 1), "i"), (sigma(z, 1), "k")]
    core = contract([(Y, ""), (up, ""), *slopes], "ik")
    bent = contract([(C, "i"), (sigma(z, 2), "i")], "ii")
    outer = [(Y, ""), (down, ""), (X, "j"), (X, "l")]
    assert found is contract([(subtract(core, bent), "ik"), *outer], "ijkl")


def test_jacobian_of_a_layer_is_a_core_under_a_delta() -> None:
    U, inputs = variable("U", (P, M)), variable("X", (N, Q))
    z = add(
        contract([(W, "mj"), (inputs, "jk")], "mk"), contract([(B, "m")], "mk", {"k": Q, "m": M})
    )
    y = contract([(U, "im"), (sigma(z), "mk")], "ik")
    found = derived(y, inputs)
    core = contract([(U, "im"), (sigma(z, 1), "mj"), (W, "mk")], "ijk")
    assert found is contract([(core, "ijk")], "ijkj")


def test_matrix_factorisation() -> None:
    whole, U, V = variable("T", (M, N)), variable("U", (M, P)), variable("V", (N, P))
    residual = subtract(whole, contract([(U, "ik"), (V, "jk")], "ij"))
    f = contract([(residual, "ij"), (residual, "ij")], "")
    assert derived(f, U) is scale(-2, contract([(residual, "ij"), (V, "jk")], "ik"))
    hessian = contract([(V, "jk"), (V, "jl")], "kl")
    assert derived(f, U, U) is scale(2, contract([(hessian, "kl")], "ikil", {"i": M}))


def test_quadratic_and_cubic_forms() -> None:
    A, cubic = variable("A", (N, N)), variable("K", (N, N, N))
    f = contract([(X, "i"), (A, "ij"), (X, "j")], "")
    both = add(A, contract([(A, "ij")], "ji"))
    assert derived(f, X) is contract([(both, "ij"), (X, "j")], "i")
    assert derived(f, X, X) is both
    g = contract([(cubic, "ijk"), (X, "i"), (X, "j"), (X, "k")], "")
    orders = ("ijk", "ikj", "jik", "jki", "kij", "kji")
    third = [(1, contract([(cubic, "ijk")], order)) for order in orders]
    assert derived(g, X, X, X) is linear(third, (N, N, N))


def test_what_cancels_is_gone() -> None:
    ratio = multiply(builtin("exp", X), reciprocal(builtin("exp", X)))
    assert derived(contract([(ratio, "i"), (X, "i")], ""), X) is contract([], "i", {"i": N})
    norm = contract([(X, "i"), (X, "i")], "")
    unit = multiply(norm, reciprocal(norm))
    assert simplify([multiply(unit, X)], NOTHING) == [X]


def test_a_shared_product_stays_and_one_of_a_kind_is_merged() -> None:
    A, D = variable("A", (N, N)), variable("D", (N, N))
    inner = contract([(A, "ij"), (D, "jk")], "ik")
    outer = contract([(inner, "ik"), (X, "k")], "i")
    (alone,) = simplify([outer], NOTHING)
    assert isinstance(alone, Contraction)
    assert len(alone.factors) == 3
    both = simplify([outer, builtin("tanh", inner)], NOTHING)
    assert len(product_of(both[0]).factors) == 2
