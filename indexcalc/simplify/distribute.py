"""Open a sum inside a product, where a delta or a broadcast in it would be stuck.

In: products with sums among their factors. Out: sums of products, in which every delta has met
the factors that it joins.

>>> from indexcalc.ir.build import add, delta, variable
>>> n = Extent.named("n")
>>> B, v = variable("B", (n, n)), variable("v", (n,))
>>> stuck = contract([(add(delta(n), B), "ij"), (v, "j")], "i")
>>> distribute([stuck])[0] is add(v, contract([(B, "ij"), (v, "j")], "i"))
True

A delta is taken out of the sum where one of its labels is summed or meets another factor; the rest
of the sum stays one factor. `(δ_ij + B_ij) x_k` stays, the delta is free as it is. A term that
only repeats along a label is taken out if that makes less work, by the count of `cost`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from indexcalc.ir.build import linear, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Labels, Node, Sum
from indexcalc.ir.walk import revise
from indexcalc.simplify.cost import is_cheaper, uses
from indexcalc.simplify.memory import Memory
from indexcalc.simplify.views import pattern

MOST_OPENED = 8  # terms taken out of one sum; a sum with more of them stays, written out
Term = tuple[Fraction, Node]


def distribute(roots: Sequence[Node], memory: Memory | None = None) -> list[Node]:
    """Open one sum of each product, bottom-up; a fixed point opens all that should be.

    `memory` has what an earlier call left alone, and gets what this one does.
    """
    count = uses(roots)
    left = Memory() if memory is None else memory

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        new = with_arguments(node, arguments)
        if not isinstance(new, Contraction) or not any(map(_is_tensor_sum, new.factors)):
            left.settled.add(new)
            return new
        shared = tuple([count.get(factor, 0) > 1 for factor in new.factors])
        if (new, shared) in left.closed:
            return new
        for position, factor in enumerate(new.factors):
            if isinstance(factor, Sum) and _is_tensor_sum(factor):
                opened = _opened(new, position, factor, shared=shared[position])
                if opened is not None:
                    return opened
        left.closed.add((new, shared))
        return new

    return revise(roots, rule, left.settled, local=False, kinds=(Contraction,))


def _is_tensor_sum(node: Node) -> bool:
    return isinstance(node, Sum) and len(node.terms) > 1 and bool(node.shape)


def _opened(node: Contraction, position: int, factor: Sum, shared: bool) -> Node | None:
    """The product with the terms of the sum that are stuck in it taken out, if there are any."""
    labels = node.labels[position]
    met = {k for other, own in enumerate(node.labels) if other != position for k in own}
    met |= set(node.summed) | {k for k in labels if labels.count(k) > 1}
    stuck = [term for term in factor.terms if _has_stuck_delta(term[1], labels, met)]
    if stuck and len(stuck) <= MOST_OPENED:
        return _split(node, position, factor, stuck)
    waiting = [t for t in factor.terms if _has_summed_repeat(t[1], labels, set(node.summed))]
    if waiting and len(waiting) <= MOST_OPENED:
        new = _split(node, position, factor, waiting)
        parts = [leaf for leaf in (*node.factors, *factor.arguments) if leaf is not factor]
        if is_cheaper(new, node, [*parts, factor] if shared else parts):
            return new
    return None


def _has_stuck_delta(term: Node, labels: Labels, met: set[int]) -> bool:
    joined, _ = pattern(term)
    return any(
        labels[axis] in met or labels[first] in met
        for axis, first in enumerate(joined)
        if axis != first
    )


def _has_summed_repeat(term: Node, labels: Labels, summed: set[int]) -> bool:
    _, repeats = pattern(term)
    return any(labels[axis] in summed for axis in repeats)


def _split(node: Contraction, position: int, factor: Sum, taken: Sequence[Term]) -> Node:
    """`Σ (A + B) C = Σ A C + Σ B C` for each term of `taken`, and the rest of the sum together."""
    left = [term for term in factor.terms if term not in taken]
    parts: list[Term] = list(taken)
    if left:
        parts.append((Fraction(1), linear(left, factor.shape)))
    extents: dict[int, Extent] = dict(enumerate(node.extents))
    terms: list[Term] = []
    for coefficient, part in parts:
        factors = list(zip(node.factors, node.labels, strict=True))
        factors[position] = part, node.labels[position]
        terms.append((coefficient, contract(factors, node.output, extents)))
    return linear(terms, node.shape)
