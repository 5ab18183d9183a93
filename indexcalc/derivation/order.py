"""Where new names stand in the reader's order.

In: the style of a program, the definitions of names that it does not have, and its differentials.
Out: a style in which a new name stands in front of what it is made of, and a differential behind
its name; differentials of scalars come last in a product.

>>> from indexcalc.ir.build import multiply, variable
>>> from indexcalc.ir.extent import Extent
>>> y, w, beta, z = (variable(name, ()) for name in "ywβz")
>>> dz = variable("dz", (Extent.named("m"),))
>>> style = NameStyle(statements=[("λ", "y", "w"), ("z", "x")])
>>> extended(style, {beta: multiply(y, w)}, {variable("z", dz.shape): dz}).statements
[(), ('λ', 'β', 'y', 'w'), ('z', 'dz', 'x')]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from indexcalc.ir.node import Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.notation.names import NameStyle


def extended(
    style: NameStyle, new: Mapping[Variable, Node], moves: Mapping[Variable, Variable]
) -> NameStyle:
    """The style with the new names, whose definitions are given in order, and the differentials."""
    statements = [list(dict.fromkeys(names)) for names in style.statements]
    for name, body in new.items():
        _insert(name.name, body, statements)
    scalars: list[str] = []
    for name, move in moves.items():
        if not name.shape:
            scalars.append(move.name)
            continue
        place = next((names for names in statements if name.name in names), None)
        if place is None:
            place = statements[-1] if statements else []
            place.append(name.name)
        place.insert(place.index(name.name) + 1, move.name)
    added = [*(name.name for name in new), *(move.name for move in moves.values())]
    return replace(
        style,
        statements=[tuple(scalars), *map(tuple, statements)],
        taken=(*style.taken, *added),
    )


def _insert(name: str, body: Node, statements: list[list[str]]) -> None:
    """In front of the first of the names that it is made of, where that stands first of all."""
    inside = {part.name for part in postorder([body]) if isinstance(part, Variable)}
    places = [
        (-number, position)
        for number, names in enumerate(statements)
        for position, known in enumerate(names)
        if known in inside
    ]
    if not places:
        statements.append([name])
        return
    number, position = min(places)
    statements[-number].insert(position, name)
