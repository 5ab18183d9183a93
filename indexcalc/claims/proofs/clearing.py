"""A difference multiplied by what it is divided by.

In: a difference in normal form. Out: the difference times its denominators, and times the
matrices whose inverses stand at its axes, in normal form again. It is zero if and only if the
difference is, wherever that is a number.

>>> from indexcalc.ir.build import add, multiply, number, reciprocal, subtract, variable
>>> x, y = variable("x", ()), variable("y", ())
>>> part, rest = (multiply(v, reciprocal(add(x, y))) for v in (x, y))
>>> [difference] = normal([subtract(subtract(number(1), part), rest)], ())
>>> is_zero(cleared(difference, ()))
True
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from indexcalc.claims.proofs.content import Factored, content_places, divided
from indexcalc.claims.proofs.normal_form import normal
from indexcalc.ir.build import delta, is_zero, linear, scale, terms_of
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Call, Node
from indexcalc.simplify.facts import Fact
from indexcalc.simplify.product import product_of

MOST_ROUNDS = 6
Inverse = tuple[Node, int, bool]  # the matrix, the axis at which its inverse stands, by its row?
Choice = Callable[..., Inverse]


def cleared(difference: Node, known: Sequence[Fact]) -> Node:
    """The difference times its denominators and its outer inverses."""
    start = found = _without_denominators(difference, known)
    # the inverse of a sum before that of a single matrix, which stands in the formula for the
    # former; where that leads nowhere, the other way round
    for choose in (max, min):
        found = _without_inverses(start, known, choose)
        if is_zero(found):
            break
    return found


def _without_inverses(difference: Node, known: Sequence[Fact], choose: Choice) -> Node:
    for _ in range(MOST_ROUNDS):
        inverses = list(_outer_inverses(difference))
        if not inverses:
            break
        inverse = choose(inverses, key=lambda one: len(terms_of(one[0])))
        (difference,) = normal([_multiplied(difference, inverse)], known)
        difference = _without_denominators(difference, known)
    return difference


def _without_denominators(difference: Node, known: Sequence[Fact]) -> Node:
    for _ in range(MOST_ROUNDS):
        below = [
            Factored(base, axes, least)
            for (base, axes), least in content_places(difference).items()
            if least < 0
        ]
        if is_zero(difference) or not below:
            break
        (difference,) = normal([divided(difference, below)], known)
    return difference


def _outer_inverses(difference: Node) -> Iterator[Inverse]:
    """Inverses whose row or column is an axis of the difference, and nothing else there."""
    for _, term in terms_of(difference):
        product = product_of(term)
        for factor, labels in product.factors:
            if not isinstance(factor, Call) or factor.operation != "inv" or len(set(labels)) < 2:
                continue
            for place, label in enumerate(labels):
                alone = [own for _, own in product.factors if label in own] == [labels]
                if alone and product.output.count(label) == 1:
                    yield factor.argument, product.output.index(label), place == 0


def _multiplied(difference: Node, inverse: Inverse) -> Node:
    """The difference times a matrix, at the side where its inverse stands."""
    matrix, axis, by_row = inverse
    rank = len(difference.shape)
    axes = [rank if k == axis else k for k in range(rank)]
    ends = (axis, rank) if by_row else (rank, axis)
    terms: list[tuple[Fraction, Node]] = []
    for c, term in terms_of(difference):
        left = _without(term, inverse)
        if left is None:
            left = contract([(matrix, ends), (term, axes)], range(rank))
        terms.append((c, left))
    return linear(terms, difference.shape)


def _without(term: Node, inverse: Inverse) -> Node | None:
    """The term without the inverse at that axis; None if it has none there."""
    matrix, axis, by_row = inverse
    product = product_of(term)
    label = product.output[axis]
    for place, (factor, own) in enumerate(product.factors):
        if not isinstance(factor, Call) or factor.operation != "inv":
            continue
        if factor.argument is not matrix or own[0 if by_row else 1] != label or own[0] == own[1]:
            continue
        if sum(label in labels for _, labels in product.factors) > 1:
            continue
        factors = [*product.factors]
        factors[place] = delta(matrix.shape[0]), own
        rest = contract(factors, product.output, dict(enumerate(product.extents)))
        return scale(product.coefficient, rest)
    return None
