"""The points at which the candidates of one link are valued.

In: a program and a link of a claim. Out: two points of unequal sizes at which the left side has a
value, with values for the definitions and for all differentials that the link could speak of.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.edits.points import Functions, Opened, opened_definitions, values_at
from indexcalc.claims.edits.values import Values
from indexcalc.claims.proofs.proof import opened_facts
from indexcalc.claims.trials.constraints import Constraints
from indexcalc.claims.trials.evaluation import Point, evaluate, exactly
from indexcalc.claims.trials.floats import FLOATS
from indexcalc.claims.trials.points import Draws
from indexcalc.elaborate.claims import ClaimSides
from indexcalc.elaborate.differentials import inputs_below, moving_traits, total
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.elaborate.names import canonical, declared_name, marked_name
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
LARGE = 800  # nodes
FEW_TRIES = 6  # if the left side is large
TRIES_UNDER = 3  # for each of given sizes
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


@dataclass(frozen=True, slots=True)
class Ground:
    """What all screens of a link have in common: its left side, and everything worked out."""

    elaborated: Elaborated
    bare: Screen
    opened: Node
    definitions: Opened
    changes: Opened
    facts: tuple[Fact, ...]
    moving: set[Variable]
    variables: list[Variable]

    @property
    def is_large(self) -> bool:
        """Whether the left side is so large that working with it takes its time."""
        return len(postorder([self.opened])) > LARGE

    def screen(
        self, more: Sequence[Fact] = (), sizes: Sequence[Mapping[str, int]] = ()
    ) -> Screen | None:
        """Points at which the left side has a value; None if none are found.

        `more` are facts that hold there beside those that the program assumes; `sizes` are tried
        if they are given, else sizes of all kinds.
        """
        environment = self.bare.environment
        try:
            facts = Constraints((*self.facts, *more))
        except FormulaError:
            return None
        nodes = [self.bare.left, *environment.definitions, *self.variables]
        draws = Draws(self.variables, random.Random(SEED), nodes)
        rounds = list(sizes) or draws.rounds
        most = MOST_TRIES if not sizes else TRIES_UNDER * len(rounds)
        most = min(most, FEW_TRIES) if self.is_large else most
        points: list[Values] = []
        values: list[Array] = []
        while rounds and draws.tries < most and len(points) < POINTS:
            own = rounds[draws.tries % len(rounds)]
            drawn = draws.values(own)
            same = bool(points) and any(own[name] == k for name, k in points[0].sizes.items())
            if (same or 1 in own.values()) and draws.tries < MOST_TRIES // 2 and not sizes:
                continue
            met = facts.met(drawn, own, Functions(environment.functions))
            here = met and values_at(self.elaborated, self.definitions, own, met.values)
            if not here:
                continue
            if self.bare.differentials:
                here = _with_differentials(here, self.bare, self.changes, self.moving, draws)
            value = _value(self.opened, here, easy=draws.tries < MOST_TRIES // 2)
            if value is not None:
                draws.note_valid()
                points.append(here)
                values.append(value)
        return replace(self.bare, points=tuple(points), values=tuple(values)) if points else None


def ground_of(
    elaborated: Elaborated, sides: ClaimSides, right: Tree, names: Sequence[str]
) -> Ground | None:
    """The ground of a link whose left side has a node; None if that cannot be worked out.

    `right` is the tree of the right side, which need not have a node; `names` are those that are
    given values.
    """
    left = sides.sides[0]
    assert left.node is not None
    environment = sides.environment
    differentials = _differentials(elaborated, names) if sides.differentials else {}
    bare = Screen(left.node, (), (), differentials, environment)
    try:
        facts = opened_facts(environment)
        opened = bare.plain(left.node)
        if not derivatives_left([left.node]):
            opened = worked_out([opened], environment)[0]
        changes = _opened_differentials(bare)
    except FormulaError:
        return None
    moving = _moving((left.tree, right), differentials, environment)
    definitions = opened_definitions(elaborated, set(names))
    used = {*names, *sides.brought, *_variables([opened, *(node for _, node in definitions)])}
    variables = [v for v in _inputs(elaborated, sides) if v.name in used]
    return Ground(elaborated, bare, opened, definitions, changes, facts, moving, variables)


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


def _variables(nodes: Sequence[Node]) -> set[str]:
    return {part.name for part in postorder(nodes) if isinstance(part, Variable)}


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


def _differentials(elaborated: Elaborated, names: Sequence[str]) -> dict[str, Variable]:
    """What each differential is of, for some tensors of a program."""
    found: dict[str, Variable] = {}
    for name in names:
        symbol = elaborated.symbols.get(name)
        if symbol is not None and symbol.role != "function" and symbol.shape is not None:
            found[DIFFERENTIAL + name] = variable(name, symbol.shape, symbol.traits)
    return found


def _moving(
    sides: Sequence[Tree], differentials: Mapping[str, Variable], environment: Environment
) -> set[Variable]:
    """The inputs that change: those that both sides speak of, and those named as differentials."""
    spoken = [_spoken(side, differentials) for side in sides]
    reach = [{v for of in side for v in inputs_below(of, environment)} for side in spoken]
    moving = reach[0] & reach[1] if all(spoken) else reach[0] | reach[1]
    return moving | {of for side in spoken for of in side if of not in environment.definitions}


def _spoken(side: Tree, differentials: Mapping[str, Variable]) -> list[Variable]:
    texts: set[str] = set()
    stack = [side]
    while stack:
        node = stack.pop()
        if isinstance(node, tree.Name):
            texts.add(canonical(node.text))
        if marked_name(node) is not None:
            texts.add(declared_name(node))
        stack.extend(node.children())
    return [of for name, of in differentials.items() if name in texts]


def _opened_differentials(screen: Screen) -> Opened:
    """The differentials of defined names in terms of those of inputs."""
    environment = screen.environment
    defined = {n: v for n, v in screen.differentials.items() if v in environment.definitions}
    moving = {v for v in screen.differentials.values() if v not in environment.definitions}
    nodes = [variable(n, v.shape, moving_traits(v.traits)) for n, v in defined.items()]
    whole = total(nodes, screen.differentials, moving, environment)
    return tuple(zip(defined, worked_out(whole, environment), strict=True)) if whole else ()


def _with_differentials(
    here: Values, screen: Screen, opened: Opened, moving: set[Variable], draws: Draws
) -> Values:
    """The point with a value for each differential; inputs that do not change have zeros."""
    names = dict(here.names)
    for of in screen.differentials.values():
        if of not in screen.environment.definitions:
            drawn = variable(of.name, of.shape, moving_traits(of.traits))
            array = draws.value(drawn, here.dimensions(of.shape), "any")
            names[DIFFERENTIAL + of.name] = array if of in moving else array * 0
    moved = Values(here.sizes, names, here.functions)
    found = {name: moved.of(node) for name, node in opened}
    return Values(here.sizes, names | found, here.functions)
