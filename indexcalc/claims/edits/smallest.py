"""The smallest edit of a side of a claim that makes the claim true.

In: a program, a link `left == right` that does not hold, and who judges. Out: an `Edit`: what is
to be changed, in a person's words, and the side with it, in the reader's own notation and spelling.

The search is over what people get wrong: transposes, signs, factors, products of the wrong kind,
indices, brackets, missing terms and conditions. Candidates are made by splicing the text, so that
what is judged is what is shown; most are sorted out by their values at two points, and what is
left is judged as any claim is.

>>> from indexcalc.claims.trials.trial import try_out
>>> from indexcalc.elaborate.program import elaborate
>>> from indexcalc.errors import Source
>>> from indexcalc.pipeline import worked_out
>>> from indexcalc.syntax.parser import parse_program, parse_query
>>> program = elaborate(parse_program(Source("A[n, n], x[n]; f = x^T A x")))
>>> claim = parse_query(Source("∂f/∂x == 2 A x"))
>>> def holds(sides):
...     nodes = worked_out([side.node for side in sides.sides], sides.environment)
...     return try_out(*nodes).status == "agrees"
>>> smallest_edit(program, *claim.sides, holds).description
'missing symmetrisation: A + A^T instead of 2 A'
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from time import monotonic

from indexcalc.claims.edits.reach import names_near
from indexcalc.claims.edits.scene import Draft, names_in, scene_of, with_differentials
from indexcalc.claims.edits.screen import ground_of
from indexcalc.claims.edits.search import WHOLE, Holds, Search
from indexcalc.claims.edits.trials import BudgetSpent, Trials
from indexcalc.elaborate.claims import ClaimSides, read_sides
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.errors import FormulaError
from indexcalc.syntax import tree
from indexcalc.syntax.latex.detect import Notation, detect
from indexcalc.syntax.tree import Tree

EVALUATIONS = 1200
SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Edit:
    """What makes a side right: in words, and the side with it.

    `kind` is one word (`transpose`, `sign`, `factor`, `operator`, …; `condition` if the side is
    right under a condition, `whole` if no small change was found), `size` the number of changes.
    `condition` is one under which the side is right as it stands, if that is worth telling. Where
    the side is right under a condition only, `whole` is the right formula, if it has been found.
    """

    kind: str
    description: str
    text: str
    size: int
    condition: str = ""
    whole: str = ""


def smallest_edit(
    elaborated: Elaborated,
    left: Tree,
    right: Tree,
    holds: Holds,
    *,
    evaluations: int = EVALUATIONS,
    seconds: float = SECONDS,
    aided: bool = True,
) -> Edit | None:
    """The smallest edit of `right` that makes `left == right` true; None if none is found.

    `holds` judges two sides that were read. The search ends after so many `evaluations`, which is
    the same on every machine, or, as a last resort, after `seconds`. Unless it is `aided`, nothing
    is taken from the left side worked out.
    """
    search = _search(elaborated, left, right, holds, evaluations)
    if search is None:
        return None
    search.aided, search.trials.deadline = aided, monotonic() + seconds
    try:
        found = search.run()
    except BudgetSpent:
        found = None
    if found is None:
        return None if search.is_right else _whole(search)
    text = _unbracketed(found.text, search.trials)
    alike = ""
    if found.kind == "symmetry":
        with contextlib.suppress(BudgetSpent):
            alike = search.condition_of(search.sides)
    whole = _whole(search) if "condition" in found.kind else None
    unconditional = whole.text if whole is not None else ""
    return Edit(found.kind, found.description, text, found.size, alike, unconditional)


def _search(
    elaborated: Elaborated, left: Tree, right: Tree, holds: Holds, evaluations: int
) -> Search | None:
    """The search for a link; None if its left side cannot be read or has no value."""
    sides = _sides(elaborated, left, right)
    if sides is None or sides.sides[0].node is None:
        return None
    names = names_near(elaborated, names_in([left, right], elaborated))
    ground = ground_of(elaborated, sides, right, names)
    screen = ground.screen() if ground is not None else None
    if ground is None or screen is None:
        return None
    letters = sides.letters if any(side.indexed for side in sides.sides) else ()
    latex = _is_latex(right, elaborated)
    notation: Notation = "latex" if latex else "text"
    own = letters if sides.sides[0].indexed else None
    trials = Trials(elaborated, left, own, screen, notation, evaluations, monotonic())
    scene = scene_of(right, elaborated, letters, names, latex=latex)
    scene = with_differentials(scene) if sides.differentials else scene
    return Search(trials, scene, sides, ground, holds)


def _is_latex(side: Tree, elaborated: Elaborated) -> bool:
    """Whether a side was written in LaTeX, where `=` says that two sides are equal."""
    own, program = side.span.source.text, elaborated.tree.span.source.text
    return detect(own) == "latex" or ("==" not in own and detect(program) == "latex")


def _unbracketed(text: str, trials: Trials) -> str:
    """The text without brackets around all of it."""
    whole = trials.parsed(text)
    bare = isinstance(whole, tree.Bracket) and text.startswith("(") and text.endswith(")")
    return text[1:-1].strip() if bare else text


def _sides(elaborated: Elaborated, left: Tree, right: Tree) -> ClaimSides | None:
    """Both sides, or the left one alone if they cannot be read together."""
    for trees in ([left, right], [left]):
        try:
            return read_sides(elaborated, trees)
        except FormulaError:
            continue
    return None


def _whole(search: Search) -> Edit | None:
    """The right formula itself, where no small change leads to it."""
    texts = search.corrections()
    search.trials.allowance, search.trials.deadline = len(texts), monotonic() + 1
    with contextlib.suppress(BudgetSpent):
        for text in texts:
            trial = search.trials.of(Draft("whole", f"the side should be {text}", text, WHOLE))
            if trial is not None and search.accepts(trial):
                return Edit("whole", trial.draft.description, text, WHOLE)
    return None
