"""Rules for inverses, determinants and reshapes.

In: a `Call`, or a product that holds inverses. Out: the same value without what cancels.

>>> from indexcalc.ir.build import call, variable
>>> n = Extent.named("n")
>>> A, b = variable("A", (n, n)), variable("b", (n,))
>>> call_rules(call("inv", call("inv", A))) is A
True
>>> cancel_inverses(contract([(call("inv", A), "ij"), (A, "jk"), (b, "k")], "i")) is b
True

Matrices under `inv` are taken to be invertible, as the text that asks for the inverse does.
"""

from __future__ import annotations

from indexcalc.ir.build import call, delta, linear, power, reduce, reshape, scale, split_multiple
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import ONE, Extent, Shape
from indexcalc.ir.node import Call, Contraction, Labels, Node, Sum, Variable

Factor = tuple[Node, Labels]


def call_rules(node: Call) -> Node:
    """`inv(inv A) = A`, `inv(c A) = inv(A)/c`, `inv(Aᵀ) = inv(A)ᵀ`, `det(Aᵀ) = det A`, …"""
    argument = node.argument
    if node.operation == "reshape":
        if isinstance(argument, Call) and argument.operation == "reshape":
            return reshape(argument.argument, node.shape)
        coefficient, rest = split_multiple(argument)
        if coefficient != 1:
            return scale(coefficient, reshape(rest, node.shape))
        if isinstance(argument, Sum):
            return _split_sum(node, argument)
        return _split(node, argument) if isinstance(argument, Contraction) else node
    diagonal = _diagonal(argument)
    if diagonal is not None:
        return _of_diagonal(node.operation, diagonal, argument.shape[0])
    if isinstance(argument, Contraction) and argument.is_view and _is_transpose(argument):
        inner = call(node.operation, argument.factors[0])
        return contract([(inner, "ij")], "ji") if node.operation == "inv" else inner
    if isinstance(argument, Call) and argument.operation == "inv":
        return _of_inverse(node.operation, argument.argument)
    coefficient, rest = split_multiple(argument)
    if node.operation == "inv" and coefficient not in (0, 1):
        return scale(1 / coefficient, call("inv", rest))
    return node


def _split(node: Call, product: Contraction) -> Node:
    """Axes of a product split inside it: `δ` over `m n` entries is `δ` over `m` times one over `n`.

    That is so if equal labels are split in one way.
    """
    groups = grouped(node.shape, product.shape)
    split: dict[int, Shape] = {label: (product.extents[label],) for label in product.summed}
    for label, group in zip(product.output, groups or (), strict=False):
        if split.setdefault(label, group) != group:
            return node
    if groups is None or all(len(group) == 1 for group in groups):
        return node

    def named(labels: Labels) -> list[tuple[int, int]]:
        return [(label, k) for label in labels for k in range(len(split[label]))]

    factors = [
        (_opened(factor, [extent for label in own for extent in split[label]]), named(own))
        for factor, own in zip(product.factors, product.labels, strict=True)
    ]
    extents = {(x, k): extent for x, group in split.items() for k, extent in enumerate(group)}
    return contract(factors, named(product.output), {**extents})


def _split_sum(node: Call, total: Sum) -> Node:
    """Each term of a sum split by itself, if all of them are products or reshaped."""
    terms = [(coefficient, reshape(term, node.shape)) for coefficient, term in total.terms]
    simple = all(
        isinstance(term, Contraction) or (isinstance(term, Call) and term.operation == "reshape")
        for _, term in total.terms
    )
    if not simple or grouped(node.shape, total.shape) is None:
        return node
    return linear(terms, node.shape)


def _opened(node: Node, shape: list[Extent]) -> Node:
    """The node under another shape, without a reshape of a reshape."""
    inner = node.argument if isinstance(node, Call) and node.operation == "reshape" else node
    return reshape(inner, shape)


def grouped(inner: Shape, outer: Shape) -> list[Shape] | None:
    """The inner extents that each outer one is the product of; None if they do not nest.

    >>> m, n = Extent.named("m"), Extent.named("n")
    >>> grouped((m, n, m), (m * n, m)) == [(m, n), (m,)], grouped((m, n), (n, m))
    (True, None)
    """
    groups: list[Shape] = []
    left = list(inner)
    for extent in outer:
        group: list[Extent] = []
        product = ONE
        while product != extent and left:
            group.append(left.pop(0))
            product = product * group[-1]
        if product != extent:
            return None
        groups.append(tuple(group))
    if any(extent != ONE for extent in left) or not groups:
        return None
    groups[-1] = (*groups[-1], *left)
    return groups


def _is_transpose(view: Contraction) -> bool:
    return bool(view.factors) and view.labels[0] == view.output[::-1] and len(view.extents) == 2


def _diagonal(matrix: Node) -> Node | None:
    """`d` if the matrix is `Diag(d)`."""
    coefficient, rest = split_multiple(matrix)
    if isinstance(rest, Contraction) and rest.is_view and rest.output[0] == rest.output[1]:
        factors = list(zip(rest.factors, rest.labels, strict=True))
        extents = dict(enumerate(rest.extents))
        return scale(coefficient, contract(factors, rest.output[:1], extents))
    return None


def _of_diagonal(operation: str, diagonal: Node, extent: Extent) -> Node:
    match operation:
        case "inv":
            return contract([(power(diagonal, -1), "i")], "ii", {"i": extent})
        case "det":
            return reduce("prod", diagonal, 1)
        case _:
            # not Σ log d: two negative entries have a product with a logarithm
            return call(operation, contract([(diagonal, "i")], "ii", {"i": extent}))


def _of_inverse(operation: str, matrix: Node) -> Node:
    match operation:
        case "inv":
            return matrix
        case "det":
            return power(call("det", matrix), -1)
        case _:
            return scale(-1, call(operation, matrix))


def cancel_inverses(node: Contraction) -> Node:
    """`A inv(A) = δ` for the first two that share a summed label that nothing else has."""
    factors = list(zip(node.factors, node.labels, strict=True))
    for position, (factor, own) in enumerate(factors):
        partner = _partner(factors, position, node.output) if _is_inverse(factor) else None
        if partner is None:
            continue
        other = factors[partner][1]
        (shared,) = set(own) & set(other)
        ends = tuple(label for label in (*own, *other) if label != shared)
        kept = [f for k, f in enumerate(factors) if k not in (position, partner)]
        kept.append((delta(factor.shape[0]), ends))
        return contract(kept, node.output, dict(enumerate(node.extents)))
    return node


def _is_inverse(node: Node) -> bool:
    return isinstance(node, Call) and node.operation == "inv"


def _partner(factors: list[Factor], position: int, output: Labels) -> int | None:
    """The factor that the inverse at `position` cancels with, if there is one."""
    inverse, labels = factors[position]
    assert isinstance(inverse, Call)
    matrix = inverse.argument
    symmetric = isinstance(matrix, Variable) and matrix.symmetric
    for other, (factor, own) in enumerate(factors):
        if factor is not matrix or len(set(own)) != 2 or len(set(labels)) != 2:
            continue
        shared = set(own) & set(labels)
        if len(shared) != 1:
            continue
        label = next(iter(shared))
        met = sum(1 for _, every in factors for k in every if k == label)
        crossed = labels.index(label) != own.index(label)
        if met == 2 and label not in output and (crossed or symmetric):
            return other
    return None
