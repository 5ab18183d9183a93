"""The order of the passes, run until nothing changes.

In: nodes without derivatives. Out: the same values, shorter: what code is made of, or, with the
program's names put back, what is printed.

>>> from indexcalc.ir.build import add, delta, variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> p, v = variable("p", (n,)), variable("v", (n,))
>>> stuck = contract([(add(delta(n), contract([(p, "i"), (p, "j")], "ij")), "ij"), (v, "j")], "i")
>>> simplify([stuck], Environment())[0] is add(v, contract([(p, "i"), (p, "j"), (v, "j")], "i"))
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from indexcalc.ir.environment import Environment
from indexcalc.ir.node import Node
from indexcalc.simplify.algebra import algebra
from indexcalc.simplify.deltas import deltas
from indexcalc.simplify.distribute import distribute
from indexcalc.simplify.factor import factor

MOST_ROUNDS = 12
Pass = Callable[[Sequence[Node]], list[Node]]


def simplify(roots: Sequence[Node], environment: Environment) -> list[Node]:
    """The nodes in the form that code is made of."""
    return fixed_point(roots, (algebra, distribute, deltas, factor))


def fixed_point(roots: Sequence[Node], passes: Sequence[Pass]) -> list[Node]:
    """Run the passes in order, again and again until a round changes nothing (or to a bound)."""
    found = list(roots)
    for _ in range(MOST_ROUNDS):
        before = found
        for one in passes:
            found = one(found)
        if found == before:
            break
    return found
