"""The logistic function, its mirror image and its slope from one exponential.

In: real terms. Out: terms. With `e = exp(min(x, L))`, where `exp(L)` just does not overflow, and
`r = 1 + e`:

    σ(x) = e/r    σ(−x) = 1/r    σ(x) σ(−x) = σ(x)/r

All three keep their relative precision at both ends, as long as they are normal numbers, and
nothing overflows. Alone on large arrays `σ(x)` is cheaper as `1/(1 + exp(−x))`, and the slope as
`d/(1 + d)²` with `d = exp(−|x|)` (see `atoms`).

>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> graph = Graph()
>>> x = Term(graph.leaf("input", (n,), "x"), (0,))
>>> _, _, _ = rising(graph, x), falling(graph, x), slope(graph, x)
>>> [value.detail for value in graph.values]
['x', 'bounded', 'exp', 'add', 'divide', 'reciprocal', 'divide']
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Protocol

from indexcalc.ir.build import split_multiple
from indexcalc.ir.node import Apply, Function, Node, Number
from indexcalc.plan.atoms import logistic_slope
from indexcalc.plan.graph import Graph
from indexcalc.plan.multiply import scaled
from indexcalc.plan.program import Term

SMALL = 4_096  # entries; above, one operation less counts more than what a call costs
SIGMOID = Function("sigmoid")
BOTH_SIDED = (SIGMOID, Function("softplus"))  # as cheap for −x as for x


def rising(graph: Graph, term: Term) -> Term:
    """`σ(x)`."""
    exponential, above = _parts(graph, term)
    return graph.map("divide", exponential, above)


def falling(graph: Graph, term: Term) -> Term:
    """`σ(−x)`."""
    return graph.map("reciprocal", _parts(graph, term)[1])


def slope(graph: Graph, term: Term) -> Term:
    """`σ(x) σ(−x)`."""
    return graph.map("divide", rising(graph, term), _parts(graph, term)[1])


def _parts(graph: Graph, term: Term) -> tuple[Term, Term]:
    exponential = graph.map("exp", graph.map("bounded", term))
    return exponential, graph.map("add", exponential, Term(Fraction(1)))


class Nodes(Protocol):
    """What is known of the nodes that were translated: `Lowering`."""

    def dense(self, node: Node) -> Term:
        """The node's term."""

    def remaining(self, coefficient: Fraction, inner: Node) -> Fraction:
        """The coefficient, less what `inner` has taken along."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """How the logistic functions of one program are computed; `paired` are arguments."""

    graph: Graph
    sizes: Mapping[str, int]
    paired: Collection[Node]
    nodes: Nodes

    def value(self, node: Apply) -> Term | None:
        """`σ(x)`, or None where another way is cheaper."""
        entries = prod(extent.evaluate(self.sizes) for extent in node.shape)
        if self.graph.is_complex or (node.args[0] not in self.paired and entries > SMALL):
            return None
        mirrored, term = self._unmirrored(node.args[0])
        return (falling if mirrored else rising)(self.graph, term)

    def slope(self, first: Node, second: Node) -> Term:
        """`σ(x) σ(−x)` of the two arguments."""
        if self.graph.is_complex or first not in self.paired:
            return logistic_slope(self.graph, self.nodes.dense(first))
        upper = max(first, second, key=lambda argument: split_multiple(argument)[0])
        return slope(self.graph, self._unmirrored(upper)[1])

    def _unmirrored(self, argument: Node) -> tuple[bool, Term]:
        """Whether the argument has a minus in front, and what stands behind it."""
        coefficient, rest = split_multiple(argument)
        left = self.nodes.remaining(coefficient, rest)
        if left > 0:
            return False, self.nodes.dense(argument)
        if isinstance(argument, Number):
            return True, Term(-argument.value)
        return True, scaled(self.graph, self.nodes.dense(rest), Term(-left))


# --- what has to be known beforehand ------------------------------------------------------------


def paired(order: Sequence[Node], slopes: Collection[Node]) -> set[Node]:
    """Arguments of logistic functions that occur for both `x` and `−x`, and not as slopes only."""
    seen: dict[tuple[Node, Fraction], dict[bool, Node]] = {}
    for node in order:
        if isinstance(node, Apply) and node.function == SIGMOID:
            coefficient, rest = split_multiple(node.args[0])
            sides = seen.setdefault((rest, abs(coefficient)), {})
            sides[coefficient > 0] = node.args[0]
    return {
        argument
        for sides in seen.values()
        if len(sides) == 2 and not all(argument in slopes for argument in sides.values())
        for argument in sides.values()
    }


def unsigned(order: Sequence[Node]) -> set[Node]:
    """Nodes that only such functions are applied to which are as cheap for the negative.

    >>> from indexcalc.ir.build import builtin, negate, variable
    >>> from indexcalc.ir.walk import postorder
    >>> below = negate(variable("x", ()))
    >>> unsigned(postorder([builtin("softplus", below)])) == {below}
    True
    """
    found: dict[Node, bool] = {}
    for node in order:
        fits = isinstance(node, Apply) and node.function in BOTH_SIDED
        for child in node.arguments:
            found[child] = fits and found.get(child, True)
    return {node for node, fits in found.items() if fits}
