"""Products of one tensor with small factors, down to the tensor itself.

In: nodes, sizes. Out: the same values. A product of a tensor with small factors that other products
use, too, stands open in them: which partial products of the tensor are made is decided for all of
its products together (`partials.py`), so none is fixed before.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.contraction import contract
>>> n = Extent.named("n")
>>> T, x, v = variable("T", (n,) * 3), variable("x", (n,)), variable("v", (n,))
>>> inner = contract([(T, "ijk"), (v, "k")], "ij")
>>> terms = [contract([(inner, "ij"), (x, a)], b) for a, b in ("ij", "ji")]
>>> [len(term.factors) for term in reopened(terms, {"n": 9})]
[3, 3]
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from indexcalc.ir.build import with_arguments
from indexcalc.ir.contraction import contract, factors_under
from indexcalc.ir.extent import Extent, entry_count
from indexcalc.ir.node import Contraction, Node
from indexcalc.ir.walk import rewrite
from indexcalc.plan.partials import MOST_MET, star


def reopened(roots: Sequence[Node], sizes: Mapping[str, int]) -> list[Node]:
    """Open products of a tensor with small factors inside products of the same form."""

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        new = with_arguments(node, arguments)
        if not isinstance(new, Contraction) or new.is_view:
            return new
        for place, inner in enumerate(new.factors):
            if len(inner.shape) > 1 and isinstance(inner, Contraction) and not inner.is_view:
                opened = _opened(new, place, inner, sizes) if star(inner, sizes) else None
                if opened is not None:
                    return opened
        return new

    return rewrite(roots, rule)


def _opened(
    node: Contraction, place: int, inner: Contraction, sizes: Mapping[str, int]
) -> Node | None:
    """The product with one factor open, if all that the tensor meets is smaller than the factor."""
    counts = [entry_count(factor.shape, sizes) for factor in node.factors]
    if any(count >= counts[place] for k, count in enumerate(counts) if k != place):
        return None
    extents = list(node.extents)
    factors = factors_under(inner, node.labels[place], extents)
    own = list(zip(node.factors, node.labels, strict=True))
    every: dict[Hashable, Extent] = dict(enumerate(extents))
    opened = contract([*factors, *own[:place], *own[place + 1 :]], node.output, every)
    if not isinstance(opened, Contraction) or opened.is_view:
        return None
    found = star(opened, sizes)
    others = sum(1 for labels in opened.labels if labels) - 1
    return opened if found is not None and len(found[1]) == others <= MOST_MET else None
