"""Declarations: extents as they are written, and the traits of a tensor.

In: the trees of `W[m, n] positive`. Out: `Extent`s and checked traits.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_query
>>> declaration = parse_query(Source("W[m-1, 2 p n]"))
>>> [str(read_extent(extent)) for extent in declaration.names[0].extents]
['m-1', '2*n*p']
"""

from __future__ import annotations

from indexcalc.elaborate.calls import postorder
from indexcalc.elaborate.names import declared_name, is_name
from indexcalc.elaborate.uses import walk
from indexcalc.elaborate.vocabulary import SQUARE_TRAITS, TRAITS
from indexcalc.errors import (
    FormulaError,
    FormulaSyntaxError,
    LimitError,
    Mark,
    ShapeError,
    UnknownNameError,
    counted,
)
from indexcalc.ir.extent import Extent
from indexcalc.syntax import tree
from indexcalc.syntax.tree import ProductOperator, Tree

TIMES = {ProductOperator.JUXTAPOSED, ProductOperator.TIMES, ProductOperator.DOT}
MINUS_ONE = Extent.fixed(-1)
MOST_TERMS = 200


def read_extent(root: Tree) -> Extent:
    """A polynomial in named sizes: `m`, `3`, `m-1`, `p*n`.

    Raises `ShapeError` for anything else and for a negative number.
    """
    made: dict[Tree, Extent] = {}
    for node in postorder(root):
        if is_name(node):
            made[node] = Extent.named(declared_name(node))
        elif not isinstance(node, tree.Subscript):
            made[node] = _combined(node, made)
    extent = made[root]
    if extent.size is not None and extent.size < 0:
        raise ShapeError(f"an extent cannot be negative: {extent}", Mark(root.span))
    return extent


def _combined(node: Tree, made: dict[Tree, Extent]) -> Extent:
    match node:
        case tree.Number() if node.value.denominator == 1:
            return Extent.fixed(int(node.value))
        case tree.Bracket() | tree.Negative():
            inner = made[node.inner]
            return MINUS_ONE * inner if isinstance(node, tree.Negative) else inner
        case tree.Sum():
            total = Extent(())
            for term, sign in zip(node.terms, node.signs, strict=True):
                total = total + (MINUS_ONE * made[term] if sign < 0 else made[term])
            return total
        case tree.Product() if set(node.operators) <= TIMES:
            return _product(node, [made[factor] for factor in node.factors])
        case _:
            raise ShapeError(
                f"{node.span.text} is no extent",
                Mark(node.span),
                hint="write names, whole numbers, sums and products, as in  W[m-1, 2 n]",
            )


def _product(node: tree.Product, factors: list[Extent]) -> Extent:
    product = Extent.fixed(1)
    for factor in factors:
        degree = max((len(names) for names, _ in product.terms), default=0)
        if len(product.terms) * len(factor.terms) > MOST_TERMS or degree > MOST_TERMS:
            raise LimitError(
                f"an extent has more than {MOST_TERMS} terms when it is multiplied out",
                Mark(node.span),
            )
        product = product * factor
    return product


def extent_names(root: Tree) -> list[tuple[str, Tree]]:
    """The names that stand in an extent, with their places."""
    parts = walk(root, lambda n: () if is_name(n) else n.children())
    return [(declared_name(part), part) for part in parts if is_name(part)]


def check_traits(declaration: tree.Declaration) -> frozenset[str]:
    """The traits of a declaration.

    Raises `UnknownNameError` for an unknown one, `FormulaSyntaxError` behind a list (of the last
    name, or of all?), `ShapeError` for a symmetric tensor that is no matrix.
    """
    if declaration.traits and len(declaration.names) > 1:
        raise _trait_of_a_list(declaration)
    for trait in declaration.traits:
        if trait not in TRAITS:
            raise UnknownNameError(
                f"{trait} is no trait of a tensor",
                Mark(declaration.span),
                hint="traits are  " + ", ".join(TRAITS),
            )
    square = sorted(SQUARE_TRAITS & set(declaration.traits))
    for declared in declaration.names:
        if square and len(declared.extents) != 2:
            raise ShapeError(
                f"only a matrix can be {square[0]}; {declared.name.span.text} has "
                f"{counted(len(declared.extents), 'axis', 'axes')}",
                Mark(declared.span),
                hint=f"write  A[n, n] {square[0]}",
            )
    return frozenset(declaration.traits)


def refuse_missing_comma(declared: tree.Declared) -> None:
    """Refuse `A[m n]`, where one axis of `m*n` and two axes are both likely.

    Raises `FormulaSyntaxError`.
    """
    extents = declared.extents
    only = extents[0] if len(extents) == 1 else None
    if not isinstance(only, tree.Product) or any(
        operator is not ProductOperator.JUXTAPOSED for operator in only.operators
    ):
        return
    parts = [factor.span.text for factor in only.factors]
    if any(isinstance(factor, tree.Number) for factor in only.factors):
        return
    name = declared.name.span.text
    raise FormulaSyntaxError(
        f"{declared.span.text} has two readings: {len(parts)} axes, or one of a product",
        Mark(declared.span),
        hint=f"write  {name}[{', '.join(parts)}]  for {len(parts)} axes,\n"
        f"or  {name}[{'*'.join(parts)}]  for one",
    )


def _trait_of_a_list(declaration: tree.Declaration) -> FormulaSyntaxError:
    traits = " ".join(declaration.traits)
    texts = [declared.span.text for declared in declaration.names]
    each = "; ".join(f"{text} {traits}" for text in texts)
    return FormulaSyntaxError(
        f"{traits} behind a list of names has two readings: of the last one, or of all",
        Mark(declaration.span),
        hint=f"write  {', '.join(texts[:-1])}; {texts[-1]} {traits}  for the last one,\n"
        f"or  {each}  for all",
    )


def declared_twice(name: str, first: Mark, second: Mark) -> FormulaError:
    """The error for two declarations or definitions of one name."""
    return FormulaError(
        f"{name} has two meanings", first, second, hint="give one of them another name"
    )
