"""Symmetric matrices that are not variables: `Aᵀ A`, `A + Aᵀ`, and the inverses of these.

In: nodes. Out: the same values, in which a symmetric matrix is never transposed and its indices
stand in one order in a product, so that equal terms are equal nodes.

>>> from indexcalc.ir.build import add, call, variable
>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> A, x = variable("A", (n, n)), variable("x", (n,))
>>> B = call("inv", contract([(A, "ki"), (A, "kj")], "ij"))
>>> left, right = (contract([(B, axes), (x, "j")], "i") for axes in ("ij", "ji"))
>>> left is right, symmetric([left])[0] is symmetric([right])[0]
(False, True)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from indexcalc.ir.build import linear, split_multiple, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Apply, Call, Contraction, Labels, Node, Sum, Variable
from indexcalc.ir.walk import revise

MOST_TURNED = 4  # symmetric factors of one product, each tried in both orders
MOST_TERMS = 64  # of a sum that is compared with its transpose


@dataclass(frozen=True, slots=True)
class Judged:
    """Nodes that were left alone, and which of them are symmetric: both depend on the node only."""

    settled: set[Node] = field(default_factory=set)
    symmetric: dict[Node, bool] = field(default_factory=dict)


def symmetric(roots: Sequence[Node], judged: Judged | None = None) -> list[Node]:
    """Choose one order for the axes of every symmetric matrix, bottom-up.

    `judged` has what an earlier call found out, and gets what this one does.
    """
    before = Judged() if judged is None else judged
    known = dict(before.symmetric)

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        new = with_arguments(node, arguments)
        if isinstance(new, Contraction):
            new = _turned(new, known)
        if _is_matrix(new) and new not in known:
            known[new] = _is_symmetric(new, known)
        if new is node:
            before.settled.add(node)
            before.symmetric[node] = known.get(node, False)
        return new

    return revise(roots, rule, before.settled, local=False)


def _is_matrix(node: Node) -> bool:
    return len(node.shape) == 2 and node.shape[0] == node.shape[1]


def _is_symmetric(node: Node, known: dict[Node, bool]) -> bool:
    """Whether the node is its own transpose, for certain; its arguments have been judged before."""
    match node:
        case Variable():
            return node.symmetric
        case Apply():
            return all(known.get(argument, False) for argument in node.args)
        case Call():
            return node.operation == "inv" and known.get(node.argument, False)
        case Sum():
            if all(known.get(term, False) for term in node.arguments):
                return True
            return len(node.terms) <= MOST_TERMS and _transposed_sum(node) is node
        case Contraction():
            return _may_be_symmetric(node) and _transposed(node) is node
        case _:
            return False


def _may_be_symmetric(node: Contraction) -> bool:
    """Whether both axes meet equal factors: a quick look that spares most nodes the proof."""
    core = node.factors[0] if node.is_view and node.factors else node
    product = core if isinstance(core, Contraction) else node
    if len(product.output) != 2:
        return True
    met: dict[int, list[bytes]] = {label: [] for label in product.output}
    for factor, labels in zip(product.factors, product.labels, strict=True):
        for label in labels:
            if label in met:
                met[label].append(factor.digest)
    first, second = (sorted(met[label]) for label in product.output)
    return first == second


def _transposed(node: Contraction) -> Node:
    """The transpose, made from the factors, so that a product that is symmetric is found again."""
    core = node.factors[0] if node.is_view and node.factors else node
    if core is node or not isinstance(core, Contraction):
        pairs = list(zip(node.factors, node.labels, strict=True))
        return contract(pairs, node.output[::-1], dict(enumerate(node.extents)))
    if len(core.output) != len(node.labels[0]) or len(set(node.output)) != 2:
        return node if len(set(node.output)) == 1 else contract([(node, "ij")], "ji")
    inner = list(zip(core.factors, core.labels, strict=True))
    place = dict(zip(node.labels[0], core.output, strict=True))
    if any(label not in place for label in node.output):
        return contract([(node, "ij")], "ji")
    output = [place[label] for label in node.output[::-1]]
    return contract(inner, output, dict(enumerate(core.extents)))


def _transposed_sum(node: Sum) -> Node:
    terms = [
        (c, _transposed(term) if isinstance(term, Contraction) else contract([(term, "ij")], "ji"))
        for c, term in node.terms
    ]
    return linear(terms, node.shape)


def _turned(node: Contraction, known: dict[Node, bool]) -> Node:
    """The product with its symmetric factors the way round that makes the smallest node."""
    places = [
        k
        for k, (factor, labels) in enumerate(zip(node.factors, node.labels, strict=True))
        if known.get(factor, False) and not isinstance(factor, Variable) and labels[0] != labels[1]
    ]
    if not places or len(places) > MOST_TURNED:
        return node
    found: list[Node] = []
    for turns in product((False, True), repeat=len(places)):
        turned = {place for place, turn in zip(places, turns, strict=True) if turn}
        factors: list[tuple[Node, Labels]] = [
            (factor, labels[::-1] if k in turned else labels)
            for k, (factor, labels) in enumerate(zip(node.factors, node.labels, strict=True))
        ]
        found.append(contract(factors, node.output, dict(enumerate(node.extents))))
    return min(found, key=_size_and_digest)


def _size_and_digest(node: Node) -> tuple[int, bytes, bytes]:
    """Fewer layers first; then the core's digest, so that both orders of an output meet."""
    _, rest = split_multiple(node)
    if isinstance(rest, Contraction) and rest.is_view and rest.factors:
        return 1, rest.factors[0].digest, rest.digest
    return 0, rest.digest, rest.digest
