"""Products in a sum that are alike along an axis, as one product with a sum.

In: nodes, sizes. Out: the same values. Terms whose factors with one of the sum's axes are the same,
and meet their other factors in the same way, are collected where that is cheaper: `A_ik S_kj +
B_ik S_kj` is `(A_ik + B_ik) S_kj`, one large product instead of two.

>>> from indexcalc.ir.build import add, variable
>>> n, m = Extent.named("n"), Extent.named("m")
>>> A, B, S = variable("A", (n, m)), variable("B", (n, m)), variable("S", (m, n))
>>> long = add(contract([(A, "ik"), (S, "kj")], "ij"), contract([(B, "ik"), (S, "kj")], "ij"))
>>> collect([long], {"m": 100, "n": 100})[0] is contract([(add(A, B), "ik"), (S, "kj")], "ij")
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from indexcalc.ir.build import linear, terms_of, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Labels, Node, Sum
from indexcalc.ir.walk import Roots, rewrite
from indexcalc.plan.anticipate import behind_view
from indexcalc.plan.estimate import entries, entrywise_time, product_time
from indexcalc.plan.hoist import Flat, flat_term
from indexcalc.plan.partials import FEWEST_AXES

MARGIN = 0.8  # of the time, to make up for what the estimate does not know
MOST_FACTORS = 24  # of a term that is looked at
Name = tuple[str, int]  # an axis of the sum, a label that terms sum over alike, or one of its own
Factor = tuple[Node, tuple[Name, ...]]


@dataclass(frozen=True, slots=True)
class _Term:
    """A term in two parts: the factors that have the axis, and the rest."""

    position: int
    coefficient: Fraction
    alike: tuple[Factor, ...]
    rest: tuple[Factor, ...]
    extents: Mapping[Name, Extent]

    @property
    def met(self) -> set[Name]:
        """What the rest has that is not its own."""
        return {name for _, names in self.rest for name in names if name[0] != "own"}


def collect(roots: Sequence[Node], sizes: Mapping[str, int]) -> list[Node]:
    """Collect terms of each sum, along one axis."""
    uses = Roots(roots).uses

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        new = with_arguments(node, arguments)
        if not isinstance(node, Sum) or not isinstance(new, Sum):
            return new
        kept: set[Node] = set()
        for before, after in zip(node.arguments, arguments, strict=True):
            if uses[before] > 1 or uses[behind_view(before)] > 1:
                kept |= {after, *(term for _, term in terms_of(after))}
        scale, inner = _unscaled(new)
        found = _collected(inner, kept, sizes)
        return new if found is inner else linear([(scale, found)], new.shape)

    return rewrite(roots, rule)


def _unscaled(node: Sum) -> tuple[Fraction, Sum]:
    """A multiple of a sum as the number and the sum."""
    scale = Fraction(1)
    while len(node.terms) == 1 and isinstance(inner := node.terms[0][1], Sum):
        scale *= node.terms[0][0]
        node = inner
    return scale, node


def _collected(node: Sum, kept: set[Node], sizes: Mapping[str, int]) -> Node:
    """The sum with the first terms that can be collected as one; `kept` are made for others."""
    flats = [
        (position, coefficient, flat)
        for position, (coefficient, term) in enumerate(node.terms)
        if term not in kept and _is_plain(flat := flat_term(term))
    ]
    for axis in range(len(node.shape)) if len(flats) > 1 else ():
        groups: dict[tuple[Factor, ...], list[_Term]] = {}
        for position, coefficient, flat in flats:
            term = _parted(position, coefficient, flat, axis)
            groups.setdefault(term.alike, []).append(term)
        for alike, group in groups.items():
            if len(group) < 2 or not alike:
                continue
            if _shares_partial_products(group, [flat for _, _, flat in flats]):
                continue
            if _is_cheaper(node, group, sizes):
                return _joined(node, group)
    return node


def _is_plain(flat: Flat) -> bool:
    """Whether no diagonal is meant, and no label is summed that no factor has."""
    once = set(flat.axes)
    covered = once.union(*(labels for _, labels in flat.factors))
    return (
        len(once) == len(flat.axes)
        and len(covered) == len(flat.extents)
        and 1 < len(flat.factors) <= MOST_FACTORS
    )


def _parted(position: int, coefficient: Fraction, flat: Flat, axis: int) -> _Term:
    """The term with its labels named: equal names in terms that are alike along the axis."""
    label = flat.axes[axis]
    names: dict[int, Name] = {own: ("axis", k) for k, own in enumerate(flat.axes)}
    inside = [item for item in flat.factors if label in item[1]]
    inside.sort(key=lambda item: tuple(names.get(own, ("sum", 0)) for own in item[1]))
    for _, labels in inside:
        for own in labels:
            names.setdefault(own, ("sum", len(names)))
    outside = [item for item in flat.factors if label not in item[1]]
    for _, labels in outside:
        for own in labels:
            names.setdefault(own, ("own", len(names)))
    alike, rest = (
        tuple((factor, tuple(names[own] for own in labels)) for factor, labels in part)
        for part in (inside, outside)
    )
    extents = {name: flat.extents[own] for own, name in names.items()}
    return _Term(position, coefficient, alike, rest, extents)


def _shares_partial_products(group: Sequence[_Term], flats: Sequence[Flat]) -> bool:
    """Whether a tensor meets several factors in each term, and others in terms that stay apart.

    What they share is found later.
    """
    tensor, names = group[0].alike[0]
    if len(group[0].alike) > 1 or len(names) < FEWEST_AXES:
        return False
    everywhere = sum(any(node is tensor for node, _ in flat.factors) for flat in flats)
    return everywhere > len(group) and all(len(term.rest) > 1 for term in group)


def _is_cheaper(node: Sum, group: Sequence[_Term], sizes: Mapping[str, int]) -> bool:
    """Whether the sum of the rests is no larger than what it meets, and time is saved."""
    lengths = [
        {name: extent.evaluate(sizes) for name, extent in term.extents.items()} for term in group
    ]
    numbers: dict[Name, int] = {}
    for term in group:
        for name in term.extents:
            numbers.setdefault(name, len(numbers))
    output = [numbers["axis", axis] for axis in range(len(node.shape))]
    inner = [numbers[name] for name in _inner(group)]
    alike = [_numbered(names, numbers) for _, names in group[0].alike]
    first = {numbers[name]: length for name, length in lengths[0].items()}
    for more in lengths:
        first |= {numbers[name]: length for name, length in more.items() if name[0] != "own"}
    size, whole = entries(inner, first), entries(output, first)
    if size > max(whole, *(entries(labels, first) for labels in alike)):
        return False
    more_sums = len(group) - 1
    apart = more_sums * entrywise_time([whole, whole])
    together = more_sums * entrywise_time([size, size]) + product_time(
        [*alike, inner], output, first
    )
    for term, own in zip(group, lengths, strict=True):
        rest = [_numbered(names, numbers) for _, names in term.rest]
        known = {numbers[name]: length for name, length in own.items()}
        apart += product_time([*alike, *rest], output, known)
        apart -= product_time(rest, inner, known) if rest else 0.0  # that is done in both ways
    return together < MARGIN * apart


def _numbered(names: Sequence[Name], numbers: Mapping[Name, int]) -> Labels:
    return tuple(numbers[name] for name in names)


def _inner(group: Sequence[_Term]) -> list[Name]:
    """The axes of the sum of the rests."""
    return sorted(set().union(*(term.met for term in group)))


def _joined(node: Sum, group: Sequence[_Term]) -> Node:
    """The sum with the group as one product."""
    inner = _inner(group)
    extents: dict[Name, Extent] = {("axis", axis): extent for axis, extent in enumerate(node.shape)}
    for term in group:
        extents |= {name: extent for name, extent in term.extents.items() if name[0] == "sum"}
    rests = []
    for term in group:
        own = extents | dict(term.extents)
        rests.append((term.coefficient, contract(term.rest, inner, own)))
    total = linear(rests, tuple(extents[name] for name in inner))
    output = [("axis", axis) for axis in range(len(node.shape))]
    product = contract([*group[0].alike, (total, inner)], output, extents)
    gone = {term.position for term in group}
    others = [item for position, item in enumerate(node.terms) if position not in gone]
    return linear([*others, (Fraction(1), product)], node.shape)
