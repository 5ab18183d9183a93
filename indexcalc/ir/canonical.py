"""One order of factors and labels for all spellings of the same contraction.

In: factors with labels, and output labels. Out: the factors sorted, the labels numbered by first
appearance. Factors are ordered by digest, then by how their labels are used; factors that are still
tied are tried in every order (up to a cap) and the smallest labelling wins, with the order
of the output as the last criterion. Beyond the cap some sharing is lost, correctness is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise, permutations, product

from indexcalc.ir.effort import spend
from indexcalc.ir.node import Labels, Node
from indexcalc.ir.symmetry import is_symmetric

MOST_ORDERS = 720
MOST_WORK = 20_000  # factors in all orders together
Factor = tuple[Node, Labels]
Colours = dict[int, int]


@dataclass(frozen=True, slots=True)
class Order:
    """Sorted factors, labels by number, and the number of each label."""

    factors: tuple[Factor, ...]
    labels: Labels
    number: dict[int, int]


def canonical_order(factors: list[Factor], output: Labels) -> Order:
    """The order of `factors` and labels that does not depend on how they were written."""
    ordered = sorted(factors, key=lambda factor: factor[0].digest)
    symmetric = {node for node, _ in ordered if is_symmetric(node)}
    if not symmetric and all(
        left[0] is not right[0] or left[1] == right[1] for left, right in pairwise(ordered)
    ):
        return _numbered(tuple(ordered))
    colours = _refine(ordered, output, symmetric)
    groups = _groups(ordered, colours, symmetric)
    candidates = [_numbered(choice) for choice in _choices(groups, symmetric)]
    spend(len(candidates) * len(factors))
    return min(candidates, key=lambda order: _key(order, output))


def _numbered(factors: tuple[Factor, ...]) -> Order:
    number: dict[int, int] = {}
    for _, labels in factors:
        for label in labels:
            if label not in number:
                number[label] = len(number)
    return Order(factors, tuple(number), number)


def _key(order: Order, output: Labels) -> tuple[tuple[Labels, ...], Labels, Labels]:
    labels = tuple(tuple(order.number[label] for label in own) for _, own in order.factors)
    shown = [order.number[label] for label in output if label in order.number]
    return labels, tuple(sorted(set(shown))), tuple(shown)


def _refine(factors: list[Factor], output: Labels, symmetric: set[Node]) -> Colours:
    """Colour labels by where they occur, then by the colours of what they occur with.

    Each round tells more labels apart, or it is the last one.
    """
    shown = set(output)
    colours = {label: int(label in shown) for _, labels in factors for label in labels}
    for _ in range(max(1, MOST_WORK // len(factors))):
        seen: dict[int, list[tuple[bytes, tuple[int, ...], int]]] = {label: [] for label in colours}
        for node, labels in factors:
            around = tuple(colours[label] for label in labels)
            swaps = node in symmetric and labels[0] != labels[1]
            around = tuple(sorted(around)) if swaps else around
            for position, label in enumerate(labels):
                seen[label].append((node.digest, around, 0 if swaps else position))
        keys = {label: (colours[label], tuple(sorted(seen[label]))) for label in colours}
        rank = {key: k for k, key in enumerate(sorted(set(keys.values())))}
        before, colours = colours, {label: rank[key] for label, key in keys.items()}
        if len(rank) in (len(set(before.values())), len(colours)):
            break
    return colours


def _groups(factors: list[Factor], colours: Colours, symmetric: set[Node]) -> list[list[Factor]]:
    """Runs of factors which digest and colours do not tell apart, in order."""

    def key(factor: Factor) -> tuple[bytes, tuple[int, ...]]:
        around = tuple(colours[label] for label in factor[1])
        return factor[0].digest, tuple(sorted(around)) if factor[0] in symmetric else around

    groups: list[list[Factor]] = []
    last: tuple[bytes, tuple[int, ...]] | None = None
    for factor in sorted(factors, key=key):
        if key(factor) != last:
            groups.append([])
            last = key(factor)
        groups[-1].append(factor)
    return groups


def _choices(groups: list[list[Factor]], symmetric: set[Node]) -> Iterator[tuple[Factor, ...]]:
    """Orders within groups, and both orders of the axes of symmetric factors, up to the cap."""
    most = max(1, min(MOST_ORDERS, MOST_WORK // sum(len(group) for group in groups)))
    orders = (
        tuple(factor for group in choice for factor in group)
        for choice in product(*(_orders(group, most) for group in groups))
    )
    if not symmetric:
        return islice(orders, most)

    def axes(factor: Factor) -> tuple[Factor, ...]:
        node, labels = factor
        swaps = node in symmetric and labels[0] != labels[1]
        return (factor, (node, labels[::-1])) if swaps else (factor,)

    swapped = (choice for order in orders for choice in product(*map(axes, order)))
    return islice(swapped, most)


def _orders(group: list[Factor], most: int) -> Iterator[tuple[Factor, ...]]:
    alike = len({labels for _, labels in group}) == 1
    return islice(permutations(group), 1 if alike else most)
