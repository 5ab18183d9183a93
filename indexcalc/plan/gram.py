"""`X_ij s_i X_ik` with weights that are not negative, as one matrix times its own transpose.

In: the operands of a product. Out: the term of `Yᵀ Y` with `Y_ij = √s_i X_ij`, or None where the
product is not of this form. NumPy gives such a product to a routine that computes one half only.

>>> from indexcalc.ir.extent import Extent
>>> m, n = Extent.named("m"), Extent.named("n")
>>> graph = Graph()
>>> X, s = graph.leaf("input", (m, n), "X"), graph.leaf("input", (m,), "s")
>>> weight = graph.map("exp", Term(s, (0,)))
>>> terms = [Term(X, (0, 1)), weight, Term(X, (0, 2))]
>>> gram(graph, terms, Term(ONE), (1, 2), {0: 5000, 1: 500, 2: 500})
Term(source=product[n,n], labels=(1, 2))
>>> [value.detail for value in graph.values[3:]]
['sqrt', 'multiply', '']
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import prod

from indexcalc.ir.node import Labels
from indexcalc.plan import machine
from indexcalc.plan.atoms import as_number, negate
from indexcalc.plan.graph import Graph
from indexcalc.plan.program import Term, Value

ONE = Fraction(1)
MOST_OPERANDS = 32  # of a product that is looked through


def gram(
    graph: Graph,
    terms: Sequence[Term],
    scalar: Term,
    kept: Labels,
    sizes: Mapping[int, int],
) -> Term | None:
    """The product as a matrix times its transpose, if it is one and large enough."""
    found = _twins(terms, kept)
    if found is None or (len(terms) == 2 and scalar.source == 1):
        return None
    left, right = found
    rows = [label for label in terms[left].labels if label not in terms[right].labels]
    summed = prod(sizes[label] for label in terms[left].labels if label not in rows)
    if len(rows) != 1 or not _is_faster(sizes[rows[0]], summed):
        return None
    weights = [term for k, term in enumerate(terms) if k not in found]
    if isinstance(scalar.source, Value) or abs(scalar.source) != 1:
        weights.append(scalar)
    sign = -1 if isinstance(scalar.source, Fraction) and scalar.source < 0 else 1
    weight = _joined(graph, weights, sign)
    root = terms[left]
    if weight is not None:
        if not is_nonnegative(weight):
            return None
        root = graph.map("multiply", root, graph.map("sqrt", weight), want=root.labels)
    renamed = dict(zip(terms[left].labels, terms[right].labels, strict=True))
    other = Term(root.source, tuple(renamed[label] for label in root.labels))
    result = graph.product(root, other, set(kept), kept)
    return result if sign > 0 else negate(graph, result)


def _is_faster(columns: int, summed: int) -> bool:
    """Whether one half of the result takes less than the whole does, roots of weights included."""
    half = machine.gram(columns, summed), machine.entrywise("sqrt", summed, summed)
    return sum(map(machine.seconds, half)) < machine.seconds(machine.dot(columns, summed, columns))


def _twins(terms: Sequence[Term], kept: Labels) -> tuple[int, int] | None:
    """Two operands that are one array; labels are equal and summed, or differ and are kept."""
    if len(terms) > MOST_OPERANDS:
        return None
    for left, first in enumerate(terms):
        for right in range(left + 1, len(terms)):
            second = terms[right]
            if first.source is not second.source or first.labels == second.labels:
                continue
            pairs = list(zip(first.labels, second.labels, strict=True))
            shared = {a for a, b in pairs if a == b}
            apart = [label for a, b in pairs if a != b for label in (a, b)]
            others = {x for k, t in enumerate(terms) if k not in (left, right) for x in t.labels}
            if (
                shared
                and not shared & set(kept)
                and set(apart) <= set(kept)
                and len(set(apart)) == len(apart)
                and others <= shared
            ):
                return left, right
    return None


def _joined(graph: Graph, weights: Sequence[Term], sign: int) -> Term | None:
    """The product of all weights, squares first, so that they are seen as such."""
    joined: list[Term] = []
    single: dict[Term, Term] = {}
    for weight in weights:
        term = as_number(graph, weight)
        if term in single:
            joined.append(graph.map("multiply", term, single.pop(term)))
        else:
            single[term] = term
    result: Term | None = None
    for term in [*joined, *single.values()]:
        if isinstance(term.source, Fraction):
            term = Term(term.source * sign)  # noqa: PLW2901 - the sign is taken out
        result = term if result is None else graph.map("multiply", result, term)
    return result


def is_nonnegative(term: Term) -> bool:
    """Whether no entry can be negative, as far as the operations tell. NaN aside."""
    stack = [term]
    while stack:
        source = stack.pop().source
        if isinstance(source, Fraction):
            if source < 0:
                return False
            continue
        if source.kernel not in ("map", "product", "total"):
            return False
        first, *rest = source.operands
        match source.detail:
            case "exp" | "quiet_exp" | "sqrt" | "abs" | "number":
                continue
            case "multiply" | "" if rest and rest[0] == first:
                continue
            case "multiply" | "divide" | "add" | "reciprocal" | "":
                stack += source.operands
            case "maximum" if any(t.source == 0 for t in source.operands):
                continue
            case _:
                return False
    return True
