"""What the right side would be, and edits that take something from there.

In: a link of a claim. Out: its left side worked out, as text in the notation of the right side; and
drafts of the right side with a factor, a term or a part of that text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexcalc.claims.edits.insertions import Factor, inserted, inserted_between
from indexcalc.claims.edits.places import Level, Place, grown, places_of
from indexcalc.claims.edits.scene import Draft, Scene
from indexcalc.claims.edits.trials import Trials
from indexcalc.elaborate.calls import separate
from indexcalc.elaborate.claims import ClaimSides
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.errors import FormulaError
from indexcalc.notation.component import arrangement, in_text
from indexcalc.notation.latex import arrangement_latex
from indexcalc.notation.matrix.form import matrix_arrangement
from indexcalc.pipeline import as_displayed
from indexcalc.presentation import name_style
from indexcalc.syntax import tree

MOST_PARTS = 24


@dataclass(frozen=True, slots=True)
class Reference:
    """The right side as it should be: its text, its terms with their signs, its parts."""

    text: str
    terms: tuple[tuple[str, Level], ...]
    factors: tuple[str, ...]


def corrected(
    elaborated: Elaborated, sides: ClaimSides, forms: Sequence[str], *, latex: bool
) -> list[str]:
    """The left side worked out, as text in each of the `forms` (`matrix`, `index`) that it has.

    Formulas that need a where list are left out.
    """
    left = sides.sides[0].node
    if left is None or sides.differentials:
        return []
    style = name_style(elaborated)
    found: list[str] = []
    try:
        node = as_displayed(left, sides.environment)
    except FormulaError:
        return []
    for form in forms:
        try:
            if form == "matrix":
                made = matrix_arrangement(node, style)
            elif len(sides.letters) == len(left.shape):
                made = arrangement(node, sides.letters, style)
            else:
                continue
            if not made.where:
                found.append(arrangement_latex(made) if latex else str(in_text(made)))
        except FormulaError:
            continue
    return found


def reference_of(trials: Trials, text: str) -> Reference | None:
    """The parts of a right side; None if it cannot be read."""
    try:
        whole = separate(trials.parsed(text), trials.elaborated.table.is_call)
    except FormulaError:
        return None
    terms, factors = [], []
    for place in places_of(whole):
        if place.parent is None and not isinstance(place.node, tree.Sum):
            terms.append((place.text, place.level))
            terms += _multiplied_out(place)
        if isinstance(place.parent and place.parent.node, tree.Sum):
            assert place.parent is not None
            assert isinstance(place.parent.node, tree.Sum)
            negative = place.parent.node.signs[place.slot] < 0
            level = Level.NEGATIVE if negative else place.level
            terms.append((f"-{place.text}" if negative else place.text, level))
        if _is_factor(place):
            factors.append(place.text)
    return Reference(
        text, tuple(dict.fromkeys(terms))[:MOST_PARTS], tuple(dict.fromkeys(factors))[:MOST_PARTS]
    )


def from_reference(scene: Scene, reference: Reference) -> Iterator[Draft]:
    """Drafts with something from the right formula."""
    pool = [Factor(text) for text in reference.factors]
    yield from inserted(scene, pool)
    if not scene.letters_written:
        yield from inserted_between(scene, pool)
    yield from _terms_added(scene, reference)
    yield from _replaced(scene, reference)


# --- parts --------------------------------------------------------------------------------------


def _multiplied_out(place: Place) -> Iterator[tuple[str, Level]]:
    """The terms of `c (a + b)`: `c a` and `c b`."""
    if not isinstance(place.node, tree.Product):
        return
    text, start = place.node.span.source.text, place.start
    for factor in place.node.factors:
        if not isinstance(factor, tree.Bracket) or not isinstance(factor.inner, tree.Sum):
            continue
        first, last = grown(factor.span)
        for term, sign in zip(factor.inner.terms, factor.inner.signs, strict=True):
            own = text[slice(*grown(term.span))]
            whole = f"{text[start:first]}{own}{text[last : place.end]}"
            yield (f"-{whole}", Level.NEGATIVE) if sign < 0 else (whole, Level.PRODUCT)


def _is_factor(place: Place) -> bool:
    holder = place.parent
    inside = holder is not None and isinstance(holder.node, tree.Product | tree.Negative)
    return inside and not isinstance(place.node, tree.Product)


def _terms_added(scene: Scene, reference: Reference) -> Iterator[Draft]:
    for place in scene.places:
        if not _takes_term(place):
            continue
        for text, level in reference.terms:
            negative = level is Level.NEGATIVE
            own = text[1:] if negative else text
            for sign in ("-", "+") if negative else ("+", "-"):
                told = f"missing term {'' if sign == '+' else '-'}{scene.shown(own)}"
                new = f"{place.text} {sign} {own}" if place.text != "0" else text
                yield Draft("term", told, scene.replaced(place, new, Level.SUM))


def _takes_term(place: Place) -> bool:
    return place.need is Level.SUM and not isinstance(place.node, tree.Bracket)


def _replaced(scene: Scene, reference: Reference) -> Iterator[Draft]:
    texts = [(text, Level.POWER) for text in reference.factors]
    texts += [(text, level) for text, level in reference.terms if level is not Level.NEGATIVE]
    for place in scene.places:
        if place.parent is None or isinstance(place.node, tree.Sum):
            continue
        for text, level in texts:
            if text != place.text:
                told = f"{scene.shown(place.text)} should be {scene.shown(text)}"
                yield Draft("part", told, scene.replaced(place, text, level))
