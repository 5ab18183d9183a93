"""A node as one flat product: coefficient, factors with labels, output labels.

In: any node. Out: its factors seen through the multiple, the view and the core that it is made
of, so that rules can look for what products have in common.

>>> from indexcalc.ir.build import scale, variable
>>> n = Extent.named("n")
>>> a, b = variable("a", (n,)), variable("b", (n,))
>>> found = product_of(scale(3, contract([(a, "i"), (b, "j")], "ij")))
>>> found.coefficient, len(found.factors), found.joined()
(Fraction(3, 1), 2, frozenset())
>>> found.node() is scale(3, contract([(a, "i"), (b, "j")], "ij"))
True
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from indexcalc.ir.build import scale, split_multiple
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Labels, Node

Factor = tuple[Node, Labels]


@dataclass(frozen=True, slots=True)
class Product:
    """`coefficient · Σ factors`, over every label that is not in `output`."""

    coefficient: Fraction
    factors: tuple[Factor, ...]
    output: Labels
    extents: tuple[Extent, ...]

    def node(self) -> Node:
        """The product as a node."""
        extents: dict[Hashable, Extent] = dict(enumerate(self.extents))
        return scale(self.coefficient, contract(self.factors, self.output, extents))

    def without(self, positions: Sequence[int], axes: Sequence[int], kept: Sequence[int]) -> Node:
        """What is left without the factors at `positions`: some axes of the output, more labels."""
        gone = set(positions)
        factors = [factor for k, factor in enumerate(self.factors) if k not in gone]
        extents: dict[Hashable, Extent] = dict(enumerate(self.extents))
        rest = contract(factors, [*(self.output[axis] for axis in axes), *kept], extents)
        return scale(self.coefficient, rest)

    def joined(self) -> frozenset[int]:
        """Labels that stand at more than one axis: those of a Kronecker delta."""
        return frozenset(label for label in self.output if self.output.count(label) > 1)

    def repeated(self) -> frozenset[int]:
        """Labels of axes along which the product is the same."""
        used = {label for _, labels in self.factors for label in labels}
        return frozenset(self.output) - used

    def summed(self) -> frozenset[int]:
        """Labels that are not in the output."""
        return frozenset(range(len(self.extents))) - set(self.output)


def product_of(node: Node) -> Product:
    """The node as a product; of any other kind than a contraction, it is its only factor."""
    coefficient, rest = split_multiple(node)
    if not isinstance(rest, Contraction):
        axes = tuple(range(len(rest.shape)))
        return Product(coefficient, ((rest, axes),), axes, rest.shape)
    core = rest.factors[0] if rest.is_view and rest.factors else None
    if not isinstance(core, Contraction):
        pairs = tuple(zip(rest.factors, rest.labels, strict=True))
        return Product(coefficient, pairs, rest.output, rest.extents)
    # a view over a core: the core's labels are renamed to the view's, or to new ones
    rename = dict(zip(core.output, rest.labels[0], strict=True))
    extents = list(rest.extents)
    for label, extent in enumerate(core.extents):
        if label not in rename:
            rename[label] = len(extents)
            extents.append(extent)
    renamed = tuple(
        (factor, tuple(rename[label] for label in labels))
        for factor, labels in zip(core.factors, core.labels, strict=True)
    )
    return Product(coefficient, renamed, rest.output, tuple(extents))
