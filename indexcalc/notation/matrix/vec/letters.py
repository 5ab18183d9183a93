"""Rearranged tensors inside a formula, with letters that stand for them meanwhile.

In: nodes. Out: the nodes with a variable for each tensor that has the entries of another under
other axes, and these tensors, inner ones first. `(A ⊗ B)^T r` is a product of two tensors to the
one who writes it, though `r` has no axes that fit those of `A` and `B`.

>>> from indexcalc.ir.build import reshape, transpose
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> m, n = Extent.named("m"), Extent.named("n")
>>> A, y = variable("A", (m, n)), variable("y", (m * n,))
>>> vec = reshape(transpose(A, (1, 0)), (m * n,))
>>> (root,), letters = lettered([contract([(vec, "i"), (y, "i")], "")])
>>> len(letters), root is contract([(letters[0][0], "i"), (y, "i")], "")
(1, True)
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.ir.build import variable, with_arguments
from indexcalc.ir.node import Call, Node, Variable
from indexcalc.ir.walk import rewrite
from indexcalc.notation.matrix.vec.separation import is_reshape

MARK = "\2"  # begins the name of a letter, which no program has
MOST_AXES = 2
Rearranged = list[tuple[Variable, Node]]


def lettered(roots: Sequence[Node]) -> tuple[list[Node], Rearranged]:
    """The nodes with letters in them, and what these stand for."""
    letters: dict[Node, Variable] = {}

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        made = with_arguments(node, arguments)
        if not _is_stacked(made):
            return made
        if made not in letters:
            letters[made] = variable(f"{MARK}{len(letters)}", made.shape)
        return letters[made]

    whole = rewrite(roots, rule)
    return whole, [(letter, node) for node, letter in letters.items()]


def _is_stacked(node: Node) -> bool:
    """Whether the node is a vector or a matrix made of more axes; what is taken apart is not."""
    if not (isinstance(node, Call) and is_reshape(node)) or len(node.shape) > MOST_AXES:
        return False
    return len(node.shape) < len(node.argument.shape)
