"""Inner functions that a person would give a name before differentiating.

In: the bodies of definitions, and the names that move. Out: the nodes to be named, arguments before
users: what a function is of, unless that is a name already, and factors of a product in which
something else moves too.

>>> from indexcalc.ir.build import add, builtin, number, variable
>>> x, w = variable("x", ()), variable("w", ())
>>> inside = add(x, w)
>>> alpha = builtin("exp", inside)
>>> body = builtin("log", add(number(1), alpha))
>>> inner_functions([body], frozenset({x})) == [inside, alpha]
True

Of `log(1 + exp(β))` the argument is `α = exp(β)`: a constant beside it is in nobody's way. A
sigmoid or softmax that is written out is one function, whose derivative everybody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet

from indexcalc.ir.node import (
    SCANS,
    Apply,
    Call,
    Contraction,
    Derivative,
    Function,
    Node,
    Reduce,
    Sum,
    Variable,
)
from indexcalc.ir.walk import postorder
from indexcalc.notation.patterns import COMPARISONS, softmax_of, stripped
from indexcalc.simplify.stabilise import stabilise

UNITS = frozenset({Function("sigmoid")})


def inner_functions(bodies: Sequence[Node], moving: AbstractSet[Variable]) -> list[Node]:
    """The nodes below `bodies` to be named, arguments before users."""
    order = postorder(bodies)
    moves: set[Node] = set()
    for node in order:
        if node in moving or any(child in moves for child in node.arguments):
            moves.add(node)
    candidates = [node for node in order if node in moves and not isinstance(node, Variable)]
    known: dict[Node, Node] = dict(zip(candidates, stabilise(candidates), strict=True))
    below = _openings(moves, known)
    shown = postorder(bodies, below)
    wanted = {
        inner
        for node in shown
        if node in moves
        for part in _named_parts(node, moves, known)
        if (inner := _nameable(part, moves)) is not None
    }
    return [node for node in order if node in wanted]


def _openings(
    moves: AbstractSet[Node], known: dict[Node, Node]
) -> Callable[[Node], Sequence[Node]]:
    def below(node: Node) -> Sequence[Node]:
        if node not in moves:
            return ()
        unit = _unit_argument(node, known)
        return node.arguments if unit is None else (unit,)

    return below


def _unit_argument(node: Node, known: dict[Node, Node]) -> Node | None:
    """What a softmax or sigmoid is of, whether it is written so or spelled out."""
    for form in (node, known.get(node, node)):
        softmax = softmax_of(form)
        if softmax:
            return stripped(softmax[0])
        if isinstance(form, Reduce) and form.operation == "logsumexp":
            return stripped(form.argument)
        if isinstance(form, Apply) and form.function in UNITS:
            return stripped(form.args[0])
    return None


def _named_parts(node: Node, moves: AbstractSet[Node], known: dict[Node, Node]) -> Iterable[Node]:
    """The parts of a node through which its differential is not simply linear."""
    unit = _unit_argument(node, known)
    if unit is not None:
        return (unit,)
    match node:
        case Apply(function=function):
            if function.name in COMPARISONS:
                return ()
            return node.args[1:] if function.name == "where" else node.args
        case Call(operation=operation):
            return () if operation == "reshape" else (node.argument,)
        case Reduce(operation=operation):
            return () if operation in SCANS else (node.argument,)
        case Contraction(factors=factors):
            moving = [factor for factor in factors if factor in moves]
            several = len(moving) > 1
            return [f for f in moving if several and not _is_function(_nameable(f, moves))]
        case Derivative():
            return ()
        case _:
            return ()


def _is_function(node: Node | None) -> bool:
    """Whether this is a function of names, beside which constants may stand."""
    return isinstance(node, Apply)


def _nameable(part: Node, moves: AbstractSet[Node]) -> Node | None:
    """What of an argument gets the name: nothing if it is little more than a name."""
    inner = _unveiled(part)
    if inner not in moves or _is_simple(stripped(inner), moves):
        return None
    if isinstance(inner, Sum) and len(inner.terms) > 1:
        varying = [term for _, term in inner.terms if term in moves]
        if len(varying) == 1 and not _is_wide(inner, varying[0]):
            only = stripped(varying[0])
            if _is_simple(only, moves):
                return None
            return only if isinstance(only, Apply | Call | Reduce) else inner
    return inner


def _is_simple(node: Node, moves: AbstractSet[Node]) -> bool:
    """A name, or one with constant factors at each entry, `t x_i`."""
    if isinstance(node, Contraction) and not node.summed:
        moving = [factor for factor in node.factors if factor in moves]
        return len(moving) == 1 and isinstance(moving[0], Variable)
    return isinstance(node, Variable)


def _is_wide(total: Sum, moving: Node) -> bool:
    """Whether what stands beside the moving term is more than numbers."""
    return any(
        stripped(term).arguments or isinstance(stripped(term), Variable)
        for _, term in total.terms
        if term is not moving
    )


def _unveiled(node: Node) -> Node:
    """The node without views around it."""
    while isinstance(node, Contraction) and node.is_view and node.factors:
        node = node.factors[0]
    return node
