"""Names: one canonical spelling for all ways of writing the same name, and what a subscript says.

In: a name with its marks as they were typed. Out: the canonical name (`W1` for `W_1`, `W_{1}`,
`W^(1)`; `λ` for `lambda`) and the indices that it carries.

>>> canonical("lambda"), canonical("theta2"), with_label("W", "1")
('λ', 'θ2', 'W1')
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Container
from dataclasses import dataclass
from functools import lru_cache

from indexcalc.errors import IndexNotationError, Mark, Span
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree

Index = tuple[str, ...]  # one letter, or the letters of a grouped axis: X_{(sr)q}

_LOWER_CASE = """
alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ
nu ν xi ξ omicron ο pi π rho ρ sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω
"""
_WORDS = _LOWER_CASE.split()
GREEK = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
GREEK |= {name.capitalize(): letter.upper() for name, letter in GREEK.items()}
_SPELLED = re.compile(r"([A-Za-z]+)(\d*)")
_GROUP_OR_WORD = re.compile(r"\(([^()]*)\)|([^()]+)")
LONGEST_PAIR = 2  # `mu`, `nu`, `xi`, `pi` without braces are two indices


@dataclass(frozen=True, slots=True)
class Reference:
    """A name with the indices put on it; None if it has no subscript beyond its name."""

    name: str
    indices: tuple[Index, ...] | None

    @property
    def letters(self) -> Index:
        """All index letters, in order."""
        return tuple(letter for index in self.indices or () for letter in index)


@dataclass(frozen=True, slots=True)
class Marked:
    """A name as typed with its labels and subscripts, from the inside out."""

    text: str
    labels: tuple[str, ...]
    subscripts: tuple[tree.Subscript, ...]
    span: Span


@lru_cache(maxsize=4096)  # of the text alone
def canonical(text: str) -> str:
    """The name in normal form C, a Greek letter by its name as the letter."""
    text = unicodedata.normalize("NFC", text).replace("∆", "Δ")
    spelled = _SPELLED.fullmatch(text)
    if spelled and spelled[1] in GREEK:
        return GREEK[spelled[1]] + spelled[2]
    return text


def with_label(name: str, label: str) -> str:
    """The name with a number: `W1`; a name that ends in a digit is kept apart from it: `W1_2`."""
    return f"{name}_{label}" if name[-1].isdigit() else name + label


def marked_name(part: Tree) -> Marked | None:
    """`part` taken apart, if it is a name with nothing but labels and subscripts on it."""
    if isinstance(part, tree.Name):
        return Marked(part.text, (), (), part.span)
    if not isinstance(part, (tree.Subscripted, tree.Labelled)):
        return None
    labels: list[str] = []
    subscripts: list[tree.Subscript] = []
    span = part.span
    while isinstance(part, (tree.Subscripted, tree.Labelled)):
        if isinstance(part, tree.Labelled):
            labels.insert(0, part.label)
        else:
            subscripts[:0] = part.subscripts
        part = part.base
    if not isinstance(part, tree.Name):
        return None
    return Marked(part.text, tuple(labels), tuple(subscripts), span)


def is_name(part: Tree) -> bool:
    """Whether `part` is a name with nothing but labels and subscripts on it."""
    while isinstance(part, (tree.Subscripted, tree.Labelled)):
        part = part.base
    return isinstance(part, tree.Name)


def declared_name(part: Tree) -> str:
    """The canonical name of a declaration, where each subscript belongs to the name."""
    marked = marked_name(part)
    assert marked is not None  # the parser lets nothing else be declared
    return whole_name(marked)


def whole_name(marked: Marked) -> str:
    """The name to which all labels and subscripts belong."""
    name = canonical(marked.text)
    for label in marked.labels:
        name = with_label(name, label)
    for subscript in marked.subscripts:
        for item in subscript.items:
            name = with_label(name, item) if item.isdigit() else f"{name}_{canonical(item)}"
    return name


def refer(
    marked: Marked, known: Container[str], words: Collection[str], rank: int | None = None
) -> Reference:
    """Split name from indices.

    A number belongs to the name; `out` in `W_out` does if `W_out` is in `known`. `words` are the
    index names of several letters that the text has; `rank` is the number of axes, where known.
    """
    name = canonical(marked.text)
    for label in marked.labels:
        name = with_label(name, label)
    items = [(subscript, item) for subscript in marked.subscripts for item in subscript.items]
    position = 0
    for _, item in items:
        is_number = item.isdigit()
        longer = with_label(name, item) if is_number else f"{name}_{canonical(item)}"
        if not is_number and longer not in known:
            break
        name, position = longer, position + 1
    if position == len(items):
        return Reference(name, None)
    return Reference(name, _indices(items[position:], words, rank))


def has_greek_word(marked: Marked) -> bool:
    """Whether a subscript may be a letter by its name: then the number of axes counts."""
    return any(item in GREEK for subscript in marked.subscripts for item in subscript.items)


def index_list(
    subscripts: Collection[tree.Subscript], words: Collection[str], rank: int | None = None
) -> tuple[Index, ...]:
    """The indices of subscripts that cannot be part of a name."""
    items = [(subscript, item) for subscript in subscripts for item in subscript.items]
    return _indices(items, words, rank)


def _indices(
    items: list[tuple[tree.Subscript, str]], words: Collection[str], rank: int | None
) -> tuple[Index, ...]:
    if len(items) == 1:
        subscript, item = items[0]
        return _item_indices(subscript, item, words, rank, lone=True)
    found: list[Index] = []
    for subscript, item in items:
        lone = sum(other is subscript for other, _ in items) == 1
        found += _item_indices(subscript, item, words, None, lone=lone)
    return tuple(found)


def _item_indices(
    subscript: tree.Subscript, item: str, words: Collection[str], rank: int | None, *, lone: bool
) -> tuple[Index, ...]:
    numbered = _has_figure(item)
    if item[0].isdigit() or (numbered and not subscript.braced):
        raise IndexNotationError(
            f"{item} mixes a number with indices" if not item.isdigit() else
            f"the number {item} cannot be an index",
            Mark(subscript.span),
            hint="a number is part of the name and stands before the indices, as in  W_{1,ij};\n"
            "an index with a number stands in braces, as in  x_{i1}",
        )  # fmt: skip
    long = numbered or (subscript.braced and not lone) or _is_word(item, words, rank)
    if "(" not in item and long:
        return ((canonical(item),),)
    return _spelled_out(item)


# Both look at the text alone, and a text has few different subscripts.


@lru_cache(maxsize=4096)
def _has_figure(item: str) -> bool:
    return any(sign.isdigit() for sign in item)


@lru_cache(maxsize=4096)
def _spelled_out(item: str) -> tuple[Index, ...]:
    """One index for each letter and for each group in brackets."""
    found: list[Index] = []
    for group, plain in _GROUP_OR_WORD.findall(item):
        if group:
            found.append(tuple(split_letters(group)))
        else:
            found += [(letter,) for letter in split_letters(plain)]
    return tuple(found)


def _is_word(item: str, words: Collection[str], rank: int | None) -> bool:
    """Whether a subscript without comma is one index: a known long name, or Greek by name."""
    if canonical(item) in words:
        return True
    if item not in GREEK:
        return False
    return rank == 1 if len(item) <= LONGEST_PAIR else rank != len(item)


def split_letters(text: str) -> list[str]:
    """Letters with the accents on each.

    >>> split_letters("ijα")
    ['i', 'j', 'α']
    """
    letters: list[str] = []
    for sign in unicodedata.normalize("NFC", text):
        if letters and unicodedata.combining(sign):
            letters[-1] += sign
        else:
            letters.append(sign)
    return letters


def long_index_names(subscripts: Collection[tree.Subscript]) -> set[str]:
    """Index names of several letters: those in a list with a comma, as `{batch, out}`."""
    found: set[str] = set()
    for subscript in subscripts:
        items = [item for item in subscript.items if not item.isdigit()]
        if len(items) > 1:
            found |= {canonical(item) for item in items if len(item) > 1 and "(" not in item}
    return found


def is_plain_letter(name: str) -> bool:
    """Whether the name could be an index: one letter."""
    return len(split_letters(name)) == 1
