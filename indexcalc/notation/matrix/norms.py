"""Norms: the root of the sum of squares, `norm(x)`, `normF(A)`.

In: a factor of a product. Out: what it is the norm of, to an odd power.

>>> from fractions import Fraction
>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> x = variable("x", (Extent.named("n"),))
>>> square = contract([(x, "i"), (x, "i")], "")
>>> norm_base(Part(square, (), Fraction(3, 2))) is x, norm_base(Part(square, (), Fraction(2)))
(True, None)
"""

from __future__ import annotations

from indexcalc.ir.node import Contraction, Node
from indexcalc.notation.matrix.oriented import Oriented
from indexcalc.notation.matrix.wholes import either, function_of, scalar
from indexcalc.notation.term import Part


def norm_base(part: Part) -> Node | None:
    """What the part is a norm of, if it is one (to an odd power)."""
    node = part.node
    if part.exponent.denominator != 2 or not isinstance(node, Contraction) or node.shape:
        return None
    if len(node.factors) != 2 or node.factors[0] is not node.factors[1]:
        return None
    first, second = node.labels
    if first != second or len(set(first)) < len(first) or len(first) > 2:
        return None
    return node.factors[0]


def norm_of(value: Oriented) -> Oriented:
    """`norm(x)` of a vector, `normF(A)` of a matrix."""
    name = "norm" if value.rank == 1 else "normF"
    return scalar(function_of(name, either(value) if value.rank == 2 else value.plain))
