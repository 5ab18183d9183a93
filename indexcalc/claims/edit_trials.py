"""Candidates that were read and valued, each formula once.

In: texts of a side. Out: for each its node and its values at the points of the screen, or nothing
if it cannot be read, has no value, or is a formula that was tried before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.edit_scene import Draft
from indexcalc.claims.edit_screen import Screen
from indexcalc.elaborate.claims import ClaimSides, read_sides
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.errors import FormulaError, Source
from indexcalc.ir.node import Node
from indexcalc.syntax.latex.detect import Notation
from indexcalc.syntax.parser import parse_query
from indexcalc.syntax.tree import Query, Tree

Array = NDArray[Any]
NEAR = 1e-8


class BudgetSpent(Exception):
    """As many formulas were tried as may be."""


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A candidate that has a value: `first` at the first point of the screen."""

    draft: Draft
    tree: Tree
    sides: ClaimSides
    node: Node
    first: Array


@dataclass(slots=True)
class Trials:
    """Reads and values candidates for the right side of a link, and counts them.

    `allowance` is how many candidates may be tried, `deadline` the time after which none is.
    """

    elaborated: Elaborated
    left: Tree
    screen: Screen
    notation: Notation
    allowance: int
    deadline: float
    seen: set[Node] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)

    def of(self, draft: Draft) -> Trial | None:
        """The trial of a draft; None for what has no value or was tried before.

        Raises `BudgetSpent`.
        """
        if draft.text in self.texts:
            return None
        self.texts.add(draft.text)
        self.spend()
        try:
            tree = self.parsed(draft.text)
            sides = read_sides(self.elaborated, [self.left, tree])
            node = sides.sides[1].node
            if node is None or node in self.seen:
                return None
            self.seen.add(node)
            first = self.screen.value(node, 0)
        except (FormulaError, KeyError):
            return None
        return Trial(draft, tree, sides, node, first) if np.all(np.isfinite(first)) else None

    def node_of(self, text: str) -> Node | None:
        """The node of a part of the side, under the indices of the claim; None if it has none."""
        self.spend()
        try:
            return read_sides(self.elaborated, [self.left, self.parsed(text)]).sides[1].node
        except FormulaError:
            return None

    def spend(self) -> None:
        """Count one candidate. Raises `BudgetSpent`."""
        self.allowance -= 1
        if self.allowance < 0 or monotonic() > self.deadline:
            raise BudgetSpent

    def parsed(self, text: str) -> Tree:
        """The tree of a side."""
        source = Source(text, "correction")
        parsed = parse_query(source, self.elaborated.symbols, notation=self.notation)
        return parsed.value if isinstance(parsed, Query) else parsed

    def agrees(self, trial: Trial) -> bool:
        """Whether a candidate is near the left side at every point of the screen."""
        values = self.screen.values
        if not near(trial.first, values[0]):
            return False
        later = range(1, len(values))
        return all(near(self.screen.value(trial.node, k), values[k]) for k in later)

    def everywhere(self, trial: Trial) -> Sequence[Array]:
        """The values of a candidate at all points of the screen."""
        points = range(1, len(self.screen.values))
        return [trial.first, *(self.screen.value(trial.node, k) for k in points)]


def near(first: Array, second: Array) -> bool:
    """Whether two values differ by no more than rounding, roughly."""
    if first.shape != second.shape:
        return False
    scale = max(float(np.max(np.abs(second), initial=0.0)), 1e-300)
    return bool(np.all(np.abs(first - second) <= NEAR * scale))
