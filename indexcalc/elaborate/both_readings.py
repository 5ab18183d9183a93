"""Errors for text that people read in two ways: both are written out with their sums.

In: an index, the term it stands in, and the inner terms that sum it. Out: an error whose hint holds
a text for each reading; both are accepted by the language.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_query
>>> square = parse_query(Source("(A_ij x_j)(A_ij x_j)")).value
>>> inner = [factor.inner for factor in square.factors]
>>> setting = Setting(square, "", True)
>>> print(summed_and_outside("j", setting, square, inner, inner[0].span, once=False).hint)
write  (sum_j A_ij x_j)(sum_j A_ij x_j)  to sum inside,
or  sum_j (A_ij x_j)(A_ij x_j)  to sum over the whole product
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexcalc.errors import IndexNotationError, Mark, Span
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree

LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Setting:
    """The expression that is read, the text of its left-hand side, and whether it has none."""

    root: Tree
    target: str
    bare: bool

    def text(self, part: Span, letter: str, starts: Sequence[int]) -> str:
        """The whole statement with sum signs put in; just `part` of it if it is long.

        Empty if that is too long as well.
        """
        span, prefix = self.root.span, f"{self.target} = " if self.target else ""
        if len(span.text) > LONGEST_TEXT or "\n" in span.text:
            span, prefix = part, ""
        if len(span.text) > LONGEST_TEXT:
            return ""
        return prefix + with_sums(span, letter, starts)


def sum_sign(letter: str) -> str:
    """`sum_i`, or `sum_{batch}` for a long name."""
    return f"sum_{subscript(letter)}"


def subscript(letter: str) -> str:
    """The letter as it stands behind an underscore."""
    return letter if len(letter) == 1 else f"{{{letter}}}"


def with_sums(whole: Span, letter: str, starts: Sequence[int]) -> str:
    """The text of `whole` with a sum sign put in at some places."""
    text = whole.text
    for start in sorted(starts, reverse=True):
        at = start - whole.start
        text = f"{text[:at]}{sum_sign(letter)} {text[at:]}"
    return " ".join(text.split())


def product_start(term: Tree) -> int:
    """Where the product of a term starts: behind a minus."""
    while isinstance(term, tree.Negative):
        term = term.inner
    return term.span.start


def summed_and_outside(
    letter: str, setting: Setting, whole: Tree, terms: list[Tree], outside: Span, *, once: bool
) -> IndexNotationError:
    """An index is summed inside `terms` and occurs outside them too, in the same term `whole`.

    `once` tells that it occurs a single time outside, so that a sum is needed there as well.
    """
    used_up = [term for term in terms if isinstance(term, tree.Apply | tree.Norm)]
    if used_up:
        return _used_up_and_outside(letter, used_up[0], outside)
    starts = list(dict.fromkeys(product_start(term) for term in terms))
    whole_start = product_start(whole)
    inside = setting.text(whole.span, letter, starts + [whole_start] * once)
    across = setting.text(whole.span, letter, [whole_start])
    second = terms[1].span if len(terms) > 1 else outside
    return IndexNotationError(
        f"index {letter} has two readings: it repeats inside a bracket, function or denominator, "
        "and occurs outside it",
        Mark(terms[0].span, f"{letter} repeats here"),
        Mark(second, f"and {letter} occurs here"),
        hint=f"write  {inside}  to sum inside,\nor  {across}  to sum over the whole product"
        if inside
        else f"write  {sum_sign(letter)}  where the sum is meant",
    )


def _used_up_and_outside(letter: str, call: Tree, outside: Span) -> IndexNotationError:
    return IndexNotationError(
        f"index {letter} has two readings: the function uses it up, and it occurs outside",
        Mark(call.span, f"works along {letter}"),
        Mark(outside, f"and {letter} occurs here"),
        hint="use another letter inside the function, or put the index on its result, as in  "
        "inv(A)_ij",
    )


def free_and_summed(letter: str, setting: Setting, term: Tree, place: Span) -> IndexNotationError:
    """An index is summed in one term of a sum and left open in another, and nothing decides."""
    text = setting.text(term.span, letter, [product_start(term)])
    whole = " ".join(setting.root.span.text.split())
    hint = f"write  {text or sum_sign(letter) + ' …'}  to sum there"
    if setting.bare and len(whole) <= LONGEST_TEXT:
        hint += f",\nor  c_{subscript(letter)} = {whole}  to keep {letter} free"
    return IndexNotationError(
        f"index {letter} has two readings: one term sums it, another leaves it open",
        Mark(term.span, f"{letter} repeats here"),
        Mark(place, f"{letter} occurs once here"),
        hint=hint,
    )


def inside_derivative(letter: str, setting: Setting, inner: Span, variable: Span, start: int
                      ) -> IndexNotationError:  # fmt: skip
    """An index repeats in what is differentiated and names a component of the variable."""
    text = setting.text(setting.root.span, letter, [start])
    return IndexNotationError(
        f"index {letter} has two readings: it repeats in what is differentiated and names a "
        "component of the variable",
        Mark(inner, f"{letter} repeats here"),
        Mark(variable, f"and {letter} occurs here"),
        hint=f"write  {text}  for the derivative of the sum,\n"
        "or use another letter in what is differentiated",
    )


def third_occurrence(letter: str, setting: Setting, term: Tree, count: int) -> IndexNotationError:
    """In a bare expression an index occurs more than twice in one term."""
    text = " ".join(setting.root.span.text.split())
    hint = f"write  {sum_sign(letter)}  before the term"
    summed = setting.text(term.span, letter, [product_start(term)])
    if summed:
        hint = f"write  {summed}  to sum"
        if len(text) <= LONGEST_TEXT:
            hint += f",\nor  c_{subscript(letter)} = {text}  to keep {letter} free"
    return IndexNotationError(
        f"index {letter} occurs {count} times in one term; nothing says whether it is summed",
        Mark(term.span),
        hint=hint,
    )


def occurs_once(letter: str, setting: Setting, term: Tree, place: Span) -> IndexNotationError:
    """An index that is not on the left-hand side occurs once in `term`."""
    cures = []
    start = product_start(term)
    if _is_square_of(term, place):
        cures.append(f"{setting.target} = {place.text} {place.text}")
    summed = setting.text(term.span, letter, [start]) or f"{sum_sign(letter)} …"
    cures.append(f"{summed}  to sum")
    if setting.target:
        target = setting.target
        longer = f"{target}{letter}" if "_" in target else f"{target}_{subscript(letter)}"
        if len(letter) == 1 and not target.endswith("}"):
            text = setting.root.span.text
            text = " ".join(text.split()) if len(text) <= LONGEST_TEXT else "…"
            cures.append(f"{longer} = {text}  to keep {letter} free")
    return IndexNotationError(
        f"index {letter} is not free and occurs once"
        + (" (a power is one occurrence)" if _is_square_of(term, place) else ""),
        Mark(place),
        hint="write  " + ",\nor  ".join(cures),
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
    return " ".join([term.span.text, *(f"1_{subscript(letter)}" for letter in letters)])
