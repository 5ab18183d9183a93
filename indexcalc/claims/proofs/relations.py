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
| `A inv(A + B)`, where `A` is the leading product of matrices in the sum | `1 − B inv(A + B)` |

>>> from indexcalc.ir.build import builtin, multiply, variable
>>> wave = builtin("sin", variable("u", ()))
>>> [(str(c), len(factors)) for c, factors in related(product_of(multiply(wave, wave)))]
[('1', 1), ('-1', 2)]
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from indexcalc.claims.proofs.inverse_relations import of_inverse
from indexcalc.claims.proofs.levi_civita import determinant
from indexcalc.ir.build import builtin, ones, power
from indexcalc.ir.contraction import base_and_exponent
from indexcalc.ir.node import Apply, Call, Labels, Node, Number, Sum
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
        elif isinstance(base, Sum) and base.terms and exponent < 0:
            found = _of_reciprocal(base, labels, exponent, powers)
        elif isinstance(base, Call) and base.operation == "inv" and exponent == 1:
            found = of_inverse(base, labels, product)
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
