"""What structure a factored result has as a matrix between two groups of axes.

In: the terms of a node, and how many of its axes are rows. Out: a `Pattern` whose parts are smaller
nodes: diagonal plus low rank, a Kronecker product of two such, blocks on a diagonal; or None.

>>> from indexcalc.ir.build import delta, variable
>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.structured.terms import flat_terms
>>> m, n = Extent.named("m"), Extent.named("n")
>>> d, x = variable("d", (m,)), variable("x", (n,))
>>> hessian = contract([(d, "i"), (x, "j"), (x, "l")], "ijil")
>>> pattern = pattern_of(flat_terms(hessian), 2, hessian.shape)
>>> type(pattern).__name__, pattern.first.diagonal is d, pattern.second.left[0] is x
('Kronecker', True, True)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from indexcalc.ir.build import linear, scale
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Shape
from indexcalc.ir.node import Labels, Node
from indexcalc.structured.terms import FlatTerm, flat_terms


@dataclass(frozen=True, slots=True)
class Square:
    """`Diag(diagonal) + Σ left right^T + dense`: a matrix with two axes of one extent.

    `left` and `right` have one axis, or a second one that is summed over.
    """

    diagonal: Node | None
    left: tuple[Node, ...]
    right: tuple[Node, ...]
    dense: Node | None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All parts."""
        ends = tuple(part for part in (self.diagonal, self.dense) if part is not None)
        return ends + self.left + self.right


@dataclass(frozen=True, slots=True)
class Kronecker:
    """`first_ik second_jl` with axes `i j k l`."""

    first: Square
    second: Square

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All parts."""
        return self.first.nodes + self.second.nodes


@dataclass(frozen=True, slots=True)
class Blocks:
    """`δ` between row axis `axis` and the column axis at its place; `blocks` has it first."""

    blocks: Node
    axis: int

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All parts."""
        return (self.blocks,)


Pattern = Square | Kronecker | Blocks


def pattern_of(terms: Sequence[FlatTerm], rows: int, shape: Shape) -> Pattern | None:
    """The structure of a square matrix with `rows` axes on each side, if it has one."""
    if shape[:rows] != shape[rows:] or not terms:
        return None
    if rows == 1:
        return square(terms)
    if rows == 2:
        return _kronecker(terms) or _blocks(terms)
    return None


def square(terms: Sequence[FlatTerm]) -> Square:
    """The parts of a matrix with two axes."""
    diagonals: list[tuple[Fraction, Node]] = []
    left: list[Node] = []
    right: list[Node] = []
    dense: list[tuple[Fraction, Node]] = []
    for term in terms:
        everything = range(len(term.factors))
        halves = _halves(term)
        if term.axes[0] == term.axes[1]:
            diagonals.append((term.coefficient, term.part(everything, (0,))))
        elif halves is not None:
            left.append(scale(term.coefficient, halves[0]))
            right.append(halves[1])
        else:
            dense.append((term.coefficient, term.part(everything, (0, 1))))
    return Square(_sum(diagonals), tuple(left), tuple(right), _sum(dense))


def _sum(terms: Sequence[tuple[Fraction, Node]]) -> Node | None:
    return linear(terms, terms[0][1].shape) if terms else None


def _halves(term: FlatTerm) -> tuple[Node, Node] | None:
    """The factors of each axis, if at most one label joins the two sides: `X_qi s_q X_qk`."""
    row, column = term.axes
    summed = sorted({x for _, own in term.factors for x in own} - {row, column})
    for cut in ((), *((label,) for label in summed)):
        side = _reached(term, row, cut)
        if column in side:
            continue
        near = [k for k, (_, own) in enumerate(term.factors) if side & set(own)]
        far = [k for k in range(len(term.factors)) if k not in near]
        return _half(term, near, (row, *cut)), _half(term, far, (column, *cut))
    return None


def _reached(term: FlatTerm, start: int, cut: Labels) -> set[int]:
    """The labels that hang together with `start` when those in `cut` join nothing."""
    reached = {start}
    growing = True
    while growing:
        near = [set(own) - set(cut) for _, own in term.factors if reached & set(own)]
        growing = not all(own <= reached for own in near)
        reached = reached.union(*near)
    return reached


def _half(term: FlatTerm, positions: Sequence[int], output: Labels) -> Node:
    chosen = [term.factors[k] for k in positions]
    return contract(chosen, output, dict(term.extents))


def _kronecker(terms: Sequence[FlatTerm]) -> Kronecker | None:
    """One factor in common, between the first axes of rows and columns or between the second."""
    pairs = [_two_parts(term) for term in terms]
    found = [pair for pair in pairs if pair is not None]
    if len(found) < len(terms):
        return None
    first, second = zip(*found, strict=True)
    coefficients = [term.coefficient for term in terms]
    if all(part is second[0] for part in second):
        whole = linear(zip(coefficients, first, strict=True), first[0].shape)
        return Kronecker(square(flat_terms(whole)), square(flat_terms(second[0])))
    if all(part is first[0] for part in first):
        whole = linear(zip(coefficients, second, strict=True), second[0].shape)
        return Kronecker(square(flat_terms(first[0])), square(flat_terms(whole)))
    return None


def _two_parts(term: FlatTerm) -> tuple[Node, Node] | None:
    """The parts with axes 0 and 2, and with 1 and 3, if nothing joins them; scalars go first."""
    sides: tuple[set[int], set[int]] = (set(), set())
    for factors, axes in term.components():
        if axes <= {0, 2}:
            sides[0].update(factors)
        elif axes <= {1, 3}:
            sides[1].update(factors)
        else:
            return None
    return term.part(sides[0], (0, 2)), term.part(sides[1], (1, 3))


def _blocks(terms: Sequence[FlatTerm]) -> Blocks | None:
    for axis in (0, 1):
        if all(term.axes[axis] == term.axes[axis + 2] for term in terms):
            own = (axis, 1 - axis, 3 - axis)
            parts = [(term.coefficient, term.part(range(len(term.factors)), own)) for term in terms]
            return Blocks(linear(parts, parts[0][1].shape), axis)
    return None
