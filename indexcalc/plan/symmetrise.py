"""Sums that a permutation of the axes leaves as they are: added once, then over the permutations.

In: terms over the same labels. Out: a `Term`, or None if the sum has no such symmetry. The
third derivative of `T_ijkl x_i x_j x_k x_l` is a sum of 24 terms, in which four tensors stand in
all six orders: the four are added first, then the six orders of their sum, three additions more.

>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.plan.program import Term
>>> n = Extent.named("n")
>>> graph = Graph()
>>> A, B = (graph.leaf("input", (n, n), name) for name in "AB")
>>> terms = [Term(source, labels) for source in (A, B) for labels in ((0, 1), (1, 0))]
>>> total = symmetrised(graph, terms)
>>> [value.detail for value in graph.values]
['A', 'B', 'add', 'add']
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations

from indexcalc.ir.node import Contraction, Labels, Node, Sum
from indexcalc.plan.graph import Graph
from indexcalc.plan.program import Term, Value

MOST_TERMS = 256
MOST_AXES = 4  # of the terms: there are as many permutations to try as its factorial
Order = tuple[int, ...]


def symmetrised(graph: Graph, terms: Sequence[Term]) -> Term | None:
    """The sum of `terms`, if it is that of a base over a group of permutations of the labels.

    The base has one term of each orbit, and there must be at least two orbits, all of full length.
    """
    if len(terms) < 4:
        return None
    labels = tuple(sorted(terms[0].labels))
    if not 2 <= len(labels) <= MOST_AXES:
        return None
    if any(set(term.labels) != set(labels) for term in terms):
        return None
    present = dict.fromkeys((_number(term), term.labels) for term in terms)
    if len(present) < len(terms):
        return None
    group = [
        order
        for order in permutations(labels)
        if all(_moved(key, labels, order) in present for key in present)
    ]
    base = _representatives(list(present), labels, group)
    if len(group) < 2 or len(base) < 2 or len(base) * len(group) != len(terms):
        return None
    source = {_number(term): term.source for term in terms}
    total = Term(source[base[0][0]], base[0][1])
    for number, own in base[1:]:
        total = graph.map("add", total, Term(source[number], own))
    for step in _cosets(group, labels):
        parts = [Term(total.source, _renamed(total.labels, labels, order)) for order in step]
        total = parts[0]
        for part in parts[1:]:
            total = graph.map("add", total, part)
    return total


def opened(node: Sum) -> list[tuple[Fraction, Node, Labels]]:
    """The terms of a sum with those of the sums inside, seen through transposes.

    Each with its coefficient and, for each of its axes, the axis of the whole. No terms for a sum
    that cannot be symmetric in its axes, or has too many.

    >>> from indexcalc.ir.build import add, transpose, variable
    >>> from indexcalc.ir.extent import Extent
    >>> n = Extent.named("n")
    >>> A, B = variable("A", (n, n)), variable("B", (n, n))
    >>> half = add(A, B)
    >>> whole = add(half, transpose(half, (1, 0)))
    >>> sorted((term.name, axes) for _, term, axes in opened(whole))
    [('A', (0, 1)), ('A', (1, 0)), ('B', (0, 1)), ('B', (1, 0))]
    """
    if not 2 <= len(node.shape) <= MOST_AXES:
        return []
    found: list[tuple[Fraction, Node, Labels]] = []
    axes = tuple(range(len(node.shape)))
    stack: list[tuple[Fraction, Node, Labels]] = [(Fraction(1), node, axes)]
    while stack:
        coefficient, part, own = stack.pop()
        if isinstance(part, Sum):
            stack += [(coefficient * inner, term, own) for inner, term in part.terms]
            if len(found) + len(stack) > MOST_TERMS:
                return []
        elif isinstance(part, Contraction) and _transposes(part):
            place = dict(zip(part.output, own, strict=True))
            stack.append((coefficient, part.factors[0], tuple(place[x] for x in part.labels[0])))
        else:
            found.append((coefficient, part, own))
    return found


def _transposes(node: Contraction) -> bool:
    return (
        node.is_view
        and len(node.factors) == 1
        and len(node.labels[0]) == len(set(node.output)) == len(node.output)
    )


def _number(term: Term) -> int:
    assert isinstance(term.source, Value)
    return term.source.number


def _renamed(own: Labels, labels: Labels, order: Order) -> Labels:
    """`own` with each of `labels` exchanged for the one that stands at its place in `order`."""
    return tuple(order[labels.index(label)] for label in own)


def _moved(key: tuple[int, Labels], labels: Labels, order: Order) -> tuple[int, Labels]:
    return key[0], _renamed(key[1], labels, order)


def _representatives(
    present: list[tuple[int, Labels]], labels: Labels, group: Sequence[Order]
) -> list[tuple[int, Labels]]:
    """One term of each orbit: that which lies as the labels stand, if it is there."""
    seen: set[tuple[int, Labels]] = set()
    found: list[tuple[int, Labels]] = []
    for key in sorted(present):
        if key not in seen:
            found.append(key)
            seen |= {_moved(key, labels, order) for order in group}
    return found


def _cosets(group: Sequence[Order], labels: Labels) -> list[list[Order]]:
    """Sums over the group in steps: one over a pair, then over the cosets of what was summed."""
    done: list[Order] = [labels]
    steps: list[list[Order]] = []
    pair = next(
        (order for order in group if order != labels and _is_involution(order, labels)), None
    )
    if pair is not None and len(group) % 2 == 0:
        steps.append([labels, pair])
        done = [labels, pair]
    step: list[Order] = []
    covered: set[Order] = set()
    for order in group:
        coset = {_renamed(one, labels, order) for one in done}
        if not coset & covered:
            step.append(order)
            covered |= coset
    return [*steps, step] if len(step) > 1 else steps


def _is_involution(order: Order, labels: Labels) -> bool:
    return _renamed(order, labels, order) == labels
