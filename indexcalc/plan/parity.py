"""Which matrices equal their transposes, and which equal them but for the sign.

In: values as they are made. Out: whether two labels may change places. What is declared symmetric
is, and so is what functions of entries make of such matrices, `x_i x_j`, `X_ki X_kj`, and the
square of `x_i − x_j`. A symmetry that is not seen costs time, not correctness.

>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> x = Value("input", (), (0,), (n,), "x", 0)
>>> apart = Value("map", (Term(x, (0,)), Term(x, (1,))), (0, 1), (n, n), "subtract", 1)
>>> square = Value("map", (Term(apart, (0, 1)),) * 2, (0, 1), (n, n), "multiply", 2)
>>> parity = Parity()
>>> parity.judge(apart), parity.judge(square), square in parity.even
(None, None, True)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from indexcalc.ir.node import Labels
from indexcalc.plan.program import Term, Value


@dataclass(slots=True)
class Parity:
    """Symmetric matrices, and differences with the two labels that change their sign."""

    even: set[Value] = field(default_factory=set)
    odd: dict[Value, Labels] = field(default_factory=dict)

    def judge(self, value: Value) -> None:
        """Remember what changing places does to a value; its operands have been judged."""
        operands = value.operands
        if len(operands) == 2 and value.detail == "subtract":
            apart = _apart(operands)
            if apart is not None:
                self.odd[value] = apart
        if len(value.labels) != 2 or value.shape[0] != value.shape[1] or value in self.even:
            return
        if value.kernel == "matrix":
            is_even = value.detail == "inv" and operands[0].source in self.even
        elif value.kernel == "map" and self.are_even(operands, value.labels):
            is_even = True
        else:
            is_even = value.detail in ("multiply", "") and self.is_square(operands, value.labels)
        if is_even:
            self.even.add(value)

    def are_even(self, operands: Sequence[Term], labels: Labels) -> bool:
        """Whether all operands are symmetric matrices or numbers."""
        return all(
            not term.labels or (term.source in self.even and set(term.labels) == set(labels))
            for term in operands
        )

    def is_square(self, operands: Sequence[Term], labels: Labels) -> bool:
        """Whether two operands are one array, and are swapped, or change sign together."""
        first, second = operands if len(operands) == 2 else (operands[0], None)
        if second is None or first.source is not second.source:
            return False
        if first.labels == second.labels:
            assert isinstance(first.source, Value)
            signs = self.odd.get(first.source, ())
            outer = dict(zip(first.source.labels, first.labels, strict=True))
            return {outer[label] for label in signs} == set(labels)
        swap = dict(zip(labels, labels[::-1], strict=True))
        return tuple(swap.get(label, label) for label in first.labels) == second.labels


def _apart(operands: Sequence[Term]) -> Labels | None:
    """The two labels in which the operands, one array, differ."""
    left, right = operands
    if left.source is not right.source or len(left.labels) != len(right.labels):
        return None
    pairs = [(a, b) for a, b in zip(left.labels, right.labels, strict=True) if a != b]
    if len(pairs) != 1 or pairs[0][0] in right.labels or pairs[0][1] in left.labels:
        return None
    return pairs[0]
