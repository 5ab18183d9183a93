"""Scopes: where a sum over a repeated index may stand.

In: a tree. Out: its parts, each told to be a term of its own or a factor of the surrounding term. A
term of a sum, a bracket, a function's argument, a power's base, a denominator is a term: indices
that repeat in it are summed there. What stands in a product is a factor: its indices count for the
product; so is the numerator of a fraction in LaTeX, whose braces are not seen.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_query
>>> query = parse_query(Source("2 (b_j + 1)/c_k"))
>>> [(part.span.text, is_term) for part, is_term in parts(query.value, True, Known())]
[('2', False), ('(b_j + 1)', False), ('c_k', True)]
"""

from __future__ import annotations

from collections.abc import Iterator

from indexcalc.elaborate.names import is_name
from indexcalc.elaborate.uses import Known, is_transposition
from indexcalc.syntax import tree
from indexcalc.syntax.factors import DIVISIONS
from indexcalc.syntax.tree import Tree

Part = tuple[Tree, bool]


def is_leaf(node: Tree) -> bool:
    """Whether nothing is inside: a number, or a name with nothing but labels and indices."""
    return isinstance(node, tree.Number) or is_name(node)


def is_transparent(node: Tree) -> bool:
    """Whether the indices inside count for the product that `node` is a factor of."""
    return isinstance(node, tree.Negative) or (isinstance(node, tree.Bracket) and not node.is_scope)


def parts(node: Tree, is_term: bool, known: Known) -> list[Part]:
    """The expressions directly inside `node`, in source order, and whether each is a term."""
    if is_leaf(node):
        return []
    match node:
        case tree.Negative() | tree.Bracket() if is_transparent(node):
            return [(node.inner, is_term)]
        case tree.Product():
            return list(_factors(node))
        case tree.Apply():
            return [(argument, True) for argument in node.arguments]
        case tree.Power() if is_transposition(node.exponent, known):
            return [(node.base, True)]
        case tree.Subscripted():
            return [] if isinstance(node.base, tree.Number) else [(node.base, True)]
        case tree.Iverson():
            return [(node.condition, False)]
        case tree.Reduction():
            return [(node.body, True)]
        case tree.Derivative():
            numerator = (node.numerator, not is_leaf(node.numerator))
            return [numerator, *((variable, False) for variable in node.variables)]
        case _:
            return [(child, True) for child in node.children()]


def _factors(product: tree.Product) -> Iterator[Part]:
    yield product.factors[0], False
    for factor, operator in zip(product.factors[1:], product.operators, strict=True):
        yield factor, operator in DIVISIONS
