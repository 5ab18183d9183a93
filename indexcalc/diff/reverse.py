"""Reverse mode: cotangents, carried from a function down to its variables.

In: a function, variables, and a seed: how much each entry of the function counts, once for each
value of some extra axes. Out: how much each entry of each variable counts. A scalar
function with the seed 1 gives its gradients by all variables in one sweep.

>>> from indexcalc.ir.build import number, variable
>>> n = Extent.named("n")
>>> x, y = variable("x", (n,)), variable("y", (n,))
>>> f = contract([(x, "i"), (y, "i")], "")
>>> gradients = reverse(f, [x, y], number(1))
>>> gradients[x] is y, gradients[y] is x
(True, True)
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import assert_never

from indexcalc.diff.dependence import NO_DEFINITIONS, arguments_through, dependents
from indexcalc.diff.limits import refuse_wide_product
from indexcalc.diff.slopes import weights
from indexcalc.diff.symmetry import project
from indexcalc.errors import DifferentiationError, ShapeError
from indexcalc.ir.build import call, is_zero, linear, reduce, reshape, scale, zero
from indexcalc.ir.contraction import contract
from indexcalc.ir.environment import Environment
from indexcalc.ir.extent import Extent, Shape, shape_text
from indexcalc.ir.node import (
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

Contributions = Iterator[tuple[Node, Node]]
_OPPOSITE = {"cumsum": "reverse_cumsum", "reverse_cumsum": "cumsum"}


def reverse(
    function: Node,
    variables: Sequence[Variable],
    seed: Node,
    environment: Environment = NO_DEFINITIONS,
) -> dict[Variable, Node]:
    """The cotangent of each of `variables` when `function` has the cotangent `seed`.

    `seed` has any extra axes, then those of `function`; each result has the extra axes, then
    those of its variable. Names that `environment` defines are looked through; the cotangent of
    such a name is all that reaches the name. Each node is visited once. Raises `ShapeError` for
    another seed, `DifferentiationError` where no rule is known.
    """
    rank = len(seed.shape) - len(function.shape)
    if rank < 0 or seed.shape[rank:] != function.shape:
        raise ShapeError(
            f"a seed of {shape_text(seed.shape)} for a function of {shape_text(function.shape)}"
        )
    extra = seed.shape[:rank]
    arguments = arguments_through(environment)
    order = postorder([function], arguments)
    moving = dependents(order, frozenset(variables), arguments)
    collected: dict[Node, list[Node]] = {function: [seed]}
    found: dict[Variable, Node] = {}
    for node in reversed(order):
        parts = collected.pop(node, [])
        if node not in moving or not parts:
            continue
        cotangent = linear([(1, part) for part in parts], extra + node.shape)
        if is_zero(cotangent):
            continue
        if isinstance(node, Variable):
            found[node] = project(cotangent, node, rank)
            shares = iter([(body, cotangent) for body in arguments(node)])
        else:
            shares = _shares(node, cotangent, rank, moving)
        for child, share in shares:
            if child in moving:
                collected.setdefault(child, []).append(share)
    return {v: found.get(v, zero(extra + v.shape)) for v in variables}


def _shares(node: Node, cotangent: Node, rank: int, moving: Container[Node]) -> Contributions:
    """What each argument gets; `rank` counts the extra axes in front."""
    match node:
        case Sum():
            return ((term, scale(c, cotangent)) for c, term in node.terms if term in moving)
        case Apply():
            return _through_apply(node, cotangent, rank, moving)
        case Contraction():
            return _through_contraction(node, cotangent, rank, moving)
        case Reduce():
            return iter([(node.argument, _through_reduce(node, cotangent, rank))])
        case Call():
            return iter([(node.argument, _through_call(node, cotangent, rank))])
        case Derivative():
            raise DifferentiationError("the inner derivative must be worked out first")
        case Variable() | Number() | Constant() | Size():
            return iter(())
        case _:
            assert_never(node)


def _through_apply(
    node: Apply, cotangent: Node, rank: int, moving: Container[Node]
) -> Contributions:
    """`cotangent · ∂_k f`, at each entry."""
    axes = range(len(cotangent.shape))
    for position, arg in enumerate(node.args):
        if arg in moving:
            factors = [(cotangent, axes), (partial(node, position), axes[rank:])]
            yield arg, contract(factors, axes)


def _through_contraction(
    node: Contraction, cotangent: Node, rank: int, moving: Container[Node]
) -> Contributions:
    """Each factor in turn gives its place, and its labels, to the result."""
    positions = [position for position, factor in enumerate(node.factors) if factor in moving]
    refuse_wide_product(node, len(positions))
    factors = list(zip(node.factors, node.labels, strict=True))
    extra = cotangent.shape[:rank]
    extents: dict[int, Extent] = dict(enumerate(node.extents + extra))
    added = tuple(range(len(node.extents), len(extents)))
    above = (cotangent, added + node.output)
    for position in positions:
        others = [*factors[:position], *factors[position + 1 :]]
        output = added + node.labels[position]
        yield node.factors[position], contract([above, *others], output, extents)


def _through_reduce(node: Reduce, cotangent: Node, rank: int) -> Node:
    if node.operation in _OPPOSITE:
        return reduce(_OPPOSITE[node.operation], cotangent, 1)
    axes = tuple(range(rank + len(node.argument.shape)))
    kept = axes[: rank + len(node.shape)]
    return contract([(cotangent, kept), (weights(node), axes[rank:])], axes)


def _through_call(node: Call, cotangent: Node, rank: int) -> Node:
    """Inverse, determinant and its logarithm: the transposes of the rules in forward mode."""
    extra: Shape = cotangent.shape[:rank]
    added = tuple(range(4, 4 + rank))
    match node.operation:
        case "reshape":
            return reshape(cotangent, extra + node.argument.shape)
        case "inv":
            factors = [(node, (0, 1)), (cotangent, (*added, 0, 3)), (node, (2, 3))]
            return scale(-1, contract(factors, (*added, 1, 2)))
        case "det" | "logdet":
            outer = [(node, ())] if node.operation == "det" else []
            inverse = (call("inv", node.argument), (1, 0))
            return contract([(cotangent, added), *outer, inverse], (*added, 0, 1))
        case operation:
            raise DifferentiationError(f"no derivative is known for the function {operation}")
