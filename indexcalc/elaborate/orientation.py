"""Rows, columns and matrices: the shapes of matrix notation and what conforms.

In: values of matrix notation. Out: how a value lies, in words and as a pair of sides; transposes;
spans and extents compared through the table of unknowns.

>>> from indexcalc.elaborate.term import Named, Value
>>> from indexcalc.errors import Source, Span
>>> from indexcalc.ir.extent import Extent
>>> x = Value(Named(Span(Source("x"), 0, 1), (Extent.named("n"),), "x"), None)
>>> describe(x, ExtentTable()), describe(transpose(x, x.term.span, ExtentTable()), ExtentTable())
('a vector of n', 'a row of n')
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from indexcalc.elaborate.extents import ExtentTable, show
from indexcalc.elaborate.term import Contract, Literal, Pointwise, Term, Value
from indexcalc.errors import Mark, ShapeError, Span
from indexcalc.ir.extent import Extent, Shape

RECIPROCAL = Fraction(-1)


def describe(value: Value, table: ExtentTable) -> str:
    """How the value lies: `a scalar`, `a vector of n`, `a row of n`, `m×n`."""
    shape = table.solve_shape(value.shape)
    match len(shape):
        case 0:
            return "a scalar"
        case 1:
            return f"a {'row' if value.row else 'vector'} of {shape_words(shape)}"
        case _:
            return shape_words(shape)


def shape_words(shape: Shape) -> str:
    """The shape with `?` for each extent that is not known yet."""
    return "×".join(show(extent) for extent in shape) or "scalar"


def mark(value: Value, table: ExtentTable) -> Mark:
    """The place of a value, with what it is."""
    return Mark(value.term.span, f"this is {describe(value, table)}")


def agree(
    left: Extent, right: Extent, table: ExtentTable, left_place: Span, right_place: Span
) -> bool:
    """Make two extents equal if they can be; tell whether they are."""
    try:
        table.unify(left, right, left_place, right_place, "")
    except ShapeError:
        return False
    return True


def contract(
    span: Span,
    factors: Sequence[tuple[Term, Sequence[Hashable]]],
    output: Sequence[Hashable],
    extents: Mapping[Hashable, Extent] | None = None,
) -> Contract:
    """A `Contract` with any hashable labels, which become the letters `0`, `1`, … by appearance.

    `extents` is needed for labels that are in no factor. Transposed factors are seen through.
    """
    sizes: dict[Hashable, Extent] = dict(extents or {})
    opened = [see_through(term, tuple(labels)) for term, labels in factors]
    letters: dict[Hashable, str] = {}
    for label in output:
        letters.setdefault(label, str(len(letters)))
    for term, labels in opened:
        for label, extent in zip(labels, term.shape, strict=True):
            letters.setdefault(label, str(len(letters)))
            sizes.setdefault(label, extent)
    return Contract(
        span,
        tuple(sizes[label] for label in output),
        tuple(term for term, _ in opened),
        tuple(tuple(letters[label] for label in labels) for _, labels in opened),
        tuple(letters[label] for label in output),
        {letter: (sizes[label],) for label, letter in letters.items()},
    )


def see_through(term: Term, labels: tuple[Hashable, ...]) -> tuple[Term, tuple[Hashable, ...]]:
    """A transposed tensor with labels, as the tensor itself with permuted labels."""
    while isinstance(term, Contract) and is_permutation(term):
        by_letter = dict(zip(term.output, labels, strict=True))
        labels = tuple(by_letter[letter] for letter in term.letters[0])
        term = term.factors[0]
    return term, labels


def is_permutation(term: Contract) -> bool:
    """Whether the term only reorders the axes of its one factor."""
    return (
        len(term.factors) == 1
        and len(set(term.output)) == len(term.output)
        and len(term.letters[0]) == len(term.output)
        and set(term.letters[0]) == set(term.output)
    )


def reciprocal(term: Term, span: Span) -> Term:
    """`1 / term` at each entry."""
    return Pointwise(span, term.shape, "power", "builtin", (0,), RECIPROCAL, (term,))


def broadcast(term: Term, shape: Shape) -> Term:
    """A scalar repeated along new axes."""
    if term.shape or not shape:
        return term
    return contract(term.span, [(term, ())], range(len(shape)), dict(enumerate(shape)))


def ones(span: Span, shape: Shape) -> Term:
    """A tensor of ones."""
    return contract(span, [], range(len(shape)), dict(enumerate(shape)))


def identity(span: Span, extent: Extent) -> Term:
    """The identity matrix."""
    return contract(span, [], (0, 0), {0: extent})


def is_one(term: Term) -> bool:
    """Whether the term is the number 1 as it was typed."""
    return isinstance(term, Literal) and term.value == 1


def vector_of_ones(span: Span, table: ExtentTable) -> Value:
    """A column of ones of an extent that is still to be found."""
    return Value(ones(span, (table.fresh(),)), None)


def transpose(value: Value, span: Span, table: ExtentTable) -> Value:
    """The transpose: a row of a column and back, a matrix with its axes exchanged.

    The number `1` is read as a vector of ones, since nobody transposes a number. Raises
    `ShapeError` for more than two axes.
    """
    if is_one(value.term):
        value = vector_of_ones(span, table)
    match len(value.shape):
        case 0:
            return value
        case 1:
            return Value(replace(value.term, span=span), None, row=not value.row)
        case 2:
            return Value(_exchanged(value.term, span), None)
        case rank:
            raise ShapeError(
                f"a tensor of {rank} axes has no transpose",
                mark(value, table),
                hint="name its indices, and exchange them as you like",
            )


def _exchanged(term: Term, span: Span) -> Term:
    """The transpose of a matrix; that of a product has its output letters exchanged."""
    factor, labels = see_through(term, (1, 0))
    if labels == (0, 1):
        return replace(factor, span=span)
    if isinstance(factor, Contract):
        row, column = factor.output
        return replace(factor, span=span, shape=factor.shape[::-1], output=(column, row))
    return contract(span, [(factor, labels)], (0, 1))


def open_product(term: Term, labels: Sequence[Hashable]) -> list[tuple[Term, tuple[Hashable, ...]]]:
    """The factors of a product with labels in place of its output letters; sums stay implied.

    What is no product, or repeats or broadcasts along an axis, stays one factor.
    """
    if not isinstance(term, Contract) or len(set(term.output)) < len(term.output):
        return [(term, tuple(labels))]
    if not set(term.output) <= {letter for own in term.letters for letter in own}:
        return [(term, tuple(labels))]
    names: dict[str, Hashable] = {letter: (id(term), letter) for letter in term.extents}
    names.update(zip(term.output, labels, strict=True))
    return [
        (factor, tuple(names[letter] for letter in own))
        for factor, own in zip(term.factors, term.letters, strict=True)
    ]


def sides(value: Value) -> tuple[int | None, int | None]:
    """Which axis counts rows and which columns; None where there is just one of them."""
    match len(value.shape):
        case 0:
            return None, None
        case 1:
            return (None, 0) if value.row else (0, None)
        case _:
            return 0, 1
