"""Edits of brackets: one more, one less, a product grouped in another way, a factor moved out.

In: the scene of a side. Out: drafts.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from indexcalc.claims.edits.places import Level, Place
from indexcalc.claims.edits.products import ENTRYWISE, MATRIX_PRODUCTS, products
from indexcalc.claims.edits.scene import Draft, Scene
from indexcalc.syntax import tree
from indexcalc.syntax.tree import ProductOperator

MOST_OPERANDS = 7
MOST_GROUPINGS = 60


@dataclass(frozen=True, slots=True)
class Group:
    """Some neighbouring factors as one: their text, and the operator that holds them together."""

    text: str
    operator: ProductOperator | None


def brackets(scene: Scene) -> Iterator[Draft]:
    """Brackets around a sum that lacks them, or left out."""
    for place in scene.places:
        node = place.node
        yield from _under_marks(scene, place)
        if isinstance(node, tree.Sum):
            yield from _around_sum(scene, place, node)
        elif _is_written_bracket(place) and place.parent is not None:
            inside = place.text[1:-1]
            told = f"without the brackets around {scene.shown(inside)}"
            yield Draft("brackets", told, scene.spliced((place.start, place.end, inside)))


def groupings(scene: Scene) -> Iterator[Draft]:
    """Every way to group a product that mixes operators."""
    for place in products(scene):
        operands, operators = _opened(scene, place)
        if not 2 < len(operands) <= MOST_OPERANDS or len(set(map(_held, operators))) < 2:
            continue
        for text in _grouped(scene, operands, operators):
            draft = scene.replaced(place, text, Level.PRODUCT)
            yield Draft("brackets", f"brackets: {scene.shown(text)}", draft)


def moved_out(scene: Scene) -> Iterator[Draft]:
    """A matrix at either end of what a function is applied to, outside of the function."""
    for place in scene.places:
        node = place.node
        if not isinstance(node, tree.Apply) or len(node.arguments) != 1:
            continue
        head = scene.text_between(place.start, scene.edges(node.head)[1])
        inner, words = node.arguments[0], [head]
        if isinstance(inner, tree.Apply) and len(inner.arguments) == 1:
            words.append(scene.written(inner.head))
            inner = inner.arguments[0]
        if not isinstance(inner, tree.Product) or inner.operators[0] not in MATRIX_PRODUCTS:
            continue
        first = scene.written(inner.factors[0])
        rest = scene.text_between(scene.edges(inner.factors[1])[0], scene.edges(inner)[1])
        left = f"({scene.spelling.kronecker('I', first)})" if words[-1] == "vec" else first
        text = f"{left} {'('.join(words)}({rest}{')' * len(words)}"
        told = f"{scene.shown(first)} outside of {head}"
        holder = place.parent.node if place.parent is not None else None
        if isinstance(holder, tree.Product) and set(holder.operators) <= set(MATRIX_PRODUCTS):
            yield Draft("brackets", told, scene.spliced((place.start, place.end, text)))
        yield Draft("brackets", told, scene.replaced(place, text, Level.PRODUCT))


# --- parts --------------------------------------------------------------------------------------


def _is_written_bracket(place: Place) -> bool:
    return isinstance(place.node, tree.Bracket) and place.text.startswith("(")


def _around_sum(scene: Scene, place: Place, node: tree.Sum) -> Iterator[Draft]:
    """`a + b c` as `(a + b) c`, `a b + c` as `a (b + c)`, and between any two terms."""
    for first, last in itertools.combinations(range(len(node.terms)), 2):
        starts = _starts(scene, node.terms[first], place.start if first == 0 else None)
        for start in starts:
            for end in _ends(scene, node.terms[last]):
                if (start, end) == (place.start, place.end):
                    continue
                yield _bracketed(scene, start, end)


def _under_marks(scene: Scene, place: Place) -> Iterator[Draft]:
    """`A B^T` as `(A B)^T`: what a mark hangs on begins earlier."""
    node = place.node
    if not isinstance(node, tree.Power | tree.Transpose | tree.Primed | tree.Subscripted):
        return
    end = scene.edges(node.base)[1]
    if isinstance(node, tree.Subscripted) and scene.name(node) is not None:
        return
    for holder in place.holders():
        if isinstance(holder.node, tree.Product | tree.Sum):
            for child in holder.node.children():
                start = scene.edges(child)[0]
                if start < place.start:
                    yield _bracketed(scene, start, end)
            if isinstance(holder.node, tree.Product):
                continue
        if not isinstance(holder.node, tree.Negative):
            return


def _bracketed(scene: Scene, start: int, end: int) -> Draft:
    inside = scene.shown(scene.text_between(start, end))
    text = scene.spliced((start, start, "("), (end, end, ")"))
    return Draft("brackets", f"brackets around {inside}", text)


def _starts(scene: Scene, term: tree.Tree, sign: int | None) -> list[int]:
    """Where a bracket that begins in a term may open; `sign` is where its sign stands."""
    own = [sign if sign is not None else scene.edges(term)[0], scene.edges(term)[0]]
    if isinstance(term, tree.Product):
        own += [scene.edges(factor)[0] for factor in term.factors]
    return list(dict.fromkeys(own))


def _ends(scene: Scene, term: tree.Tree) -> list[int]:
    """Where a bracket that ends in a term may close."""
    parts = term.factors if isinstance(term, tree.Product) else (term,)
    found: list[int] = []
    for part in parts:
        if isinstance(part, tree.Power | tree.Transpose | tree.Primed):
            found.append(scene.edges(part.base)[1])
        found.append(scene.edges(part)[1])
    return list(dict.fromkeys(found))


def _opened(scene: Scene, place: Place) -> tuple[list[str], list[ProductOperator]]:
    """The factors of a product, with those of products in brackets among them."""
    node = place.node
    assert isinstance(node, tree.Product)
    texts: list[str] = []
    operators: list[ProductOperator] = []
    for factor, operator in zip(node.factors, (None, *node.operators), strict=True):
        if operator is not None:
            operators.append(operator)
        inner = factor.inner if isinstance(factor, tree.Bracket) else None
        if isinstance(inner, tree.Product) and all(map(_regroups, inner.operators)):
            texts += [scene.written(part) for part in inner.factors]
            operators += inner.operators
        else:
            texts.append(scene.written(factor))
    return texts, operators


def _regroups(operator: ProductOperator) -> bool:
    return operator in MATRIX_PRODUCTS or operator in ENTRYWISE or (
        operator is ProductOperator.KRONECKER
    )  # fmt: skip


def _held(operator: ProductOperator) -> ProductOperator:
    """Operators that group among themselves as one likes are one kind."""
    if operator in MATRIX_PRODUCTS:
        return ProductOperator.JUXTAPOSED
    return ProductOperator.HADAMARD if operator in ENTRYWISE else operator


def _grouped(scene: Scene, operands: list[str], operators: list[ProductOperator]) -> list[str]:
    """The texts of all groupings, as in a chart of intervals."""
    chart: dict[tuple[int, int], dict[str, Group]] = {
        (k, k): {text: Group(text, None)} for k, text in enumerate(operands)
    }
    for length in range(1, len(operands)):
        for start in range(len(operands) - length):
            found: dict[str, Group] = {}
            for middle in range(start, start + length):
                for left in chart[start, middle].values():
                    for right in chart[middle + 1, start + length].values():
                        group = _both(scene, left, right, operators[middle])
                        found.setdefault(group.text, group)
            chart[start, start + length] = dict(list(found.items())[:MOST_GROUPINGS])
    return list(chart[0, len(operands) - 1])


def _both(scene: Scene, left: Group, right: Group, operator: ProductOperator) -> Group:
    sign = f" {scene.spelling.hadamard} " if operator in ENTRYWISE else (
        scene.spelling.operator(operator)
    )  # fmt: skip
    texts = [
        group.text if group.operator in (None, _held(operator)) else f"({group.text})"
        for group in (left, right)
    ]
    return Group(f"{texts[0]}{sign}{texts[1]}", _held(operator))
