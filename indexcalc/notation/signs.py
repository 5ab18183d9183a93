"""Which sum of a product takes in its sign, or a number.

In: the parts of a product and its coefficient. Out: the coefficient that is left in front, and what
each part is multiplied by: `(ŷ - y) x` for `-(y - ŷ) x`, `(v + 0.1)` for `0.1 (1 + 10 v)`.

>>> from indexcalc.ir.build import linear, variable
>>> y, z = variable("y", ()), variable("z", ())
>>> part = Part(linear([(-1, y), (-1, z)], ()).terms[0][1], (), ONE)
>>> distributed([part], ONE, lambda node: False, {y: (0, 0, "y"), z: (0, 1, "z")})
(Fraction(1, 1), [Fraction(1, 1)])
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from indexcalc.ir.node import Apply, Node, Sum
from indexcalc.notation.names import Rank
from indexcalc.notation.patterns import is_power
from indexcalc.notation.scaling import best_multiple, is_constant
from indexcalc.notation.term import Part

ONE = Fraction(1)
Closed = Callable[[Node], bool]


def distributed(
    parts: Sequence[Part], coefficient: Fraction, is_closed: Closed, ranks: Mapping[Node, Rank]
) -> tuple[Fraction, list[Fraction]]:
    """The number before the product, and the one that each part takes in if it is a sum.

    Parts that `is_closed` are printed as a name, which takes in nothing.
    """
    flipped = _flipped(parts, coefficient > 0, is_closed)
    scaled, multiple = _scaled(parts, coefficient, is_closed)
    if scaled is not None:
        coefficient /= multiple ** int(parts[scaled].exponent)
    exponents: dict[Node, list[Fraction]] = {}
    for part in parts:
        exponents.setdefault(part.node, []).append(part.exponent)
    numbers = []
    for position, part in enumerate(parts):
        closed = is_closed(part.node)
        minus = not closed and _starts_with_minus(part.node, exponents[part.node], ranks)
        sign = -ONE if (position == flipped) != minus else ONE
        numbers.append(sign * multiple if position == scaled else sign)
    return coefficient if flipped is None else -coefficient, numbers


def _scaled(
    parts: Sequence[Part], coefficient: Fraction, is_closed: Closed
) -> tuple[int | None, Fraction]:
    """The first sum that is better multiplied by a number, and that number."""
    count = Counter(part.node for part in parts)
    for position, part in enumerate(parts):
        once = count[part.node] == 1
        if once and part.exponent.denominator == 1 and not is_closed(part.node):
            multiple = best_multiple(part.node, coefficient, int(part.exponent), alone=False)
            if multiple != 1:
                return position, multiple
    return None, ONE


def _flipped(parts: Sequence[Part], positive: bool, is_closed: Closed) -> int | None:
    """A sum that takes a minus sign in: `(ŷ - y)` for `-(y - ŷ)`, but `-(1 - p)` stays.

    So does `-(x_i - a_i)(x_j - a_j)`.
    """
    times = Counter(part.node for part in parts)
    for position, part in enumerate(parts):
        odd = part.exponent.denominator == 1 and part.exponent.numerator % 2
        odd = odd and times[part.node] % 2
        if odd and not is_closed(part.node) and _is_better_negated(part.node, positive):
            return position
    return None


def _is_better_negated(node: Node, positive: bool) -> bool:
    """Whether a sum takes a minus sign in, for a product that is `positive` or is not.

    `-(y - ŷ)` is better as `(ŷ - y)`, which starts with a plus; `-(1 - p)` stays, and
    `(exp(x) - 1)` becomes `-(1 - exp(x))`, since a number stands first.
    """
    if not isinstance(node, Sum) or len(node.terms) < 2:
        return False
    numbers = [coefficient for coefficient, inner in node.terms if is_constant(inner)]
    if positive:
        others = [(c, inner) for c, inner in node.terms if not is_constant(inner)]
        function = len(others) == 1 and isinstance(others[0][1], Apply) and others[0][0] == 1
        return numbers == [-1] and function and not is_power(others[0][1])
    return not any(c > 0 for c in numbers) and any(c < 0 for c, _ in node.terms)


def _starts_with_minus(
    node: Node, exponents: Sequence[Fraction], ranks: Mapping[Node, Rank]
) -> bool:
    """Whether a sum that occurs an even number of times starts with a minus sign.

    It may as well be negated each time: `(p_i - q_i)(p_j - q_j)`, `(x - y)^2`.
    """
    if not isinstance(node, Sum) or not node.terms:
        return False
    if any(exponent.denominator > 1 for exponent in exponents) or sum(exponents) % 2:
        return False
    numbers = [coefficient for coefficient, inner in node.terms if is_constant(inner)]
    first = min(node.terms, key=lambda term: (ranks[term[1]], term[1].digest))
    return (numbers or [first[0]])[0] < 0
