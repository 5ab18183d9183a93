"""Edits that bring something in: a factor of the program, another name, a transpose added.

In: the scene of a side. Out: drafts, those with names that the side has already last.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from indexcalc.claims.edits.letters import indexed
from indexcalc.claims.edits.places import Level, Place, gaps
from indexcalc.claims.edits.products import MATRIX_PRODUCTS, QUOTIENTS, products
from indexcalc.claims.edits.scene import Draft, Known, Scene
from indexcalc.syntax import tree
from indexcalc.syntax.tree import ProductOperator

MOST_INDICES = 3
MOST_TERMS = 40


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that could be a factor, as it is written."""

    text: str
    scalar: bool = False


def other_names(scene: Scene) -> Iterator[Draft]:
    """A name of the program where another one stands."""
    for place in scene.places:
        name = scene.name(place.node)
        own = _known(scene, name)
        if own is None:
            continue
        for other in scene.pool.names:
            same = len(other.shape) == len(own.shape)
            if other.name == own.name or not same:
                continue
            text = _renamed(scene, place, other)
            told = f"{scene.shown(text)} instead of {scene.shown(place.text)}"
            yield Draft("name", told, scene.replaced(place, text))


def exchanged_names(scene: Scene) -> Iterator[Draft]:
    """Two names of one rank, each where the other one stands."""
    places: dict[str, list[Place]] = {}
    for place in scene.places:
        name = scene.name(place.node)
        if name is not None and _known(scene, name) is not None:
            places.setdefault(name, []).append(place)
    for first, second in itertools.combinations(places, 2):
        one, other = _known(scene, first), _known(scene, second)
        if one is None or other is None or len(one.shape) != len(other.shape):
            continue
        changes = [
            (place.start, place.end, _renamed(scene, place, new))
            for name, new in ((first, other), (second, one))
            for place in places[name]
        ]
        told = f"{scene.shown(one.text)} and {scene.shown(other.text)} exchanged"
        yield Draft("name", told, scene.spliced(*changes))


def _renamed(scene: Scene, place: Place, known: Known) -> str:
    letters = scene.indices(place.node)
    return known.text if letters is None else scene.spelling.indexed(known.name, letters)


def factors_in_indices(scene: Scene) -> Iterator[Draft]:
    """A factor with indices more, in each product and next to each single factor."""
    if not any(True for _ in indexed(scene)) and not scene.letters:
        return
    yield from inserted(scene, list(indexed_factors(scene)))


def factors_of_matrices(scene: Scene) -> Iterator[Draft]:
    """A matrix, vector or scalar more, at each place of each product."""
    pool = list(matrix_factors(scene))
    yield from inserted(scene, pool)
    yield from inserted_between(scene, pool)


def inserted(scene: Scene, pool: Sequence[Factor]) -> Iterator[Draft]:
    """Each factor of the pool next to each product, and to each single factor."""
    times = scene.spelling.times
    signs = [times]
    if not scene.letters_written:
        signs.append(scene.spelling.operator(ProductOperator.HADAMARD))
    for place in scene.places:
        if not _takes_factor(place):
            continue
        divided = isinstance(place.node, tree.Product) and place.node.operators[-1] in QUOTIENTS
        for factor in pool:
            told = f"missing factor {scene.shown(factor.text)}"
            if place.text == "1":
                yield Draft("factor", told, scene.replaced(place, factor.text, Level.POWER))
                continue
            for sign in signs[:1] if factor.scalar else signs:
                before = f"{factor.text}{sign}{place.text}"
                behind = f"{place.text}{sign}{factor.text}"
                if factor.scalar or divided or sign is not times:
                    texts = [before]
                elif scene.letters_written or isinstance(place.node, tree.Number):
                    texts = [behind]
                else:
                    texts = [before, behind]
                for text in texts:
                    yield Draft("factor", told, scene.replaced(place, text, Level.PRODUCT))


def inserted_between(scene: Scene, pool: Sequence[Factor]) -> Iterator[Draft]:
    """Each factor of the pool between any two factors of a product."""
    times = scene.spelling.times
    hadamard = scene.spelling.operator(ProductOperator.HADAMARD)
    for place in products(scene):
        node = place.node
        assert isinstance(node, tree.Product)
        for gap, operator in zip(gaps(node), node.operators, strict=True):
            if operator not in MATRIX_PRODUCTS:
                continue
            for factor in pool:
                if factor.scalar:
                    continue
                told = f"missing factor {scene.shown(factor.text)}"
                for sign in (times, hadamard):
                    change = (*gap, f"{times}{factor.text}{sign}")
                    yield Draft("factor", told, scene.spliced(change))


def _may_be_square(scene: Scene, node: tree.Tree) -> bool:
    """Whether a part could be a square matrix, or a component of one."""
    if isinstance(node, tree.Apply):
        return scene.name(node.head) == "inv"
    return bool(scene.indices(node)) or scene.rank(node) in {2, None}


def terms_added(scene: Scene) -> Iterator[Draft]:
    """A name or a one as a term more, where a sum may stand."""
    for place in scene.places:
        if place.need is not Level.SUM or isinstance(place.node, tree.Bracket):
            continue
        for text, sign in itertools.product(_possible_terms(scene, place), "+-"):
            told = f"missing term {'' if sign == '+' else '-'}{scene.shown(text)}"
            new = f"{place.text} {sign} {text}"
            yield Draft("term", told, scene.replaced(place, new, Level.SUM))


def _possible_terms(scene: Scene, place: Place) -> list[str]:
    """One, and names: with the indices that the place has, if there are any."""
    if not scene.letters_written:
        return ["1", scene.spelling.identity, *(known.text for known in scene.pool.names)]
    inside = [indices for other, indices in indexed(scene)
              if place.start <= other.start and other.end <= place.end]  # fmt: skip
    used = tuple(dict.fromkeys(itertools.chain.from_iterable(inside)))
    texts = ["1"]
    for known in scene.pool.names:
        for letters in itertools.permutations(used, len(known.shape)):
            own = scene.spelling.indexed(known.name, letters) if letters else known.text
            texts.append(own)
    return texts[:MOST_TERMS]


def symmetrised(scene: Scene) -> Iterator[Draft]:
    """`A + A^T` for a matrix `A`, for `2 A`, and half of it."""
    return _symmetrised(scene, brackets=False)


def symmetrised_brackets(scene: Scene) -> Iterator[Draft]:
    """As `symmetrised`, for what stands in brackets and for whole sides."""
    return _symmetrised(scene, brackets=True)


def _symmetrised(scene: Scene, *, brackets: bool) -> Iterator[Draft]:
    for place in scene.places:
        node = place.node
        if isinstance(node, tree.Bracket | tree.Product) is not brackets:
            continue
        if isinstance(node, tree.Sum | tree.Negative | tree.Power) or not _may_be_square(
            scene, node
        ):
            continue
        if scene.is_transposed(node) or (place.parent and place.need is Level.ATOM):
            continue
        pieces = _with_transpose(scene, place)
        if pieces is None:
            continue
        both = f"{pieces[0]} + {pieces[1]}"
        half = scene.spelling.number(Fraction(1, 2))
        told = f"missing symmetrisation: {scene.shown(both)} instead of {scene.shown(place.text)}"
        yield Draft("symmetry", told, scene.replaced(place, both, Level.SUM))
        yield from _instead_of_twice(scene, place, both)
        text = f"{half} ({both})"
        told = f"missing symmetrisation: {scene.shown(text)} instead of {scene.shown(place.text)}"
        yield Draft("symmetry", told, scene.replaced(place, text, Level.PRODUCT))


def indexed_factors(scene: Scene) -> Iterator[Factor]:
    """What could be a factor of a formula in indices: names with letters of the claim, calls."""
    used = scene.letters_used()
    for size in scene.pool.sizes:
        yield Factor(size, True)
    for known in scene.pool.names:
        if not known.shape:
            yield Factor(known.text, True)
    for text in scene.pool.applications:
        yield Factor(text)
    for known in scene.pool.names:
        if 0 < len(known.shape) <= MOST_INDICES:
            for letters in itertools.permutations(used, len(known.shape)):
                yield Factor(scene.spelling.indexed(known.name, letters))


def matrix_factors(scene: Scene) -> Iterator[Factor]:
    """What could be a factor of a formula in matrices: names, their transposes, calls."""
    for size in scene.pool.sizes:
        yield Factor(size, True)
    for known in scene.pool.names:
        yield Factor(known.text, not known.shape)
    for text in scene.pool.applications:
        yield Factor(text)
    yield Factor(scene.spelling.identity)
    for known in scene.pool.names:
        if known.shape:
            yield Factor(scene.spelling.transposed(known.text))


# --- parts --------------------------------------------------------------------------------------


def _known(scene: Scene, name: str | None) -> Known | None:
    return next((known for known in scene.pool.names if known.name == name), None)


def _takes_factor(place: Place) -> bool:
    """Whether a factor may be put next to what stands there: a product, or a term alone."""
    node = place.node
    if isinstance(node, tree.Sum | tree.Negative):
        return False
    if isinstance(node, tree.Product):
        return True
    return place.need <= Level.PRODUCT or isinstance(node, tree.Bracket | tree.Apply)


def _with_transpose(scene: Scene, place: Place) -> tuple[str, str] | None:
    """A factor and its transpose."""
    letters = scene.indices(place.node)
    if letters is None:
        return place.text, scene.spelling.transposed(scene.atom(place))
    if len(letters) != 2 or scene.name(place.node) is None:
        return None
    name = scene.name(place.node) or ""
    return place.text, scene.spelling.indexed(name, letters[::-1])


def _instead_of_twice(scene: Scene, place: Place, both: str) -> Iterator[Draft]:
    holder = place.parent
    if holder is None or not isinstance(holder.node, tree.Product):
        return
    first = holder.node.factors[0]
    if isinstance(first, tree.Number) and first.value == 2 and place.slot > 0:
        start = scene.edges(holder.node.factors[1])[0]
        change = (holder.start, start, "")
        text = scene.spliced(change, (place.start, place.end, f"({both})"))
        told = f"missing symmetrisation: {scene.shown(both)} instead of 2 {scene.shown(place.text)}"
        yield Draft("symmetry", told, text)
