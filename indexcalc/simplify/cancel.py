"""A factor goes into a sum in which it cancels.

In: products such as `f (s - t/f)`. Out: `f s - t`.

>>> from indexcalc.ir.build import multiply, reciprocal, subtract, variable
>>> f, s, t = variable("f", ()), variable("s", ()), variable("t", ())
>>> [found] = cancel([multiply(f, subtract(s, multiply(t, reciprocal(f))))])
>>> found is subtract(multiply(f, s), t)
True

The factor goes in only if it cancels in at least half of the terms, so that there is no more to
compute than before, and if the sum has all of its axes.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace

from indexcalc.ir.build import linear, with_arguments
from indexcalc.ir.contraction import base_and_exponent, contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Labels, Node, Sum
from indexcalc.ir.walk import revise
from indexcalc.simplify.product import product_of

MOST_FACTORS = 16  # of a product that is looked at
MOST_TERMS = 64  # of a sum that is looked into


def cancel(roots: Sequence[Node], settled: set[Node] | None = None) -> list[Node]:
    """Multiply factors into the sums in which they cancel, bottom-up, once."""
    return revise(roots, _rule, set() if settled is None else settled, kinds=(Contraction,))


def _rule(node: Node, arguments: tuple[Node, ...]) -> Node:
    new = with_arguments(node, arguments)
    if not isinstance(new, Contraction) or new.is_view or len(new.factors) > MOST_FACTORS:
        return new
    for place, other, axes in _candidates(new):
        total, factor = new.factors[place], new.factors[other]
        if (
            isinstance(total, Sum)
            and len(total.terms) <= MOST_TERMS
            and _cancels(total, factor, axes)
        ):
            factors = list(zip(new.factors, new.labels, strict=True))
            factors[place] = (_multiplied(total, factor, axes), new.labels[place])
            del factors[other]
            extents: dict[Hashable, Extent] = dict(enumerate(new.extents))
            return contract(factors, new.output, extents)
    return new


def _candidates(product: Contraction) -> Iterator[tuple[int, int, Labels]]:
    """Places of a sum and of a factor whose labels the sum has, with the axes that these are."""
    for place, labels in enumerate(product.labels):
        if isinstance(product.factors[place], Sum) and len(set(labels)) == len(labels):
            for other, own in enumerate(product.labels):
                if other != place and set(own) <= set(labels):
                    yield place, other, tuple(labels.index(label) for label in own)


def _cancels(total: Sum, factor: Node, axes: Labels) -> bool:
    """Whether at least half of the terms hold a power of the factor with the opposite sign."""
    base, exponent = base_and_exponent(factor)
    count = sum(_holds(term, base, axes, exponent > 0) for _, term in total.terms)
    return exponent.denominator == 1 and 2 * count >= len(total.terms)


def _holds(term: Node, base: Node, axes: Labels, negative: bool) -> bool:
    product = product_of(term)
    wanted = tuple(product.output[axis] for axis in axes)
    for node, labels in product.factors:
        found, exponent = base_and_exponent(node)
        opposite = exponent < 0 if negative else exponent > 0
        if found is base and labels == wanted and opposite and exponent.denominator == 1:
            return True
    return False


def _multiplied(total: Sum, factor: Node, axes: Labels) -> Node:
    terms = []
    for coefficient, term in total.terms:
        product = product_of(term)
        more = (factor, tuple(product.output[axis] for axis in axes))
        terms.append((coefficient, replace(product, factors=(*product.factors, more)).node()))
    return linear(terms, total.shape)
