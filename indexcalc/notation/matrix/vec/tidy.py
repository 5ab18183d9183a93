"""Blocks as they are written best: identities and ones by name, terms in order, numbers in front.

In: a block, and the reader's order of names. Out: an equal block, in which what repeats along an
axis is a product with ones, neighbouring identities are one, and a sum has its terms in order: the
minus signs last, and what needs a commutation matrix.

>>> from indexcalc.ir.build import delta
>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> tidied(Kronecker((Plain(delta(n)), Identity(n))), {})
Identity(extent=Extent(terms=((('n', 'n'), 1),)))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from indexcalc.ir.build import delta, power, scale, terms_of
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Labels, Node
from indexcalc.notation.matrix.vec.block import (
    AllOnes,
    Block,
    Chain,
    Commutation,
    Diagonal,
    Identity,
    Kronecker,
    Ones,
    Plain,
    Plus,
    Stacked,
    bottom_up,
    inside,
    kronecker,
)
from indexcalc.notation.matrix.vec.repeats import gathered
from indexcalc.notation.names import LAST, Rank
from indexcalc.notation.order import name_ranks
from indexcalc.notation.term import Term, term_of

ONE = Fraction(1)


def tidied(root: Block, order: Mapping[str, Rank]) -> Block:
    """The block as it is written best."""
    made: dict[Block, Block] = {}
    for block in bottom_up(root):
        if block not in made:
            made[block] = _tidy(_rebuilt(block, made), order)
    return made[root]


def _rebuilt(block: Block, made: Mapping[Block, Block]) -> Block:
    parts = tuple(made[part] for part in inside(block))
    match block:
        case Kronecker() | Chain():
            return replace(block, parts=parts)
        case Plus():
            return Plus(parts)
        case _:
            return block


def _tidy(block: Block, order: Mapping[str, Rank]) -> Block:
    match block:
        case Plain(node=node) | Stacked(node=node) | Diagonal(node=node):
            return _tensor(replace(block, node=gathered(node)))
        case Kronecker(parts=parts):
            return _without_neighbours(parts)
        case Chain():
            return _chain(block)
        case Plus(terms=terms):
            return Plus(tuple(sorted(terms, key=lambda term: _place(term, order))))
        case _:
            return block


# --- tensors ------------------------------------------------------------------------------------


def _tensor(block: Plain | Stacked | Diagonal) -> Block:
    """A tensor; a sum in which no term tells a size is a sum of blocks that do."""
    terms = [(number, inner, term_of(inner, {})) for number, inner in terms_of(block.node)]
    if len(terms) == 1 or any(_tells_sizes(term) for _, _, term in terms):
        return _written(block, term_of(block.node, {}))
    made: list[Block] = []
    for number, inner, term in terms:
        part = _written(replace(block, node=inner), term)
        chain = part if isinstance(part, Chain) else Chain((part,))
        made.append(replace(chain, coefficient=number * chain.coefficient))
    return Plus(tuple(made))


def _tells_sizes(term: Term) -> bool:
    """Whether a factor has an axis of the tensor."""
    return any(label < 0 for part in term.parts for label in part.labels) or bool(term.grouped)


def _written(block: Plain | Stacked | Diagonal, term: Term) -> Block:
    return _plain(block, term) if isinstance(block, Plain) else _stacked(block, term)


def _plain(block: Plain, term: Term) -> Block:
    """A matrix that repeats along an axis, as a product with ones; an identity by its name."""
    node = block.node
    if _is_identity(term):
        return _multiple(Identity(node.shape[0]), term)
    if not term.missing or term.grouped:
        return block
    if len(node.shape) == 1:
        return _multiple(Ones(node.shape[0], block.row), term)
    if len(term.missing) == 2:
        return _multiple(AllOnes(*node.shape), term)
    factors = _factors(term)
    vectors: list[Block] = []
    for axis in (0, 1):
        extent = node.shape[axis]
        if ~axis in term.missing:
            vectors.append(Ones(extent, row=axis == 1))
        else:
            whole = contract(factors, [~axis], {~axis: extent})
            vectors.append(Plain(scale(term.coefficient, whole), row=axis == 1))
    return Chain(tuple(vectors))


def _stacked(block: Stacked | Diagonal, term: Term) -> Block:
    """What is stacked and repeats along an axis, as a Kronecker product with ones."""
    if _is_identity(term):
        return _multiple(replace(block, node=delta(block.node.shape[0])), term)
    if not term.missing or term.grouped:
        return block
    factors = _factors(term)
    parts: list[Block] = []
    for axis in (1, 0):  # the second one is slow
        extent = block.node.shape[axis]
        vector = contract(factors, [~axis], {~axis: extent}) if ~axis not in term.missing else None
        if isinstance(block, Stacked):
            ones = Ones(extent, block.row)
            parts.append(ones if vector is None else Plain(vector, block.row))
        elif vector is None:
            parts.append(Identity(extent))
        else:
            parts.append(Plain(contract([(vector, (0,))], (0, 0))))
    whole = _without_neighbours(tuple(parts))
    if len(term.missing) == 2:
        return _multiple(whole, term)
    return whole if term.coefficient == 1 else Chain((whole,), term.coefficient)


def _is_identity(term: Term) -> bool:
    """Whether the term is an identity matrix times scalars."""
    outer = any(label < 0 for part in term.parts for label in part.labels)
    return bool(term.deltas) and not (outer or term.grouped)


def _factors(term: Term) -> list[tuple[Node, Labels]]:
    return [(power(part.node, part.exponent), part.labels) for part in term.parts]


def _multiple(block: Block, term: Term) -> Block:
    """The block times a term without axes."""
    if term.coefficient == 1 and not term.parts:
        return block
    scalars = (contract(_factors(term), ()),) if term.parts else ()
    return Chain((block,), term.coefficient, scalars)


def _without_neighbours(parts: tuple[Block, ...]) -> Block:
    """The Kronecker product, with identities side by side, and ones, put together."""
    found: list[Block] = []
    for part in parts:
        last = found[-1] if found else None
        if isinstance(part, Identity) and isinstance(last, Identity):
            found[-1] = Identity(last.extent * part.extent)
        elif isinstance(part, Ones) and isinstance(last, Ones) and part.row == last.row:
            found[-1] = Ones(last.extent * part.extent, part.row)
        elif isinstance(part, AllOnes) and isinstance(last, AllOnes):
            found[-1] = AllOnes(last.rows * part.rows, last.columns * part.columns)
        else:
            found.append(part)
    return kronecker(found)


# --- products and sums --------------------------------------------------------------------------


def _chain(chain: Chain) -> Chain:
    """A product with the products in it opened, and the number of a sum in front of it."""
    parts: list[Block] = []
    coefficient, scalars = chain.coefficient, chain.scalars
    for part in chain.parts:
        if isinstance(part, Chain):
            parts += part.parts
            coefficient *= part.coefficient
            scalars += part.scalars
        else:
            parts.append(part)
    kept = [part for part in parts if not isinstance(part, Identity)] or parts[:1]
    sums = [part for part in kept if isinstance(part, Plus)]
    for total in sums:
        number, terms = _number(total, coefficient if len(sums) == 1 else ONE)
        kept[kept.index(total)] = terms
        coefficient *= number
    return Chain(tuple(kept), coefficient, scalars)


def _number(total: Plus, outside: Fraction) -> tuple[Fraction, Plus]:
    """The number that all terms share, and a sign if there is one outside to meet it."""
    terms = [term if isinstance(term, Chain) else Chain((term,)) for term in total.terms]
    sizes = {abs(term.coefficient) for term in terms}
    number = sizes.pop() if len(sizes) == 1 else ONE
    negative = [term.coefficient < 0 for term in terms]
    if all(negative) or (outside < 0 and any(negative)):
        number = -number
    scaled = [replace(term, coefficient=term.coefficient / number) for term in terms]
    scaled.sort(key=lambda term: term.coefficient < 0)
    return number, Plus(tuple(scaled))


def _place(term: Block, order: Mapping[str, Rank]) -> tuple[object, ...]:
    """Where a term stands: minus signs and commutation matrices last, then by the names in it."""
    parts = bottom_up(term)
    negative = isinstance(term, Chain) and term.coefficient < 0
    exchanges = sum(isinstance(part, Commutation) for part in parts)
    nodes = [part.node for part in parts if isinstance(part, Plain | Stacked | Diagonal)]
    ranks = name_ranks(nodes, order)
    first = min((ranks[node] for node in nodes), default=LAST)
    leaves = [part for part in parts if not inside(part)]
    # `X ⊗ I` before `X ⊗ X` before `I ⊗ X`
    identities = isinstance(leaves[0], Identity) - isinstance(leaves[-1], Identity)
    sizes = [node.digest for node in nodes]
    return exchanges, negative, bool(nodes), first, identities, sizes
