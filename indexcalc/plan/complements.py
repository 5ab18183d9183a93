"""All factors of a product but one, along the order in which the whole product is contracted.

In: products as they are planned, each with its order. Out: for a product that lacks one factor of
an earlier one, its term, made of the partial products of the whole and of those of other such
products: all first derivatives of a tensor network cost about three times its value.

>>> from indexcalc.ir.extent import Extent
>>> graph, n = Graph(), Extent.named("n")
>>> A, B, C = (Term(graph.leaf("input", (n, n), k), (i, i + 1)) for i, k in enumerate("ABC"))
>>> D = Term(graph.leaf("input", (n, n), "D"), (3, 0))
>>> AB, CD = graph.product(A, B, {0, 2}), graph.product(C, D, {0, 2})
>>> whole = Whole((A, B, C, D), ((0, 1), (2, 3), (4, 5)), (), {4: AB, 5: CD})
>>> known = Complements(graph)
>>> known.keep(whole)
>>> known.without([B, C, D], (1, 0))  # all but A, from B and C D, which is there
Term(source=product[n,n], labels=(1, 0))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexcalc.ir.node import Labels
from indexcalc.plan.graph import Graph
from indexcalc.plan.program import Term, Value

FEWEST_FACTORS = 4  # of a whole worth keeping
Key = frozenset[int]


@dataclass(frozen=True, slots=True)
class Whole:
    """A product that was planned: operands, the pairs multiplied, labels kept, partial products."""

    operands: tuple[Term, ...]
    steps: tuple[tuple[int, int], ...]
    kept: Labels
    partial: Mapping[int, Term]

    def term(self, number: int) -> Term:
        """An operand or a partial product."""
        return self.operands[number] if number < len(self.operands) else self.partial[number]


class Complements:
    """Wholes that were planned, found by what is left when one factor is taken away."""

    def __init__(self, graph: Graph) -> None:
        """Start without any."""
        self.graph = graph
        self._known: dict[Key, tuple[Whole, int]] = {}

    def keep(self, whole: Whole) -> None:
        """Remember a product whose operands are different arrays."""
        numbers = [t.source.number for t in whole.operands if isinstance(t.source, Value)]
        if len(set(numbers)) < len(whole.operands) or len(numbers) < FEWEST_FACTORS:
            return
        everyone = frozenset(numbers)
        for position, number in enumerate(numbers):
            self._known.setdefault(everyone - {number}, (whole, position))

    def without(self, terms: Sequence[Term], kept: Labels) -> Term | None:
        """The product of `terms`, if it is a known whole less one factor."""
        key = frozenset(t.source.number for t in terms if isinstance(t.source, Value))
        known = self._known.get(key) if len(key) == len(terms) else None
        if known is None:
            return None
        whole, position = known
        names = _same_labels(terms, whole)
        if names is None:
            return None
        wanted = {names[label] for label in kept if label in names}
        there = {*whole.operands[position].labels, *whole.kept} & set(names.values())
        if wanted != there:
            return None
        back = {theirs: ours for ours, theirs in names.items()}
        found = self._descend(whole, position)
        if found is None or any(label not in back for label in found.labels):
            return None
        return Term(found.source, tuple(back[label] for label in found.labels))

    def _descend(self, whole: Whole, position: int) -> Term | None:
        """From the last product down to the factor: what surrounds it, one sibling at a time."""
        around: Term | None = None
        for left, right in reversed(_path_to(whole, position)):
            inside, sibling = whole.term(left), whole.term(right)
            if around is None:
                around = sibling
                continue
            needed = {*inside.labels, *whole.kept}
            shared = [label for label in around.labels if label in sibling.labels]
            if all(label in needed for label in shared):
                around = self.graph.map("multiply", around, sibling)
            else:
                around = self.graph.product(around, sibling, needed)
        return around


def _path_to(whole: Whole, position: int) -> list[tuple[int, int]]:
    """Pairs (what holds the factor, what it is multiplied with), from the factor up."""
    path = []
    inside = position
    for number, (left, right) in enumerate(whole.steps, start=len(whole.operands)):
        if inside in (left, right):
            path.append((inside, right if inside == left else left))
            inside = number
    return path


def _same_labels(terms: Sequence[Term], whole: Whole) -> dict[int, int] | None:
    """The whole's label for each label of `terms`; None if they are not joined in the same way."""
    theirs = {term.source: term.labels for term in whole.operands}
    names: dict[int, int] = {}
    for term in terms:
        for ours, other in zip(term.labels, theirs[term.source], strict=True):
            if names.setdefault(ours, other) != other:
                return None
    return names if len(set(names.values())) == len(names) else None
