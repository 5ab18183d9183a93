"""The reader's order of factors and terms.

In: a term, and the rank of each name. Out: its parts in the order in which a person writes them:
scalars, then sums that are closed, then the rest as a chain in which neighbours share an index,
from the result down to the input (`(ŷ_k - y_k) W2_jk σ'(a_j) W1_ij`).

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.notation.term import term_of
>>> n = Extent.named("n")
>>> A, x, w = variable("A", (n, n)), variable("x", (n,)), variable("w", ())
>>> node = contract([(x, "j"), (w, ""), (A, "ij")], "i")
>>> ranks = name_ranks([node], {"w": (0, 0, "w"), "A": (1, 0, "A"), "x": (1, 1, "x")})
>>> [part.node.name for part in ordered_parts(term_of(node, {}).parts, ranks, {})]
['w', 'A', 'x']
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from indexcalc.ir.node import SCANS, Apply, Call, Constant, Node, Reduce, Variable
from indexcalc.ir.walk import postorder
from indexcalc.notation.names import LAST, Rank
from indexcalc.notation.term import Part, Term

LONGEST_CHAIN = 64  # beyond, parts are only sorted: a chain is looked for in quadratic time
Key = tuple[Rank, int, tuple[int, ...], bytes]


def name_ranks(roots: Iterable[Node], known: Mapping[str, Rank]) -> dict[Node, Rank]:
    """For each node below `roots` the best rank of a name in it; names not listed come later."""
    ranks: dict[Node, Rank] = {}
    for node in postorder(roots):
        if isinstance(node, Variable):
            ranks[node] = known.get(node.name, (1, 0, node.name))
        elif isinstance(node, Constant):
            ranks[node] = (*LAST[:2], node.name)
        else:
            ranks[node] = min((ranks[argument] for argument in node.arguments), default=LAST)
    return ranks


def ordered_parts(
    parts: Iterable[Part], ranks: Mapping[Node, Rank], named: Container[Node]
) -> list[Part]:
    """The parts of a term in reading order; nodes in `named` are printed by name."""
    parts = sorted(parts, key=lambda part: _key(part, ranks, named))
    scalars = [part for part in parts if not part.labels]
    closed = _closed_labels(parts)
    inner = [part for part in parts if part.labels and part.labels[0] in closed]
    outer = [part for part in parts if part.labels and part.labels[0] not in closed]
    symbols = [part for part in outer if isinstance(part.node, Constant)]
    outer = [part for part in outer if not isinstance(part.node, Constant)]
    return sorted(scalars + _chain(inner) + symbols + _chain(outer), key=_is_folded)


def delta_leads(delta: tuple[int, int], parts: Iterable[Part]) -> bool:
    """Whether a delta has an axis of the result that comes before those of all parts."""
    axes = [~label for part in parts for label in part.labels if label < 0]
    return min(~delta[0], ~delta[1]) < min(axes, default=-1)


def around_the_sum(parts: list[Part], term: Term, explicit: set[int]) -> tuple[list[Part], int]:
    """The parts with those that a written-out sum does not concern in front, and their number.

    It concerns what shares a dummy with it, or with a `max_k …`, which stands last: a dummy does
    not occur on both sides.
    """
    if not explicit:
        return parts, 0
    near: dict[int, list[int]] = {}
    groups = [part.labels for part in parts] + [left + right for left, right in term.grouped]
    for labels in groups:
        dummies = [label for label in labels if label >= 0]
        for label in dummies:
            near.setdefault(label, []).extend(dummies)
    last = {label for part in parts if _is_folded(part) for label in part.labels}
    concerned = {label for label in near if label in explicit or label in last}
    stack = list(concerned)
    while stack:
        for label in near[stack.pop()]:
            if label not in concerned:
                concerned.add(label)
                stack.append(label)
    inside = [part for part in parts if concerned & set(part.labels) or _is_folded(part)]
    outside = [part for part in parts if not (concerned & set(part.labels) or _is_folded(part))]
    return outside + inside, len(outside)


def _is_folded(part: Part) -> bool:
    """Whether the part is `max_k …`, which needs no brackets as the last one."""
    node = part.node
    return isinstance(node, Reduce) and node.operation not in SCANS and len(node.argument.shape) > 1


def _key(part: Part, ranks: Mapping[Node, Rank], named: Container[Node]) -> Key:
    labels = tuple(~label if label < 0 else (1 << 20) + label for label in part.labels)
    complexity = 0 if part.node in named else _complexity(part.node)
    return ranks[part.node], complexity, labels, part.node.digest


def _complexity(node: Node) -> int:
    if isinstance(node, Variable | Constant):
        return 0
    return 1 if isinstance(node, Apply | Reduce | Call) else 2


def _closed_labels(parts: list[Part]) -> set[int]:
    """Labels that no chain of common labels links to an axis of the result."""
    neighbours: dict[int, list[int]] = {}
    for part in parts:
        for left, right in zip(part.labels, part.labels[1:], strict=False):
            neighbours.setdefault(left, []).append(right)
            neighbours.setdefault(right, []).append(left)
    labels = {label for part in parts for label in part.labels}
    reached = {label for label in labels if label < 0}
    stack = list(reached)
    while stack:
        for label in neighbours.get(stack.pop(), ()):
            if label not in reached:
                reached.add(label)
                stack.append(label)
    return labels - reached


def _chain(parts: list[Part]) -> list[Part]:
    """Start at an end; go on with what shares a label with the last, or with any before."""
    if len(parts) < 2 or len(parts) > LONGEST_CHAIN:
        return parts
    start = _start(parts)
    rest, chain = list(parts), [start]
    rest.remove(start)
    last = set(start.labels)
    seen = set(last)
    while rest:
        near = [part for part in rest if last & set(part.labels)]
        near = near or [part for part in rest if seen & set(part.labels)]
        chosen = near[0] if near else _start(rest)
        rest.remove(chosen)
        chain.append(chosen)
        last = set(chosen.labels)
        seen |= last
    return chain


def _start(parts: list[Part]) -> Part:
    """Where to begin: at a part with at most one dummy.

    If the first of these has an axis of the result, then at the one with the first axis, so that a
    chain of matrices reads from its rows to its columns.
    """
    ends = [part for part in parts if len({label for label in part.labels if label >= 0}) < 2]
    if not ends:
        return parts[0]
    if all(label >= 0 for label in ends[0].labels) or not ends[0].labels:
        return ends[0]
    return min(ends, key=_row_first)


def _row_first(part: Part) -> tuple[bool, int]:
    """Parts whose first index is one of the result come first, in the order of these."""
    return part.labels[0] >= 0, next((~label for label in part.labels if label < 0), 1 << 20)
