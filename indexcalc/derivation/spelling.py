r"""Nodes of a derivation in text and LaTeX, with indices or as matrices.

In: a node and letters for its axes. Out: both spellings, and the lines for names that only this
node has. Differentials are variables called `dW`, which LaTeX shows as `dW`, not as a word.

>>> from indexcalc.ir.build import variable
>>> writer = Writer(NameStyle(), {"dλ": ("d", "λ")})
>>> writer.symbol("dλ", ["i"])
Spelled(text='dλ_i', latex='d\\lambda_i')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indexcalc.derivation.chain import Link
from indexcalc.derivation.step import Equation, Spelled
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Node, Variable
from indexcalc.notation.component import Arrangement, arrangement
from indexcalc.notation.formula import Formula
from indexcalc.notation.latex import formula_latex
from indexcalc.notation.latex_names import named, word
from indexcalc.notation.letters import Letters
from indexcalc.notation.names import LAST, NameStyle, Rank
from indexcalc.notation.spelling import Spelling
from indexcalc.notation.text import formula_text, subscript

SIGNS = {"d": "d", "Δ": r"\Delta ", "D": "D"}
POWERS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
Axes = Sequence[str]


class Writer:
    """Index notation in the style of a program; `moves` has sign and name of each differential."""

    def __init__(
        self, style: NameStyle, moves: Mapping[str, tuple[str, str]], *, has_left: bool = True
    ) -> None:
        self.style, self.moves, self.has_left = style, moves, has_left
        self.ranks = style.ranks()

    def place(self, name: str) -> Rank:
        """Where the name stands in the order of the program."""
        number, position, _ = self.ranks.get(name, LAST)
        return (-number, position, name)

    def letters(self, tensor: Variable, used: Axes = ()) -> tuple[str, ...]:
        """Letters for the axes of a name: those it was written with, if they are free."""
        own = tuple(self.style.axes.get(tensor.name, ()))
        fits = len(own) == len(tensor.shape) == len(set(own)) and not set(own) & set(used)
        if fits and all(letter[0].isalpha() for letter in own):
            return own
        supply = Letters(used, [name for name in self.style.known() if len(name) == 1])
        wishes = [self.style.letters.get(extent, ()) for extent in tensor.shape]
        return tuple(supply.fresh(wish) for wish in wishes)

    def symbol(self, name: str, letters: Axes = ()) -> Spelled:
        """A name under its letters."""
        spelled = self.style.spelled(name)
        text = spelled + subscript(letters, spelled, self.style.known())
        return Spelled(text, self._latex(named(spelled, letters)))

    def quotient(self, above: Spelled, below: Sequence[Spelled]) -> Spelled:
        """The derivative of one symbol by others."""
        order = len(below)
        mark = "".join(POWERS[int(digit)] for digit in str(order)) if order > 1 else ""
        power = f"^{{{order}}}" if order > 9 else f"^{order}" if order > 1 else ""
        text = f"∂{mark}{above.text}/" + "".join(f"∂{part.text}" for part in below)
        bottom = r"\, ".join(rf"\partial {part.latex}" for part in below)
        return Spelled(text, rf"\frac{{\partial{power} {above.latex}}}{{{bottom}}}")

    def equation(self, left: Spelled, node: Node, letters: Axes = ()) -> Equation:
        """`left = node`, with the lines for names that the node needs."""
        return self.made(left, self.arranged(node, letters))

    def made(self, left: Spelled, made: Arrangement) -> Equation:
        """`left = formula`, with its lines."""
        where = tuple(
            Equation(
                self._where_name(line.name, line.letters, made.spelling),
                self.formula(line.formula, made.spelling),
            )
            for line in made.where
        )
        return Equation(left, self.formula(made.formula, made.spelling), where)

    def unit(self, tensor: Variable) -> Spelled | None:
        """`∂x_i/∂x_j = δ_ij`, if that is how a name moves and can be said."""
        first = self.letters(tensor)
        if not first or tensor.symmetric:
            return None
        second = self.letters(tensor, first)
        left = self.quotient(self.symbol(tensor.name, first), [self.symbol(tensor.name, second)])
        rank = range(len(first))
        same = contract([], [*rank, *rank], dict(enumerate(tensor.shape)))
        equation = self.equation(left, same, first + second)
        return Spelled(equation.text, equation.latex)

    def lines(
        self, left: Spelled, link: Link, letters: Axes, is_first: bool, is_last: bool
    ) -> list[Equation]:
        """The equations that one line of a differential is written as: the second collects."""
        return [self.equation(left, link.node, letters)]

    def mapped(self, value: Variable, by: Variable, derivative: Node) -> Equation | None:
        """The last line with everything stacked, if the derivative cannot be read off without."""
        return None

    def read(self, left: Spelled, node: Node, letters: Axes, rank: int) -> Equation:
        """`left = node` for a derivative of a tensor of so many axes."""
        return self.equation(left, node, letters)

    def stacked(self, tensor: Variable, letters: Axes, axes: int) -> Spelled:
        """The name in a derivative that has so many axes."""
        return self.symbol(tensor.name, letters)

    def arranged(self, node: Node, letters: Axes) -> Arrangement:
        """The formula of a node, not yet spelled."""
        return arrangement(node, letters, self.style, has_left=self.has_left)

    def formula(self, formula: Formula, spelling: Spelling) -> Spelled:
        """An arranged formula in both alphabets."""
        return Spelled(
            formula_text(formula, spelling), self._latex(formula_latex(formula, spelling))
        )

    def _where_name(self, name: str, letters: Axes, spelling: Spelling) -> Spelled:
        text = name + subscript(letters, name, spelling.known)
        return Spelled(text, named(name, letters))

    def _latex(self, latex: str) -> str:
        """`dW` for the differential of `W`, where a long name would stand upright."""
        for name, (sign, inner) in self.moves.items():
            before = word(_stem(self.style.spelled(name)))
            latex = latex.replace(
                before, SIGNS.get(sign, sign) + word(_stem(self.style.spelled(inner)))
            )
        return latex


def _stem(name: str) -> str:
    """The name without its labels."""
    return name.split("_", maxsplit=1)[0].rstrip("0123456789") or name
