r"""Lines of a derivation in matrix notation.

In: nodes, as for `Writer`. Out: equations without indices. A differential of a scalar is gathered
as `g^T dx` or `G : dX`, one of a vector as `J dx`; of more than two axes stacked: `vec(dY)`.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.notation.names import NameStyle
>>> W = variable("W", (Extent.named("m"), Extent.named("n")))
>>> MatrixWriter(NameStyle(), {}).symbol("W", ["i", "j"]).text
'W'
"""

from __future__ import annotations

from dataclasses import replace

from indexcalc.derivation.chain import Link, Part
from indexcalc.derivation.gathered import mapped, of_matrix, of_vector, stacked, total
from indexcalc.derivation.spelling import Axes, Writer
from indexcalc.derivation.step import Equation, Spelled
from indexcalc.ir.node import Node, Variable
from indexcalc.notation.component import Arrangement
from indexcalc.notation.formula import Formula, Symbol, SymbolKind
from indexcalc.notation.matrix.form import matrix_arrangement
from indexcalc.notation.matrix.vec.form import vec_arrangement

MOST_AXES = 2


class MatrixWriter(Writer):
    """Matrix notation in the style of a program: names without indices."""

    def letters(self, tensor: Variable, used: Axes = ()) -> tuple[str, ...]:
        """None: nothing has indices."""
        return ()

    def symbol(self, name: str, letters: Axes = ()) -> Spelled:
        """The name alone."""
        return super().symbol(name)

    def arranged(self, node: Node, letters: Axes) -> Arrangement:
        """The formula of a node, not yet spelled.

        Raises `FormulaError` if it has no matrix form.
        """
        return matrix_arrangement(node, self.style)

    # --- differentials --------------------------------------------------------------------------

    def lines(
        self, left: Spelled, link: Link, letters: Axes, is_first: bool, is_last: bool
    ) -> list[Equation]:
        """As the rules give it, gathered, or both: the last line is read off from `G : dX`."""
        plain = self.equation(left, link.node, letters)
        gathered = self.gathered(left, link) if link.parts else None
        collects = link.reason == "collect"
        if gathered is None:
            return [] if collects and link.node.shape else [plain]
        if _bare(gathered) == _bare(plain):
            return [plain]
        rank = len(link.parts[0][0].shape)
        if is_first:
            return [plain, gathered] if is_last and rank else [plain]
        is_chain = ":" not in plain.right.text and not collects
        both = is_last and is_chain and (rank == MOST_AXES or link.node.shape)
        return [plain, gathered] if both else [gathered]

    def gathered(self, left: Spelled, link: Link) -> Equation | None:
        """Each differential once, behind what it is multiplied by."""
        ranks = {len(link.node.shape) + len(move.shape) for move, _ in link.parts}
        if max(ranks) > MOST_AXES or (link.node.shape and len(link.parts) > 1):
            return None
        made = [matrix_arrangement(part, self.style) for _, part in link.parts]
        if any(part.where for part in made):
            return None
        known = frozenset().union(*(part.spelling.known for part in made))
        spelling = replace(made[0].spelling, known=known)
        terms = [
            _gathered(part, formula.formula, bool(link.node.shape))
            for part, formula in zip(link.parts, made, strict=True)
        ]
        return Equation(left, self.formula(total(terms), spelling))

    # --- more than two axes -----------------------------------------------------------------------

    def mapped(self, value: Variable, by: Variable, derivative: Node) -> Equation | None:
        """`vec(dY) = M vec(dX)`, if the derivative has more than two axes."""
        if len(derivative.shape) <= MOST_AXES:
            return None
        made = vec_arrangement(derivative, len(value.shape), self.style)
        symbol = Symbol(SymbolKind.VARIABLE, by.name, ())
        move = stacked(symbol) if len(by.shape) == MOST_AXES else symbol
        whole = Arrangement(mapped(made.formula, move), made.where, made.spelling)
        return self.made(self.stacked(value, (), len(derivative.shape)), whole)

    def read(self, left: Spelled, node: Node, letters: Axes, rank: int) -> Equation:
        """`left = node`; a derivative of more than two axes in its vec form."""
        if len(node.shape) <= MOST_AXES:
            return self.equation(left, node, letters)
        return self.made(left, vec_arrangement(node, rank, self.style))

    def stacked(self, tensor: Variable, letters: Axes, axes: int) -> Spelled:
        """The name, stacked if it is a matrix in a derivative of more than two axes."""
        found = self.symbol(tensor.name)
        if axes <= MOST_AXES or len(tensor.shape) < MOST_AXES:
            return found
        return Spelled(f"vec({found.text})", rf"\operatorname{{vec}}({found.latex})")


def _bare(equation: Equation) -> str:
    """The text without brackets, blanks and identity: what differs only in these says the same."""
    return equation.right.text.translate({ord(sign): None for sign in "() I"})


def _gathered(part: Part, derivative: Formula, maps: bool) -> Formula:
    move = Symbol(SymbolKind.VARIABLE, part[0].name, ())
    match len(part[0].shape):
        case 1 if not maps:
            return of_vector(derivative, move)
        case 2 if not maps:
            return of_matrix(derivative, move)
        case _:
            return mapped(derivative, move)
