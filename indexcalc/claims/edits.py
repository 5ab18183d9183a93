"""The smallest edit of a side of a claim that makes the claim true.

In: a program, a link `left == right` that does not hold, and who judges. Out: an `Edit`: what is
to be changed, in a person's words, and the side with it, in the reader's own notation and spelling.

The search is over what people get wrong: transposes, signs, factors, products of the wrong kind,
indices, brackets, missing terms and conditions. Candidates are made by splicing the text, so that
what is judged is what is shown; most are sorted out by their values at two points, and what is
left is judged as any claim is.

>>> from indexcalc.claims.trial import try_out
>>> from indexcalc.elaborate.program import elaborate
>>> from indexcalc.errors import Source
>>> from indexcalc.pipeline import worked_out
>>> from indexcalc.syntax.parser import parse_program, parse_query
>>> program = elaborate(parse_program(Source("A[n, n], x[n]; f = x^T A x")))
>>> claim = parse_query(Source("∂f/∂x == 2 A x"))
>>> def holds(sides: ClaimSides) -> bool:
...     nodes = worked_out([side.node for side in sides.sides], sides.environment)
...     return try_out(*nodes).status == "agrees"
>>> smallest_edit(program, *claim.sides, holds).description
'missing symmetrisation: A + A^T instead of 2 A'
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic

from indexcalc.claims.edit_brackets import brackets, groupings, moved_out
from indexcalc.claims.edit_insertions import (
    factors_in_indices,
    factors_of_matrices,
    other_names,
    symmetrised,
)
from indexcalc.claims.edit_letters import (
    deltas,
    exchanged_in_one,
    exchanged_throughout,
    other_letters,
)
from indexcalc.claims.edit_marks import (
    functions,
    inverses,
    powers,
    signs,
    transposes,
    wrappings,
)
from indexcalc.claims.edit_numbers import numbers
from indexcalc.claims.edit_products import left_out, operators, swaps
from indexcalc.claims.edit_ratios import layout_drafts, ratio_drafts
from indexcalc.claims.edit_reference import corrected, from_reference, reference_of
from indexcalc.claims.edit_scene import Draft, Scene, scene_of
from indexcalc.claims.edit_screen import screen_of
from indexcalc.claims.edit_trials import BudgetSpent, Trial, Trials
from indexcalc.elaborate.claims import ClaimSides, read_sides
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.errors import FormulaError
from indexcalc.syntax.latex.detect import detect
from indexcalc.syntax.tree import Tree

Holds = Callable[[ClaimSides], bool]
Kind = Callable[[Scene], Iterator[Draft]]

EVALUATIONS = 1200
SECONDS = 3.0

# In the order in which they are tried: what is wrong most often, and cheap to try, comes first.
SINGLE: tuple[Kind, ...] = (
    transposes, signs, exchanged_in_one, numbers, operators, left_out, functions,
    exchanged_throughout, swaps, symmetrised, groupings, brackets, deltas, other_letters, inverses, powers, wrappings,
    other_names, moved_out, factors_in_indices, factors_of_matrices,
)  # fmt: skip
MATRIX_ONLY = frozenset({
    transposes, operators, swaps, groupings, moved_out, factors_of_matrices, symmetrised,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Edit:
    """What makes a side right: in words, and the side with it.

    `kind` is one word (`transpose`, `sign`, `factor`, `operator`, …), `size` the number of changes.
    """

    kind: str
    description: str
    text: str
    size: int


def smallest_edit(
    elaborated: Elaborated,
    left: Tree,
    right: Tree,
    holds: Holds,
    *,
    evaluations: int = EVALUATIONS,
    seconds: float = SECONDS,
) -> Edit | None:
    """The smallest edit of `right` that makes `left == right` true; None if none is found.

    `holds` judges two sides that were read. The search ends after so many `evaluations`, which is
    the same on every machine, or, as a last resort, after `seconds`.
    """
    try:
        sides = read_sides(elaborated, [left, right])
    except FormulaError:
        return None
    if sides.sides[0].node is None:
        return None
    screen = screen_of(elaborated, sides)
    if screen is None:
        return None
    latex = detect(right.span.source.text) == "latex" or (
        detect(elaborated.tree.span.source.text) == "latex"
    )
    letters = sides.letters if any(side.indexed for side in sides.sides) else ()
    trials = Trials(
        elaborated, left, screen, "latex" if latex else "text", evaluations,
        monotonic() + seconds,
    )  # fmt: skip
    scene = scene_of(right, elaborated, letters, latex=latex)
    search = _Search(trials, scene, sides, holds)
    try:
        return search.run()
    except BudgetSpent:
        return search.best


@dataclass(slots=True)
class _Search:
    trials: Trials
    scene: Scene
    sides: ClaimSides
    holds: Holds
    best: Edit | None = None

    def run(self) -> Edit | None:
        own = self.trials.of(Draft("", "", self.scene.text, 0))
        if own is not None and (found := self.followed(own)):
            return found
        near: list[Trial] = []
        for draft in itertools.chain(singles(self.scene), self.with_reference()):
            trial = self.trials.of(draft)
            if trial is None:
                continue
            if self.accepts(trial):
                return edit_of(trial.draft)
            near.append(trial)
        for trial in near:
            found = self.followed(trial)
            if found:
                return found
        return self.best

    def with_reference(self) -> Iterator[Draft]:
        """Drafts that take something from what the left side is, worked out."""
        latex = self.trials.notation == "latex"
        letters = self.scene.letters if self.scene.letters_written else ()
        for text in corrected(self.trials.elaborated, self.sides, letters, latex=latex):
            reference = reference_of(self.trials, text)
            if reference is not None:
                yield from from_reference(self.scene, reference)

    def accepts(self, trial: Trial) -> bool:
        """Whether a candidate is right."""
        return self.trials.agrees(trial) and self.holds(trial.sides)

    def followed(self, trial: Trial) -> Edit | None:
        """What the values of a candidate tell at once."""
        for derive in (ratio_drafts, layout_drafts):
            for draft in derive(self.scene, self.trials, trial):
                found = self.trials.of(draft)
                if found is not None and self.accepts(found):
                    return edit_of(both(trial.draft, draft))
        return None


def singles(scene: Scene) -> Iterator[Draft]:
    """All drafts with one change."""
    for kind in SINGLE:
        yield from kind(scene)


def both(first: Draft, second: Draft) -> Draft:
    """Two changes as one draft."""
    if not first.size:
        return second
    return Draft(
        f"{first.kind}, {second.kind}", f"{first.description}; {second.description}", second.text,
        first.size + second.size,
    )  # fmt: skip


def edit_of(draft: Draft) -> Edit:
    """The record of a draft that is right."""
    return Edit(draft.kind, draft.description, draft.text, draft.size)
