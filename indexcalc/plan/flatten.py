"""Nested products as one product with many factors, so that their order is free to choose.

In: nodes. Out: the same values, in which a product that only one other product uses stands with its
factors there. A factor of a product that has an axis to itself (as `x` has in `A_ij x_k`) is taken
out wherever the product is used: what is shared is then smaller.

>>> from indexcalc.ir.build import variable
>>> n = Extent.named("n")
>>> A, x, y = variable("A", (n, n)), variable("x", (n,)), variable("y", (n,))
>>> inner = contract([(A, "ij"), (x, "j"), (y, "i")], "i")
>>> (flat,) = flatten([contract([(A, "ik"), (inner, "i")], "k")])
>>> len(flat.factors)
4
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from indexcalc.ir.build import with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Labels, Node
from indexcalc.ir.walk import Roots, rewrite

Factor = tuple[Node, Labels]
MOST_FACTORS = 24  # of one product; the search for an order takes longer with each


def flatten(roots: Sequence[Node]) -> list[Node]:
    """Open products inside products."""
    uses = Roots(roots).uses

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        if not isinstance(node, Contraction) or node.is_view:
            return with_arguments(node, arguments)
        inner = [
            _opened(new, whole=uses[old] == 1) if isinstance(new, Contraction) else None
            for old, new in zip(node.factors, arguments, strict=True)
        ]
        if all(opened is None for opened in inner):
            return with_arguments(node, arguments)
        return _merged(node, arguments, inner)

    return rewrite(roots, rule)


def factors_under(
    node: Contraction, labels: Labels, extents: Sequence[Extent]
) -> tuple[list[Factor], list[Extent]]:
    """The factors of a product whose axes have these labels, and all extents by label.

    Labels are positions in `extents`; those that the product sums come behind the others.

    >>> from indexcalc.ir.build import variable
    >>> n = Extent.named("n")
    >>> A, x = variable("A", (n, n)), variable("x", (n,))
    >>> product = contract([(A, "ij"), (x, "j")], "i")
    >>> factors, extents = factors_under(product, (1,), [n, n])
    >>> sorted((factor.name, labels) for factor, labels in factors), len(extents)
    ([('A', (1, 2)), ('x', (2,))], 3)
    """
    renamed = dict(zip(node.output, labels, strict=True))
    every = list(extents)
    for label in node.summed:
        renamed[label] = len(every)
        every.append(node.extents[label])
    factors = [
        (factor, tuple(renamed[x] for x in own))
        for factor, own in zip(node.factors, node.labels, strict=True)
    ]
    return factors, every


def _opened(factor: Contraction, *, whole: bool) -> list[Factor] | None:
    """The factors that stand for a product inside a product, or None if it stays closed."""
    if factor.is_view or not factor.extents:
        return None
    factors = list(zip(factor.factors, factor.labels, strict=True))
    if whole:
        return factors
    apart = [k for k in range(len(factors)) if _is_apart(factor, k)]
    rest = [item for k, item in enumerate(factors) if k not in apart]
    if not apart or len(rest) < 2:
        return factors if apart else None
    used = {label for _, labels in rest for label in labels}
    shown = tuple(label for label in factor.output if label in used)
    extents = dict(enumerate(factor.extents))
    return [*(factors[k] for k in apart), (contract(rest, shown, extents), shown)]


def _is_apart(product: Contraction, position: int) -> bool:
    """Whether a factor has an axis of its own, and nothing that is summed."""
    mine = set(product.labels[position])
    others = {x for k, own in enumerate(product.labels) if k != position for x in own}
    return mine <= set(product.output) and not mine <= others


def _merged(
    node: Contraction, arguments: Sequence[Node], inner: Sequence[list[Factor] | None]
) -> Node:
    """The product with the factors of its factors, as far as there is room."""
    room = MOST_FACTORS - len(arguments)
    factors: list[tuple[Node, Sequence[Hashable]]] = []
    extents: dict[Hashable, Extent] = dict(enumerate(node.extents))
    for position, (new, labels) in enumerate(zip(arguments, node.labels, strict=True)):
        opened = inner[position]
        if opened is None or len(opened) - 1 > room:
            factors.append((new, labels))
            continue
        assert isinstance(new, Contraction)
        room -= len(opened) - 1
        renamed = _outer_labels(new, position, labels)
        extents |= {renamed[k]: extent for k, extent in enumerate(new.extents)}
        factors += [(factor, tuple(renamed[x] for x in own)) for factor, own in opened]
    return contract(factors, node.output, extents)


def _outer_labels(inner: Contraction, position: int, labels: Labels) -> dict[int, Hashable]:
    """The outer label of each output label of `inner`, a private one for each that it sums."""
    renamed: dict[int, Hashable] = {label: (position, label) for label in range(len(inner.extents))}
    renamed.update(zip(inner.output, labels, strict=True))
    return renamed
