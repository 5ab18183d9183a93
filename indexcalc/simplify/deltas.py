"""Equal delta and broadcast patterns out of sums.

In: sums of views. Out: one view over a sum for each pattern, so that a pattern is written out
once and the additions are done on what it repeats.

>>> from indexcalc.ir.build import add, variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> m, n = Extent.named("m"), Extent.named("n")
>>> a, b = variable("a", (n,)), variable("b", (n,))
>>> left, right = (contract([(v, "q")], "iiq", {"i": m}) for v in (a, b))
>>> deltas([add(left, right)])[0] is contract([(add(a, b), "q")], "iiq", {"i": m})
True
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from indexcalc.ir.build import linear, with_arguments
from indexcalc.ir.node import Node, Sum
from indexcalc.ir.walk import revise
from indexcalc.simplify.views import Pattern, hoisted, pattern, reduced, restored


def deltas(roots: Sequence[Node], settled: set[Node] | None = None) -> list[Node]:
    """Group the terms of each sum by pattern, bottom-up. Linear in the size of the graph."""
    return revise(roots, _rule, set() if settled is None else settled, kinds=(Sum,))


def _rule(node: Node, arguments: tuple[Node, ...]) -> Node:
    new = with_arguments(node, arguments)
    if not isinstance(new, Sum) or len(new.terms) < 2:
        return new
    outer = hoisted(new)
    return grouped(new) if outer is new else outer


def grouped(node: Sum) -> Node:
    """The sum with one term for each delta or broadcast pattern."""
    plain: Pattern = (tuple(range(len(node.shape))), frozenset())
    groups: dict[Pattern, list[tuple[Fraction, Node]]] = {}
    for coefficient, term in node.terms:
        groups.setdefault(pattern(term), []).append((coefficient, term))
    if all(len(group) == 1 or shared == plain for shared, group in groups.items()):
        return node
    terms: list[tuple[Fraction, Node]] = []
    for shared, group in groups.items():
        if shared == plain or len(group) == 1:
            terms += group
        else:
            inner = [(c, reduced(term, shared)) for c, term in group]
            total = linear(inner, inner[0][1].shape)
            terms.append((Fraction(1), restored(total, shared, node)))
    return linear(terms, node.shape)
