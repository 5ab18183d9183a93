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

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from indexcalc.elaborate.scopes import is_transparent
from indexcalc.errors import IndexNotationError, Mark, Span
from indexcalc.syntax import tree
from indexcalc.syntax.latex.detect import detect
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
        return self.text_with(part, dict.fromkeys(starts, sum_sign(letter)))

    def text_with(self, part: Span, signs: Mapping[int, str]) -> str:
        """The same for several sum signs, each with the place that it is put at."""
        span, prefix = self.root.span, f"{self.target} = " if self.target else ""
        if len(span.text) > LONGEST_TEXT or "\n" in span.text:
            span, prefix = part, ""
        if len(span.text) > LONGEST_TEXT:
            return ""
        return prefix + with_sums(span, signs)


def sum_sign(*letters: str) -> str:
    """`sum_i`, or `sum_{batch}` for a long name, or `sum_{i,j}`."""
    return f"sum_{subscript(','.join(letters))}"


def subscript(letter: str) -> str:
    """The letter as it stands behind an underscore."""
    return letter if len(letter) == 1 else f"{{{letter}}}"


def with_sums(whole: Span, signs: Mapping[int, str]) -> str:
    """The text of `whole` with sum signs put in at some places, as its notation writes them."""
    text = whole.text
    latex = detect(whole.source.text) == "latex"
    for start in sorted(signs, reverse=True):
        at = start - whole.start
        sign = in_latex(signs[start]) if latex else signs[start]
        text = f"{text[:at]}{sign} {text[at:]}"
    return " ".join(text.split())


def in_latex(sign: str) -> str:
    """`\\sum_{i}` for `sum_i`."""
    word, _, letters = sign.partition("_")
    return rf"\{word}_{{{letters.strip('{}')}}}"


def product_start(term: Tree) -> int:
    """Where the product of a term starts: behind a minus, and the brace of a fraction's part."""
    while isinstance(term, tree.Negative | tree.Bracket) and is_transparent(term):
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


def occurs_once(
    setting: Setting, lone: Mapping[str, Span], terms: Sequence[tuple[Tree, tuple[str, ...]]]
) -> IndexNotationError:
    """Indices that are not on the left-hand side occur once: `lone` tells where.

    `terms` are the terms of the expression with those of these indices that each has.
    """
    names = " and ".join(", ".join(lone).rsplit(", ", 1))
    place = next(iter(lone.values()))
    term = next(term for term, own in terms if own)
    cures = []
    is_square = _is_square_of(term, place)
    if is_square:
        cures.append(f"{setting.target} = {place.text} {place.text}")
    signs = {product_start(term): sum_sign(*own) for term, own in terms if own}
    summed = setting.text_with(term.span, signs) or f"{sum_sign(*lone)} …"
    cures.append(f"{summed}  to sum")
    longer = _longer_target(setting.target, lone)
    if longer:
        text = setting.root.span.text
        text = " ".join(text.split()) if len(text) <= LONGEST_TEXT else "…"
        cures.append(f"{longer} = {text}  to keep {names} free")
    several = len(lone) > 1
    places = {span.start: (letter, span) for letter, span in reversed(list(lone.items()))}
    return IndexNotationError(
        f"{'indices' if several else 'index'} {names} "
        f"{'are' if several else 'is'} not free and {'occur' if several else 'occurs'} once"
        + (" (a power is one occurrence)" if is_square else ""),
        *(
            Mark(span, f"index {letter}" if several else "")
            for _, (letter, span) in sorted(places.items())
        ),
        hint="write  " + ",\nor  ".join(cures),
    )


def _longer_target(target: str, letters: Iterable[str]) -> str:
    """The left-hand side with more indices, empty if there is none to lengthen."""
    more = "".join(letters)
    if not target or target.endswith("}") or any(len(letter) > 1 for letter in letters):
        return ""
    return f"{target}{more}" if "_" in target else f"{target}_{more}"


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
