"""Where the summation convention says what is meant, and where a sum must be written out.

In: a term. Out: how often each label occurs in it, and which labels repeat inside one of its
brackets, functions, powers or denominators. A dummy is summed without a sign if it occurs at least
twice in the term and repeats in no inner scope; all others get `sum_i`, which makes the index free
within.

>>> from indexcalc.ir.build import builtin, variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.notation.term import term_of
>>> n = Extent.named("n")
>>> x, y = variable("x", (n,)), variable("y", (n,))
>>> once = term_of(contract([(builtin("log", x), "i")], ""), {})
>>> usage(once, {}, {}).written_out(once)
[0]
>>> twice = term_of(contract([(builtin("log", x), "i"), (y, "i")], ""), {})
>>> usage(twice, {}, {}).written_out(twice)
[]
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from indexcalc.ir.node import Call, Constant, Node, Variable
from indexcalc.notation.term import Part, Term

Repeats = Mapping[Node, frozenset[int]]  # axes whose letter repeats in a term inside the node
NONE: frozenset[int] = frozenset()


@dataclass(slots=True)
class Usage:
    """Occurrences of each label in a term, and labels that repeat in an inner scope."""

    counts: dict[int, int] = field(default_factory=dict)
    inside: set[int] = field(default_factory=set)

    def written_out(self, term: Term, most: int | None = None) -> list[int]:
        """Dummies that need a sum sign; also those that occur more than `most` times."""
        return [
            label
            for label in range(len(term.dummies))
            if self.counts.get(label) == 1
            or label in self.inside
            or (most is not None and self.counts.get(label, 0) > most)
        ]

    def repeating_axes(self) -> frozenset[int]:
        """Axes whose letter would be summed if it were not free."""
        repeated = {label for label, count in self.counts.items() if count > 1} | self.inside
        return frozenset(~label for label in repeated if label < 0)


def is_symbol(node: Node, named: Container[Node]) -> bool:
    """Whether the indices of `node` are put on it, so that each is an occurrence of its own."""
    return isinstance(node, Variable | Constant | Call) or node in named


def usage(term: Term, repeats: Repeats, named: Container[Node]) -> Usage:
    """How the labels of a term occur in it; all denominators are one scope."""
    found = Usage()
    below: dict[int, int] = {}
    shown: list[int] = [label for delta in term.deltas for label in delta]
    shown += [label for left, right in term.grouped for label in left + right]
    for part in term.parts:
        distinct = list(dict.fromkeys(part.labels))
        found.inside |= {part.labels[axis] for axis in repeats.get(part.node, NONE)}
        plain = is_symbol(part.node, named) and part.exponent == 1
        if not plain:
            found.inside |= {label for label in distinct if part.labels.count(label) > 1}
        if part.exponent < 0:
            for label in distinct:
                below[label] = below.get(label, 0) + 1
        else:
            shown += part.labels if plain else distinct
    found.inside |= {label for label, count in below.items() if count > 1}
    for label in [*shown, *below]:
        found.counts[label] = found.counts.get(label, 0) + 1
    return found


def spread_squares(
    term: Term, found: Usage, free: Container[int], named: Container[Node]
) -> list[Part]:
    """Write `x_i x_i` for a square whose indices are then all summed, instead of `sum_i x_i^2`.

    `free` are the axes whose letter may occur any number of times.
    """
    parts: list[Part] = []
    for part in term.parts:
        alone = [label for label in part.labels if label >= 0 and found.counts[label] == 1]
        others = [label for label in part.labels if label not in alone]
        if (
            part.exponent == 2
            and is_symbol(part.node, named)
            and alone
            and not found.inside & set(alone)
            and len(set(part.labels)) == len(part.labels)
            and all(label in free for label in others)
        ):
            parts += [Part(part.node, part.labels, part.exponent / 2)] * 2
            for label in part.labels:
                found.counts[label] += 1
        else:
            parts.append(part)
    return parts
