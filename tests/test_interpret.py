"""The oracle: definitions, exact arithmetic, unknown functions, refusals."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from indexcalc.errors import EvaluationError
from indexcalc.interpret import interpret
from indexcalc.ir.build import (
    add,
    apply,
    builtin,
    call,
    constant,
    delta,
    derivative,
    linear,
    multiply,
    number,
    ones,
    power,
    reciprocal,
    reduce,
    reshape,
    scale,
    size,
    variable,
    zero,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.environment import DefinedFunction, Environment
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Function, Node

m, n = Extent.named("m"), Extent.named("n")
W, x, s, A = variable("W", (m, n)), variable("x", (n,)), variable("s", ()), variable("A", (n, n))
SIZES = {"m": 2, "n": 3}
AT: dict[str, Any] = {
    "W": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
    "x": np.array([-1.0, 0.5, 2.0]),
    "s": 1.5,
    "A": np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.5, 0.0, 1.0]]),
}
WANTED: list[tuple[Node, Any]] = [
    (contract([(W, "ij"), (x, "j")], "i"), AT["W"] @ AT["x"]),
    (contract([(W, "ij")], "ji"), AT["W"].T),
    (contract([(A, "ii")], ""), 6.0),
    (contract([(A, "ii")], "i"), [2.0, 3.0, 1.0]),
    (contract([(x, "i")], "ii"), np.diag(AT["x"])),
    (delta(n), np.eye(3)),
    (contract([(x, "j")], "ij", {"i": m}), np.tile(AT["x"], (2, 1))),
    (contract([(x, "i")], "", {}), 1.5),
    (ones((m, n)), np.ones((2, 3))),
    (zero((m,)), [0.0, 0.0]),
    (size(m * n), 6.0),
    (number(Fraction(1, 3)), 1 / 3),
    (constant("pi"), math.pi),
    (linear([(2, x), (Fraction(-1, 2), power(x, 2))], (n,)), 2 * AT["x"] - AT["x"] ** 2 / 2),
    (reduce("max", W, 1), [3.0, 6.0]),
    (reduce("min", W, 2), 1.0),
    (reduce("prod", W, 1), [6.0, 120.0]),
    (reduce("logsumexp", scale(1000, W), 1), [3000.0, 6000.0]),
    (reduce("cumsum", W, 1), np.cumsum(AT["W"], axis=1)),
    (reduce("reverse_cumsum", x, 1), [1.5, 2.5, 2.0]),
    (reshape(W, (n, m)), AT["W"].reshape(3, 2)),
    (call("inv", A), np.linalg.inv(AT["A"])),
    (call("det", A), np.linalg.det(AT["A"])),
    (call("logdet", scale(-1, A)), np.log(np.linalg.det(AT["A"]))),
    (builtin("where", builtin("gt", x, zero((n,))), x, ones((n,))), [1.0, 0.5, 2.0]),
    (builtin("sigmoid", scale(1000, x)), [0.0, 1.0, 1.0]),
    (builtin("softplus", scale(1000, x)), [0.0, 500.0, 2000.0]),
    (builtin("logcosh", scale(1000, x)), np.array([1000.0, 500.0, 2000.0]) - math.log(2)),
    (power(x, -2), [1.0, 4.0, 0.25]),
    (power(s, Fraction(1, 2)), math.sqrt(1.5)),
    (builtin("erf", s), math.erf(1.5)),
]


@pytest.mark.parametrize(("node", "expected"), WANTED, ids=[str(node) for node, _ in WANTED])
def test_values(node: Node, expected: Any) -> None:
    found = interpret(node, AT, SIZES)
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-14)
    assert found.shape == np.shape(expected)


def test_levi_civita() -> None:
    three = Extent.fixed(3)
    a, b = variable("a", (three,)), variable("b", (three,))
    epsilon = constant("levi_civita", (three,) * 3)
    product = contract([(epsilon, "ijk"), (a, "j"), (b, "k")], "i")
    left, right = [1.0, 2.0, 5.0], [-3.0, 0.5, 1.0]
    found = interpret(product, {"a": left, "b": right}, {})
    np.testing.assert_allclose(found, np.cross(left, right))


def test_complex_values() -> None:
    at = {"x": np.array([1 + 2j, -1j, 0.5])}
    node = add(builtin("exp", x), multiply(x, x))
    np.testing.assert_allclose(interpret(node, at, SIZES), np.exp(at["x"]) + at["x"] ** 2)


# --- exact ------------------------------------------------------------------------------------

EXACT: dict[str, Any] = {
    "x": [Fraction(1, 3), Fraction(-2), Fraction(5, 7)],
    "A": [[2, 1, 0], [1, 3, 1], [1, 0, 1]],
    "s": Fraction(1, 2),
}


def exactly(node: Node) -> Any:
    return interpret(node, EXACT, SIZES, exact=True)


def test_arithmetic_in_fractions_is_exact() -> None:
    total = contract([(x, "i"), (reciprocal(add(x, ones((n,)))), "i")], "")
    expected = sum(Fraction(v) / (Fraction(v) + 1) for v in EXACT["x"])
    assert exactly(total) == expected
    product = contract([(A, "ij"), (call("inv", A), "jk")], "ik")
    assert (exactly(product) == np.eye(3, dtype=int)).all()
    assert exactly(call("det", A)) == 6
    assert exactly(call("logdet", A)) == exactly(builtin("log", call("det", A)))
    assert all(isinstance(entry, Fraction) for entry in exactly(product).flat)
    assert (exactly(builtin("maximum", x, zero((n,)))) == [Fraction(1, 3), 0, Fraction(5, 7)]).all()


def test_unknown_functions_are_fixed_and_tell_arguments_apart() -> None:
    sine = builtin("sin", x)
    assert (exactly(sine) == exactly(sine)).all()
    assert exactly(builtin("sin", s)) != exactly(builtin("sin", add(s, s)))
    assert exactly(builtin("sin", s)) != exactly(builtin("cos", s))
    f = Function("f", kind="abstract")
    assert exactly(apply(f, s)) != exactly(apply(f.differentiated(0), s))
    # an identity of sin and cos does not hold for unknown functions
    pythagoras = add(power(builtin("sin", s), 2), power(builtin("cos", s), 2))
    assert exactly(pythagoras) != 1


def test_what_builders_know_holds_for_unknown_functions() -> None:
    for name, value in (("exp", 1), ("sin", 0), ("cosh", 1), ("log1p", 0)):
        hidden_zero = variable("hidden", ())
        node = builtin(name, hidden_zero)
        assert interpret(node, {"hidden": 0}, {}, exact=True) == value
        assert interpret(builtin(name, zero(())), {}, {}, exact=True) == value
    assert interpret(builtin("log", s), {"s": 1}, {}, exact=True) == 0


# --- names ------------------------------------------------------------------------------------


def test_definitions_and_defined_functions() -> None:
    z, t = variable("z", (n,)), variable("t", ())
    square = DefinedFunction("q", (t,), multiply(t, t, s))
    node = apply(Function("q", kind="defined"), z)
    environment = Environment({z: scale(2, x)}, {"q": square})
    found = interpret(node, AT, SIZES, environment=environment)
    np.testing.assert_allclose(found, 1.5 * 4 * AT["x"] ** 2)
    given = interpret(node, AT | {"z": [1, 2, 3]}, SIZES, environment=environment)
    np.testing.assert_allclose(given, [1.5, 6, 13.5])


def test_abstract_functions_are_callables() -> None:
    f = Function("f", (0, 1), "abstract")
    node = apply(f, x, x)
    found = interpret(node, AT, SIZES, functions={f: lambda a, b: a + 10 * b})
    np.testing.assert_allclose(found, 11 * AT["x"])


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (variable("absent", ()), "no value for absent"),
        (variable("x", (m,)), "its value has the shape"),
        (derivative(x, [x]), "worked out"),
        (apply(Function("f", kind="abstract"), x), "function f"),
        (apply(Function("mystery"), x), "function mystery"),
    ],
    ids=str,
)
def test_refusals(node: Node, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        interpret(node, AT, SIZES)


def test_division_by_zero_in_fractions_is_refused() -> None:
    with pytest.raises(EvaluationError, match="division by zero"):
        interpret(reciprocal(s), {"s": 0}, {}, exact=True)


def test_a_deep_graph() -> None:
    node: Node = s
    for _ in range(20_000):
        node = builtin("sin", node)
    assert interpret(node, {"s": 1.0}, {}) == pytest.approx(math.sqrt(3 / 20_000), rel=0.01)


INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("row", "largest", "smallest", "logsumexp"),
    [
        ([1.0, NAN, 2.0], NAN, NAN, NAN),
        ([NAN, 1.0, 2.0], NAN, NAN, NAN),
        ([1.0, INF, -INF], INF, -INF, INF),
        ([-INF, -INF, -INF], -INF, -INF, -INF),
        ([INF, NAN, 0.0], NAN, NAN, NAN),
    ],
)
def test_what_is_not_finite_passes_through_reductions(
    row: list[float], largest: float, smallest: float, logsumexp: float
) -> None:
    wanted = {"max": largest, "min": smallest, "logsumexp": logsumexp}
    for operation, value in wanted.items():
        found = interpret(reduce(operation, x, 1), {"x": row}, SIZES)
        np.testing.assert_equal(float(found), value)


def test_what_is_not_finite_passes_through_functions() -> None:
    row = [-INF, INF, NAN]
    wanted = {"relu": [0.0, INF, NAN], "abs": [INF, INF, NAN], "tanh": [-1.0, 1.0, NAN]}
    for name, values in wanted.items():
        np.testing.assert_equal(interpret(builtin(name, x), {"x": row}, SIZES), values)
    for name, values in {"maximum": [1.0, INF, NAN], "minimum": [-INF, 1.0, NAN]}.items():
        for args in ((x, ones((n,))), (ones((n,)), x)):
            np.testing.assert_equal(interpret(builtin(name, *args), {"x": row}, SIZES), values)
