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

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from indexcalc.errors import IndexNotationError
from indexcalc.ir.node import Node
from indexcalc.notation.arrange import arranged
from indexcalc.notation.letters import Letters
from indexcalc.notation.names import NameStyle
from indexcalc.notation.reading import Reading, read
from indexcalc.notation.text import Spelling, formula_text, subscript

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


def to_component(node: Node, letters: Sequence[str], names: NameStyle = PLAIN) -> str:
    """The node under `letters` as text, followed by its where list if it has one.

    Raises `IndexNotationError` if the letters do not fit the axes, `FormulaError` for what has no
    component form (derivatives that are not worked out, reshaped tensors).
    """
    return str(component(node, letters, names))


def component(node: Node, letters: Sequence[str], names: NameStyle = PLAIN) -> Component:
    """As `to_component`, text and where list apart."""
    _check(node, letters)
    reading = read(node, {}, names)
    reading.most = None if letters else 2
    spelling = Spelling(names, reading.known)
    text = _line(node, letters, reading, spelling)
    reading.most = None
    return Component(text, tuple(_where(reading, spelling)))


def one_level(
    node: Node,
    argument_names: Mapping[Node, str],
    letters: Sequence[str],
    names: NameStyle = PLAIN,
) -> str:
    """The node over named arguments: `W_ij x_j`, with the names that nodes below it have.

    >>> from indexcalc.ir.build import builtin, variable
    >>> x = variable("x", ())
    >>> one_level(builtin("exp", builtin("sin", x)), {builtin("sin", x): "t1"}, [])
    'exp(t1)'
    """
    _check(node, letters)
    inner = {part: name for part, name in argument_names.items() if part is not node}
    reading = read(node, inner, names)
    return _line(node, letters, reading, Spelling(names, reading.known))


def step_formula(
    target: str,
    node: Node,
    argument_names: Mapping[Node, str],
    letters: Sequence[str],
    names: NameStyle = PLAIN,
) -> str:
    """`t3_i = W_ij x_j`: what one step of a plan computes."""
    left = target + subscript(letters, target, names.known())
    return f"{left} = {one_level(node, argument_names, letters, names)}"


def axes_line(parts: Sequence[tuple[str, Sequence[str]]]) -> str:
    """The axes of a result in order: what each letter runs over.

    >>> axes_line([("y", "i"), ("W", "jk")])
    'axes: i (of y), j, k (rows, columns of W)'
    >>> axes_line([("λ", "")])
    'a scalar'
    """
    shown = [
        f"{', '.join(letters)} ({'rows, columns ' if len(letters) == 2 else ''}of {name})"
        for name, letters in parts
        if letters
    ]
    return f"axes: {', '.join(shown)}" if shown else "a scalar"


def _check(node: Node, letters: Sequence[str]) -> None:
    if len(letters) != len(node.shape) or len(set(letters)) != len(letters):
        raise IndexNotationError(
            f"{len(node.shape)} different letters are needed for the axes, not {', '.join(letters)}"
        )


def _line(node: Node, letters: Sequence[str], reading: Reading, spelling: Spelling) -> str:
    supply = Letters(letters, _confusing(node, spelling))
    return formula_text(arranged(node, letters, reading, spelling.names, supply), spelling)


def _where(reading: Reading, spelling: Spelling) -> Iterator[str]:
    names = spelling.names
    for node in reading.lines:
        supply = Letters((), _confusing(node, spelling))
        letters = [supply.fresh(names.letters.get(extent, ())) for extent in node.shape]
        name = reading.named[node]
        left = name + subscript(letters, name, spelling.known)
        yield f"{left} = {_line(node, letters, reading, spelling)}"


def _confusing(node: Node, spelling: Spelling) -> Collection[str]:
    """Names of one letter, which an index had better not have."""
    extents = {name for extent in spelling.names.letters for name in extent.names}
    extents |= {name for extent in node.shape for name in extent.names}
    return {name for name in {*spelling.known, *extents} if len(name) == 1}
