"""How a reader writes transposes, products, indices: taken from the text that they wrote.

In: the source of a claim. Out: a `Spelling` with which corrections are written.

>>> mine = spelling_of("A' * x .* y", latex=False)
>>> mine.transposed("A"), mine.hadamard, mine.indexed("δ", ("k", "i"))
("A'", '.*', 'delta_ki')
>>> theirs = spelling_of(r"W_{1}^\\top x \\odot y", latex=True)
>>> theirs.transposed("A"), theirs.hadamard, theirs.indexed("δ", ("k", "i"))
('A^\\\\top', '\\\\odot', '\\\\delta_{ki}')
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from indexcalc.elaborate.names import GREEK
from indexcalc.notation.latex_names import function_name, named, subscript
from indexcalc.syntax.tree import ProductOperator

TRANSPOSES = (
    r"\^\{\\(?:top|intercal|mathsf\s*\{?\s*T\}?|mathrm\s*\{T\}|text\s*\{T\}|rm T|sf T)\}",
    r"\^\\(?:top|intercal)(?![A-Za-z])", r"\^\{T\}", r"\^[Tt⊤](?![A-Za-z])", "[ᵀ⊤]",
)  # fmt: skip
IN_ASCII = {letter: word for word, letter in GREEK.items()}
HADAMARDS = ("⊙", r"\odot", r".*", "∘", r"\circ")


@dataclass(frozen=True, slots=True)
class Spelling:
    """The signs that a text uses."""

    latex: bool
    ascii: bool
    transpose: str
    hadamard: str
    times: str
    identity: str

    def transposed(self, text: str) -> str:
        """The transpose of what is written as one piece."""
        return text + self.transpose

    def inverse(self, text: str) -> str:
        """The inverse of what is written as one piece."""
        return text + ("^{-1}" if self.latex else "^-1")

    def power(self, text: str, exponent: int) -> str:
        """A power of what is written as one piece."""
        digits = str(exponent)
        plain = not self.latex or (len(digits) == 1)
        return f"{text}^{digits}" if plain else f"{text}^{{{digits}}}"

    @property
    def hadamard_sign(self) -> str:
        """The sign of the entrywise product as it is seen."""
        return {r"\odot": "⊙", r"\circ": "∘"}.get(self.hadamard, self.hadamard)

    def operator(self, operator: ProductOperator) -> str:
        """An operator with blanks, to stand between two factors."""
        match operator:
            case ProductOperator.JUXTAPOSED:
                return self.times
            case ProductOperator.HADAMARD:
                return f" {self.hadamard} "
            case ProductOperator.KRONECKER:
                return r" \otimes " if self.latex else " ⊗ "
            case _:
                return f" {operator.value} "

    def letter(self, name: str) -> str:
        """A name in this notation: a Greek letter by its name where the text is in ASCII."""
        if self.latex:
            return named(name)
        return IN_ASCII.get(name, name) if self.ascii else name

    def indexed(self, name: str, indices: Sequence[str]) -> str:
        """A name with indices."""
        if self.latex:
            return named(name, indices)
        return self.letter(name) + self.subscript(indices)

    def subscript(self, indices: Sequence[str]) -> str:
        """Indices to be hung on something."""
        if self.latex:
            return subscript(indices)
        if all(len(index) == 1 for index in indices):
            return "_" + "".join(indices)
        return f"_{{{', '.join(indices)}}}"

    def root(self, text: str) -> str:
        """The square root of a name."""
        return rf"\sqrt{{{text}}}" if self.latex else f"sqrt({text})"

    def number(self, value: Fraction) -> str:
        """A number that is not negative."""
        if value.denominator == 1:
            return str(value.numerator)
        if self.latex:
            return rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
        return f"{value.numerator}/{value.denominator}"

    def function(self, name: str) -> str:
        """A function of the language."""
        return function_name(name) if self.latex else name

    def kronecker(self, left: str, right: str) -> str:
        """A Kronecker product of two names."""
        return f"{left}{self.operator(ProductOperator.KRONECKER)}{right}"

    def called(self, name: str, argument: str) -> str:
        """A function of the language, applied."""
        return f"{self.function(name)}({argument})"


def spelling_of(text: str, *, latex: bool) -> Spelling:
    """The signs that `text` uses; where it shows none, those that are usual."""
    return Spelling(
        latex,
        text.isascii() and not latex,
        _transpose(text, latex),
        next((sign for sign in HADAMARDS if sign in text), r"\odot" if latex else "⊙"),
        " * " if not latex and re.search(r"[\w)'] ?\* ?[\w(]", text) else " ",
        "eye" if re.search(r"\beye\b", text) else "I",
    )


def _transpose(text: str, latex: bool) -> str:
    found = [match[0] for pattern in TRANSPOSES if (match := re.search(pattern, text))]
    if found:
        return found[0]
    if re.search(r"[A-Za-z0-9)]'(?!\()", text):
        return "'"
    return "^T"


def beside(left: str, right: str) -> str:
    """Two pieces of a text next to each other, apart where they would become one word.

    >>> beside("2", "x"), beside("y", "(a)"), beside("x ", "y"), beside(r"\\odot", "W")
    ('2 x', 'y(a)', 'x y', '\\\\odot W')
    """
    if not left or not right:
        return left + right
    wordlike = (left[-1].isalnum() or left[-1] in "'_") and right[0].isalnum()
    return f"{left} {right}" if wordlike else left + right


def on_one_line(text: str, *, latex: bool) -> str:
    """A text without line ends and comments.

    >>> on_one_line("W x  # the product\\n   + b", latex=False)
    'W x + b'
    """
    comment = r"(?<!\\)%[^\n]*" if latex else r"#[^\n]*"
    return " ".join(re.sub(comment, " ", text).split())
