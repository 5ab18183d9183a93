"""Which matrices equal their transpose because of how they are made.

In: a node. Out: whether its two axes may be swapped. What is declared symmetric is, and so is what
functions, sums and inverses make of symmetric matrices; only a bounded number of nodes is looked
at, and a symmetry that is not seen costs sharing, not correctness.

>>> from indexcalc.ir.node import intern
>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> K = intern(Variable, (n, n), "K", frozenset(["spd"]))
>>> is_symmetric(intern(Call, (n, n), "inv", K))
True
"""

from __future__ import annotations

from indexcalc.ir.node import Apply, Call, Contraction, Node, Sum, Variable

MOST_NODES = 16


def is_symmetric(node: Node) -> bool:
    """Whether `node` is a matrix that is known to equal its transpose."""
    if len(node.shape) != 2 or node.shape[0] is not node.shape[1]:
        return False
    stack, seen = [node], 0
    while stack:
        node, seen = stack.pop(), seen + 1
        match node:
            case Variable(symmetric=True):
                pass
            case Apply() | Call(operation="inv"):
                stack.extend(node.arguments)
            case Sum() if len(node.terms) <= MOST_NODES:
                stack.extend(node.arguments)
            case Contraction(is_view=True) if _is_even(node):
                pass
            case _:
                return False
        if seen + len(stack) > MOST_NODES:
            return False
    return True


def _is_even(view: Contraction) -> bool:
    """A diagonal matrix, or one whose entries are all the same."""
    return len(set(view.output)) == 1 or not any(view.labels)
