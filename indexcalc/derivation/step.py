r"""The lines of a derivation: equations, spelled in text and in LaTeX, with a reason.

In: what `stage` finds, spelled by `spelling`. Out: records that `derivation` lays out.

>>> z, dz = Spelled("z", "z"), Spelled("dz", "dz")
>>> line = Step(Equation(dz, Spelled("2 dx", r"2\, dx")), words("differential"),
...             premise=Equation(z, Spelled("2 x", r"2\, x")))
>>> line.text
'z = 2 x ⟹ dz = 2 dx'
>>> line
<Step 'z = 2 x ⟹ dz = 2 dx': differential>
>>> line.left, line.relation, line.right
('z = 2 x', '⟹', 'dz = 2 dx')
"""

from __future__ import annotations

from dataclasses import dataclass

EQUALS = "="
IMPLIES = "⟹"


@dataclass(frozen=True, slots=True)
class Spelled:
    """One thing in both alphabets."""

    text: str
    latex: str


def words(text: str, *symbols: Spelled) -> Spelled:
    r"""Words, and symbols behind them, separated by commas.

    >>> words("substitute", Spelled("dα", r"d\alpha")).latex
    '\\text{substitute } d\\alpha'
    """
    latex = rf"\text{{{text}{' ' if symbols else ''}}}"
    if not symbols:
        return Spelled(text, latex)
    listed = ", ".join(symbol.text for symbol in symbols)
    return Spelled(f"{text} {listed}", f"{latex} {', '.join(symbol.latex for symbol in symbols)}")


DEFINITION = words("definition")


@dataclass(frozen=True, slots=True)
class Equation:
    """`left = right`; `where` are the lines for names that only this equation has."""

    left: Spelled
    right: Spelled
    where: tuple[Equation, ...] = ()

    @property
    def text(self) -> str:
        """The equation as a line of text."""
        return f"{self.left.text} {EQUALS} {self.right.text}"

    @property
    def latex(self) -> str:
        """The equation in LaTeX."""
        return f"{self.left.latex} = {self.right.latex}"


@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """A line: an equation that is true by itself, and why.

    With a `premise`, a definition, the line says that its differential follows from it.
    """

    equation: Equation
    because: Spelled
    premise: Equation | None = None

    @property
    def reason(self) -> str:
        """Why the line holds, in a few words."""
        return self.because.text

    @property
    def left(self) -> str:
        """What stands before the relation, as text."""
        return self.premise.text if self.premise else self.equation.left.text

    @property
    def relation(self) -> str:
        """`=`, or `⟹` between a definition and its differential."""
        return IMPLIES if self.premise else EQUALS

    @property
    def right(self) -> str:
        """What stands behind the relation, as text."""
        return self.equation.text if self.premise else self.equation.right.text

    @property
    def where(self) -> tuple[str, ...]:
        """Definitions of the names that only this line has, as text, arguments first."""
        lines = (self.premise.where if self.premise else ()) + self.equation.where
        return tuple(line.text for line in lines)

    @property
    def text(self) -> str:
        """The line as a statement of the language."""
        return f"{self.left} {self.relation} {self.right}"

    @property
    def latex(self) -> str:
        """The line in LaTeX."""
        if self.premise is None:
            return self.equation.latex
        return rf"{self.premise.latex} \implies {self.equation.latex}"

    def __str__(self) -> str:
        """The line as text."""
        return self.text

    def __repr__(self) -> str:
        """The line and its reason."""
        return f"<Step {self.text!r}: {self.reason}>"
