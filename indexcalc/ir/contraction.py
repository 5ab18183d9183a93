"""Products with sums over labels, brought to normal form.

In: factors with any hashable labels, and output labels; labels may repeat within a factor and in
the output, and may occur in the output only. Out: a node in normal form, in which

- numbers and multiples are pulled out, views are absorbed (so deltas and ones disappear by merging
  labels), equal factors with equal labels are collected as powers;
- a label summed over nothing has become its extent, scalar parts that share no label with the
  rest are nodes of their own;
- two or more factors, or a sum, make a *core* whose output has distinct labels in canonical
  order, and one outer *view* does all permuting, repeating and broadcasting.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> A, x = variable("A", (n, n)), variable("x", (n,))
>>> contract([(A, "ij"), (x, "j")], "i") is contract([(x, "q"), (A, "pq")], "p")
True
>>> contract([(contract([], "ij", {"i": n, "j": n}), "ij"), (x, "j")], "i")  # ones
<Contraction[n] ...
>>> contract([(contract([], "ii", {"i": n}), "ij"), (x, "j")], "i") is x  # delta
True
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from indexcalc.errors import EvaluationError, ShapeError
from indexcalc.ir.canonical import canonical_order
from indexcalc.ir.effort import spend
from indexcalc.ir.exact import bounded, raised_number
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import (
    Apply,
    Contraction,
    Function,
    Labels,
    Node,
    Number,
    Size,
    Sum,
    intern,
)
from indexcalc.ir.opening import ONCE, Factor, is_settled, opens, seen_through
from indexcalc.ir.symmetry import is_symmetric

MOST_REPEATS = 8  # x·x·…·x stays a product up to here and is a power above
EACH_FACTOR = 2  # units of effort
Power = tuple[Node, Labels, Fraction]


def contract(
    factors: Iterable[tuple[Node, Sequence[Hashable]]],
    output: Sequence[Hashable],
    extents: Mapping[Any, Extent] | None = None,
) -> Node:
    """Sum over every label that is not in `output` of the product of `factors`.

    `extents` is needed for labels that occur in no factor. Raises `ShapeError` if one label meets
    two different extents, `EvaluationError` for a product of zero and a reciprocal of zero.
    """
    names: dict[Hashable, int] = {label: k for k, label in enumerate(extents or ())}
    sizes: list[Extent] = list((extents or {}).values())
    pending: list[Factor] = []
    for node, labels in factors:
        if len(labels) != len(node.shape):
            raise ShapeError(f"{len(labels)} labels for a tensor of {len(node.shape)} axes")
        for label, extent in zip(labels, node.shape, strict=True):
            if label not in names:
                names[label] = len(sizes)
                sizes.append(extent)
            elif sizes[names[label]] is not extent:
                raise _two_extents(sizes[names[label]], extent)
        pending.append((node, tuple([names[label] for label in labels])))
    outer = tuple([names[label] for label in output])
    spend(EACH_FACTOR * len(pending))
    coefficient, bare = seen_through(pending)
    if is_settled(bare, outer):
        return _scaled(coefficient, _core(bare, outer, sizes))
    used = {label for _, labels in pending for label in labels} | set(outer)
    network = _Network(list(range(len(sizes))), sizes, outer)
    for node, labels in pending:
        network.absorb(node, labels)
    return network.finish(used)


@dataclass(slots=True)
class _Network:
    parent: list[int]
    extent: list[Extent]
    output: Labels
    coefficient: Fraction = Fraction(1)
    powers: list[Power] = field(default_factory=list)

    # --- labels -------------------------------------------------------------------------------

    def find(self, label: int) -> int:
        while self.parent[label] != label:
            self.parent[label] = self.parent[self.parent[label]]
            label = self.parent[label]
        return label

    def unify_extent(self, label: int, extent: Extent) -> None:
        if self.extent[self.find(label)] != extent:
            raise _two_extents(self.extent[self.find(label)], extent)

    def merge(self, left: int, right: int) -> None:
        left, right = self.find(left), self.find(right)
        if left != right:
            self.unify_extent(left, self.extent[right])
            self.parent[right] = left

    # --- factors ------------------------------------------------------------------------------

    def absorb(self, node: Node, labels: Labels, exponent: Fraction = ONCE) -> None:
        """Add a factor to a power, looking through multiples, views and powers."""
        stack: list[Power] = [(node, labels, exponent)]
        while stack:
            node, labels, exponent = stack.pop()
            whole = exponent.denominator == 1
            match node:
                case Number() if whole:
                    self.coefficient *= raised_number(node.value, int(exponent))
                case Sum(terms=()) if exponent > 0:
                    self.coefficient = Fraction(0)
                case Sum(terms=((coefficient, inner),)) if whole:
                    self.coefficient *= raised_number(coefficient, int(exponent))
                    stack.append((inner, labels, exponent))
                case Contraction() if opens(node, exponent):
                    inside = self.open_product(node, labels)
                    stack += [(inner, own, exponent) for inner, own in inside]
                case Apply(function=Function(name="power", parameter=Fraction() as own)) if whole:
                    stack.append((node.args[0], labels, own * exponent))
                case _:
                    self.powers.append((node, labels, exponent))

    def open_product(self, node: Contraction, labels: Labels) -> list[Factor]:
        """Merge outer labels as the node's output does; give its factors under outer labels."""
        outer: dict[int, int] = {}
        for inner, label in zip(node.output, labels, strict=True):
            if inner in outer:
                self.merge(outer[inner], label)
            else:
                outer[inner] = label
        return [
            (factor, tuple(outer[inner] for inner in inner_labels))
            for factor, inner_labels in zip(node.factors, node.labels, strict=True)
        ]

    def settle(self) -> list[Factor]:
        """Collect powers of equal bases with equal labels, until nothing more opens; the factors.

        Exponents add, and zero ones vanish. A root that has become whole may open: √(2x) √(2x).
        """
        met = True
        while met:
            met = False
            exponents: dict[Factor, Fraction] = {}
            for base, labels, exponent in self.powers:
                key = base, self.resolved(base, labels)
                if key in exponents:
                    met = True
                    exponents[key] += exponent
                else:
                    exponents[key] = exponent
            self.powers = [(*key, exponent) for key, exponent in exponents.items() if exponent]
            if met:
                collected, self.powers = self.powers, []
                for power in collected:
                    self.absorb(*power)
        self.output = tuple(self.find(label) for label in self.output)
        return [
            (factor, labels)
            for base, labels, exponent in self.powers
            for factor in _repeated(base, exponent)
        ]

    def resolved(self, node: Node, labels: Labels) -> Labels:
        """The labels after merging; those of a symmetric variable ascending."""
        labels = tuple(self.find(label) for label in labels)
        return tuple(sorted(labels)) if is_symmetric(node) else labels

    def empty_sums(self, factors: list[Factor], used: set[int]) -> list[Factor]:
        """The extent of `i` for each `Σ_i` over nothing, as a factor or in the coefficient."""
        covered = {label for _, own in factors for label in own} | set(self.output)
        sizes: list[Factor] = []
        for label in sorted({self.find(label) for label in used} - covered):
            size = self.extent[label].size
            if size is None:
                sizes.append((intern(Size, (), self.extent[label]), ()))
            else:
                self.coefficient *= size
        return sizes

    def split_scalars(self, factors: list[Factor]) -> list[Factor]:
        """Make each connected part without output labels a scalar factor of its own."""
        parts = _connected_parts(factors)
        if len(parts) < 2 and not self.output:
            return factors
        shown = set(self.output)
        kept: list[Factor] = []
        for part in parts:
            labels = {label for _, own in part for label in own}
            if labels and not labels & shown:
                kept.append((_core(part, (), self.extent), ()))
            else:
                kept += part
        return kept

    def refuse_zero_over_zero(self) -> None:
        if any(isinstance(base, Sum) and not base.terms for base, _, _ in self.powers):
            raise EvaluationError("zero is divided by zero, whatever the arguments are")

    def finish(self, used: set[int]) -> Node:
        factors = self.settle()
        split = self.split_scalars(factors + self.empty_sums(factors, used))
        if split != factors:  # scalar parts may cancel: (x·x)(x·x)⁻¹
            self.powers = []
            for factor in split:
                self.absorb(*factor)
            split = self.settle()
        if not self.coefficient:
            self.refuse_zero_over_zero()
            return _zero(tuple(self.extent[label] for label in self.output))
        return _scaled(self.coefficient, _core(split, self.output, self.extent))


def base_and_exponent(node: Node) -> tuple[Node, Fraction]:
    """The node as `base ^ exponent` with a rational exponent."""
    match node:
        case Apply(function=Function(name="power", parameter=exponent)) if exponent is not None:
            return node.args[0], exponent
        case _:
            return node, Fraction(1)


def _repeated(base: Node, exponent: Fraction) -> list[Node]:
    if exponent is ONCE:
        return [base]
    if exponent.denominator == 1 and 0 <= exponent <= MOST_REPEATS:
        return [base] * int(exponent)
    return [raised(base, exponent)]


def raised(base: Node, exponent: Fraction) -> Node:
    """The power as a node of its own, not in normal form: `contract` brings it there."""
    function = Function("power", parameter=bounded(exponent))
    return intern(Apply, base.shape, function, (base,))


def _connected_parts(factors: list[Factor]) -> list[list[Factor]]:
    """Group factors that are linked by labels, in order of first factor."""
    group = list(range(len(factors)))
    first: dict[int, int] = {}

    def root(k: int) -> int:
        while group[k] != k:
            k = group[k]
        return k

    for k, (_, labels) in enumerate(factors):
        for label in labels:
            if label in first:
                low, high = sorted((root(first[label]), root(k)))
                group[high] = low
            else:
                first[label] = k
    parts: dict[int, list[Factor]] = {}
    for k, factor in enumerate(factors):
        parts.setdefault(root(k), []).append(factor)
    return list(parts.values())


def _core(factors: list[Factor], output: Labels, extent: Sequence[Extent]) -> Node:
    """The contraction of non-view factors, as a core under an outer view where one is needed."""
    if not factors or (len(factors) == 1 and set(factors[0][1]) <= set(output)):
        return _view(factors, output, extent)
    order = canonical_order(factors, output)
    number = order.number
    shown = tuple(sorted({number[label] for label in output if label in number}))
    sizes = tuple([extent[label] for label in order.labels])
    core = intern(
        Contraction,
        tuple([sizes[label] for label in shown]),
        tuple([node for node, _ in order.factors]),
        tuple([tuple([number[label] for label in labels]) for _, labels in order.factors]),
        shown,
        sizes,
    )
    by_axis = tuple([order.labels[label] for label in shown])
    return _view([(core, by_axis)], output, extent)


def _view(factors: list[Factor], output: Labels, extent: Sequence[Extent]) -> Node:
    number: dict[int, int] = {}
    if factors and factors[0][1] == output and len(set(output)) == len(output):
        return factors[0][0]
    if factors and is_symmetric(factors[0][0]):
        node, labels = factors[0]
        factors = [(node, tuple(sorted(labels, key=output.index)))]
    for _, labels in factors:
        for label in labels:
            number.setdefault(label, len(number))
    for label in output:
        number.setdefault(label, len(number))
    inner = tuple([tuple([number[label] for label in labels]) for _, labels in factors])
    outer = tuple([number[label] for label in output])
    if inner == (outer,) and len(set(outer)) == len(outer):
        return factors[0][0]
    shape = tuple([extent[label] for label in output])
    sizes = tuple([extent[label] for label in number])
    if not factors and not outer:
        return intern(Number, (), ONCE)
    return intern(Contraction, shape, tuple([node for node, _ in factors]), inner, outer, sizes)


def _two_extents(left: Extent, right: Extent) -> ShapeError:
    return ShapeError(f"one index has the extents {left} and {right}")


def _zero(shape: tuple[Extent, ...]) -> Node:
    return intern(Sum, shape, ())


def _scaled(coefficient: Fraction, node: Node) -> Node:
    """`coefficient · node`, for a node that is neither zero nor a multiple."""
    if coefficient is ONCE or coefficient == 1:
        return node
    match node:
        case Number():
            return intern(Number, (), coefficient * node.value)
        case _:
            return intern(Sum, node.shape, ((coefficient, node),))


def factors_under(
    inner: Contraction, labels: Labels, extents: list[Extent]
) -> list[tuple[Node, Labels]]:
    """The factors of a product under the labels of its axes in an outer one.

    `extents` are those of the outer labels; the product's own sums get new labels at their end.
    """
    rename = dict(zip(inner.output, labels, strict=True))
    for label, extent in enumerate(inner.extents):
        if label not in rename:
            rename[label] = len(extents)
            extents.append(extent)
    return [
        (node, tuple(rename[label] for label in own))
        for node, own in zip(inner.factors, inner.labels, strict=True)
    ]
