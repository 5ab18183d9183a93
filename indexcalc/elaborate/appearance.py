"""In which order the axes of a term appear when it is written, and how to write them in order.

In: a term. Out: the order of its axes in the text; or a term with the same value whose text has
them in order. A text without left-hand side takes the order of its free indices from the text,
and so does a sum.

>>> from indexcalc.elaborate.orientation import contract
>>> from indexcalc.elaborate.term import Named
>>> from indexcalc.errors import Source, Span
>>> from indexcalc.ir.extent import Extent
>>> here, n = Span(Source("y x'"), 0, 4), Extent.named("n")
>>> x, y = (Named(here, (n,), name) for name in "xy")
>>> product = contract(here, [(x, "j"), (y, "i")], "ij")
>>> appearance(product, frozenset())
(1, 0)
>>> [factor.name for factor in in_order(product, Setting((), (), frozenset())).factors]
['y', 'x']
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexcalc.elaborate.arrangement import (
    Part,
    arrange,
    begins_with_sum,
    is_transposed_name,
    with_indices,
)
from indexcalc.elaborate.orientation import identity, is_permutation
from indexcalc.elaborate.term import Contract, Letters, Pointwise, Term
from indexcalc.ir.extent import Shape

Once = frozenset[int]
Key = tuple[int, Once]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a term stands: its letters, the free ones of the statement, which must stand once.

    `bound` tells that a left-hand side names the free letters, else the text itself orders them.
    """

    letters: Letters
    free: Letters
    once: Once
    bound: bool = False


def is_in_order(term: Term, setting: Setting) -> bool:
    """Whether the text of the term, read by itself, has the axes in order."""
    inner = term
    while (single := _only_part(inner)) is not None:
        inner = single
    if is_transposed_name(inner):
        return True  # written A^T_ij
    if isinstance(inner, Contract) and _is_ordered_by_left_side(inner, setting):
        positions = [setting.free.index(letter) for letter in setting.letters]
        if setting.bound or positions != sorted(positions):
            return positions == sorted(positions)
    return appearance(term, setting.once) == tuple(range(len(term.shape)))


def _only_part(term: Term) -> Term | None:
    """What is written in place of the term, if it is just a function of it, or reorders axes."""
    if isinstance(term, Pointwise) and len(term.args) == 1:
        return term.args[0]
    if isinstance(term, Contract) and is_permutation(term) and not is_transposed_name(term):
        return term.factors[0]
    return None


def _is_ordered_by_left_side(term: Contract, setting: Setting) -> bool:
    """Whether the term is a product without sum sign, whose indices the left-hand side orders."""
    is_product = len(arrange(term, frozenset()).parts) > 1 and not begins_with_sum(term)
    return is_product and bool(setting.free) and set(setting.letters) <= set(setting.free)


def in_order(term: Term, setting: Setting) -> Term:
    """The same tensor, so written that its axes first appear in order."""
    rank = len(term.shape)
    if rank < 2 or is_in_order(term, setting):
        return term
    if isinstance(term, Contract):
        turned = replace(term, factors=term.factors[::-1], letters=term.letters[::-1])
        if is_in_order(turned, setting):
            return turned
    letters = tuple(map(str, range(rank)))
    dummies = (*(f"{letter}'" for letter in letters[:-1]), letters[-1])
    extents: dict[str, Shape] = {}
    for extent, letter, dummy in zip(term.shape, letters, dummies, strict=True):
        extents[letter] = extents[dummy] = (extent,)
    deltas = tuple(identity(term.span, extent) for extent in term.shape[:-1])
    pairs = tuple(zip(letters[:-1], dummies[:-1], strict=True))
    return Contract(term.span, term.shape, (*deltas, term), (*pairs, dummies), letters, extents)


def sum_in_order(terms: Sequence[Term], setting: Setting) -> list[tuple[int, Term]]:
    """Terms of one shape with their positions, so that their axes first appear in order.

    If the first term has them in another order, a term that has them in order goes before it.
    """
    numbered = list(enumerate(terms))
    if len(terms[0].shape) < 2:
        return numbered
    with_axes = {id(term) for term in with_indices(terms)}
    shown = [item for item in numbered if id(item[1]) in with_axes]
    if is_in_order(shown[0][1], setting):
        return numbered
    fitting = next((item for item in shown if is_in_order(item[1], setting)), None)
    first = fitting or (shown[0][0], in_order(shown[0][1], setting))
    return [first, *(item for item in numbered if item[0] != first[0])]


def kept_in_order(term: Term, kept: int, once: Once) -> Term:
    """The argument of a fold, whose first `kept` axes stay and tell the order of the result."""
    order = [axis for axis in appearance(term, once) if axis < kept]
    return term if order == sorted(order) else in_order(term, Setting((), (), once))


def appearance(root: Term, once: Once) -> tuple[int, ...]:
    """The axes in the order in which their indices first appear when the term is written."""
    orders: dict[Key, tuple[int, ...]] = {}
    stack: list[tuple[Term, Once, bool]] = [(root, once, False)]
    while stack:
        term, single, opened = stack.pop()
        if (id(term), single) in orders:
            continue
        if opened:
            orders[id(term), single] = _order(term, single, orders)
        else:
            stack.append((term, single, True))
            stack.extend((part, own, False) for part, own in _written_parts(term, single))
    return orders[id(root), once]


def _written_parts(term: Term, once: Once) -> list[tuple[Term, Once]]:
    """The terms below whose indices are written where the term is."""
    match term:
        case Contract():
            arranged = arrange(term, once)
            labels = {arranged.axes[k] for k in once}
            return [
                (part.term, _single(part, labels))
                for part in arranged.parts
                if part.term is not None
            ]
        case Pointwise(args=(argument,)):
            return [(argument, once)]
        case _:
            return []


def _single(part: Part, labels: set[object]) -> Once:
    return frozenset(k for k, label in enumerate(part.labels) if label in labels)


def _order(term: Term, once: Once, orders: dict[Key, tuple[int, ...]]) -> tuple[int, ...]:
    match term:
        case Contract():
            return _product_order(term, once, orders)
        case Pointwise(args=(argument,)):
            return orders[id(argument), once]
        case _:
            return tuple(range(len(term.shape)))


def _product_order(
    term: Contract, once: Once, orders: dict[Key, tuple[int, ...]]
) -> tuple[int, ...]:
    arranged = arrange(term, once)
    labels = {arranged.axes[k] for k in once}
    number = {label: k for k, label in enumerate(arranged.axes)}
    found: dict[int, None] = {}
    for part in arranged.parts:
        own: Sequence[int] = range(len(part.labels))
        if part.term is not None:
            own = orders[id(part.term), _single(part, labels)]
        found.update((number[part.labels[k]], None) for k in own if part.labels[k] in number)
    return tuple(found)
