"""Nodes that have a name of their own in the language.

In: a node. Out: the named operation that it is, or None. `exp(x − logsumexp x)` is a softmax, and
so on; what is named stays one node here, so that it is printed, counted and shared as one.

>>> from indexcalc.ir.build import broadcast, builtin, reduce, subtract, variable
>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> x = variable("x", (n,))
>>> p = builtin("exp", subtract(x, broadcast(reduce("logsumexp", x, 1), (n,), ())))
>>> softmax_of(p) == (x, (0,))
True
>>> shown_arguments(p) == (x,)
True
"""

from __future__ import annotations

from indexcalc.ir.build import linear, split_multiple, terms_of, transpose
from indexcalc.ir.node import SCANS, Apply, Contraction, Function, Node, Reduce, Sum

COMPARISONS = {"gt": ">", "lt": "<", "ge": ">=", "le": "<=", "eq": "==", "ne": "!="}
RENAMED = {"maximum": "max", "minimum": "min"}


def softmax_of(node: Node) -> tuple[Node, tuple[int, ...]] | None:
    """`(x, axes)` if `node` is the softmax of `x` (with the axes of `node`) along `axes`."""
    if not (isinstance(node, Apply) and node.function == Function("exp") and node.shape):
        return None
    terms = terms_of(node.args[0])
    for position, (coefficient, part) in enumerate(terms):
        if coefficient != -1:
            continue
        rest = linear(terms[:position] + terms[position + 1 :], node.shape)
        axes = _normaliser_axes(part, rest)
        if axes:
            return rest, axes
    return None


def _normaliser_axes(part: Node, rest: Node) -> tuple[int, ...]:
    """The axes along which `part` is the (broadcast) logsumexp of `rest`, or none."""
    view = part if isinstance(part, Contraction) and part.is_view else None
    if view is None or len(view.factors) != 1 or len(set(view.output)) < len(view.output):
        return ()
    inner = view.factors[0]
    if not (isinstance(inner, Reduce) and inner.operation == "logsumexp"):
        return ()
    kept = [view.output.index(label) for label in view.labels[0]]
    along = [axis for axis in range(len(view.output)) if axis not in kept]
    order = [*kept, *along]  # axis k of the argument is axis order[k] of the node
    if len(set(kept)) < len(kept) or len(order) != len(inner.argument.shape):
        return ()
    back = [order.index(axis) for axis in range(len(order))]
    return tuple(along) if transpose(inner.argument, back) is rest else ()


def axes_along(node: Node) -> tuple[int, ...]:
    """The axes along which a softmax or a scan goes, which keep their letters."""
    if isinstance(node, Reduce) and node.operation in SCANS:
        return (len(node.shape) - 1,)
    softmax = softmax_of(node)
    return softmax[1] if softmax else ()


def is_power(node: Node) -> bool:
    """Whether `node` is a base with a fixed exponent."""
    return isinstance(node, Apply) and node.function.parameter is not None


def is_product(node: Node) -> bool:
    """Whether `node` is printed as a product: a contraction, a multiple, or a power."""
    return (
        isinstance(node, Contraction)
        or (isinstance(node, Sum) and len(node.terms) == 1)
        or is_power(node)
    )


def stripped(node: Node) -> Node:
    """`node` without the multiples and views around it; ones give themselves."""
    while True:
        inner = split_multiple(node)[1]
        if isinstance(inner, Contraction) and inner.is_view and inner.factors:
            inner = inner.factors[0]
        if inner is node:
            return node
        node = inner


def shown_arguments(node: Node) -> tuple[Node, ...]:
    """What is printed inside `node`: its arguments, seen through views and multiples."""
    softmax = softmax_of(node)
    if softmax:
        return (stripped(softmax[0]),)
    if isinstance(node, Contraction):
        pairs = dict.fromkeys(zip(node.factors, node.labels, strict=True))
        return tuple(stripped(factor) for factor, _ in pairs)
    return tuple(stripped(argument) for argument in node.arguments)
