"""The last step of a reduction: what is left at one label, between two, or of the result.

In: entries (values with exponents) at labels, in both orientations. Out: of all the ways to write
their product and sum, the shortest: `x^T y` or `sum(x ⊙ y ./ z)`; `A : B` or `tr(A B)`; `A x`
or `diag(A B)`; `Diag(x) A` or `A ./ (x 1^T)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from indexcalc.notation.matrix.oriented import Oriented, cheapest
from indexcalc.notation.matrix.products import Entry, entrywise, matrix_product, outer
from indexcalc.notation.matrix.wholes import (
    ONES,
    diagonal_matrix,
    diagonal_of,
    frobenius,
    sum_of,
    trace,
)

MOST_TRIED = 8  # factors that are tried as the one that stands apart
TWO = Fraction(2)
ONCE = Fraction(1)


def vector(entries: Sequence[Entry]) -> Oriented:
    """The product at each entry of vectors; ones if there are none."""
    return entrywise(1, entries) if entries else ONES


def summed_vector(entries: Sequence[Entry]) -> Oriented:
    """The sum over the one label of all entries, a scalar."""
    found = [matrix_product(0, one.transpose, entrywise(1, rest)) for one, rest in _apart(entries)]
    return cheapest(*found, sum_of(entrywise(1, entries)))


def summed_matrix(
    edges: Sequence[Entry], rows: Sequence[Entry], columns: Sequence[Entry]
) -> Oriented:
    """The sum over both labels of matrices between them and vectors at each, a scalar."""
    whole = entrywise(2, edges)
    if rows and columns:
        found = [matrix_product(0, vector(rows).transpose, whole, vector(columns))]
    elif columns:
        found = [sum_of(matrix_product(1, whole, vector(columns)))]
    elif rows:
        found = [sum_of(matrix_product(1, whole.transpose, vector(rows)))]
    else:
        found = [sum_of(whole)]
    for one, rest in _apart(edges):
        inner = sandwich(diagonals(rows), entrywise(2, rest), diagonals(columns))
        found.append(trace(matrix_product(2, inner, one.transpose)))
        if not (rows or columns):
            found.append(frobenius(one, inner))
    return cheapest(*found)


def row_sums(edges: Sequence[Entry], weights: Sequence[Entry]) -> Oriented:
    """The sum over the second label of matrices, and of vectors that have it; a vector."""
    found = [matrix_product(1, entrywise(2, edges), vector(weights))]
    for one, rest in reversed(_apart(edges)):
        inner = sandwich([], entrywise(2, rest), diagonals(weights))
        found.append(diagonal_of(matrix_product(2, inner, one.transpose)))
    return cheapest(*found)


def through(left: Sequence[Entry], weights: Sequence[Entry], right: Sequence[Entry]) -> Oriented:
    """The sum over the label between two bundles of matrices: `A Diag(v) B`."""
    return sandwich([entrywise(2, left)], *diagonals(weights), entrywise(2, right))


def result_matrix(
    edges: Sequence[Entry], rows: Sequence[Entry], columns: Sequence[Entry]
) -> Oriented:
    """Nothing is summed any more: matrices, and vectors along their rows and columns."""
    if not edges:
        return outer(vector(rows), vector(columns))
    found = [sandwich(diagonals(rows), entrywise(2, edges), diagonals(columns))]
    if rows or columns:
        found.append(entrywise(2, [*edges, *_repeated(rows, columns)]))
    return cheapest(*found)


def _repeated(rows: Sequence[Entry], columns: Sequence[Entry]) -> list[Entry]:
    """Vectors along rows and columns as matrices, those above and those below a fraction line."""
    found: list[Entry] = []
    for sign in (1, -1):
        own = [(value, sign * power) for value, power in rows if power * sign > 0]
        other = [(value, sign * power) for value, power in columns if power * sign > 0]
        if own or other:
            found.append((outer(vector(own), vector(other)), Fraction(sign)))
    return found


def diagonals(entries: Sequence[Entry]) -> list[Oriented]:
    """`Diag(v)` of the product of vectors, if there are any."""
    return [diagonal_matrix(entrywise(1, entries))] if entries else []


def sandwich(left: Sequence[Oriented], *rest: Oriented | Sequence[Oriented]) -> Oriented:
    """The matrix product of all that are given."""
    values = list(left)
    for part in rest:
        values += [part] if isinstance(part, Oriented) else part
    return values[0] if len(values) == 1 else matrix_product(2, *values)


def _apart(entries: Sequence[Entry]) -> list[tuple[Oriented, list[Entry]]]:
    """Each factor, and the others, which there must be; of a square, one of the two factors."""
    found: list[tuple[Oriented, list[Entry]]] = []
    for k, (value, exponent) in enumerate(entries[:MOST_TRIED]):
        rest = [*entries[:k], *entries[k + 1 :]]
        if exponent == TWO:
            found.append((value, [*rest, (value, ONCE)]))
            if rest:
                found.append((entrywise(value.rank, [entries[k]]), rest))
        elif exponent > 0 and rest:
            found.append((entrywise(value.rank, [entries[k]]), rest))
    return found
