"""Look through, and pull out, the patterns by which a tensor is repeated or transposed.

In: a sum whose terms all leave out an axis, or all stand on one diagonal. Out: a view over a
smaller sum, so that rules see the sum as a person would write it and its code costs less.

>>> from indexcalc.ir.build import builtin, broadcast, ones, add, variable
>>> from indexcalc.ir.extent import Extent
>>> m, n = Extent.named("m"), Extent.named("n")
>>> u = variable("u", (m,))
>>> wide = add(ones((m, n)), broadcast(builtin("exp", u), (m, n), [0]))
>>> hoisted(wide) is broadcast(add(ones((m,)), builtin("exp", u)), (m, n), [0])
True
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from indexcalc.ir.build import linear, number
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Apply, Contraction, Labels, Node, Number, Sum
from indexcalc.ir.opening import only_rearranges

Pattern = tuple[Labels, frozenset[int]]


def argument_of(node: Node, name: str) -> Node | None:
    """`u` if the node is the builtin `name(u)` or such a tensor repeated or transposed."""
    if isinstance(node, Contraction):
        if not (node.is_view and node.factors and only_rearranges(node)):
            return None
        inner = argument_of_apply(node.factors[0], name)
        if inner is None:
            return None
        return contract([(inner, node.labels[0])], node.output, dict(enumerate(node.extents)))
    return argument_of_apply(node, name)


def argument_of_apply(node: Node, name: str) -> Node | None:
    """`u` if the node is the builtin `name(u)` itself."""
    if isinstance(node, Apply) and node.function.name == name:
        function = node.function
        return node.args[0] if function.kind == "builtin" and function.parameter is None else None
    return None


def is_ones(node: Node) -> bool:
    """Whether every entry is 1, for certain."""
    if isinstance(node, Contraction):
        return not node.factors and only_rearranges(node)
    return node is number(1)


def pattern(node: Node) -> Pattern:
    """Which axes are joined (first axis with the same label), and which only repeat.

    A repeated group is named by its first axis.
    """
    rank = len(node.shape)
    if not (isinstance(node, Contraction) and node.is_view):
        return tuple(range(rank)), frozenset()
    joined = tuple(node.output.index(label) for label in node.output)
    used = set(node.labels[0]) if node.factors else set()
    free = {joined[k] for k, label in enumerate(node.output) if label not in used}
    return joined, frozenset(free)


def common_pattern(terms: Sequence[Node]) -> Pattern:
    """The joins that all terms have (if equal in all), and the axes along which all repeat."""
    patterns = [pattern(term) for term in terms]
    joins = {joined for joined, _ in patterns}
    joined = patterns[0][0] if len(joins) == 1 else tuple(range(len(terms[0].shape)))
    repeats = frozenset.intersection(*(free for _, free in patterns))
    if len(joins) > 1:
        # an axis that repeats in all terms must be joined with no other in any of them
        lonely = [{k for k in joined_k if joined_k.count(k) == 1} for joined_k, _ in patterns]
        repeats = repeats.intersection(*lonely)
    return joined, repeats


def reduced(node: Node, shared: Pattern) -> Node:
    """The node without the joins and repeats that it shares with others."""
    joined, repeats = shared
    kept = [k for k, first in enumerate(joined) if k == first and k not in repeats]
    if not isinstance(node, Contraction) or not node.is_view:
        return node
    output = [node.output[k] for k in kept]
    factors = list(zip(node.factors, node.labels, strict=True))
    return contract(factors, output, {label: node.extents[label] for label in output})


def restored(node: Node, shared: Pattern, whole: Node) -> Node:
    """The reduced node with the pattern put back, in the shape of `whole`."""
    joined, repeats = shared
    kept = [k for k, first in enumerate(joined) if k == first and k not in repeats]
    return contract([(node, kept)], joined, dict(enumerate(whole.shape)))


def hoisted(node: Sum) -> Node:
    """The sum with joins, repeats and transposes that all its terms share outside of it."""
    if not node.terms or not node.shape:
        return node
    shared = common_pattern(node.arguments)
    if shared == (tuple(range(len(node.shape))), frozenset()):
        return _turned(node)
    terms = [(c, reduced(term, shared)) for c, term in node.terms]
    return restored(linear(terms, terms[0][1].shape), shared, node)


def _turned(node: Sum) -> Node:
    """`Aᵀ + Bᵀ` as `(A + B)ᵀ`, where all terms are transposed alike."""
    views = [term for term in node.arguments if isinstance(term, Contraction) and term.is_view]
    turns = {(term.labels, term.output) for term in views}
    if len(views) < len(node.terms) or len(turns) > 1:
        return node
    ((labels, output),) = turns
    if len(labels) != 1 or len(labels[0]) != len(output):
        return node
    inner = [(c, term.arguments[0]) for c, term in node.terms]
    return contract([(linear(inner, inner[0][1].shape), labels[0])], output)


def flat_terms(node: Node, most: int = 64) -> dict[Node, Fraction]:
    """The node as a sum of multiples with nested sums multiplied out, at most about `most`."""
    total: dict[Node, Fraction] = {}
    stack: list[tuple[Fraction, Node]] = [(Fraction(1), node)]
    while stack:
        coefficient, term = stack.pop()
        if isinstance(term, Sum) and len(stack) + len(total) + len(term.terms) <= most:
            stack.extend((coefficient * c, inner) for c, inner in term.terms)
        elif isinstance(term, Number):
            total[number(1)] = total.get(number(1), Fraction(0)) + coefficient * term.value
        else:
            total[term] = total.get(term, Fraction(0)) + coefficient
    return {term: c for term, c in total.items() if c}
