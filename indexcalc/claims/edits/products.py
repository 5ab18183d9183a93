"""Edits of products: their operators, the order and the number of their factors.

In: the scene of a side. Out: drafts, those that people need most first.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from indexcalc.claims.edits.places import Level, Place, gaps, is_fraction
from indexcalc.claims.edits.scene import Draft, Scene
from indexcalc.syntax import tree
from indexcalc.syntax.tree import ProductOperator

JUXTAPOSED, HADAMARD = ProductOperator.JUXTAPOSED, ProductOperator.HADAMARD
TIMES, DIVIDE = ProductOperator.TIMES, ProductOperator.DIVIDE
MATRIX_PRODUCTS = (JUXTAPOSED, TIMES, ProductOperator.DOT)
ENTRYWISE = (HADAMARD, ProductOperator.SMALL_CIRCLE)
QUOTIENTS = (DIVIDE, ProductOperator.HADAMARD_DIVIDE)
INSTEAD = {
    JUXTAPOSED: (HADAMARD,),
    HADAMARD: (JUXTAPOSED, ProductOperator.HADAMARD_DIVIDE),
    ProductOperator.FROBENIUS: (JUXTAPOSED, HADAMARD),
    ProductOperator.KRONECKER: (JUXTAPOSED, HADAMARD),
    DIVIDE: (JUXTAPOSED,),
    ProductOperator.HADAMARD_DIVIDE: (HADAMARD,),
}
RARELY_INSTEAD = {
    JUXTAPOSED: (ProductOperator.FROBENIUS, ProductOperator.KRONECKER, DIVIDE),
}
WORDS = {
    JUXTAPOSED: "the matrix product", DIVIDE: "the quotient", ProductOperator.FROBENIUS: ":",
    ProductOperator.KRONECKER: "⊗", ProductOperator.HADAMARD_DIVIDE: "./",
}  # fmt: skip


def operators(scene: Scene) -> Iterator[Draft]:
    """A Hadamard for a matrix product and back, and the like."""
    return _other_operators(scene, INSTEAD)


def rare_operators(scene: Scene) -> Iterator[Draft]:
    """A matrix product for one that people seldom take it for."""
    return _other_operators(scene, RARELY_INSTEAD)


def _other_operators(
    scene: Scene, instead: Mapping[ProductOperator, tuple[ProductOperator, ...]]
) -> Iterator[Draft]:
    for place in products(scene):
        node = place.node
        assert isinstance(node, tree.Product)
        for slot, (gap, written) in enumerate(zip(gaps(node), node.operators, strict=True)):
            old = _kind(written)
            for new in instead.get(old, ()):
                left, right = node.factors[slot], node.factors[slot + 1]
                places = f"between {_short(scene, left)} and {_short(scene, right)}"
                told = f"{_word(scene, new)} instead of {_word(scene, old)} {places}"
                text = scene.spliced((*gap, scene.spelling.operator(new)))
                yield Draft("operator", told, text)


def swaps(scene: Scene) -> Iterator[Draft]:
    """Two factors in the other order, all factors in reverse, two arguments exchanged."""
    for place in scene.places:
        if isinstance(place.node, tree.Apply) and len(place.node.arguments) == 2:
            yield _exchanged(scene, place.node.arguments[0], place.node.arguments[1])
    for place in products(scene):
        node = place.node
        assert isinstance(node, tree.Product)
        free = [k for k in range(len(node.factors)) if not _divides(node, k)]
        pairs = sorted(itertools.combinations(free, 2), key=lambda pair: pair[1] - pair[0])
        for first, second in pairs:
            yield _exchanged(scene, node.factors[first], node.factors[second])
        if len(free) == len(node.factors) > 3:
            spans = [scene.edges(factor) for factor in node.factors]
            texts = [scene.text_between(*span) for span in reversed(spans)]
            changes = [(*span, text) for span, text in zip(spans, texts, strict=True)]
            told = f"the factors of {scene.shown(place.text)} in reverse"
            yield Draft("swap", told, scene.spliced(*changes))
        for slot, operator in enumerate(node.operators):
            if operator in QUOTIENTS:
                yield _exchanged(scene, node.factors[slot], node.factors[slot + 1])


def left_out(scene: Scene) -> Iterator[Draft]:
    """One factor or one term less."""
    for place in scene.places:
        node = place.node
        if isinstance(node, tree.Product) and not is_fraction(place):
            for slot in range(len(node.factors)):
                told = f"without {_short(scene, node.factors[slot])}"
                if slot == 0 and node.operators[0] in QUOTIENTS:
                    continue
                yield Draft("factor", told, scene.spliced(_cut(scene, place, node, slot)))
        elif isinstance(node, tree.Sum):
            yield from _terms_left_out(scene, place, node)


def products(scene: Scene) -> Iterator[Place]:
    """The products whose factors stand next to each other."""
    for place in scene.places:
        if isinstance(place.node, tree.Product) and not is_fraction(place):
            yield place


# --- parts --------------------------------------------------------------------------------------


def _kind(operator: ProductOperator) -> ProductOperator:
    if operator in MATRIX_PRODUCTS:
        return JUXTAPOSED
    return HADAMARD if operator in ENTRYWISE else operator


def _word(scene: Scene, operator: ProductOperator) -> str:
    return WORDS.get(operator, scene.spelling.hadamard_sign)


def _short(scene: Scene, factor: tree.Tree) -> str:
    return scene.shown(scene.written(factor))


def _divides(node: tree.Product, slot: int) -> bool:
    return slot > 0 and node.operators[slot - 1] in QUOTIENTS


def _exchanged(scene: Scene, left: tree.Tree, right: tree.Tree) -> Draft:
    told = f"{_short(scene, left)} and {_short(scene, right)} swapped"
    first, second = scene.edges(left), scene.edges(right)
    changes = ((*first, scene.written(right)), (*second, scene.written(left)))
    return Draft("swap", told, scene.spliced(*changes))


def _cut(scene: Scene, place: Place, node: tree.Product, slot: int) -> tuple[int, int, str]:
    """What goes with a factor: the operator before it, or behind it if it is the first."""
    edges = [scene.edges(factor) for factor in node.factors]
    if slot == 0:
        return place.start, edges[1][0], ""
    rest = " " if slot + 1 < len(edges) else ""
    return edges[slot - 1][1], edges[slot][1], rest


def _terms_left_out(scene: Scene, place: Place, node: tree.Sum) -> Iterator[Draft]:
    edges = [scene.edges(term) for term in node.terms]
    for slot, term in enumerate(node.terms):
        told = f"without the term {_short(scene, term)}"
        if slot:
            change = (edges[slot - 1][1], edges[slot][1], "")
        else:
            change = (place.start, edges[1][0], "-" if node.signs[1] < 0 else "")
        yield Draft("term", told, scene.spliced(change))
    if len(node.terms) == 2 and place.parent is not None:
        for slot, term in enumerate(node.terms):
            sign = "-" if node.signs[slot] < 0 else ""
            level = Level.NEGATIVE if sign else Level.PRODUCT
            told = f"without the term {_short(scene, node.terms[1 - slot])}"
            holder = place.parent
            if isinstance(holder.node, tree.Bracket) and holder.text.startswith("("):
                text = scene.replaced(holder, sign + scene.written(term), level)
                yield Draft("term", told, text)
