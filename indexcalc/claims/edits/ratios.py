"""What values tell at once: a side is right up to a number, a size, a scalar, or a transpose.

In: a candidate with its values, and those of the left side. Out: drafts in which the coefficient is
put right, or whose axes are in the other order.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.edits.coefficients import multiplied, taken_apart
from indexcalc.claims.edits.places import Level, level_of
from indexcalc.claims.edits.scene import Draft, Scene
from indexcalc.claims.edits.screen import Screen
from indexcalc.claims.edits.trials import Trial, Trials, near
from indexcalc.syntax.tree import Tree

Array = NDArray[Any]
LARGEST = 48  # of the numbers in a ratio that is taken for a fraction
CLOSE = 1e-8


def ratio_drafts(scene: Scene, trials: Trials, trial: Trial) -> Iterator[Draft]:
    """The candidate times what makes it right, if that is a number, a size or a scalar."""
    return multiples(scene, trials.screen, trial, trials.everywhere(trial))


def multiples(
    scene: Scene, screen: Screen, trial: Trial, values: Sequence[Array]
) -> Iterator[Draft]:
    """The candidate, with these values, times what makes it right at the points of a screen."""
    if len(values) != len(screen.values):
        return
    ratios = _ratios(screen.values, values)
    if ratios is None:
        return
    for number, factor, words in named_ratios(scene, screen, ratios):
        if number == 1 and not factor:
            continue
        text = multiplied(trial.tree, number, factor, scene.spelling)
        told = _told(trial.tree, number, words)
        yield Draft(_kind(number, words), told, text)


def named_ratios(
    scene: Scene, screen: Screen, ratios: Sequence[float]
) -> Iterator[tuple[Fraction, str, str]]:
    """What a ratio at each point may be: a number, a text to multiply by, and how it is told."""
    number = _fraction(ratios)
    if number is not None:
        yield number, "", ""
        return
    if len(ratios) < 2:
        return
    for text, values in _scalars(scene, screen):
        root = scene.spelling.root(text)
        for power, shown in (
            (1, text), (-1, _below(scene, text)), (2, _squared(scene, text)), (0.5, root),
            (-0.5, _below(scene, root)),
        ):  # fmt: skip
            with np.errstate(all="ignore"):
                powers = np.power(np.array(values), power)
                rest = [ratio / float(own) for ratio, own in zip(ratios, powers, strict=True)]
            number = _fraction(rest)
            if number is not None:
                yield number, f"({shown})" if "/" in shown else shown, shown
    for (one, first), (other, second) in itertools.combinations(_sizes(scene, screen), 2):
        for text, up, down in (
            (f"{one} {other}", 1, 1), (f"{one}/{other}", 1, -1), (f"{other}/{one}", -1, 1),
            (f"1/({one} {other})", -1, -1),
        ):  # fmt: skip
            values = [a**up * b**down for a, b in zip(first, second, strict=True)]
            number = _fraction([ratio / value for ratio, value in zip(ratios, values, strict=True)])
            if number is not None:
                yield number, f"({text})" if "/" in text else text, text


def layout_drafts(scene: Scene, trials: Trials, trial: Trial) -> Iterator[Draft]:
    """The transpose of a candidate, if that is right."""
    values = trials.everywhere(trial)
    left = trials.screen.values
    level = level_of(trial.tree)
    if (
        len(values) != len(left)
        or values[0].ndim != 2
        or scene.letters_written
        or level >= Level.POWER
    ):
        return
    if not all(near(value.T, own) for value, own in zip(values, left, strict=True)):
        return
    told = "right in the other layout: transpose the whole side"
    yield Draft("layout", told, scene.spelling.transposed(f"({trial.draft.text})"))


# --- parts --------------------------------------------------------------------------------------


def _ratios(lefts: Sequence[Array], rights: Sequence[Array]) -> list[float] | None:
    """The factor that makes a candidate right, at each point; None if there is none."""
    found: list[float] = []
    for left, own in zip(lefts, rights, strict=True):
        if own.shape != left.shape:
            return None
        square = float(np.sum(own * own))
        if not square > 0 or not np.isfinite(square):
            return None
        ratio = float(np.sum(own * left)) / square
        if ratio == 0 or not near(own * ratio, left):
            return None
        found.append(ratio)
    return found


def _fraction(ratios: Sequence[float]) -> Fraction | None:
    """The fraction that all ratios are, if it has small numbers."""
    if not all(map(np.isfinite, ratios)):
        return None
    found = Fraction(ratios[0]).limit_denominator(LARGEST)
    small = 0 < abs(found.numerator) <= LARGEST
    close = all(abs(ratio - float(found)) <= CLOSE * abs(float(found)) for ratio in ratios)
    return found if small and close else None


def _scalars(scene: Scene, screen: Screen) -> Iterator[tuple[str, list[float]]]:
    yield from _sizes(scene, screen)
    for known in scene.pool.names:
        if not known.shape and all(known.name in point.names for point in screen.points):
            values = [float(point.names[known.name]) for point in screen.points]
            if all(values):
                yield known.text, values


def _sizes(scene: Scene, screen: Screen) -> list[tuple[str, list[float]]]:
    names = [name for name in scene.pool.sizes if all(name in p.sizes for p in screen.points)]
    return [(name, [float(point.sizes[name]) for point in screen.points]) for name in names]


def _below(scene: Scene, text: str) -> str:
    return rf"\frac{{1}}{{{text}}}" if scene.spelling.latex else f"1/{text}"


def _squared(scene: Scene, text: str) -> str:
    return scene.spelling.power(text, 2)


def _told(side: Tree, number: Fraction, words: str) -> str:
    old = taken_apart(side).number
    if words:
        return f"factor {words if number == 1 else f'{number} {words}'} missing"
    if number == -1:
        return "sign"
    new = old * number
    if abs(old) == 1:
        return f"factor {number} missing"
    return f"factor {abs(old)} too much" if abs(new) == 1 else f"factor {new} instead of {old}"


def _kind(number: Fraction, words: str) -> str:
    return "sign" if number == -1 and not words else "factor"
