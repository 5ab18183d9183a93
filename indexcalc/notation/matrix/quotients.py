"""Scalars that all terms of a sum share: `x/c - y/c` is `(x - y)/c`.

In: terms as products. Out: the scalars that stand outside, and the terms without them, if that
makes the sum shorter.

>>> from indexcalc.notation.formula import Symbol, SymbolKind
>>> from indexcalc.notation.matrix.written import ONE, single
>>> x, y, c = (single(Symbol(SymbolKind.VARIABLE, name, ())) for name in "xyc")
>>> outside, rests = shared_scalars([x.scaled(ONE, [(c, -ONE)]), y.scaled(ONE, [(c, -ONE)])])
>>> [(part is c, int(exponent)) for part, exponent in outside], rests[0].formula is x.formula
([(True, -1)], True)
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from indexcalc.notation.matrix.written import BRACKETS, ONE, Power, Written


def shared_scalars(parts: Sequence[Written]) -> tuple[list[Power], list[Written]]:
    """Powers of scalars, and the terms that they multiply; none if nothing gets shorter."""
    outside: list[Power] = []
    rests = list(parts)
    if not all(part.scalars for part in parts):
        return outside, rests
    exponents = [{base.key: k for base, k in part.scalars} for part in parts]
    for base, _ in parts[0].scalars:
        own = [found.get(base.key, Fraction(0)) for found in exponents]
        if not (all(k > 0 for k in own) or all(k < 0 for k in own)):
            continue
        best = _shortest(rests, base, sorted({min(own), max(own)}, key=abs))
        if best:
            outside.append((base, best))
            rests = [part.scaled(ONE, [(base, -best)]) for part in rests]
    return outside, rests


def _shortest(parts: Sequence[Written], base: Written, tried: Sequence[Fraction]) -> Fraction:
    """The power that makes the sum shortest when it stands outside; zero if none does."""
    costs = {Fraction(0): sum([part.cost for part in parts])}
    for power in tried:
        outside = Written((), 0).scaled(ONE, [(base, power)]).cost + BRACKETS
        inside = sum([part.scaled(ONE, [(base, -power)]).cost for part in parts])
        costs[power] = outside + inside
    return min(costs, key=lambda power: costs[power])
