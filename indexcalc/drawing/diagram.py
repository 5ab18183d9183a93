"""From an arranged formula to the lines of a picture: what is a vertex, a frame, an edge.

In: what `notation.component.arrangement` makes of a node, so that letters, order and names are
those of the printed formula. Out: lines, one for the formula, the others for its where list.

>>> from indexcalc.ir.build import builtin, variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.notation.component import arrangement
>>> m, n = Extent.named("m"), Extent.named("n")
>>> W, x = variable("W", (m, n)), variable("x", (n,))
>>> product = contract([(W, "ij"), (x, "j")], "i")
>>> [line] = diagram(arrangement(builtin("exp", product), ["i"]), ["i"])
>>> frame, end = line.row.items[0].term.networks[0].vertices
>>> frame.ports, end.letter, [len(item.term.networks) for item in frame.row.items]
(('i',), 'i', [1])
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from indexcalc.drawing.lettering import lettered, with_axes
from indexcalc.drawing.network import Frame, Item, Line, Network, Row, Term, Vertex
from indexcalc.drawing.scope import Scope, scope_of
from indexcalc.drawing.vertices import Argument, framing_of, tensor_of
from indexcalc.drawing.wiring import wired
from indexcalc.notation.component import Arrangement
from indexcalc.notation.formula import (
    Applied,
    Formula,
    Indices,
    Literal,
    Product,
    Raised,
    Symbol,
    SymbolKind,
    Total,
)
from indexcalc.notation.spelling import Spelling
from indexcalc.notation.text import number_text

ONE = Fraction(1)
MINUS = "−"


def diagram(made: Arrangement, letters: Sequence[str]) -> list[Line]:
    """A line for the formula under `letters`, and one for each line of the where list.

    Raises `LimitError` if there is too much to be drawn, `FormulaError` if a name of the program
    hides what is to be drawn.
    """
    formulas = [made.formula, *(line.formula for line in made.where)]
    drawer = _Drawer(scope_of(formulas, made.spelling), made.spelling)
    lines = [Line((), tuple(letters), drawer.row([("", made.formula)], tuple(letters)))]
    for line in made.where:
        row = drawer.row([("", line.formula)], line.letters)
        lines.append(Line(lettered(line.name), line.letters, row))
    drawer.run()
    return lines


@dataclass(slots=True)
class _Factors:
    """A term taken apart: `number · Σ_sums Π factor^exponent`."""

    number: Fraction = ONE
    sums: dict[str, None] = field(default_factory=dict)
    parts: list[tuple[Formula, Fraction]] = field(default_factory=list)


class _Drawer:
    def __init__(self, scope: Scope, spelling: Spelling) -> None:
        self.scope, self.spelling = scope, spelling
        self.open: list[tuple[Row, Sequence[Argument], Indices]] = []

    def row(self, arguments: Sequence[Argument], free: Indices) -> Row:
        """A row that `run` fills with the arguments, each behind its sign."""
        row = Row()
        self.open.append((row, arguments, free))
        return row

    def run(self) -> None:
        while self.open:
            row, arguments, free = self.open.pop()
            for sign, formula in arguments:
                shown = self.scope.shown(formula)
                terms = shown.terms if isinstance(shown, Total) else (shown,)
                row.items.append(self._item(sign, terms[0], free))
                row.items += [self._item("+", term, free) for term in terms[1:]]

    def _item(self, sign: str, formula: Formula, free: Indices) -> Item:
        factors = self._taken_apart(formula)
        if factors.number < 0:
            sign = f"{sign.removesuffix('+')} {MINUS}".strip()
        number = abs(factors.number)
        networks = self._networks(factors, free)
        text = number_text(number) if number != 1 or not networks else ""
        return Item(sign, Term(text, networks))

    def _taken_apart(self, formula: Formula) -> _Factors:
        """Products in products are one product; their letters differ."""
        found = _Factors()
        stack: list[tuple[Formula, Fraction]] = [(formula, ONE)]
        while stack:
            part, exponent = stack.pop()
            part = self.scope.shown(part)
            match part:
                case Literal(value=value) if exponent == 1:
                    found.number *= value
                case Product() if exponent == 1:
                    found.number *= part.coefficient
                    found.sums |= dict.fromkeys(part.sums)
                    stack += [(inner, -ONE) for inner in reversed(part.denominators)]
                    stack += [(inner, ONE) for inner in reversed((*part.leading, *part.factors))]
                case Raised(base=base, exponent=power) if abs(exponent) == 1:
                    found.parts.append((self.scope.shown(base), power * exponent))
                case _:
                    found.parts.append((part, exponent))
        return found

    def _networks(self, factors: _Factors, free: Indices) -> list[Network]:
        """Every factor as a vertex, every letter as an edge."""
        counts = self._counts(factors)
        alone = {a for a, times in counts.items() if times == 1 and a not in factors.sums}
        bound = [a for a in counts if a not in free and a not in alone]
        loose = {a for part, _ in factors.parts for a in self.scope.loose(part) if a in alone}
        seen = {*free, *bound, *loose}
        vertices: list[tuple[Vertex, Indices]] = []
        deltas: list[Indices] = []
        ones: list[Indices] = [(letter,) for letter in factors.sums if letter not in counts]
        for part, exponent in factors.parts:
            match part:
                case Symbol(kind=SymbolKind.DELTA, indices=indices, groups=()) if exponent == 1:
                    deltas.append(indices)
                case Symbol(kind=SymbolKind.ONES, indices=indices):
                    ones.append(indices)
                case _:
                    vertices.append(self._vertex(part, exponent, seen, (*free, *bound)))
        return wired(vertices, deltas, ones, {*free, *loose})

    def _counts(self, factors: _Factors) -> Counter[str]:
        counts: Counter[str] = Counter()
        for part, exponent in factors.parts:
            own = _own_indices(part) if exponent == 1 else ()  # `A_ii^2` sums before the power
            counts.update(own or self.scope.letters(part))
        return counts

    def _vertex(
        self, part: Formula, exponent: Fraction, seen: set[str], free: Indices
    ) -> tuple[Vertex, Indices]:
        tensor = tensor_of(part, exponent, self.spelling)
        if tensor is not None:
            return tensor, tensor.indices
        framing = framing_of(part, exponent, self.spelling)
        inner, caption = (*free, *framing.bound), framing.caption
        if framing.is_closed:
            held = [argument for _, argument in framing.arguments]
            inner = tuple(letter for whole in held for letter in self.scope.loose(whole))
            caption = with_axes(caption, inner)
        ports = _own_indices(part) if exponent == 1 else ()
        ports = ports or tuple(letter for letter in self.scope.letters(part) if letter in seen)
        row = self.row(framing.arguments, inner)
        vertex = Frame(framing.kind, caption, ports, row, framing.exponent, framing.is_closed)
        return vertex, ports


def _own_indices(part: Formula) -> Indices:
    """The indices of a name, or of a call of a whole tensor; else none."""
    return part.indices if isinstance(part, Symbol | Applied) else ()
