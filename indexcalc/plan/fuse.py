"""Small groups of values replaced by one that does the same with less.

In: the values that are needed, in order, and the results. Out: the same, rewritten:

| before | after |
|---|---|
| `x · (1/y)`, where `1/y` is used only here | `x / y` |
| functions of one matrix | those of its factors (`factors.py`) |

>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.plan.graph import Graph
>>> n = Extent.named("n")
>>> graph = Graph()
>>> x, y = (Term(graph.leaf("input", (n,), name), (0,)) for name in "xy")
>>> root = graph.map("multiply", x, graph.map("reciprocal", y))
>>> fused, _ = fuse(graph.values, [root], {"n": 10}, frozenset())
>>> [value.detail for value in fused]
['x', 'y', 'divide']
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from indexcalc.plan.factors import factorised
from indexcalc.plan.program import Term, Value


@dataclass(slots=True)
class _Fusion:
    """New values by old ones, and who uses which old value."""

    users: dict[Value, list[Value]]
    new: dict[Value, Value] = field(default_factory=dict)
    made: list[Value] = field(default_factory=list)

    def add(self, value: Value, **changes: object) -> Value:
        """A value with operands renewed, and numbered as the last."""
        if "operands" not in changes:
            changes["operands"] = self.renewed(value.operands)
        renewed = replace(value, number=len(self.made), **changes)  # type: ignore[arg-type]
        self.made.append(renewed)
        return renewed

    def renewed(self, terms: Sequence[Term]) -> tuple[Term, ...]:
        return tuple(
            Term(self.new[t.source], t.labels) if isinstance(t.source, Value) else t for t in terms
        )


def fuse(
    live: Sequence[Value],
    results: Sequence[Term],
    sizes: Mapping[str, int],
    definite: Collection[Value],
) -> tuple[list[Value], dict[Value, Value]]:
    """The needed values after fusion, and the new value for each old one that is still there.

    `definite` are real matrices that are symmetric and positive definite.
    """
    live, first = factorised(live, results, sizes, definite)
    users: dict[Value, list[Value]] = {value: [] for value in live}
    for value in live:
        for source in value.sources:
            users[source].append(value)
    held = {first[term.source] for term in results if isinstance(term.source, Value)}
    fusion = _Fusion(users)
    for value in live:
        if not _vanishes(value, held, users):
            fusion.new[value] = _divided(value, held, fusion) or fusion.add(value)
    new = {old: fusion.new[value] for old, value in first.items() if value in fusion.new}
    return fusion.made, new


# --- x · (1/y) → x / y --------------------------------------------------------------------------


def _is_reciprocal(value: object) -> bool:
    return isinstance(value, Value) and value.kernel == "map" and value.detail == "reciprocal"


def _vanishes(value: Value, held: set[Value], users: Mapping[Value, list[Value]]) -> bool:
    """Whether a reciprocal is used only in one product of entries, which becomes a quotient."""
    if not _is_reciprocal(value) or value in held or len(users[value]) != 1:
        return False
    (user,) = users[value]
    if user.kernel != "map" or user.detail != "multiply":
        return False
    others = [term.source for term in user.operands if term.source is not value]
    # of two reciprocals only the second is turned into a division
    return len(others) == 1 and not (_is_reciprocal(others[0]) and _is_first(value, user))


def _is_first(value: Value, user: Value) -> bool:
    return user.operands[0].source is value


def _divided(value: Value, held: set[Value], fusion: _Fusion) -> Value | None:
    if value.kernel != "map" or value.detail != "multiply":
        return None
    for position in (1, 0):
        source = value.operands[position].source
        if isinstance(source, Value) and _vanishes(source, held, fusion.users):
            (inner,) = source.operands
            outer = dict(zip(source.labels, value.operands[position].labels, strict=True))
            divisor = Term(inner.source, tuple(outer[label] for label in inner.labels))
            operands = fusion.renewed([value.operands[1 - position], divisor])
            return fusion.add(value, operands=operands, detail="divide")
    return None
