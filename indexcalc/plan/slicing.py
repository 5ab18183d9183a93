"""Which tensors are made in a loop over chunks of one index, and how.

In: results, the extent to cut into chunks, what counts as large. Out: a `Slicing`: for each tensor
that is needed whole, either nothing (it is computed as it stands) or its parts: what one chunk
contributes, and where that is written or added.

Everything is asked for from the results down. A part asks for its arguments restricted to the chunk
where they have the index, and whole where not; what is whole and would need large
arrays is made in a loop of its own, before. Axes and labels are followed, never names of extents:
in `exp(-|x_i - x_j|²)` one of two indices of the same extent may run over the chunk.

>>> from indexcalc.ir.build import builtin, variable
>>> from indexcalc.ir.contraction import contract
>>> m, n = Extent.named("m"), Extent.named("n")
>>> X, w = variable("X", (m, n)), variable("w", (n,))
>>> loss = contract([(builtin("tanh", contract([(X, "ij"), (w, "j")], "i")), "i")], "")
>>> slicing = sliced([loss], m, {"m": 1000, "n": 10}, 100)
>>> [(part.core.node is loss, part.core.summed) for part in slicing.looped[loss].parts]
[(True, 0)]
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod

from indexcalc.errors import LimitError
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import (
    Apply,
    Constant,
    Contraction,
    Node,
    Number,
    Reduce,
    Size,
    Sum,
    Variable,
)
from indexcalc.ir.walk import postorder
from indexcalc.plan.pieces import Piece, pieces_of, together
from indexcalc.plan.program import COMPARISONS
from indexcalc.plan.restrict import Restricted, contributions, made_of

MOST_STATES = 20_000


@dataclass(frozen=True, slots=True)
class Part:
    """What one chunk gives of a piece: the core restricted; `along` is the label that is written.

    Without `along`, chunks contribute to all entries.
    """

    piece: Piece
    core: Restricted
    along: int | None = None


@dataclass(frozen=True, slots=True)
class Looped:
    """A tensor made in a loop: its parts, and what it starts from (zero, if None)."""

    parts: tuple[Part, ...]
    initial: Node | None = None


@dataclass(frozen=True, slots=True)
class Slicing:
    """What is made in loops over chunks of `extent`, and in which order.

    `level` is how many loops have to be over before a tensor can be there; one that is `looped` at
    level `k` is made in the loop before that.
    """

    extent: Extent
    looped: Mapping[Node, Looped]
    level: Mapping[Node, int]
    order: Sequence[Node]  # everything that is needed whole, arguments first
    pinned: frozenset[Node] = frozenset()  # always slices of the whole


def is_inline(node: Node) -> bool:
    """Whether a node is written where it is used, and not kept."""
    return isinstance(node, Number | Size) or (isinstance(node, Constant) and not node.shape)


def sliced(
    roots: Sequence[Node], extent: Extent, sizes: Mapping[str, int], large: int
) -> Slicing | None:
    """Decide for all results together; None if nothing can be made in chunks of this extent.

    A tensor of more than `large` entries is not kept whole if it can be helped.
    """
    pinned: frozenset[Node] = frozenset()
    compared = _compared(roots)
    while True:
        search = _Search(extent, sizes, large, pinned)
        search.weigh(roots)
        search.decide(roots)
        if not search.looped:
            return None
        level = search.levels(roots)
        again = search.made_twice(compared, level) - pinned
        if not again:
            return Slicing(extent, search.looped, level, list(level), pinned)
        pinned |= again


def _compared(roots: Sequence[Node]) -> list[Node]:
    """What is compared with others: it must not be computed twice, in ways that round apart.

    The derivative of a maximum is where the entries equal it. A sign may round as it likes.
    """
    found: dict[Node, None] = {}
    for node in postorder(roots):
        if isinstance(node, Apply) and node.function.name in COMPARISONS:
            sides = [_behind(argument) for argument in node.args]
            if node.function.name in ("eq", "ne") or all(side.arguments for side in sides):
                found.update(dict.fromkeys(sides))
    return [node for node in found if node.arguments]


def _behind(node: Node) -> Node:
    """What a view or a multiple shows."""
    while len(node.arguments) == 1 and (
        isinstance(node, Sum) or (isinstance(node, Contraction) and node.is_view)
    ):
        (node,) = node.arguments
    return node


@dataclass(slots=True)
class _Search:
    extent: Extent
    sizes: Mapping[str, int]
    large: int
    pinned: frozenset[Node]
    heavy: dict[Node, bool] = field(default_factory=dict)
    looped: dict[Node, Looped] = field(default_factory=dict)
    needed: set[Node] = field(default_factory=set)
    made: set[Restricted] = field(default_factory=set)

    # --- what needs a loop ----------------------------------------------------------------------

    def weigh(self, roots: Sequence[Node]) -> None:
        """Find the nodes that cannot be computed whole without large arrays on the way."""
        for node in postorder(roots):
            if isinstance(node, Sum) or (isinstance(node, Contraction) and node.is_view):
                self.heavy[node] = any(self.heavy[part] for part in node.arguments)
                continue
            self.heavy[node] = self.is_product_with_intermediates(node) or any(
                self.is_large(part) or (self.heavy[part] and not self.may_loop(part))
                for part in node.arguments
            )

    def is_large(self, node: Node) -> bool:
        while isinstance(node, Contraction) and node.is_view and node.factors:
            (node,) = node.factors
        if isinstance(node, Variable) or is_inline(node) or not node.arguments:
            return False
        return self.entries(node.shape) > self.large

    def is_product_with_intermediates(self, node: Node) -> bool:
        """Whether more than two factors are multiplied, of which one is large."""
        if not isinstance(node, Contraction) or len(node.factors) < 3:
            return False
        return max(self.entries(factor.shape) for factor in node.factors) > self.large

    def may_loop(self, node: Node) -> bool:
        return self.extent in node.shape or bool(contributions(node, self.extent))

    def entries(self, shape: Sequence[Extent]) -> int:
        return prod(extent.evaluate(self.sizes) for extent in shape)

    # --- decisions ------------------------------------------------------------------------------

    def decide(self, roots: Sequence[Node]) -> None:
        """Follow what is needed whole, from the results down."""
        waiting = sorted(dict.fromkeys(roots), key=lambda root: -len(root.shape))
        while waiting:
            node = waiting.pop()
            if node in self.needed:
                continue
            wanted = self.loop(node) if self.heavy.get(node, False) else None
            self.needed.add(node)
            waiting += node.arguments if wanted is None else wanted

    def loop(self, node: Node) -> list[Node] | None:
        """Make the node in a loop, if that can be; what it needs whole, if others do not."""
        pieces = pieces_of(node)
        chosen: list[Part | None] = []
        wanted: list[Node] = []
        for piece in pieces:
            options = self.options(piece, node)
            best = min(options, key=self.price) if options else None
            if best is not None:
                wanted += self.make(best.core)
            chosen.append(best)
        written = next((p.along for p in chosen if p is not None and p.along is not None), None)
        parts: list[Part] = []
        rest: list[Piece] = []
        for piece, part in zip(pieces, chosen, strict=True):
            if part is not None:
                parts.append(part)
            elif written is not None and written in piece.pattern:
                parts.append(Part(piece, along(piece, written), written))
                wanted += self.make(parts[-1].core)
            else:
                rest.append(piece)
        if all(part is None for part in chosen):
            return None
        initial = None
        if rest:
            terms = [(piece, piece.core, piece.pattern) for piece in rest]
            initial = together(terms, node.shape, dict(enumerate(node.shape)))
        self.looped[node] = Looped(tuple(parts), initial)
        return wanted if initial is None else [*wanted, initial]

    def make(self, core: Restricted) -> list[Node]:
        """Have a core made in the loop; what that needs whole beyond what is needed already."""
        states, wholes = reach([core], self.made, self.pinned)
        self.made.update(states)
        return wholes

    def levels(self, roots: Sequence[Node]) -> dict[Node, int]:
        """How many loops have to be over before each tensor that is needed whole is there."""
        level: dict[Node | Restricted, int] = {}
        stack: list[Node | Restricted] = list(reversed(roots))
        while stack:
            item = stack.pop()
            if item in level:
                continue
            below = self.below(item)
            waiting = [other for other in below if other not in level]
            if waiting:
                stack += (item, *reversed(waiting))
                continue
            level[item] = max((level[other] for other in below), default=0)
            level[item] += not isinstance(item, Restricted) and item in self.looped
        return {item: n for item, n in level.items() if not isinstance(item, Restricted)}

    def made_twice(self, compared: Sequence[Node], level: Mapping[Node, int]) -> frozenset[Node]:
        """Those of some tensors that would be computed in more than one way, or place."""
        ways: dict[Node, int] = {node: node in level for node in compared}
        for loop in sorted({level[node] for node in self.looped}):
            here = [node for node in self.looped if level[node] == loop]
            cores = [part.core for node in here for part in self.looped[node].parts]
            for state in reach(cores, pinned=self.pinned)[0]:
                if state.node in ways and not state.is_made:
                    ways[state.node] += 1
        return frozenset(node for node, count in ways.items() if count > 1)

    def below(self, item: Node | Restricted) -> Sequence[Node | Restricted]:
        """What a whole or a restricted tensor is made of."""
        if isinstance(item, Restricted):
            inner = made_of(item, self.pinned)
            return [item.node] if inner is None else inner
        looped = self.looped.get(item)
        if looped is None:
            return item.arguments
        cores: list[Node | Restricted] = [part.core for part in looped.parts]
        return cores if looped.initial is None else [*cores, looped.initial]

    def options(self, piece: Piece, node: Node) -> list[Part]:
        """Every way to make a piece in chunks."""
        core, found = piece.core, []
        for label in dict.fromkeys(piece.pattern):
            if label in piece.labels and node.shape[label] == self.extent:
                restricted = replace(along(piece, label), is_made=core is node)
                found.append(Part(piece, restricted, label))
        repeats = set(piece.pattern) > set(piece.labels)  # each chunk would add to all repeats
        adds = (isinstance(core, Contraction) and not repeats) or core is node
        for label in contributions(core, self.extent) if adds else ():
            made = Restricted(core, summed=label, is_made=core is node)
            found.append(Part(piece, made))
        return [part for part in found if made_of(part.core, self.pinned) is not None]

    def price(self, part: Part) -> tuple[int, int]:
        """Entries of large tensors that are there at a time, and new work in the loop."""
        states, wholes = reach([part.core], self.made, self.pinned)
        before = sum(
            self.entries(whole.shape) + 1
            for whole in wholes
            if self.heavy.get(whole, False) and whole not in self.needed
        )
        added = 0 if part.along is not None else self.entries(part.core.node.shape)
        large = before + (added if added > self.large else 0)
        return large, sum(self.work(state.node) for state in states)

    def work(self, node: Node) -> int:
        if isinstance(node, Contraction):
            return 0 if node.is_view else self.entries(node.extents)
        return self.entries(node.argument.shape if isinstance(node, Reduce) else node.shape)


def along(piece: Piece, label: int) -> Restricted:
    """The core with the axes of that label restricted."""
    return Restricted(piece.core, frozenset(k for k, x in enumerate(piece.labels) if x == label))


def reach(
    cores: Sequence[Restricted],
    known: Collection[Restricted] = (),
    pinned: Collection[Node] = (),
) -> tuple[list[Restricted], list[Node]]:
    """The restricted nodes below some, and what is needed whole, but for what is `known`.

    Raises `LimitError` beyond a bound.
    """
    states: dict[Restricted, None] = {}
    wholes: dict[Node, None] = {}
    stack = list(cores)
    while stack:
        part = stack.pop()
        if part in states or part in known:
            continue
        inner = made_of(part, pinned)
        if inner is None:
            if not (part.is_whole and is_inline(part.node)):
                wholes[part.node] = None
            continue
        states[part] = None
        if len(states) > MOST_STATES:
            raise LimitError("the formula is too long to be computed in chunks")
        stack.extend(inner)
    return list(states), list(wholes)
