"""Random tensors of at most two axes, built of vectors and matrices in every way.

A seed determines the graph. Products have labels that meet any number of factors, labels of the
result that no factor has, diagonals and traces; around them are sums, functions, powers, inverses.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

from indexcalc.ir import build
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Node, Variable
from tests.strategies import LETTERS, extents

VARIABLES: tuple[Variable, ...] = (
    build.variable("c", ()),
    build.variable("γ", ()),
    *(build.variable(name, extents("m")) for name in ("a", "b")),
    *(build.variable(name, extents("n")) for name in ("x", "y")),
    build.variable("u", extents("o")),
    build.variable("A", extents("mn")),
    build.variable("B", extents("nn")),
    build.variable("C", extents("no")),
    build.variable("D", extents("mm")),
    build.variable("E", extents("nm")),
    build.variable("S", extents("nn"), ["symmetric"]),
)
LETTER_EXTENTS = {letter: e for e, letters in LETTERS.items() for letter in letters[:2]}
FUNCTIONS = ("sin", "tanh", "sigmoid", "exp", "abs")


def random_formula(seed: int, steps: int) -> Node:
    """The graph that belongs to a seed."""
    source = random.Random(seed)
    nodes: list[Node] = list(VARIABLES)
    for _ in range(steps):
        nodes.append(source.choice(MAKERS)(source, nodes))
    return nodes[-1]


def _node(source: random.Random, nodes: Sequence[Node]) -> Node:
    return source.choice(nodes[-3:] if source.random() < 0.6 else nodes)


def _product(source: random.Random, nodes: Sequence[Node]) -> Node:
    factors = []
    for _ in range(source.randint(1, 5)):
        node = _node(source, nodes)
        letters = {e: list(own[:2]) for e, own in LETTERS.items()}
        labels = [source.choice(letters[extent]) for extent in node.shape]
        factors.append((node, labels))
    used = sorted({label for _, labels in factors for label in labels} | {"a", "i"})
    output = source.choices(used, k=source.randint(0, 2))
    return contract(factors, output, LETTER_EXTENTS)


def _sum(source: random.Random, nodes: Sequence[Node]) -> Node:
    first = _node(source, nodes)
    alike = [node for node in nodes if node.shape == first.shape]
    terms: list[tuple[Fraction, Node]] = [(Fraction(1), first)]
    for _ in range(source.randint(1, 2)):
        terms.append((Fraction(source.choice(["1", "-1", "2", "-1/2"])), source.choice(alike)))
    if source.random() < 0.3:
        scalar = source.choice([node for node in nodes if not node.shape])
        terms.append((Fraction(1), build.broadcast(scalar, first.shape, ())))
    if len(first.shape) == 2 and first.shape[0] == first.shape[1] and source.random() < 0.4:
        terms.append((Fraction(-1), build.delta(first.shape[0])))
        terms.append((Fraction(1), build.transpose(first, (1, 0))))
    return build.linear(terms, first.shape)


def _function(source: random.Random, nodes: Sequence[Node]) -> Node:
    return build.builtin(source.choice(FUNCTIONS), _node(source, nodes))


def _of_two(source: random.Random, nodes: Sequence[Node]) -> Node:
    first = _node(source, nodes)
    alike = [node for node in nodes if node.shape == first.shape]
    alike.append(build.broadcast(build.number(Fraction(1, 3)), first.shape, ()))
    second = source.choice(alike)
    name = source.choice(["maximum", "minimum", "gt", "where"])
    if name == "where":
        condition = build.builtin("gt", first, second)
        return build.builtin("where", condition, second, build.zero(first.shape))
    return build.builtin(name, first, second)


def _power(source: random.Random, nodes: Sequence[Node]) -> Node:
    node = _node(source, nodes)
    exponent = Fraction(source.choice(["-2", "-1", "2", "3", "1/2", "-1/2", "3/2"]))
    if exponent < 0 or exponent.denominator > 1:  # of something positive
        node = build.add(build.power(node, 2), build.ones(node.shape))
    return build.power(node, exponent)


def _fold(source: random.Random, nodes: Sequence[Node]) -> Node:
    node = _node(source, nodes)
    operation = source.choice(["prod", "logsumexp", "max", "min"])
    if operation == "logsumexp" and len(node.shape) == 2:
        return build.reduce(operation, node, source.randint(1, 2))
    return build.reduce(operation, node, len(node.shape))


def _of_vector(source: random.Random, nodes: Sequence[Node]) -> Node:
    vector = _node(source, [node for node in nodes if len(node.shape) == 1])
    operation = source.choice(["cumsum", "reverse_cumsum", "softmax", "norm"])
    if operation == "softmax":
        total = build.broadcast(build.reduce("logsumexp", vector, 1), vector.shape, ())
        return build.builtin("exp", build.subtract(vector, total))
    if operation == "norm":
        square = contract([(vector, "i"), (vector, "i")], "")
        return build.power(build.add(square, build.number(1)), Fraction(1, 2))
    return build.reduce(operation, vector, 1)


def _of_matrix(source: random.Random, nodes: Sequence[Node]) -> Node:
    """The inverse (or the determinant) of a matrix near the identity."""
    square = [n for n in nodes if len(n.shape) == 2 and n.shape[0] == n.shape[1]]
    small = build.builtin("tanh", _node(source, square))
    unit = build.delta(small.shape[0])
    return build.call(
        source.choice(["inv", "inv", "det", "logdet"]),
        build.linear([(Fraction(1, 9), small), (Fraction(1), unit)], small.shape),
    )


MAKERS = (_product, _product, _product, _product, _sum, _sum, _function, _of_two, _power, _fold,
          _of_vector, _of_matrix)  # fmt: skip
