"""Edits of what hangs on one factor or stands around it: transposes, inverses, powers, functions.

In: the scene of a side. Out: drafts, those that people need most first.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from indexcalc.claims.edits.places import Level, Place
from indexcalc.claims.edits.scene import Draft, Scene
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree

# A function that is often taken for another one.
MISTAKEN = {
    "sin": ("cos",), "cos": ("sin",), "exp": ("log",), "log": ("exp",), "tanh": ("sigmoid",),
    "sigmoid": ("tanh", "softmax"), "softmax": ("sigmoid", "logsoftmax"), "sinh": ("cosh",),
    "cosh": ("sinh",), "Diag": ("diag",), "diag": ("Diag",), "det": ("logdet",),
    "logdet": ("det",), "sum": ("mean",), "mean": ("sum",), "sqrt": ("exp",), "tan": ("cos",),
    "tr": ("sum", "det"), "log1p": ("log",), "relu": ("sign",), "abs": ("sign",),
}  # fmt: skip
MARKABLE = (
    tree.Name | tree.Subscripted | tree.Labelled | tree.Apply | tree.Bracket | tree.Derivative
)


def transposes(scene: Scene) -> Iterator[Draft]:
    """Each factor with a transpose more, or without the one it has."""
    for place in scene.places:
        node = place.node
        if scene.is_transposed(node):
            assert isinstance(node, tree.Transpose | tree.Power | tree.Primed)
            plain = _base_text(scene, place)
            told = f"{scene.shown(plain)} instead of {scene.shown(place.text)}"
            yield Draft("transpose", told, scene.replaced(place, plain))
        elif _is_inverse(scene, node) is not None:
            yield _inverse_transposed(scene, place)
        elif _takes_mark(scene, place) and scene.rank(node) != 0:
            text = scene.spelling.transposed(scene.atom(place))
            told = f"transpose {scene.shown(place.text)}"
            yield Draft("transpose", told, scene.replaced(place, text))


def signs(scene: Scene) -> Iterator[Draft]:
    """The sign of each term, and of what functions are applied to."""
    for place in scene.places:
        node = place.node
        if isinstance(node, tree.Sum):
            yield from _signs_of_terms(scene, place, node)
        elif isinstance(node, tree.Negative):
            inner = node.inner.span
            told = "sign" if place.parent is None else f"sign of {scene.shown(place.text)}"
            yield Draft("sign", told, scene.replaced(place, inner.text, Level.PRODUCT))
        elif place.need < Level.PRODUCT:
            told = "sign" if place.parent is None else f"sign of {scene.shown(place.text)}"
            yield Draft("sign", told, scene.replaced(place, f"-{place.text}", Level.NEGATIVE))


def inverses(scene: Scene) -> Iterator[Draft]:
    """An inverse more or less."""
    for place in scene.places:
        node, shown = place.node, scene.shown(place.text)
        exponent = _is_inverse(scene, node)
        if exponent is not None:
            plain = _base_text(scene, place)
            if exponent == "T":
                plain = scene.spelling.transposed(plain)
            told = f"{scene.shown(plain)} instead of its inverse"
            yield Draft("inverse", told, scene.replaced(place, plain))
        elif scene.is_transposed(node):
            text = _minus_t(scene, _base_text(scene, place))
            told = f"{scene.shown(text)} instead of {shown}"
            yield Draft("inverse", told, scene.replaced(place, text, Level.POWER))
        elif isinstance(node, tree.Apply) and scene.name(node.head) == "inv":
            inside = node.arguments[0].span.text
            told = f"{scene.shown(inside)} instead of its inverse"
            yield Draft("inverse", told, scene.replaced(place, inside, Level.SUM))
        elif _takes_mark(scene, place) and scene.rank(node) in {2, None}:
            for text in (
                scene.spelling.inverse(scene.atom(place)),
                _minus_t(scene, scene.atom(place)),
            ):
                told = f"{scene.shown(text)} instead of {shown}"
                yield Draft("inverse", told, scene.replaced(place, text, Level.POWER))


def powers(scene: Scene) -> Iterator[Draft]:
    """A power one higher or lower, or of the other sign."""
    for place in scene.places:
        node = place.node
        if not isinstance(node, tree.Power) or scene.is_transposed(node):
            continue
        exponent = _exponent(node)
        if exponent is None:
            continue
        for other in (exponent + 1, exponent - 1, -exponent):
            if other == 0:
                continue
            base = _base_text(scene, place)
            text = base if other == 1 else _raised(scene, base, node, other)
            texts = [text]
            if not (scene.spelling.latex or node.elementwise or scene.letters_written):
                texts.append(f"{base}.^{other}")
            for new in texts:
                told = f"{scene.shown(new)} instead of {scene.shown(place.text)}"
                yield Draft("power", told, scene.replaced(place, new, Level.POWER))


def new_powers(scene: Scene) -> Iterator[Draft]:
    """A power of what has none."""
    for place in scene.places:
        node, shown = place.node, scene.shown(place.text)
        if isinstance(node, MARKABLE) and not _is_base(place):
            atom = scene.atom(place)
            for exponent in (2, -1, 3):
                text = scene.spelling.power(atom, exponent)
                told = f"{scene.shown(text)} instead of {shown}"
                yield Draft("power", told, scene.replaced(place, text, Level.POWER))


def functions(scene: Scene) -> Iterator[Draft]:
    """A derivative more or less on a function, another function, none at all."""
    for place in scene.places:
        node = place.node
        if not isinstance(node, tree.Apply):
            continue
        head, rest = node.head.span, scene.text_between(node.head.span.end, place.end)
        for new in _other_heads(scene, node.head):
            told = f"{scene.shown(new)} instead of {scene.shown(head.text)}"
            text = scene.replaced(place, new + rest)
            yield Draft("function", told, text)
        if len(node.arguments) == 1:
            inside = node.arguments[0].span.text
            told = f"{scene.shown(inside)} instead of {scene.shown(place.text)}"
            yield Draft("function", told, scene.replaced(place, inside, Level.SUM))


def wrappings(scene: Scene) -> Iterator[Draft]:
    """A function around what has none: `Diag(x)`, `σ(z)`, `tr(A)`."""
    known = [name for name in scene.pool.functions if scene.plain_function(name)]
    words = [name for name in ("Diag", "diag", "tr", "sum") if name not in known]
    for place in scene.places:
        whole = place.parent is None
        if not (whole or isinstance(place.node, MARKABLE)) or _is_base(place):
            continue
        inside = place.text
        if isinstance(place.node, tree.Bracket) and inside.startswith("("):
            inside = inside[1:-1]
        for name in known if scene.rank(place.node) == 0 else [*words, *known]:
            called = f"{name}({inside})" if name in known else scene.spelling.called(name, inside)
            told = f"{scene.shown(called)} instead of {scene.shown(place.text)}"
            kind = "Diag" if name in {"Diag", "diag"} else "function"
            yield Draft(kind, told, scene.replaced(place, called))


# --- parts --------------------------------------------------------------------------------------


def _signs_of_terms(scene: Scene, place: Place, node: tree.Sum) -> Iterator[Draft]:
    edges = [scene.edges(term) for term in node.terms]
    for slot, sign in enumerate(node.signs):
        shown = scene.shown(node.terms[slot].span.text)
        start = place.start if slot == 0 else edges[slot - 1][1]
        new = (" + " if slot else "") if sign < 0 else (" - " if slot else "-")
        yield Draft("sign", f"sign of {shown}", scene.spliced((start, edges[slot][0], new)))


def _takes_mark(scene: Scene, place: Place) -> bool:
    """Whether a transpose or an inverse may be put on what stands there."""
    node = place.node
    return isinstance(node, MARKABLE) and scene.indices(node) is None and not _is_base(place)


def _minus_t(scene: Scene, base: str) -> str:
    return base + ("^{-T}" if scene.spelling.latex else "^-T")


def _is_base(place: Place) -> bool:
    """Whether something already hangs on a place."""
    return place.parent is not None and isinstance(
        place.parent.node, tree.Power | tree.Transpose | tree.Primed | tree.Subscripted
    )


def _base_text(scene: Scene, place: Place) -> str:
    node = place.node
    assert isinstance(node, tree.Transpose | tree.Power | tree.Primed)
    start, end = scene.edges(node.base)
    text = scene.text_between(start, end)
    bare = isinstance(node.base, tree.Bracket) and text.startswith("(")
    loose = bare and place.parent is not None and place.need <= Level.NEGATIVE
    return text[1:-1] if loose else text


def _exponent(node: tree.Power) -> int | None:
    exponent, sign = node.exponent, 1
    if isinstance(exponent, tree.Negative):
        exponent, sign = exponent.inner, -1
    if isinstance(exponent, tree.Number) and exponent.value.denominator == 1:
        return sign * int(exponent.value)
    return None


def _raised(scene: Scene, base: str, node: tree.Power, exponent: int) -> str:
    sign = "." if node.elementwise else ""
    raised = scene.spelling.power("", exponent)
    return base + sign + raised


def _is_inverse(scene: Scene, node: Tree) -> str | None:
    """`1` for an inverse, `T` for a transposed one; None for all else."""
    if not isinstance(node, tree.Power) or not isinstance(node.exponent, tree.Negative):
        return None
    inner = node.exponent.inner
    if isinstance(inner, tree.Number):
        return "1" if inner.value == Fraction(1) and not node.elementwise else None
    return "T" if isinstance(inner, tree.Name) and inner.text in {"T", "⊤"} else None


def _inverse_transposed(scene: Scene, place: Place) -> Draft:
    base = _base_text(scene, place)
    plain = _is_inverse(scene, place.node) == "1"
    exponent = "-T" if plain else "-1"
    raised = f"^{{{exponent}}}" if scene.spelling.latex else f"^{exponent}"
    told = f"transpose {scene.shown(place.text)}" if plain else f"{scene.shown(base + raised)}"
    return Draft("transpose", told, scene.replaced(place, base + raised, Level.POWER))


def _other_heads(scene: Scene, head: Tree) -> Iterator[str]:
    text, name = head.span.text, scene.name(head)
    if isinstance(head, tree.Primed):
        base = head.base.span.text
        if head.count > 1:
            yield base + "'" * (head.count - 1)
        yield base
        yield text + "'"
        return
    if name is None:
        return
    if scene.can_be_primed(name):
        yield text + "'"
    for other in MISTAKEN.get(name, ()):
        yield scene.spelling.function(other)
    for written in scene.pool.functions:
        if written != text and scene.plain_function(written):
            yield written
