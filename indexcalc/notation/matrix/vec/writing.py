"""A block as an arranged formula with a where list.

In: a block, blocks that letters in it stand for, the names of the program. Out: an `Arrangement`.
What would be written again and again has a line of its own, whichever block it is in.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.notation.matrix.vec.block import Stacked
>>> A = variable("A", (Extent.named("m"), Extent.named("n")))
>>> made = arranged(Written(Stacked(A), ()), NameStyle(), ())
>>> made.formula.name, made.where
('vec', ())
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from indexcalc.ir.node import Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.notation.component import Arrangement, Line
from indexcalc.notation.formula import Formula, shared_names
from indexcalc.notation.matrix.forms import Forms
from indexcalc.notation.matrix.vec.block import Block, tensors
from indexcalc.notation.matrix.vec.formula import BlockForms, put_in
from indexcalc.notation.names import NameStyle
from indexcalc.notation.sharing import shared_parts
from indexcalc.notation.spelling import Spelling

MOST_AXES = 2  # of a tensor that is written


@dataclass(frozen=True, slots=True)
class Written:
    """A block to be written, and what the letters in it stand for: each may use those before."""

    block: Block
    letters: tuple[tuple[Variable, Block], ...]


def arranged(way: Written, names: NameStyle, even: Collection[Node]) -> Arrangement:
    """The formula of the block; matrices in `even` equal their transposes.

    Raises `FormulaError` if a tensor in it has no matrix form.
    """
    blocks = [*(block for _, block in way.letters), way.block]
    written = [node for block in blocks for node in tensors(block)]
    letters = {letter.name for letter, _ in way.letters}
    used = {part.name for part in postorder(written) if isinstance(part, Variable)} - letters
    used |= {names.spelled(name) for name in used}
    known = names.known() | used
    below = [part for part in shared_parts(*written) if len(part.shape) <= MOST_AXES]
    while True:
        named = dict(zip(below, names.fresh_names("t", used), strict=False))
        meaning: dict[str, Formula] = {}
        whole = BlockForms(Forms(named, names.ranks(), known, even=even), meaning)
        for letter, block in way.letters:
            meaning[letter.name] = whole.formula(block)
        formula = whole.formula(way.block)
        formulas: list[Formula] = []
        for part in below:
            forms = Forms(named, names.ranks(), known, opened=part, even=even)
            formulas.append(put_in(forms.form(part).plain.formula, meaning))
        shown = {name for made in (*formulas, formula) for name in shared_names(made)}
        if len(shown) == len(below):
            break
        below = [part for part in below if named[part] in shown]
    where = [Line(name, (), made) for name, made in zip(named.values(), formulas, strict=True)]
    return Arrangement(formula, tuple(where), Spelling(names, known, whole=True))
