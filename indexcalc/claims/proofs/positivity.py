"""Which nodes are never negative, because of how they are made.

In: a node. Out: whether all of its entries are positive, or zero at isolated places (`x²`), for
certain. Only a bounded number of nodes is looked at.

>>> from indexcalc.ir.build import add, builtin, multiply, number, variable
>>> x = variable("x", ())
>>> is_positive(add(number(1), multiply(x, x), builtin("exp", x))), is_positive(x)
(True, False)
"""

from __future__ import annotations

from collections import Counter

from indexcalc.ir.contraction import base_and_exponent
from indexcalc.ir.node import (
    Apply,
    Constant,
    Contraction,
    Node,
    Number,
    Reduce,
    Size,
    Sum,
    Variable,
)

MOST_NODES = 200
NATURALS = frozenset({"pi", "e"})


def is_positive(root: Node) -> bool:
    """Whether the node is never negative, for certain."""
    stack, seen = [root], 0
    while stack:
        below = _reasons(stack.pop())
        seen += 1
        if below is None or seen > MOST_NODES:
            return False
        stack += below
    return True


def _reasons(node: Node) -> list[Node] | None:
    """The nodes that must be positive for this one to be; None if it is not known to be."""
    match node:
        case Number():
            return [] if node.value > 0 else None
        case Size():
            return []
        case Constant():
            return [] if node.name in NATURALS else None
        case Variable():
            return [] if "positive" in node.traits else None
        case Sum():
            return list(node.arguments) if all(c > 0 for c, _ in node.terms) else None
        case Apply():
            return _of_function(node)
        case Contraction():
            return _of_product(node)
        case Reduce(operation="prod" | "max" | "min" | "cumsum"):
            return [node.argument]
        case _:
            return None


def _of_function(node: Apply) -> list[Node] | None:
    base, exponent = base_and_exponent(node)
    if base is not node:
        return [] if _is_even(exponent.numerator, exponent.denominator) else [base]
    always = node.function.kind == "builtin" and node.function.name in ("exp", "abs", "cosh")
    return [] if always else None


def _of_product(node: Contraction) -> list[Node]:
    """The factors that stand an odd number of times at one place."""
    times = Counter(zip(node.factors, node.labels, strict=True))
    return [factor for (factor, _), count in times.items() if not _is_even(count, 1)]


def _is_even(numerator: int, denominator: int) -> bool:
    return denominator == 1 and numerator % 2 == 0
