"""Points at which what the program assumes holds.

In: facts `left = right`, and values drawn anywhere. Out: values nearby at which the facts hold, by
Newton's method with the shortest steps; none if that does not get there. So a symmetric matrix, a
vector of sum one, a rotation, a root of an equation are all found in one way. With more digits,
the same values are improved by steps of the simplified method.

>>> from indexcalc.claims.trials.floats import FLOATS
>>> from indexcalc.ir.build import number, variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> p = variable("p", (Extent.named("n"),))
>>> simplex = Constraints(((contract([(p, "i")], ""), number(1)),))
>>> met = simplex.met({"p": np.array([0.5, 1.5])}, {"n": 2}, {})
>>> met.values["p"].round(9) + 0, float(abs(met.values["p"].sum() - 1)) < 1e-15
(array([0., 1.]), True)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.trials.evaluation import (
    Arithmetic,
    Entrywise,
    Estimate,
    Point,
    evaluate,
    exactly,
)
from indexcalc.claims.trials.floats import FLOATS
from indexcalc.errors import FormulaError
from indexcalc.ir.build import derivative, subtract
from indexcalc.ir.environment import Environment
from indexcalc.ir.node import Function, Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.pipeline import worked_out
from indexcalc.simplify.facts import Fact

Array = NDArray[Any]
Values = Mapping[str, Array]
MOST_STEPS = 25
FINE_STEPS = 12
CLOSE = 1e-13
ROUNDINGS = 64  # how exact, in units of rounding, the facts are met


@dataclass(frozen=True, slots=True)
class Met:
    """Values at which the facts hold, and the matrix that turns residuals into steps."""

    values: dict[str, Array]
    steps: Array


@dataclass(slots=True)
class Constraints:
    """The facts of one claim. Raises a `FormulaError` if they cannot be differentiated."""

    facts: Sequence[Fact]
    residuals: list[Node] = field(default_factory=list)
    slopes: list[list[Node]] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.residuals = [subtract(left, right) for left, right in self.facts]
        found = (node for node in postorder(self.residuals) if isinstance(node, Variable))
        self.variables = sorted(found, key=lambda v: v.name)
        for residual in self.residuals:
            slopes = [derivative(residual, [v]) for v in self.variables]
            self.slopes.append(worked_out(slopes, Environment()))

    @property
    def nodes(self) -> list[Node]:
        """All nodes that are evaluated."""
        return [*self.residuals, *(node for row in self.slopes for node in row)]

    def met(
        self, values: Values, sizes: Mapping[str, int], functions: Mapping[Function, Entrywise]
    ) -> Met | None:
        """Values at which all facts hold, if there are some nearby."""
        current = dict(values)
        if not self.residuals:
            return Met(current, np.zeros((0, 0)))
        for _ in range(MOST_STEPS):
            point = Point(sizes, {n: exactly(v, FLOATS) for n, v in current.items()}, functions)
            try:
                left = self.residual(point, FLOATS)
                slopes = self.slope(point)
                steps = np.linalg.pinv(slopes, rcond=1e-10)
            except (FormulaError, np.linalg.LinAlgError):
                return None
            if not np.all(np.isfinite(left)):
                return None
            scale = 1 + float(np.max(abs(slopes), initial=0.0))
            if float(np.max(abs(left), initial=0.0)) <= CLOSE * scale:
                return Met(current, steps) if self.in_domain(current) else None
            current |= self.moved(current, steps @ left)
        return None

    def residual(self, point: Point, arithmetic: Arithmetic) -> Array:
        """What is left of all facts, in one vector."""
        found = evaluate(self.residuals, point, arithmetic)
        return np.concatenate([estimate.value.reshape(-1) for estimate in found])

    def slope(self, point: Point) -> Array:
        """The derivative of all residuals by all variables."""
        rows = []
        for row, residual in zip(self.slopes, self.residuals, strict=True):
            count = int(np.prod([e.evaluate(point.sizes) for e in residual.shape], dtype=int))
            found = evaluate(row, point, FLOATS)
            rows.append(np.concatenate([e.value.reshape(count, -1) for e in found], axis=1))
        return np.concatenate(rows, axis=0)

    def moved(self, values: Values, steps: Array) -> dict[str, Array]:
        """The variables after a step."""
        found: dict[str, Array] = {}
        start = 0
        for variable in self.variables:
            array = values[variable.name]
            part = steps[start : start + array.size].reshape(array.shape)
            found[variable.name] = np.asarray(array - part)
            start += array.size
        return found

    def in_domain(self, values: Values) -> bool:
        """Whether variables that are declared positive still are."""
        return all(
            np.all(values[v.name] > 0)
            for v in self.variables
            if v.traits & {"positive", "nonnegative"}
        )

    def estimates(
        self,
        met: Met,
        sizes: Mapping[str, int],
        functions: Mapping[Function, Entrywise],
        arithmetic: Arithmetic,
    ) -> dict[str, Estimate]:
        """The values in an arithmetic, as exact as it is."""
        current = {name: exactly(array, arithmetic).value for name, array in met.values.items()}
        own = {v.name for v in self.variables}
        if self.residuals and arithmetic is not FLOATS:
            steps = exactly(met.steps, arithmetic).value
            for _ in range(FINE_STEPS):
                known = {n: Estimate(v, v * 0) for n, v in current.items()}
                left = self.residual(Point(sizes, known, functions), arithmetic)
                current |= self.moved(current, steps @ left)
        unit = arithmetic.unit * ROUNDINGS
        return {
            name: Estimate(array, (abs(array) + 1) * unit if name in own else array * 0)
            for name, array in current.items()
        }
