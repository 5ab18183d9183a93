"""What a picture means, worked out with NumPy from its vertices and edges.

The letters in a picture are only followed along lines, as a reader does; nothing is taken from the
formula that it was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.drawing.lettering import Lettering, Style, lettered, plain
from indexcalc.drawing.network import (
    Dot,
    End,
    Frame,
    FrameKind,
    Item,
    Line,
    Loop,
    Network,
    Row,
    Tag,
    Tensor,
)

Array = NDArray[Any]
ENTRYWISE: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "atan": np.arctan,
    "abs": np.abs,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.log1p(np.exp(x)),
    "relu": lambda x: np.maximum(x, 0),
    "max": np.maximum,
    "min": np.minimum,
    "where": np.where,
}
SLOPES: tuple[Callable[..., Any], ...] = (  # of the unknown functions σ and φ
    np.sin, np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x),
)  # fmt: skip
ENTRYWISE |= {name + "′" * order: f for name in "σφ" for order, f in enumerate(SLOPES)}
SIGNS: dict[str, Callable[..., Any]] = {
    ">": np.greater, "<": np.less, "≥": np.greater_equal, "≤": np.less_equal,
    "=": np.equal, "≠": np.not_equal,
}  # fmt: skip
FOLDS: dict[str, Callable[..., Any]] = {
    "max": np.max,
    "min": np.min,
    "prod": np.prod,
    "logsumexp": lambda x, axis: np.log(np.sum(np.exp(x), axis=axis)),
}
_I = np.eye(3)
CONSTANTS: dict[str, Any] = {
    "π": np.pi,
    "e": np.e,
    "ε": np.linalg.det(_I[np.indices((3, 3, 3)).transpose(1, 2, 3, 0)]).round(),
}
WHOLE: dict[str, Callable[..., Any]] = {
    "inv": np.linalg.inv,
    "det": np.linalg.det,
    "logdet": lambda x: np.linalg.slogdet(x)[1],
    "vec": lambda x: x.T.reshape(-1),
    "cumsum": np.cumsum,
    "softmax": lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum(),
    **{name: lambda x, fold=fold: fold(x, axis=None) for name, fold in FOLDS.items()},
}


@dataclass(frozen=True)
class Labelled:
    """An array with a letter for each axis."""

    letters: tuple[str, ...]
    array: Array

    def along(self, letters: Sequence[str]) -> Array:
        """The array with these axes, of size one where it has none of them."""
        order = [self.letters.index(letter) for letter in letters if letter in self.letters]
        assert len(order) == len(self.letters), (self.letters, letters)
        index = tuple(slice(None) if a in self.letters else None for a in letters)
        return self.array.transpose(order)[index]


def together(parts: Sequence[Labelled], function: Callable[..., Any]) -> Labelled:
    """An entrywise function of arrays, matched by letters."""
    letters = tuple(dict.fromkeys(letter for part in parts for letter in part.letters))
    return Labelled(letters, np.asarray(function(*(part.along(letters) for part in parts))))


class UnknownSizeError(Exception):
    """Nothing in the picture tells how many values an index takes, as in `sum_i 1`."""


class _Sizes(dict[int, int]):
    def __missing__(self, index: int) -> int:
        raise UnknownSizeError(index)


class Reader:
    """A picture's lines, and arrays for the names in them."""

    def __init__(self, lines: Sequence[Line], values: Mapping[str, Any]) -> None:
        self.values = CONSTANTS | {plain(lettered(name)): values[name] for name in values}
        self.lines = {plain(line.name): line for line in lines[1:]}
        self.first = lines[0]

    def value(self, shape: Sequence[int]) -> Array:
        """The array that the first line stands for."""
        sizes = dict(zip(self.first.letters, shape, strict=True))
        found = self.row(self.first.row, sizes)
        return np.broadcast_to(found.along(self.first.letters), tuple(shape))

    def row(self, row: Row, sizes: Mapping[str, int]) -> Labelled:
        """A sum of terms; some tell the sizes that others need."""
        known, terms, left = dict(sizes), list[Labelled](), list(row.items)
        while left:
            waiting = []
            for item in left:
                try:
                    terms.append(self.item(item, known))
                except UnknownSizeError:
                    waiting.append(item)
            if len(waiting) == len(left):
                raise UnknownSizeError
            for term in terms:
                known |= zip(term.letters, term.array.shape, strict=True)
            left = waiting
        return together(terms, lambda *arrays: sum(arrays))

    def item(self, item: Item, sizes: Mapping[str, int]) -> Labelled:
        factor = float(Fraction(item.term.number or "1")) * (-1 if "−" in item.sign else 1)
        parts = [Labelled((), np.asarray(factor))]
        parts += [self.network(network, sizes) for network in item.term.networks]
        return together(parts, lambda *arrays: np.prod(np.broadcast_arrays(*arrays), axis=0))

    # --- networks -------------------------------------------------------------------------------

    def network(self, network: Network, outer: Mapping[str, int]) -> Labelled:
        """A contraction: every dot, tag, loop or lone end is one index."""
        group = _groups(network)
        tensors: dict[int, Labelled] = {}
        sizes: dict[int, int] = _Sizes()
        for v, vertex in enumerate(network.vertices):
            if isinstance(vertex, End) and vertex.letter in outer:
                sizes[group[v]] = outer[vertex.letter]
        ordered = sorted(enumerate(network.vertices), key=lambda pair: _needs(pair[1]))
        for v, vertex in ordered:
            if not isinstance(vertex, Tensor | Frame):
                continue
            slots = vertex.indices if isinstance(vertex, Tensor) else vertex.ports
            joints = {letter: group[_joint(network, v, letter)] for letter in slots}
            known = {letter: sizes[at] for letter, at in joints.items() if at in sizes}
            found = self.vertex(vertex, {**outer, **known})
            for letter, size in zip(found.letters, found.array.shape, strict=True):
                if letter in joints:
                    sizes[joints[letter]] = size
            tensors[v] = found
        return self.contracted(network, group, tensors, sizes)

    def vertex(self, vertex: Tensor | Frame, sizes: Mapping[str, int]) -> Labelled:
        if isinstance(vertex, Frame):
            return self.frame(vertex, sizes)
        return self.grouped(vertex, sizes) if _needs(vertex) else self.tensor(vertex)

    def contracted(
        self,
        network: Network,
        group: Mapping[int, int],
        tensors: Mapping[int, Labelled],
        sizes: Mapping[int, int],
    ) -> Labelled:
        operands: list[Any] = []
        covered: set[int] = set()
        whole: tuple[str, ...] = ()
        for v, found in tensors.items():
            if any(letter.startswith("#") for letter in found.letters):
                return found  # a whole tensor stands alone
            own = [group[_joint(network, v, letter)] for letter in found.letters]
            covered |= set(own)
            operands += [found.array, own]
        ends = {v: p.letter for v, p in enumerate(network.vertices) if isinstance(p, End)}
        for joint in sorted(set(group.values()) - covered):
            operands += [np.ones(sizes[joint]), [joint]]
        # every end has an axis of its own: copies of one index make a diagonal
        output: list[int] = []
        fresh = max(group.values(), default=0) + 1
        for v in ends:
            operands += [np.eye(sizes[group[v]]), [group[v], fresh]]
            output.append(fresh)
            fresh += 1
        if not operands:
            return Labelled(whole, np.asarray(1.0))
        short = {label: k for k, label in enumerate(sorted({*_labels(operands), *output}))}
        operands = [x if k % 2 == 0 else [short[a] for a in x] for k, x in enumerate(operands)]
        made = np.einsum(*operands, [short[a] for a in output])
        return Labelled(tuple(ends.values()), np.asarray(made))

    def tensor(self, vertex: Tensor) -> Labelled:
        """A number, or the array of a name; one without indices may be a whole tensor."""
        name, exponent, transposed = _taken_apart(vertex.name)
        if vertex.is_number:
            base = np.asarray(float(Fraction(name)))
        elif name in self.lines:
            base = self.defined(self.lines[name])
        else:
            base = np.asarray(self.values[name])
        if transposed:
            base = base.T
        if not vertex.indices and base.ndim:
            return Labelled(tuple(f"#{k}" for k in range(base.ndim)), base)
        return Labelled(vertex.indices, base**exponent if exponent != 1 else base)

    def grouped(self, vertex: Tensor, sizes: Mapping[str, int]) -> Labelled:
        """`X_(sr)q`: letters that share an axis row by row; δ joins two groups of letters."""
        if not set(vertex.indices) <= set(sizes):
            raise UnknownSizeError
        shape = [sizes[letter] for letter in vertex.indices]
        name, _, _ = _taken_apart(vertex.name)
        if name != "δ":
            return Labelled(vertex.indices, np.asarray(self.values[name]).reshape(shape))
        [text] = [run.text for run in vertex.name if run.style is Style.AXES]
        first = len(text[1:].split(")")[0]) if text[0] == "(" else 1
        return Labelled(vertex.indices, np.eye(int(np.prod(shape[:first]))).reshape(shape))

    def defined(self, line: Line) -> Array:
        found = self.row(line.row, {})
        return found.along(line.letters)

    # --- frames ---------------------------------------------------------------------------------

    def frame(self, frame: Frame, sizes: Mapping[str, int]) -> Labelled:
        """What the frame makes of what is in it."""
        made = self.framed(frame, sizes)
        exponent = _taken_apart(frame.exponent)[1]
        if exponent != 1:
            made = Labelled(made.letters, made.array**exponent)
        return made

    def framed(self, frame: Frame, sizes: Mapping[str, int]) -> Labelled:
        groups = _arguments(frame)
        arguments = [self.row(Row(items), sizes) for _, items in groups]
        if frame.kind is FrameKind.BRACKET:
            return arguments[0]
        if frame.kind is FrameKind.CONDITION:
            return together(arguments, lambda a, b: SIGNS[groups[1][0]](a, b).astype(float))
        name = "".join(run.text for run in frame.caption if run.style not in _BELOW)
        letters = [a for run in frame.caption if run.style in _BELOW for a in _split(run.text)]
        if frame.is_whole or any(a.startswith("#") for a in arguments[0].letters):
            order = letters or arguments[0].letters
            return Labelled(frame.ports, np.asarray(WHOLE[name](arguments[0].along(order))))
        if name in FOLDS and letters:
            kept = [a for a in arguments[0].letters if a not in letters]
            array = arguments[0].along([*kept, *letters])
            axes = tuple(range(len(kept), len(kept) + len(letters)))
            return Labelled(tuple(kept), np.asarray(FOLDS[name](array, axis=axes)))
        if letters:
            return _along(name, arguments[0], letters)
        if name in WHOLE and name not in ENTRYWISE:
            array = arguments[0].along(arguments[0].letters)
            return Labelled((), np.asarray(WHOLE[name](array)))
        return together(arguments, ENTRYWISE[name])


_BELOW = (Style.SUB, Style.AXES)


def _needs(vertex: object) -> int:
    """How much has to be known before a vertex has a value: sizes of grouped indices last."""
    if isinstance(vertex, Tensor):
        return 2 if "(" in plain(vertex.name) else 0
    return 1


def _split(text: str) -> list[str]:
    return text.strip(",").split(",") if "," in text.strip(",") else list(text.strip(","))


def _along(name: str, part: Labelled, letters: Sequence[str]) -> Labelled:
    axes = tuple(part.letters.index(letter) for letter in letters)
    if name == "cumsum":
        return Labelled(part.letters, np.cumsum(part.array, axis=axes[0]))
    assert name == "softmax"
    raised = np.exp(part.array - part.array.max())
    return Labelled(part.letters, raised / raised.sum(axis=axes, keepdims=True))


def _arguments(frame: Frame) -> list[tuple[str, list[Item]]]:
    """The items of each argument: a new one starts at a comma or a comparison."""
    found: list[tuple[str, list[Item]]] = [("", [])]
    for item in frame.row.items:
        first = item.sign[:1]
        if first == "," or first in SIGNS:
            found.append((first, []))
        found[-1][1].append(item)
    return found


def _taken_apart(lettering: Lettering) -> tuple[str, float, bool]:
    """The name, its exponent, whether it is transposed."""
    kept = tuple(run for run in lettering if run.style not in (Style.SUP, Style.AXES))
    raised = "".join(run.text for run in lettering if run.style is Style.SUP).replace("−", "-")
    if raised == "T":
        return plain(kept), 1.0, True
    return plain(kept), float(Fraction(raised or "1")), False


def _labels(operands: Sequence[Any]) -> list[int]:
    return [label for own in operands[1::2] for label in own]


def _groups(network: Network) -> dict[int, int]:
    """For each vertex that stands for an index the vertex of its group: a dot for its ends."""
    group = {v: v for v, p in enumerate(network.vertices) if isinstance(p, Dot | Tag | End | Loop)}
    for edge in network.edges:
        for one, other in ((edge.one, edge.other), (edge.other, edge.one)):
            if isinstance(network.vertices[one], Dot) and isinstance(network.vertices[other], End):
                group[other] = one
    return group


def _joint(network: Network, vertex: int, letter: str) -> int:
    """Where the edge with this letter leads."""
    for edge in network.edges:
        if edge.letter == letter and vertex in (edge.one, edge.other):
            return edge.other if edge.one == vertex else edge.one
    raise AssertionError(f"no edge {letter}")
