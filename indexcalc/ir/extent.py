"""Extents: how many values an index takes.

An extent is a polynomial with integer coefficients in named sizes, kept in one canonical form and
as one object for each value, so that equality is `is`. Nearly all are one name (`m`) or one number
(`3`); products come from `vec` and `⊗`, sums from shapes such as `m-1`.

>>> m, n = Extent.named("m"), Extent.named("n")
>>> str(m * n), str(m + Extent.fixed(-1)), (m * n).evaluate({"m": 3, "n": 2})
('m*n', 'm-1', 6)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import prod
from typing import Any
from weakref import WeakValueDictionary

Monomial = tuple[str, ...]
_table: WeakValueDictionary[tuple[tuple[Monomial, int], ...], Any] = WeakValueDictionary()


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Extent:
    """Sorted pairs of a monomial (sorted names, repeated for powers) and its coefficient."""

    terms: tuple[tuple[Monomial, int], ...]
    name: str | None = field(init=False, repr=False)  # if this extent is just one name
    names: frozenset[str] = field(init=False, repr=False)  # all that occur

    def __new__(cls, terms: tuple[tuple[Monomial, int], ...]) -> Extent:
        """The one extent with these terms."""
        found: Extent | None = _table.get(terms)
        if found is None:
            found = object.__new__(cls)
            names = frozenset(name for monomial, _ in terms for name in monomial)
            alone = next(iter(names)) if len(names) == 1 else ""
            object.__setattr__(found, "names", names)
            object.__setattr__(found, "name", alone if terms == (((alone,), 1),) else None)
            _table[terms] = found
        return found

    @staticmethod
    def named(name: str) -> Extent:
        """The extent called `name`."""
        return _named(name)

    @staticmethod
    def fixed(size: int) -> Extent:
        """The known size `size`."""
        return Extent((((), size),)) if size else Extent(())

    @property
    def size(self) -> int | None:
        """The number, if this extent is one; None if it depends on a name."""
        if not self.terms:
            return 0
        return self.terms[0][1] if len(self.terms) == 1 and not self.terms[0][0] else None

    def __add__(self, other: Extent) -> Extent:
        """Sum of two extents."""
        return _sum(self, other)

    def __mul__(self, other: Extent) -> Extent:
        """Product of two extents."""
        return _product(self, other)

    def substitute(self, values: Mapping[str, Extent]) -> Extent:
        """Replace names by extents."""
        if not any(name in values for name in self.names):
            return self
        total = Extent(())
        for monomial, coefficient in self.terms:
            product = Extent.fixed(coefficient)
            for name in monomial:
                product = product * values.get(name, Extent.named(name))
            total = total + product
        return total

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """The number for given sizes; `KeyError` names a missing one."""
        total = 0
        for monomial, coefficient in self.terms:
            product = coefficient
            for name in monomial:
                product *= sizes[name]
            total += product
        return total

    def __str__(self) -> str:
        """As Python (and the language) writes it: `m`, `3`, `m*n`, `m-1`, `2*n`."""
        return _text(self)


# Extents never change, so neither do their names, texts, sums, products: no cache can go stale.


@lru_cache(maxsize=4096)
def _text(extent: Extent) -> str:
    if not extent.terms:
        return "0"
    # names before the constant, so that m-1 does not read -1+m
    ordered = sorted(extent.terms, key=lambda term: (not term[0], term[0]))
    text = "".join(_monomial_text(monomial, c) for monomial, c in ordered)
    return text.removeprefix("+")


@lru_cache(maxsize=4096)
def _named(name: str) -> Extent:
    return Extent((((name,), 1),))


@lru_cache(maxsize=4096)
def _sum(left: Extent, right: Extent) -> Extent:
    return _collect([*left.terms, *right.terms])


@lru_cache(maxsize=4096)
def _product(left: Extent, right: Extent) -> Extent:
    return _collect(
        [(tuple(sorted(own + others)), a * b) for own, a in left.terms for others, b in right.terms]
    )


def _monomial_text(monomial: Monomial, coefficient: int) -> str:
    sign = "-" if coefficient < 0 else "+"
    factors = list(monomial)
    if abs(coefficient) != 1 or not factors:
        factors.insert(0, str(abs(coefficient)))
    return sign + "*".join(factors)


def _collect(terms: list[tuple[Monomial, int]]) -> Extent:
    total: dict[Monomial, int] = {}
    for monomial, coefficient in terms:
        total[monomial] = total.get(monomial, 0) + coefficient
    return Extent(tuple(sorted((m, c) for m, c in total.items() if c)))


ONE = Extent.fixed(1)
Shape = tuple[Extent, ...]


def entry_count(shape: Iterable[Extent], sizes: Mapping[str, int]) -> int:
    """How many entries a tensor of this shape has at these sizes.

    >>> entry_count([Extent.named("m"), Extent.fixed(2)], {"m": 3})
    6
    """
    return prod(extent.evaluate(sizes) for extent in shape)


def shape_text(shape: Shape) -> str:
    """`m×n`, or `scalar`."""
    return "×".join(str(extent) for extent in shape) if shape else "scalar"


def cancelled(left: Extent, right: Extent) -> tuple[Extent, Extent]:
    """Two products divided by what they share, so that `?1*n = p*n` gives `?1 = p`.

    >>> n, p, q = (Extent.named(name) for name in "npq")
    >>> [str(side) for side in cancelled(q * n, p * n)]
    ['q', 'p']
    """
    if len(left.terms) != 1 or len(right.terms) != 1:
        return left, right
    (left_names, a), (right_names, b) = left.terms[0], right.terms[0]
    mine, theirs = list(left_names), list(right_names)
    for name in left_names:
        if name in theirs:
            mine.remove(name)
            theirs.remove(name)
    if a and b % a == 0:
        a, b = 1, b // a
    elif b and a % b == 0:
        a, b = a // b, 1
    return Extent(((tuple(mine), a),)), Extent(((tuple(theirs), b),))
