"""Open a sum inside a product where the terms are cheaper to multiply than the sum is to make.

In: nodes, sizes. Out: the same values. `(A_ij + A_ji) x_j` becomes two products with a vector
instead of one new matrix; `(A_ij + A_ji) B_jk` stays. A sum that is made for others, too, is opened
where its terms are cheaper to multiply than the sum itself.

>>> from indexcalc.ir.build import add, transpose, variable
>>> n = Extent.named("n")
>>> A, B, x = variable("A", (n, n)), variable("B", (n, n)), variable("x", (n,))
>>> both = add(A, transpose(A, (1, 0)))
>>> (opened,) = distribute([contract([(both, "ij"), (x, "j")], "i")], {"n": 1000})
>>> type(opened).__name__
'Sum'
>>> closed = contract([(both, "ij"), (B, "jk")], "ik")
>>> distribute([closed], {"n": 1000})[0] is closed
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indexcalc.ir.build import linear, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Labels, Node, Sum
from indexcalc.ir.walk import Roots, rewrite
from indexcalc.plan.estimate import entries, entrywise_time, product_time

MOST_TERMS = 64  # of one sum: those of the third derivative of a form of fifth degree are 60
MARGIN = 0.9  # of the time, to make up for what the estimate does not know
Factor = tuple[Node, Labels]


def distribute(roots: Sequence[Node], sizes: Mapping[str, int]) -> list[Node]:
    """Open sums inside products, one in each product."""
    uses = Roots(roots).uses

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        new = with_arguments(node, arguments)
        if not isinstance(node, Contraction) or not isinstance(new, Contraction) or new.is_view:
            return new
        shared = {
            after for before, after in zip(node.factors, arguments, strict=True) if uses[before] > 1
        }
        numbers = {label: extent.evaluate(sizes) for label, extent in enumerate(new.extents)}
        for position, factor in enumerate(new.factors):
            if isinstance(factor, Sum):
                opened = _opened(new, position, factor, numbers, is_made=factor in shared)
                if opened is not None:
                    return opened
        return new

    return rewrite(roots, rule)


def _opened(
    node: Contraction, position: int, factor: Sum, sizes: Mapping[int, int], *, is_made: bool
) -> Node | None:
    """The product with the sum opened over the factors that it is summed with."""
    labels = node.labels[position]
    met = set(labels) & set(node.summed)
    if not met or len(set(labels)) < len(labels) or not 1 < len(factor.terms) <= MOST_TERMS:
        return None
    others = [k for k in range(len(node.factors)) if k != position]
    inside = [k for k in others if set(node.labels[k]) & met]
    outside = [k for k in others if k not in inside]
    size = entries(labels, sizes)
    if any(entries(node.labels[k], sizes) > size for k in inside):
        return None
    group = [(node.factors[k], node.labels[k]) for k in inside]
    needed = {label for k in outside for label in node.labels[k]} | set(node.output)
    used = {label for k in [position, *inside] for label in node.labels[k]}
    shown = tuple(sorted(used & needed))
    if not _is_cheaper(factor, labels, group, shown, sizes, is_made=is_made):
        return None
    extents = dict(enumerate(node.extents))
    shape = tuple(extents[label] for label in shown)
    terms = [(c, contract([(term, labels), *group], shown, extents)) for c, term in factor.terms]
    rest = [(node.factors[k], node.labels[k]) for k in outside]
    return contract([(linear(terms, shape), shown), *rest], node.output, extents)


def _is_cheaper(
    factor: Sum,
    labels: Labels,
    group: list[Factor],
    shown: Labels,
    sizes: Mapping[int, int],
    *,
    is_made: bool,
) -> bool:
    """Whether to open; of a sum that others use, too, only the product with it counts."""
    others = [own for _, own in group]
    closed = product_time([labels, *others], shown, sizes)
    opened = 0.0
    for _, term in factor.terms:
        factors, more = term_factors(term, labels, sizes)
        if not is_made:
            closed += product_time(factors, labels, more)
            closed += entrywise_time([entries(labels, sizes)] * 2)
        opened += product_time([*factors, *others], shown, more)
        opened += entrywise_time([entries(shown, sizes)] * 2)
    return opened < MARGIN * closed


def term_factors(
    term: Node, labels: Labels, sizes: Mapping[int, int]
) -> tuple[list[Labels], dict[int, int]]:
    """The labels of the term's factors, seen through a view and a product, and all sizes.

    Labels that the term ties together (a delta) keep their names: an estimate only.
    """
    view = term if isinstance(term, Contraction) and term.is_view else None
    core, own = term, labels
    if view is not None:
        if not view.factors:
            return [()], dict(sizes)
        outer = dict(zip(view.output, labels, strict=True))
        core, own = view.factors[0], tuple(outer[label] for label in view.labels[0])
    if not isinstance(core, Contraction) or core.is_view:
        return [own], dict(sizes)
    renamed = dict(zip(core.output, own, strict=True))
    fresh = 1 + max([*sizes, *labels], default=0)
    more = dict(sizes)
    by_extent = {extent: sizes[label] for label, extent in _extents(term, labels)}
    for label, extent in enumerate(core.extents):
        if label not in renamed:
            renamed[label] = fresh
            more[fresh] = by_extent.get(extent, max(sizes.values(), default=1))
            fresh += 1
    return [tuple(renamed[label] for label in factor) for factor in core.labels], more


def _extents(term: Node, labels: Labels) -> list[tuple[int, Extent]]:
    return list(zip(labels, term.shape, strict=True))
