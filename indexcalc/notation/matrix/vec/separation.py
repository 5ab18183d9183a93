"""Axes that stand for several, taken apart: `∂y_r/∂X_{(sr)q}` has the axes r, s, r, q.

In: a node. Out: the same tensor with an axis for each of the indices that a grouped delta joins,
and how many axes each axis of the node has become, the slowest first.

>>> from indexcalc.ir.build import reshape, variable
>>> from indexcalc.ir.extent import Extent
>>> m, n = Extent.named("m"), Extent.named("n")
>>> stacked = reshape(variable("A", (m, n)), (m * n,))
>>> (apart,) = separated(stacked)
>>> apart.counts, apart.node is stacked.argument
((2,), True)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from indexcalc.ir.build import linear, power, scale, size, terms_of, transpose
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Call, Labels, Node, Sum
from indexcalc.ir.walk import postorder
from indexcalc.notation.term import Part, Term, spread, term_of

MOST_TERMS = 64  # of a sum that has to be multiplied out


@dataclass(frozen=True, slots=True)
class Separated:
    """`node` has `counts[k]` axes for axis `k` of the node that was taken apart."""

    node: Node
    counts: tuple[int, ...]


def separated(node: Node) -> list[Separated]:
    """A product with its grouped axes taken apart; a sum in it whose terms have different groups
    is multiplied out. The node itself, if that cannot be.
    """
    whole = [Separated(node, (1,) * len(node.shape))]
    found: list[Separated] = []
    pending = [term_of(node, {})]
    while pending:
        term = pending.pop()
        open_reshapes(term)
        joined = _Joined(node, term)
        if joined.solve():
            found.append(joined.separated())
            continue
        position = next((k for k, part in enumerate(term.parts) if _is_sum(part)), None)
        if position is None or len(found) + len(pending) > MOST_TERMS:
            return whole
        inside = terms_of(term.parts[position].node)
        pending += [_with(term, position, number, inner) for number, inner in reversed(inside)]
    return found


def _is_sum(part: Part) -> bool:
    return isinstance(part.node, Sum) and part.exponent == 1 and bool(part.labels)


def _with(term: Term, position: int, number: Fraction, node: Node) -> Term:
    """The term with another factor at a place, which is opened."""
    labels = term.parts[position].labels
    own = term_of(node, {})
    first = len(term.dummies)

    def outer(label: int) -> int:
        return labels[~label] if label < 0 else first + label

    def mapped(group: Labels) -> Labels:
        return tuple(outer(label) for label in group)

    return Term(
        term.coefficient * number * own.coefficient,
        [part for k, part in enumerate(term.parts) if k != position]
        + [Part(part.node, mapped(part.labels), part.exponent) for part in own.parts],
        term.deltas + [(outer(left), outer(right)) for left, right in own.deltas],
        term.missing + [outer(label) for label in own.missing],
        term.grouped + [(mapped(left), mapped(right)) for left, right in own.grouped],
        term.dummies + own.dummies,
    )


def closed_reshapes(node: Node) -> set[Node]:
    """The reshaped tensors below, to be treated as tensors of their own."""
    return {part for part in postorder([node]) if is_reshape(part)}


def open_reshapes(term: Term) -> None:
    """Take apart what can be printed as it is: `vec(A)` is `A` with grouped axes."""
    while any(is_reshape(part.node) for part in term.parts):
        parts, term.parts = term.parts, []
        for part in parts:
            node, labels = part.node, part.labels
            if isinstance(node, Call) and is_reshape(node):
                labels = spread(term, node, labels)
                node = node.argument
            term.parts.append(Part(node, labels, part.exponent))


def is_reshape(node: Node) -> bool:
    """Whether the node has the entries of another one under other axes."""
    return isinstance(node, Call) and node.operation == "reshape"


@dataclass(slots=True)
class _Joined:
    """Which labels are equal, and which run over the same entries as several others."""

    node: Node
    term: Term
    parent: dict[int, int] = field(default_factory=dict)
    parts: dict[int, Labels] = field(default_factory=dict)

    def find(self, label: int) -> int:
        while label in self.parent:
            label = self.parent[label]
        return label

    def solve(self) -> bool:
        """Take in all deltas; tell whether no factor has a joined label."""
        for one, other in self.term.deltas:
            self.merge(one, other)
        waiting = list(self.term.grouped)
        while waiting:
            pair = waiting.pop()
            left, right = self.flat(pair[0]), self.flat(pair[1])
            if self.shape(left) == self.shape(right):
                for first, second in zip(left, right, strict=True):
                    self.merge(first, second)
            elif len(right) == 1 and right[0] not in left:
                self.parts[right[0]] = left
            elif len(left) == 1 and left[0] not in right:
                self.parts[left[0]] = right
            else:
                return False
        used = {self.find(label) for part in self.term.parts for label in part.labels}
        return not any(label in self.parts for label in used)

    def merge(self, left: int, right: int) -> None:
        """Make two labels equal; an axis of the result is kept, then what was joined first."""
        left, right = self.find(left), self.find(right)
        if left != right:
            low, high = min(left, right), max(left, right)
            self.parent[high] = low
            if high in self.parts:
                self.parts.setdefault(low, self.parts.pop(high))

    def flat(self, labels: Labels) -> Labels:
        """The labels with joined ones replaced by what they consist of."""
        flat: list[int] = []
        stack = list(reversed(labels))
        while stack:
            label = self.find(stack.pop())
            if label in self.parts:
                stack.extend(reversed(self.parts[label]))
            else:
                flat.append(label)
        return tuple(flat)

    def shape(self, labels: Labels) -> tuple[Extent, ...]:
        return tuple(self.extent(label) for label in labels)

    def extent(self, label: int) -> Extent:
        return self.node.shape[~label] if label < 0 else self.term.dummies[label]

    def separated(self) -> Separated:
        groups = [self.flat((~axis,)) for axis in range(len(self.node.shape))]
        output = [label for group in groups for label in group]
        factors = [
            (power(part.node, part.exponent), tuple(self.find(label) for label in part.labels))
            for part in self.term.parts
        ]
        covered = {label for _, labels in factors for label in labels} | set(output)
        # a label that only a grouped delta has, or nothing, is summed over all the same
        groups_of = [side for pair in self.term.grouped for side in pair]
        idle = {
            label for side in (*groups_of, self.term.missing) for label in self.flat(tuple(side))
        }
        factors += [(size(self.extent(label)), ()) for label in sorted(idle - covered)]
        extents = {label: self.extent(label) for label in output}
        node = scale(self.term.coefficient, contract(factors, output, extents))
        return Separated(node, tuple(len(group) for group in groups))


def ungrouped(node: Node) -> tuple[Node, int] | None:
    """A vector or matrix of stacked tensors with an axis for each index, and how many make rows.

    The first axis of a group is the fast one, as `vec` stacks. None if no axis is a group, or if
    the terms of a sum have different ones.
    """
    if len(node.shape) not in (1, 2):
        return None
    apart = [
        (coefficient, part) for coefficient, term in terms_of(node) for part in separated(term)
    ]
    counts = {part.counts for _, part in apart}
    shapes = {part.node.shape for _, part in apart}
    if len(counts) != 1 or len(shapes) != 1 or counts == {(1,) * len(node.shape)}:
        return None
    (groups,) = counts
    whole = linear(
        [(coefficient, part.node) for coefficient, part in apart], apart[0][1].node.shape
    )
    order: list[int] = []
    for count in groups:
        order += range(len(order) + count - 1, len(order) - 1, -1)
    return transpose(whole, order), groups[0]
