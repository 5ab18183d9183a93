"""Inverses and determinants of Kronecker products and of multiples.

In: `inv`, `det` or `logdet` of a matrix whose axes are merged ones. Out: the same of the two
matrices that it is the Kronecker product of: `inv(A ⊗ B) = inv(A) ⊗ inv(B)`, `det(A ⊗ B) = det(A)^q
det(B)^p`; `det(c A) = c^n det(A)`. None if it is none.

>>> from indexcalc.ir.build import variable
>>> m, n = Extent.named("m"), Extent.named("n")
>>> A, B = variable("A", (m, m)), variable("B", (n, n))
>>> product = contract([(A, "ij"), (B, "kl")], "ikjl")
>>> kron = reshape(product, (m * n, m * n))
>>> inverse = contract([(call("inv", A), "ij"), (call("inv", B), "kl")], "ikjl")
>>> of_kronecker(call("inv", kron)) is reshape(inverse, (m * n, m * n))
True
"""

from __future__ import annotations

from collections.abc import Hashable

from indexcalc.ir.build import (
    add,
    builtin,
    call,
    multiply,
    number,
    reshape,
    scale,
    size,
    split_multiple,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Call, Node
from indexcalc.simplify.product import Factor, Product, product_of


def of_multiple(node: Call) -> Node | None:
    """`det(c A) = c^n det(A)` for a number `c`."""
    coefficient, rest = split_multiple(node.argument)
    if node.operation != "det" or coefficient in (0, 1):
        return None
    times = builtin("pow", number(coefficient), size(rest.shape[0]))
    return multiply(times, call("det", rest))


def of_kronecker(node: Call) -> Node | None:
    """The function by those of the two matrices, None if there are not two."""
    coefficient, matrix = split_multiple(node.argument)
    if not isinstance(matrix, Call) or matrix.operation != "reshape" or coefficient != 1:
        return None
    inner = matrix.argument
    if len(inner.shape) != 4 or inner.shape[:2] != inner.shape[2:]:
        return None
    parts = _parts(product_of(inner))
    if parts is None:
        return None
    first, second = parts
    rows, columns = size(first.shape[0]), size(second.shape[0])
    match node.operation:
        case "inv":
            pair = [(call("inv", first), (0, 2)), (call("inv", second), (1, 3))]
            return reshape(contract(pair, (0, 1, 2, 3)), node.shape)
        case "det":
            powers = (builtin("pow", call("det", part), times) for part, times in
                      ((first, columns), (second, rows)))  # fmt: skip
            return multiply(*powers)
        case _:
            return add(
                multiply(columns, call("logdet", first)), multiply(rows, call("logdet", second))
            )


def _parts(product: Product) -> tuple[Node, Node] | None:
    """The matrices of axes 0 and 2, and of axes 1 and 3, if nothing joins these."""
    ends = product.output
    if len(set(ends)) < len(ends) and {ends[0], ends[2]} & {ends[1], ends[3]}:
        return None
    group = _linked(product, {ends[0], ends[2]})
    labels = {label for k in group for label in product.factors[k][1]} | {ends[0], ends[2]}
    if labels & {ends[1], ends[3]}:
        return None
    sizes: dict[Hashable, Extent] = dict(enumerate(product.extents))
    found: list[Node] = []
    for inside, axes in ((True, (ends[0], ends[2])), (False, (ends[1], ends[3]))):
        factors: list[Factor] = [
            factor for k, factor in enumerate(product.factors) if (k in group) == inside
        ]
        found.append(contract(factors, axes, sizes))
    return scale(product.coefficient, found[0]), found[1]


def _linked(product: Product, start: set[int]) -> set[int]:
    """The factors that hang together with these labels."""
    reached, group = set(start), set[int]()
    grows = True
    while grows:
        near = {k for k, (_, labels) in enumerate(product.factors) if reached & set(labels)}
        grows = near != group
        group = near
        reached |= {label for k in group for label in product.factors[k][1]}
    return group
