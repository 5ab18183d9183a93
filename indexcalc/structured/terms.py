"""A tensor as a sum of products of smaller ones.

In: a node. Out: its `FlatTerm`s: a coefficient, factors with labels, the label of each axis. A
label that stands on several axes is a delta between them; one that stands on none is summed.

>>> from indexcalc.ir.build import add, delta, variable
>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> p = variable("p", (n,))
>>> covariance = add(contract([(p, "i")], "ii"), contract([(p, "i"), (p, "j")], "ij"))
>>> sorted(term.pattern for term in flat_terms(covariance))
['i,j->ij', 'i->ii']
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from indexcalc.errors import LimitError
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Labels, Node, Number, Sum

MOST_TERMS = 64
LETTERS = "ijklmnopqrstuvwxyzabcdefghABCDEFGHIJKLMNOPQRSTUVWXYZ"
Factor = tuple[Node, Labels]


@dataclass(frozen=True, slots=True)
class FlatTerm:
    """`coefficient · Σ factors`; `extents` are those of all labels."""

    coefficient: Fraction
    factors: tuple[Factor, ...]
    axes: Labels
    extents: Mapping[int, Extent]

    @property
    def cores(self) -> tuple[Factor, ...]:
        """The factors joined as far as they hang together, each under labels of the axes.

        Scalars are joined with the first core.
        """
        parts = [part for part in self.components() if part[1]]
        scalars = {k for factors, axes in self.components() if not axes for k in factors}
        found: list[Factor] = []
        for factors, axes in sorted(parts, key=lambda part: min(part[1])):
            own = tuple(dict.fromkeys(self.axes[axis] for axis in sorted(axes)))
            chosen = factors | scalars if not found else factors
            places = [self.axes.index(label) for label in own]
            if chosen or len(own) > 1:
                found.append((self.part(chosen, places), own))
        return tuple(found)

    @property
    def pattern(self) -> str:
        """The subscripts of the cores as `numpy.einsum` writes them.

        A repeated output letter is a delta; a letter that only the output has is a repetition.
        """
        number: dict[int, str] = {}
        for label in self.axes:
            number.setdefault(label, LETTERS[len(number)])
        parts = ["".join(number[label] for label in own) for _, own in self.cores]
        return ",".join(parts) + "->" + "".join(number[label] for label in self.axes)

    def part(self, positions: Collection[int], axes: Sequence[int]) -> Node:
        """The product of some of the factors, under the labels of some axes."""
        chosen = [factor for k, factor in enumerate(self.factors) if k in positions]
        extents: dict[Hashable, Extent] = dict(self.extents.items())
        return contract(chosen, [self.axes[axis] for axis in axes], extents)

    def components(self) -> list[tuple[frozenset[int], frozenset[int]]]:
        """Factors and axes that hang together: positions of factors, and axes."""
        groups = [_Group(set(own), {k}, set()) for k, (_, own) in enumerate(self.factors)]
        groups += [_Group({label}, set(), {axis}) for axis, label in enumerate(self.axes)]
        joined: list[_Group] = []
        for group in groups:
            for other in [g for g in joined if g.labels & group.labels]:
                joined.remove(other)
                group.take(other)
            joined.append(group)
        return [(frozenset(group.factors), frozenset(group.axes)) for group in joined]


@dataclass(slots=True)
class _Group:
    labels: set[int]
    factors: set[int]
    axes: set[int]

    def take(self, other: _Group) -> None:
        self.labels |= other.labels
        self.factors |= other.factors
        self.axes |= other.axes


def flat_terms(node: Node) -> list[FlatTerm]:
    """The node with all products of sums multiplied out.

    Raises `LimitError` if that gives more than `MOST_TERMS` terms.
    """
    axes = tuple(range(len(node.shape)))
    extents = dict(enumerate(node.shape))
    waiting = [FlatTerm(Fraction(1), ((node, axes),), axes, extents)]
    done: list[FlatTerm] = []
    while waiting:
        term = waiting.pop()
        place = next((k for k, (part, _) in enumerate(term.factors) if _opens(part)), None)
        if place is None:
            done.append(term)
            continue
        waiting += reversed(_opened(term, place))
        if len(waiting) + len(done) > MOST_TERMS:
            raise LimitError(
                f"the result is a sum of more than {MOST_TERMS} products: it has no short "
                "factored form",
                hint="compile it without form='structured'",
            )
    return done


def _opens(node: Node) -> bool:
    return isinstance(node, Number | Contraction | Sum)


def _opened(term: FlatTerm, place: int) -> list[FlatTerm]:
    """The terms that one factor, a sum or a product, makes of a term."""
    node, own = term.factors[place]
    before, after = term.factors[:place], term.factors[place + 1 :]
    match node:
        case Number(value=value):
            return [FlatTerm(term.coefficient * value, before + after, term.axes, term.extents)]
        case Sum(terms=terms):
            return [
                FlatTerm(
                    term.coefficient * number, (*before, (inner, own), *after), term.axes,
                    term.extents,
                )
                for number, inner in terms
            ]  # fmt: skip
        case Contraction():
            return [_substituted(term, node, own, before, after)]
        case _:
            raise AssertionError("only numbers, sums and products are opened")


def _substituted(
    term: FlatTerm,
    product: Contraction,
    own: Labels,
    before: tuple[Factor, ...],
    after: tuple[Factor, ...],
) -> FlatTerm:
    """The factors of a product under the labels of the term; its deltas join these."""
    outer: dict[int, int] = {}
    same: dict[int, int] = {}
    for inner, label in zip(product.output, own, strict=True):
        current = same.get(label, label)
        first = outer.setdefault(inner, current)
        if first != current:
            same |= {old: first for old, new in same.items() if new == current} | {current: first}
            outer = {key: first if value == current else value for key, value in outer.items()}
    extents = dict(term.extents)
    for inner in product.summed:
        outer[inner] = len(extents)
        extents[len(extents)] = product.extents[inner]

    def renamed(labels: Labels) -> Labels:
        return tuple(same.get(label, label) for label in labels)

    factors = tuple(
        (factor, tuple(outer[label] for label in labels))
        for factor, labels in zip(product.factors, product.labels, strict=True)
    )
    others = [(node, renamed(labels)) for node, labels in (*before, *after)]
    return FlatTerm(term.coefficient, (*others, *factors), renamed(term.axes), extents)
