"""Points at which formulas differ that agree elsewhere: ties, other sizes, large and small values.

In: the variables and nodes of a claim that agrees at points of ordinary size. Out: more points. At
the whole ones arguments are zero and equal, so that `[t ≥ 0]` is told from `[t > 0]`. There are
sizes that are all equal, ascending, descending and larger. Then values near the numbers that the
formula has in it, and of all magnitudes, so that `relu(t − 1000)` is told from zero.

>>> from indexcalc.ir.build import builtin, number, subtract, variable
>>> t = variable("t", ())
>>> node = builtin("relu", subtract(t, number(1000)))
>>> extremes = Extremes([t], [node], [{}])
>>> points = [float(point.values["t"]) for point in extremes.points(thorough=True)]
>>> points[:3], 1000.0 in points, any(t > 1000 for t in points), any(t < -1000 for t in points)
([0.0, 1.0, -1.0], True, True, True)
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.trials.points import Draws, extent_names, extents_of
from indexcalc.ir.node import Apply, Node, Number, Reduce, Sum, Variable
from indexcalc.ir.primitives import COMPARISONS
from indexcalc.ir.walk import postorder

Array = NDArray[Any]
Sizes = Mapping[str, int]
Kind = Literal["ordinary", "tie", "size", "far"]

SEED = 21
KINKS = COMPARISONS | {"abs", "sign", "relu", "maximum", "minimum", "where", "pow"}
WHOLE = (-1, 0, 1, 2, -1, 0, 1, 2, 0.5)
ROOTS = [-1.0, 2.0, 0.5]  # so that a square and then a root are drawn of a negative number
MORE_ROOTS = 3  # times as many of these, for powers
LARGEST_WHOLE = 1 << 20
TIES, FEW_TIES = 24, 8  # whole points, if a function has kinks
TIES_OF_SCALARS = 80
FAR, FEW_FAR = 24, 4  # points of other magnitudes
MAGNITUDES = (-9.0, 9.0)  # powers of ten
SIGNED = 4  # the first of them, whose entries are all large or small, of one sign
LARGER = (7, 13)  # sizes of the last round start here
MOST_ENTRIES = 4000  # of a variable at larger sizes
LONG = 400  # nodes, for which half of this must do


@dataclass(frozen=True, slots=True)
class Extreme:
    """A point, and what unknown functions are lifted by there."""

    sizes: Sizes
    values: dict[str, Array]
    kind: Kind
    lift: int = 0


@dataclass(slots=True)
class Extremes:
    """The points of one claim, the same ones every time; `rounds` are its ordinary sizes.

    `is_bound` is whether facts have to be met too: then there are fewer, as each costs more.
    """

    variables: Sequence[Variable]
    nodes: Sequence[Node]
    rounds: Sequence[Sizes]
    is_bound: bool = False
    source: random.Random = field(default_factory=lambda: random.Random(SEED))

    def points(self, *, thorough: bool) -> Iterator[Extreme]:
        """Ties first, where numbers are small; `thorough` for what is not proved."""
        parts = postorder(self.nodes)
        share = 1 if len(parts) < LONG and not self.is_bound else 2
        if any(has_kink(part) for part in parts):
            count = TIES if any(v.shape for v in self.variables) else TIES_OF_SCALARS
            yield from self.ties(parts, (count if thorough else FEW_TIES) // share)
        if thorough:
            yield from self.other_sizes()
        yield from self.far(parts, (FAR if thorough else FEW_FAR) // share)

    # --- whole numbers ------------------------------------------------------------------------

    def ties(self, parts: Sequence[Node], count: int) -> Iterator[Extreme]:
        """Points of whole numbers; the first are the same everywhere."""
        wholes = [c for c in constants(parts) if c == int(c) and abs(c) < LARGEST_WHOLE]
        same = list(dict.fromkeys([0.0, 1.0, -1.0, *wholes[:4]]))
        pools = [[*WHOLE, *wholes[:8]]]
        if any(isinstance(part, Apply) and part.function.name == "pow" for part in parts):
            pools += [ROOTS] * MORE_ROOTS
        for k in range(max(count * len(pools), len(same))):
            sizes = self.rounds[k % len(self.rounds)]
            choice = [same[k]] if k < len(same) else pools[k % len(pools)]
            yield Extreme(
                sizes, self.values(sizes, lambda c=choice: float(self.source.choice(c))), "tie"
            )

    # --- sizes --------------------------------------------------------------------------------

    def other_sizes(self) -> Iterator[Extreme]:
        """Ordinary values at other sizes."""
        names = extent_names([*self.nodes, *self.variables])
        if not names:
            return
        known = {extent for part in postorder(self.nodes) for extent in extents_of(part)}
        draws = Draws(self.variables, self.source, self.nodes)
        low, high = LARGER
        rounds = [
            dict.fromkeys(names, 3),
            {name: 2 + k for k, name in enumerate(names)},
            {name: 2 + k for k, name in enumerate(reversed(names))},
            {name: self.source.randint(low, high) + k for k, name in enumerate(names)},
        ]
        for sizes in rounds[: 3 if self.is_bound else None]:
            counts = [[e.evaluate(sizes) for e in v.shape] for v in self.variables]
            small = all(np.prod(count) <= MOST_ENTRIES for count in counts)
            if small and all(extent.evaluate(sizes) > 0 for extent in known):
                yield Extreme(sizes, draws.values(sizes), "size")

    # --- magnitudes ---------------------------------------------------------------------------

    def far(self, parts: Sequence[Node], count: int) -> Iterator[Extreme]:
        """Values around the numbers of the formula, and of any magnitude."""
        near = constants(parts)
        largest = max([1.0, *near])
        for k in range(count):
            sizes = self.rounds[k % len(self.rounds)]
            size = (10 * largest, 1e-6)[k // 2 % 2] * (1, -1)[k % 2]
            drawn = (
                self.same_sign(size) if k < SIGNED else self.magnitude(near) for _ in self.variables
            )
            values = {
                v.name: self.value(v, sizes, draw)
                for v, draw in zip(self.variables, drawn, strict=True)
            }
            lift = self.source.choice((-1, 0, 1)) * 10 ** self.source.randint(0, 6)
            yield Extreme(sizes, values, "far", lift)

    def same_sign(self, size: float) -> Any:
        """What draws entries of one sign."""
        return lambda: self.source.uniform(0.15, 1.6) * size

    def magnitude(self, near: Sequence[float]) -> Any:
        """What draws the entries of one variable."""
        low, high = MAGNITUDES
        about = self.source.choice([0.0, *near, *(-c for c in near)])
        size = 10 ** self.source.uniform(low, high)
        match self.source.randrange(4):
            case 0:
                return lambda: self.source.uniform(0.1, 1.6) * self.source.choice((-size, size))
            case 1:
                return lambda: about + self.source.uniform(-1, 1) * min(size, 1.0)
            case 2:
                return lambda: about * self.source.uniform(-2, 2) + self.source.uniform(-1, 1)
            case _:
                return lambda: self.source.uniform(-1.6, 1.6) * 10 ** self.source.uniform(-2, 2)

    # --- values -------------------------------------------------------------------------------

    def values(self, sizes: Sizes, draw: Any) -> dict[str, Array]:
        """A value for each variable."""
        return {v.name: self.value(v, sizes, draw) for v in self.variables}

    def value(self, variable: Variable, sizes: Sizes, draw: Any) -> Array:
        """A value with the traits of the variable."""
        shape = tuple(extent.evaluate(sizes) for extent in variable.shape)
        array = np.array([draw() for _ in range(int(np.prod(shape)))], float).reshape(shape)
        traits = variable.traits
        if "positive" in traits:
            array = np.where(array == 0, 1.0, abs(array))
        elif "nonnegative" in traits:
            array = abs(array)
        if "diagonal" in traits:
            return np.asarray(np.diag(np.diagonal(array)))
        if "spd" in traits:
            least = min(1.0, float(np.max(abs(array), initial=0.0)) ** 2) or 1.0
            array = array @ array.T
            return np.asarray(np.tril(array) + np.tril(array, -1).T + least * np.eye(len(array)))
        if variable.symmetric:
            return np.asarray(np.tril(array) + np.tril(array, -1).T)
        return array


def has_kink(node: Node) -> bool:
    """Whether the function is not smooth everywhere where it is defined."""
    match node:
        case Apply():
            return node.function.kind == "builtin" and node.function.name in KINKS
        case Reduce():
            return node.operation in ("max", "min")
        case _:
            return False


def constants(parts: Sequence[Node]) -> list[float]:
    """The numbers that are added in formulas, and the inverses of those that multiply."""
    found: dict[float, None] = {}
    for part in parts:
        terms = part.terms if isinstance(part, Sum) else ()
        numbers = [c for c, _ in terms] + ([part.value] if isinstance(part, Number) else [])
        for c in numbers:
            if c and c.numerator.bit_length() < 500 and c.denominator.bit_length() < 500:
                found |= {abs(float(c)): None, abs(float(1 / c)): None}
    found.pop(1.0, None)
    return sorted(found)
