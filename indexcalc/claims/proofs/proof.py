"""Whether two sides are equal by the laws of algebra.

In: two nodes in terms of inputs, and the facts that the program assumes. Out: whether they were
found to be one node: as they are, or multiplied out over the atoms of `exposure`, or after clearing
denominators. No number is evaluated here. That nothing was found does not say that they differ.

>>> from indexcalc.ir.build import builtin, number, power, variable
>>> u = variable("u", ())
>>> slope = subtract(number(1), power(builtin("tanh", u), 2))
>>> is_proved(slope, power(builtin("cosh", u), -2)), is_proved(slope, builtin("cosh", u))
(True, False)
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.claims.proofs.clearing import cleared
from indexcalc.claims.proofs.normal_form import normal
from indexcalc.claims.proofs.splitting import taken_apart
from indexcalc.errors import EvaluationError, LimitError
from indexcalc.ir.build import is_zero, subtract, transpose, variable, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.effort import effort
from indexcalc.ir.environment import Environment
from indexcalc.ir.node import Node, Variable
from indexcalc.ir.walk import postorder, rewrite
from indexcalc.pipeline import worked_out
from indexcalc.simplify.facts import Fact

MOST_EFFORT = 400_000  # units, for the normal form of one difference


def is_proved(left: Node, right: Node, assumptions: Sequence[Fact] = ()) -> bool:
    """Whether the nodes, free of derivatives and definitions, are equal; `assumptions` are too."""
    if left is right:
        return True
    try:
        difference = subtract(left, right)
        if is_zero(worked_out([difference], Environment(assumptions=tuple(assumptions)))[0]):
            return True
        with effort(MOST_EFFORT):
            return is_zero(_reduced(difference, assumptions))
    except (LimitError, EvaluationError):  # too long, or divided by a zero that this has found
        return False


def _reduced(difference: Node, assumptions: Sequence[Fact]) -> Node:
    found = [difference, *(side for fact in assumptions for side in fact)]
    difference, *sides = _with_symmetries(found, assumptions)
    sides = normal(sides, ())
    known = tuple(
        fact for fact in zip(sides[::2], sides[1::2], strict=True) if fact[0] is not fact[1]
    )
    (reduced,) = normal(taken_apart([difference]), known)
    return cleared(reduced, known)


def _with_symmetries(nodes: Sequence[Node], assumptions: Sequence[Fact]) -> list[Node]:
    """The nodes with matrices that are assumed to equal their transposes declared symmetric, and
    diagonal ones written by their diagonals."""
    known: dict[Node, Node] = {}
    for node in postorder(nodes):
        if isinstance(node, Variable) and "diagonal" in node.traits:
            vector = variable(f"diagonal of {node.name}", node.shape[:1])
            known[node] = contract([(vector, (0,))], (0, 0))
    for fact in assumptions:
        for side, other in (fact, fact[::-1]):
            square = len(side.shape) == 2 and side.shape[0] == side.shape[1]
            if isinstance(side, Variable) and square and other is transpose(side, (1, 0)):
                known[side] = variable(side.name, side.shape, {*side.traits, "symmetric"})
    return rewrite(nodes, with_arguments, known) if known else list(nodes)


def opened_facts(environment: Environment) -> tuple[Fact, ...]:
    """The assumptions of a program in terms of inputs."""
    plain = Environment(environment.definitions, environment.functions)
    sides = [side for fact in environment.assumptions for side in fact]
    opened = worked_out(sides, plain) if sides else []
    return tuple(zip(opened[::2], opened[1::2], strict=True))
