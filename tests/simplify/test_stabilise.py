"""Each rule by name, in a table: a formula and what it becomes."""
# ruff: noqa: E501 - one rule a line

from __future__ import annotations

from fractions import Fraction

import pytest

from indexcalc.ir.build import (
    add,
    broadcast,
    builtin,
    call,
    linear,
    multiply,
    negate,
    number,
    ones,
    power,
    reciprocal,
    reduce,
    scale,
    size,
    subtract,
    variable,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node
from indexcalc.simplify.stabilise import stabilise

M, N = Extent.named("m"), Extent.named("n")
U, V, R = variable("u", (N,)), variable("v", (N,)), variable("r", (N,))
S = variable("s", ())
X, C = variable("X", (M, N)), variable("c", (M,))
A = variable("A", (N, N))
ONE = ones((N,))
HALF = Fraction(1, 2)


def exp(u: Node) -> Node:
    return builtin("exp", u)


def log(u: Node) -> Node:
    return builtin("log", u)


def sigmoid(u: Node) -> Node:
    return builtin("sigmoid", u)


def softplus(u: Node) -> Node:
    return builtin("softplus", u)


def tanh(u: Node) -> Node:
    return builtin("tanh", u)


def divide(left: Node, right: Node) -> Node:
    return multiply(left, reciprocal(right))


def total(node: Node, letters: str, output: str) -> Node:
    return contract([(node, letters)], output)


def lse(node: Node, rank: int = 1) -> Node:
    return reduce("logsumexp", node, rank)


def along_rows(node: Node) -> Node:
    return broadcast(node, (M, N), [0])


def along_columns(node: Node) -> Node:
    return broadcast(node, (M, N), [1])


def softmax(u: Node) -> Node:
    return multiply(exp(u), reciprocal(broadcast(total(exp(u), "i", ""), u.shape, ())))


def log_softmax(u: Node) -> Node:
    return subtract(u, broadcast(lse(u), u.shape, ()))


RULES: list[tuple[str, Node, Node]] = [
    ("log(1+exp)", log(add(ONE, exp(U))), softplus(U)),
    ("log(1+exp) of a scalar", log(add(number(1), exp(S))), softplus(S)),
    ("log(1+exp(-2u))", log(add(ONE, exp(scale(-2, U)))), softplus(scale(-2, U))),
    ("log(1+exp) repeated", log(add(ones((M, N)), along_columns(exp(U)))), along_columns(softplus(U))),
    ("log(1+exp(u)exp(v))", log(add(ONE, multiply(exp(U), exp(V)))), softplus(add(U, V))),
    ("log1p(exp)", builtin("log1p", exp(U)), softplus(U)),
    ("log(1-exp)", log(subtract(ONE, exp(U))), builtin("log1mexp", U)),
    ("log1p(-exp)", builtin("log1p", negate(exp(U))), builtin("log1mexp", U)),
    ("log(exp-1)", log(subtract(exp(U), ONE)), add(U, builtin("log1mexp", negate(U)))),
    ("log(1+x)", log(add(ONE, power(U, 2))), builtin("log1p", power(U, 2))),
    ("log 1", log(number(1)), number(0)),
    ("exp-1", subtract(exp(U), ONE), builtin("expm1", U)),
    ("2-2exp", scale(2, subtract(ONE, exp(U))), scale(-2, builtin("expm1", U))),
    ("1/(1+exp)", reciprocal(add(ONE, exp(U))), sigmoid(negate(U))),
    ("1/(1+exp(-u))^3", power(add(ONE, exp(negate(U))), -3), power(sigmoid(U), 3)),
    ("3/(2+2exp)", scale(3, reciprocal(scale(2, add(ONE, exp(U))))), scale(Fraction(3, 2), sigmoid(negate(U)))),
    ("exp/(1+exp)", divide(exp(U), add(ONE, exp(U))), sigmoid(U)),
    ("exp/(1+exp)^2", divide(exp(U), power(add(ONE, exp(U)), 2)), multiply(sigmoid(U), sigmoid(negate(U)))),
    ("exp(-u)/(1+exp(-u)) r", multiply(R, divide(exp(negate(U)), add(ONE, exp(negate(U))))), multiply(R, sigmoid(negate(U)))),
    ("1-sigmoid", subtract(ONE, sigmoid(U)), sigmoid(negate(U))),
    ("1-1/(1+exp(-u))", subtract(ONE, reciprocal(add(ONE, exp(negate(U))))), sigmoid(negate(U))),
    ("log sigmoid", log(sigmoid(U)), negate(softplus(negate(U)))),
    ("log(1-sigmoid)", log(subtract(ONE, sigmoid(U))), negate(softplus(U))),
    ("log(sigmoid/(1-sigmoid))", log(divide(sigmoid(U), subtract(ONE, sigmoid(U)))), U),
    ("sigmoid/(1-sigmoid)", divide(sigmoid(U), subtract(ONE, sigmoid(U))), exp(U)),
    ("exp(-softplus)", exp(negate(softplus(U))), sigmoid(negate(U))),
    ("exp(u-softplus)", exp(subtract(U, softplus(U))), sigmoid(U)),
    ("exp(u)exp(-softplus)", multiply(exp(U), exp(negate(softplus(U)))), sigmoid(U)),
    ("exp(softplus)", exp(softplus(U)), add(ONE, exp(U))),
    ("exp(u+v-softplus(u+v))", exp(subtract(add(U, V), softplus(add(U, V)))), sigmoid(add(U, V))),
    ("softplus-u", subtract(softplus(U), U), softplus(negate(U))),
    ("softplus(u+v)-u-v", linear([(1, softplus(add(U, V))), (-1, U), (-1, V)], (N,)), softplus(negate(add(U, V)))),
    ("log(1+exp)-u", subtract(log(add(ONE, exp(U))), U), softplus(negate(U))),
    ("log exp", log(exp(U)), U),
    ("log of product", log(multiply(exp(U), R)), add(U, log(R))),
    ("log(3 exp)", log(scale(3, exp(U))), add(U, broadcast(log(number(3)), (N,), ()))),
    ("exp log", exp(log(U)), U),
    ("exp(-3 log)", exp(scale(-3, log(U))), power(U, -3)),
    ("exp(log/2)", exp(scale(HALF, log(U))), power(U, HALF)),
    ("log sum exp", log(total(exp(U), "i", "")), lse(U)),
    ("log sum exp of rows", log(total(exp(X), "ij", "i")), lse(X)),
    ("log sum exp of columns", log(total(exp(X), "ij", "j")), lse(contract([(X, "ij")], "ji"))),
    ("log sum exp of all", log(total(exp(X), "ij", "")), lse(X, 2)),
    ("log mean exp", log(multiply(reciprocal(size(N)), total(exp(U), "i", ""))), subtract(lse(U), log(size(N)))),
    ("softmax", softmax(U), exp(log_softmax(U))),
    ("softmax of rows", divide(exp(X), along_rows(total(exp(X), "ij", "i"))), exp(subtract(X, along_rows(lse(X))))),
    ("softmax squared", power(softmax(U), 2), power(exp(log_softmax(U)), 2)),
    ("log softmax", log(softmax(U)), log_softmax(U)),
    ("cross entropy", contract([(R, "i"), (log(softmax(U)), "i")], ""), contract([(R, "i"), (log_softmax(U), "i")], "")),
    ("two softmaxes stay", multiply(softmax(U), softmax(V)), multiply(exp(log_softmax(U)), exp(log_softmax(V)))),
    ("mean under softmax", divide(contract([(R, "i"), (exp(U), "i")], ""), total(exp(U), "i", "")),
     contract([(R, "i"), (exp(log_softmax(U)), "i")], "")),
    ("1/(exp u + exp v) exp u", divide(exp(S), add(exp(S), exp(variable("t", ())))), sigmoid(subtract(S, variable("t", ())))),
    ("tanh", divide(subtract(exp(U), exp(negate(U))), add(exp(U), exp(negate(U)))), tanh(U)),
    ("tanh squared", power(divide(subtract(exp(U), exp(negate(U))), add(exp(U), exp(negate(U)))), 2), power(tanh(U), 2)),
    ("tanh by exp(2u)", divide(subtract(exp(scale(2, U)), ONE), add(exp(scale(2, U)), ONE)), tanh(U)),
    ("tanh by exp(-2u)", divide(subtract(ONE, exp(scale(-2, U))), add(ONE, exp(scale(-2, U)))), tanh(U)),
    ("log cosh", log(builtin("cosh", U)), builtin("logcosh", U)),
    ("sech^2", power(builtin("cosh", U), -2), scale(4, multiply(sigmoid(scale(2, U)), sigmoid(scale(-2, U))))),
    ("sech", reciprocal(builtin("cosh", U)), exp(negate(builtin("logcosh", U)))),
    ("1+tanh", scale(HALF, add(ONE, tanh(U))), sigmoid(scale(2, U))),
    ("1-tanh", subtract(ONE, tanh(U)), scale(2, sigmoid(scale(-2, U)))),
    ("log det", log(call("det", A)), call("logdet", A)),
    ("log(2/det)", log(scale(2, reciprocal(call("det", A)))), subtract(log(number(2)), call("logdet", A))),
    ("softplus(u)-softplus(-u)", subtract(softplus(U), softplus(negate(U))), U),
    ("log(det^2) stays", log(power(call("det", A), 2)), log(power(call("det", A), 2))),
    ("exp u exp v stay apart", contract([(exp(C), "i"), (exp(U), "j")], "ij"), contract([(exp(C), "i"), (exp(U), "j")], "ij")),
    ("masked sum", log(contract([(R, "i"), (exp(U), "i")], "")), log(contract([(R, "i"), (exp(U), "i")], ""))),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [r[1:] for r in RULES], ids=[r[0] for r in RULES])
def test_rule(before: Node, after: Node) -> None:
    (found,) = stabilise([before])
    assert found is after
    assert stabilise([found]) == [found]
