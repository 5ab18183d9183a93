"""Random sums of products over few tensors, dense in what the passes look for.

Deltas, ones, common factors, nested products and sums, shared subgraphs, inverses that cancel.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from indexcalc.ir.build import add, apply, call, delta, linear, ones, power, scale, variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Function, Node
from tests.strategies import Problem, sizes

M, N = Extent.named("m"), Extent.named("n")
LETTERS = {N: "ijk", M: "ab"}
LEAVES: tuple[Node, ...] = (
    variable("vm", (M,)),
    variable("x", (N,)),
    variable("vn", (N,)),
    variable("vnn", (N, N)),
    variable("vnm", (N, M)),
    variable("S", (N, N), ["symmetric"]),
    delta(N),
    ones((N,)),
    ones((M,)),
)
SHAPES = ("i", "ij", "ia", "", "a", "ijk")
Draw = Callable[[st.SearchStrategy[Any]], Any]


@st.composite
def polynomials(draw: Draw, most_steps: int = 4) -> Problem:
    """A few sums of products on top of one another."""
    nodes = list(LEAVES)
    for _ in range(draw(st.integers(1, most_steps))):
        output = draw(st.sampled_from(SHAPES))
        terms = [
            (draw(st.sampled_from([1, -1, 2, Fraction(1, 2)])), _product(draw, nodes, output))
            for _ in range(draw(st.integers(1, 4)))
        ]
        node = linear(terms, terms[0][1].shape)
        if draw(st.integers(0, 5)) == 0:
            node = apply(Function("f", (0,), "abstract"), node)
        nodes += [node] * 3  # later nodes are likelier
    return Problem(nodes[-1], draw(sizes()), draw(st.integers(0, 10**6)))


def _product(draw: Draw, nodes: list[Node], output: str) -> Node:
    factors = []
    for node in draw(st.lists(st.sampled_from(nodes), min_size=1, max_size=4)):
        factors.append((node, [draw(st.sampled_from(LETTERS[e])) for e in node.shape]))
    extents = {letter: extent for extent, letters in LETTERS.items() for letter in letters}
    used = {letter for _, labels in factors for letter in labels} | set(output)
    if draw(st.booleans()) and output:  # embed on a diagonal, or repeat
        output = draw(st.sampled_from([output, output[0] * len(output)])) if len(
            {extents[letter] for letter in output}) == 1 else output  # fmt: skip
    return contract(factors, output, {k: extents[k] for k in sorted(used)})


_EXP = ("exp", "log", "sigmoid", "softplus", "tanh", "cosh", "sinh", "log1p", "expm1", "logcosh")


@st.composite
def exponentials(draw: Draw, most_steps: int = 6) -> Problem:
    """Exponentials, logarithms and sigmoids of one another, their sums, products and powers."""
    nodes: list[Node] = [variable("vn", (N,)), variable("x", (N,)), ones((N,))]
    for _ in range(draw(st.integers(2, most_steps))):
        node, other = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        match draw(st.integers(0, 6)):
            case 0 | 1:
                node = apply(Function(draw(st.sampled_from(_EXP))), node)
            case 2:
                node = add(node, scale(draw(st.sampled_from([1, -1, 2])), other))
            case 3:
                node = contract([(node, "i"), (other, "i")], "i")
            case 4:
                node = power(node, draw(st.sampled_from([-1, -2, 2, Fraction(1, 2)])))
            case 5:
                node = contract([(contract([(node, "i")], ""), "")], "i", {"i": N})
            case _:
                node = apply(Function("exp"), node)
        nodes += [node] * 2
    return Problem(nodes[-1], draw(sizes()), draw(st.integers(0, 10**6)))


def inverse(node: Node) -> Node:
    """The inverse of a matrix that is near the identity."""
    return call("inv", add(delta(N), scale(Fraction(1, 9), node)))
