"""One term of a tensor as a network between the indices of its rows and those of its columns.

In: a node and how many of its axes are stacked into the rows. Out: networks whose factors have one
or two labels each; what else there is has been summed, multiplied out or put into a factor.

>>> from indexcalc.ir.build import delta, variable
>>> from indexcalc.ir.extent import Extent
>>> m, n = Extent.named("m"), Extent.named("n")
>>> x = variable("x", (n,))
>>> (network,) = networks(contract([(delta(m), "ik"), (x, "j")], "ikj"), 1)
>>> network.rows, network.columns, [labels for _, labels in network.factors]
((-1,), (-3, -1), [(-3,)])
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from indexcalc.errors import FormulaError
from indexcalc.ir.build import delta, linear, power, reshape, split_multiple
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent, Shape
from indexcalc.ir.node import Labels, Node, Sum
from indexcalc.notation.matrix.vec.separation import (
    MOST_TERMS,
    Separated,
    closed_reshapes,
    is_reshape,
    open_reshapes,
    separated,
)
from indexcalc.notation.term import Part, Term, term_of

Factor = tuple[Node, Labels]
Group = tuple[int, Labels]


@dataclass(frozen=True, slots=True)
class Network:
    """`coefficient · scalars · Σ factors`, labels of rows and columns from slow to fast.

    A label that stands in the rows and in the columns is an identity between them. One of `groups`
    runs over the same entries as the labels beside it, row by row.
    """

    coefficient: Fraction
    scalars: tuple[Node, ...]
    factors: tuple[Factor, ...]
    rows: Labels
    columns: Labels
    extents: Mapping[int, Extent]
    groups: tuple[Group, ...] = ()


def networks(node: Node, rows: int, *, keep_groups: bool = False) -> list[Network]:
    """The terms of `node`, whose first `rows` axes are stacked with the first axis the fastest.

    What is rearranged is a factor, or, with `keep_groups`, left to a label that runs over the
    entries of several. Raises `FormulaError` if a factor connects three indices or more and is no
    sum or product.
    """
    found: list[Network] = []
    pending = _separate_terms(node, rows)
    while pending:
        if len(found) + len(pending) > MOST_TERMS:
            raise FormulaError(
                f"the matrix between the stacked indices has more than {MOST_TERMS} terms"
            )
        coefficient, part, row_axes, column_axes = pending.pop()
        again = separated(part)
        if any(count > 1 for apart in again for count in apart.counts):
            # it was a term of a sum, and has groups of its own
            pending += [
                (coefficient, apart.node, _axes(apart, row_axes), _axes(apart, column_axes))
                for apart in again
            ]
            continue
        term = _opened(part, keep_groups)
        wide = _wide_sum(term)
        if wide is None:
            found.append(_network(coefficient, term, part.shape, row_axes, column_axes))
        else:
            inside = _multiplied_out(part, term, wide)
            pending += [(coefficient * c, inner, row_axes, column_axes) for c, inner in inside]
    return found


_Pending = tuple[Fraction, Node, Labels, Labels]


def _separate_terms(node: Node, rows: int) -> list[_Pending]:
    """The terms with their axes taken apart; equal ones are one. Axes are slow to fast."""
    found: dict[tuple[Labels, Labels], list[tuple[Fraction, Node]]] = {}
    all_rows = tuple(reversed(range(rows)))
    all_columns = tuple(reversed(range(rows, len(node.shape))))
    for coefficient, term in _terms(node):
        for apart in separated(term):
            axes = _axes(apart, all_rows), _axes(apart, all_columns)
            found.setdefault(axes, []).append((coefficient, apart.node))
    pending: list[_Pending] = []
    for (row_axes, column_axes), terms in found.items():
        total = linear(terms, terms[0][1].shape) if _one_shape(terms) else None
        kept = terms if total is None else _terms(total)
        pending += [(c, inner, row_axes, column_axes) for c, inner in kept]
    return pending


def _axes(apart: Separated, axes: Labels) -> Labels:
    """What has become of axes, slow to fast."""
    ends = list(accumulate(apart.counts))
    return tuple(k for axis in axes for k in range(ends[axis] - apart.counts[axis], ends[axis]))


def _one_shape(terms: list[tuple[Fraction, Node]]) -> bool:
    return len({term.shape for _, term in terms}) == 1


def _terms(node: Node) -> list[tuple[Fraction, Node]]:
    coefficient, rest = split_multiple(node)
    if not coefficient:
        return []
    if isinstance(rest, Sum):
        return [(coefficient * c, inner) for c, inner in rest.terms]
    return [(coefficient, rest)]


def _opened(node: Node, keep_groups: bool) -> Term:
    """The node as a term; what is reshaped stays a factor, or leaves grouped deltas."""
    term = term_of(node, {})
    if keep_groups:
        open_reshapes(term)
        if all(min(map(len, pair)) == 1 for pair in term.grouped):
            return term
    return term_of(node, closed_reshapes(node)) if term.grouped or keep_groups else term


def _group(pair: tuple[Labels, Labels]) -> Group:
    left, right = pair
    return (left[0], right) if len(left) == 1 else (right[0], left)


def _grouped_delta(group: Group, extent_of: Callable[[int], Extent]) -> Factor:
    """The delta of a group as a factor."""
    single, labels = group
    shape = tuple(extent_of(label) for label in labels)
    axes = tuple(range(len(shape)))
    node = contract([], (*axes, *axes), dict(enumerate(shape)))
    return reshape(node, (extent_of(single), *shape)), (single, *labels)


def _wide_sum(term: Term) -> int | None:
    """The number of a factor that has to be multiplied out, if there is one.

    Raises `FormulaError` for a factor with three indices or more that is no sum.
    """
    for number, part in enumerate(term.parts):
        if len(set(part.labels)) > 2:
            if part.exponent == 1 and isinstance(part.node, Sum):
                return number
            raise _too_wide(part)
    return None


def _multiplied_out(node: Node, term: Term, wide: int) -> list[tuple[Fraction, Node]]:
    """The terms of `node` after its factor number `wide`, a sum, is multiplied out."""
    factors = [(power(part.node, part.exponent), part.labels) for part in term.parts]
    factors += [(delta(node.shape[~left]), (left, right)) for left, right in term.deltas]
    factors += [
        _grouped_delta(_group(pair), lambda k: node.shape[~k] if k < 0 else term.dummies[k])
        for pair in term.grouped
    ]
    output = [~axis for axis in range(len(node.shape))]
    extents = {~axis: extent for axis, extent in enumerate(node.shape)}
    labels = term.parts[wide].labels
    terms: list[tuple[Fraction, Node]] = []
    for coefficient, inner in _terms(term.parts[wide].node):
        factors[wide] = (inner, labels)
        terms.append((term.coefficient * coefficient, contract(factors, output, extents)))
    return _terms(linear(terms, node.shape))


def _network(
    coefficient: Fraction, term: Term, shape: Shape, row_axes: Labels, column_axes: Labels
) -> Network:
    """The network of one term whose factors have two different labels at most."""
    joins = _Joins(term, shape, row_axes, column_axes)
    scalars: list[Node] = []
    factors: list[Factor] = []
    for part in term.parts:
        labels = tuple(joins.kept(label) for label in part.labels)
        factor = power(part.node, part.exponent)
        distinct = tuple(dict.fromkeys(labels))
        if not labels:
            scalars.append(factor)
        elif len(distinct) < len(labels):
            factors.append((contract([(factor, labels)], distinct), distinct))
        else:
            factors.append((factor, labels))
    extents = {~axis: extent for axis, extent in enumerate(shape)}
    groups = [_group(pair) for pair in term.grouped]
    return Network(
        coefficient * term.coefficient,
        tuple(scalars),
        (*factors, *joins.identities()),
        tuple(joins.kept(~axis) for axis in row_axes),
        tuple(joins.kept(~axis) for axis in column_axes),
        extents | dict(enumerate(term.dummies)),
        tuple((joins.kept(one), tuple(map(joins.kept, labels))) for one, labels in groups),
    )


def _too_wide(part: Part) -> FormulaError:
    if is_reshape(part.node):
        return FormulaError("the entries of a tensor are arranged under other axes")
    count = len(set(part.labels))
    return FormulaError(
        f"a factor with {count} indices is no matrix, and there is no way to make one of it here",
        hint="the component form can say it",
    )


class _Joins:
    """Axes that deltas make equal: one label for a row and a column, identities for the rest."""

    def __init__(self, term: Term, shape: Shape, row_axes: Labels, column_axes: Labels) -> None:
        self.shape = shape
        self.same: dict[int, int] = {}
        self.extra: list[tuple[int, int]] = []
        for group in _classes(term.deltas):
            rows = [~axis for axis in row_axes if ~axis in group]
            columns = [~axis for axis in column_axes if ~axis in group]
            self.join(rows, columns)

    def join(self, rows: list[int], columns: list[int]) -> None:
        """Pairs of a row and a column have one label; identities connect the pairs."""
        for row, column in zip(rows, columns, strict=False):
            self.same[column] = row
        first, *others = dict.fromkeys(self.kept(label) for label in [*rows, *columns])
        self.extra += [(first, other) for other in others]

    def kept(self, label: int) -> int:
        return self.same.get(label, label)

    def identities(self) -> list[Factor]:
        return [(delta(self.shape[~left]), (left, right)) for left, right in self.extra]


def _classes(deltas: Collection[tuple[int, int]]) -> list[set[int]]:
    """The groups of labels that deltas make equal."""
    groups: list[set[int]] = []
    for pair in deltas:
        near = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if not group & set(pair)]
        groups.append(set(pair).union(*near))
    return groups
