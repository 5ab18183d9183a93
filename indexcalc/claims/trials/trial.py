"""Whether two sides are equal at random points.

In: two nodes in terms of inputs, and the facts that are assumed. Out: that they agree, and at how
many points; or that they differ, with the largest difference; or that no valid point was found.
Differences are held against the bounds of the rounding errors: an error is never taken for a
difference, and where rounding could hide one, the same point is looked at with more digits.

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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.trials.arithmetic import all_finite, any_infinite
from indexcalc.claims.trials.constraints import Constraints, Met
from indexcalc.claims.trials.decimals import DECIMALS, many_digits
from indexcalc.claims.trials.evaluation import Arithmetic, Estimate, Point, evaluate
from indexcalc.claims.trials.extremes import Extremes, Kind
from indexcalc.claims.trials.floats import FLOATS
from indexcalc.claims.trials.points import Draws
from indexcalc.claims.trials.unknown_functions import Shape, callables, draw, unknown_functions
from indexcalc.errors import FormulaError, LimitError
from indexcalc.ir.node import Function, Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.simplify.facts import Fact

Array = NDArray[Any]
Status = Literal["agrees", "differs", "undecided"]

SEED = 20
POINTS = 10  # valid ones that must agree
FINE_POINTS = 2  # of these, looked at with many digits in any case
MOST_TRIES = 160
TRIES_WITHOUT = 120  # until no valid point is hoped for
SURE = 8  # times the error bound
TELLING = 1e-7  # the error bound over the scale, above which double precision cannot tell
CLEAR = 1e-3  # a difference over the scale that needs no more digits
NOTHING = 1e-30  # an error bound of many digits that leaves nothing to be seen
MOST_TIES = 8  # differences at ties that are looked at
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
    functions: Mapping[str, str]
    kind: Kind = "ordinary"


@dataclass(frozen=True, slots=True)
class Trial:
    """What came out; `points` is the number of valid points, `difference` the largest one."""

    status: Status
    points: int
    difference: Difference | None = None
    differences: tuple[Difference, ...] = ()


def try_out(
    left: Node,
    right: Node,
    facts: Sequence[Fact] = (),
    points: int = POINTS,
    as_written: Callable[[], Sequence[Node]] | None = None,
) -> Trial:
    """Compare two nodes of one shape, free of derivatives and definitions, at random points.

    `as_written` gives the sides before anything was simplified: no point is a counterexample
    where one of these is no number, as `exp(2 log(x))` for negative `x`.
    """
    return _Trying((left, right), Constraints(facts), points, as_written).run()


@dataclass(slots=True)
class _Trying:
    sides: tuple[Node, Node]
    constraints: Constraints
    points: int
    as_written: Callable[[], Sequence[Node]] | None = None
    source: random.Random = field(default_factory=lambda: random.Random(SEED))
    differences: list[Difference] = field(default_factory=list)
    valid: int = 0
    fine: int = 0
    functions: tuple[Function, ...] = ()
    kind: Kind = "ordinary"
    lift: int = 0  # of unknown functions

    def run(self) -> Trial:
        nodes = [*self.sides, *self.constraints.nodes]
        self.functions = unknown_functions(nodes)
        variables = sorted(
            (node for node in postorder(nodes) if isinstance(node, Variable)),
            key=lambda v: v.name,
        )
        draws = Draws(variables, self.source, nodes)
        while draws.rounds and draws.tries < MOST_TRIES and not self.is_done():
            if draws.tries >= TRIES_WITHOUT and not self.valid:
                break
            # by tries, not by valid points: some sizes have none (a tall matrix that must be wide)
            sizes = draws.rounds[draws.tries % len(draws.rounds)]
            if self.tried(sizes, draws.values(sizes)):
                self.valid += 1
                draws.note_valid()
        if not self.differences:
            facts = self.constraints.facts
            self.try_extremes(Extremes(variables, nodes, draws.rounds, is_bound=bool(facts)))
        return self.outcome()

    def try_extremes(self, extremes: Extremes) -> None:
        """Ties, other sizes and magnitudes, until a difference shows."""
        for point in extremes.points(thorough=self.points >= POINTS):
            if point.kind == "tie" and len(self.differences) == MOST_TIES:
                continue  # what is elsewhere tells more
            self.kind, self.lift = point.kind, point.lift
            self.valid += self.tried(point.sizes, point.values)
            if self.differences and self.differences[-1].kind != "tie":
                return

    @property
    def fine_points(self) -> int:
        """At how many points what agrees is looked at with many digits in any case."""
        return FINE_POINTS if self.points >= POINTS else 0

    def is_done(self) -> bool:
        return self.valid >= (MORE_AFTER if self.differences else self.points)

    def outcome(self) -> Trial:
        if self.differences:
            found = [one for one in self.differences if one.kind != "tie"] or self.differences
            worst = max(found, key=lambda difference: difference.size)
            return Trial("differs", self.valid, worst, tuple(found))
        return Trial("agrees" if self.valid else "undecided", self.valid)

    def tried(self, sizes: Mapping[str, int], values: Mapping[str, Array]) -> bool:
        """Whether the point was valid; a difference there is noted."""
        before = len(self.differences)
        shapes = draw(self.functions, self.source)
        if self.lift:
            shapes = {name: shape.lifted(self.lift) for name, shape in shapes.items()}
        place = _Place(self.sides, self.constraints, sizes, shapes, self.functions)
        met = self.constraints.met(values, sizes, place.callables(FLOATS))
        if met is None:
            return False
        try:
            is_valid = self.compared(place, met)
            if len(self.differences) == before or self.is_defined(place, met):
                return is_valid
        except LimitError:
            return False
        self.differences.pop()
        return False

    def compared(self, place: _Place, met: Met) -> bool:
        """The same where all facts hold."""
        left, right = place.estimates(met, FLOATS)
        if _overflows(left):
            return self.tried_finely(place, met)
        if not (_is_finite(left) and _is_finite(right)):
            return False
        told = _is_told(left, right)
        if not told or (self.fine < self.fine_points and not _is_apart(left, right)):
            self.fine += told
            return self.tried_finely(place, met)
        self.note(left, right, place, met.values)
        return True

    def is_defined(self, place: _Place, met: Met) -> bool:
        """Whether both sides as they were written are numbers where the last difference is."""
        if self.as_written is None:
            return True
        try:
            first, second = self.as_written()
            functions = unknown_functions([first, second, *self.constraints.nodes])
            if any(function.name not in place.shapes for function in functions):
                return True
            written = replace(place, sides=(first, second), functions=functions)
            with many_digits():
                found = written.estimates(met, DECIMALS)
        except FormulaError:
            return True
        entry = self.differences[-1].entry
        return not any(estimate.value[entry].is_nan() for estimate in found)

    def tried_finely(self, place: _Place, met: Met) -> bool:
        """The same with many digits."""
        with many_digits():
            left, right = place.estimates(met, DECIMALS)
            if not (_is_finite(left) and _is_finite(right)):
                return False
            self.note(left, right, place, met.values)
            return _is_apart(left, right) or _is_fine(left, right)

    def note(
        self, left: Estimate, right: Estimate, place: _Place, values: dict[str, Array]
    ) -> None:
        """Note the largest of the differences that are none of rounding."""
        gap, bound = abs(left.value - right.value), left.error + right.error
        apart = np.asarray(gap > SURE * bound, bool)
        if not np.any(apart):
            return
        real = np.where(apart, gap, gap * 0)
        worst = np.unravel_index(int(np.argmax(real)), real.shape)
        entry = tuple(int(k) for k in worst)
        sides = float(left.value[entry]), float(right.value[entry])
        functions = {name: shape.text for name, shape in place.shapes.items()}
        self.differences.append(
            Difference(
                float(real[entry]), entry, *sides, place.sizes, values, functions,
                self.kind,
            )
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Place:
    """Sizes and functions at which the sides are evaluated, in one arithmetic or another."""

    sides: tuple[Node, Node]
    constraints: Constraints
    sizes: Mapping[str, int]
    shapes: dict[str, Shape]
    functions: tuple[Function, ...]

    def callables(self, arithmetic: Arithmetic) -> dict[Function, Any]:
        return callables(self.functions, self.shapes, arithmetic)

    def estimates(self, met: Met, arithmetic: Arithmetic) -> list[Estimate]:
        functions = self.callables(arithmetic)
        values = self.constraints.estimates(met, self.sizes, functions, arithmetic)
        return evaluate(self.sides, Point(self.sizes, values, functions), arithmetic)


def _is_told(left: Estimate, right: Estimate) -> bool:
    """Whether double precision tells the sides apart, or shows them equal to many digits."""
    gap, bound = abs(left.value - right.value), left.error + right.error
    size = np.maximum(abs(left.value), abs(right.value))
    if np.any((gap > SURE * bound) & (gap > CLEAR * size) & (bound < CLEAR * gap)):
        return True
    scale = float(np.max(size, initial=0.0))
    return not np.any(gap > SURE * bound) and bool(np.max(bound, initial=0.0) <= TELLING * scale)


def _is_apart(left: Estimate, right: Estimate) -> bool:
    """Whether any entries differ by more than rounding."""
    return bool(np.any(abs(left.value - right.value) > SURE * (left.error + right.error)))


def _is_fine(left: Estimate, right: Estimate) -> bool:
    """Whether many digits leave no room for a difference."""
    bound = float(np.max(np.asarray(left.error + right.error, float), initial=0.0))
    size = np.maximum(abs(left.value), abs(right.value))
    scale = float(np.max(np.asarray(size, float), initial=0.0))
    return bound <= max(TELLING * scale, NOTHING)


def _overflows(estimate: Estimate) -> bool:
    """Whether something on the way was too large for double precision."""
    return any_infinite(estimate.error)


def _is_finite(estimate: Estimate) -> bool:
    """Whether all values and bounds are numbers."""
    return all_finite(estimate.value) and all_finite(estimate.error)
