"""Axes that stand for several, taken apart everywhere.

In: nodes with `vec` and Kronecker products in them, which are reshapes of plain tensors. Out: each
node reshaped so that every merged axis (`p*q`) is two (`p`, `q`). Nodes are equal before if and
only if they are after, and there reshapes are gone, so that products are plain products.

>>> from indexcalc.ir.build import delta, variable
>>> m, n = Extent.named("m"), Extent.named("n")
>>> A = variable("A", (m, m))
>>> kron = reshape(contract([(A, "ij"), (delta(n), "kl")], "ikjl"), (m * n, m * n))
>>> [found] = taken_apart([kron])
>>> found is contract([(A, "ij"), (delta(n), "kl")], "ikjl")
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indexcalc.ir.build import apply, linear, power, reduce, reshape, with_arguments, zero
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent, Shape
from indexcalc.ir.node import Apply, Call, Contraction, Node, Reduce, Sum, Variable
from indexcalc.ir.walk import postorder, rewrite
from indexcalc.simplify.matrices import grouped

Groups = Mapping[Extent, Shape]
MOST_LEVELS = 8


def taken_apart(roots: Sequence[Node]) -> list[Node]:
    """The nodes with all merged axes split; as they are if there are none."""
    groups = _groups(roots)
    if not groups:
        return list(roots)

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        return _split(node, arguments, groups)

    return rewrite(roots, rule)


def _groups(roots: Sequence[Node]) -> dict[Extent, Shape]:
    """What each merged extent is the product of, by the first reshape that tells."""
    found: dict[Extent, Shape] = {}
    for node in postorder(roots):
        if not isinstance(node, Call) or node.operation != "reshape":
            continue
        fine, coarse = node.argument.shape, node.shape
        if len(fine) < len(coarse):
            fine, coarse = coarse, fine
        for extent, group in zip(coarse, grouped(fine, coarse) or (), strict=False):
            if len(group) > 1:
                found.setdefault(extent, group)
    for _ in range(MOST_LEVELS):
        found = {extent: _finer(group, found) for extent, group in found.items()}
    return {extent: group for extent, group in found.items() if extent not in group}


def _finer(shape: Shape, groups: Groups) -> Shape:
    return tuple(part for extent in shape for part in groups.get(extent, (extent,)))


def _split(node: Node, arguments: tuple[Node, ...], groups: Groups) -> Node:
    shape = _finer(node.shape, groups)
    match node:
        case Sum(terms=()):
            return zero(shape)
        case Sum() | Apply():
            return _entrywise(node, arguments, shape)
        case Contraction():
            return _product(node, arguments, groups)
        case Call(operation="reshape"):
            return reshape(arguments[0], shape)
        case Reduce(operation="max" | "min" | "prod" | "logsumexp"):
            last = node.argument.shape[len(node.shape) :]
            return reduce(node.operation, arguments[0], len(_finer(last, groups)))
        case Call() | Reduce():
            whole = reshape(arguments[0], node.arguments[0].shape)
            return reshape(with_arguments(node, (whole,)), shape)
        case Variable():
            return reshape(node, shape)
        case _:
            return node


def _entrywise(node: Sum | Apply, arguments: tuple[Node, ...], shape: Shape) -> Node:
    if isinstance(node, Sum):
        coefficients = [c for c, _ in node.terms]
        return linear(list(zip(coefficients, arguments, strict=True)), shape)
    if node.function.parameter is not None:
        return power(arguments[0], node.function.parameter)
    return apply(node.function, *arguments)


def _product(node: Contraction, arguments: tuple[Node, ...], groups: Groups) -> Node:
    def names(labels: Sequence[int]) -> list[tuple[int, int]]:
        return [
            (label, k)
            for label in labels
            for k in range(len(groups.get(node.extents[label], (None,))))
        ]

    factors = [(a, names(own)) for a, own in zip(arguments, node.labels, strict=True)]
    every = range(len(node.extents))
    sizes = dict(zip(names(every), _finer(node.extents, groups), strict=True))
    return contract(factors, names(node.output), sizes)
