"""From the factors of one term to connected networks: every letter becomes an edge.

In: vertices with their letters, δ and ones, and which letters are free. Out: networks. A letter
that two vertices share is an edge between them; one that occurs more often, or once without being
free, is a dot; δ joins two letters at a dot, and `1_j` is a dot with one edge.

>>> from indexcalc.drawing.lettering import lettered
>>> from indexcalc.drawing.network import Tensor
>>> A, x = Tensor(lettered("A"), ("i", "j")), Tensor(lettered("x"), ("j",))
>>> [network] = wired([(A, ("i", "j")), (x, ("j",))], [], [], ["i"])
>>> [type(vertex).__name__ for vertex in network.vertices]
['Tensor', 'Tensor', 'End', 'Tag']
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from indexcalc.drawing.network import Dot, Edge, End, Loop, Network, Tag, Vertex
from indexcalc.notation.formula import Indices


@dataclass(slots=True)
class _Group:
    """Letters that mean one index: those that a δ joins; and where it is attached."""

    letters: list[str]
    attached: list[tuple[int, str]] = field(default_factory=list)
    is_copied: bool = False


def wired(
    factors: Sequence[tuple[Vertex, Indices]],
    deltas: Sequence[Indices],
    ones: Sequence[Indices],
    free: Collection[str],
) -> list[Network]:
    """The networks of a term in the order of their first factors; those of δ alone come last.

    `deltas` join letters, `ones` and other letters without a factor stand alone at a dot.
    """
    groups = _grouped(factors, deltas, ones)
    vertices: list[Vertex] = [vertex for vertex, _ in factors]
    edges: list[Edge] = []
    for group in groups:
        _attach(group, [letter for letter in group.letters if letter in free], vertices, edges)
    return _connected(vertices, edges)


def _grouped(
    factors: Sequence[tuple[Vertex, Indices]], deltas: Sequence[Indices], ones: Sequence[Indices]
) -> list[_Group]:
    letters = [indices for _, indices in factors] + [*deltas, *ones]
    groups = {letter: _Group([letter]) for indices in letters for letter in indices}
    for delta in deltas:
        first = groups[delta[0]]
        first.is_copied = True
        for letter in delta[1:]:
            other = groups[letter]
            if other is not first:
                first.letters += other.letters
                for joined in other.letters:
                    groups[joined] = first
    for number, (_, indices) in enumerate(factors):
        for letter in indices:
            groups[letter].attached.append((number, letter))
    return list({id(group): group for group in groups.values()}.values())


def _attach(group: _Group, free: Sequence[str], vertices: list[Vertex], edges: list[Edge]) -> None:
    """Add the vertices and edges of one index."""
    attached, middle = group.attached, len(vertices)
    plain = not group.is_copied
    if plain and len(attached) == 1 and len(free) == 1:
        vertices.append(End(free[0]))
    elif plain and len(attached) == 2 and not free:
        (one, letter), (other, _) = attached
        if one == other:
            vertices.append(Loop(letter))
            attached = attached[:1]
        else:
            vertices.append(Tag(letter))
    else:
        vertices.append(Dot(tuple(a for a in group.letters if a not in free)))
        for letter in free:
            edges.append(Edge(middle, len(vertices), letter))
            vertices.append(End(letter))
    edges += [Edge(vertex, middle, letter) for vertex, letter in attached]


def _connected(vertices: Sequence[Vertex], edges: Sequence[Edge]) -> list[Network]:
    """The connected parts, in the order of their first vertices."""
    beside: list[list[int]] = [[] for _ in vertices]
    for edge in edges:
        beside[edge.one].append(edge.other)
        beside[edge.other].append(edge.one)
    part: dict[int, int] = {}
    networks: list[Network] = []
    places: dict[int, int] = {}
    for start in range(len(vertices)):
        if start in part:
            continue
        members, stack = [], [start]
        part[start] = len(networks)
        while stack:
            vertex = stack.pop()
            members.append(vertex)
            for other in beside[vertex]:
                if other not in part:
                    part[other] = len(networks)
                    stack.append(other)
        members.sort()
        places |= {vertex: place for place, vertex in enumerate(members)}
        networks.append(Network([vertices[vertex] for vertex in members], []))
    for edge in edges:
        moved = Edge(places[edge.one], places[edge.other], edge.letter)
        networks[part[edge.one]].edges.append(moved)
    return networks
