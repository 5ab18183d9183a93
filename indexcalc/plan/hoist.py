"""Take a factor out of a sum where that makes the terms smaller.

In: nodes. Out: the same values, in which a factor that all terms of a sum have, with an axis that
nothing else in any term has, stands outside: `A_ik x_j + B_ik x_j` is `(A_ik + B_ik) x_j`. Then the
sum has fewer axes, and the outer product with `x` can wait until all else is contracted. A factor
with all axes is taken out, too, if a term is smaller without it: `P_ij A_ij − P_ij r_i` is
`P_ij (A_ij − r_i)`.

>>> from indexcalc.ir.build import add, variable
>>> n = Extent.named("n")
>>> A, B, x = variable("A", (n, n)), variable("B", (n, n)), variable("x", (n,))
>>> long = add(contract([(A, "ik"), (x, "j")], "ikj"), contract([(B, "ik"), (x, "j")], "ikj"))
>>> hoist([long])[0] is contract([(add(A, B), "ik"), (x, "j")], "ikj")
True
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from indexcalc.ir.build import linear, with_arguments
from indexcalc.ir.contraction import contract, factors_under
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Labels, Node, Sum
from indexcalc.ir.walk import rewrite


@dataclass(frozen=True, slots=True)
class Flat:
    """A term as factors; `axes` has the label of each of the term's axes."""

    factors: tuple[tuple[Node, Labels], ...]
    axes: Labels
    extents: tuple[Extent, ...]

    def places(self, position: int) -> tuple[tuple[int, ...], ...] | None:
        """For each axis of a factor the term's axes with its label; None if one is summed."""
        found = tuple(
            tuple(k for k, label in enumerate(self.axes) if label == own)
            for own in self.factors[position][1]
        )
        return found if all(found) else None

    def alone(self, position: int) -> set[int]:
        """Axes of the term that only this factor has."""
        others = {
            label for k, (_, own) in enumerate(self.factors) if k != position for label in own
        }
        mine = set(self.factors[position][1]) - others
        return {axis for axis, label in enumerate(self.axes) if label in mine}


def hoist(roots: Sequence[Node]) -> list[Node]:
    """Take out of each sum one factor that makes its terms smaller."""
    return rewrite(roots, _rule)


def _rule(node: Node, arguments: tuple[Node, ...]) -> Node:
    new = with_arguments(node, arguments)
    if not isinstance(new, Sum) or len(new.terms) < 2:
        return new
    flats = [flat_term(term) for _, term in new.terms]
    first = flats[0]
    for position, (factor, _) in enumerate(first.factors):
        places = first.places(position)
        if places is None:
            continue
        positions = [_matching(flat, factor, places) for flat in flats]
        if all(found is not None for found in positions):
            chosen = [found for found in positions if found is not None]
            taken = _taken(new, flats, chosen)
            if taken is not None:
                return taken
    return new


def _matching(flat: Flat, factor: Node, places: tuple[tuple[int, ...], ...]) -> int | None:
    """Where the term has this very factor on the same axes."""
    for position, (other, _) in enumerate(flat.factors):
        if other is factor and flat.places(position) == places:
            return position
    return None


def _taken(node: Sum, flats: Sequence[Flat], positions: Sequence[int]) -> Node | None:
    """The sum without the factor, times the factor."""
    alone = set.intersection(*(f.alone(k) for f, k in zip(flats, positions, strict=True)))
    if not alone and not _lightens(len(node.shape), flats, positions):
        return None
    kept = [axis for axis in range(len(node.shape)) if axis not in alone]
    shape = tuple(node.shape[axis] for axis in kept)
    terms: list[tuple[Fraction, Node]] = []
    for (coefficient, _), flat, position in zip(node.terms, flats, positions, strict=True):
        rest = [item for k, item in enumerate(flat.factors) if k != position]
        extents: dict[Hashable, Extent] = dict(enumerate(flat.extents))
        terms.append((coefficient, contract(rest, [flat.axes[axis] for axis in kept], extents)))
    factor, own = flats[0].factors[positions[0]]
    joined = flats[0].axes
    inner = [(linear(terms, shape), tuple(("axis", axis) for axis in kept))]
    named: dict[int, Hashable] = {
        label: ("axis", axis) for axis, label in reversed(list(enumerate(joined)))
    }
    outer: list[tuple[Node, Sequence[Hashable]]] = [*inner, (factor, [named[x] for x in own])]
    output = [
        ("axis", axis) if axis in kept else named[joined[axis]] for axis in range(len(joined))
    ]
    extents = {("axis", axis): extent for axis, extent in enumerate(node.shape)}
    return contract(outer, output, extents)


def _lightens(width: int, flats: Sequence[Flat], positions: Sequence[int]) -> bool:
    """Whether the factor has all axes, and a term is smaller without it: one product is saved."""
    widths = []
    for flat, position in zip(flats, positions, strict=True):
        places = flat.places(position)
        if places is None or len({axis for axes in places for axis in axes}) < width:
            return False
        rest = {label for k, (_, own) in enumerate(flat.factors) if k != position for label in own}
        widths.append(len(rest & set(flat.axes)))
    return width > 1 and min(widths) < width


def flat_term(term: Node) -> Flat:
    """The term seen through a view and a product."""
    axes: Labels = tuple(range(len(term.shape)))
    view = term if isinstance(term, Contraction) and term.is_view else None
    if view is not None and not view.factors:
        return Flat((), view.output, view.extents)
    core = term if view is None else view.factors[0]
    own = axes if view is None else view.labels[0]
    output = axes if view is None else view.output
    extents = list(term.shape if view is None else view.extents)
    if not isinstance(core, Contraction) or core.is_view:
        return Flat(((core, own),), output, tuple(extents))
    factors = factors_under(core, own, extents)
    return Flat(tuple(factors), output, tuple(extents))
