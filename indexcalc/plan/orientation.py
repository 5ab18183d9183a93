"""Which way matrices lie, so that entry-by-entry operations read and write along rows.

In: the values that are needed, the results. Out: the same values, some of them transposed. A
product of two matrices gives its transpose at the same price; a function of entries whose operands
lie in different ways costs twice what it costs where they lie alike. So what stands in one such
function is made to lie alike, the largest first, as far as inputs and results do not forbid it.

>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.plan.graph import Graph
>>> m, n = Extent.named("m"), Extent.named("n")
>>> graph = Graph()
>>> A, B, C = (Term(graph.leaf("input", s, name), (0, 1)) for s, name in (((m, n), "A"),
...            ((n, n), "B"), ((m, n), "C")))
>>> product = graph.product(Term(B.source, (2, 1)), A, {0, 2}, (2, 0))
>>> root = graph.map("multiply", Term(C.source, (0, 2)), product)
>>> live, new = oriented(graph.values, [root], {"m": 500, "n": 60})
>>> [str(extent) for extent in product.source.shape], [str(e) for e in live[-2].shape]
(['n', 'm'], ['m', 'n'])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from indexcalc.ir.extent import entry_count
from indexcalc.plan.kernels import recipe
from indexcalc.plan.program import Term, Value

FEWEST = 10_000  # entries; below, a walk across the rows costs nothing
SHORT = 64  # entries of an axis; sums over longer ones are fast either way
Wish = tuple[int, Value, Value | None, bool]  # weight, two values (or the ground), in turn


def oriented(
    live: Sequence[Value], results: Sequence[Term], sizes: Mapping[str, int]
) -> tuple[list[Value], dict[Value, Value]]:
    """The values with some matrices transposed, and the new value for each old one."""
    free = {value for value in live if _is_free(value)}
    ties = _Ties()
    for _, value, other, turned in sorted(
        _wishes(live, results, free, sizes), key=lambda wish: -wish[0]
    ):
        ties.tie(value, other, turned=turned)
    turned_over = {value for value in free if ties.is_turned(value)}
    new: dict[Value, Value] = {}
    for value in live:
        operands = tuple(
            _renewed(term, new, turned=term.source in turned_over) for term in value.operands
        )
        labels, shape = value.labels, value.shape
        if value in turned_over:
            labels, shape = labels[::-1], shape[::-1]
        new[value] = replace(value, operands=operands, labels=labels, shape=shape)
    return list(new.values()), new


def renewed_result(term: Term, new: Mapping[Value, Value]) -> Term:
    """A result in terms of the new values."""
    if not isinstance(term.source, Value):
        return term
    turned = new[term.source].labels != term.source.labels
    return _renewed(term, new, turned=turned)


def _renewed(term: Term, new: Mapping[Value, Value], *, turned: bool) -> Term:
    if not isinstance(term.source, Value):
        return term
    return Term(new[term.source], term.labels[::-1] if turned else term.labels)


def _is_free(value: Value) -> bool:
    """Whether the value may be made with its two axes in the other order at the same price."""
    if len(value.labels) != 2:
        return False
    if value.kernel == "map":
        return True
    if value.kernel != "product":
        return False
    found = recipe(value.operands[0], value.operands[1], value.labels)
    return found.call == "dot" and len(found.rows) == 1 and len(found.columns) == 1


def _wishes(
    live: Sequence[Value], results: Sequence[Term], free: set[Value], sizes: Mapping[str, int]
) -> list[Wish]:
    found: list[Wish] = []
    for value in live:
        for term in value.operands:
            source = term.source
            if not isinstance(source, Value) or len(source.labels) != 2:
                continue
            entries = _entries(source, sizes)
            if entries < FEWEST:
                continue
            if value.kernel == "map" and value in free:
                turned = term.labels != value.labels
                found.append((2 * entries, value, source if source in free else None, turned))
            elif value.kernel in ("total", "reduce") and source in free:
                found += _reduced(value, term, source, sizes)
    found += [
        (_entries(term.source, sizes), term.source, None, term.labels[0] > term.labels[1])
        for term in results
        if isinstance(term.source, Value)
        and term.source in free
        and _entries(term.source, sizes) >= FEWEST
    ]
    return [*found, *((0, value, None, False) for value in live if value in free)]  # or as it was


def _reduced(value: Value, term: Term, source: Value, sizes: Mapping[str, int]) -> list[Wish]:
    """A short axis that is summed over should be the first: then whole rows are added."""
    gone = [axis for axis, label in enumerate(term.labels) if label not in value.labels]
    if len(gone) != 1 or source.shape[gone[0]].evaluate(sizes) >= SHORT:
        return []
    return [(4 * _entries(source, sizes), source, None, gone[0] == 1)]


def _entries(value: Value, sizes: Mapping[str, int]) -> int:
    return entry_count(value.shape, sizes)


@dataclass(slots=True)
class _Ties:
    """Values that lie alike or the other way round; None is the ground: what lies as it is."""

    above: dict[Value, tuple[Value | None, bool]] = field(default_factory=dict)

    def tie(self, first: Value, second: Value | None, *, turned: bool) -> None:
        """Let them lie as they should to each other, unless that is settled."""
        top, one = self._top(first)
        other, two = self._top(second)
        if top is other:
            return
        if top is None:
            top, other = other, top
        assert top is not None
        self.above[top] = (other, turned ^ one ^ two)

    def is_turned(self, value: Value) -> bool:
        """Whether the value is to be transposed."""
        return self._top(value)[1]

    def _top(self, value: Value | None) -> tuple[Value | None, bool]:
        turned = False
        while value is not None and value in self.above:
            value, more = self.above[value]
            turned ^= more
        return value, turned
