"""Sums in formulas without indices: term by term, all in one orientation.

In: a sum and the number that multiplies it. Out: the step that writes it. A term that repeats a
scalar along all axes is written as the scalar, which the language adds to every entry; but beside
an identity it has its ones, `I - 1 1^T/n`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction

from indexcalc.ir.build import broadcast, linear
from indexcalc.ir.node import Contraction, Node, Sum
from indexcalc.notation.compose import composed_total
from indexcalc.notation.matrix.even import is_even
from indexcalc.notation.matrix.functions import repeated_scalar
from indexcalc.notation.matrix.likeness import likeness
from indexcalc.notation.matrix.oriented import Oriented, of_plain, shortest
from indexcalc.notation.matrix.quotients import shared_scalars
from indexcalc.notation.matrix.shared_factors import shared_factors
from indexcalc.notation.matrix.step import Step, Task, instead
from indexcalc.notation.matrix.written import (
    BRACKETS,
    ONE,
    SYMBOL,
    Written,
    chain,
    joined,
    single,
    transposed,
)
from indexcalc.notation.names import NameStyle, Rank
from indexcalc.notation.spelling import Spelling
from indexcalc.notation.text import formula_text

PLAIN = Spelling(NameStyle(), whole=True)
LONG = 200
Order = tuple[Rank, int]
Place = Callable[[Node], Order]


def total_step(node: Sum, number: Fraction, place: Place, is_factor: bool) -> Step:
    """How `number · node` is written, alone or in a product (`is_factor`).

    `place` gives the reader's order of terms.
    """
    scalars = [repeated_scalar(inner) for _, inner in node.terms]
    if any(_is_diagonal(inner) for _, inner in node.terms):
        scalars = [None] * len(scalars)
    if node.shape and None not in scalars:
        terms = [
            (coefficient, own)
            for (coefficient, _), own in zip(node.terms, scalars, strict=True)
            if own is not None
        ]
        whole = broadcast(linear(terms, ()), node.shape, ())
        return instead(Task(whole, number))
    inside = [
        (coefficient * number, inner if own is None else own)
        for (coefficient, inner), own in zip(node.terms, scalars, strict=True)
    ]
    needs = tuple(Task(inner, coefficient, is_term=True) for coefficient, inner in inside)
    places = [place(inner) for _, inner in inside]
    outside = (is_factor or bool(node.shape)) and all(own is None for own in scalars)

    def make(made: Sequence[Oriented]) -> Oriented:
        rank = len(node.shape)
        plain = _added([value.plain for value in made], places, rank, outside)
        if rank < 2 or is_even(node):
            return of_plain(rank, plain, symmetric=rank == 2)
        turned = _added([value.turned for value in made], places, rank, outside)
        return shortest(rank, plain, turned)

    return Step(needs, make)


def _added(parts: Sequence[Written], places: Sequence[Order], rank: int, outside: bool) -> Written:
    """The sum; scalars that all terms share stand outside, and factors if `outside`."""
    scalars, rests = shared_scalars(parts) if rank else ([], parts)
    shared = shared_factors(rests, rank) if outside else None
    if shared is None:
        return _total(rests, places).scaled(ONE, scalars)
    inside = _total(shared.rests, places)
    if shared.turned:
        inside = transposed(inside)
    return joined([chain(shared.before), inside, chain(shared.after)]).scaled(ONE, scalars)


def _total(parts: Sequence[Written], places: Sequence[Order]) -> Written:
    """The sum of terms in the reader's order; of two alike the one without transposes first."""
    orders = [(rank, count, part.cost) for part, (rank, count) in zip(parts, places, strict=True)]
    alike = Counter(orders)
    terms = [
        (part.formula, (), (*order, _text(part) if alike[order] > 1 else ""))
        for part, order in zip(parts, orders, strict=True)
    ]
    cost = sum([part.cost for part in parts]) + SYMBOL * (len(parts) - 1) + BRACKETS
    return single(composed_total(terms), cost, 0, likeness("+", *[part.key for part in parts]))


def _is_diagonal(node: Node) -> bool:
    """Whether this is `c I` or `Diag(v)`: beside it a number would be read as one times `I`."""
    return isinstance(node, Contraction) and len(set(node.output)) < len(node.output)


def _text(part: Written) -> str:
    """What puts `A B` before `B A`; long terms stay as they come."""
    return formula_text(part.formula, PLAIN) if part.cost < LONG else ""
