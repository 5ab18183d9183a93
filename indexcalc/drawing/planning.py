"""On which side every free index ends, and in which column every vertex stands.

In: a row of a picture. Out: a `Plan`, from the outside in: a letter that leaves a frame on one side
ends on this side within the frame, too. Sizes are not known yet, and not needed.

>>> from indexcalc.drawing.lettering import lettered
>>> from indexcalc.drawing.network import Item, Tensor, Term
>>> from indexcalc.drawing.wiring import wired
>>> A = Tensor(lettered("A"), ("i", "j"))
>>> [network] = wired([(A, ("i", "j"))], [], [], ["i", "j"])
>>> plan = planned(Row([Item("", Term("", [network]))]), ["i", "j"])
>>> plan.layering(network).columns
(1, 0, 2)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from indexcalc.drawing.layering import Layering, Side, layered
from indexcalc.drawing.measures import least_width
from indexcalc.drawing.network import End, Frame, Network, Row, frames_of, networks_of, rows_in

MOST_FLIPPED = 4  # letters for which both sides are tried
MISPLACED = 1.5  # cost of a letter that is not on the side of its axis

Sides = dict[str, Side]


@dataclass(slots=True)
class Plan:
    """Layerings of networks, and rows in the order in which they were planned.

    `letters` are the axes of the line, `bulks` says how high the frame of a row is, `opened` how
    wide the row of an open frame has to be. Networks and rows are known by identity.
    """

    letters: tuple[str, ...] = ()
    bulks: dict[int, float] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    opened: dict[int, float] = field(default_factory=dict)
    layerings: dict[int, Layering] = field(default_factory=dict)

    def layering(self, network: Network) -> Layering:
        """The columns of a network."""
        return self.layerings[id(network)]

    def bulk(self, network: Network) -> dict[int, float]:
        """About how high each vertex is."""
        frames = {v: part for v, part in enumerate(network.vertices) if isinstance(part, Frame)}
        return {v: self.bulks[id(frame.row)] for v, frame in frames.items()}


def planned(row: Row, letters: Sequence[str]) -> Plan:
    """The plan for a row and all rows in its frames; `letters` are its axes in order."""
    plan = Plan(tuple(letters), bulks=_bulks(row))
    stack: list[tuple[Row, Sides, Sequence[str]]] = [(row, {}, letters)]
    while stack:
        row, sides, axes = stack.pop()
        plan.rows.append(row)
        pinned = id(row) in plan.opened
        chosen = _completed(row, sides, axes, plan)
        for network in networks_of(row):
            layering = layered(network, chosen, plan.bulk(network), pinned)
            plan.layerings[id(network)] = layering
            for frame, ports in _ports(network, layering):
                inner = ports if not frame.is_whole else {}
                stack.append((frame.row, inner, tuple(ports)))
                if is_open(frame):
                    plan.opened[id(frame.row)] = least_width(frame)
    return plan


def _bulks(root: Row) -> dict[int, float]:
    """For each row about how high a frame around it is, in units of a tensor."""
    found: dict[int, float] = {}
    for row in reversed(rows_in(root)):
        inner = max((found[id(frame.row)] for frame in frames_of(row)), default=1.0)
        parts = sum(len(network.vertices) for network in networks_of(row))
        found[id(row)] = 0.5 + inner + 0.1 * parts
    return found


def is_open(frame: Frame) -> bool:
    """Whether edges go through the border: the frame holds one network with these very ends."""
    if len(frame.row.items) != 1 or frame.is_whole:
        return False
    [item] = frame.row.items
    if item.sign or item.term.number or len(item.term.networks) != 1:
        return False
    return sorted(_ends(item.term.networks[0])) == sorted(frame.ports)


def _ends(network: Network) -> list[str]:
    return [vertex.letter for vertex in network.vertices if isinstance(vertex, End)]


def _ports(network: Network, layering: Layering) -> Iterator[tuple[Frame, Sides]]:
    """Each frame with the sides on which its letters leave it."""
    columns = layering.columns
    sides: list[Sides] = [{} for _ in network.vertices]
    for edge in network.edges:
        for one, other in ((edge.one, edge.other), (edge.other, edge.one)):
            side = Side.LEFT if columns[other] < columns[one] else Side.RIGHT
            sides[one][edge.letter] = side
    for number, vertex in enumerate(network.vertices):
        if isinstance(vertex, Frame):
            yield vertex, sides[number]


# --- sides of free letters ------------------------------------------------------------------------


def _completed(row: Row, sides: Sides, axes: Sequence[str], plan: Plan) -> Sides:
    """Sides for all ends in the row: the first axes on the left, unless this draws much worse."""
    found = dict.fromkeys(letter for network in networks_of(row) for letter in _ends(network))
    rest = [letter for letter in [*axes, *found] if letter in found and letter not in sides]
    rest = list(dict.fromkeys(rest))
    if not rest:
        return sides
    usual = _halves(rest)
    if len(rest) > MOST_FLIPPED:
        return sides | usual
    costs: dict[tuple[int, tuple[tuple[str, Side], ...]], float] = {}
    best, least = usual, float("inf")
    for flips in product((Side.LEFT, Side.RIGHT), repeat=len(rest)):
        tried = dict(zip(rest, flips, strict=True))
        cost = _misplaced(tried, usual)
        for network in networks_of(row):
            own = {letter: (sides | tried)[letter] for letter in _ends(network)}
            key = id(network), tuple(own.items())
            if key not in costs:
                matters = bool(own.keys() & tried.keys())
                costs[key] = layered(network, own, plan.bulk(network)).cost if matters else 0.0
            cost += costs[key]
        if cost < least:
            best, least = tried, cost
    return sides | best


def _halves(letters: Sequence[str]) -> Sides:
    half = (len(letters) + 1) // 2
    return {
        letter: Side.LEFT if place < half else Side.RIGHT for place, letter in enumerate(letters)
    }


def _misplaced(tried: Mapping[str, Side], usual: Mapping[str, Side]) -> float:
    if len(usual) == 1:
        return 0.0
    return MISPLACED * sum(tried[letter] is not usual[letter] for letter in usual)
