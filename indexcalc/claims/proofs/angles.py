"""Sines and cosines of sums, by those of the terms.

In: the sine or the cosine of a sum. Out: the same value by the theorems of addition, if the sum is
not long: `sin(a + b) = sin a cos b + cos a sin b`, `sin(2 a) = 2 sin a cos a`,
`cos(a + π) = −cos a`.

>>> from indexcalc.ir.build import scale, variable
>>> a = variable("a", ())
>>> sine(scale(2, a)) is scale(2, multiply(builtin("sin", a), builtin("cos", a)))
True
"""

from __future__ import annotations

from fractions import Fraction

from indexcalc.ir.build import (
    add,
    builtin,
    multiply,
    negate,
    ones,
    scale,
    subtract,
    terms_of,
    zero,
)
from indexcalc.ir.node import Constant, Contraction, Node

MOST_ADDITIONS = 6
Pair = tuple[Node, Node]  # sine and cosine
QUARTERS = {1: (1, 0), 2: (0, -1), 3: (-1, 0), 0: (0, 1)}


def sine(argument: Node) -> Node:
    """`sin` of the argument."""
    pair = _of_sum(argument)
    return builtin("sin", argument) if pair is None else pair[0]


def cosine(argument: Node) -> Node:
    """`cos` of the argument."""
    pair = _of_sum(argument)
    return builtin("cos", argument) if pair is None else pair[1]


def _of_sum(argument: Node) -> Pair | None:
    """Both, by those of the terms; None for a long sum, or one that is a single angle."""
    terms = terms_of(argument)
    turns = [(c, term) for c, term in terms if _is_pi(term) and (2 * c).denominator == 1]
    angles = [part for part in terms if part not in turns]
    count = sum(abs(c.numerator) for c, _ in angles)
    if count > MOST_ADDITIONS or (count == 1 and not turns and angles[0][0] > 0):
        return None
    sin, cos = QUARTERS[int(sum((2 * c for c, _ in turns), Fraction(0))) % 4]
    one = ones(argument.shape)
    found = (
        scale(sin, one) if sin else zero(argument.shape),
        (scale(cos, one) if cos else zero(argument.shape)),
    )
    for c, term in angles:
        angle = scale(Fraction(1, c.denominator), term)
        own = builtin("sin", angle), builtin("cos", angle)
        if c < 0:
            own = negate(own[0]), own[1]
        for _ in range(abs(c.numerator)):
            found = _added(found, own)
    return found


def _is_pi(term: Node) -> bool:
    if isinstance(term, Contraction) and term.is_view and term.factors:
        term = term.factors[0]
    return isinstance(term, Constant) and term.name == "pi"


def _added(one: Pair, other: Pair) -> Pair:
    return (
        add(multiply(one[0], other[1]), multiply(one[1], other[0])),
        subtract(multiply(one[1], other[1]), multiply(one[0], other[0])),
    )
