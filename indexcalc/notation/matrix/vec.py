"""Vec form: Jacobians and Hessians by matrices as one matrix, columns stacked.

In: a node without derivatives, and how many of its axes make the rows. Out: an `Arrangement`, or
its text, of the matrix between `vec` of the rows' tensor and `vec` of the columns' tensor: the
first axis of a group is the fast one. So `∂vec(Y)/∂vec(X)` of `Y = A X B` is `B^T ⊗ A`.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> m, n, p = map(Extent.named, "mnp")
>>> A, B = variable("A", (m, n)), variable("B", (n, p))
>>> to_vec(contract([(A, "ik"), (B, "lj")], "ijkl"), 2)
'B^T ⊗ A'
"""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction

from indexcalc.errors import FormulaError
from indexcalc.ir.build import is_zero
from indexcalc.ir.node import Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.notation.component import PLAIN, Arrangement, Line, component
from indexcalc.notation.formula import Literal, shared_names
from indexcalc.notation.letters import Letters
from indexcalc.notation.matrix.even import evened
from indexcalc.notation.matrix.forms import Forms
from indexcalc.notation.matrix.prepare import prepared
from indexcalc.notation.matrix.vec_block import (
    Block,
    Chain,
    Diagonal,
    Plain,
    Stacked,
    inside,
)
from indexcalc.notation.matrix.vec_formula import BlockForms
from indexcalc.notation.matrix.vec_network import networks
from indexcalc.notation.matrix.vec_order import ordered
from indexcalc.notation.matrix.vec_repeats import gathered
from indexcalc.notation.matrix.vec_sum import collected
from indexcalc.notation.matrix.vec_tidy import tidied
from indexcalc.notation.names import NameStyle
from indexcalc.notation.sharing import shared_parts
from indexcalc.notation.spelling import Spelling
from indexcalc.notation.text import formula_text

MOST_AXES = 2  # of a group that is stacked, and of a tensor that is written


def to_vec(node: Node, rows: int, names: NameStyle = PLAIN) -> str:
    """The node as text, followed by its where list if it has one. Raises as `vec_arrangement`."""
    made = vec_arrangement(node, rows, names)
    lines = [formula_text(made.formula, made.spelling)]
    lines += [
        f"  where {line.name} = {formula_text(line.formula, made.spelling)}" for line in made.where
    ]
    return "\n".join(lines)


def vec_arrangement(node: Node, rows: int, names: NameStyle = PLAIN) -> Arrangement:
    """The first `rows` axes of the node stacked into the rows, the others into the columns.

    If one group is empty the result is a column. Raises `FormulaError` for groups of more than two
    axes, and for what is no product of matrices in this way; it says why.
    """
    groups = (rows, len(node.shape) - rows) if rows else (len(node.shape), 0)
    if max(groups) > MOST_AXES:
        raise _refused(node, names, f"vec stacks two axes, and there are {max(groups)} in a group")
    root, even = evened(gathered(prepared(node)))
    found: list[tuple[int, Arrangement]] = []
    refusals: list[FormulaError] = []
    for block in _candidates(root, groups, names, refusals):
        try:
            made = _arranged(block, names, even)
            found.append((_length(made), made))
        except FormulaError as refusal:
            refusals.append(refusal)
    if not found:
        raise _refused(node, names, refusals[0].message) from refusals[0]
    return min(found, key=lambda pair: pair[0])[1]


def _candidates(
    root: Node, groups: tuple[int, int], names: NameStyle, refusals: list[FormulaError]
) -> list[Block | None]:
    """Ways to say it, of which the shortest is taken; None is zero."""
    if is_zero(root):
        return [None]
    found: list[Block | None] = []
    if len(root.shape) == sum(groups) and max(groups) < MOST_AXES:
        found.append(tidied(Plain(root), names.ranks()) if root.shape else Plain(root))
    if root.shape:
        try:
            whole = collected([ordered(network) for network in networks(root, groups[0])])
            found.append(tidied(whole, names.ranks()))
        except FormulaError as refusal:
            refusals.insert(0, refusal)
    if groups == (MOST_AXES, 0):
        found.append(tidied(Stacked(root), names.ranks()))
    return found


def _length(made: Arrangement) -> int:
    """How long the text is, with its where list."""
    texts = [formula_text(line.formula, made.spelling) for line in made.where]
    return len(formula_text(made.formula, made.spelling)) + sum(len(text) + 10 for text in texts)


def _refused(node: Node, names: NameStyle, reason: str) -> FormulaError:
    supply = Letters(())
    letters = [supply.fresh(names.letters.get(extent, ())) for extent in node.shape]
    return FormulaError(
        f"there is no vec form: {reason}",
        hint=f"with indices:  {component(node, letters, names)}",
    )


# --- one way to say it --------------------------------------------------------------------------


def _arranged(block: Block | None, names: NameStyle, even: Collection[Node]) -> Arrangement:
    """The formula of a block, with a where list for what it says again and again."""
    tensors = [] if block is None else _tensors(block)
    used = {part.name for part in postorder(tensors) if isinstance(part, Variable)}
    used |= {names.spelled(name) for name in used}
    known = names.known() | used
    spelling = Spelling(names, known, whole=True)
    if block is None:
        return Arrangement(Literal(Fraction(0)), (), spelling)
    below = [part for part in shared_parts(*tensors) if len(part.shape) <= MOST_AXES]
    while True:
        named = dict(zip(below, names.fresh_names("t", used), strict=False))
        lines = [Forms(named, names.ranks(), known, opened=part, even=even) for part in below]
        whole = Forms(named, names.ranks(), known, even=even)
        formula = BlockForms(whole).formula(block)
        formulas = [
            forms.form(part).plain.formula for forms, part in zip(lines, below, strict=True)
        ]
        shown = {name for made in (*formulas, formula) for name in shared_names(made)}
        if len(shown) == len(below):
            break
        below = [part for part in below if named[part] in shown]
    where = [Line(name, (), made) for name, made in zip(named.values(), formulas, strict=True)]
    return Arrangement(formula, tuple(where), spelling)


def _tensors(block: Block) -> list[Node]:
    """The nodes that are written, each as often as it is."""
    found: list[Node] = []
    stack = [block]
    while stack:
        part = stack.pop()
        if isinstance(part, Plain | Stacked | Diagonal):
            found.append(part.node)
        elif isinstance(part, Chain):
            found += part.scalars
        stack.extend(inside(part))
    return found
