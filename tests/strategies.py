"""Random well-typed graphs, and values to evaluate them at.

`problems()` draws a graph together with sizes (unequal, one of them 1) and can make values for its
variables. Three kinds of graph: `exact` for fractions (anything goes), `smooth` for comparison
with finite differences, `any` for all node kinds.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from indexcalc.ir import build
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import ONE, Extent
from indexcalc.ir.node import (
    Apply,
    Call,
    Contraction,
    Function,
    Node,
    Reduce,
    Sum,
    Variable,
    intern,
)
from indexcalc.ir.walk import rewrite

EXTENTS = tuple(Extent.named(name) for name in "mno")
LETTERS = dict(zip(EXTENTS, ("abc", "ijk", "uvw"), strict=True))
SHAPES = ("", "m", "n", "o", "mm", "nn", "mn", "nm", "on", "mmn")
MOST_AXES = 3


def extents(names: str) -> tuple[Extent, ...]:
    return tuple(Extent.named(name) for name in names)


VARIABLES: tuple[Variable, ...] = (
    *(build.variable(f"v{shape}", extents(shape)) for shape in SHAPES),
    build.variable("x", extents("n")),
    build.variable("S", extents("nn"), ["symmetric"]),
)


@dataclass(frozen=True)
class Problem:
    """A graph, sizes for its extents, and a seed from which its values are drawn.

    `written` is the graph as drawn, in no normal form; `root` is what the builders make of it.
    """

    root: Node
    sizes: dict[str, int]
    seed: int
    written: Node | None = None

    def dimensions(self, shape: Sequence[Extent]) -> tuple[int, ...]:
        return tuple(extent.evaluate(self.sizes) for extent in shape)

    def values(
        self, variables: Sequence[Variable] = VARIABLES, *, kind: str = "real"
    ) -> dict[str, NDArray[Any]]:
        """Arrays by name; `kind` is `real`, `complex` or `exact`."""
        source = random.Random(self.seed)
        made = {}
        for v in variables:
            shape = self.dimensions(v.shape)
            array = np.array([_draw(source, kind) for _ in range(int(np.prod(shape)))], object)
            array = array.reshape(shape)
            if v.symmetric:
                array = array + array.T
            made[v.name] = array if kind == "exact" else array.astype(type(_draw(source, kind)))
        return made


def _draw(source: random.Random, kind: str) -> Fraction | float | complex:
    if kind == "exact":
        return Fraction(source.randint(-7, 7), source.randint(1, 4))
    if kind == "complex":
        return complex(source.uniform(-1, 1), source.uniform(-1, 1))
    return source.uniform(-1, 1)


def sizes() -> st.SearchStrategy[dict[str, int]]:
    """Unequal sizes of the extents; one of them is 1."""
    return st.permutations([1, 2, 3]).map(lambda order: dict(zip("mno", order, strict=True)))


def random_product(
    source: random.Random, nodes: Sequence[Node] = VARIABLES
) -> tuple[list[tuple[Node, list[str]]], list[str], dict[str, Extent]]:
    """Arguments of `contract`: repeated labels, repeated factors, labels of the output only."""
    known = {letter: extent for extent, letters in LETTERS.items() for letter in letters}
    factors = []
    for _ in range(source.randint(0, 4)):
        node = _node(source, nodes)
        factors.append((node, [source.choice(LETTERS[extent]) for extent in node.shape]))
    used = sorted({label for _, labels in factors for label in labels} | {"a", "i", "u"})
    return factors, source.choices(used, k=source.randint(0, MOST_AXES)), known


def seeds() -> st.SearchStrategy[int]:
    """Where a test draws from that makes its own random choices."""
    return st.integers(0, 10**9)


def problems(kind: str = "any", most_steps: int = 9) -> st.SearchStrategy[Problem]:
    """Graphs with up to `most_steps` operations on top of one another, of each node kind."""
    return st.builds(random_problem, st.just(kind), seeds(), st.integers(4, most_steps), sizes())


def random_problem(kind: str, seed: int, steps: int, dimensions: dict[str, int]) -> Problem:
    """The graph that belongs to a seed. Hypothesis shrinks the number of steps."""
    source = random.Random(seed)
    always = (_contraction, _contraction, _contraction, _sum, _function, _power, _matrix, _scan)
    makers = {
        "exact": (*always, _product),
        "smooth": (*always, _fold),
        "any": (*always, _fold, _winner),
    }[kind]
    nodes: list[Node] = list(VARIABLES)
    for _ in range(steps):
        nodes.append(source.choice(makers)(source, nodes))
    return Problem(rebuilt(nodes[-1]), dimensions, seed, nodes[-1])


def rebuilt(root: Node) -> Node:
    """What the builders make of a graph that bypassed them."""
    return rewrite([root], _rebuild)[0]


def _rebuild(node: Node, arguments: tuple[Node, ...]) -> Node:
    match node:
        case Contraction():
            known = dict(enumerate(node.extents))
            return contract(zip(arguments, node.labels, strict=True), node.output, known)
        case Sum():
            coefficients = [coefficient for coefficient, _ in node.terms]
            return build.linear(zip(coefficients, arguments, strict=True), node.shape)
        case Apply(function=Function(parameter=exponent)) if exponent is not None:
            return build.power(arguments[0], exponent)
        case Apply():
            return build.apply(node.function, *arguments)
        case Reduce():
            return build.reduce(node.operation, arguments[0], node.rank)
        case Call(operation="reshape"):
            return build.reshape(arguments[0], node.shape)
        case Call():
            return build.call(node.operation, arguments[0])
        case _:
            return node


# --- operations, written down as they come ------------------------------------------------------


def _node(source: random.Random, nodes: Sequence[Node]) -> Node:
    """Mostly one of what was made last, so that graphs get deep."""
    return source.choice(nodes[-3:] if source.random() < 0.7 else nodes)


def _contraction(source: random.Random, nodes: Sequence[Node]) -> Node:
    factors, output, known = random_product(source, nodes)
    letters = sorted({label for _, own in factors for label in own} | set(output))
    labels = tuple(tuple(letters.index(label) for label in own) for _, own in factors)
    return intern(
        Contraction,
        tuple(known[label] for label in output),
        tuple(node for node, _ in factors),
        labels,
        tuple(letters.index(label) for label in output),
        tuple(known[label] for label in letters),
    )


def _linear(*terms: tuple[Fraction | int, Node]) -> Node:
    return intern(Sum, terms[0][1].shape, tuple((Fraction(c), node) for c, node in terms))


def _apply(function: Function, *args: Node) -> Node:
    return intern(Apply, args[0].shape, function, args)


def _reduce(operation: str, node: Node, rank: int) -> Node:
    return intern(Reduce, node.shape[: len(node.shape) - rank], operation, node, rank)


def _sum(source: random.Random, nodes: Sequence[Node]) -> Node:
    first = _node(source, nodes)
    alike = [node for node in nodes if node.shape == first.shape]
    coefficients = [Fraction(0), Fraction(1), Fraction(-1), Fraction(3, 2)]
    terms = [(source.choice(coefficients), source.choice(alike)) for _ in range(3)]
    return _linear((1, first), *terms[: source.randint(0, 3)])


def _function(source: random.Random, nodes: Sequence[Node]) -> Node:
    name = source.choice(["sin", "tanh", "sigmoid", "softplus", "atan"])
    return _apply(Function(name), _node(source, nodes))


def _power(source: random.Random, nodes: Sequence[Node]) -> Node:
    node = _node(source, nodes)
    exponent = source.choice([-2, -1, 0, 1, 2, 3, 9])
    if exponent < 0:  # of something that is not zero
        square = _apply(Function("power", parameter=Fraction(2)), node)
        node = _linear((1, square), (2, build.ones(node.shape)))
    return _apply(Function("power", parameter=Fraction(exponent)), node)


def _with_axes(source: random.Random, nodes: Sequence[Node]) -> Node:
    return _node(source, [node for node in nodes if node.shape])


def _fold(source: random.Random, nodes: Sequence[Node]) -> Node:
    node = _with_axes(source, nodes)
    rank = source.randint(1, len(node.shape))
    return _reduce(source.choice(["prod", "logsumexp"]), node, rank)


def _product(source: random.Random, nodes: Sequence[Node]) -> Node:
    node = _with_axes(source, nodes)
    return _reduce("prod", node, source.randint(1, len(node.shape)))


def _winner(source: random.Random, nodes: Sequence[Node]) -> Node:
    node = _with_axes(source, nodes)
    rank = source.randint(1, len(node.shape))
    return _reduce(source.choice(["max", "min"]), node, rank)


def _scan(source: random.Random, nodes: Sequence[Node]) -> Node:
    node = _with_axes(source, nodes)
    return intern(Reduce, node.shape, source.choice(["cumsum", "reverse_cumsum"]), node, 1)


def _matrix(source: random.Random, nodes: Sequence[Node]) -> Node:
    """A function of a matrix that is near a multiple of the identity, or a reshape."""
    operation = source.choice(["inv", "det", "logdet", "reshape"])
    if operation == "reshape":
        node = _with_axes(source, nodes)
        entries = ONE
        for extent in node.shape:
            entries = entries * extent
        flat = intern(Call, (entries,), "reshape", node)
        return intern(Call, node.shape, "reshape", _apply(Function("sin"), flat))
    square = _node(source, [n for n in nodes if len(n.shape) == 2 and n.shape[0] == n.shape[1]])
    small = _apply(Function("tanh"), square)
    regular = _linear((Fraction(1, 9), small), (1, build.delta(square.shape[0])))
    return intern(Call, square.shape if operation == "inv" else (), operation, regular)
