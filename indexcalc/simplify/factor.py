"""Common factors out of sums.

In: sums of products. Out: `a (b + c)` for `a b + a c`, with indices and sums over them, where
that is less work.

>>> from indexcalc.ir.build import add, variable
>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> A, B, C = (variable(name, (n, n)) for name in "ABC")
>>> before = add(contract([(A, "ij"), (B, "jk")], "ik"), contract([(A, "ij"), (C, "jk")], "ik"))
>>> factor([before])[0] is contract([(A, "ij"), (add(B, C), "jk")], "ik")
True

A factor is not taken out from under a delta that its labels
are joined by: `δ_ij p_i − p_i p_j` stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from indexcalc.ir.build import linear, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Labels, Node, Sum
from indexcalc.ir.walk import revise
from indexcalc.simplify.cost import entries, is_cheaper, stored, uses
from indexcalc.simplify.memory import Memory
from indexcalc.simplify.product import Product, product_of
from indexcalc.simplify.views import hoisted

Place = tuple[int, ...]
Key = tuple[Node, Place]  # a factor, and for each axis the output axes or the summed position
Term = tuple[Fraction, Node]


def factor(roots: Sequence[Node], memory: Memory | None = None) -> list[Node]:
    """Take out the most frequent common factors of each sum, bottom-up, once.

    `memory` has what an earlier call left alone, and gets what this one does.
    """
    count = uses(roots)
    left = Memory() if memory is None else memory

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        new = with_arguments(node, arguments)
        if not isinstance(new, Sum) or len(new.terms) < 2:
            left.settled.add(new)
            return new
        key = new, tuple([count.get(term, 0) > 1 for term in new.arguments])
        if key in left.closed:
            return new
        found = _factored(new, count)
        if found is new:
            left.closed.add(key)
        return found

    return revise(roots, rule, left.settled, local=False, kinds=(Sum,))


@dataclass(frozen=True, slots=True)
class _Parts:
    """A term as a product, and where each factor that may be taken out stands."""

    product: Product
    keys: tuple[tuple[Key, int], ...]


def _factored(node: Sum, count: dict[Node, int]) -> Node:
    """The sum with its terms grouped by their most frequent factors, if that is less work."""
    parts = [_parts(c, term) for c, term in node.terms]
    frequency: dict[Key, int] = {}
    for part in parts:
        for key in dict.fromkeys(key for key, _ in part.keys):
            frequency[key] = frequency.get(key, 0) + 1
    groups: dict[Key | int, list[int]] = {}
    for index, part in enumerate(parts):
        groups.setdefault(_best(part, frequency, index), []).append(index)
    if all(len(group) == 1 for group in groups.values()):
        return node
    terms: list[Term] = []
    for group in groups.values():
        taken = [node.terms[index] for index in group]
        terms += _taken_out(taken, [parts[index] for index in group], node, count)
    return linear(terms, node.shape)


def _best(part: _Parts, frequency: dict[Key, int], alone: int) -> Key | int:
    shared = [key for key, _ in part.keys if frequency[key] > 1]
    if not shared:
        return alone
    return max(shared, key=lambda key: (frequency[key], len(key[1]), key[0].digest, key[1]))


def _taken_out(
    terms: list[Term], parts: list[_Parts], node: Sum, count: dict[Node, int]
) -> list[Term]:
    """The terms of a group as one product, or as they are if that is not less work."""
    if len(terms) == 1:
        return terms
    common = _common(parts)
    new = _extracted(parts, common, node)
    if new is None and len(common) > 1:  # they hang together in another way: take one at a time
        new = _extracted(parts, common[:1], node)
    shared = [term for _, term in terms if count.get(term, 0) > 1]
    leaves = {factor for part in parts for factor, _ in part.product.factors}
    if new is None:
        return terms
    added = stored(new) if len(terms) < len(node.terms) else 0  # it is a term of a sum in turn
    if not any(place for _, place in common):
        added -= entries(node.shape)  # a scalar can be multiplied wherever that is cheapest
    before = linear(terms, node.shape)
    return [(Fraction(1), new)] if is_cheaper(new, before, [*shared, *leaves], added) else terms


def _common(parts: list[_Parts]) -> list[Key]:
    """Factors that all parts have, as often as all have them."""
    counts: list[dict[Key, int]] = []
    for part in parts:
        own: dict[Key, int] = {}
        for key, _ in part.keys:
            own[key] = own.get(key, 0) + 1
        counts.append(own)
    return [key for key in counts[0] for _ in range(min(c.get(key, 0) for c in counts))]


def _extracted(parts: list[_Parts], common: list[Key], node: Sum) -> Node | None:
    """`common · Σ rest`, or None if the factors hang together differently in two terms."""
    found = [_positions(part, common) for part in parts]
    inner = [_summed_labels(part, own) for part, own in zip(parts, found, strict=True)]
    if not common or len({shape for shape, _ in inner}) > 1:
        return None
    axes: set[int] = set()
    for part, own, (_, kept) in zip(parts, found, inner, strict=True):
        used = _used(part.product, own)
        nothing_left = len(own) == len(part.product.factors)
        if not set(kept) <= used or (nothing_left and len(common) < 2):
            return None
        joined = part.product.joined()
        axes |= {k for k, label in enumerate(part.product.output) if label in used | joined}
    shown = sorted(axes)
    rests = [
        part.product.without(own, shown, kept)
        for part, own, (_, kept) in zip(parts, found, inner, strict=True)
    ]
    total = linear([(1, rest) for rest in rests], rests[0].shape)
    total = hoisted(total) if isinstance(total, Sum) else total
    first, kept = parts[0].product, inner[0][1]
    rank = len(node.shape)
    names = {label: axis for axis, label in reversed(list(enumerate(first.output)))}
    names.update({label: rank + k for k, label in enumerate(kept)})
    factors = [
        (first.factors[at][0], [names[label] for label in first.factors[at][1]]) for at in found[0]
    ]
    rest = (total, [*shown, *range(rank, rank + len(kept))])
    return contract([*factors, rest], range(rank), dict(enumerate(node.shape)))


def _positions(part: _Parts, common: list[Key]) -> list[int]:
    """Where the common factors stand in this part."""
    free = list(part.keys)
    positions: list[int] = []
    for key in common:
        at = next(k for k, (own, _) in enumerate(free) if own == key)
        positions.append(free.pop(at)[1])
    return positions


def _summed_labels(part: _Parts, positions: list[int]) -> tuple[Labels, Labels]:
    """The summed labels at these factors: how they hang together, and which they are."""
    product = part.product
    labels = [k for at in positions for k in product.factors[at][1] if k not in product.output]
    kept = tuple(dict.fromkeys(labels))
    return tuple(kept.index(label) for label in labels), kept


def _used(product: Product, positions: list[int]) -> set[int]:
    """Labels of the factors that are left."""
    return {k for at, (_, own) in enumerate(product.factors) if at not in positions for k in own}


def _parts(coefficient: Fraction, term: Node) -> _Parts:
    found = product_of(term)
    product = replace(found, coefficient=coefficient * found.coefficient)
    joined = product.joined()
    keys: list[tuple[Key, int]] = []
    for at, (node, labels) in enumerate(product.factors):
        if joined.intersection(labels):
            continue
        summed = list(dict.fromkeys(k for k in labels if k not in product.output))
        place = tuple(
            product.output.index(k) if k in product.output else -1 - summed.index(k) for k in labels
        )
        keys.append(((node, place), at))
    return _Parts(product, tuple(keys))
