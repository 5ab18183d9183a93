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

from collections.abc import Collection, Sequence
from dataclasses import replace
from fractions import Fraction

from indexcalc.errors import FormulaError
from indexcalc.ir.build import is_zero
from indexcalc.ir.node import Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.notation.component import PLAIN, Arrangement, component
from indexcalc.notation.formula import Literal
from indexcalc.notation.letters import Letters
from indexcalc.notation.matrix.even import evened
from indexcalc.notation.matrix.prepare import prepared
from indexcalc.notation.matrix.vec.block import Block, Plain, Stacked, tensors, with_tensors
from indexcalc.notation.matrix.vec.letters import Rearranged, lettered
from indexcalc.notation.matrix.vec.network import networks
from indexcalc.notation.matrix.vec.order import ordered
from indexcalc.notation.matrix.vec.repeats import gathered
from indexcalc.notation.matrix.vec.separation import is_reshape
from indexcalc.notation.matrix.vec.sum import collected
from indexcalc.notation.matrix.vec.tidy import tidied
from indexcalc.notation.matrix.vec.writing import Written, arranged
from indexcalc.notation.names import NameStyle
from indexcalc.notation.spelling import Spelling
from indexcalc.notation.text import formula_text

MOST_AXES = 2  # of a group that is stacked


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
    if is_zero(root):
        return Arrangement(Literal(Fraction(0)), (), Spelling(names, names.known(), whole=True))
    refusals: list[FormulaError] = []
    found = _said(_ways(root, groups, names, refusals), names, even, refusals)
    for ways in (_lettered_ways, _grouped_ways):
        if not found and _is_rearranged(root):
            found = _said(ways(root, groups, names, refusals), names, even, refusals)
    if not found:
        raise _refused(node, names, refusals[0].message) from refusals[0]
    return min(found, key=_length)


def _said(
    ways: Sequence[Written],
    names: NameStyle,
    even: Collection[Node],
    refusals: list[FormulaError],
) -> list[Arrangement]:
    """The ways that can be written; why the others cannot goes to `refusals`."""
    found: list[Arrangement] = []
    for way in ways:
        try:
            made = arranged(way, names, even)
            _length(made)  # a name of the program may hide what is to be printed
            found.append(made)
        except FormulaError as refusal:
            refusals.append(refusal)
    return found


def _ways(
    root: Node, groups: tuple[int, int], names: NameStyle, refusals: list[FormulaError]
) -> list[Written]:
    """Ways to say it, of which the shortest is taken."""
    found: list[Block] = []
    if len(root.shape) == sum(groups) and max(groups) < MOST_AXES:
        found.append(tidied(Plain(root), names.ranks()) if root.shape else Plain(root))
    if root.shape:
        try:
            found.append(_matrix(root, groups[0], names))
        except FormulaError as refusal:
            refusals.insert(0, refusal)
    if groups == (MOST_AXES, 0):
        found.append(tidied(Stacked(root), names.ranks()))
    return [Written(block, ()) for block in found]


def _matrix(node: Node, rows: int, names: NameStyle, *, keep_groups: bool = False) -> Block:
    """The matrix between the stacked axes of a node."""
    terms = networks(node, rows, keep_groups=keep_groups)
    return tidied(collected([ordered(network) for network in terms]), names.ranks())


# --- rearranged tensors -------------------------------------------------------------------------


def _is_rearranged(*roots: Node) -> bool:
    return any(map(is_reshape, postorder(roots)))


def _lettered_ways(
    root: Node, groups: tuple[int, int], names: NameStyle, refusals: list[FormulaError]
) -> list[Written]:
    """Ways to say it in which a rearranged tensor is a factor like any other."""
    (whole,), letters = lettered([root])
    try:
        meaning = _meaning(letters, names)
    except FormulaError as refusal:
        refusals.append(refusal)
        return []
    return [replace(way, letters=meaning) for way in _ways(whole, groups, names, refusals)]


def _grouped_ways(
    root: Node, groups: tuple[int, int], names: NameStyle, refusals: list[FormulaError]
) -> list[Written]:
    """A way through indices that run over the entries of several: `(A^T ⊗ B^T) r`."""
    if not root.shape:
        return []
    try:
        block = _matrix(root, groups[0], names, keep_groups=True)
        old = tensors(block)
        new, letters = lettered(old)
        whole = with_tensors(block, dict(zip(old, new, strict=True)))
        return [Written(whole, _meaning(letters, names))]
    except FormulaError as refusal:
        refusals.append(refusal)
        return []


def _meaning(letters: Rearranged, names: NameStyle) -> tuple[tuple[Variable, Block], ...]:
    """What letters stand for, as blocks.

    Raises `FormulaError` if one of them is no matrix or vector.
    """
    found: list[tuple[Variable, Block]] = []
    for letter, node in letters:
        block = _matrix(node, 1, names)
        if _is_rearranged(*tensors(block)):
            block = _matrix(node, 1, names, keep_groups=True)
        found.append((letter, block))
    return tuple(found)


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
