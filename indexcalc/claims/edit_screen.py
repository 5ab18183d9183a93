"""The points at which the candidates of one link are valued.

In: a program and a link of a claim. Out: two points of unequal sizes at which the left side has a
value, with values for the definitions and for all differentials that the link could speak of.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.constraints import Constraints
from indexcalc.claims.edit_points import Functions, values_at
from indexcalc.claims.edit_values import Values
from indexcalc.claims.evaluation import Point, evaluate, exactly
from indexcalc.claims.floats import FLOATS
from indexcalc.claims.points import Draws
from indexcalc.claims.proof import opened_facts
from indexcalc.elaborate.claims import ClaimSides
from indexcalc.elaborate.differentials import inputs_below, moving_traits, total
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.elaborate.ranks import DIFFERENTIAL
from indexcalc.errors import FormulaError
from indexcalc.ir.build import variable
from indexcalc.ir.environment import Environment
from indexcalc.ir.node import Apply, Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.pipeline import worked_out
from indexcalc.simplify.facts import Fact
from indexcalc.simplify.inline import derivatives_left
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree

Array = NDArray[Any]
SEED = 4
POINTS = 2  # at different sizes, none of them 1, as far as possible
MOST_TRIES = 60
TELLING = 1e-9  # the rounding error over the value, above which a point is not used


@dataclass(frozen=True, slots=True)
class Screen:
    """Points, and the values of the left side there. `differentials` are by their own names."""

    left: Node
    points: tuple[Values, ...]
    values: tuple[Array, ...]
    differentials: Mapping[str, Variable]
    environment: Environment

    def value(self, node: Node, point: int) -> Array:
        """The value of a side at a point."""
        return self.points[point].of(self.plain(node))

    def plain(self, node: Node) -> Node:
        """The node without derivatives and without differentials of expressions."""
        if any(_is_differential(part) for part in postorder([node])):
            names = {**self.differentials, DIFFERENTIAL: variable(DIFFERENTIAL, ())}
            moving = set(inputs_below(node, self.environment))
            node = total([node], names, moving, self.environment)[0]
        if derivatives_left([node]):
            return worked_out([node], self.environment)[0]
        return node


def screen_of(
    elaborated: Elaborated, sides: ClaimSides, more: Sequence[Fact] = (), seed: int = SEED
) -> Screen | None:
    """The screen for a link whose left side has a node; None if no valid points are found.

    `more` are facts that hold at the points beside those that the program assumes.
    """
    left = sides.sides[0].node
    assert left is not None
    environment = sides.environment
    differentials = _differentials(elaborated) if sides.differentials else {}
    bare = Screen(left, (), (), differentials, environment)
    try:
        facts = Constraints((*opened_facts(environment), *more))
        opened = worked_out([bare.plain(left)], environment)[0]
    except FormulaError:
        return None
    moving = _moving(sides, environment)
    variables = _inputs(elaborated, sides)
    nodes = [left, *environment.definitions, *variables]
    draws = Draws(variables, random.Random(seed), nodes)
    points: list[Values] = []
    values: list[Array] = []
    while draws.rounds and draws.tries < MOST_TRIES and len(points) < POINTS:
        sizes = draws.rounds[draws.tries % len(draws.rounds)]
        drawn = draws.values(sizes)
        same = bool(points) and sizes == points[0].sizes
        if (same or 1 in sizes.values()) and draws.tries < MOST_TRIES // 2:
            continue
        met = facts.met(drawn, sizes, Functions(environment.functions))
        here = met and values_at(elaborated, sizes, met.values)
        if not here:
            continue
        here = _with_differentials(here, bare, moving, draws)
        value = _value(opened, here, easy=draws.tries < MOST_TRIES // 2)
        if value is not None:
            draws.note_valid()
            points.append(here)
            values.append(value)
    if not points:
        return None
    return Screen(left, tuple(points), tuple(values), differentials, environment)


def _value(node: Node, here: Values, *, easy: bool) -> Array | None:
    """The value of the left side, if it is well conditioned (and not zero, where that is easy)."""
    known = {name: exactly(array, FLOATS) for name, array in here.names.items()}
    try:
        found = evaluate([node], Point(here.sizes, known, here.functions), FLOATS)[0]
    except FormulaError:
        return None
    scale = float(np.max(np.abs(found.value), initial=0.0))
    rounding = float(np.max(found.error, initial=0.0))
    valid = np.all(np.isfinite(found.value)) and np.all(np.isfinite(found.error))
    told = rounding <= TELLING * scale if easy else rounding <= TELLING * (1 + scale)
    return found.value if valid and told and found.value.size else None


# --- parts --------------------------------------------------------------------------------------


def _is_differential(node: Node) -> bool:
    return isinstance(node, Apply) and node.function.name == DIFFERENTIAL


def _inputs(elaborated: Elaborated, sides: ClaimSides) -> list[Variable]:
    """The variables of the program, and those that the link brings along."""
    known = {**elaborated.symbols, **sides.brought}
    defined = {definition.name for definition in elaborated.definitions}
    return [
        variable(name, symbol.shape, symbol.traits)
        for name, symbol in sorted(known.items())
        if symbol.role == "input" and symbol.shape is not None and name not in defined
        and name not in sides.differentials
    ]  # fmt: skip


def _differentials(elaborated: Elaborated) -> dict[str, Variable]:
    """What each differential is of, for all tensors of a program."""
    found: dict[str, Variable] = {}
    for name, symbol in elaborated.symbols.items():
        if symbol.role != "function" and symbol.shape is not None:
            found[DIFFERENTIAL + name] = variable(name, symbol.shape, symbol.traits)
    return found


def _moving(sides: ClaimSides, environment: Environment) -> set[Variable]:
    """The inputs that change: those that both sides speak of, and those named as differentials."""
    spoken = [_spoken(side.tree, sides.differentials) for side in sides.sides]
    reach = [{v for of in side for v in inputs_below(of, environment)} for side in spoken]
    moving = reach[0] & reach[1] if all(spoken) else reach[0] | reach[1]
    return moving | {of for side in spoken for of in side if of not in environment.definitions}


def _spoken(side: Tree, differentials: Mapping[str, Variable]) -> list[Variable]:
    texts = set()
    stack = [side]
    while stack:
        node = stack.pop()
        if isinstance(node, tree.Name):
            texts.add(node.text)
        stack.extend(node.children())
    return [of for name, of in differentials.items() if name in texts]


def _with_differentials(
    here: Values, screen: Screen, moving: set[Variable], draws: Draws
) -> Values:
    """The point with a value for each differential; inputs that do not change have zeros."""
    if not screen.differentials:
        return here
    environment = screen.environment
    names = dict(here.names)
    inputs = [of for of in screen.differentials.values() if of not in environment.definitions]
    for of in inputs:
        drawn = variable(of.name, of.shape, moving_traits(of.traits))
        array = draws.value(drawn, here.dimensions(of.shape), "any")
        names[DIFFERENTIAL + of.name] = array if of in moving else array * 0
    moved = Values(here.sizes, names, here.functions)
    for name, of in screen.differentials.items():
        if of in environment.definitions:
            node = variable(name, of.shape, moving_traits(of.traits))
            whole = total([node], screen.differentials, set(inputs), environment)
            names[name] = moved.of(worked_out(whole, environment)[0])
    return Values(here.sizes, names, here.functions)
