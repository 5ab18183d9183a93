"""Unknown extents and their solution by unification.

In: pairs of extents that must be equal, each with the place that says so. Out: every unknown
replaced, or a `ShapeError` that shows both places, the extent each gives and where that came from.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import MutableMapping
from dataclasses import dataclass, field

from indexcalc.errors import Mark, ShapeError, Span
from indexcalc.ir.extent import Extent, Shape, cancelled

UNKNOWN = "?"


def is_unknown(name: str) -> bool:
    """Whether the name stands for an extent that is to be found."""
    return name.startswith(UNKNOWN)


@dataclass(frozen=True, slots=True)
class Equation:
    """Two extents that must be equal, and the places that say so."""

    left: Extent
    right: Extent
    left_place: Span
    right_place: Span
    what: str


@dataclass(slots=True)
class ExtentTable:
    """A union of equations between extents; names that start with `?` are unknown.

    >>> table = ExtentTable()
    >>> unknown = table.fresh()
    >>> from indexcalc.errors import Source
    >>> here = Span(Source("x_i y_i"), 0, 3)
    >>> table.unify(unknown, Extent.named("n"), here, here, "index i")
    >>> str(table.solve(unknown))
    'n'
    """

    solution: MutableMapping[str, Extent] = field(default_factory=dict)
    count: int = 0
    origins: MutableMapping[str, Span] = field(default_factory=dict)
    pending: list[Equation] = field(default_factory=list)

    def fresh(self) -> Extent:
        """A new unknown."""
        self.count += 1
        return Extent.named(f"{UNKNOWN}{self.count}")

    def given(self, extent: Extent, place: Span) -> Extent:
        """A new name for an extent that `place` states, so that errors can tell the origin."""
        named = self.fresh()
        (name,) = named.names
        self.solution[name], self.origins[name] = extent, place
        return named

    def copy(self) -> ExtentTable:
        """A table to try something out on."""
        return ExtentTable(
            dict(self.solution),
            self.count,
            dict(self.origins),
            list(self.pending),
        )

    def extended(self) -> ExtentTable:
        """A table on top of this one, made in no time; what waits to be solved stays below."""
        return ExtentTable(
            ChainMap({}, self.solution),
            self.count,
            ChainMap({}, self.origins),
        )

    def restore(self, earlier: ExtentTable) -> None:
        """Forget what was learned since `earlier` was copied, except that names are used up."""
        self.solution, self.origins = earlier.solution, earlier.origins
        self.pending = earlier.pending

    # --- solving ------------------------------------------------------------------------------

    def solve(self, extent: Extent) -> Extent:
        """The extent with all that is known put in."""
        name = extent.name
        if name is not None:
            extent = self._end_of_chain(name)
        while extent.name is None and any(name in self.solution for name in extent.names):
            known = {n: self._end_of_chain(n) for n in extent.names if n in self.solution}
            extent = extent.substitute(known)
        return extent

    def _end_of_chain(self, name: str) -> Extent:
        """What a name stands for; names on the way are made to point there at once."""
        passed: list[str] = []
        extent = Extent.named(name)
        while extent.name is not None and extent.name in self.solution:
            passed.append(extent.name)
            extent = self.solution[extent.name]
        for one in passed[:-1]:
            self.solution[one] = extent
        return extent

    def solve_shape(self, shape: Shape) -> Shape:
        """`solve` for each axis."""
        return tuple(self.solve(extent) for extent in shape)

    # --- equations ----------------------------------------------------------------------------

    def unify(
        self, left: Extent, right: Extent, left_place: Span, right_place: Span, what: str
    ) -> None:
        """Make two extents equal; `what` says which index or axis, for the message.

        An equation with several unknowns (`?1*?2 = p*n`) waits until `settle` can solve it. Raises
        `ShapeError` if the two differ whatever the unknowns are.
        """
        equation = Equation(left, right, left_place, right_place, what)
        if not self._unified(equation):
            self.pending.append(equation)

    def settle(self) -> None:
        """Solve what waits, as far as that is possible now. Raises `ShapeError` as `unify` does."""
        progress = True
        while progress and self.pending:
            waiting, self.pending = self.pending, []
            self.pending = [equation for equation in waiting if not self._unified(equation)]
            progress = len(self.pending) < len(waiting)

    def _unified(self, equation: Equation) -> bool:
        left, right = self.solve(equation.left), self.solve(equation.right)
        if left == right:
            return True
        reduced = cancelled(left, right)
        sides = (equation.left_place, equation.right_place)
        for (unknown, other), place, other_given in (
            (reduced, sides[1], equation.right),
            (reduced[::-1], sides[0], equation.left),
        ):
            name = unknown.name
            if name is not None and is_unknown(name) and name not in other.names:
                self.solution[name] = other
                self.origins.setdefault(name, self._origin(other_given) or place)
                return True
        if any(map(is_unknown, left.names | right.names)):
            return False
        raise self._clash(equation, left, right)

    def _origin(self, extent: Extent) -> Span | None:
        """The place that gave a name its extent."""
        return self.origins.get(extent.name) if extent.name is not None else None

    def _clash(self, equation: Equation, left: Extent, right: Extent) -> ShapeError:
        marks = [
            self._mark(given, solved, place)
            for given, solved, place in (
                (equation.left, left, equation.left_place),
                (equation.right, right, equation.right_place),
            )
        ]
        what = equation.what or "an axis"
        return ShapeError(
            f"{what} has two extents: {show(left)} and {show(right)}",
            *marks,
            hint="the same index must have the same range everywhere in one term"
            if what.startswith("index")
            else "",
        )

    def _mark(self, given: Extent, solved: Extent, place: Span) -> Mark:
        origin = self._origin(given)
        note = f"here it is {show(solved)}"
        here = origin is not None and origin.source is place.source
        if origin is None or (here and origin.start <= place.start < origin.end):
            return Mark(place, note)
        line = f" in line {origin.line}" if here else ""
        return Mark(place, f"{note}, from {' '.join(origin.text.split())}{line}")


def show(extent: Extent) -> str:
    """The extent in words, `?` for what is unknown."""
    if any(map(is_unknown, extent.names)):
        unknown = {name: Extent.named(UNKNOWN) for name in extent.names if is_unknown(name)}
        extent = extent.substitute(unknown)
    return str(extent)
