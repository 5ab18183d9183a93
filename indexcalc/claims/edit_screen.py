"""The points at which the candidates of one link are valued.

In: a program and a link of a claim. Out: two points of unequal sizes at which the left side has a
value, with values for the definitions and for all differentials that the link could speak of.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.edit_points import values_at
from indexcalc.claims.edit_values import Values
from indexcalc.claims.points import Draws
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
from indexcalc.simplify.inline import derivatives_left
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree

Array = NDArray[Any]
Inputs = dict[str, Array]
SEED = 4
POINTS = 2
MOST_TRIES = 60


@dataclass(frozen=True, slots=True)
class Screen:
    """Points, and the values of the left side there. `differentials` are by their own names."""

    left: Node
    points: tuple[Values, ...]
    values: tuple[Array, ...]
    inputs: tuple[Inputs, ...]
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
    elaborated: Elaborated,
    sides: ClaimSides,
    adapt: Callable[[Inputs], Inputs] = dict,
    seed: int = SEED,
) -> Screen | None:
    """The screen for a link whose left side has a node; None if no valid points are found.

    `adapt` changes the values that are drawn, to try out a condition.
    """
    left = sides.sides[0].node
    assert left is not None
    environment = elaborated.environment
    differentials = _differentials(elaborated) if sides.differentials else {}
    moving = _moving(sides, environment)
    variables = _inputs(elaborated, sides)
    nodes = [left, *environment.definitions, *variables]
    draws = Draws(variables, random.Random(seed), nodes)
    bare = Screen(left, (), (), (), differentials, sides.environment)
    points: list[tuple[Values, Array, Inputs]] = []
    rounds = draws.rounds[:1] + draws.rounds[2:]
    while rounds and draws.tries < MOST_TRIES and len(points) < POINTS:
        sizes = rounds[len(points) % len(rounds)]
        inputs = adapt(draws.values(sizes))
        try:
            here = values_at(elaborated, sizes, inputs)
            here = _with_differentials(here, bare, moving, draws)
            value = here.of(bare.plain(left))
        except FormulaError:
            return None
        if np.all(np.isfinite(value)) and (np.any(value) or draws.tries > MOST_TRIES // 2):
            draws.note_valid()
            points.append((here, value, inputs))
    if not points:
        return None
    heres, values, inputs_ = zip(*points, strict=True)
    return Screen(left, heres, values, inputs_, differentials, sides.environment)


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
