"""Candidates that were read and valued, each formula once.

In: texts of a side. Out: for each its node and its values at the points of the screen, or nothing
if it cannot be read, has no value, or is a formula that was tried before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.edits.differentials import with_changes
from indexcalc.claims.edits.scene import Draft
from indexcalc.claims.edits.screen import Screen
from indexcalc.elaborate.claims import ClaimSides, read_sides
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.elaborate.query import elaborate_query
from indexcalc.errors import FormulaError, ShapeError, Source
from indexcalc.ir.node import Node
from indexcalc.syntax.latex.detect import Notation
from indexcalc.syntax.parser import parse_query
from indexcalc.syntax.tree import Query, Tree

Array = NDArray[Any]
NEAR = 1e-8
SPELLED_OUT = re.compile(r"\bd\}?\s*(?:\\left|\\[bB]igg?l?)?\s*[({]")  # d(W x)
UNDETERMINED = "nothing determines"


class BudgetSpent(Exception):
    """As many formulas were tried as may be."""


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A candidate that has a value: `first` at the first point of the screen.

    `letters` are the free indices that it has; None if it was written without indices.
    """

    draft: Draft
    tree: Tree
    node: Node
    letters: tuple[str, ...] | None
    first: Array


@dataclass(slots=True)
class Trials:
    """Reads and values candidates for the right side of a link, and counts them.

    `letters` are the free indices of the claim, None if its left side has none; `allowance` is how
    many candidates may be tried, `deadline` the time after which none is.
    """

    elaborated: Elaborated
    left: Tree
    letters: tuple[str, ...] | None
    screen: Screen
    notation: Notation
    allowance: int
    deadline: float
    plain: Elaborated = field(init=False)
    seen: set[Node] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        names = {name: of.name for name, of in self.screen.differentials.items()}
        self.plain = with_changes(self.elaborated, names) if names else self.elaborated

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
            node, letters = self.read(tree)
            if node is None or node in self.seen:
                return None
            self.seen.add(node)
            first = self.value(node, letters, 0)
        except (FormulaError, KeyError):
            return None
        return Trial(draft, tree, node, letters, first) if np.all(np.isfinite(first)) else None

    def read(self, tree: Tree) -> tuple[Node | None, tuple[str, ...] | None]:
        """The node of a right side with its indices; together with the left side if need be."""
        if self.screen.differentials and SPELLED_OUT.search(tree.span.text):
            return self.read_with_left(tree)
        try:
            query = elaborate_query(self.plain, tree, self.letters)
        except ShapeError as error:
            if error.message.startswith(UNDETERMINED):
                return self.read_with_left(tree)
            raise
        if query.brought:
            return None, None
        return query.node, query.letters if query.indexed else None

    def read_with_left(self, tree: Tree) -> tuple[Node | None, tuple[str, ...] | None]:
        """As `read`, with extents that only the left side tells."""
        side = read_sides(self.elaborated, [self.left, tree]).sides[1]
        return side.node, self.letters if side.indexed else None

    def value(self, node: Node, letters: tuple[str, ...] | None, point: int) -> Array:
        """The value at a point, with the axes of the left side if both have indices."""
        array = self.screen.value(node, point)
        if self.letters is None or letters is None or letters == self.letters:
            return array
        own = [k for k, letter in enumerate(self.letters) if letter in letters]
        shape = self.screen.values[point].shape
        if array.shape != tuple(shape[k] for k in own):
            return array
        missing = [k for k in range(len(self.letters)) if k not in own]
        return np.broadcast_to(np.expand_dims(array, tuple(missing)), shape)

    def sides(self, text: str) -> ClaimSides | None:
        """Both sides of the link with a candidate, as any claim is read."""
        try:
            return read_sides(self.elaborated, [self.left, self.parsed(text)])
        except FormulaError:
            return None

    def part(self, text: str) -> list[Array] | None:
        """The values of a part of the side, under the indices of the claim, at all points."""
        self.spend()
        try:
            node, letters = self.read(self.parsed(text))
            points = range(len(self.screen.values))
            return [self.value(node, letters, k) for k in points] if node is not None else None
        except (FormulaError, KeyError):
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
        lefts = self.screen.values
        if not near(trial.first, lefts[0]):
            return False
        values = self.everywhere(trial)
        return len(values) == len(lefts) and all(map(near, values, lefts))

    def everywhere(self, trial: Trial) -> Sequence[Array]:
        """The values of a candidate at all points of the screen; none if one is missing."""
        try:
            points = range(len(self.screen.values))
            return [self.value(trial.node, trial.letters, point) for point in points]
        except (FormulaError, KeyError):
            return []


def near(first: Array, second: Array) -> bool:
    """Whether two values differ by no more than rounding, roughly."""
    if first.shape != second.shape:
        return False
    scale = max(float(np.max(np.abs(second), initial=0.0)), 1e-300)
    return bool(np.all(np.abs(first - second) <= NEAR * scale))
