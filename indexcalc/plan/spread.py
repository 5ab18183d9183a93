"""A sum of sums of outer products as one sum of outer products.

In: nodes, sizes. Out: the same values, in which large sums that add one array to itself under other
axes, where all terms are outer products of small arrays in the end, are opened to the bottom: then
they are written by a few matrix products, and no large term is made to be added in another order.

>>> from indexcalc.ir.build import variable
>>> n = Extent.named("n")
>>> A, B = variable("A", (n, n)), variable("B", (n, n))
>>> first = contract([(A, "ik"), (B, "jl")], "ijkl")
>>> inner = linear([(1, first), (1, contract([(first, "ijkl")], "jikl"))], first.shape)
>>> turned = [contract([(inner, "ijkl")], axes) for axes in ("ijlk", "klij")]
>>> outer = linear([(1, turned[0]), (2, turned[1])], first.shape)
>>> len(outer.terms), len(spread([outer], {"n": 32})[0].terms)
(2, 4)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from indexcalc.ir.build import linear, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent, entry_count
from indexcalc.ir.node import Contraction, Labels, Node, Sum
from indexcalc.ir.walk import rewrite
from indexcalc.plan.flatten import factors_under
from indexcalc.plan.hoist import flat_term
from indexcalc.plan.outers import THINNER, WORTH_IT, components

MOST_TERMS = 24
FEWEST_AXES = 4  # of a sum that is opened
FEWEST_INSIDE = 3  # of sums and products inside
Factor = tuple[Node, Labels]


@dataclass(frozen=True, slots=True)
class _Term:
    """A coefficient, factors, the labels of the axes, the extents of all labels."""

    coefficient: Fraction
    factors: tuple[Factor, ...]
    axes: Labels
    extents: tuple[Extent, ...]

    def node(self) -> Node:
        """The product."""
        return contract(self.factors, self.axes, dict(enumerate(self.extents)))


def spread(roots: Sequence[Node], sizes: Mapping[str, int]) -> list[Node]:
    """Open large sums to outer products of small arrays, where that is all they are."""

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        new = with_arguments(node, arguments)
        if not isinstance(new, Sum) or len(new.shape) < FEWEST_AXES or not _is_turned(new):
            return new
        if entry_count(new.shape, sizes) < WORTH_IT:
            return new
        return _opened(new, sizes) or new

    return rewrite(roots, rule)


def _is_turned(node: Sum) -> bool:
    """Whether one array is added to itself under other axes."""
    views = [term for term in node.arguments if isinstance(term, Contraction) and term.is_view]
    cores = [view.factors[0] for view in views if view.factors]
    return len(set(cores)) < len(cores)


def _opened(node: Sum, sizes: Mapping[str, int]) -> Node | None:
    """The sum of all terms at the bottom; None if one is no outer product, or nothing changes."""
    axes = tuple(range(len(node.shape)))
    waiting = [_Term(c, ((term, axes),), axes, node.shape) for c, term in reversed(node.terms)]
    done: list[_Term] = []
    while waiting:
        term = waiting.pop()
        if len(waiting) + len(done) > MOST_TERMS:
            return None
        further = _further(term)
        if further is None:
            done.append(term)
        else:
            waiting += reversed(further)
    if len(done) <= len(node.terms):
        return None
    terms = [(term.coefficient, term.node()) for term in done]
    if not all(_is_thin(product, sizes) for _, product in terms):
        return None
    return linear(terms, node.shape)


def _further(term: _Term) -> list[_Term] | None:
    """The terms with one factor opened, if one can be: a view, a product, a sum of several axes."""
    for position, (node, labels) in enumerate(term.factors):
        rest = term.factors[:position] + term.factors[position + 1 :]
        if isinstance(node, Sum) and len(node.shape) >= FEWEST_INSIDE:
            return [
                _Term(term.coefficient * c, (*rest, (inner, labels)), term.axes, term.extents)
                for c, inner in node.terms
            ]
        if not isinstance(node, Contraction) or len(node.shape) < FEWEST_INSIDE:
            continue
        if len(set(node.output)) < len(node.output):
            return None
        inner, extents = factors_under(node, labels, term.extents)
        return [_Term(term.coefficient, (*rest, *inner), term.axes, tuple(extents))]
    return None


def _is_thin(node: Node, sizes: Mapping[str, int]) -> bool:
    """Whether a term is an outer product of much smaller arrays."""
    lengths = [extent.evaluate(sizes) for extent in node.shape]
    parts = [prod(lengths[axis] for axis in axes) for _, axes in components(flat_term(node))]
    return len(parts) > 1 and max(parts) * THINNER <= prod(lengths)
