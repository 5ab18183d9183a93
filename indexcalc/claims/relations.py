"""Relations between the atoms of one product.

In: a product of atoms. Out: the sum that it equals by one of the relations below, or nothing.

| product | equals |
|---|---|
| `sin(u)²` | `1 − cos(u)²` |
| `cbrt(u)³` | `u` |
| `[u > 0]²`, `[u = 0]²` | `[u > 0]`, `[u = 0]` |
| `[u > 0] [u = 0]` | `0` |
| `m / s`, where `m` is the leading term of the sum `s` | `(1 − r / s) / c`, with `s = c m + r` |
| `ε_abc ε_def` | `det δ`, a sum over permutations |
| `A inv(A + B)`, where `A` is the leading term of the sum | `1 − B inv(A + B)` |

>>> from indexcalc.ir.build import builtin, multiply, variable
>>> wave = builtin("sin", variable("u", ()))
>>> [(str(c), len(factors)) for c, factors in related(product_of(multiply(wave, wave)))]
[('1', 1), ('-1', 2)]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeGuard

from indexcalc.claims.levi_civita import determinant
from indexcalc.ir.build import builtin, delta, ones, power, terms_of
from indexcalc.ir.contraction import base_and_exponent
from indexcalc.ir.node import Apply, Call, Contraction, Labels, Node, Number, Sum
from indexcalc.ir.symmetry import is_symmetric
from indexcalc.simplify.product import Factor, Product, product_of

Pieces = Sequence[tuple[Fraction, Sequence[Factor]]]
Powers = dict[Factor, Fraction]
ONE = Fraction(1)


def related(product: Product) -> Pieces | None:
    """The pieces of the sum that a product equals by the first relation that applies."""
    deltas = determinant(product)
    if deltas is not None:
        return deltas
    powers = _powers(product)
    for (base, labels), exponent in powers.items():
        if isinstance(base, Apply):
            found = _of_function(base, labels, exponent, powers)
        elif isinstance(base, Sum) and exponent < 0:
            found = _of_reciprocal(base, labels, exponent, powers)
        elif isinstance(base, Call) and base.operation == "inv" and exponent == 1:
            found = _of_inverse(base, labels, product)
        else:
            continue
        if found is not None:
            return found
    return None


def _powers(product: Product) -> Powers:
    found: Powers = {}
    for factor, labels in product.factors:
        base, exponent = base_and_exponent(factor)
        found[base, labels] = found.get((base, labels), Fraction(0)) + exponent
    return found


def _factors(powers: Powers, changed: Powers) -> list[Factor]:
    """The factors with these powers changed by so much.

    What vanishes leaves ones behind, so that an index that only it had is still summed over.
    """
    total = dict(powers)
    for place, exponent in changed.items():
        total[place] = total.get(place, Fraction(0)) + exponent
    return [
        (power(base, e) if e else ones(base.shape), labels) for (base, labels), e in total.items()
    ]


# --- functions --------------------------------------------------------------------------------


def _of_function(base: Apply, labels: Labels, exponent: Fraction, powers: Powers) -> Pieces | None:
    if base.function.kind != "builtin" or len(base.args) > 2:
        return None
    place = base, labels
    match base.function.name:
        case "sin" if exponent >= 2:
            cosine = builtin("cos", base.args[0]), labels
            return [
                (ONE, _factors(powers, {place: Fraction(-2)})),
                (-ONE, _factors(powers, {place: Fraction(-2), cosine: Fraction(2)})),
            ]
        case "cbrt" if abs(exponent) >= 3:
            sign = 1 if exponent > 0 else -1
            inner = base.args[0], labels
            return [(ONE, _factors(powers, {place: Fraction(-3 * sign), inner: Fraction(sign)}))]
        case "gt" | "eq":
            return _of_condition(base, labels, exponent, powers)
        case _:
            return None


def _of_condition(base: Apply, labels: Labels, exponent: Fraction, powers: Powers) -> Pieces | None:
    if exponent > 1:
        return [(ONE, _factors(powers, {(base, labels): 1 - exponent}))]
    if base.function.name == "eq" and powers.get((base.args[0], labels), 0) > 0:
        return []
    other = builtin("gt" if base.function.name == "eq" else "eq", *base.args)
    return [] if powers.get((other, labels), 0) > 0 else None


# --- reciprocals of sums ------------------------------------------------------------------------


def _of_reciprocal(base: Sum, labels: Labels, exponent: Fraction, powers: Powers) -> Pieces | None:
    """`m · s^−n = (s^(1−n) − r s^−n) / c` for the leading term `c m` of `s`."""
    coefficient, leading = max(base.terms, key=lambda term: _weight(term[1]))
    wanted = _at(leading, labels)
    if not wanted or any(powers.get(place, Fraction(0)) < e for place, e in wanted.items()):
        return None
    gone = {place: -e for place, e in wanted.items()}
    first = _factors(powers, {**gone, (base, labels): ONE})
    rest: list[tuple[Fraction, list[Factor]]] = [(1 / coefficient, first)]
    for c, term in base.terms:
        if term is leading:
            continue
        factors = _factors(powers, gone)
        rest.append((-c / coefficient, [*factors, (term, labels)]))
    return rest


def _weight(term: Node) -> tuple[Fraction, list[bytes]]:
    """A term of higher degree is leading; the order is one for all sums."""
    found = _at(term, tuple(range(len(term.shape))))
    degree = sum(found.values(), Fraction(0))
    return degree, sorted((base.digest for base, _ in found), reverse=True)


def _at(term: Node, labels: Labels) -> Powers:
    """The powers of a term under the labels of a sum that it is in; none if it has deltas."""
    product = product_of(term)
    if len(set(product.output)) < len(product.output) or product.summed():
        axes = (term, labels)
        return {axes: ONE} if not labels else {}
    names = dict(zip(product.output, labels, strict=True))
    found: Powers = {}
    for factor, own in product.factors:
        base, exponent = base_and_exponent(factor)
        if isinstance(base, Number):
            continue
        place = base, tuple(names[label] for label in own)
        found[place] = found.get(place, Fraction(0)) + exponent
    return found


# --- inverses of sums ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Meeting:
    """`V[end, shared] A[shared, other]`, or both transposed if `A` is met by its column."""

    at: int
    shared: int
    end: int
    other: int
    by_row: bool


def _of_inverse(base: Call, labels: Labels, product: Product) -> Pieces | None:
    """`A inv(A + B) = 1 − B inv(A + B)` for the leading one of the terms that are matrices."""
    total = base.argument
    matrices = [term for term in total.terms if _is_matrix(term[1])] if _is_total(total) else []
    if not matrices or len(set(labels)) < 2:
        return None
    coefficient, leading = max(matrices, key=lambda term: term[1].digest)
    meeting = _meeting(base, labels, leading, product)
    if meeting is None:
        return None
    left = [factor for k, factor in enumerate(product.factors) if k != meeting.at]
    without = [factor for factor in left if factor != (base, labels)]
    unit = delta(base.shape[0]), (meeting.end, meeting.other)
    pieces: list[tuple[Fraction, list[Factor]]] = [(1 / coefficient, [*without, unit])]
    ends = meeting.shared, meeting.other
    axes = ends if meeting.by_row else ends[::-1]
    for c, term in terms_of(total):
        if term is not leading:
            pieces.append((-c / coefficient, [*left, (term, axes)]))
    return pieces


def _is_total(node: Node) -> TypeGuard[Sum]:
    return isinstance(node, Sum) and len(node.terms) > 1


def _is_matrix(term: Node) -> bool:
    """Whether a term is a matrix with a name, perhaps transposed: no product, no diagonal one."""
    if not isinstance(term, Contraction):
        return True
    return (
        term.is_view and bool(term.factors) and len(set(term.labels[0])) == len(term.extents) == 2
    )


def _meeting(base: Call, labels: Labels, matrix: Node, product: Product) -> _Meeting | None:
    """Where the inverse meets the matrix, by a sum that nothing else is in."""
    count = Counter(label for _, own in product.factors for label in own)
    turned = isinstance(matrix, Contraction)
    shown = matrix.arguments[0] if turned else matrix
    for shared, end in (labels, labels[::-1]):
        if count[shared] != 2 or shared in product.output:
            continue
        for at, (factor, met) in enumerate(product.factors):
            if factor is not shown or shared not in met or len(set(met)) < 2:
                continue
            by_row = (met[0] == shared) != turned
            if by_row != (labels[1] == shared) and not is_symmetric(base):
                if not is_symmetric(shown):
                    continue
                by_row = not by_row
            return _Meeting(at, shared, end, met[0] if met[1] == shared else met[1], by_row)
    return None
