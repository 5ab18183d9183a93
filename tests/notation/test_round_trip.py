"""Component text reads back as the node it was printed from."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from indexcalc.elaborate.program import elaborate
from indexcalc.errors import ShapeError, Source
from indexcalc.interpret import interpret
from indexcalc.ir.build import (
    add,
    apply,
    broadcast,
    builtin,
    call,
    constant,
    linear,
    multiply,
    number,
    ones,
    power,
    reciprocal,
    reduce,
    reshape,
    scale,
    subtract,
    terms_of,
    variable,
    with_arguments,
    zero,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Function, Node, Sum, Variable
from indexcalc.ir.walk import postorder, rewrite
from indexcalc.notation.component import Component, component
from indexcalc.notation.names import NameStyle
from indexcalc.syntax.parser import parse_program
from tests.strategies import VARIABLES, Problem, problems

LETTERS = "abcdef"
UNWRITABLE = "nothing determines"  # the extent of an index that only ones and deltas carry
STYLE = NameStyle(taken=[v.name for v in VARIABLES])


def declaration(v: Variable) -> str:
    return " ".join([f"{v.name}[{', '.join(map(str, v.shape))}]", *sorted(v.traits)])


def read_back(made: Component, node: Node, letters: str) -> dict[Variable, Node]:
    """The definitions of a program that says `R_ij = text`, the last of which is `R`."""
    used = [part for part in postorder([node]) if isinstance(part, Variable)]
    declared = list(dict.fromkeys([*VARIABLES, *used]))
    shape = ", ".join(map(str, node.shape))
    left = f"R_{letters}" if letters else "R"
    lines = [*map(declaration, declared), f"R[{shape}]", *made.where, f"{left} = {made.text}"]
    return dict(elaborate(parse_program(Source("\n".join(lines)))).environment.definitions)


def merged(node: Node, definitions: Mapping[Variable, Node]) -> Node:
    """Definitions put in their place, products of products and sums of sums made one."""
    known: dict[Node, Node] = {}

    def rule(part: Node, arguments: tuple[Node, ...]) -> Node:
        match part:
            case Variable():
                return known.get(part, part)
            case Contraction():
                return flat_product(part, arguments)
            case Sum():
                coefficients = [coefficient for coefficient, _ in part.terms]
                terms = zip(coefficients, arguments, strict=True)
                return linear(flat_terms(terms), part.shape)
            case _:
                return with_arguments(part, arguments)

    for name, body in definitions.items():
        known[name] = rewrite([body], rule)[0]
    return rewrite([node], rule)[0]


def flat_product(product: Contraction, arguments: Sequence[Node]) -> Node:
    extents: dict[Hashable, Extent] = dict(enumerate(product.extents))
    factors: list[tuple[Node, Sequence[Hashable]]] = []
    for position, (argument, labels) in enumerate(zip(arguments, product.labels, strict=True)):
        if not isinstance(argument, Contraction) or argument.is_view:
            factors.append((argument, labels))
            continue
        name: dict[int, Hashable] = dict(zip(argument.output, labels, strict=True))
        for label in argument.summed:
            name[label] = position, label
            extents[position, label] = argument.extents[label]
        for factor, own in zip(argument.factors, argument.labels, strict=True):
            factors.append((factor, [name[label] for label in own]))
    return contract(factors, product.output, extents)


def flat_terms(terms: Iterable[tuple[Fraction, Node]]) -> Iterator[tuple[Fraction, Node]]:
    for coefficient, node in terms:
        for inner, part in terms_of(node):
            yield coefficient * inner, part


def read_result(definitions: Mapping[Variable, Node]) -> Node:
    result = next(body for name, body in definitions.items() if name.name == "R")
    return merged(result, definitions)


def assert_equal_values(
    left: Node, right: Node, values: Mapping[str, Any], sizes: Mapping[str, int], text: str
) -> None:
    with np.errstate(all="ignore"):
        found, expected = (interpret(node, values, sizes).astype(float) for node in (left, right))
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9, err_msg=text)


m, n, p, q = (Extent.named(name) for name in "mnpq")
A, B = variable("A", (n, n)), variable("B", (n, n))
x, y, c = variable("x", (n,)), variable("y", (n,)), variable("c", ())
t, Q = variable("T", (n, n, n)), variable("Q", (p, q))
diagonal = contract([(x, "i")], "ii")

NODES = [
    contract([(A, "ij"), (x, "j")], "i"),
    contract([(A, "ij"), (x, "j"), (x, "i")], ""),
    contract([(x, "i")] * 3, ""),
    contract([(x, "i"), (x, "j")], "iij"),
    contract([(add(A, diagonal), "ij"), (y, "j"), (y, "i")], ""),
    contract([(builtin("exp", A), "ii")], ""),
    contract([(power(x, -1), "i"), (power(y, -1), "i"), (A, "ij")], "j"),
    contract([(call("inv", add(A, diagonal)), "ii")], "i"),
    call("inv", scale(2, diagonal)),
    contract(
        [(x, "i"), (power(y, -1), "i"), (reduce("max", A, 1), "i"), (builtin("exp", B), "jk")], "j"
    ),
    multiply(call("det", diagonal), call("logdet", diagonal)),
    call("det", contract([(A, "ki"), (B, "kl"), (A, "lj")], "ij")),
    builtin("maximum", contract([(x, "i")], "ij", {"j": n}), contract([(y, "i")], "ji", {"j": n})),
    builtin("where", builtin("gt", x, y), x, zero((n,))),
    subtract(ones((n,)), x),
    scale(Fraction(-2, 3), add(x, y)),
    power(subtract(x, y), Fraction(-3, 2)),
    multiply(scale(Fraction(1, 2), reciprocal(c)), reciprocal(add(c, number(1)))),
    reduce("max", t, 2),
    multiply(reduce("logsumexp", A, 1), reduce("max", x, 1)),
    reduce("cumsum", multiply(x, y), 1),
    contract([(reduce("cumsum", A, 1), "ii")], "i"),
    builtin("exp", subtract(x, broadcast(reduce("logsumexp", x, 1), (n,), ()))),
    reshape(variable("V", (p * q, n)), (p, q, n)),
    reshape(Q, (p * q,)),
    constant("levi_civita", (Extent.fixed(3),) * 3),
    apply(Function("g", (2,), "abstract"), x),
    multiply(constant("pi"), constant("e"), c),
]


@pytest.mark.parametrize("node", NODES, ids=[f"{k}" for k in range(len(NODES))])
def test_a_node_reads_back(node: Node) -> None:
    letters = LETTERS[: len(node.shape)]
    made = component(node, list(letters), STYLE)
    assert read_result(read_back(made, node, letters)) is merged(node, {}), made


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (reshape(builtin("exp", Q), (p * q,)), "exp(Q_ij) δ_{(ij)a}"),
        (
            reshape(contract([(Q, "ij"), (A, "kl")], "ikjl"), (p * n, q * n)),
            "A_ij Q_kl δ_{(ki)a} δ_{(lj)b}",
        ),
        (contract([(add(A, B), "ii")], ""), "sum_i (A_ii + B_ii)"),
        (reduce("reverse_cumsum", x, 1), "sum_i x_i + x_a - cumsum(x)_a"),
        (contract([(builtin("sigmoid", zero((n,))), "i"), (x, "i")], ""), "x_i sigmoid(0 1_i)"),
        (contract([(power(zero((n,)), -1), "i"), (x, "i"), (A, "ij")], "j"), "A_ia x_i/(0 1_i)"),
        (builtin("maximum", x, zero((n,))), "max(x_a, 0)"),
        (
            contract([(builtin("maximum", ones((n,)), zero((n,))), "i"), (A, "ij")], "j"),
            "A_ia max(1_i, 0)",
        ),
        (
            contract(
                [(power(contract([], "iij", {"i": n, "j": n}), Fraction(3, 2)), "kij"), (A, "ij")],
                "k",
            ),
            "A_ij (δ_ai 1_j)^(3/2)",
        ),
    ],
)
def test_what_is_spelled_out_has_the_same_value(node: Node, text: str) -> None:
    letters = LETTERS[: len(node.shape)]
    made = component(node, list(letters), STYLE)
    assert made.text == text
    again = read_result(read_back(made, node, letters))
    source, sizes = np.random.default_rng(0), {"n": 3, "p": 2, "q": 5}
    values = {
        v.name: source.normal(size=[extent.evaluate(sizes) for extent in v.shape])
        for v in (A, B, Q, x)
    }
    assert_equal_values(again, node, values, sizes, text)


def test_a_power_of_zero_is_printed() -> None:
    assert component(multiply(c, power(zero(()), -2)), [], STYLE).text == "c/0^2"


@settings(max_examples=150, deadline=None)
@given(problems(kind="any"))
def test_random_graphs_read_back(problem: Problem) -> None:
    node = problem.root
    letters = LETTERS[: len(node.shape)]
    made = component(node, list(letters), STYLE)
    try:
        definitions = read_back(made, node, letters)
    except ShapeError as error:
        if UNWRITABLE in str(error):
            return
        raise
    again = read_result(definitions)
    if again is not merged(node, {}):  # spelled out in another way: equal in value
        assert_equal_values(again, node, problem.values(), problem.sizes, str(made))
