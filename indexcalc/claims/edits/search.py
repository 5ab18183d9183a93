"""The search for the smallest edit, from what is likely and cheap to what is neither.

In: the scene of a side, and who judges. Out: the first draft that is right, in this order: what the
values of the side tell at once; one change; a condition left unsaid; one change that brings
something in; two changes; the right formula itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.edits.brackets import brackets, groupings, moved_out
from indexcalc.claims.edits.conditions import Under, holds_under, under_conditions
from indexcalc.claims.edits.definitions import written_out
from indexcalc.claims.edits.insertions import (
    exchanged_names,
    factors_in_indices,
    factors_of_matrices,
    other_names,
    symmetrised,
    symmetrised_brackets,
    terms_added,
)
from indexcalc.claims.edits.letters import (
    deltas,
    exchanged_in_one,
    exchanged_throughout,
    other_letters,
)
from indexcalc.claims.edits.marks import (
    functions,
    inverses,
    new_powers,
    powers,
    signs,
    transposes,
    wrappings,
)
from indexcalc.claims.edits.numbers import numbers
from indexcalc.claims.edits.products import left_out, operators, rare_operators, swaps
from indexcalc.claims.edits.ratios import layout_drafts, multiples, ratio_drafts
from indexcalc.claims.edits.reference import corrected, from_reference, reference_of
from indexcalc.claims.edits.scene import Draft, Scene, changed_scene
from indexcalc.claims.edits.screen import Ground
from indexcalc.claims.edits.terms import coefficients
from indexcalc.claims.edits.trials import Trial, Trials
from indexcalc.elaborate.claims import ClaimSides
from indexcalc.errors import FormulaError

Array = NDArray[Any]

Holds = Callable[[ClaimSides], bool]
Kind = Callable[[Scene], Iterator[Draft]]

# In the order in which they are tried: what is wrong most often, and cheap to try, comes first.
CHEAP: tuple[Kind, ...] = (
    transposes, signs, exchanged_in_one, numbers, operators, left_out, functions,
    exchanged_throughout, swaps, symmetrised, groupings, brackets, deltas, other_letters, inverses,
    powers, moved_out,
)  # fmt: skip
# What brings something in is tried after conditions: `Σ_k p_k = 1` is left out more often than a
# factor `Σ_k p_k` is forgotten.
BRINGING: tuple[Kind, ...] = (
    symmetrised_brackets,
    new_powers,
    wrappings,
    other_names,
    exchanged_names,
    rare_operators,
)
FROM_THE_POOL: tuple[Kind, ...] = (terms_added, factors_in_indices, factors_of_matrices)
# What two changes are made of: the second one is of these.
SECOND: tuple[Kind, ...] = (transposes, operators, groupings, brackets, exchanged_in_one, signs)
BROUGHT = frozenset({"part", "term", "function", "name"})  # not the first of two changes
BEAM = 12
WHOLE = 9  # the size of an edit that writes the whole side anew


@dataclass(slots=True)
class Search:
    """The search for one link; `near` are the candidates that have a value but are wrong."""

    trials: Trials
    scene: Scene
    sides: ClaimSides
    ground: Ground
    holds: Holds
    near: list[Trial] = field(default_factory=list)
    conditions: list[Under] = field(default_factory=list)
    waiting: Iterator[Under] | None = None
    aided: bool = True  # by the left side worked out
    is_right: bool = False  # the side as it stands

    def run(self) -> Draft | None:
        """The smallest draft that is right; None if none is found. Raises `BudgetSpent`."""
        own = self.trials.of(Draft("", "", self.scene.text, 0))
        if own is not None and self.accepts(own):
            self.is_right = True
            return None
        known = [own] if own is not None else []
        stages: tuple[Callable[[], Draft | None], ...] = (
            lambda: self.followed(known),
            lambda: self.first(self.drafts(CHEAP)),
            lambda: self.first(coefficients(self.scene, self.trials)),
            lambda: self.conditional(known),
            lambda: self.first(self.opened()),
            lambda: self.conditional([] if known else self.reshaped()),
            lambda: self.first(self.drafts(BRINGING)),
            lambda: self.first(self.with_reference()),
            lambda: self.first(self.drafts(FROM_THE_POOL)),
            lambda: self.multiples_under(own) if own is not None else None,
            lambda: self.followed(t for t in self.near if t.draft.kind != "part"),
            lambda: self.first(self.pairs(own)),
            lambda: self.conditional(self.reshaped()),
        )
        for stage in stages:
            found = stage()
            if found is not None:
                return found
        return None

    # --- what is tried ------------------------------------------------------------------------

    def drafts(self, kinds: Iterable[Kind]) -> Iterator[Draft]:
        """All drafts of some kinds."""
        return itertools.chain.from_iterable(kind(self.scene) for kind in kinds)

    def with_reference(self) -> Iterator[Draft]:
        """Drafts that take something from what the left side is, worked out."""
        for text in self.corrections():
            reference = reference_of(self.trials, text)
            if reference is not None:
                yield from from_reference(self.scene, reference)

    def corrections(self) -> list[str]:
        """The left side worked out."""
        if not self.aided or self.ground.is_large:
            return []
        latex = self.trials.notation == "latex"
        if self.scene.letters_written:
            forms: tuple[str, ...] = ("index",)
        else:
            forms = ("index", "matrix") if self.trials.letters else ("matrix", "index")
        return corrected(self.trials.elaborated, self.sides, forms, latex=latex)

    def opened(self) -> Iterator[Draft]:
        """Drafts of the side in which a definition is written out."""
        for draft in written_out(self.scene, self.trials.elaborated):
            scene = self.scene_of(draft)
            if scene is not None:
                for kind in (moved_out, *SECOND):
                    yield from (both(draft, more) for more in kind(scene))

    def pairs(self, own: Trial | None) -> Iterator[Draft]:
        """Two changes: the first one of those that come nearest, or of those that cure shapes."""
        firsts = [trial.draft for trial in self.nearest()]
        if own is None:
            firsts += list(itertools.islice(self.drafts((transposes, operators)), BEAM))
        for draft in firsts:
            scene = self.scene_of(draft)
            if scene is not None:
                for kind in SECOND:
                    yield from (both(draft, more) for more in kind(scene))

    def reshaped(self) -> list[Trial]:
        """Candidates that cure shapes by a transpose, by brackets or the like."""
        cures = {"transpose", "brackets", "operator", "swap"}
        return [trial for trial in self.near if trial.draft.kind in cures][:BEAM]

    def nearest(self) -> list[Trial]:
        """The candidates whose values are most like those of the left side."""
        left = self.trials.screen.values[0]
        ranked = [
            (-likeness(trial.first, left), number, trial)
            for number, trial in enumerate(self.near)
            if trial.draft.kind not in BROUGHT
            and trial.first.shape == left.shape
            and trial.draft.size == 1
        ]
        return [trial for _, _, trial in sorted(ranked, key=lambda one: one[:2])[:BEAM]]

    def scene_of(self, draft: Draft) -> Scene | None:
        """The scene of a changed side."""
        try:
            return changed_scene(self.scene, self.trials.parsed(draft.text))
        except FormulaError:
            return None

    # --- what is found ------------------------------------------------------------------------

    def first(self, drafts: Iterable[Draft]) -> Draft | None:
        """The first draft that is right; what has a value but is wrong is kept in `near`."""
        for draft in drafts:
            trial = self.trials.of(draft)
            if trial is None:
                continue
            if self.accepts(trial):
                return trial.draft
            self.near.append(trial)
        return None

    def accepts(self, trial: Trial) -> bool:
        """Whether a candidate is right."""
        if not self.trials.agrees(trial):
            return False
        sides = self.trials.sides(trial.draft.text)
        try:
            return sides is not None and self.holds(sides)
        except FormulaError:
            return False

    def followed(self, trials: Iterable[Trial]) -> Draft | None:
        """What the values of candidates tell at once."""
        for trial in trials:
            for derive in (ratio_drafts, layout_drafts):
                for draft in derive(self.scene, self.trials, trial):
                    found = self.trials.of(draft)
                    if found is not None and self.accepts(found):
                        return both(trial.draft, draft)
        return None

    def conditional(self, trials: Iterable[Trial]) -> Draft | None:
        """The first candidate that is right under a condition, perhaps up to a factor."""
        left = self.trials.screen.values[0].shape
        for trial in trials:
            if trial.first.shape != left:
                continue
            sides = self.trials.sides(trial.draft.text)
            condition = self.condition_of(sides) if sides is not None else ""
            if condition:
                told = Draft("condition", f"true if {condition}", trial.draft.text)
                return self.without_symmetry(trial, condition) or both(trial.draft, told)
        return None

    def without_symmetry(self, trial: Trial, condition: str) -> Draft | None:
        """One more transpose instead of a condition of symmetry on a changed side."""
        scene = (
            self.scene_of(trial.draft) if trial.draft.size and "symmetric" in condition else None
        )
        if scene is None:
            return None
        drafts = itertools.chain(transposes(scene), exchanged_in_one(scene))
        return self.first(both(trial.draft, draft) for draft in drafts)

    def multiples_under(self, own: Trial) -> Draft | None:
        """The side times a factor, if that is right under a condition."""
        for under in self.under():
            values = self.values_under(own, under)
            for draft in multiples(self.scene, under.screen, own, values) if values else ():
                sides = self.trials.sides(draft.text)
                if sides is not None and holds_under(sides, under):
                    condition = f"true if {under.condition.text}"
                    return both(draft, Draft("condition", condition, draft.text))
        return None

    def values_under(self, own: Trial, under: Under) -> list[Array]:
        """The values of a candidate where a condition holds; no values if it has none there."""
        sides = self.trials.sides(own.draft.text)
        node = sides.sides[1].node if sides is not None else None
        points = range(len(under.screen.values))
        try:
            return [under.screen.value(node, k) for k in points] if node is not None else []
        except (FormulaError, KeyError):
            return []

    def condition_of(self, sides: ClaimSides) -> str:
        """The condition under which two sides agree, in words; empty if none is found."""
        for under in self.under():
            self.trials.spend()
            if holds_under(sides, under):
                return under.condition.text
        return ""

    def under(self) -> Iterator[Under]:
        """All conditions with their points, made when they are asked for; none if that is long."""
        if self.ground.is_large:
            return
        if self.waiting is None:
            self.waiting = under_conditions(self.ground, self.trials.screen, self.sides)
        yield from self.conditions
        for under in self.waiting:
            self.conditions.append(under)
            yield under


def likeness(first: Array, second: Array) -> float:
    """The cosine between two values, without its sign."""
    size = float(np.sum(first * first) * np.sum(second * second)) ** 0.5
    return abs(float(np.sum(first * second))) / size if size > 0 else 0.0


def both(first: Draft, second: Draft) -> Draft:
    """Two changes as one draft."""
    if not first.size:
        return second
    return Draft(
        f"{first.kind}, {second.kind}", f"{first.description}; {second.description}", second.text,
        first.size + second.size,
    )  # fmt: skip
