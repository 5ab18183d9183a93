"""Component text: a node as the language writes it, in the program's own names.

In: a node without derivatives, letters for its axes, the names of the program. Out: text that reads
back as the same tensor when it stands on the right of a left-hand side with these letters, and
lines for parts that would be printed again and again.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> m, n = Extent.named("m"), Extent.named("n")
>>> W, x = variable("W1", (m, n)), variable("x", (n,))
>>> to_component(contract([(W, "ij"), (x, "j")], "i"), ["i"])
'W1_ij x_j'
>>> to_component(contract([(x, "j")], "ikj", {"i": m, "k": m}), ["i", "k", "j"])
'x_j 1_i 1_k'

A letter on the left may occur any number of times; any other is summed if it occurs twice or more
in a term, and has a sum sign if it does not, or where a bracket would close the sum too early. A
term of a sum may lack letters that another term of it carries (`1 - x_i`); where no term has
them all, `1_j` is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from indexcalc.errors import IndexNotationError
from indexcalc.ir.node import Node
from indexcalc.notation.arrange import arranged
from indexcalc.notation.formula import Formula
from indexcalc.notation.letters import Letters
from indexcalc.notation.names import NameStyle
from indexcalc.notation.reading import Reading, read
from indexcalc.notation.spelling import Spelling
from indexcalc.notation.text import formula_text, subscript

PLAIN = NameStyle()


@dataclass(frozen=True, slots=True)
class Component:
    """`text` with the lines that define the names in it, arguments first."""

    text: str
    where: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The text, and each line of the where list under it."""
        return "\n".join([self.text, *(f"  where {line}" for line in self.where)])

    @property
    def program(self) -> str:
        """The lines, then the text: statements that can be read again."""
        return "\n".join([*self.where, self.text])


@dataclass(frozen=True, slots=True)
class Line:
    """`name_letters = formula`: one line of a where list."""

    name: str
    letters: tuple[str, ...]
    formula: Formula


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What an alphabet spells: the formula, and the lines for the names in it, arguments first."""

    formula: Formula
    where: tuple[Line, ...]
    spelling: Spelling


def to_component(node: Node, letters: Sequence[str], names: NameStyle = PLAIN) -> str:
    """The node under `letters` as text, followed by its where list if it has one.

    Raises `IndexNotationError` if the letters do not fit the axes, `FormulaError` for what has no
    component form (derivatives that are not worked out, reshaped tensors).
    """
    return str(component(node, letters, names))


def component(node: Node, letters: Sequence[str], names: NameStyle = PLAIN) -> Component:
    """As `to_component`, text and where list apart."""
    return in_text(arrangement(node, letters, names))


def in_text(made: Arrangement) -> Component:
    """What was arranged, in whatever form, as text and where list."""
    spelling = made.spelling
    where = tuple(
        f"{line.name}{subscript(line.letters, line.name, spelling.known)} = "
        f"{formula_text(line.formula, spelling)}"
        for line in made.where
    )
    return Component(formula_text(made.formula, spelling), where)


def arrangement(
    node: Node, letters: Sequence[str], names: NameStyle = PLAIN, *, has_left: bool = False
) -> Arrangement:
    """The node under `letters`, arranged and not yet spelled. Raises as `to_component`.

    With a left-hand side an index may occur three times without a sum sign, although there are no
    letters: `s = a_i b_i c_i`.
    """
    _check(node, letters)
    reading = read(node, names)
    reading.most = None if letters or has_left else 2
    spelling = Spelling(names, reading.known)
    formula = _line(node, letters, reading, spelling)
    reading.most = None
    return Arrangement(formula, tuple(_where(reading, spelling)), spelling)


def _check(node: Node, letters: Sequence[str]) -> None:
    if len(letters) != len(node.shape) or len(set(letters)) != len(letters):
        raise IndexNotationError(
            f"{len(node.shape)} different letters are needed for the axes, not {', '.join(letters)}"
        )


def _line(node: Node, letters: Sequence[str], reading: Reading, spelling: Spelling) -> Formula:
    supply = Letters(letters, _confusing(node, spelling))
    return arranged(node, letters, reading, spelling.names, supply)


def _where(reading: Reading, spelling: Spelling) -> Iterator[Line]:
    wishes = spelling.names.letters
    for node in reading.lines:
        supply = Letters((), _confusing(node, spelling))
        letters = tuple(supply.fresh(wishes.get(extent, ())) for extent in node.shape)
        yield Line(reading.named[node], letters, _line(node, letters, reading, spelling))


def _confusing(node: Node, spelling: Spelling) -> Collection[str]:
    """Names of one letter, which an index had better not have."""
    extents = {name for extent in spelling.names.letters for name in extent.names}
    extents |= {name for extent in node.shape for name in extent.names}
    return {name for name in {*spelling.known, *extents} if len(name) == 1}
