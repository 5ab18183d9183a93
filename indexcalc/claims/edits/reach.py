"""The names that could have to do with a claim, nearest first.

In: a program, and the names that a claim mentions. Out: these, then what their definitions mention,
and so on; at last the other names of the program, in its order; not more than can be tried.

>>> from indexcalc.elaborate.program import elaborate
>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_program
>>> program = elaborate(parse_program(Source("u[]; a = 2 b; b = c + d; e = 3 a")))
>>> names_near(program, ["a"])
('a', 'b', 'c', 'd', 'u', 'e')
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.ir.node import Node, Variable
from indexcalc.ir.walk import postorder

MOST_NAMES = 40
MOST_NODES = 20_000  # of definitions that are looked into


def names_near(
    elaborated: Elaborated, mentioned: Iterable[str], most: int = MOST_NAMES
) -> tuple[str, ...]:
    """Names of tensors, nearest first."""
    bodies: Mapping[str, Node] = {one.name: one.node for one in elaborated.definitions}
    place = {name: number for number, name in enumerate(elaborated.symbols)}
    found: dict[str, None] = {}
    waiting = [name for name in mentioned if name in elaborated.symbols]
    looked = 0
    while waiting and len(found) < most and looked < MOST_NODES:
        below: dict[str, None] = {}
        for name in waiting:
            if name in found:
                continue
            found[name] = None
            order = postorder([bodies[name]]) if name in bodies else []
            looked += len(order)
            own = {part.name for part in order if isinstance(part, Variable)}
            below |= dict.fromkeys(sorted(own & place.keys(), key=place.__getitem__))
        waiting = [name for name in below if name not in found]
    tensors = (name for name, one in elaborated.symbols.items() if one.role != "function")
    found |= dict.fromkeys(tensors) if len(found) < most else {}
    return tuple(found)[:most]
