"""Whether two sides are equal at random points.

In: two nodes in terms of inputs. Out: that they agree, with how much was tried; or that they
differ, with the largest difference; or that no valid point was found. Differences are held
against the bounds of the rounding errors: an error is never taken for a difference, and a
difference that rounding could hide is looked for again with more digits.

>>> from indexcalc.ir.build import builtin, multiply, scale, variable
>>> x = variable("x", ())
>>> product = scale(2, multiply(builtin("sin", x), builtin("cos", x)))
>>> try_out(builtin("sin", scale(2, x)), product).status
'agrees'
>>> found = try_out(builtin("log", x), multiply(x, x))
>>> found.status, found.difference.entry
('differs', ())
>>> try_out(builtin("log", scale(-1, multiply(x, x))), x).status
'undecided'
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.evaluation import Arithmetic, Estimate, Point, evaluate, exactly
from indexcalc.claims.floats import FLOATS
from indexcalc.claims.points import Draws
from indexcalc.claims.unknown_functions import Shape, callables, draw, unknown_functions
from indexcalc.errors import LimitError
from indexcalc.ir.node import Function, Node, Variable
from indexcalc.ir.walk import postorder

Array = NDArray[Any]
Status = Literal["agrees", "differs", "undecided"]

SEED = 20
POINTS = 10  # valid ones that must agree
MOST_TRIES = 160
TRIES_WITHOUT = 120  # until no valid point is hoped for
SURE = 8  # times the error bound
TELLING = 1e-7  # the error bound over the scale, above which double precision cannot tell
MORE_AFTER = 3  # points after the first difference, for the largest one


@dataclass(frozen=True, slots=True)
class Difference:
    """The entry at which two sides differ most, and where."""

    size: float
    entry: tuple[int, ...]
    left: float
    right: float
    sizes: Mapping[str, int]
    values: Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Trial:
    """What came out; `points` is the number of valid points."""

    status: Status
    points: int
    difference: Difference | None = None


def try_out(left: Node, right: Node, seed: int = SEED) -> Trial:
    """Compare two nodes of one shape, without derivatives and definitions, at random points."""
    return _Trying(left, right, random.Random(seed)).run()


@dataclass(slots=True)
class _Trying:
    left: Node
    right: Node
    source: random.Random
    differences: list[Difference] = field(default_factory=list)
    valid: int = 0
    functions: tuple[Function, ...] = ()

    def run(self) -> Trial:
        nodes = [self.left, self.right]
        self.functions = unknown_functions(nodes)
        variables = sorted(
            (node for node in postorder(nodes) if isinstance(node, Variable)),
            key=lambda v: v.name,
        )
        draws = Draws(variables, self.source, nodes)
        while draws.rounds and draws.tries < MOST_TRIES and not self.is_done():
            if draws.tries >= TRIES_WITHOUT and not self.valid:
                break
            sizes = draws.rounds[self.valid % len(draws.rounds)]
            if self.tried(sizes, draws.values(sizes)):
                self.valid += 1
                draws.note_valid()
        return self.outcome()

    def is_done(self) -> bool:
        return self.valid >= (MORE_AFTER if self.differences else POINTS)

    def outcome(self) -> Trial:
        if self.differences:
            worst = max(self.differences, key=lambda difference: difference.size)
            return Trial("differs", self.valid, worst)
        return Trial("agrees" if self.valid else "undecided", self.valid)

    def tried(self, sizes: Mapping[str, int], values: Mapping[str, Array]) -> bool:
        """Whether the point was valid; a difference there is noted."""
        shapes = draw(self.functions, self.source)
        try:
            left, right = self.estimates(sizes, values, shapes, FLOATS)
        except LimitError:
            return False
        if not (is_finite(left) and is_finite(right)):
            return False
        gap, bound = abs(left.value - right.value), left.error + right.error
        if not np.any(gap > SURE * bound):
            return True
        worst = np.unravel_index(int(np.argmax(gap)), gap.shape)
        entry = tuple(int(k) for k in worst)
        self.differences.append(
            Difference(
                float(gap[entry]), entry, float(left.value[entry]), float(right.value[entry]),
                sizes, values,
            )
        )  # fmt: skip
        return True

    def estimates(
        self,
        sizes: Mapping[str, int],
        values: Mapping[str, Array],
        shapes: dict[str, Shape],
        arithmetic: Arithmetic,
    ) -> Sequence[Estimate]:
        known = {name: exactly(value, arithmetic) for name, value in values.items()}
        point = Point(sizes, known, callables(self.functions, shapes, arithmetic))
        return evaluate([self.left, self.right], point, arithmetic)


def is_finite(estimate: Estimate) -> bool:
    """Whether all values and bounds are numbers."""
    return bool(np.all(np.isfinite(estimate.value)) and np.all(np.isfinite(estimate.error)))
