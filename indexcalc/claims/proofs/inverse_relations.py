"""The inverse of a sum beside one of the terms of the sum.

In: an inverse in a product. Out: `A inv(A + B)` as `1 − B inv(A + B)`, where `A` is that term of
the sum which is the longest product of matrices; so products with an inverse have one form.

>>> from indexcalc.ir.build import add, call, variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.simplify.product import product_of
>>> n = Extent.named("n")
>>> A, B, C = (variable(name, (n, n)) for name in "ABC")
>>> inverse = call("inv", add(A, contract([(B, "ij"), (C, "jk")], "ik")))
>>> found = product_of(contract([(B, "ij"), (C, "jk"), (inverse, "kl")], "il"))
>>> place = next(labels for factor, labels in found.factors if factor is inverse)
>>> [(str(c), len(factors)) for c, factors in of_inverse(inverse, place, found)]
[('1', 1), ('-1', 2)]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from indexcalc.ir.build import delta, power, terms_of
from indexcalc.ir.node import Call, Labels, Node, Sum
from indexcalc.ir.symmetry import is_symmetric
from indexcalc.simplify.product import Factor, Product, product_of

Pieces = Sequence[tuple[Fraction, Sequence[Factor]]]
MOST_TERMS = 32


@dataclass(frozen=True, slots=True)
class _Link:
    """A matrix of a chain; `turned` if it is met by its second index first."""

    matrix: Node
    turned: bool


@dataclass(frozen=True, slots=True)
class _Meeting:
    """`V[end, shared] A[shared, other]`, or both transposed if `A` is met by its column."""

    places: frozenset[int]
    shared: int
    end: int
    other: int
    by_row: bool


def of_inverse(base: Call, labels: Labels, product: Product) -> Pieces | None:
    """The pieces of a product with this inverse beside the leading term of its argument."""
    total = base.argument
    if (
        not isinstance(total, Sum)
        or not 1 < len(total.terms) <= MOST_TERMS
        or labels[0] == labels[1]
    ):
        return None
    chains = [(c, term, _chain(term)) for c, term in total.terms]
    known = [one for one in chains if one[2]]
    if not known:
        return None
    coefficient, leading, chain = max(known, key=lambda one: (len(one[2]), one[1].digest))
    inner = product_of(leading).coefficient
    scalars: list[Factor] = [
        (power(factor, -1), own) for factor, own in product_of(leading).factors if not own
    ]
    meeting = _meeting(base, labels, chain, product)
    if meeting is None:
        return None
    left = [factor for k, factor in enumerate(product.factors) if k not in meeting.places]
    left += scalars  # of a multiple t A, where t is not zero
    without = [factor for factor in left if factor != (base, labels)]
    unit = delta(base.shape[0]), (meeting.end, meeting.other)
    pieces: list[tuple[Fraction, list[Factor]]] = [(1 / (coefficient * inner), [*without, unit])]
    ends = meeting.shared, meeting.other
    axes = ends if meeting.by_row else ends[::-1]
    for c, term in terms_of(total):
        if term is not leading:
            pieces.append((-c / (coefficient * inner), [*left, (term, axes)]))
    return pieces


def _chain(term: Node) -> tuple[_Link, ...]:
    """The matrices of a product from its first to its second axis, beside scalars; none if it is no
    such product."""
    product = product_of(term)
    left = [factor for factor in product.factors if factor[1]]
    if product.joined() or len(product.output) != 2:
        return ()
    if any(len(set(own)) != 2 or len(own) != 2 for _, own in left):
        return ()
    at, found = product.output[0], list[_Link]()
    while left:
        met = [factor for factor in left if at in factor[1]]
        if len(met) != 1:
            return ()
        matrix, own = met[0]
        left.remove(met[0])
        found.append(_Link(matrix, own[1] == at))
        at = own[0] if own[1] == at else own[1]
    return tuple(found) if at == product.output[1] else ()


def _meeting(
    base: Call, labels: Labels, chain: tuple[_Link, ...], product: Product
) -> _Meeting | None:
    """Where the inverse meets the chain, by sums that nothing else is in."""
    backward = tuple(_Link(link.matrix, not link.turned) for link in reversed(chain))
    for shared, end in (labels, labels[::-1]):
        natural = labels[1] == shared
        ways = [natural, not natural] if is_symmetric(base) else [natural]
        for by_row in ways:
            for places, other in _walks(shared, chain if by_row else backward, product):
                return _Meeting(places, shared, end, other, by_row)
    return None


def _walks(
    start: int, chain: tuple[_Link, ...], product: Product
) -> Iterator[tuple[frozenset[int], int]]:
    """The places of the matrices of a chain that starts at a label, and the label at its end."""
    count = Counter(label for _, own in product.factors for label in own)
    at, places = start, list[int]()
    for link in chain:
        if count[at] != 2 or at in product.output:
            return
        step = _step(at, link, product, places)
        if step is None:
            return
        place, at = step
        places.append(place)
    yield frozenset(places), at


def _step(at: int, link: _Link, product: Product, used: Sequence[int]) -> tuple[int, int] | None:
    """The place of the next matrix, and the label at its other side."""
    for place, (factor, own) in enumerate(product.factors):
        if place in used or factor is not link.matrix or at not in own or own[0] == own[1]:
            continue
        if is_symmetric(factor) or own[1 if link.turned else 0] == at:
            return place, own[0] if own[1] == at else own[1]
    return None
