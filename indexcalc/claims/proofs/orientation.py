"""Functions of tensors with their axes in one order.

In: a function at each entry, or a reduction, of a tensor whose axes could stand in another order.
Out: the same value as a transpose of the one of these that comes first, so that `exp(A_ij + B_ji)`
and `exp(A_ji + B_ij)` are one atom.

>>> from indexcalc.ir.build import add, builtin, variable
>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> A, B = variable("A", (n, n)), variable("B", (n, n))
>>> one, other = (builtin("exp", add(a, transpose(b, (1, 0)))) for a, b in ((A, B), (B, A)))
>>> oriented(one) is transpose(oriented(other), (1, 0))
True
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from indexcalc.ir.build import (
    apply,
    is_zero,
    linear,
    power,
    reduce,
    split_multiple,
    terms_of,
    transpose,
    zero,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Apply, Contraction, Labels, Node, Reduce

MOST_ORDERS = 24
MOST_TERMS = 64
FOLDS = frozenset({"max", "min", "prod", "logsumexp"})


def oriented(node: Apply | Reduce) -> Node:
    """A transpose of the function of a transposed argument, or the node."""
    rank = len(node.shape)
    if rank < 2 or any(len(terms_of(a)) > MOST_TERMS for a in node.arguments):
        return node
    best, back = node, tuple(range(rank))
    for order in _orders(node):
        found = _turned(node, order)
        if found is not None and found.digest < best.digest:
            best, back = found, tuple(order.index(axis) for axis in range(rank))
    return node if best is node else transpose(best, back)


def _orders(node: Apply | Reduce) -> Iterator[Labels]:
    """Orders of the node's axes."""
    rank = len(node.shape)
    found = permutations(range(rank))
    for number, order in enumerate(found):
        if number >= MOST_ORDERS:
            return
        if number:
            yield order


def _turned(node: Apply | Reduce, order: Labels) -> Apply | Reduce | None:
    """The function of arguments with their axes in an order; None if that simplifies it."""
    match node:
        case Apply():
            args = [_transposed(argument, order) for argument in node.args]
            exponent = node.function.parameter
            plain = exponent is None
            made = apply(node.function, *args) if plain else power(args[0], exponent or 1)
            return made if isinstance(made, Apply) else None
        case Reduce() if node.operation in FOLDS:
            inner = tuple(range(len(node.shape), len(node.argument.shape)))
            orders = [
                _reduced(node, (*order, *(inner[k] for k in turned)))
                for turned in permutations(range(len(inner)))
            ]
            found = [made for made in orders if made is not None]
            return min(found, key=lambda made: made.digest, default=None)
        case _:
            return None


def _reduced(node: Reduce, order: Labels) -> Reduce | None:
    made = reduce(node.operation, _transposed(node.argument, order), node.rank)
    return made if isinstance(made, Reduce) else None


def _transposed(node: Node, order: Sequence[int]) -> Node:
    """A transpose, of a sum term by term."""
    shape = tuple(node.shape[axis] for axis in order)
    if is_zero(node):
        return zero(shape)
    return linear([(c, transpose(term, order)) for c, term in terms_of(node)], shape)


def of_diagonal_pattern(node: Apply) -> Node:
    """`f(δ_ij v_i) = f(0) + δ_ij (f(v_i) − f(0))`, for a function that has a value at zero."""
    if len(node.args) != 1 or not _has_value_at_zero(node):
        return node
    coefficient, term = split_multiple(node.args[0])
    if not isinstance(term, Contraction) or not term.is_view or not term.factors:
        return node
    labels = tuple(dict.fromkeys(term.output))
    if len(labels) == len(term.output):
        return node
    sizes = dict(enumerate(term.extents))
    inner = contract([(term.factors[0], term.labels[0])], labels, sizes)
    inside = apply(node.function, linear([(coefficient, inner)], inner.shape))
    outside = apply(node.function, zero(inner.shape))
    gap = linear([(1, inside), (-1, outside)], inner.shape)
    everywhere = dict(enumerate(node.shape))
    nothing = contract([(apply(node.function, zero(())), ())], range(len(node.shape)), everywhere)
    return linear([(1, nothing), (1, contract([(gap, labels)], term.output, sizes))], node.shape)


def _has_value_at_zero(node: Apply) -> bool:
    """Whether the function is certain to have a value there: no logarithm, no power."""
    function = node.function
    return function.kind != "builtin" or function.name in {"exp", "sin", "cos", "atan", "erf",
                                                           "asinh", "cbrt"}  # fmt: skip
