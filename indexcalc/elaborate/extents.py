"""Unknown extents and their solution by unification.

In: pairs of extents that must be equal, each with the place that says so. Out: every unknown
replaced, or a `ShapeError` that shows both places with the extent each gives.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from indexcalc.errors import Mark, ShapeError, Span
from indexcalc.ir.extent import Extent, Shape

UNKNOWN = "?"


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

    solution: dict[str, Extent] = field(default_factory=dict)
    places: dict[str, Span] = field(default_factory=dict)
    count: int = 0

    def fresh(self, place: Span | None = None) -> Extent:
        """A new unknown."""
        self.count += 1
        name = f"{UNKNOWN}{self.count}"
        if place is not None:
            self.places[name] = place
        return Extent.named(name)

    def solve(self, extent: Extent) -> Extent:
        """The extent with all that is known put in."""
        while any(name in self.solution for name in extent.names):
            extent = extent.substitute(self.solution)
        return extent

    def solve_shape(self, shape: Shape) -> Shape:
        """`solve` for each axis."""
        return tuple(self.solve(extent) for extent in shape)

    def unify(
        self, left: Extent, right: Extent, left_place: Span, right_place: Span, what: str
    ) -> None:
        """Make two extents equal; `what` says which index or axis, for the message."""
        left, right = self.solve(left), self.solve(right)
        if left == right:
            return
        reduced = _cancel(left, right)
        for unknown, other in (reduced, reduced[::-1]):
            name = unknown.name
            if name is not None and name.startswith(UNKNOWN) and name not in other.names:
                self.solution[name] = other
                return
        raise ShapeError(
            f"{what} has two extents: {left} and {right}",
            Mark(left_place, f"here it is {left}"),
            Mark(right_place, f"here it is {right}"),
            hint="the same index must have the same range everywhere in one term",
        )


def _cancel(left: Extent, right: Extent) -> tuple[Extent, Extent]:
    """Divide two products by what they share, so that `?1*n = p*n` gives `?1 = p`."""
    if len(left.terms) != 1 or len(right.terms) != 1:
        return left, right
    (left_names, a), (right_names, b) = left.terms[0], right.terms[0]
    mine, theirs = list(left_names), list(right_names)
    for name in left_names:
        if name in theirs:
            mine.remove(name)
            theirs.remove(name)
    if a == b:
        a = b = 1
    return Extent(((tuple(mine), a),)), Extent(((tuple(theirs), b),))
