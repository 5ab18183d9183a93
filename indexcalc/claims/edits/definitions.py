"""A name of the program written out as what it stands for.

In: the scene of a side. Out: drafts with the definition in the place of the name. They are as right
or wrong as the side, but what is wrong may be in the definition.
"""

from __future__ import annotations

from collections.abc import Iterator

from indexcalc.claims.edits.places import level_of
from indexcalc.claims.edits.scene import Draft, Scene
from indexcalc.claims.edits.spelling import on_one_line
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.syntax import tree


def written_out(scene: Scene, elaborated: Elaborated) -> Iterator[Draft]:
    """Each name without indices that is defined without indices, replaced."""
    known = {one.name: one.tree for one in elaborated.definitions}
    for place in scene.places:
        name = scene.name(place.node)
        defined = known.get(name) if name is not None else None
        if defined is None or scene.indices(place.node) is not None:
            continue
        if isinstance(defined.target, tree.Subscripted) and scene.indices(defined.target):
            continue
        text = on_one_line(defined.value.span.text, latex=scene.spelling.latex)
        told = f"with {scene.shown(place.text)} = {text}"
        changed = scene.replaced(place, text, level_of(defined.value))
        yield Draft("definition", told, changed)
