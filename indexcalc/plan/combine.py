"""Linear combinations: additions and subtractions in an order that keeps intermediates small.

In: exact coefficients and terms over common labels. Out: one term. Terms with the same labels meet
first, small ones before large ones, so that `W_ij x_j + b_i + c` adds `c` to vectors, never to a
matrix.

>>> n = Extent.named("n")
>>> graph = Graph()
>>> a, b = (Term(graph.leaf("input", (n,), name), (0,)) for name in "ab")
>>> total = combination(graph, [(Fraction(-1), a), (Fraction(1), b), (Fraction(1, 2), Term(ONE))])
>>> [str(value.detail) for value in graph.values]
['a', 'b', 'subtract', 'add']
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Labels
from indexcalc.plan.atoms import as_number, negate
from indexcalc.plan.graph import Graph
from indexcalc.plan.multiply import scaled
from indexcalc.plan.program import Term, Value

__all__ = ["Extent", "combination"]

ONE = Fraction(1)
Signed = tuple[int, Term]


def combination(graph: Graph, terms: Sequence[tuple[Fraction, Term]], want: Labels = ()) -> Term:
    """`Σ coefficient · term`, with broadcasting."""
    groups: dict[frozenset[int], list[Signed]] = {}
    for coefficient, term in terms:
        sign, addend = signed(graph, coefficient, term)
        groups.setdefault(frozenset(term.labels), []).append((sign, addend))
    summed = [_sum(graph, group, want) for group in groups.values()]
    summed.sort(key=lambda item: (len(item[1].labels), item[0] < 0))
    sign, result = _sum(graph, summed, want)
    return result if sign > 0 else negate(graph, result)


def signed(graph: Graph, coefficient: Fraction, term: Term) -> Signed:
    """The term times the size of its coefficient, and the sign that is left."""
    if isinstance(term.source, Fraction):
        value = coefficient * term.source
        return (1 if value > 0 else -1), Term(abs(value))
    sign = 1 if coefficient > 0 else -1
    return sign, scaled(graph, as_number(graph, term), Term(abs(coefficient)))


def _sum(graph: Graph, terms: Sequence[Signed], want: Labels) -> Signed:
    """Add in the given order of sizes; literals and negative terms wait for a partner."""
    ordered = sorted(terms, key=lambda item: (len(item[1].labels), item[0] < 0, _made(item[1])))
    sign, total = ordered[0]
    for other_sign, other in ordered[1:]:
        if isinstance(total.source, Fraction) and isinstance(other.source, Fraction):
            value = sign * total.source + other_sign * other.source
            sign, total = (1 if value >= 0 else -1), Term(abs(value))
        elif sign == other_sign:
            total = graph.map("add", total, other, want=want)
        elif sign > 0:
            total = graph.map("subtract", total, other, want=want)
        else:
            sign, total = 1, graph.map("subtract", other, total, want=want)
    return sign, total


def _made(term: Term) -> int:
    return term.source.number if isinstance(term.source, Value) else 1 << 60
