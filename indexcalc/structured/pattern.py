"""What structure a factored result has as a matrix between two groups of axes.

In: the terms of a node, and how many of its axes are rows. Out: its `Pattern`s, the best one first;
their parts are smaller nodes. There may be none.

- `Square`: for each entry of the batch axes, those with a delta in every term, a diagonal plus a
  low-rank plus a dense matrix. Without other axes the whole is diagonal, without batch axes it is
  one matrix over all axes flattened.
- `Kronecker`: `first ⊗ second` or `first ⊗ I + I ⊗ second`, plus a multiple of the identity.
- `KroneckerTerms`: several products, of use where one side of all turns out to be the same.

>>> from indexcalc.ir.build import delta, variable
>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.structured.terms import flat_terms
>>> m, n = Extent.named("m"), Extent.named("n")
>>> d, x = variable("d", (m,)), variable("x", (n,))
>>> hessian = contract([(d, "i"), (x, "j"), (x, "l")], "ijil")
>>> best, other = patterns_of(flat_terms(hessian), 2, hessian.shape)
>>> type(best).__name__, best.first.diagonal.node is d, best.second.left[0].node is x
('Kronecker', True, True)
>>> type(other).__name__, other.batch, other.rest
('Square', (0,), (1,))
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from indexcalc.ir.build import linear, scale
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import ONE, Extent, Shape
from indexcalc.ir.node import Labels, Node
from indexcalc.structured.terms import FlatTerm, flat_terms


@dataclass(frozen=True, slots=True)
class Part:
    """An array of a pattern: with all batch axes first, or with none of them."""

    node: Node
    is_batched: bool


@dataclass(frozen=True, slots=True)
class Square:
    """`Diag(diagonal) + Σ left right^T + dense` for each entry of the batch axes.

    `batch` and `rest` are row axes. After the batch axes the parts have the `rest` axes once, or
    twice (`dense`), and `left` and `right` may have one more, which is summed over.
    """

    batch: tuple[int, ...]
    rest: tuple[int, ...]
    diagonal: Part | None
    left: tuple[Part, ...]
    right: tuple[Part, ...]
    dense: Part | None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All parts."""
        ends = tuple(part.node for part in (self.diagonal, self.dense) if part is not None)
        return ends + tuple(part.node for part in self.left + self.right)

    @property
    def inner(self) -> tuple[Extent, ...]:
        """For each pair of thin factors the extent of the axis that is summed over."""
        return tuple(
            part.node.shape[-1] if len(part.node.shape) > self._rank(part) else ONE
            for part in self.left
        )

    def _rank(self, part: Part) -> int:
        return len(self.rest) + (len(self.batch) if part.is_batched else 0)


@dataclass(frozen=True, slots=True)
class Kronecker:
    """With axes `i j k l`: `first_ik second_jl + shift δ_ik δ_jl`.

    If `is_sum`, it is `first_ik δ_jl + δ_ik second_jl + shift δ_ik δ_jl`.
    """

    first: Square
    second: Square
    shift: Node | None
    is_sum: bool

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All parts."""
        shift = () if self.shift is None else (self.shift,)
        return self.first.nodes + self.second.nodes + shift


@dataclass(frozen=True, slots=True)
class KroneckerTerms:
    """A sum of products `first_ik second_jl`, and `shift δ_ik δ_jl`.

    It is one product for arrays that are alike on one side: `A_ik B_jl + A_ki B_lj` with an `A`
    that is symmetric, though not declared so.
    """

    pairs: tuple[tuple[Square, Square], ...]
    shift: Node | None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All parts."""
        shift = () if self.shift is None else (self.shift,)
        return tuple(n for pair in self.pairs for side in pair for n in side.nodes) + shift


Pattern = Square | Kronecker | KroneckerTerms


def patterns_of(terms: Sequence[FlatTerm], rows: int, shape: Shape) -> tuple[Pattern, ...]:
    """The structures of a matrix with `rows` axes on each side, the best first.

    Its extents may have different names; it is solved only where they are the same numbers.
    """
    if len(shape) != 2 * rows or not terms:
        return ()
    batch = tuple(r for r in range(rows) if all(_has_delta(t, r, rows) for t in terms))
    rest = tuple(r for r in range(rows) if r not in batch)
    found = square(terms, batch, rest)
    kronecker = _kronecker(terms) if rows == 2 and rest else None
    return (found,) if kronecker is None else (kronecker, found)


def _has_delta(term: FlatTerm, row: int, rows: int) -> bool:
    return term.axes[row] == term.axes[row + rows]


# --- diagonal, low-rank and dense parts ---------------------------------------------------------


def square(
    terms: Sequence[FlatTerm], batch: tuple[int, ...] = (), rest: tuple[int, ...] = (0,)
) -> Square:
    """The parts of a matrix whose rows are the axes `rest`, for each entry of `batch`."""
    diagonals: list[FlatTerm] = []
    dense: list[FlatTerm] = []
    left: list[Part] = []
    right: list[Part] = []
    rows = len(batch) + len(rest)
    for term in terms:
        halves = _halves(term, batch, rest)
        if all(_has_delta(term, row, rows) for row in rest):
            diagonals.append(term)
        elif halves is None:
            dense.append(term)
        else:
            left.append(Part(scale(term.coefficient, halves[0].node), halves[0].is_batched))
            right.append(halves[1])
    both = (*rest, *(row + rows for row in rest))
    return Square(
        batch, rest, _sum(diagonals, batch, rest), tuple(left), tuple(right),
        _sum(dense, batch, both),
    )  # fmt: skip


def _sum(terms: Sequence[FlatTerm], batch: tuple[int, ...], axes: tuple[int, ...]) -> Part | None:
    if not terms:
        return None
    is_batched = any(_meets(term.factors, _labels(term, batch)) for term in terms)
    output = (*batch, *axes) if is_batched else axes
    parts = [(term.coefficient, term.part(range(len(term.factors)), output)) for term in terms]
    return Part(linear(parts, parts[0][1].shape), is_batched)


def _halves(term: FlatTerm, batch: tuple[int, ...], rest: tuple[int, ...]) -> list[Part] | None:
    """The factors of each side, if at most one label joins the two: `X_qi s_q X_qk`."""
    rows = len(batch) + len(rest)
    shared = _labels(term, batch)
    row = _labels(term, rest)
    column = _labels(term, [axis + rows for axis in rest])
    inner = {label for _, own in term.factors for label in own}
    summed = sorted(inner.difference(row, column, shared))
    for cut in ((), *((label,) for label in summed)):
        side = _reached(term, row, (*cut, *shared))
        if side.intersection(column):
            continue
        near = [k for k, (_, own) in enumerate(term.factors) if side & set(own)]
        far = [k for k in range(len(term.factors)) if k not in near]
        return [_half(term, near, shared, row, cut), _half(term, far, shared, column, cut)]
    return None


def _labels(term: FlatTerm, axes: Iterable[int]) -> Labels:
    return tuple(term.axes[axis] for axis in axes)


def _reached(term: FlatTerm, start: Labels, cut: Labels) -> set[int]:
    """The labels that hang together with `start` when those in `cut` join nothing."""
    reached = set(start)
    growing = True
    while growing:
        near = [set(own) - set(cut) for _, own in term.factors if reached & set(own)]
        growing = not all(own <= reached for own in near)
        reached = reached.union(*near)
    return reached


def _half(
    term: FlatTerm, positions: Sequence[int], shared: Labels, own: Labels, cut: Labels
) -> Part:
    chosen = [term.factors[k] for k in positions]
    is_batched = _meets(chosen, shared)
    output = (*shared, *own, *cut) if is_batched else (*own, *cut)
    return Part(contract(chosen, output, dict(term.extents)), is_batched)


def _meets(factors: Iterable[tuple[Node, Labels]], labels: Labels) -> bool:
    return any(set(own).intersection(labels) for _, own in factors)


# --- Kronecker products and sums ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Two:
    """A term as a product of one matrix with axes 0 and 2, and one with axes 1 and 3."""

    term: FlatTerm
    sides: tuple[frozenset[int], frozenset[int]]
    scalars: frozenset[int]

    def is_identity(self, side: int) -> bool:
        """Whether this side is a delta alone."""
        return not self.sides[side] and _has_delta(self.term, side, 2)

    def matrix(self, side: int, *, scaled: bool) -> tuple[Fraction, Node]:
        """One side, with the scalar factors and the coefficient or without."""
        chosen = self.sides[side] | self.scalars if scaled else self.sides[side]
        coefficient = self.term.coefficient if scaled else Fraction(1)
        return coefficient, self.term.part(chosen, (side, side + 2))


def _kronecker(terms: Sequence[FlatTerm]) -> Kronecker | KroneckerTerms | None:
    """A product with one factor in common, or a sum, and multiples of the identity beside it."""
    pairs = [_two_parts(term) for term in terms]
    found = [pair for pair in pairs if pair is not None]
    if len(found) < len(pairs):
        return None
    multiples = [two for two in found if two.is_identity(0) and two.is_identity(1)]
    proper = [two for two in found if two not in multiples]
    scalars = [(two.term.coefficient, two.term.part(two.scalars, ())) for two in multiples]
    shift = linear(scalars, ()) if scalars else None
    return _product(proper, shift) or _direct_sum(proper, shift) or _several(proper, shift)


def _product(terms: Sequence[_Two], shift: Node | None) -> Kronecker | None:
    for common in (1, 0):
        kept = [two.matrix(common, scaled=False) for two in terms]
        if kept and all(node is kept[0][1] for _, node in kept):
            added = [two.matrix(1 - common, scaled=True) for two in terms]
            first, second = (added, kept[:1]) if common else (kept[:1], added)
            return Kronecker(_matrix(first), _matrix(second), shift, is_sum=False)
    return None


def _direct_sum(terms: Sequence[_Two], shift: Node | None) -> Kronecker | None:
    firsts = [two.matrix(0, scaled=True) for two in terms if two.is_identity(1)]
    seconds = [two.matrix(1, scaled=True) for two in terms if two.is_identity(0)]
    if not firsts or not seconds or len(firsts) + len(seconds) < len(terms):
        return None
    return Kronecker(_matrix(firsts), _matrix(seconds), shift, is_sum=True)


def _several(terms: Sequence[_Two], shift: Node | None) -> KroneckerTerms | None:
    if not terms:
        return None
    pairs = [[_matrix([two.matrix(side, scaled=not side)]) for side in (0, 1)] for two in terms]
    return KroneckerTerms(tuple((first, second) for first, second in pairs), shift)


def _matrix(terms: Sequence[tuple[Fraction, Node]]) -> Square:
    return square(flat_terms(linear(terms, terms[0][1].shape)))


def _two_parts(term: FlatTerm) -> _Two | None:
    """None if something joins axes 0 or 2 with 1 or 3."""
    sides: list[set[int]] = [set(), set(), set()]
    for factors, axes in term.components():
        side = 2 if not axes else 0 if axes <= {0, 2} else 1 if axes <= {1, 3} else None
        if side is None:
            return None
        sides[side].update(factors)
    first, second, scalars = map(frozenset, sides)
    return _Two(term, (first, second), scalars)
