"""The places of a formula where something else could stand.

In: the tree of one side of a claim. Out: its parts in source order, each with the characters that
it takes, what holds it, and how loose an expression may stand there without brackets.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_query
>>> side = parse_query(Source("A ⊙ (b + c) - d")).value
>>> [place.text for place in places_of(side)]
['A ⊙ (b + c) - d', 'A ⊙ (b + c)', 'A', '(b + c)', 'b + c', 'b', 'c', 'd']
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from indexcalc.errors import Span
from indexcalc.syntax import tree
from indexcalc.syntax.tree import ProductOperator, Tree

# A font around one name belongs to the name: \mathbf{a}, {\bf W}.
FONT = re.compile(r"\\(?:math[a-z]+|bm|boldsymbol|pmb|text[a-z]*|operatorname\*?)\s*\{\s*\Z")
SWITCH = re.compile(r"\{\s*\\(?:bf|rm|it|tt|sf|cal|boldsymbol)\s+\Z")


class Level(IntEnum):
    """How tightly an expression holds together, loosest first."""

    SUM = 0
    NEGATIVE = 1
    PRODUCT = 2
    POWER = 3
    ATOM = 4


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A part of a formula: `start` and `end` in the source, `need` is the loosest that fits."""

    node: Tree
    parent: Place | None
    slot: int
    need: Level
    start: int
    end: int

    @property
    def text(self) -> str:
        """The characters that stand there."""
        return self.node.span.source.text[self.start : self.end]

    @property
    def level(self) -> Level:
        """How tightly what stands there holds together."""
        return level_of(self.node)

    def holders(self) -> Iterator[Place]:
        """What holds this place, from the inside out."""
        place = self.parent
        while place is not None:
            yield place
            place = place.parent


def level_of(node: Tree) -> Level:
    """How tightly an expression holds together."""
    match node:
        case tree.Sum() | tree.Comparison():
            return Level.SUM
        case tree.Negative():
            return Level.NEGATIVE
        case tree.Product() | tree.Reduction():
            return Level.PRODUCT
        case tree.Power() | tree.Derivative():
            return Level.POWER
        case _:
            return Level.ATOM


def places_of(side: Tree) -> tuple[Place, ...]:
    """All parts of one side of a claim that stand for a value, in source order."""
    found: list[Place] = []
    start, end = grown(side.span)
    stack = [Place(side, None, 0, Level.SUM, start, end)]
    while stack:
        place = stack.pop()
        if not is_braces(place):
            found.append(place)
        stack += reversed(list(_below(place)))
    return tuple(found)


def is_braces(place: Place) -> bool:
    r"""Whether these are the braces of `\frac{a}{b}`, which have to stay."""
    return isinstance(place.node, tree.Bracket) and place.text.startswith("{")


def is_fraction(place: Place) -> bool:
    """Whether a product is a fraction, whose parts do not stand next to each other."""
    node = place.node
    if not isinstance(node, tree.Product):
        return False
    between = [place.node.span.source.text[a:b] for a, b in gaps(node)]
    quotients = (ProductOperator.DIVIDE, ProductOperator.HADAMARD_DIVIDE)
    return any(
        operator in quotients and not re.search(r"[/⊘÷]", gap)
        for gap, operator in zip(between, node.operators, strict=True)
    )


def gaps(product: tree.Product) -> list[tuple[int, int]]:
    """What stands between the factors: where it starts and ends."""
    edges = [grown(factor.span) for factor in product.factors]
    return [(left[1], right[0]) for left, right in itertools.pairwise(edges)]


def _below(place: Place) -> Iterator[Place]:
    for slot, (child, need) in enumerate(_operands(place.node)):
        start, end = grown(child.span)
        yield Place(child, place, slot, need, start, end)


def _operands(node: Tree) -> list[tuple[Tree, Level]]:
    """What a node holds that has a value, with the loosest that may stand there."""
    match node:
        case tree.Sum():
            return [(term, Level.PRODUCT) for term in node.terms]
        case tree.Product():
            return [(factor, Level.POWER) for factor in node.factors]
        case tree.Negative():
            return [(node.inner, Level.PRODUCT)]
        case tree.Bracket() | tree.Norm() | tree.Absolute():
            return [(node.inner, Level.SUM)]
        case tree.Apply():
            return [(argument, Level.SUM) for argument in node.arguments]
        case tree.Reduction():
            return [(node.body, Level.PRODUCT)]
        case tree.Subscripted():
            return [] if is_name(node.base) else [(node.base, Level.ATOM)]
        case tree.Power() | tree.Primed() | tree.Transpose():
            return [(node.base, Level.ATOM)]
        case _:
            return []


def is_name(node: Tree) -> bool:
    """Whether a node is a name, with its labels and indices."""
    while isinstance(node, tree.Subscripted | tree.Labelled):
        node = node.base
    return isinstance(node, tree.Name)


def grown(span: Span) -> tuple[int, int]:
    r"""The characters of a span with the font around it, and with all its braces.

    >>> from indexcalc.errors import Source
    >>> text = r"2 \mathbf{a} + {\bf W}_{1}"
    >>> for name in "aW":
    ...     place = text.rindex(name)
    ...     print(text[slice(*grown(Span(Source(text), place, place + 1)))])
    \mathbf{a}
    {\bf W}
    """
    text, start, end = span.source.text, span.start, span.end
    if "\\" not in text:
        return start, end
    while missing := _unopened(text[start:end]):
        opened = _opener(text, start, missing)
        if opened is None:
            return span.start, span.end
        start = opened
    while end < len(text) and text[end : end + 1] == "}":
        opening = FONT.search(text, 0, start) or SWITCH.search(text, 0, start)
        if opening is None:
            break
        start, end = opening.start(), end + 1
    return start, end


def _unopened(text: str) -> int:
    """How many braces of a text close without having been opened in it."""
    depth = lowest = 0
    for sign in text:
        depth += (sign == "{") - (sign == "}")
        lowest = min(lowest, depth)
    return -lowest


def _opener(text: str, start: int, missing: int) -> int | None:
    """Where the brace opens that closes behind `start`, with the font command before it."""
    depth = missing
    for place in range(start - 1, -1, -1):
        depth += (text[place] == "}") - (text[place] == "{")
        if depth == 0:
            font = FONT.search(text, 0, place + 1)
            return font.start() if font else place
    return None
