"""Products with sums multiplied out, where that leaves factors that a matrix formula can have.

In: a product as a term, and one of its factors, a sum. Out: the sum of products.

>>> from indexcalc.ir.build import add, delta, variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.notation.term import term_of
>>> n = Extent.named("n")
>>> x, T = variable("x", (n,)), variable("T", (n, n, n))
>>> mixed = add(contract([(delta(n), "ij"), (x, "k")], "ijk"), T)
>>> node = contract([(mixed, "ijk"), (x, "k")], "ij")
>>> term = term_of(node, {})
>>> position = next(k for k, part in enumerate(term.parts) if products_of(part))
>>> type(multiplied_out(node, term, position)).__name__
'Sum'
"""

from __future__ import annotations

from itertools import product
from math import prod

from indexcalc.ir.build import linear, power
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Node, Sum
from indexcalc.notation.term import Part, Term

MOST_TERMS = 64


def products_of(part: Part) -> int:
    """How many products the sum (or its square) gives if it is multiplied out; 0 if it is not."""
    if not isinstance(part.node, Sum) or part.exponent not in (1, 2):
        return 0
    count = len(part.node.terms) ** int(part.exponent)
    return count if 1 < count <= MOST_TERMS else 0


def multiplied_out(node: Node, term: Term, position: int) -> Node:
    """`node`, whose term is given, with the sum (or its square) at a position multiplied out."""
    part = term.parts[position]
    assert isinstance(part.node, Sum)
    same = {label: label for own in term.parts for label in own.labels}
    same |= {~axis: ~axis for axis in range(len(node.shape))}
    for left, right in term.deltas:
        same = {key: left if value == right else value for key, value in same.items()}
    others = [
        (power(own.node, own.exponent), tuple(same[k] for k in own.labels))
        for own in term.parts
        if own is not part
    ]
    output = [same[~axis] for axis in range(len(node.shape))]
    extents = dict(zip(output, node.shape, strict=True))
    labels = tuple(same[label] for label in part.labels)
    terms = [
        (
            term.coefficient * prod(coefficient for coefficient, _ in chosen),
            contract([*others, *((inner, labels) for _, inner in chosen)], output, extents),
        )
        for chosen in product(part.node.terms, repeat=int(part.exponent))
    ]
    return linear(terms, node.shape)
