"""Forward mode: tangents, carried from a variable up to a function.

In: a function, a variable, and a seed: how the variable moves, once for each value of some extra
axes. Out: how the function moves. A seed of deltas gives all components of the derivative, a seed
with no extra axes a directional derivative.

>>> from indexcalc.ir.build import delta, variable
>>> n = Extent.named("n")
>>> x, v = variable("x", (n,)), variable("v", (n,))
>>> f = contract([(x, "i"), (x, "i")], "")
>>> forward(f, x, v) is scale(2, contract([(x, "i"), (v, "i")], ""))
True
>>> forward(f, x, delta(n)) is scale(2, x)
True
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from indexcalc.diff.dependence import NO_DEFINITIONS, arguments_through
from indexcalc.diff.limits import refuse_wide_product
from indexcalc.diff.slopes import weights
from indexcalc.diff.symmetry import project
from indexcalc.errors import DifferentiationError, ShapeError
from indexcalc.ir.build import call, is_zero, linear, reduce, reshape, scale, transpose, zero
from indexcalc.ir.contraction import contract
from indexcalc.ir.environment import Environment
from indexcalc.ir.extent import Extent, Shape, shape_text
from indexcalc.ir.node import (
    SCANS,
    Apply,
    Call,
    Constant,
    Contraction,
    Derivative,
    Node,
    Number,
    Reduce,
    Size,
    Sum,
    Variable,
)
from indexcalc.ir.primitives import partial
from indexcalc.ir.walk import postorder

Tangents = Mapping[Node, Node]


def forward(
    function: Node, variable: Variable, seed: Node, environment: Environment = NO_DEFINITIONS
) -> Node:
    """The tangent of `function` when `variable` moves by `seed`.

    `seed` has the axes of `variable`, then any extra ones; the result has those of `function`, then
    the extra ones. Names that `environment` defines are looked through, except `variable`.
    Raises `ShapeError` for another seed, `DifferentiationError` where no rule is known.
    """
    rank = len(variable.shape)
    if seed.shape[:rank] != variable.shape:
        raise ShapeError(
            f"a seed of {shape_text(seed.shape)} for {variable.name}, "
            f"which is {shape_text(variable.shape)}"
        )
    extra = seed.shape[rank:]
    arguments = arguments_through(environment, (variable,))
    tangents: dict[Node, Node] = {variable: project(seed, variable, 0)}
    for node in postorder([function], arguments):
        below = arguments(node)
        if node is variable or not any(child in tangents for child in below):
            continue
        # a defined name moves as its body does
        tangent = (
            tangents[below[0]] if isinstance(node, Variable) else _tangent(node, tangents, extra)
        )
        if not is_zero(tangent):
            tangents[node] = tangent
    return tangents.get(function, zero(function.shape + extra))


def _tangent(node: Node, tangents: Tangents, extra: Shape) -> Node:
    match node:
        case Sum():
            terms = [(c, tangents[term]) for c, term in node.terms if term in tangents]
            return linear(terms, node.shape + extra)
        case Apply():
            return _of_apply(node, tangents, extra)
        case Contraction():
            return _of_contraction(node, tangents, extra)
        case Reduce():
            return _of_reduce(node, tangents[node.argument], extra)
        case Call():
            return _of_call(node, tangents[node.argument], extra)
        case Derivative():
            raise DifferentiationError("the inner derivative must be worked out first")
        case Variable() | Number() | Constant() | Size():
            return zero(node.shape + extra)
        case _:
            assert_never(node)


def _of_apply(node: Apply, tangents: Tangents, extra: Shape) -> Node:
    """`Σ_k ∂_k f · tangent of argument k`, at each entry."""
    axes = range(len(node.shape))
    output = range(len(node.shape) + len(extra))
    terms = [
        (1, contract([(partial(node, position), axes), (tangents[arg], output)], output))
        for position, arg in enumerate(node.args)
        if arg in tangents
    ]
    return linear(terms, node.shape + extra)


def _of_contraction(node: Contraction, tangents: Tangents, extra: Shape) -> Node:
    """The product rule: each factor in turn gives way to its tangent."""
    moving = [position for position, factor in enumerate(node.factors) if factor in tangents]
    refuse_wide_product(node, len(moving))
    factors = list(zip(node.factors, node.labels, strict=True))
    extents: dict[int, Extent] = dict(enumerate(node.extents + extra))
    added = tuple(range(len(node.extents), len(extents)))
    terms = []
    for position in moving:
        replaced = (tangents[node.factors[position]], node.labels[position] + added)
        product = [*factors[:position], replaced, *factors[position + 1 :]]
        terms.append((1, contract(product, node.output + added, extents)))
    return linear(terms, node.shape + extra)


def _of_reduce(node: Reduce, tangent: Node, extra: Shape) -> Node:
    rank = len(node.argument.shape)
    axes = tuple(range(rank))
    added = tuple(range(rank, rank + len(extra)))
    if node.operation in SCANS:  # linear; a scan runs along the last axis, so move that to the end
        last = transpose(tangent, (*axes[:-1], *added, rank - 1))
        scanned = reduce(node.operation, last, 1)
        end = rank + len(extra) - 1
        return transpose(scanned, (*axes[:-1], end, *range(rank - 1, end)))
    kept = axes[: len(node.shape)]
    return contract([(weights(node), axes), (tangent, axes + added)], kept + added)


def _of_call(node: Call, tangent: Node, extra: Shape) -> Node:
    """`d X⁻¹ = −X⁻¹ dX X⁻¹`, `d det X = det X tr(X⁻¹ dX)`, `d log|det X| = tr(X⁻¹ dX)`."""
    added = tuple(range(4, 4 + len(extra)))
    match node.operation:
        case "reshape":
            return reshape(tangent, node.shape + extra)
        case "inv":
            moved = [(node, (0, 1)), (tangent, (1, 2, *added)), (node, (2, 3))]
            return scale(-1, contract(moved, (0, 3, *added)))
        case "det" | "logdet":
            factors = [(call("inv", node.argument), (1, 0)), (tangent, (0, 1, *added))]
            outer = [(node, ())] if node.operation == "det" else []
            return contract([*outer, *factors], added)
        case operation:
            raise DifferentiationError(f"no derivative is known for the function {operation}")
