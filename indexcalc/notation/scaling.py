"""Where the number of a product with a sum stands: before the bracket, or multiplied in.

In: a sum with its coefficients, and the number before it. Out: what to multiply the sum by, so that
the fewest figures are written: `v + 0.1`, not `0.1 (1 + 10 v)`; `a - 1/2 b`, not `1/2 (2 a - b)`;
`1/(x + 0.1)`, not `10/(1 + 10 x)`. In the graph a sum is kept free of a common factor, so
that multiples of it are recognised; the reader's numbers come back here.

>>> from indexcalc.ir.build import linear, number, variable
>>> v = variable("v", ())
>>> _, total = linear([(1, v), (Fraction(1, 10), number(1))], ()).terms[0]
>>> best_multiple(total, Fraction(1, 10), 1, alone=True)
Fraction(1, 10)
>>> best_multiple(total, Fraction(10), -1, alone=False)
Fraction(1, 10)
"""

from __future__ import annotations

from fractions import Fraction

from indexcalc.ir.node import Contraction, Node, Number, Sum

ONE = Fraction(1)
BRACKETS = 2  # the two of them; the blank counts with the number


def best_multiple(total: Node, coefficient: Fraction, exponent: int, alone: bool) -> Fraction:
    """`k` for `coefficient · total^exponent = (coefficient/k^exponent) · (k total)^exponent`.

    `alone` tells that nothing else stands in the product, so that no bracket is needed once the
    coefficient is multiplied in. Signs are left to others: `k` is positive.
    """
    if not isinstance(total, Sum):
        return ONE

    def figures(multiple: Fraction) -> tuple[int, bool, Fraction]:
        outside = abs(coefficient) / multiple**exponent
        bare = alone and exponent == 1 and outside == 1
        count = 0 if outside == 1 else _figures(outside) + 1
        count += 0 if bare else BRACKETS
        for own, node in total.terms:
            inside = abs(own) * multiple
            constant = is_constant(node)
            count += 0 if inside == 1 and not constant else _figures(inside) + 1
        return count, multiple != 1, multiple

    candidates = {ONE, *(1 / abs(own) for own, _ in total.terms)}
    if alone and exponent == 1:
        candidates.add(abs(coefficient))
    return min(candidates, key=figures)


def is_constant(node: Node) -> bool:
    """Whether the node is the number one, or repeats it along axes."""
    if isinstance(node, Contraction) and node.is_view and not node.factors:
        return len(set(node.output)) == len(node.output)
    return isinstance(node, Number)


def _figures(value: Fraction) -> int:
    whole = len(str(abs(value.numerator)))
    return whole if value.denominator == 1 else whole + 1 + len(str(value.denominator))
