"""Sums of matrices between stacked indices: what terms share is written once.

In: terms, each a `Chain`. Out: one block. `(x x^T) ⊗ A + (x x^T) ⊗ B` is `(x x^T) ⊗ (A + B)`, and
`L M R + L N R` is `L (M + N) R`; equal scalars stand before the whole.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> x, A, B = (Plain(variable(name, (n, n))) for name in "xAB")
>>> whole = collected([Chain((Kronecker((x, A)),)), Chain((Kronecker((x, B)),))])
>>> whole.parts[0].parts[0] == x, len(whole.parts[0].parts[1].node.terms)
(True, 2)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from indexcalc.ir.build import delta, linear, split_multiple
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Node
from indexcalc.notation.matrix.vec.block import (
    Block,
    Chain,
    Commutation,
    Diagonal,
    Identity,
    Kronecker,
    Plain,
    Plus,
    Stacked,
    sides,
    signature,
)

ONE = Fraction(1)


def collected(terms: Sequence[Chain]) -> Chain:
    """The sum of one or more terms as one product."""
    current = list(terms)
    for merge in (_at_one_place, _exchanged, _around_the_middle):
        current = _merged(current, merge)
    if len(current) == 1:
        return current[0]
    shared = current[0].scalars
    for term in current[1:]:
        shared = _shared(replace(term, scalars=shared), term)
    inner = tuple(_without(term, shared) for term in current)
    coefficient = ONE
    if all(term.coefficient == inner[0].coefficient for term in inner):
        coefficient = inner[0].coefficient
        inner = tuple(replace(term, coefficient=ONE) for term in inner)
    return Chain((Plus(inner),), coefficient, shared)


def _merged(terms: list[Chain], merge: Callable[[Chain, Chain], Chain | None]) -> list[Chain]:
    """Terms put together, two at a time, as long as that can be."""
    done: list[Chain] = []
    waiting = list(terms)
    while waiting:
        term = waiting.pop(0)
        for other in [*done, *waiting]:
            both = merge(term, other)
            if both is not None:
                (done if other in done else waiting).remove(other)
                waiting.insert(0, both)
                break
        else:
            done.append(term)
    return done


def _without(term: Chain, shared: Sequence[Node]) -> Chain:
    left = list(term.scalars)
    for node in shared:
        left.remove(node)
    return replace(term, scalars=tuple(left))


# --- terms that differ in one block -------------------------------------------------------------


def _at_one_place(first: Chain, second: Chain) -> Chain | None:
    """Two terms as one, if they differ in one operand only (and in scalars)."""
    if len(first.parts) != len(second.parts):
        return None
    places = [k for k, pair in enumerate(zip(first.parts, second.parts, strict=True))
              if pair[0] != pair[1]]  # fmt: skip
    if len(places) > 1:
        return None
    place = places[0] if places else 0
    left, right = first.parts[place], second.parts[place]
    shared = _shared(first, second)
    pair = _without(first, shared), _without(second, shared)
    both = _added(left, pair[0], right, pair[1])
    if both is None:
        return None
    coefficient, block = both
    parts = (*first.parts[:place], block, *first.parts[place + 1 :])
    return Chain(parts, coefficient, shared)


def _shared(first: Chain, second: Chain) -> tuple[Node, ...]:
    left = list(second.scalars)
    shared: list[Node] = []
    for node in first.scalars:
        if node in left:
            left.remove(node)
            shared.append(node)
    return tuple(shared)


def _added(left: Block, first: Chain, right: Block, second: Chain) -> tuple[Fraction, Block] | None:
    """`first.scalars · left + second.scalars · right` as a multiple of one block."""
    if isinstance(left, Kronecker) and isinstance(right, Kronecker):
        return _added_operands(left, first, right, second)
    if isinstance(left, Stacked | Diagonal):
        if type(left) is not type(right) or sides(left) != sides(right):
            return None
        assert isinstance(right, Stacked | Diagonal)
        if left.node.shape != right.node.shape:
            return None
        coefficient, node = _sum(left.node, first, right.node, second)
        return coefficient, replace(left, node=node)
    return _added_matrices(left, first, right, second)


def _added_matrices(
    left: Block, first: Chain, right: Block, second: Chain
) -> tuple[Fraction, Block] | None:
    """The sum of two matrices, columns or rows."""
    one, other = _matrix(left), _matrix(right)
    rows = [isinstance(block, Plain) and block.row for block in (left, right)]
    if one is None or other is None or one.shape != other.shape or rows[0] != rows[1]:
        return None
    coefficient, node = _sum(one, first, other, second)
    return coefficient, Plain(node, rows[0])


def _added_operands(
    left: Kronecker, first: Chain, right: Kronecker, second: Chain
) -> tuple[Fraction, Block] | None:
    if [sides(part) for part in left.parts] != [sides(part) for part in right.parts]:
        return None
    pairs = list(zip(left.parts, right.parts, strict=True))
    places = [place for place, pair in enumerate(pairs) if pair[0] != pair[1]]
    if len(places) > 1:
        return None
    place = places[0] if places else len(pairs) - 1
    both = _added_matrices(left.parts[place], first, right.parts[place], second)
    if both is None:
        return None
    return both[0], Kronecker((*left.parts[:place], both[1], *left.parts[place + 1 :]))


def _matrix(block: Block) -> Node | None:
    match block:
        case Plain(node=node):
            return node
        case Identity(extent=extent):
            return delta(extent)
        case _:
            return None


def _sum(left: Node, first: Chain, right: Node, second: Chain) -> tuple[Fraction, Node]:
    """The sum of two tensors of one shape, each times what its term has before it."""
    axes = range(len(left.shape))
    terms = [
        (
            term.coefficient,
            contract([*((scalar, ()) for scalar in term.scalars), (node, axes)], axes),
        )
        for node, term in ((left, first), (right, second))
    ]
    return split_multiple(linear(terms, left.shape))


def _exchanged(first: Chain, second: Chain) -> Chain | None:
    """`A ⊗ B + (B ⊗ A) K` as `(I + K) (A ⊗ B)`."""
    if len(first.parts) > len(second.parts):
        first, second = second, first
    if (first.coefficient, first.scalars) != (second.coefficient, second.scalars):
        return None
    match first.parts, second.parts:
        case (Kronecker(parts=(a, b)) as product,), (
            Kronecker(parts=(c, d)),
            Commutation(),
        ) if (a, b) == (d, c):
            size = sides(product)[0]
            exchange = Commutation(sides(b)[0], sides(a)[0])
            total = Plus((Chain((Identity(size),)), Chain((exchange,))))
            return Chain((total, product), first.coefficient, first.scalars)
        case _:
            return None


# --- terms that begin or end alike --------------------------------------------------------------


def _around_the_middle(first: Chain, second: Chain) -> Chain | None:
    """`L M R + L N R` as `L (M + N) R`; one of M and N may be the identity."""
    most = min(len(first.parts), len(second.parts))
    start = 0
    while start < most and first.parts[start] == second.parts[start]:
        start += 1
    end = 0
    while end < most - start and first.parts[-1 - end] == second.parts[-1 - end]:
        end += 1
    if not start + end:
        return None
    shared = _shared(first, second)
    terms: list[Block] = []
    for term in (first, second):
        last = len(term.parts) - end
        middle = term.parts[start:last]
        scalars = _without(term, shared).scalars
        if not middle:
            size = sides(term.parts[last])[0] if end else sides(term.parts[-1])[1]
            middle = (Identity(size),)
        only = middle[0]
        plain = len(middle) == 1 and term.coefficient == 1 and not scalars
        if isinstance(only, Plus) and plain:
            terms += only.terms
        else:
            terms.append(Chain(middle, term.coefficient, scalars))
    terms.sort(key=signature)  # so that equal sums are equal blocks
    parts = (*first.parts[:start], Plus(tuple(terms)), *first.parts[len(first.parts) - end :])
    return Chain(parts, ONE, shared)
