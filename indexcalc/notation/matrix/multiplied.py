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
>>> position = next(k for k, part in enumerate(term.parts) if is_sum(part))
>>> type(multiplied_out(node, term, position)).__name__
'Sum'
"""

from __future__ import annotations

from indexcalc.ir.build import linear, power
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Node, Sum
from indexcalc.notation.term import Part, Term

MOST_TERMS = 32


def is_sum(part: Part) -> bool:
    """Whether the part is a sum of a few terms that can be multiplied out."""
    return (
        isinstance(part.node, Sum)
        and 1 < len(part.node.terms) <= MOST_TERMS
        and part.exponent.denominator == 1
        and 1 <= part.exponent <= 2
    )


def multiplied_out(node: Node, term: Term, position: int) -> Node:
    """`node`, whose term is given, with the sum at a position multiplied out."""
    part = term.parts[position]
    assert isinstance(part.node, Sum)
    same = {label: label for own in term.parts for label in own.labels}
    same |= {~axis: ~axis for axis in range(len(node.shape))}
    for left, right in term.deltas:
        same = {key: left if value == right else value for key, value in same.items()}
    others = [
        (power(own.node, own.exponent - (own is part)), tuple(same[k] for k in own.labels))
        for own in term.parts
        if own is not part or own.exponent > 1
    ]
    output = [same[~axis] for axis in range(len(node.shape))]
    extents = dict(zip(output, node.shape, strict=True))
    labels = tuple(same[label] for label in part.labels)
    return linear(
        [
            (term.coefficient * own, contract([*others, (inner, labels)], output, extents))
            for own, inner in part.node.terms
        ],
        node.shape,
    )
