"""What people get wrong, as changes of a right formula.

In: the scene of a right side. Out: for each kind of mistake, the wrong sides. They are made on
their own, not by inverting what the search for an edit tries.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator

from indexcalc.claims.edits.places import Level, Place
from indexcalc.claims.edits.scene import Draft, Scene
from indexcalc.syntax import tree

Mutation = Callable[[Scene], Iterator[Draft]]


def sign(scene: Scene) -> Iterator[Draft]:
    """The sign of a term, or of everything."""
    yield Draft("sign", "", f"-({scene.text})")
    for place in scene.places:
        if place.parent is not None and isinstance(place.parent.node, tree.Sum):
            yield Draft("sign", "", scene.replaced(place, f"(-{place.text})"))


def number(scene: Scene) -> Iterator[Draft]:
    """A factor that is a number or a size."""
    for factor in ("2", "1/2", "3", *scene.pool.sizes):
        yield Draft("number", "", f"{factor} ({scene.text})")
    for place in scene.places:
        if isinstance(place.node, tree.Number):
            yield Draft("number", "", scene.replaced(place, str(place.node.value + 1)))
        if place.parent is not None and isinstance(place.parent.node, tree.Sum):
            yield Draft("number", "", scene.replaced(place, f"2 {place.text}", Level.PRODUCT))


def transpose(scene: Scene) -> Iterator[Draft]:
    """A transpose more or less; two indices of a factor in the other order."""
    for place in scene.places:
        letters = scene.indices(place.node)
        if scene.is_transposed(place.node):
            assert isinstance(place.node, tree.Power | tree.Primed | tree.Transpose)
            yield Draft("transpose", "", scene.replaced(place, scene.written(place.node.base)))
        elif letters is None and _is_matrix(scene, place):
            yield Draft("transpose", "", scene.replaced(place, f"{scene.atom(place)}^T"))
        elif letters is not None and len(letters) == 2 and scene.name(place.node):
            name = scene.name(place.node) or ""
            yield Draft("transpose", "", scene.replaced(place, f"{name}_{letters[1]}{letters[0]}"))


def operator(scene: Scene) -> Iterator[Draft]:
    """A Hadamard product for a matrix product, and back."""
    for place in scene.places:
        node = place.node
        if not isinstance(node, tree.Product):
            continue
        edges = [scene.edges(factor) for factor in node.factors]
        for (_, start), (end, _) in itertools.pairwise(edges):
            gap = scene.text_between(start, end)
            if gap.strip() in {"", "*"}:
                yield Draft("operator", "", scene.spliced((start, end, " ⊙ ")))
            elif gap.strip() in {"⊙", ".*"}:
                yield Draft("operator", "", scene.spliced((start, end, " ")))


def missing(scene: Scene) -> Iterator[Draft]:
    """A factor forgotten."""
    for place in scene.places:
        holder = place.parent
        if holder is not None and isinstance(holder.node, tree.Product):
            rest = [scene.written(f) for k, f in enumerate(holder.node.factors) if k != place.slot]
            if all(operator.value in " *" for operator in holder.node.operators):
                yield Draft("missing", "", scene.replaced(holder, " ".join(rest), Level.PRODUCT))


def extra(scene: Scene) -> Iterator[Draft]:
    """A factor too many: one that is there already, or another one of the formula."""
    for place in scene.places:
        holder = place.parent
        if holder is None or not isinstance(holder.node, tree.Product):
            continue
        if not all(operator.value in " *" for operator in holder.node.operators):
            continue
        texts = [scene.written(factor) for factor in holder.node.factors]
        texts.insert(place.slot, texts[place.slot])
        yield Draft("extra", "", scene.replaced(holder, " ".join(texts), Level.PRODUCT))


def term(scene: Scene) -> Iterator[Draft]:
    """A term forgotten."""
    for place in scene.places:
        node = place.node
        if isinstance(node, tree.Sum):
            for slot in range(len(node.terms)):
                texts = [
                    f"{'-' if s < 0 else '+'} {scene.written(t)}"
                    for k, (t, s) in enumerate(zip(node.terms, node.signs, strict=True))
                    if k != slot
                ]
                text = " ".join(texts).removeprefix("+ ")
                yield Draft("term", "", scene.replaced(place, text, Level.SUM))


def swap(scene: Scene) -> Iterator[Draft]:
    """Two neighbouring factors in the wrong order."""
    for place in scene.places:
        node = place.node
        if isinstance(node, tree.Product):
            for first, second in itertools.pairwise(node.factors):
                changes = (
                    (*scene.edges(first), scene.written(second)),
                    (*scene.edges(second), scene.written(first)),
                )
                yield Draft("swap", "", scene.spliced(*changes))


def index(scene: Scene) -> Iterator[Draft]:
    """One index for another."""
    for place in scene.places:
        letters, name = scene.indices(place.node), scene.name(place.node)
        if not letters or not name:
            continue
        for position, letter in itertools.product(range(len(letters)), scene.letters_used()):
            if letter != letters[position]:
                new = [*letters[:position], letter, *letters[position + 1 :]]
                inside = (
                    "".join(new) if all(len(one) == 1 for one in new) else f"{{{', '.join(new)}}}"
                )
                yield Draft("index", "", scene.replaced(place, f"{name}_{inside}"))


def function(scene: Scene) -> Iterator[Draft]:
    """A prime forgotten or one too many; sine for cosine."""
    for place in scene.places:
        node = place.node
        if not isinstance(node, tree.Apply):
            continue
        head, rest = (
            scene.written(node.head),
            scene.text_between(scene.edges(node.head)[1], place.end),
        )
        if head.endswith("'"):
            yield Draft("function", "", scene.replaced(place, head[:-1] + rest))
        other = {"sin": "cos", "cos": "sin", "exp": "log", "log": "exp", "tanh": "sigmoid"}.get(
            head
        )
        if other:
            yield Draft("function", "", scene.replaced(place, other + rest))


def diagonal(scene: Scene) -> Iterator[Draft]:
    """`Diag` or a delta forgotten."""
    for place in scene.places:
        node = place.node
        if isinstance(node, tree.Apply) and scene.name(node.head) in {"Diag", "diag"}:
            inside = scene.written(node.arguments[0])
            yield Draft("diagonal", "", scene.replaced(place, inside, Level.SUM))
        if re.fullmatch(r"δ_\w+", place.text) and place.parent is not None:
            holder = place.parent.node
            if isinstance(holder, tree.Product):
                rest = [scene.written(f) for k, f in enumerate(holder.factors) if k != place.slot]
                text = scene.replaced(place.parent, " ".join(rest), Level.PRODUCT)
                yield Draft("diagonal", "", text)


def inverse(scene: Scene) -> Iterator[Draft]:
    """An inverse forgotten, a power off by one."""
    for place in scene.places:
        node = place.node
        if isinstance(node, tree.Apply) and scene.name(node.head) == "inv":
            inside = scene.written(node.arguments[0])
            yield Draft("inverse", "", scene.replaced(place, inside, Level.SUM))
        elif isinstance(node, tree.Power) and not scene.is_transposed(node):
            base = scene.written(node.base)
            yield Draft("inverse", "", scene.replaced(place, base))
            if isinstance(node.exponent, tree.Number):
                new = f"{base}^{node.exponent.value + 1}"
                yield Draft("inverse", "", scene.replaced(place, new, Level.POWER))


def name(scene: Scene) -> Iterator[Draft]:
    """A name of the same rank for another one."""
    ranks = {known.name: len(known.shape) for known in scene.pool.names}
    for place in scene.places:
        own = scene.name(place.node)
        if own not in ranks:
            continue
        letters = scene.indices(place.node)
        for other, rank in ranks.items():
            if other != own and rank == ranks[own] and rank == len(letters or ()):
                marks = f"_{''.join(letters)}" if letters else ""
                yield Draft("name", "", scene.replaced(place, other + marks))


def bracket(scene: Scene) -> Iterator[Draft]:
    """Brackets forgotten."""
    for place in scene.places:
        if isinstance(place.node, tree.Bracket) and place.parent is not None:
            yield Draft("bracket", "", scene.spliced((place.start, place.end, place.text[1:-1])))


def layout(scene: Scene) -> Iterator[Draft]:
    """The whole transposed, or two free indices exchanged."""
    if not scene.letters_written:
        yield Draft("layout", "", f"({scene.text})^T")
    for first, second in itertools.combinations(scene.letters, 2):
        exchanged = {first: second, second: first}
        changes = []
        for place in scene.places:
            letters, own = scene.indices(place.node), scene.name(place.node)
            if letters and own and all(len(letter) == 1 for letter in letters):
                new = "".join(exchanged.get(letter, letter) for letter in letters)
                changes.append((place.start, place.end, f"{own}_{new}"))
        yield Draft("layout", "", scene.spliced(*changes))


def symmetry(scene: Scene) -> Iterator[Draft]:
    """`A + A^T` taken for `2 A`, as if `A` were symmetric."""
    for place in scene.places:
        node = place.node
        if isinstance(node, tree.Sum) and len(node.terms) == 2 and set(node.signs) == {1}:
            texts = [scene.written(term) for term in node.terms]
            if min(map(len, texts)) < max(map(len, texts)) and texts[1].startswith(texts[0]):
                yield Draft("symmetry", "", scene.replaced(place, f"2 {texts[0]}", Level.PRODUCT))


def _is_matrix(scene: Scene, place: Place) -> bool:
    own = scene.name(place.node)
    return any(known.name == own and len(known.shape) == 2 for known in scene.pool.names)


MUTATIONS: dict[str, Mutation] = {
    "sign": sign, "number": number, "transpose": transpose, "operator": operator,
    "missing": missing, "extra": extra, "term": term, "swap": swap, "index": index,
    "function": function, "diagonal": diagonal, "inverse": inverse, "name": name,
    "bracket": bracket, "layout": layout, "symmetry": symmetry,
}  # fmt: skip
