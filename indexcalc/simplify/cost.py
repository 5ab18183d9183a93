"""How much work a graph is, roughly: the scale on which two forms of one value are compared.

In: nodes. Out: the number of multiplications and additions with all named extents taken as
`ASSUMED`. Only comparisons of the same value in two forms mean anything; the order of contractions
is chosen later, with real sizes.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.contraction import contract
>>> n = Extent.named("n")
>>> A, x = variable("A", (n, n)), variable("x", (n,))
>>> entry_cost(contract([(A, "ij"), (x, "j")], "i")) == 2 * ASSUMED**2
True
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import combinations
from math import prod

from indexcalc.ir.extent import Extent, Shape
from indexcalc.ir.node import Apply, Contraction, Labels, Node, Sum
from indexcalc.ir.walk import Roots, postorder

ASSUMED = 24
FUNCTION = 10  # a transcendental function against an addition
MOST_PAIRED = 12


@lru_cache(maxsize=4096)
def assumed_size(extent: Extent) -> int:
    """The extent with every name taken as `ASSUMED`."""
    return max(1, extent.evaluate(defaultdict(lambda: ASSUMED)))


def entries(shape: Shape) -> int:
    """The number of entries of a tensor."""
    return prod(assumed_size(extent) for extent in shape)


def entry_cost(node: Node) -> int:
    """The work of this node alone, its arguments given; views and multiples are free."""
    match node:
        case Sum():
            return sum(stored(term) for term in node.arguments) if len(node.terms) > 1 else 0
        case Apply():
            weight = 2 if node.function.parameter is not None else FUNCTION
            return weight * entries(node.shape)
        case Contraction():
            return 0 if node.is_view else contraction_cost(node.labels, node.output, node.extents)
        case _:
            return entries(node.shape)


def stored(term: Node) -> int:
    """Entries of a term that are not known to be zero."""
    if isinstance(term, Contraction):
        return prod(assumed_size(term.extents[label]) for label in set(term.output))
    return entries(term.shape)


@lru_cache(maxsize=4096)
def contraction_cost(
    labels: tuple[Labels, ...], output: Labels, extents: tuple[Extent, ...]
) -> int:
    """Work of a contraction, two factors at a time, the pair with the cheapest product first."""
    size = [assumed_size(extent) for extent in extents]
    left = [frozenset(own) for own in labels]
    # in how many factors, and in the output, a label is: it is summed when a pair has all of them
    count = Counter(k for own in [*left, frozenset(output)] for k in own)
    total = 0
    while len(left) > 1:
        pairs = combinations(range(min(len(left), MOST_PAIRED)), 2)
        first, second = min(pairs, key=lambda pair: _pair_key(left, pair, count, size))
        joined = left[first] | left[second]
        kept = _kept(left[first], left[second], count)
        total += (1 if len(kept) == len(joined) else 2) * prod(size[k] for k in joined)
        count.subtract(left[first] & left[second])
        left = [own for k, own in enumerate(left) if k not in (first, second)]
        left.append(frozenset(kept))
    if len(labels) == 1 and not left[0] <= set(output):
        total += prod(size[k] for k in left[0])
    return total


def _kept(left: frozenset[int], right: frozenset[int], count: Counter[int]) -> list[int]:
    """The labels of two factors that something else has too."""
    return [k for k in left | right if count[k] > (k in left) + (k in right)]


def _pair_key(
    left: list[frozenset[int]], pair: tuple[int, int], count: Counter[int], size: list[int]
) -> tuple[int, int, int, int]:
    first, second = left[pair[0]], left[pair[1]]
    entries = prod([size[k] for k in _kept(first, second, count)])
    inputs = prod([size[k] for k in first]) + prod([size[k] for k in second])
    return entries - inputs, prod([size[k] for k in first | second]), *pair


def is_cheaper(new: Node, old: Node, leaves: Collection[Node], added: int = 0) -> bool:
    """Whether `new`, and `added` more, is less work than `old`, all nodes of `leaves` given."""
    work, count = _work(new, leaves)
    return (work + added, count) < _work(old, leaves)


def _work(root: Node, leaves: Collection[Node]) -> tuple[int, int]:
    # what a view shows is given with the view
    known = set(leaves).union(*(leaf.arguments for leaf in leaves if is_view(leaf)))
    order = postorder([root], lambda node: () if node in known else node.arguments)
    inner = [node for node in order if node not in known]
    return sum(entry_cost(node) for node in inner), len(inner)


def is_view(node: Node) -> bool:
    """Whether the node only rearranges, repeats or embeds another."""
    return isinstance(node, Contraction) and node.is_view


def uses(roots: Sequence[Node]) -> dict[Node, int]:
    """How often each node is used; being a root is a use."""
    return (roots if isinstance(roots, Roots) else Roots(roots)).uses
