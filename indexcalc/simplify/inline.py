"""Put definitions in the place of names.

In: nodes, in which names of the program stand as variables and its functions as `Apply` nodes.
Out: the same values in terms of inputs only. Under a derivative by a defined name, that name
stays: what defines it is cut off there. After such a derivative has been worked out, the name is
opened by the next round.

>>> from indexcalc.ir.build import add, builtin, multiply, scale, variable
>>> x, z = variable("x", ()), variable("z", ())
>>> program = Environment({z: scale(2, x)})
>>> inline([multiply(z, x)], program, lambda body, parameter: body)[0] is scale(2, multiply(x, x))
True
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from indexcalc.errors import LimitError, UnknownNameError
from indexcalc.ir.build import derivative, variable, with_arguments
from indexcalc.ir.environment import Environment
from indexcalc.ir.node import Apply, Derivative, Function, Node, Variable
from indexcalc.ir.walk import postorder, rewrite
from indexcalc.simplify.lift import lift

MOST_STEPS = 5_000_000
Differentiate = Callable[[Node, Variable], Node]
Place = tuple[Node, frozenset[Variable]]


def inline(
    roots: Sequence[Node],
    environment: Environment,
    differentiate: Differentiate,
    keep: AbstractSet[Variable] = frozenset(),
) -> list[Node]:
    """One round: open every defined name that is not in `keep` and not cut by a derivative.

    `differentiate(body, parameter)` gives the derivative of the (scalar) body of a defined
    function by one of its parameters. Linear in the size of the result. Raises `LimitError` if
    functions nested in functions grow without bound, `UnknownNameError` if one has no body.
    """
    state = _Inlining(environment, differentiate)
    if not any(map(state.may_open, postorder(roots))):
        return list(roots)
    start = frozenset(keep)
    return [state.run(root, start) for root in roots]


def derivatives_left(roots: Iterable[Node]) -> bool:
    """Whether a derivative has still to be worked out, so that another round is needed."""
    return any(isinstance(node, Derivative) for node in postorder(roots))


@dataclass(slots=True)
class _Inlining:
    environment: Environment
    differentiate: Differentiate
    done: dict[Place, Node] = field(default_factory=dict)
    called: dict[Place, Node] = field(default_factory=dict)
    bodies: dict[Function, tuple[tuple[Variable, ...], Node]] = field(default_factory=dict)
    steps: int = 0

    def run(self, root: Node, cut: frozenset[Variable]) -> Node:
        stack: list[Place] = [(root, cut)]
        while stack:
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise LimitError(f"inlining the definitions takes more than {MOST_STEPS} steps")
            place = stack[-1]
            missing = [p for p in self.needs(place) if p not in self.done]
            if missing:
                stack.extend(reversed(missing))
                continue
            stack.pop()
            if place in self.done:
                continue
            further = self.opened(place)
            if further is None:
                self.done[place] = self.rebuilt(place)
            elif further in self.done:
                self.done[place] = self.done[further]
            else:
                stack += [place, further]
        return self.done[root, cut]

    def may_open(self, node: Node) -> bool:
        """Whether a definition or a function's body may stand for this node."""
        if isinstance(node, Variable):
            return node in self.environment.definitions
        return isinstance(node, Apply) and node.function.kind == "defined"

    def needs(self, place: Place) -> list[Place]:
        """What has to be inlined before this place can be."""
        if place in self.done:
            return []
        node, cut = place
        if isinstance(node, Derivative):
            names = [v for v in node.variables if v in self.environment.definitions]
            cut = cut.union(names)
        return [(child, cut) for child in node.arguments]

    def opened(self, place: Place) -> Place | None:
        """What stands for this place in turn: a definition, or a function's body."""
        node, cut = place
        if isinstance(node, Variable) and node not in cut:
            body = self.environment.definitions.get(node)
            return None if body is None else (body, cut)
        if isinstance(node, Apply) and node.function.kind == "defined":
            if place not in self.called:
                args = [self.done[p] for p in self.needs(place)]
                parameters, body = self.body(node.function)
                self.called[place] = lift(body, dict(zip(parameters, args, strict=True)))
            return self.called[place], cut
        return None

    def rebuilt(self, place: Place) -> Node:
        node = place[0]
        arguments = [self.done[p] for p in self.needs(place)]
        if isinstance(node, Derivative):
            return derivative(arguments[0], node.variables)
        return with_arguments(node, arguments)

    def body(self, function: Function) -> tuple[tuple[Variable, ...], Node]:
        """Parameters that no other name can clash with, and the body, as often differentiated."""
        if function not in self.bodies:
            known = self.environment.functions.get(function.name)
            if known is None:
                raise UnknownNameError(f"the function {function.name} is not defined")
            fresh = tuple(variable(f"{function.name}({p.name})", ()) for p in known.parameters)
            body = self.closed(known.body, dict(zip(known.parameters, fresh, strict=True)))
            for parameter, order in zip(fresh, function.orders, strict=True):
                for _ in range(order):
                    body = self.differentiate(body, parameter)
            self.bodies[function] = fresh, body
        return self.bodies[function]

    def closed(self, body: Node, fresh: dict[Variable, Variable]) -> Node:
        """The body with other parameters, and its derivatives by parameters worked out."""

        def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
            if not isinstance(node, Derivative):
                return with_arguments(node, arguments)
            (result,) = arguments
            for name in node.variables:
                result = self.differentiate(result, fresh.get(name, name))
            return result

        known: dict[Node, Node] = {}
        known.update(fresh.items())
        return rewrite([body], rule, known)[0]
