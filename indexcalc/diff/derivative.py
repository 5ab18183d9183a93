"""Derivatives of any order, worked out where they stand.

In: graphs that hold `Derivative` nodes. Out: the same graphs without them. The axes of a derivative
are the numerator's, then those of each variable in order.

Reverse mode is taken where the numerator has fewer axes than the variable, forward mode otherwise,
so a second derivative of a scalar is forward over reverse. Gradients of one scalar by several
variables share one sweep. A product is multiplied out as far as it takes to bring a derivative
next to what it is contracted with; see `seeded`.

>>> from indexcalc.ir.build import derivative, scale, variable
>>> from indexcalc.ir.contraction import contract
>>> n = Extent.named("n")
>>> x = variable("x", (n,))
>>> f = contract([(x, "i"), (x, "i")], "")
>>> expand([derivative(f, [x])], Environment())[0] is scale(2, x)
True
>>> laplacian = contract([(derivative(f, [x, x]), "ii")], "")
>>> [str(factor.extent) for factor in expand([laplacian], Environment())[0].arguments]
['n']
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexcalc.diff.dependence import arguments_through
from indexcalc.diff.limits import MOST_LEVELS, refuse_large_derivative
from indexcalc.diff.orders import refuse_entangled
from indexcalc.diff.product import Product, multiply_out
from indexcalc.diff.seeded import Sweeps, is_seedable, work_out
from indexcalc.errors import LimitError
from indexcalc.ir.build import linear, with_arguments
from indexcalc.ir.environment import Environment
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Derivative, Labels, Node, Sum, Variable
from indexcalc.ir.walk import postorder


def expand(roots: Sequence[Node], environment: Environment) -> list[Node]:
    """Work out all derivatives, the innermost first.

    Names that `environment` defines are differentiated through, and stay names in the result.
    Raises `DifferentiationError` where no rule is known, `LimitError` beyond documented bounds.
    """
    return _all_levels(roots, _without_derivatives(roots, environment))


def expand_innermost(roots: Sequence[Node], environment: Environment) -> list[Node]:
    """Work out the derivatives whose numerators hold no further ones; otherwise as `expand`."""
    return _innermost(roots, _without_derivatives(roots, environment))


def _all_levels(roots: Sequence[Node], environment: Environment) -> list[Node]:
    nodes = list(roots)
    for _ in range(MOST_LEVELS):
        expanded = _innermost(nodes, environment)
        if expanded == nodes:
            return nodes
        nodes = expanded
    raise LimitError(f"derivatives of derivatives, more than {MOST_LEVELS} levels deep")


def _without_derivatives(roots: Sequence[Node], environment: Environment) -> Environment:
    """The same definitions, with the derivatives in their bodies worked out."""
    if not environment.definitions:
        return environment
    definitions = dict(environment.definitions)
    for node in postorder(roots, arguments_through(environment)):
        if isinstance(node, Variable) and node in definitions:
            known = Environment(definitions, environment.functions, environment.assumptions)
            definitions[node] = _all_levels([definitions[node]], known)[0]
    return Environment(definitions, environment.functions, environment.assumptions)


def _innermost(roots: Sequence[Node], environment: Environment) -> list[Node]:
    level = _Level(roots, environment)
    return level.results() if level.ready else list(roots)


@dataclass(frozen=True, slots=True)
class _Expansion:
    """A contraction, multiplied out as far as derivatives have to be reached."""

    output: Labels
    extents: list[Extent]
    products: list[Product]

    def leaves(self, ready: set[Node]) -> list[Node]:
        return [n for product in self.products for n, _ in product.factors if n not in ready]


class _Level:
    """All derivatives of some graphs whose numerators hold no further derivatives."""

    def __init__(self, roots: Sequence[Node], environment: Environment) -> None:
        self.roots = roots
        self.holding: set[Node] = set()  # has a derivative somewhere below
        self.ready: set[Node] = set()  # is a derivative that can be worked out
        self.linear: set[Node] = set()  # is such a one, or a sum or product that has one in it
        self.seedable: set[Node] = set()  # the same, of one that factors beside it may seed
        found: list[Derivative] = []
        for node in postorder(roots):
            below = any(child in self.holding for child in node.arguments)
            if isinstance(node, Derivative):
                refuse_large_derivative(node)
                refuse_entangled(node, environment)
                if not below:
                    found.append(node)
                    self.ready.add(node)
            if isinstance(node, Derivative) or below:
                self.holding.add(node)
            self.note_linear(node)
        self.sweeps = Sweeps(environment, found)
        self.expansions: dict[Node, _Expansion] = {}

    def note_linear(self, node: Node) -> None:
        if isinstance(node, Derivative):
            linear, seedable = node in self.ready, is_seedable(node)
        elif isinstance(node, Sum | Contraction):
            linear = any(child in self.linear for child in node.arguments)
            seedable = any(child in self.seedable for child in node.arguments)
        else:
            return
        if linear:
            self.linear.add(node)
        if linear and seedable:
            self.seedable.add(node)

    def opens(self, node: Node, labels: Labels) -> bool:
        """Whether a factor has a derivative in it that its surroundings can make cheaper."""
        traced = len(set(labels)) < len(labels)
        return node in self.seedable or (traced and node in self.linear)

    def is_expanded(self, node: Node) -> bool:
        """Whether this is a product that is worked out as a whole."""
        return isinstance(node, Contraction) and any(map(self.opens, node.factors, node.labels))

    def results(self) -> list[Node]:
        result: dict[Node, Node] = {}
        for node in postorder(self.roots, self.needed_below):
            result[node] = self.worked_out(node, result)
        return [result[root] for root in self.roots]

    def needed_below(self, node: Node) -> Sequence[Node]:
        """The nodes whose results it takes: of a product with derivatives, its other factors."""
        if node in self.ready or node not in self.holding:
            return ()
        if isinstance(node, Contraction) and self.is_expanded(node):
            return self.expansion(node).leaves(self.ready)
        return node.arguments

    def expansion(self, node: Contraction) -> _Expansion:
        if node not in self.expansions:
            extents = list(node.extents)
            factors = tuple(zip(node.factors, node.labels, strict=True))
            products = multiply_out(factors, extents, self.opens)
            self.expansions[node] = _Expansion(node.output, extents, products)
        return self.expansions[node]

    def worked_out(self, node: Node, result: dict[Node, Node]) -> Node:
        if node not in self.holding:
            return node
        if isinstance(node, Derivative) and node in self.ready:
            return self.sweeps.whole(node)
        if isinstance(node, Contraction) and self.is_expanded(node):
            return self.product(node, result)
        return with_arguments(node, [result[child] for child in node.arguments])

    def product(self, node: Contraction, result: dict[Node, Node]) -> Node:
        expansion = self.expansion(node)
        terms = []
        for product in expansion.products:
            factors = [(n if n in self.ready else result[n], own) for n, own in product.factors]
            # a derivative that has only now become ready waits for the next level
            closed = frozenset(n for n, _ in factors if isinstance(n, Derivative)) - self.ready
            value = work_out(factors, expansion.output, expansion.extents, self.sweeps, closed)
            terms.append((product.coefficient, value))
        return linear(terms, node.shape)
