"""Conditions under which a claim is true as it stands.

In: a link of a claim. Out: conditions that people leave unsaid (a symmetric matrix, shares that sum
to one, labels of ±1, a unit vector, an orthogonal matrix), in words and as facts, with points at
which they hold; and whether two sides agree there.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> [one.text for one in conditions_on([variable("A", (n, n)), variable("p", (n,))])][:3]
['A is symmetric', 'the entries of p sum to 1', 'the rows of A sum to 1']
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from indexcalc.claims.edits.screen import Ground, Screen
from indexcalc.claims.edits.trials import near
from indexcalc.claims.proofs.proof import opened_facts
from indexcalc.claims.trials.trial import try_out
from indexcalc.elaborate.claims import ClaimSides
from indexcalc.errors import FormulaError
from indexcalc.ir.build import number, ones, power, transpose
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Derivative, Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.pipeline import worked_out
from indexcalc.simplify.facts import Fact

MOST_CONDITIONS = 24


@dataclass(frozen=True, slots=True)
class Condition:
    """What has to hold, in words and as equations."""

    text: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Under:
    """A condition, and points at which it holds."""

    condition: Condition
    screen: Screen


def under_conditions(ground: Ground, base: Screen, sides: ClaimSides) -> Iterator[Under]:
    """Points for each condition on what the sides depend on, likeliest condition first.

    `base` are points without a condition, whose sizes are used again.
    """
    nodes = [side.node for side in sides.sides if side.node is not None]
    try:
        opened = worked_out([base.plain(node) for node in nodes], sides.environment)
    except FormulaError:
        return
    found = {part.name for part in postorder(opened) if isinstance(part, Variable)}
    inputs = [v for v in ground.variables if v.name in found]
    order = list(ground.elaborated.symbols)
    inputs.sort(key=lambda v: order.index(v.name) if v.name in order else len(order))
    sizes = [point.sizes for point in base.points]
    moving = _differentiated_by(nodes)
    for condition in itertools.islice(conditions_on(inputs, moving), MOST_CONDITIONS):
        screen = ground.screen(condition.facts, sizes)
        if screen is not None:
            yield Under(condition, screen)


def holds_under(sides: ClaimSides, under: Under) -> bool:
    """Whether the sides of a link agree where a condition holds, at random points."""
    left, right = (side.node for side in sides.sides)
    if left is None or right is None or left.shape != right.shape:
        return False
    try:
        for point, value in enumerate(under.screen.values):
            if not near(under.screen.value(right, point), value):
                return False
        plain = [under.screen.plain(node) for node in (left, right)]
        first, second = worked_out(plain, sides.environment)
        facts = (*opened_facts(sides.environment), *under.condition.facts)
        return try_out(first, second, facts).status == "agrees"
    except (FormulaError, KeyError):
        return False


def conditions_on(inputs: Sequence[Variable], moving: Container[str] = ()) -> Iterator[Condition]:
    """What people leave unsaid of these tensors, likeliest first.

    `moving` are names by which is differentiated: their entries are no labels and no shares.
    """
    squares = [v for v in inputs if _is_square(v) and not v.symmetric]
    for v in squares:
        yield Condition(f"{v.name} is symmetric", (_symmetric(v),))
    if len(squares) > 1:
        names = ", ".join(v.name for v in squares[:-1]) + f" and {squares[-1].name}"
        yield Condition(f"{names} are symmetric", tuple(map(_symmetric, squares)))
    yield from _on_sums([v for v in inputs if v.name not in moving])
    yield from _on_squares(inputs, squares, moving)


# --- parts --------------------------------------------------------------------------------------


def _on_sums(inputs: Sequence[Variable]) -> Iterator[Condition]:
    for v in inputs:
        if len(v.shape) == 1:
            total = contract([(v, "i")], "")
            yield Condition(f"the entries of {v.name} sum to 1", ((total, number(1)),))
    for v in inputs:
        if len(v.shape) == 2 and v.shape[0].size == 1:
            total = contract([(v, "ij")], "")
            yield Condition(f"the entries of {v.name} sum to 1", ((total, number(1)),))
        elif len(v.shape) == 2:
            for axis, words in enumerate(("rows", "columns")):
                total = contract([(v, "ij")], "ij"[axis])
                fact = (total, ones((v.shape[axis],)))
                yield Condition(f"the {words} of {v.name} sum to 1", (fact,))


def _on_squares(
    inputs: Sequence[Variable], squares: Sequence[Variable], moving: Container[str]
) -> Iterator[Condition]:
    for v in inputs:
        if len(v.shape) < 2 and v.name not in moving:
            words = f"the entries of {v.name} are" if v.shape else f"{v.name} is"
            yield Condition(f"{words} 1 or -1", ((power(v, 2), ones(v.shape)),))
        if len(v.shape) == 1 and v.name not in moving:
            square = contract([(v, "i"), (v, "i")], "")
            yield Condition(f"{v.name} has the norm 1", ((square, number(1)),))
    for v in squares:
        product = contract([(v, "ki"), (v, "kj")], "ij")
        identity = contract([], "ii", {"i": v.shape[0]})
        yield Condition(f"{v.name} is orthogonal", ((product, identity),))


def _differentiated_by(nodes: Sequence[Node]) -> set[str]:
    parts = (part for part in postorder(nodes) if isinstance(part, Derivative))
    return {v.name for part in parts for v in part.variables}


def _is_square(v: Variable) -> bool:
    return len(v.shape) == 2 and v.shape[0] == v.shape[1]


def _symmetric(v: Variable) -> Fact:
    return v, transpose(v, (1, 0))
