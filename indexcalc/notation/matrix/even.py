"""Matrices that equal their transpose because of what they are made of: `X^T C X` for symmetric C.

In: a node. Out: an equal one in which such a matrix and its transpose are one node, so that terms
that are alike have met; and these matrices. While terms are brought together each such matrix
stands as a symmetric variable, which the builders know how to treat.

>>> from indexcalc.ir.build import add, variable
>>> from indexcalc.ir.extent import Extent
>>> m, n = Extent.named("m"), Extent.named("n")
>>> X, C = variable("X", (m, n)), variable("C", (m, m), ["spd"])
>>> K = contract([(X, "ki"), (C, "kl"), (X, "lj")], "ij")
>>> product = [contract([(X, "ij"), (K, labels)], "ik") for labels in ("jk", "kj")]
>>> root, even = evened(add(*product))
>>> [str(coefficient) for coefficient, _ in root.terms], K in even
(['2'], True)
"""

from __future__ import annotations

from indexcalc.ir.build import linear, transpose, variable, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Contraction, Node, Sum
from indexcalc.ir.symmetry import is_symmetric
from indexcalc.ir.walk import postorder, rewrite

MOST_FACTORS = 24  # of a product that is compared with its transpose
MARK = "\0"  # no name of a program has it


def evened(root: Node) -> tuple[Node, frozenset[Node]]:
    """The node with equal terms collected, and the matrices in it that are even."""
    stand_ins: dict[Node, Node] = {}  # for each variable the matrix, in which others stand

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        made = with_arguments(node, arguments)
        if not is_even(made) or is_symmetric(made):
            return made
        stand_in = variable(f"{MARK}{len(stand_ins)}", made.shape, ["symmetric"])
        stand_ins[stand_in] = made
        return stand_in

    whole = rewrite([root], rule)[0]
    if not stand_ins:
        return root, frozenset()
    known: dict[Node, Node] = {}
    for stand_in, made in stand_ins.items():
        known[stand_in] = rewrite([made], with_arguments, known)[0]
    parts = [part for part in postorder([whole, *stand_ins.values()]) if is_symmetric(part)]
    back, *even = rewrite([whole, *parts], with_arguments, known)
    return back, frozenset(even)


def is_even(node: Node) -> bool:
    """Whether a product or a sum is seen to equal its transpose."""
    if len(node.shape) != 2 or node.shape[0] != node.shape[1]:
        return False
    match node:
        case Sum():
            turned = [(c, transpose(inner, (1, 0))) for c, inner in node.terms]
            return linear(turned, node.shape) is node
        case Contraction() if len(node.factors) <= MOST_FACTORS:
            factors = list(zip(node.factors, node.labels, strict=True))
            extents = dict(enumerate(node.extents))
            return contract(factors, node.output[::-1], extents) is node
        case _:
            return False
