"""Edits of indices: another letter, two letters exchanged, a delta more.

In: the scene of a side. Out: drafts, those that people need most first.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence

from indexcalc.claims.edits.places import Level, Place
from indexcalc.claims.edits.scene import Draft, Scene
from indexcalc.elaborate.names import canonical
from indexcalc.syntax import tree

LETTER = re.compile(r"\\[A-Za-z]+|[^\W\d_]")
WORD = re.compile(r"\\[A-Za-z]+|[^\W\d_]+")


def exchanged_in_one(scene: Scene) -> Iterator[Draft]:
    """Two indices of one factor in the other order: its transpose."""
    for place, letters in indexed(scene):
        for first, second in itertools.combinations(range(len(letters)), 2):
            if letters[first] != letters[second]:
                new = list(letters)
                new[first], new[second] = new[second], new[first]
                yield relettered(scene, place, new)


def other_letters(scene: Scene) -> Iterator[Draft]:
    """One index of one factor replaced by another one of the claim."""
    used = scene.letters_used()
    for place, letters in indexed(scene):
        for position, letter in itertools.product(range(len(letters)), used):
            if letter != letters[position]:
                yield relettered(
                    scene, place, [*letters[:position], letter, *letters[position + 1 :]]
                )


def exchanged_throughout(scene: Scene) -> Iterator[Draft]:
    """Two free indices exchanged in the whole side: the other layout."""
    for first, second in itertools.combinations(scene.letters, 2):
        names = {first: second, second: first}
        changes = []
        for place, letters in indexed(scene):
            if first in letters or second in letters:
                text = respelled(scene, place, [names.get(letter, letter) for letter in letters])
                changes.append((place.start, place.end, text))
        if changes:
            told = f"indices {first} and {second} exchanged"
            yield Draft("layout", told, scene.spliced(*changes))


def deltas(scene: Scene) -> Iterator[Draft]:
    """A Kronecker delta before a factor or a term."""
    used = {letter for _, letters in indexed(scene) for letter in letters}
    missing = [letter for letter in scene.letters if letter not in used]
    pairs = list(itertools.combinations(missing or scene.letters, 2))
    if len(missing) == 1:
        pairs = [(missing[0], letter) for letter in scene.letters_used() if letter != missing[0]]
    for place in scene.places:
        one = place.text == "1"
        if (isinstance(place.node, tree.Number) and not one) or place.need > Level.POWER:
            continue
        if isinstance(place.node, tree.Sum | tree.Negative):
            continue
        for pair in pairs:
            delta = scene.spelling.indexed("δ", pair)
            new = delta if one else f"{delta} {place.text}"
            told = f"{scene.shown(place.text)} should be {scene.shown(new)}"
            yield Draft("delta", told, scene.replaced(place, new, Level.POWER))


# --- parts --------------------------------------------------------------------------------------


def indexed(scene: Scene) -> Iterator[tuple[Place, tuple[str, ...]]]:
    """The places that carry indices, with their letters."""
    for place in scene.places:
        letters = scene.indices(place.node)
        if letters:
            yield place, letters


def relettered(scene: Scene, place: Place, letters: Sequence[str]) -> Draft:
    """The side with other indices on one factor."""
    new = respelled(scene, place, letters)
    told = f"{scene.shown(new)} instead of {scene.shown(place.text)}"
    return Draft("index", told, scene.replaced(place, new))


def respelled(scene: Scene, place: Place, letters: Sequence[str]) -> str:
    """A factor with other indices, its letters replaced where they stand."""
    node = place.node
    assert isinstance(node, tree.Subscripted)
    old = scene.indices(node) or ()
    start = scene.edges(node.base)[1]
    before, marks = scene.text_between(place.start, start), scene.text_between(start, place.end)
    for pattern in (LETTER, WORD):
        found = list(pattern.finditer(marks))[-len(old) :]
        if [_canonical(match[0]) for match in found] == list(old):
            for match, letter in zip(reversed(found), reversed(letters), strict=True):
                spelled = scene.spelling.letter(letter)
                marks = marks[: match.start()] + spelled + marks[match.end() :]
            return before + marks
    name = scene.name(node)
    return before + scene.spelling.subscript(letters) if name is None else (
        scene.spelling.indexed(name, letters)
    )  # fmt: skip


def _canonical(text: str) -> str:
    return canonical(unicodedata.normalize("NFC", text.lstrip("\\")))
