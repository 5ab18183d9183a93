"""What the program's own names stand for.

A definition `z_i = W_ij x_j` is a `Variable` called `z` in the graph and an entry here. Passes that
want short, named results leave it closed; passes that want fast code look inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from indexcalc.ir.node import Node, Variable


@dataclass(frozen=True, slots=True)
class DefinedFunction:
    """`name(parameters) = body`, with scalar parameters and a scalar body."""

    name: str
    parameters: tuple[Variable, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Environment:
    """Definitions by variable, elementwise functions by name, and assumed facts (left → right)."""

    definitions: Mapping[Variable, Node] = field(default_factory=dict)
    functions: Mapping[str, DefinedFunction] = field(default_factory=dict)
    assumptions: tuple[tuple[Node, Node], ...] = ()
