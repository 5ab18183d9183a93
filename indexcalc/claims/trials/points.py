"""Points to try a claim out at: sizes, and values from the domains of the variables.

In: the variables that two sides depend on, and the extents in them. Out: one point after the other,
the same ones every time. Sizes are unequal for all independent extents, so that a transpose shows;
in every other round one extent is 1. Where a domain is implied (`log(x)`), points that are outside
of it are found out by who evaluates; the values drawn then try other domains.

>>> from indexcalc.ir.build import variable
>>> m, n = Extent.named("m"), Extent.named("n")
>>> draws = Draws([variable("A", (m, n)), variable("K", (n, n), ["spd"])], random.Random(0))
>>> sizes = draws.rounds[0]
>>> sorted(sizes.values()), sorted(draws.rounds[1].values())
([2, 3], [1, 3])
>>> values = draws.values(sizes)
>>> values["A"].shape == (sizes["m"], sizes["n"]), bool((values["K"] == values["K"].T).all())
(True, True)
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Node, Size, Variable
from indexcalc.ir.walk import postorder

Array = NDArray[Any]
Sizes = Mapping[str, int]

MOST_ONES = 3  # extents that are 1 in a round
SMALLEST = 2
MOST_TRIES = 40  # of sizes, until no extent is empty
GRAIN = 1 << 12  # values are multiples of 1/GRAIN, exact in every arithmetic
DOMAINS = ("any", "positive", "unit", "share", "above", "spread", "definite")


def extent_names(nodes: Iterable[Node]) -> list[str]:
    """The names of all extents in nodes, sorted."""
    found: set[str] = set()
    for node in postorder(nodes):
        for extent in extents_of(node):
            found |= extent.names
    return sorted(found)


def extents_of(node: Node) -> tuple[Extent, ...]:
    """The extents that a node speaks of."""
    if isinstance(node, Contraction):
        return node.extents
    return (*node.shape, node.extent) if isinstance(node, Size) else node.shape


@dataclass(slots=True)
class Draws:
    """Draws sizes and values for variables, and remembers which domains led to valid points."""

    variables: Sequence[Variable]
    source: random.Random
    nodes: Sequence[Node] = ()
    rounds: list[dict[str, int]] = field(default_factory=list)
    worked: list[dict[str, str]] = field(default_factory=list)
    tries: int = 0

    def __post_init__(self) -> None:
        self.rounds = self.all_sizes()

    # --- sizes --------------------------------------------------------------------------------

    def all_sizes(self) -> list[dict[str, int]]:
        """Sizes for each round: in turn none of them 1 and another one of them 1.

        After the first two, none is as in the first, so that a factor `n` is told from a number.
        """
        nodes = [*self.nodes, *self.variables]
        names = extent_names(nodes)
        extents = {extent for node in postorder(nodes) for extent in extents_of(node)}
        ones = self.source.sample(names, min(len(names), MOST_ONES))
        found: list[dict[str, int]] = []
        ones += [""] * (2 - len(ones))
        for number, one in enumerate(part for name in ones for part in ("", name)):
            for more in range(MOST_TRIES):
                sizes = self.sizes(names, SMALLEST + min(number // 2, 1), one, more // 4)
                kept = number > 1 and any(sizes[name] == found[0][name] for name in names)
                if kept and more < MOST_TRIES - 1:
                    continue
                if all(extent.evaluate(sizes) > 0 for extent in extents):
                    found.append(sizes)
                    break
        return found

    def sizes(self, names: Sequence[str], low: int, one: str, more: int) -> dict[str, int]:
        """A size for each name, no two equal, and 1 for the one that is to be 1."""
        chosen = self.source.sample(range(low, low + len(names) + more), len(names))
        sizes = dict(zip(names, chosen, strict=True))
        return sizes | {one: 1} if one else sizes

    # --- values -------------------------------------------------------------------------------

    def values(self, sizes: Sizes) -> dict[str, Array]:
        """A value for each variable. The first tries are anywhere; later ones try out domains."""
        self.tries += 1
        chosen = self.domains()
        return {
            v.name: self.value(v, tuple(e.evaluate(sizes) for e in v.shape), chosen[v.name])
            for v in self.variables
        }

    def domains(self) -> dict[str, str]:
        """A domain for each variable."""
        names = [v.name for v in self.variables]
        if self.tries <= 2:
            self.latest = dict.fromkeys(names, "any")
        elif self.worked and self.source.random() < 0.75:
            self.latest = self.source.choice(self.worked)
        elif self.tries <= 4:
            self.latest = dict.fromkeys(names, "positive")
        else:
            self.latest = {name: self.source.choice(DOMAINS) for name in names}
        return self.latest

    latest: dict[str, str] = field(default_factory=dict)

    def note_valid(self) -> None:
        """The latest values were in the domain of the claim."""
        if self.latest not in self.worked:
            self.worked.append(self.latest)

    def value(self, variable: Variable, shape: tuple[int, ...], domain: str) -> Array:
        """A value with the traits of the variable."""
        traits = variable.traits
        if "positive" in traits or "nonnegative" in traits:
            domain = domain if domain in {"share", "above"} else "positive"
        array = self.entries(shape, domain)
        if "diagonal" in traits:
            return np.asarray(np.diag(np.diagonal(array)))
        square = len(shape) == 2 and shape[0] == shape[1]
        if "spd" in traits or (domain == "definite" and square):
            root = self.entries(shape, "any")
            array = root @ root.T + np.eye(shape[0])
            return np.asarray((array + array.T) / 4)
        if variable.symmetric:
            return np.asarray((array + array.T) / 2)
        return array

    def entries(self, shape: tuple[int, ...], domain: str) -> Array:
        """Numbers of a domain, none of them small against the others."""
        count = int(np.prod(shape))
        drawn = [self.entry(domain) for _ in range(count)]
        return np.asarray(np.round(np.array(drawn, float) * GRAIN) / GRAIN).reshape(shape)

    def entry(self, domain: str) -> float:
        """A number of a domain."""
        size = self.source.uniform(0.15, 1.6)
        match domain:
            case "positive" | "definite":
                return size
            case "unit":
                return self.source.choice((-1, 1)) * self.source.uniform(0.05, 0.95)
            case "share":
                return self.source.uniform(0.02, 0.4)
            case "above":
                return 1 + 2 * size
            case "spread":
                return self.source.choice((-1, 1)) * (0.1 + size) * 3
            case _:
                return self.source.choice((-1, 1)) * size
