"""Random tensors of up to four axes: products of vectors and matrices, with deltas, and their sums.

A seed determines the tensor. A label may meet any number of factors, or none; a factor may be a sum
with up to four axes, which has to be multiplied out before anything is a matrix.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from fractions import Fraction

from indexcalc.ir import build
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node, Variable
from tests.strategies import EXTENTS

FUNCTIONS = ("sin", "exp", "tanh")
NUMBERS = (Fraction(1), Fraction(1), Fraction(2), Fraction(-1), Fraction(1, 2))
NUMBERED = (EXTENTS[0], Extent.fixed(1), Extent.fixed(2))
Labels = Mapping[str, Extent]


def random_tensor(seed: int, *, fixed: bool = False) -> tuple[Node, int]:
    """The tensor that belongs to a seed, and how many of its axes are rows.

    With `fixed`, some sizes are numbers, one of them 1.
    """
    source = random.Random(seed)
    rows, columns = source.choice((0, 1, 2, 2, 2)), source.choice((0, 1, 2, 2, 2))
    axes = [f"f{k}" for k in range(rows + columns or 2)]
    known = NUMBERED if fixed else EXTENTS
    extents = {axis: source.choice(known) for axis in axes}
    terms = [
        (source.choice(NUMBERS), _product(source, known, extents, axes, deep=True))
        for _ in range(source.choice((1, 1, 2, 3)))
    ]
    node = build.linear(terms, tuple(extents.values()))
    if source.random() < 0.3:
        scalar = _factor(source, (), 0)
        node = contract([(node, axes), (scalar, ())], axes)
    return node, rows


def _product(
    source: random.Random,
    known: Sequence[Extent],
    outer: Labels,
    axes: Sequence[str],
    *,
    deep: bool,
) -> Node:
    """A product with the labels `axes`, some of which deltas may connect."""
    labels = dict(outer)
    for k in range(source.choice((0, 0, 1, 1, 2, 3))):
        labels[f"s{k}{deep}"] = source.choice(known)
    factors: list[tuple[Node, Sequence[str]]] = []
    for _ in range(source.randint(1, 5)):
        count = min(source.choice((0, 1, 1, 2, 2, 2, 2)), len(labels))
        again = source.random() < 0.15
        own = source.choices(list(labels), k=count) if again else source.sample(list(labels), count)
        factors.append((_factor(source, [labels[label] for label in own], 0), own))
    for first in axes:
        for second in axes:
            if first < second and outer[first] == outer[second] and source.random() < 0.35:
                factors.append((build.delta(outer[first]), (first, second)))
    if deep and source.random() < 0.2:
        own = source.sample(list(labels), min(len(labels), source.randint(2, 4)))
        inner = {label: labels[label] for label in own}
        terms = [
            (source.choice(NUMBERS), _product(source, known, inner, own, deep=False)) for _ in "ab"
        ]
        factors.append((build.linear(terms, tuple(inner.values())), own))
    return contract(factors, axes, labels)


def _factor(source: random.Random, shape: Sequence[Extent], depth: int) -> Node:
    """A variable of the shape, or a function, a power or a sum of such."""
    letter = source.choice(("γμν", "abcd", "ABCD")[len(shape)])
    base = build.variable(letter + "".join(map(str, shape)), shape)
    kind = source.random()
    if depth == 2 or kind > 0.42:
        return base
    if kind < 0.25:
        return build.builtin(source.choice(FUNCTIONS), _factor(source, shape, depth + 1))
    if kind < 0.33:
        return build.add(base, _factor(source, shape, depth + 1))
    if kind < 0.38:
        return build.power(base, source.choice((2, -1)))
    return build.add(base, build.ones(base.shape))


def variables_of(nodes: Sequence[Node]) -> list[Variable]:
    """All variables below, by name."""
    found = {node.name: node for node in nodes if isinstance(node, Variable)}
    return [found[name] for name in sorted(found)]
