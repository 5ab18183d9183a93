"""From graph nodes to values: which arrays there are, before it is decided how to compute them.

In: result nodes, the sizes to assume, and which nodes have names. Out: a graph of values and
one term for each result, with all its axes, in order.

>>> from indexcalc.ir.build import contract, variable
>>> from indexcalc.ir.extent import Extent
>>> m, n = Extent.named("m"), Extent.named("n")
>>> W, x = variable("W", (m, n)), variable("x", (n,))
>>> lowering = Lowering([contract([(W, "ij"), (x, "j")], "i")], {"m": 3, "n": 2})
>>> lowering.results
[Term(source=product[m], labels=(0,))]
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from indexcalc.errors import DifferentiationError
from indexcalc.ir.build import terms_of
from indexcalc.ir.extent import Shape
from indexcalc.ir.node import (
    Apply,
    Call,
    Constant,
    Contraction,
    Derivative,
    Function,
    Labels,
    Node,
    Number,
    Reduce,
    Size,
    Sum,
    Variable,
)
from indexcalc.ir.walk import Roots
from indexcalc.plan.anticipate import (
    behind_view,
    coefficients,
    layouts,
    slope_arguments,
    slope_positions,
)
from indexcalc.plan.atoms import as_number, elementwise
from indexcalc.plan.combine import combination, signed
from indexcalc.plan.complements import Complements
from indexcalc.plan.graph import Graph
from indexcalc.plan.hoist import Flat, flat_term
from indexcalc.plan.logistic import SIGMOID, Logistic, paired
from indexcalc.plan.multiply import Product, scaled
from indexcalc.plan.network import Network, networks
from indexcalc.plan.outers import components, layout
from indexcalc.plan.pairings import pairings
from indexcalc.plan.partials import chains
from indexcalc.plan.program import Part, Term, Value
from indexcalc.plan.symmetrise import opened, symmetrised


@dataclass(frozen=True, slots=True)
class Ref:
    """A node as a term under a pattern: the label of each of the node's axes.

    Where the pattern repeats a label, entries off that diagonal are zero; labels that the term
    lacks are repeats.
    """

    term: Term
    pattern: Labels

    @property
    def is_embedding(self) -> bool:
        """Whether a label repeats."""
        return len(set(self.pattern)) < len(self.pattern)


class Lowering:
    """The state of one translation; `results` is the outcome."""

    def __init__(
        self,
        roots: Sequence[Node],
        sizes: Mapping[str, int],
        *,
        is_complex: bool = False,
        definite: Collection[Node] = (),
    ) -> None:
        """Translate everything below `roots`; `definite` are matrices that are declared so."""
        self.graph = Graph(sizes, is_complex=is_complex)
        self.sizes = sizes
        self.known = Complements(self.graph)
        self.definite: set[Value] = set()  # what is declared symmetric and positive definite
        self.declared = definite
        self.refs: dict[Node, Ref] = {}
        every = Roots(roots)
        self.order, self.uses = every.order, every.uses
        self.scales = coefficients(self.order, self.uses)
        slopes = slope_arguments(self.order, self.uses)
        self.logistic = Logistic(self.graph, sizes, paired(self.order, slopes), self)
        self.wanted = layouts(roots)
        self.chains = chains(self.order, sizes)
        self.networks = networks(self.order)
        self.contracted: set[Network] = set()
        for node in self.order:
            self.refs[node] = self.lower(node)
        self.results = [self.complete(root) for root in roots]

    # --- nodes ----------------------------------------------------------------------------------

    def lower(self, node: Node) -> Ref:
        """Translate one node whose arguments are translated."""
        axes = tuple(range(len(node.shape)))
        match node:
            case Variable() | Constant() | Number() | Size():
                return Ref(self.leaf(node), axes)
            case Sum():
                return self.sum(node)
            case Apply():
                return Ref(self.apply(node), axes)
            case Contraction():
                return self.view(node) if node.is_view else Ref(self.product(node), axes)
            case Reduce():
                return Ref(self.reduce(node), axes)
            case Call():
                return Ref(self.call(node), axes)
            case Derivative():
                raise DifferentiationError("a derivative was not worked out before planning")
        assert_never(node)

    def leaf(self, node: Variable | Constant | Number | Size) -> Term:
        """What depends on nothing."""
        axes = tuple(range(len(node.shape)))
        match node:
            case Variable():
                value = self.graph.leaf("input", node.shape, node.name)
                if node.symmetric and len(node.shape) == 2:
                    self.graph.parity.even.add(value)
                if "spd" in node.traits:
                    self.definite.add(value)
                return Term(value, axes)
            case Constant():
                return Term(self.graph.leaf("constant", node.shape, node.name), axes)
            case Number():
                return Term(node.value)
            case Size():
                return Term(self.graph.leaf("size", (), node.extent))
        assert_never(node)

    def dense(self, node: Node) -> Term:
        """The node's term over its axes 0, 1, …; axes along which it repeats may be lacking."""
        ref = self.refs[node]
        if ref.is_embedding:
            axes = tuple(range(len(node.shape)))
            parts = (Part(0, ref.pattern),)
            return Term(self.graph.embed(node.shape, (ref.term,), parts), axes)
        axis = {label: k for k, label in enumerate(ref.pattern)}
        return Term(ref.term.source, tuple(axis[label] for label in ref.term.labels))

    def complete(self, node: Node) -> Term:
        """The node's term with all its axes."""
        term = self.dense(node)
        axes = tuple(range(len(node.shape)))
        if len(term.labels) == len(axes) and not isinstance(term.source, Fraction):
            return as_number(self.graph, term)
        if not axes:
            return term
        if term.source == 0:
            return Term(self.graph.embed(node.shape, (), ()), axes)
        return Term(self.graph.embed(node.shape, (term,), (Part(0, axes),)), axes)

    def view(self, node: Contraction) -> Ref:
        """Only labels change."""
        if not node.factors:
            return Ref(Term(Fraction(1)), node.output)
        inner = self.dense(node.factors[0])
        labels = tuple(node.labels[0][axis] for axis in inner.labels)
        return Ref(self.graph.diagonal(Term(inner.source, labels)), node.output)

    def sum(self, node: Sum) -> Ref:
        """A multiple keeps its pattern; a sum writes what lies on diagonals over the rest."""
        axes = tuple(range(len(node.shape)))
        if not node.terms:
            return Ref(Term(Fraction(0)), axes)
        scale = self.scales.get(node, Fraction(1))
        terms = [(self.remaining(c * scale, t), t) for c, t in node.terms]
        if len(terms) == 1:
            coefficient, inner = terms[0]
            ref = self.refs[inner]
            return Ref(scaled(self.graph, ref.term, Term(coefficient)), ref.pattern)
        symmetric = self.symmetric(node)
        if symmetric is not None:
            return Ref(scaled(self.graph, symmetric, Term(scale)), axes)
        dense = [(c, t) for c, t in terms if not self.refs[t].is_embedding]
        together, dense = self.outers(node, dense)
        flat = [*together, *((c, self.dense(t)) for c, t in dense)]
        bent = [(c, self.refs[t]) for c, t in terms if self.refs[t].is_embedding]
        want = self.wanted.get(node, ())
        base = combination(self.graph, flat, want) if flat else None
        if not bent:
            assert base is not None
            return Ref(base, axes)
        return Ref(Term(self.overlay(node.shape, base, bent), axes), axes)

    def symmetric(self, node: Sum) -> Term | None:
        """A sum over all orders of the axes, from one order of each term."""
        terms: list[Term] = []
        for coefficient, inner, axes in opened(node):
            if (
                coefficient != 1
                or self.refs[inner].is_embedding
                or behind_view(inner) in self.scales
            ):
                return None
            term = self.dense(inner)
            terms.append(Term(term.source, tuple(axes[axis] for axis in term.labels)))
        return symmetrised(self.graph, terms)

    def outers(
        self, node: Sum, terms: Sequence[tuple[Fraction, Node]]
    ) -> tuple[list[tuple[Fraction, Term]], list[tuple[Fraction, Node]]]:
        """Large outer products among the terms as one term, and the other terms."""
        flats = [(c, t, flat_term(t)) for c, t in terms]
        parted = [item for item in flats if len(components(item[2])) > 1]
        lengths = [extent.evaluate(self.sizes) for extent in node.shape]
        found: list[tuple[Fraction, Term]] = []
        joined: set[Node] = set()
        for members, split in pairings([flat for _, _, flat in parted], lengths):
            pairs = []
            for coefficient, term, flat in (parted[k] for k in members):
                whole = coefficient * self.scales.get(behind_view(term), Fraction(1))
                left = self.half(flat, split[0], whole)
                pairs.append((left, self.half(flat, split[1], Fraction(1))))
                joined.add(term)
            found.append((Fraction(1), self.graph.outers(pairs, layout(split, lengths))))
        return found, [(c, t) for c, t in terms if t not in joined]

    def half(self, flat: Flat, axes: Labels, coefficient: Fraction) -> Term:
        """The factors of a term that have only these axes, under these axes as labels."""
        factors = [
            self.under(*flat.factors[position])
            for members, own in components(flat)
            if own <= set(axes)
            for position in members
        ]
        used = {label for term in factors for label in term.labels}
        extents = {label: e for label, e in enumerate(flat.extents) if label in used}
        kept = tuple(flat.axes[axis] for axis in axes)
        result = Product(self.graph, extents, self.sizes).lower(factors, kept, coefficient)
        axis_of = {flat.axes[axis]: axis for axis in axes}
        return Term(result.source, tuple(axis_of[label] for label in result.labels))

    def under(self, factor: Node, labels: Labels) -> Term:
        """A factor's term under a product's labels."""
        term = self.dense(factor)
        return Term(term.source, tuple(labels[axis] for axis in term.labels))

    def remaining(self, coefficient: Fraction, inner: Node) -> Fraction:
        """The coefficient, less what the product below has taken along."""
        taken = self.scales.get(behind_view(inner))
        return coefficient if taken is None else coefficient / taken

    def overlay(
        self, shape: Shape, base: Term | None, bent: Sequence[tuple[Fraction, Ref]]
    ) -> Value:
        """A dense base, or zeros, with diagonal parts added."""
        operands = [] if base is None else [base]
        parts = [] if base is None else [Part(0, tuple(range(len(shape))))]
        for coefficient, ref in bent:
            sign, term = signed(self.graph, coefficient, ref.term)
            parts.append(Part(len(operands), ref.pattern, sign))
            operands.append(term)
        return self.graph.embed(shape, operands, parts)

    def apply(self, node: Apply) -> Term:
        """A function at each entry; `exp(x − logsumexp x)` is a softmax."""
        if node.function == Function("exp"):
            softmax = self.softmax(node)
            if softmax is not None:
                return softmax
        known = self.logistic.value(node) if node.function == SIGMOID else None
        return known or elementwise(self.graph, node.function, tuple(map(self.dense, node.args)))

    def softmax(self, node: Apply) -> Term | None:
        """`exp(x − lse)` as `exp(x − max) / Σ exp(x − max)`, which shares its parts with `lse`."""
        terms = terms_of(node.args[0])
        if sorted(c for c, _ in terms) != [-1, 1]:
            return None
        (_, below), (_, above) = sorted(terms, key=lambda item: item[0])
        reduced = behind_view(below)
        if not isinstance(reduced, Reduce) or reduced.operation != "logsumexp":
            return None
        if self.refs[above].is_embedding or self.refs[below].is_embedding:
            return None
        inner, outer = self.dense(reduced.argument), self.dense(above)
        if inner.source is not outer.source or len(inner.labels) != len(reduced.argument.shape):
            return None
        kept = len(reduced.argument.shape) - reduced.rank
        mapped = {x: y for x, y in zip(inner.labels, outer.labels, strict=True) if x < kept}
        gone = [y for x, y in zip(inner.labels, outer.labels, strict=True) if x >= kept]
        if self._axes_of_reduced(below, reduced) != tuple(mapped[k] for k in range(kept)):
            return None
        _, shifted, total = self.shifted(outer, gone)
        return self.graph.map("divide", shifted, total)

    def _axes_of_reduced(self, node: Node, reduced: Reduce) -> Labels:
        """Which axis of `node`, the reduction or a view of it, each of the reduction's is."""
        if node is reduced:
            return tuple(range(len(reduced.shape)))
        assert isinstance(node, Contraction)
        axis = {label: k for k, label in enumerate(node.output)}
        return tuple(axis[label] for label in node.labels[0])  # repeated ones match no axes

    def shifted(self, term: Term, gone: Sequence[int]) -> tuple[Term, Term, Term]:
        """The largest entry, the exponentials of what is below it, and their sum."""
        if len(term.labels) == 1 and set(term.labels) == set(gone) and not self.graph.is_complex:
            top = self.graph.reduce("top", term, gone)
        else:
            top = self.graph.map("finite", self.graph.reduce("max", term, gone))
        exponentials = self.graph.map("exp", self.graph.map("subtract", term, top))
        return top, exponentials, self.graph.total(exponentials, set(gone))

    def reduce(self, node: Reduce) -> Term:
        """A reduction or scan over the last axes."""
        term = self.complete(node.argument)
        gone = range(len(node.argument.shape) - node.rank, len(node.argument.shape))
        match node.operation:
            case "logsumexp":
                top, _, total = self.shifted(term, gone)
                return self.graph.map("add", top, self.graph.map("log", total))
            case "cumsum" | "reverse_cumsum":
                return self.graph.scan(node.operation, term, len(node.shape) - 1)
            case _:
                return self.graph.reduce(node.operation, term, gone)

    def call(self, node: Call) -> Term:
        """A function of a whole matrix, or other axes for the same entries."""
        term = self.complete(node.argument)
        axes = tuple(range(len(node.shape)))
        if node.operation == "reshape":
            return Term(self.graph.reshape(term, node.shape), axes)
        if node.argument in self.declared and isinstance(term.source, Value):
            self.definite.add(term.source)
            self.graph.parity.even.add(term.source)
        return Term(self.graph.matrix(node.operation, (term,), axes, node.shape), axes)

    def product(self, node: Contraction) -> Term:
        """Factors under the contraction's labels, slopes of logistic functions recognised."""
        if node in self.networks:
            self.contract(self.networks[node])
        factors: list[Term] = []
        skip: set[int] = set()
        pairs = dict(slope_positions(node))
        for k, (factor, labels) in enumerate(zip(node.factors, node.labels, strict=True)):
            if k in skip:
                continue
            other = pairs.get(k)
            if other is not None:
                term = self.logistic.slope(factor.arguments[0], node.factors[other].arguments[0])
                skip.add(other)
            else:
                term = self.dense(factor)
                if self.uses[factor] > 1:
                    term = as_number(self.graph, term)
            factors.append(Term(term.source, tuple(labels[axis] for axis in term.labels)))
        extents = dict(enumerate(node.extents))
        kept = node.output
        want = tuple(kept[axis] for axis in self.wanted.get(node, ()))
        coefficient = self.scales.get(node, Fraction(1))
        product = Product(self.graph, extents, self.sizes, self.known)
        chain = None if skip else self.chains.get(node)
        result = product.lower(factors, kept, coefficient, want, chain)
        axis = {label: k for k, label in enumerate(kept)}
        return Term(result.source, tuple(axis[label] for label in result.labels))

    def contract(self, network: Network) -> None:
        """All of a network, once: its partial products are what its derivatives are made of."""
        for tensor in network.tensors:
            if isinstance(tensor, Variable) and tensor not in self.refs:
                self.refs[tensor] = Ref(self.leaf(tensor), tuple(range(len(tensor.shape))))
        there = all(tensor in self.refs for tensor in network.tensors)
        if network in self.contracted or not there:
            return
        self.contracted.add(network)
        terms = []
        for tensor, own in zip(network.tensors, network.labels, strict=True):
            term = self.dense(tensor)
            terms.append(Term(term.source, tuple(own[axis] for axis in term.labels)))
        Product(self.graph, network.extents, self.sizes, self.known).lower(terms, ())
