"""A contraction of any number of operands as a sequence of products of two.

In: operands with labels, the labels to keep, an exact coefficient. Out: the term of the result,
which may lack kept labels that no operand has. Scalars and the coefficient are joined first and
multiplied into the smallest array on the way.

>>> n = Extent.named("n")
>>> graph = Graph()
>>> x = graph.leaf("input", (n,), "x")
>>> A = graph.leaf("input", (n, n), "A")
>>> factors = [Term(x, (0,)), Term(A, (0, 1)), Term(x, (1,))]
>>> result = Product(graph, {0: n, 1: n}, {"n": 10}).lower(factors, (), Fraction(1, 2))
>>> [(value.kernel, value.detail) for value in graph.values[2:]]
[('product', ''), ('product', ''), ('map', 'multiply')]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import prod

from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Labels
from indexcalc.plan import machine
from indexcalc.plan.atoms import as_number, literal, negate
from indexcalc.plan.complements import Complements, Whole
from indexcalc.plan.gram import gram
from indexcalc.plan.graph import Graph, extents_of
from indexcalc.plan.order import best_time, pairs
from indexcalc.plan.outer import split
from indexcalc.plan.partials import Chain
from indexcalc.plan.program import Term, Value
from indexcalc.plan.timing import entries

MOST_OPENED = 2  # operands that are looked into, one inside the other
MOST_SEARCHED = 12  # operands among which products that are there already are looked for


@dataclass(frozen=True, slots=True)
class Product:
    """One contraction: the graph it goes to, the extent of each label, the sizes of names."""

    graph: Graph
    extents: Mapping[int, Extent]
    sizes: Mapping[str, int]
    known: Complements | None = None

    def lower(
        self,
        factors: Sequence[Term],
        kept: Labels,
        coefficient: Fraction = Fraction(1),
        want: Labels = (),
        chain: Chain | None = None,
    ) -> Term:
        """The product of `factors`, summed over the labels that are not in `kept`.

        If there is a `chain`, it tells in which order a tensor meets others.
        """
        covered = {label for term in factors for label in term.labels}
        if chain is not None:
            factors = self.along(factors, chain, kept)
        arrays = [self.graph.diagonal(t) for t in factors if t.labels]
        if len(arrays) == 1:
            arrays = [as_number(self.graph, arrays[0])]
        scalars = [t for t in factors if not t.labels]
        scalars += [
            Term(self.graph.leaf("size", (), extent))
            for label, extent in self.extents.items()
            if label not in covered and label not in kept
        ]
        scalar = self.scalar(scalars, coefficient)
        if not arrays:
            return scalar
        return self.arrays(arrays, scalar, kept, want)

    def along(self, factors: Sequence[Term], chain: Chain, kept: Labels) -> list[Term]:
        """The factors, with a tensor and what it meets replaced by their product."""
        met = {position for step in chain.steps for position in step}
        others = [t for k, t in enumerate(factors) if k != chain.tensor and k not in met]
        tensor = factors[chain.tensor]
        needed = {label for term in others for label in term.labels} | set(kept)
        if not set(tensor.labels).issuperset(x for k in met for x in factors[k].labels):
            return list(factors)  # the tensor repeats along an axis that it is summed over
        for step in chain.steps:
            small = factors[step[0]]
            for position in step[1:]:
                present = {*small.labels, *factors[position].labels}
                want = (*small.labels, *factors[position].labels)
                small = self.pair(small, factors[position], present, want)
            rest = set(tensor.labels) - set(small.labels)
            tensor = self.pair(tensor, small, rest | needed, ())
        return [tensor, *others]

    def scalar(self, scalars: Sequence[Term], coefficient: Fraction) -> Term:
        """The product of all scalars."""
        values = sorted((t for t in scalars if isinstance(t.source, Value)), key=_number)
        for term in scalars:
            if isinstance(term.source, Fraction):
                coefficient *= term.source
        if not values:
            return Term(coefficient)
        result = values[0]
        for term in values[1:]:
            result = self.graph.map("multiply", result, as_number(self.graph, term))
        return scaled(self.graph, result, Term(coefficient))

    def arrays(self, operands: list[Term], scalar: Term, kept: Labels, want: Labels) -> Term:
        """Multiply arrays pairwise in the order found, and the scalar in at the smallest."""
        sizes = {label: extent.evaluate(self.sizes) for label, extent in self.extents.items()}
        operands = self.seen_through(operands, kept, sizes)
        terms = [self.lone_labels_summed(k, operands, kept) for k in range(len(operands))]
        symmetric = gram(self.graph, terms, scalar, kept, sizes)
        if symmetric is not None:
            return symmetric
        surrounding = self.known.without(terms, kept) if self.known else None
        if surrounding is not None:
            return scaled(self.graph, surrounding, scalar)
        terms = self.with_made(terms, kept, sizes)
        terms = self.halved(terms, kept)
        steps = pairs([term.labels for term in terms], kept, sizes)
        place = _smallest([*terms], steps, kept, sizes)
        wanted = want or kept
        if place < len(terms):
            terms[place] = scaled(self.graph, terms[place], scalar)
        alive = dict(enumerate(terms))
        partial: dict[int, Term] = {}
        for number, (left, right) in enumerate(steps, start=len(terms)):
            if place < number and len(alive) > 2 and not _sums(alive.values(), kept):
                return self.outer(list(alive.values()), wanted, sizes)
            first, second = alive.pop(left), alive.pop(right)
            needed = {label for term in alive.values() for label in term.labels} | set(kept)
            last = number == len(terms) + len(steps) - 1
            alive[number] = self.pair(first, second, needed, want if last else ())
            partial[number] = alive[number]
            if number == place:
                alive[number] = scaled(self.graph, alive[number], scalar)
        (result,) = alive.values()
        if self.known and (
            scalar.source == 1 or place not in partial or not alive.keys() - {place}
        ):
            self.known.keep(Whole(tuple(terms), tuple(steps), kept, partial))
        return result

    def halved(self, terms: list[Term], kept: Labels) -> list[Term]:
        """`Σ a a b b` as the product of `a b` with itself, if that is no larger than `a`."""
        if len(terms) < 4:
            return terms
        count = Counter(terms)
        present = {label for term in terms for label in term.labels}
        widest = max(len(term.labels) for term in terms)
        even = all(times % 2 == 0 for times in count.values())
        if not even or present & set(kept) or widest < len(present):
            return terms
        once = [term for term, times in count.items() for _ in range(times // 2)]
        half = once[0]
        for term in once[1:]:
            half = self.graph.map("multiply", half, as_number(self.graph, term))
        return [half, half]

    def seen_through(self, operands: list[Term], kept: Labels, sizes: dict[int, int]) -> list[Term]:
        """One operand or two, opened where products that are there already make it cheaper.

        `Σ_j P_ij (V_ja O_ia)` is `O_ia O_ia` where `P V` is known as `O`. Labels of what is opened
        are added to `sizes`.
        """
        if len(operands) > 2 or not _sums(operands, kept):
            return operands
        least = _time(operands, kept, sizes)
        waiting = [(operands, sizes)]
        for terms, lengths in waiting:
            for position in range(len(terms)):
                opened = self.opened(terms, position, lengths)
                if opened is None:
                    continue
                found = self.with_made(opened[0], kept, opened[1])
                if len(found) < len(opened[0]) and _time(found, kept, opened[1]) < least:
                    sizes.update(opened[1])
                    return found
                if len(opened[0]) < len(operands) + MOST_OPENED:
                    waiting.append(opened)
        return operands

    def opened(
        self, terms: Sequence[Term], position: int, lengths: Mapping[int, int]
    ) -> tuple[list[Term], dict[int, int]] | None:
        """The operands, with one that is a product as its factors; new labels have their sizes."""
        term = terms[position]
        source = term.source
        if not isinstance(source, Value) or source.kernel not in ("product", "map"):
            return None
        factors = [t for t in source.operands if isinstance(t.source, Value) and t.labels]
        if source.detail not in ("", "multiply") or len(factors) != 2:
            return None
        outer = dict(zip(source.labels, term.labels, strict=True))
        more = dict(lengths)
        for label, extent in extents_of(factors).items():
            if label not in outer:
                outer[label] = max(more) + 1
                more[outer[label]] = self.graph.length(extent)
        inner = [Term(t.source, tuple(outer[x] for x in t.labels)) for t in factors]
        return [*terms[:position], *inner, *terms[position + 1 :]], more

    def with_made(self, terms: list[Term], kept: Labels, sizes: Mapping[int, int]) -> list[Term]:
        """The operands, with products of two that are there already, where these save work."""
        best = _time(terms, kept, sizes) if len(terms) > 2 else 0.0
        searching = 2 < len(terms) <= MOST_SEARCHED
        while searching:
            searching = False
            for left, right in combinations(range(len(terms)), 2):
                rest = [term for k, term in enumerate(terms) if k not in (left, right)]
                needed = {label for term in rest for label in term.labels} | set(kept)
                made = self.graph.made_product(terms[left], terms[right], needed)
                if made is None:
                    continue
                cost = _time([*rest, made], kept, sizes)
                if cost < best:
                    terms, best, searching = [*rest, made], cost, len(rest) > 1
                    break
        return terms

    def outer(self, terms: Sequence[Term], order: Labels, sizes: Mapping[int, int]) -> Term:
        """A product that sums nothing, written in long runs at the end."""
        present = {label for term in terms for label in term.labels}
        order = tuple(label for label in order if label in present)
        groups = split([term.labels for term in terms], order, sizes)
        halves = [self.entrywise([terms[k] for k in group], order, sizes) for group in groups]
        return self.pair(halves[0], halves[1], present, order)

    def entrywise(self, terms: Sequence[Term], order: Labels, sizes: Mapping[int, int]) -> Term:
        """Small products first."""
        labels = {label for term in terms for label in term.labels}
        alive = dict(enumerate(terms))
        steps = pairs([term.labels for term in terms], labels, sizes)
        for number, (left, right) in enumerate(steps, start=len(terms)):
            alive[number] = self.pair(alive.pop(left), alive.pop(right), labels, order)
        (result,) = alive.values()
        return result

    def lone_labels_summed(self, position: int, operands: Sequence[Term], kept: Labels) -> Term:
        """The operand, summed over labels that only it has."""
        others = {x for k, t in enumerate(operands) if k != position for x in t.labels}
        term = operands[position]
        if not others.union(kept).issuperset(term.labels):
            term = as_number(self.graph, term)
        return self.graph.total(term, {x for x in term.labels if x not in others | set(kept)})

    def pair(self, left: Term, right: Term, needed: set[int], want: Labels) -> Term:
        """The product of two, with labels that nobody needs summed."""
        shared = [label for label in left.labels if label in right.labels]
        left = as_number(self.graph, left)  # one truth value in a product of entries does no harm
        if all(label in needed for label in shared):
            return self.graph.map("multiply", left, right, want=want)
        return self.graph.product(left, as_number(self.graph, right), needed, want)


def scaled(graph: Graph, term: Term, scalar: Term) -> Term:
    """`scalar · term`, where the scalar may be an exact number."""
    if scalar.source == 1:
        return term
    if isinstance(term.source, Fraction):
        if isinstance(scalar.source, Fraction):
            return Term(term.source * scalar.source)
        term, scalar = scalar, term
    if scalar.source == -1:
        return negate(graph, term)
    if isinstance(scalar.source, Fraction) and abs(scalar.source) < 1:
        inverse = 1 / abs(scalar.source)
        if inverse.denominator == 1 and inverse.numerator & (inverse.numerator - 1):
            # x/3 is rounded once, x·(1/3) twice
            signed = literal(inverse if scalar.source > 0 else -inverse)
            return graph.map("divide", as_number(graph, term), signed)
    return graph.map("multiply", as_number(graph, term), scalar)


def _sums(terms: Iterable[Term], kept: Labels) -> bool:
    """Whether anything is left to be summed."""
    return any(label not in kept for term in terms for label in term.labels)


def _time(terms: Sequence[Term], kept: Labels, sizes: Mapping[int, int]) -> float:
    labels = [term.labels for term in terms]
    if len(labels) == 1:
        count = entries(labels[0], sizes)
        return machine.seconds(machine.total("sum_last", 1, count, 1))
    return best_time(labels, kept, sizes)


def _number(term: Term) -> int:
    assert isinstance(term.source, Value)
    return term.source.number


def _smallest(
    terms: list[Term], steps: Sequence[tuple[int, int]], kept: Labels, sizes: Mapping[int, int]
) -> int:
    """The number of the operand or product that has fewest entries; late ones win ties."""
    labels = {k: set(term.labels) for k, term in enumerate(terms)}
    alive = dict(labels)
    for number, (left, right) in enumerate(steps, start=len(terms)):
        both = alive.pop(left) | alive.pop(right)
        needed = set(kept).union(*alive.values())
        alive[number] = labels[number] = both & needed
    counts = {k: prod(sizes[label] for label in own) for k, own in labels.items()}
    return min(counts, key=lambda k: (counts[k], -k))
