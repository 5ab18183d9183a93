"""The factors of a product in the order in which they are written, with every `δ` and `1`.

In: a `Contract`. Out: its parts in writing order. Repeated output letters become deltas, letters
that only the output has become vectors of ones, and where a free index must not occur twice
(in a text without a left-hand side it would be summed) a delta renames it: the entry-by-entry
product of `a` and `b` is `Σ_j δ_ij a_j b_j`.

>>> from fractions import Fraction
>>> from indexcalc.elaborate.term import Named
>>> from indexcalc.errors import Source, Span
>>> from indexcalc.ir.extent import Extent
>>> here, n = Span(Source("a ⊙ b"), 0, 5), Extent.named("n")
>>> a, b = (Named(here, (n,), name) for name in "ab")
>>> product = Contract(here, (n,), (a, b), (("i",), ("i",)), ("i",), {"i": (n,)})
>>> [part.labels for part in arrange(product, frozenset()).parts]
[('i',), ('i',)]
>>> [part.labels for part in arrange(product, frozenset({0})).parts]
[('i', ('bound', 'i')), (('bound', 'i'),), (('bound', 'i'),)]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction

from indexcalc.elaborate.orientation import RECIPROCAL, is_permutation
from indexcalc.elaborate.term import (
    Contract,
    Derive,
    Fold,
    Literal,
    Named,
    Pointwise,
    SizeOf,
    Term,
    Total,
    Whole,
)
from indexcalc.ir.extent import Extent

WRITTEN_THROUGH = (Contract, Total, Pointwise, Fold)  # kinds whose indices stand on their parts


class Role(Enum):
    """What a part of a product is."""

    FACTOR = 1
    DIVISOR = 2
    DELTA = 3
    ONES = 4


@dataclass(frozen=True, slots=True)
class Part:
    """A factor or divisor with its labels; a delta or ones have no term but an extent."""

    role: Role
    labels: tuple[Hashable, ...]
    term: Term | None = None
    extent: Extent | None = None


@dataclass(frozen=True, slots=True)
class Arranged:
    """The parts in writing order, the labels of the output axes, the labels summed over."""

    parts: tuple[Part, ...]
    axes: tuple[Hashable, ...]
    summed: tuple[Hashable, ...]


def arrange(term: Contract, once: frozenset[int]) -> Arranged:
    """Write out the product; the output axes `once` must occur in one part only."""
    axes: list[Hashable] = []
    joined: list[Part] = []
    for k, letter in enumerate(term.output):
        axes.append(("axis", k) if letter in axes else letter)
        if axes[-1] != letter:
            joined.append(_delta(letter, axes[-1], term.shape[k]))
    parts = _factors(term) + joined
    present = {label for part in parts for label in part.labels}
    for label, extent in zip(axes, term.shape, strict=True):
        if label not in present:
            parts.append(Part(Role.ONES, (label,), None, extent))
    parts.sort(key=lambda part: part.role is Role.DIVISOR)
    extents = dict(zip(axes, term.shape, strict=True))
    parts = _occurring_once(parts, [axes[k] for k in sorted(once)], extents)
    summed = dict.fromkeys(label for part in parts for label in part.labels if label not in axes)
    return Arranged(tuple(parts), tuple(axes), tuple(summed))


def _delta(left: Hashable, right: Hashable, extent: Extent) -> Part:
    return Part(Role.DELTA, (left, right), None, extent)


def _occurring_once(
    parts: list[Part], labels: list[Hashable], extents: dict[Hashable, Extent]
) -> list[Part]:
    """The parts with deltas before them, so that each of `labels` occurs in one part only."""
    counts = Counter(label for part in parts for label in part.labels)
    new = {label: ("bound", label) for label in labels if counts[label] > 1}
    return [_delta(label, bound, extents[label]) for label, bound in new.items()] + [
        replace(part, labels=tuple(new.get(label, label) for label in part.labels))
        for part in parts
    ]


def _factors(term: Contract) -> list[Part]:
    parts: list[Part] = []
    for factor, letters in zip(term.factors, term.letters, strict=True):
        if isinstance(factor, Contract) and not factor.factors and factor.output:
            parts += _pattern(factor, letters)
        elif divides(factor) and isinstance(factor, Pointwise):
            parts += _spread(Part(Role.DIVISOR, letters, factor.args[0]), factor.shape)
        else:
            parts += _spread(Part(Role.FACTOR, letters, factor), factor.shape)
    return parts


def _spread(part: Part, shape: Sequence[Extent]) -> list[Part]:
    """The part with a label of its own for each axis, and the deltas that join these.

    `tr(A + B)` is `Σ_{i,j} (A_ij + B_ij) δ_ij`: the matrix stays whole. A name takes its indices
    as they are: `A_ii`.
    """
    if len(set(part.labels)) == len(part.labels) or not isinstance(part.term, WRITTEN_THROUGH):
        return [part]
    labels: list[Hashable] = []
    deltas = []
    for label, extent in zip(part.labels, shape, strict=True):
        labels.append(("again", len(labels), label) if label in labels else label)
        if labels[-1] != label:
            deltas.append(_delta(label, labels[-1], extent))
    return [replace(part, labels=tuple(labels)), *deltas]


def _pattern(term: Contract, letters: Sequence[Hashable]) -> list[Part]:
    """Deltas and ones: a letter that repeats makes a chain of deltas."""
    found: list[Part] = []
    last: dict[str, Hashable] = {}
    for own, letter, extent in zip(term.output, letters, term.shape, strict=True):
        if own in last:
            found.append(_delta(last[own], letter, extent))
        elif term.output.count(own) == 1:
            found.append(Part(Role.ONES, (letter,), None, extent))
        last[own] = letter
    return found


def divides(term: Term) -> bool:
    """Whether the term is one over another."""
    return isinstance(term, Pointwise) and term.parameter == RECIPROCAL


def begins_with_sum(term: Term) -> bool:
    """Whether the text of the term begins with a sum sign, which binds all that follows."""
    if not isinstance(term, Contract) or any(isinstance(f, Literal) for f in term.factors):
        return False
    return any(letter not in term.output for own in term.letters for letter in own)


def is_repeated_scalar(term: Term) -> bool:
    """Whether the term is a scalar that is repeated along all axes."""
    return (
        isinstance(term, Contract)
        and len(term.factors) == 1
        and not term.factors[0].shape
        and bool(term.output)
        and len(set(term.output)) == len(term.output) == len(term.extents)
    )


def with_indices(terms: Sequence[Term]) -> Sequence[Term]:
    """Those of some terms of one shape that are written with indices.

    A repeated scalar is written without, if another term tells the indices.
    """
    plain = [term for term in terms if not is_repeated_scalar(term)]
    return plain or terms


def is_transposed_name(term: Term) -> bool:
    """Whether the term is the transpose of a named matrix, which `A^T` can say."""
    return (
        isinstance(term, Contract)
        and is_permutation(term)
        and len(term.output) == 2
        and term.letters[0] != term.output
        and isinstance(term.factors[0], Named)
    )


def take_coefficient(parts: Sequence[Part]) -> tuple[Fraction, list[Part]]:
    """The product of all literals, and the other parts."""
    coefficient = Fraction(1)
    others = []
    for part in parts:
        term = part.term
        if isinstance(term, Literal) and (term.value or part.role is Role.FACTOR):
            coefficient *= term.value if part.role is Role.FACTOR else 1 / term.value
        else:
            others.append(part)
    return coefficient, others


def opens_bracket(part: Part) -> bool:
    """Whether the factor may begin with a bracket."""
    term = part.term
    if isinstance(term, Contract | Total | Fold | SizeOf | Whole | Literal):
        return True
    return term is not None and divides(term)


def may_be_called(part: Part) -> bool:
    """Whether a bracket after the factor could be taken for that of a call."""
    return isinstance(part.term, Derive) or (isinstance(part.term, Named) and not part.labels)
