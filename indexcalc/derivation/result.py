"""All that a derivation says, as nodes: what `steps` works out and `writing` spells.

In: nothing. Out: the records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from indexcalc.derivation.stage import Stage
from indexcalc.elaborate.elaborated import Query
from indexcalc.ir.node import Node, Variable
from indexcalc.notation.names import NameStyle


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """A stage, and what becomes of its derivative if that is used further: its name and its body.

    `cut` tells that the variable is a defined name: what defines it is cut off.
    """

    stage: Stage
    cut: bool
    result: Variable | None
    restated: Node


@dataclass(frozen=True, slots=True)
class Result:
    """The sweeps in order, and what the query prints.

    `moves` are the differentials by name, `new` the definitions that the program does not have,
    in order. `asked` is the query in terms of the results, None if it is the last of them itself.
    """

    query: Query
    style: NameStyle
    sweeps: tuple[Sweep, ...]
    moves: Mapping[Variable, Variable]
    new: Mapping[Variable, Node]
    asked: Node | None
    printed: Node

    def last_sweeps(self) -> tuple[Sweep, ...]:
        """Those by which what is asked is differentiated, one after the other, the last first."""
        found: list[Sweep] = []
        value = None
        for sweep in reversed(self.sweeps):
            if sweep.result is value and (found or self.asked is None):
                found.append(sweep)
                value = sweep.stage.value
        return tuple(found)
