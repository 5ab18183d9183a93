"""Traces of products with several inverses, as second derivatives of a log-determinant have them.

In: nodes. Out: the same values, in which `D'_ji (inv(A) D inv(A))_ij`, where nothing else needs the
product with two inverses, is the product of `inv(A) D` and `inv(A) D'`: of k matrices `D`, k
products serve all k² traces. Sums around such products are opened, and vectors meet the inverses
one by one.

>>> from indexcalc.ir.build import call, variable
>>> n = Extent.named("n")
>>> A, D = variable("A", (n, n)), variable("D", (n, n))
>>> B = call("inv", A)
>>> inner = contract([(B, "ij"), (D, "jk"), (B, "kl")], "il")
>>> (found,) = traces([contract([(inner, "il"), (D, "li")], "")])
>>> found.factors[0] is found.factors[1], len(found.factors[0].factors)
(True, 2)
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

from indexcalc.ir.build import linear, split_multiple, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Call, Contraction, Labels, Node, Sum
from indexcalc.ir.walk import postorder, rewrite
from indexcalc.plan.flatten import factors_under

MOST_ITEMS = 64  # terms that one trace is opened into
MOST_FACTORS = 16  # of one of them
Factor = tuple[Node, Labels]


def traces(roots: Sequence[Node]) -> list[Node]:
    """Open what only traces need, if that takes no more products of matrices."""
    order = postorder(roots)
    sandwiches = [node for node in order if _is_sandwich(node)]
    if not sandwiches:
        return list(roots)
    passing = _passing(order, roots)
    made: set[Node] = set()

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        new = with_arguments(node, arguments)
        if not isinstance(node, Contraction) or node.shape or not set(node.factors) & passing:
            return new
        items = _opened(node, passing)
        return new if items is None else linear([_joined(item, made) for item in items], ())

    found = rewrite(roots, rule)
    gone = sum(1 for node in sandwiches if node in passing)
    return found if len(made) <= 2 * gone else list(roots)


def _is_inverse(node: Node) -> bool:
    return isinstance(node, Call) and node.operation == "inv"


def _is_sandwich(node: Node) -> bool:
    """Whether this is a matrix product with two inverses or more."""
    return (
        isinstance(node, Contraction)
        and len(node.shape) == 2
        and bool(node.summed)
        and sum(map(_is_inverse, node.factors)) > 1
    )


def _passing(order: Sequence[Node], roots: Sequence[Node]) -> set[Node]:
    """Matrices that hold a product with two inverses and that only traces need."""
    holding: set[Node] = set()
    users: dict[Node, list[Node]] = {node: [] for node in order}
    for node in order:
        for argument in dict.fromkeys(node.arguments):
            users[argument].append(node)
        if len(node.shape) == 2 and isinstance(node, Sum | Contraction):
            inner = any(argument in holding for argument in node.arguments)
            if _is_sandwich(node) or (inner and not _is_bent(node)):
                holding.add(node)
    below = holding.difference(roots)
    passing: set[Node] = set()
    for node in reversed(order):
        if node in below and all(user in passing or _is_trace(user) for user in users[node]):
            passing.add(node)
    return passing


def _is_bent(node: Node) -> bool:
    """Whether this puts its entries on a diagonal."""
    return isinstance(node, Contraction) and len(set(node.output)) < len(node.output)


def _is_trace(node: Node) -> bool:
    return isinstance(node, Contraction) and not node.shape


@dataclass(frozen=True, slots=True)
class _Item:
    """One term: a coefficient, and factors whose labels are all summed."""

    coefficient: Fraction
    factors: tuple[Factor, ...]
    extents: tuple[Extent, ...]


def _opened(trace: Contraction, passing: Collection[Node]) -> list[_Item] | None:
    """The terms of a trace, products and sums opened; None if these are too many."""
    whole = tuple(zip(trace.factors, trace.labels, strict=True))
    waiting = [_Item(Fraction(1), whole, trace.extents)]
    done: list[_Item] = []
    while waiting:
        item = waiting.pop()
        if len(waiting) + len(done) > MOST_ITEMS or len(item.factors) > MOST_FACTORS:
            return None
        for position, (node, labels) in enumerate(item.factors):
            if node in passing or _is_entrywise(node):
                rest = item.factors[:position] + item.factors[position + 1 :]
                waiting += _replaced(_Item(item.coefficient, rest, item.extents), node, labels)
                break
        else:
            done.append(item)
    return done


def _is_entrywise(node: Node) -> bool:
    """Whether this is a product of entries, or a multiple."""
    if isinstance(node, Sum):
        return len(node.terms) == 1
    return isinstance(node, Contraction) and not node.is_view and not node.summed


def _replaced(rest: _Item, node: Node, labels: Labels) -> list[_Item]:
    """The items for a term in the place of a sum, or for the factors in the place of a product."""
    if isinstance(node, Sum):
        return [
            _Item(rest.coefficient * c, (*rest.factors, (term, labels)), rest.extents)
            for c, term in reversed(node.terms)
        ]
    assert isinstance(node, Contraction)
    inner, extents = factors_under(node, labels, rest.extents)
    return [_Item(rest.coefficient, (*rest.factors, *inner), tuple(extents))]


def _joined(item: _Item, made: set[Node]) -> tuple[Fraction, Node]:
    """The term: where its matrices form a ring, each inverse with what follows it is one factor."""
    extents = dict(enumerate(item.extents))
    ring = _ring([factor for factor in item.factors if factor[1]])
    if ring is None:
        return item.coefficient, contract(item.factors, (), extents)
    factors: list[Factor] = [factor for factor in item.factors if not factor[1]]
    coefficient = item.coefficient
    for inverse, others, ends in ring:
        if not others:
            factors.append(inverse)
            continue
        between = tuple(sorted(set(others[0][1])))
        product = contract(others, between, {label: extents[label] for label in between})
        segment = contract([inverse, (product, between)], ends)
        multiple, node = split_multiple(segment)
        coefficient *= multiple
        made.add(node)
        factors.append((node, ends))
    return coefficient, contract(factors, (), extents)


Segment = tuple[Factor, list[Factor], Labels]  # an inverse, the matrices behind it, the ends


def _ring(factors: Sequence[Factor]) -> list[Segment] | None:
    """Segments from each inverse to the next, if the factors are matrices in one closed chain."""
    if any(len(labels) != 2 or labels[0] == labels[1] for _, labels in factors):
        return None
    inverses = [factor for factor in factors if _is_inverse(factor[0])]
    others = [factor for factor in factors if not _is_inverse(factor[0])]
    if len(inverses) < 2:
        return None
    found: list[Segment] = []
    passed: list[int] = []
    start = here = inverses[0][1][0]
    while inverses:
        inverse = next((f for f in inverses if here in f[1]), None)
        if inverse is None:
            return None
        inverses.remove(inverse)
        behind = _other_end(inverse[1], here)
        met = [factor for factor in others if behind in factor[1]]
        others = [factor for factor in others if factor not in met]
        if len({frozenset(labels) for _, labels in met}) > 1:
            return None
        end = _other_end(met[0][1], behind) if met else behind
        found.append((inverse, met, (here, end)))
        passed += [here, behind] if met else [here]
        here = end
    is_closed = here == start and not others and len(set(passed)) == len(passed)
    return found if is_closed else None


def _other_end(labels: Labels, end: int) -> int:
    return labels[1] if labels[0] == end else labels[0]
