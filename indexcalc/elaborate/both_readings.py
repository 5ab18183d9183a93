"""Errors for text that people read in two ways: both are written out with their sums.

In: an index, the term it stands in, and the inner terms that sum it. Out: an error whose hint holds
a text for each reading; both are accepted by the language.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_query
>>> square = parse_query(Source("(A_ij x_j)(A_ij x_j)")).value
>>> inner = [factor.inner for factor in square.factors]
>>> print(summed_and_outside("j", square, inner, inner[0].span, once=False).hint)
write  (sum_j A_ij x_j)(sum_j A_ij x_j)  to sum inside,
or  sum_j (A_ij x_j)(A_ij x_j)  to sum over the whole product
"""

from __future__ import annotations

from indexcalc.errors import IndexNotationError, Mark, Span
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree

LONGEST_TEXT = 200


def sum_sign(letter: str) -> str:
    """`sum_i`, or `sum_{batch}` for a long name."""
    return f"sum_{letter}" if len(letter) == 1 else f"sum_{{{letter}}}"


def with_sums(whole: Span, letter: str, starts: list[int]) -> str:
    """The text of `whole` with a sum sign put in at some places; empty if it would be too long."""
    text = whole.text
    if len(text) > LONGEST_TEXT:
        return ""
    for start in sorted(set(starts), reverse=True):
        at = start - whole.start
        text = f"{text[:at]}{sum_sign(letter)} {text[at:]}"
    return " ".join(text.split())


def product_start(term: Tree) -> int:
    """Where the product of a term starts: behind a minus."""
    while isinstance(term, tree.Negative):
        term = term.inner
    return term.span.start


def summed_and_outside(
    letter: str, whole: Tree, terms: list[Tree], outside: Span, *, once: bool
) -> IndexNotationError:
    """An index is summed inside `terms` and occurs outside them too, in the same term `whole`.

    `once` tells that it occurs a single time outside, so that a sum is needed there as well.
    """
    used_up = [term for term in terms if isinstance(term, tree.Apply | tree.Norm)]
    if used_up:
        return _used_up_and_outside(letter, used_up[0], outside)
    whole_span = _reach(whole, terms)
    starts = [product_start(term) for term in terms]
    whole_start = product_start(whole)
    inside = with_sums(whole_span, letter, starts + [whole_start] * once)
    across = with_sums(whole_span, letter, [whole_start])
    marks = [Mark(terms[0].span, f"{letter} repeats here")]
    second = terms[1].span if len(terms) > 1 else outside
    marks.append(Mark(second, f"and {letter} occurs here"))
    return IndexNotationError(
        f"index {letter} has two readings: it repeats inside a bracket or function and occurs "
        "outside it",
        *marks,
        hint=f"write  {inside}  to sum inside,\nor  {across}  to sum over the whole product"
        if inside
        else f"write  {sum_sign(letter)}  where the sum is meant",
    )


def _reach(whole: Tree, terms: list[Tree]) -> Span:
    span = whole.span
    for term in terms:
        span = span.to(term.span)
    return span


def _used_up_and_outside(letter: str, call: Tree, outside: Span) -> IndexNotationError:
    return IndexNotationError(
        f"index {letter} has two readings: the function uses it up, and it occurs outside",
        Mark(call.span, f"works along {letter}"),
        Mark(outside, f"and {letter} occurs here"),
        hint="use another letter inside the function, or put the index on its result, as in  "
        "inv(A)_ij",
    )


def free_and_summed(letter: str, term: Tree, place: Span) -> IndexNotationError:
    """In a bare expression, an index is summed in one term and left open in another."""
    return IndexNotationError(
        f"index {letter} has two readings: one term sums it, another leaves it free",
        Mark(term.span, f"{letter} repeats here"),
        Mark(place, f"{letter} occurs once here"),
        hint=f"write  {sum_sign(letter)} {term.span.text}  to sum there, or define the whole with "
        f"{letter} on the left-hand side to keep it free",
    )


def third_occurrence(letter: str, term: Tree, count: int) -> IndexNotationError:
    """In a bare expression an index occurs more than twice in one term."""
    text = " ".join(term.span.text.split())
    hint = f"write  {sum_sign(letter)} {text}  to sum,\nor  c_{_subscript(letter)} = {text}  to keep it free"
    return IndexNotationError(
        f"index {letter} occurs {count} times in one term; nothing says whether it is summed",
        Mark(term.span),
        hint=hint if len(text) <= LONGEST_TEXT else f"write  {sum_sign(letter)}  before the term",
    )


def _subscript(letter: str) -> str:
    return letter if len(letter) == 1 else f"{{{letter}}}"


def occurs_once(letter: str, term: Tree, place: Span, target: str) -> IndexNotationError:
    """An index that is not on the left-hand side occurs once in `term`."""
    text = " ".join(term.span.text.split())
    cures = []
    power = term.inner if isinstance(term, tree.Negative) else term
    if _is_square_of(power, place):
        cures.append(f"{place.text} {place.text}")
    start = product_start(term)
    cures.append(with_sums(term.span, letter, [start]) or f"{sum_sign(letter)} …")
    hint = "  or  ".join(cures)
    if target:
        hint += f"  to sum,\nor  {target}  to keep {letter} free"
    return IndexNotationError(
        f"index {letter} is not free and occurs once"
        + (" (a power is one occurrence)" if len(cures) > 1 else ""),
        Mark(place),
        hint=f"write  {hint}" if text else "",
    )


def _is_square_of(term: Tree, place: Span) -> bool:
    return (
        isinstance(term, tree.Power)
        and isinstance(term.exponent, tree.Number)
        and term.exponent.value == 2
        and (term.base.span.start, term.base.span.end) == (place.start, place.end)
    )


def different_indices(terms: list[tuple[Tree, tuple[str, ...]]]) -> IndexNotationError:
    """Terms of a sum of which none carries all indices, with no left-hand side to decide."""
    (first, own), (second, others) = terms
    missing_first = [letter for letter in others if letter not in own]
    missing_second = [letter for letter in own if letter not in others]
    everything = "".join((*own, *missing_first))
    left = _with_ones(first, missing_first)
    right = _with_ones(second, missing_second)
    return IndexNotationError(
        f"the terms {first.span.text} and {second.span.text} carry different indices: "
        f"{', '.join(own)} and {', '.join(others)}",
        Mark(first.span, f"carries {', '.join(own)}"),
        Mark(second.span, f"carries {', '.join(others)}"),
        hint=f"if each is to be repeated along the other's indices, write  {left} + {right},\n"
        f"or define the sum with all indices on the left-hand side, as in  "
        f"C_{everything if len(everything) == len(own) + len(missing_first) else '…'} = …",
    )


def _with_ones(term: Tree, letters: list[str]) -> str:
    return " ".join([term.span.text, *(f"1_{_subscript(letter)}" for letter in letters)])
