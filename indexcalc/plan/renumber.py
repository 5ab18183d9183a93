"""Values after some have been replaced, in an order in which they can be computed.

In: values in order, the results, what stands in the place of some values. Out: the values that are
still needed, each after its operands and otherwise in the old order.

>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> x = Value("input", (), (0,), (n,), "x", 0)
>>> old = Value("map", (Term(x, (0,)),), (0,), (n,), "exp", 1)
>>> made, new = renumbered([x, old], [Term(old, (0,))], {old: replace(old, detail="sin")})
>>> [value.detail for value in made], new[old].number
(['x', 'sin'], 1)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from indexcalc.plan.program import Term, Value


def renumbered(
    live: Sequence[Value], results: Sequence[Term], instead: Mapping[Value, Value]
) -> tuple[list[Value], dict[Value, Value]]:
    """The needed values, and the new value for each old one that is left.

    What stands in the place of a value may have operands that are replaced themselves.
    """
    wanted = needed(results, instead)
    made: list[Value] = []
    new: dict[Value, Value] = {}
    for value in live:
        stack = [value] if value in wanted else []
        while stack:
            now = instead.get(stack[-1], stack[-1])
            missing = [source for source in now.sources if source not in new]
            if missing:
                stack += reversed(missing)
                continue
            old = stack.pop()
            if old not in new:
                new[old] = replace(
                    now, number=len(made), operands=tuple(renewed(t, new) for t in now.operands)
                )
                made.append(new[old])
    return made, {value: new[value] for value in live if value in new}


def needed(results: Sequence[Term], instead: Mapping[Value, Value]) -> set[Value]:
    """What the results are computed from, in terms of what is replaced."""
    found: set[Value] = set()
    stack = [term.source for term in results if isinstance(term.source, Value)]
    while stack:
        value = stack.pop()
        if value not in found:
            found.add(value)
            stack.extend(instead.get(value, value).sources)
    return found


def renewed(term: Term, new: Mapping[Value, Value]) -> Term:
    """The term with the new value for its old one."""
    return Term(new[term.source], term.labels) if isinstance(term.source, Value) else term
