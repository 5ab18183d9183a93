"""Contractions along an axis that stands for several: without building the Kronecker product.

In: products in which a reshaped tensor is summed along a merged axis. Out: the same product over
the tensor's own axes; the other factors are split along the merged axis, which costs nothing.

>>> from indexcalc.ir.build import delta, variable
>>> m, n = Extent.named("m"), Extent.named("n")
>>> A, x = variable("A", (m, m)), variable("x", (m * n,))
>>> kron = reshape(contract([(A, "ij"), (delta(n), "kl")], "ikjl"), (m * n, m * n))
>>> X = reshape(x, (m, n))
>>> found = kronecker([contract([(kron, "pq"), (x, "q")], "p")])[0]
>>> found is reshape(contract([(A, "ij"), (X, "jk")], "ik"), (m * n,))
True
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.ir.build import reshape, scale, split_multiple, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import ONE, Extent, Shape
from indexcalc.ir.node import Call, Contraction, Labels, Node
from indexcalc.ir.walk import revise
from indexcalc.simplify.matrices import call_rules, grouped
from indexcalc.simplify.product import Product, product_of


def kronecker(roots: Sequence[Node], settled: set[Node] | None = None) -> list[Node]:
    """Push each contraction inside the reshapes among its factors, bottom-up, once."""
    return revise(roots, _rule, set() if settled is None else settled, kinds=(Contraction, Call))


def _rule(node: Node, arguments: tuple[Node, ...]) -> Node:
    new = with_arguments(node, arguments)
    if isinstance(new, Call) and new.operation == "reshape":
        return call_rules(new)
    if not isinstance(new, Contraction) or not any(map(_shows_reshape, new.factors)):
        return new
    whole = product_of(new)
    for position, (factor, labels) in enumerate(whole.factors):
        if not isinstance(factor, Call) or factor.operation != "reshape":
            continue
        groups = grouped(factor.argument.shape, factor.shape)
        if groups is not None and _is_met(whole, factor, labels, groups):
            return _pushed(whole, position, groups)
    return new


def _shows_reshape(factor: Node) -> bool:
    """Whether the factor, or one inside it, has the entries of another tensor."""
    inner = factor.factors if isinstance(factor, Contraction) else (factor,)
    return any(isinstance(node, Call) and node.operation == "reshape" for node in inner)


def _is_met(whole: Product, factor: Call, labels: Labels, groups: list[Shape]) -> bool:
    """Whether splitting the merged axes lets a sum be done before the tensor is written out.

    That is so if a merged axis is summed or stands twice, or if the tensor is a product.
    """
    merged = [label for label, group in zip(labels, groups, strict=True) if len(group) != 1]
    if any(label not in whole.output or labels.count(label) > 1 for label in merged):
        return True
    summed = any(label not in whole.output for label in labels)
    return bool(merged) and summed and isinstance(factor.argument, Contraction)


def _pushed(whole: Product, position: int, groups: list[Shape]) -> Node:
    """The product with every label of the reshaped factor split, in all factors and the output."""
    inner, labels = whole.factors[position]
    assert isinstance(inner, Call)
    split: dict[int, tuple[Extent, ...]] = {}
    for label, group in zip(labels, groups, strict=True):
        if split.setdefault(label, group) != group:
            return whole.node()
    factors: list[tuple[Node, list[tuple[int, int]]]] = []
    for at, (factor, own) in enumerate(whole.factors):
        if at == position:
            factors.append((inner.argument, _names(own, split)))
        else:
            shape = _split_shape(factor.shape, own, split)
            opened = reshape(factor, shape)
            tidy = call_rules(opened) if isinstance(opened, Call) else opened
            factors.append((tidy, _names(own, split)))
    output = _names(whole.output, split)
    extents = {
        name: extent
        for label, full in enumerate(whole.extents)
        for name, extent in zip(_names((label,), split), split.get(label, (full,)), strict=True)
    }
    shape = tuple(whole.extents[label] for label in whole.output)
    product = contract(factors, output, {**extents})
    coefficient, rest = split_multiple(product)
    return scale(whole.coefficient * coefficient, reshape(rest, shape))


def _names(labels: Labels, split: dict[int, tuple[Extent, ...]]) -> list[tuple[int, int]]:
    return [(label, k) for label in labels for k in range(len(split.get(label, (ONE,))))]


def _split_shape(shape: Shape, labels: Labels, split: dict[int, tuple[Extent, ...]]) -> Shape:
    parts = [split.get(label, (extent,)) for extent, label in zip(shape, labels, strict=True)]
    return tuple(extent for part in parts for extent in part)
