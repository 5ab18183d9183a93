"""Wrong coefficients of the terms of a sum, all at once.

In: a side that is a sum. Out: the draft whose terms have the coefficients that fit the left side
best, if that is small numbers: signs, factors, terms too much. More than one may be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.edits.coefficients import multiplied
from indexcalc.claims.edits.scene import Draft, Scene
from indexcalc.claims.edits.trials import Trials, near
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree

Array = NDArray[Any]
LARGEST = 12
MOST_TERMS = 12
CLOSE = 1e-7


def coefficients(scene: Scene, trials: Trials) -> Iterator[Draft]:
    """The side with other coefficients before its terms, if these make it right."""
    side = scene.side
    if not isinstance(side, tree.Sum) or len(side.terms) > MOST_TERMS:
        return
    columns = _values(scene, trials, side)
    if columns is None:
        return
    left = np.concatenate([value.reshape(-1) for value in trials.screen.values])
    if len(left) < len(side.terms) + 1:
        return
    found, _, rank, _ = np.linalg.lstsq(columns, left, rcond=1e-9)
    if rank < len(side.terms) or not near(columns @ found, left):
        return
    numbers = [_small(value) for value in found]
    if all(number is not None for number in numbers):
        yield from _written(scene, side, [number for number in numbers if number is not None])


def _values(scene: Scene, trials: Trials, side: tree.Sum) -> Array | None:
    """One column for each term with its sign, all points below each other."""
    columns = []
    for term, sign in zip(side.terms, side.signs, strict=True):
        values = trials.part(scene.shown(scene.written(term)))
        if values is None:
            return None
        shapes = [value.shape for value in trials.screen.values]
        if [value.shape for value in values] != shapes:
            return None
        columns.append(sign * np.concatenate([value.reshape(-1) for value in values]))
    matrix = np.stack(columns, axis=1)
    return matrix if np.all(np.isfinite(matrix)) else None


def _small(value: float) -> Fraction | None:
    found = Fraction(value).limit_denominator(LARGEST)
    if abs(value) < CLOSE:
        return Fraction(0)
    small = 0 < abs(found.numerator) <= LARGEST
    return found if small and abs(value - float(found)) <= CLOSE * abs(value) else None


def _written(scene: Scene, side: tree.Sum, numbers: list[Fraction]) -> Iterator[Draft]:
    text = ""
    told: list[str] = []
    for term, sign, number in zip(side.terms, side.signs, numbers, strict=True):
        shown = scene.shown(scene.written(term))
        if number != 1:
            told.append(_told(shown, number))
        if number == 0:
            continue
        minus = (sign < 0) is not (number < 0)
        own = shown if abs(number) == 1 else _multiple(scene, term, abs(number))
        text += f" {'-' if minus else '+'} {own}" if text else f"{'-' if minus else ''}{own}"
    if text and told:
        yield Draft("sign" if all(n in (1, -1) for n in numbers) else "factor",
                    "; ".join(told), text, len(told))  # fmt: skip


def _multiple(scene: Scene, term: Tree, number: Fraction) -> str:
    return scene.shown(multiplied(term, number, "", scene.spelling))


def _told(term: str, number: Fraction) -> str:
    if number == 0:
        return f"without the term {term}"
    return f"sign of {term}" if number == -1 else f"factor {number} of {term} missing"
