"""A formula multiplied by a number, a size or a scalar: how that is written.

In: the tree of a side or of a term, and a coefficient. Out: the text of the multiple, with signs
and numbers taken together.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_query
>>> from indexcalc.claims.edits.spelling import spelling_of
>>> plain = spelling_of("", latex=False)
>>> for text, number in (("2 x_i", "-1/2"), ("-a b/3", "3"), ("y - t", "-1"), ("a + b", "2")):
...     print(multiplied(parse_query(Source(text)).value, Fraction(number), "", plain))
-x_i
-a b
t - y
2 (a + b)
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from indexcalc.claims.edits.places import gaps, grown
from indexcalc.claims.edits.spelling import Spelling
from indexcalc.syntax import tree
from indexcalc.syntax.tree import ProductOperator, Tree

ONE = Fraction(1)
TIMES = (ProductOperator.JUXTAPOSED, ProductOperator.TIMES, ProductOperator.DOT)


@dataclass(frozen=True, slots=True)
class Multiple:
    """A number times what is written; `loose` if that is a sum."""

    number: Fraction
    text: str
    loose: bool


def multiplied(node: Tree, number: Fraction, factor: str, spelling: Spelling) -> str:
    """The text of `number factor node`; `factor` is a text, or empty."""
    if isinstance(node, tree.Sum) and number == -1 and not factor:
        turned = _turned(node)
        if turned:
            return turned
    whole = taken_apart(node)
    total = whole.number * number
    sign, size = ("-" if total < 0 else ""), abs(total)
    body = f"({whole.text})" if whole.loose and (factor or size != 1) else whole.text
    if whole.loose and sign and size == 1 and not factor:
        body = f"({whole.text})"
    front = [spelling.number(size)] if size != 1 or not (factor or body) else []
    return sign + spelling.times.join([*front, *filter(None, [factor, body])])


def taken_apart(node: Tree) -> Multiple:
    """The number in front of what is written (and a number that it is divided by at its end)."""
    sign = ONE
    while isinstance(node, tree.Negative):
        node, sign = node.inner, -sign
    text = _written(node)
    if isinstance(node, tree.Number):
        return Multiple(sign * node.value, "", False)
    if not isinstance(node, tree.Product):
        return Multiple(sign, text, isinstance(node, tree.Sum))
    edges, places = [grown(factor.span) for factor in node.factors], gaps(node)
    first, last = 0, len(node.factors)
    number = sign
    if value := _number(node.factors[0]):
        if node.operators[0] in TIMES:
            number, first = number * value, 1
        elif last > 2 and (below := _number(node.factors[1])) and node.operators[1] in TIMES:
            number, first = number * value / below, 2
    if node.operators[-1] is ProductOperator.DIVIDE and last - first > 1:
        below = _number(node.factors[-1])
        if below and "/" in node.span.source.text[slice(*places[-1])]:
            number, last = number / below, last - 1
    source = node.span.source.text
    return Multiple(number, source[edges[first][0] : edges[last - 1][1]], False)


# --- parts --------------------------------------------------------------------------------------


def _written(node: Tree) -> str:
    start, end = grown(node.span)
    return node.span.source.text[start:end]


def _number(node: Tree) -> Fraction | None:
    """The value of a number, also of a fraction of two in brackets."""
    if isinstance(node, tree.Bracket):
        node = node.inner
    if isinstance(node, tree.Product) and node.operators == (ProductOperator.DIVIDE,):
        over, under = (
            part.inner if isinstance(part, tree.Bracket) else part for part in node.factors
        )
        if isinstance(over, tree.Number) and isinstance(under, tree.Number) and under.value:
            return over.value / under.value
    return node.value if isinstance(node, tree.Number) and node.value else None


def _turned(node: tree.Sum) -> str | None:
    """`a - b` as `b - a`, `-a + b - c` as `a - b + c`."""
    if len(node.terms) == 2 and sorted(node.signs) == [-1, 1]:
        plus, minus = node.terms if node.signs[0] > 0 else node.terms[::-1]
        return f"{_written(minus)} - {_written(plus)}"
    if node.signs[0] > 0:
        return None
    text = _written(node.terms[0])
    for term, sign in zip(node.terms[1:], node.signs[1:], strict=True):
        text += f" {'+' if sign < 0 else '-'} {_written(term)}"
    return text
