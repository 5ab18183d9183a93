"""Products that are the same when some of their axes change places.

In: a product, perhaps with its axes in another order. Out: the same value with the axes of the
product inside in one order of those that are equal, so that `X_ia X_ib` and `X_ib X_ia` are
one node.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.extent import Extent
>>> m, n = Extent.named("m"), Extent.named("n")
>>> X, v = variable("X", (m, n)), variable("v", (n,))
>>> cube = contract([(X, "ia"), (X, "ib"), (X, "ic")], "abc")
>>> turned = [contract([(cube, "abc")], order) for order in ("acb", "bca", "cba")]
>>> {in_one_order(node) is in_one_order(cube) for node in turned}
{True}
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import permutations, product

from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Contraction, Labels, Node

MOST_ORDERS = 120
MOST_KEPT = 2048  # products whose symmetries are remembered


def in_one_order(node: Node) -> Node:
    """The node with the least of the views that show the same."""
    core, axes = node, tuple(range(len(node.shape)))
    output: Labels = axes
    extents = dict(enumerate(node.shape))
    if isinstance(node, Contraction) and node.is_view:
        if not node.factors:
            return node
        core, axes, output = node.factors[0], node.labels[0], node.output
        extents = dict(enumerate(node.extents))
    if not isinstance(core, Contraction) or core.is_view:
        return node
    orders = symmetries(core)
    if len(orders) < 2:
        return node
    found = [contract([(core, [axes[k] for k in order])], output, extents) for order in orders]
    return min(found, key=lambda view: view.digest)


@lru_cache(maxsize=MOST_KEPT)
def symmetries(core: Contraction) -> tuple[Labels, ...]:
    """The orders of its axes in which a product is the same; the first is the plain one."""
    factors = list(zip(core.factors, core.labels, strict=True))
    extents = dict(enumerate(core.extents))
    plain = tuple(range(len(core.output)))
    found = [plain]
    for order in _candidates(core):
        if order != plain:
            output = [core.output[k] for k in order]
            if contract(factors, output, extents) is core:
                found.append(order)
    return tuple(found)


def _candidates(core: Contraction) -> Iterator[Labels]:
    """Orders in which only axes change places that meet the same factors in the same way."""
    kinds: dict[object, list[int]] = {}
    for axis, label in enumerate(core.output):
        met = sorted(
            (factor.digest, tuple(own == label for own in labels))
            for factor, labels in zip(core.factors, core.labels, strict=True)
            if label in labels
        )
        kinds.setdefault((str(core.extents[label]), tuple(met)), []).append(axis)
    count = 1
    for axes in kinds.values():
        for k in range(2, len(axes) + 1):
            count *= k
    if count == 1 or count > MOST_ORDERS:
        return
    for choice in product(*(permutations(axes) for axes in kinds.values())):
        order = list(range(len(core.output)))
        for axes, chosen in zip(kinds.values(), choice, strict=True):
            for axis, other in zip(axes, chosen, strict=True):
                order[axis] = other
        yield tuple(order)
