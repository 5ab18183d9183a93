"""What the search for an edit looks at: one side of a claim, and what else the program has.

In: the tree of a side, the program that it stands in, the free indices of the claim. Out: a
`Scene`: its places, the reader's signs, and the pool of names and functions that could be missing.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexcalc.claims.edits.places import Level, Place, grown, places_of
from indexcalc.claims.edits.spelling import Spelling, beside, on_one_line, spelling_of
from indexcalc.elaborate.calls import separate
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.elaborate.names import canonical, declared_name, index_list, marked_name
from indexcalc.elaborate.ranks import DIFFERENTIAL
from indexcalc.elaborate.symbols import SymbolTable
from indexcalc.elaborate.uses import is_transposition, long_names_in
from indexcalc.elaborate.vocabulary import FUNCTIONS, ONE_ARGUMENT
from indexcalc.ir.extent import Shape
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree

Splice = tuple[int, int, str]
MOST_APPLICATIONS = 24
MOST_SIZES = 8
FRACTION = re.compile(r"\\[dtc]?frac(?![a-z])")


@dataclass(frozen=True, slots=True)
class Draft:
    """A side with something changed: not known to be right.

    `size` counts the changes, `kind` names what was changed in one word.
    """

    kind: str
    description: str
    text: str
    size: int = 1


@dataclass(frozen=True, slots=True)
class Known:
    """A tensor of the program: its name, how it is written, its shape."""

    name: str
    text: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Pool:
    """What could be missing in a formula of the program.

    `applications` are the calls that the program makes, as they are written, `functions` the names
    of the functions that it calls, `sizes` those of the extents that may be used as numbers.
    """

    names: tuple[Known, ...]
    applications: tuple[str, ...]
    functions: tuple[str, ...]
    sizes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """One side of a claim, ready to be changed."""

    side: Tree
    places: tuple[Place, ...]
    letters: tuple[str, ...]
    spelling: Spelling
    pool: Pool
    table: SymbolTable

    @property
    def text(self) -> str:
        """The side as it stands."""
        return self.places[0].text

    def replaced(self, place: Place, text: str, level: Level = Level.ATOM) -> str:
        """The side with another text at a place, in brackets where it needs them."""
        inside = f"({text})" if level < place.need else text
        return self.spliced((place.start, place.end, inside))

    def spliced(self, *changes: Splice) -> str:
        """The side with some of its characters replaced."""
        source = self.side.span.source.text
        root = self.places[0]
        text, position = "", root.start
        for start, end, new in sorted(changes):
            text = beside(beside(text, source[position:start]), new)
            position = end
        text = beside(text, source[position : root.end])
        return on_one_line(text, latex=self.spelling.latex)

    def atom(self, place: Place) -> str:
        """The text of a place as one piece, on which something can be hung."""
        whole = place.level >= Level.ATOM and not FRACTION.match(place.text)
        return place.text if whole else f"({place.text})"

    def text_between(self, start: int, end: int) -> str:
        """Some characters of the source."""
        return self.side.span.source.text[start:end]

    def edges(self, node: Tree) -> tuple[int, int]:
        """Where a node starts and ends."""
        return grown(node.span)

    def written(self, node: Tree) -> str:
        """The text of a node."""
        return self.text_between(*grown(node.span))

    def plain_function(self, written: str) -> bool:
        """Whether a function that the program calls takes one number to one number."""
        name = canonical(written.lstrip("\\"))
        symbol = self.table.symbols.get(name)
        if symbol is not None:
            return symbol.role == "function"
        return FUNCTIONS.get(name) in ONE_ARGUMENT

    def can_be_primed(self, name: str) -> bool:
        """Whether a function may carry a prime: those of the program may."""
        symbol = self.table.symbols.get(name)
        return (symbol is not None and symbol.role == "function") or name in ONE_ARGUMENT

    def shown(self, text: str) -> str:
        """A part of the text for a description."""
        return on_one_line(text, latex=self.spelling.latex)

    def indices(self, node: Tree) -> tuple[str, ...] | None:
        """The index letters that hang on a node; None if it has none."""
        if not isinstance(node, tree.Subscripted):
            return None
        marked = marked_name(node)
        if marked is None:
            found = index_list(node.subscripts, self.table.known.words)
            return tuple(letter for index in found for letter in index)
        reference = self.table.known.refer(marked)
        return reference.letters if reference.indices is not None else None

    def name(self, node: Tree) -> str | None:
        """The canonical name that a node is, with or without indices; None if it is none."""
        marked = marked_name(node)
        if marked is None:
            return None
        whole = declared_name(node)
        if any(known.name == whole for known in self.pool.names):
            return whole  # the differential of a name with an underscore, which is known to no text
        return self.table.known.refer(marked).name

    def rank(self, node: Tree) -> int | None:
        """The number of axes of a name without indices; None if that is not known."""
        marked = marked_name(node)
        if marked is None:
            return 0 if isinstance(node, tree.Number) else None
        reference = self.table.known.refer(marked)
        symbol = self.table.symbols.get(reference.name)
        if reference.indices is not None:
            return 0
        return len(symbol.shape) if symbol is not None and symbol.shape is not None else None

    def is_transposed(self, node: Tree) -> bool:
        """Whether a node is written as a transpose."""
        match node:
            case tree.Transpose():
                return True
            case tree.Power():
                return not isinstance(node.exponent, tree.Negative) and is_transposition(
                    node.exponent, self.table.known
                )
            case tree.Primed():
                return node.count == 1
            case _:
                return False

    @property
    def letters_written(self) -> bool:
        """Whether the side has indices."""
        return any(self.indices(place.node) for place in self.places)

    def letters_used(self) -> tuple[str, ...]:
        """The index letters of the claim, the free ones first."""
        found = dict.fromkeys(self.letters)
        for node in nodes_below(self.side):
            found |= dict.fromkeys(self.indices(node) or ())
        return tuple(found)


def nodes_below(root: Tree) -> list[Tree]:
    """All nodes of a tree, in source order of their starts."""
    found, stack = [], [root]
    while stack:
        node = stack.pop()
        found.append(node)
        stack += reversed(list(node.children()))
    return found


def scene_of(
    side: Tree,
    elaborated: Elaborated,
    letters: Sequence[str],
    names: Sequence[str],
    *,
    latex: bool,
) -> Scene:
    """The scene of one side; `names` are those that could be missing, nearest first."""
    table = elaborated.table.extended()
    whole, own = elaborated.tree.span.source.text, side.span.source.text
    text = own if whole in own or own in whole else own + whole
    spelling = spelling_of(text, latex=latex)
    near = set(names)
    trees = [side] + [one.tree for one in elaborated.definitions if one.name in near]
    pool = _pool(trees, names, table, spelling)
    return changed_scene(Scene(side, (), tuple(letters), spelling, pool, table), side)


def changed_scene(scene: Scene, side: Tree) -> Scene:
    """The scene of another side in the place of this one."""
    table = scene.table.extended()
    table.known.words |= long_names_in(side)
    separated = separate(side, table.is_call)
    return replace(scene, side=separated, places=places_of(separated), table=table)


def with_differentials(scene: Scene) -> Scene:
    """The scene of a claim that speaks of differentials, which could be the wrong ones."""
    names = [
        Known(DIFFERENTIAL + one.name, DIFFERENTIAL + one.text, one.shape)
        for one in scene.pool.names
    ]
    return replace(scene, pool=replace(scene.pool, names=(*scene.pool.names, *names)))


def names_in(trees: Sequence[Tree], elaborated: Elaborated) -> list[str]:
    """The names that stand in trees, in their order; for a differential also what it is of."""
    found: dict[str, None] = {}
    for node in itertools.chain.from_iterable(map(nodes_below, trees)):
        marked = marked_name(node)
        if marked is not None:
            name = elaborated.table.known.refer(marked).name
            found |= dict.fromkeys((name, name.removeprefix(DIFFERENTIAL)))
    return list(found)


def _pool(
    trees: Sequence[Tree], names: Sequence[str], table: SymbolTable, spelling: Spelling
) -> Pool:
    written: dict[str, str] = {}
    called: dict[str, None] = {}
    applications: dict[str, None] = {}
    slopes: dict[str, None] = {}
    for node in itertools.chain.from_iterable(map(nodes_below, trees)):
        marked = marked_name(node)
        if marked is not None:
            reference = table.known.refer(marked)
            if reference.indices is None:
                written.setdefault(reference.name, node.span.text)
        elif isinstance(node, tree.Apply) and table.is_call(node):
            called.setdefault(node.head.span.text.split("_")[0].rstrip("'"))
            text = on_one_line(node.span.text, latex=spelling.latex)
            applications.setdefault(text)
            slopes.setdefault(_slope(node, text, table))
    known = [
        Known(name, written.get(name, spelling.letter(name)), symbol.shape)
        for name in names
        if (symbol := table.symbols.get(name)) is not None
        and symbol.role != "function" and symbol.shape is not None
    ]  # fmt: skip
    calls = [text for text in (*applications, *slopes) if text][:MOST_APPLICATIONS]
    calls = list(dict.fromkeys(calls))
    sizes = list(table.known.extents)[:MOST_SIZES]
    return Pool(tuple(known), tuple(calls), tuple(called), tuple(sizes))


def _slope(call: tree.Apply, text: str, table: SymbolTable) -> str:
    """The derivative of a function of the program where it is called; empty for other functions."""
    name = marked_name(call.head)
    symbol = table.symbols.get(canonical(name.text)) if name is not None else None
    if symbol is None or symbol.role != "function":
        return ""
    head = call.head.span.text
    return f"{head}'{text[len(head) :]}" if text.startswith(head) else ""
