"""From named results to a straight-line plan.

In: result nodes by name, sizes to assume, names of nodes. Out: a `Plan`: the values that are
needed, in order, each with the dead array it may be written into and the arrays that nobody needs
after it.

>>> from indexcalc.ir.build import builtin, contract, variable
>>> m, n = Extent.named("m"), Extent.named("n")
>>> W, x = variable("W", (m, n)), variable("x", (n,))
>>> z = contract([(W, "ij"), (x, "j")], "i")
>>> plan = make_plan([("a", builtin("tanh", z))], {"m": 3}, {z: "z"})
>>> [(step.value.kernel, step.into) for step in plan.steps]
[('product', None), ('map', product[m])]
>>> list(plan.names.values()), plan.sizes["n"]
(['z'], 100)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from indexcalc.ir.extent import Extent, Shape
from indexcalc.ir.node import Call, Contraction, Node
from indexcalc.ir.walk import postorder
from indexcalc.plan.chains import chained
from indexcalc.plan.fuse import fuse
from indexcalc.plan.lifetimes import steps
from indexcalc.plan.lower import Lowering
from indexcalc.plan.orbit import orbits
from indexcalc.plan.orientation import oriented, renewed_result
from indexcalc.plan.prepare import prepare
from indexcalc.plan.program import LEAVES, Plan, Term, Value
from indexcalc.plan.renumber import needed, renewed

__all__ = ["ASSUMED_SIZE", "Extent", "make_plan"]

ASSUMED_SIZE = 100  # of an extent that no hint gives


def make_plan(
    results: Sequence[tuple[str, Node]],
    sizes: Mapping[str, int] | None = None,
    names: Mapping[Node, str] | None = None,
    *,
    is_complex: bool = False,
    definite: Collection[Node] = (),
) -> Plan:
    """Plan the joint computation of all results.

    `sizes` are hints for the order of contractions: the plan is right for every size. Nodes must be
    free of derivatives and of variables that stand for definitions. `is_complex` makes a plan for
    complex arrays: there, functions that keep real numbers from overflowing have no place.
    `definite` are matrices that are declared symmetric and positive definite, other than inputs.
    """
    roots = [node for _, node in results]
    assumed = _assumed(roots, sizes or {})
    declared = _under_functions(roots, definite)
    rewritten = prepare([*roots, *declared], assumed)
    flat = rewritten[: len(roots)]
    lowering = Lowering(flat, assumed, is_complex=is_complex, definite=rewritten[len(roots) :])
    factored = frozenset() if is_complex else frozenset(lowering.definite)
    live, new = fuse(_live(lowering.results), lowering.results, assumed, factored)
    fused = [renewed(term, new) for term in lowering.results]
    live, turned = oriented(live, fused, assumed)
    lying = [renewed_result(term, turned) for term in fused]
    live, mirrored = orbits(live, lying, flat, assumed)
    mirrors = [renewed(term, mirrored) for term in lying]
    live, last = chained(live, mirrors, assumed)
    new = {
        old: last[mirrored[turned[value]]]
        for old, value in new.items()
        if mirrored.get(turned[value]) in last and turned[value].labels == value.labels
    }
    found = [renewed(term, last) for term in mirrors]
    labelled = {
        new[value]: name
        for node, name in (names or {}).items()
        if (value := _value_of(lowering, node)) is not None and value in new
    }
    inputs = tuple(value for value in live if value.kernel == "input")
    named = tuple((name, term) for (name, _), term in zip(results, found, strict=True))
    shapes = tuple(root.shape for root in roots)
    return Plan(named, shapes, tuple(steps(live, found, assumed)), inputs, assumed, labelled)


def _under_functions(roots: Sequence[Node], matrices: Collection[Node]) -> list[Node]:
    """Those of the matrices of which a function is taken, in order."""
    wanted = {node.argument: None for node in postorder(roots) if isinstance(node, Call)}
    return [matrix for matrix in wanted if matrix in matrices]


def _assumed(roots: Sequence[Node], sizes: Mapping[str, int]) -> dict[str, int]:
    """A size for every extent's name that occurs."""
    names = {name for node in postorder(roots) for e in _extents(node) for name in e.names}
    return {name: sizes.get(name, ASSUMED_SIZE) for name in sorted(names | set(sizes))}


def _extents(node: Node) -> tuple[Extent, ...]:
    inner: Shape = getattr(node, "extents", ())
    own = getattr(node, "extent", None)
    return (*node.shape, *inner, *([own] if own is not None else []))


def _value_of(lowering: Lowering, node: Node) -> Value | None:
    """The value with the entries of a node, and its axes in the same order.

    A transposed tensor is seldom met by itself: in products it is read as what it shows.
    """
    ref = lowering.refs.get(node)
    shown = ref.pattern if ref is not None else ()
    if ref is None and isinstance(node, Contraction) and _is_transposed(node):
        ref = lowering.refs.get(node.factors[0])
        at = dict(zip(node.labels[0], ref.pattern, strict=True)) if ref is not None else {}
        shown = tuple(at[label] for label in node.output) if at else ()
    if ref is None or ref.is_embedding or not isinstance(ref.term.source, Value):
        return None
    found = ref.term.source
    return found if ref.term.labels == shown and found.kernel not in LEAVES else None


def _is_transposed(node: Contraction) -> bool:
    """Whether a node is another one with its axes in another order."""
    return len(node.factors) == 1 and sorted(node.labels[0]) == list(range(len(node.output)))


def _live(roots: Sequence[Term]) -> list[Value]:
    """Every value that a result needs, in order of making."""
    return sorted(needed(roots, {}), key=lambda value: value.number)
