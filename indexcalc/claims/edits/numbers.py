"""Edits of numbers that stand in a formula.

In: the scene of a side. Out: drafts: one more or less, twice or half, none at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from indexcalc.claims.edits.places import Level
from indexcalc.claims.edits.scene import Draft, Scene
from indexcalc.syntax import tree

HALF = Fraction(1, 2)


def numbers(scene: Scene) -> Iterator[Draft]:
    """Another number where one stands."""
    for place in scene.places:
        node = place.node
        if not isinstance(node, tree.Number):
            continue
        value = node.value
        others = (value - 1, value + 1, value * 2, value * HALF, 1 / value if value else value)
        for other in dict.fromkeys(others):
            factor = place.parent is not None and isinstance(place.parent.node, tree.Product)
            if other <= 0 or other == value or (factor and other == 1):
                continue
            text = scene.spelling.number(other)
            level = Level.ATOM if other.denominator == 1 else Level.PRODUCT
            told = f"{text} instead of {scene.shown(place.text)}"
            yield Draft("factor", told, scene.replaced(place, text, level))
