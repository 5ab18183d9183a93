"""A node as one term: coefficient, factors with labels, deltas, axes it is only repeated along.

In: a node. Out: a `Term` whose labels are numbers: `~k` is axis `k` of the node, the others are
dummies of the term. Nested products are opened, since a product of products is one product on
paper; powers with one base are collected.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> A, x = variable("A", (n, n)), variable("x", (n,))
>>> term = term_of(contract([(A, "ij"), (x, "j"), (x, "j")], "ik", {"k": n}), {})
>>> [(part.node.name, part.labels, str(part.exponent)) for part in term.parts], term.missing
([('x', (0,), '2'), ('A', (-1, 0), '1')], [-2])
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from fractions import Fraction

from indexcalc.ir.contraction import base_and_exponent
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Call, Contraction, Labels, Node, Number, Sum
from indexcalc.notation.grouping import blocks, is_plain_reshape

ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Part:
    """`node ^ exponent` with a label for each axis."""

    node: Node
    labels: Labels
    exponent: Fraction


@dataclass(slots=True)
class Term:
    """A product; `missing` are axes that no factor carries (broadcast ones).

    `grouped` are deltas between groups of labels that run over the same entries row by row,
    `δ_{(sr)a}`: they rearrange axes.
    """

    coefficient: Fraction = ONE
    parts: list[Part] = field(default_factory=list)
    deltas: list[tuple[int, int]] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    grouped: list[tuple[Labels, Labels]] = field(default_factory=list)
    dummies: list[Extent] = field(default_factory=list)

    @property
    def is_bare(self) -> bool:
        """Whether there is nothing but one factor (and a coefficient)."""
        simple = len(self.parts) == 1 and self.parts[0].exponent == 1
        return simple and not (self.deltas or self.missing or self.dummies or self.grouped)


def term_of(node: Node, named: Container[Node], opened: bool = False) -> Term:
    """`node` as a term; nodes in `named` are not opened (but `node` itself is, if `opened`)."""
    term = Term()
    axes = tuple(~axis for axis in range(len(node.shape)))
    stack: list[tuple[Node, Labels]] = [(node, axes)]
    while stack:
        part, labels = stack.pop()
        closed = part in named and not (opened and part is node)
        match part:
            case Number():
                term.coefficient *= part.value
            case Sum(terms=()):
                term.coefficient = Fraction(0)
            case Sum(terms=((coefficient, inner),)) if not closed:
                term.coefficient *= coefficient
                stack.append((inner, labels))
            case Contraction() if not closed:
                times = Counter(_opened(term, part, labels))
                repeated = [(*pair, Fraction(k)) for pair, k in times.items() if k > 1]
                term.parts += [Part(*fields) for fields in repeated]
                stack.extend(reversed([pair for pair, k in times.items() if k == 1]))
            case Call(operation="reshape", argument=argument) if not (
                closed or is_plain_reshape(part, named)
            ):
                stack.append((argument, spread(term, part, labels)))
            case _:
                base, exponent = (part, ONE) if closed else base_and_exponent(part)
                term.parts.append(Part(base, labels, exponent))
    _drop_inner_deltas(term)
    term.parts = _collected(term.parts)
    return term


def _drop_inner_deltas(term: Term) -> None:
    """`Σ_d δ_da f_d` is `f_a`; such deltas come from the diagonal of what is rearranged."""
    for pair in [pair for pair in term.deltas if max(pair) >= 0]:
        term.deltas.remove(pair)
        dummy, other = max(pair), min(pair)

        def renamed(labels: Labels, old: int = dummy, new: int = other) -> Labels:
            return tuple(new if label == old else label for label in labels)

        term.grouped = [(renamed(left), renamed(right)) for left, right in term.grouped]
        term.parts = [Part(p.node, renamed(p.labels), p.exponent) for p in term.parts]


def _collected(parts: list[Part]) -> list[Part]:
    """Powers of one base with one labelling as one; but a label that occurs may not vanish."""
    if len({(part.node, part.labels) for part in parts}) == len(parts):
        return parts
    exponents: dict[tuple[Node, Labels], Fraction] = {}
    apart: list[Part] = []
    for part in parts:
        key = (part.node, part.labels)
        exponent = exponents.get(key, Fraction(0)) + part.exponent
        if exponent or not part.labels:
            exponents[key] = exponent
        else:
            apart.append(part)
    merged = [Part(base, labels, power) for (base, labels), power in exponents.items() if power]
    return merged + apart


def _opened(term: Term, product: Contraction, labels: Labels) -> list[tuple[Node, Labels]]:
    """The factors under the labels of the term; new dummies, deltas and missing axes go to it."""
    outer: dict[int, int] = {}
    joined: set[int] = set()
    for inner, label in zip(product.output, labels, strict=True):
        first = outer.setdefault(inner, label)
        if first != label and {first, label} not in map(set, term.deltas):
            term.deltas.append((first, label))
            joined |= {first, label}
    covered = {label for own in product.labels for label in own}
    for inner in product.summed:
        outer[inner] = len(term.dummies)
        term.dummies.append(product.extents[inner])
    for inner in dict.fromkeys(product.output):
        if inner not in covered and outer[inner] not in joined and outer[inner] < 0:
            term.missing.append(outer[inner])
    return [
        (factor, tuple(outer[label] for label in own))
        for factor, own in zip(product.factors, product.labels, strict=True)
    ]


def spread(term: Term, node: Call, labels: Labels) -> Labels:
    """Labels for the argument of a reshape; where they differ from `labels`, a delta joins them."""
    inner: list[int] = []
    end = 0
    for own, outer in blocks(node.argument.shape, node.shape):
        extents = node.argument.shape[len(inner) : len(inner) + own]
        group = labels[end : end + outer]
        end += outer
        if own == outer == 1:
            inner += group
            continue
        if not own:
            term.missing += group
        fresh = tuple(range(len(term.dummies), len(term.dummies) + own))
        term.dummies += extents
        if own and outer:
            term.grouped.append((fresh, group))
        inner += fresh
    return tuple(inner)


def is_atom(term: Term, node: Node) -> bool:
    """Whether the term says no more than `node` itself."""
    return term.is_bare and term.coefficient == 1 and term.parts[0].node is node
