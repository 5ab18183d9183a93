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
from functools import partial

from indexcalc.ir.environment import DefinedFunction, Environment
from indexcalc.ir.node import Node
from indexcalc.ir.walk import Roots
from indexcalc.simplify.algebra import algebra
from indexcalc.simplify.cancel import cancel
from indexcalc.simplify.deltas import deltas
from indexcalc.simplify.distribute import distribute
from indexcalc.simplify.factor import factor
from indexcalc.simplify.facts import facts
from indexcalc.simplify.flatten import flatten
from indexcalc.simplify.kronecker import kronecker
from indexcalc.simplify.memory import Memory
from indexcalc.simplify.refold import plain, refold, spoken_names
from indexcalc.simplify.stabilise import stabilise
from indexcalc.simplify.symmetry import Judged, symmetric

MOST_ROUNDS = 12
MOST_FOLDS = 4
Pass = Callable[[Sequence[Node]], list[Node]]


def simplify(roots: Sequence[Node], environment: Environment, *, real: bool = True) -> list[Node]:
    """The nodes in the form that code is made of; `real=False` keeps to laws of complex numbers."""
    return fixed_point(roots, _passes(environment, real=real))


def simplify_for_display(roots: Sequence[Node], environment: Environment) -> list[Node]:
    """The nodes in the form that is printed: in the program's names and a textbook's functions."""
    names = list(environment.definitions)
    functions = list(environment.functions.values())
    bodies = [*environment.definitions.values(), *(known.body for known in functions)]
    spoken = spoken_names(bodies)
    nodes = fixed_point(stabilise([*roots, *bodies]), _passes(environment))
    found, bodies = nodes[: len(roots)], nodes[len(roots) :]
    stable = Environment(
        dict(zip(names, bodies, strict=False)),
        {
            known.name: DefinedFunction(known.name, known.parameters, body)
            for known, body in zip(functions, bodies[len(names) :], strict=True)
        },
    )
    for _ in range(MOST_FOLDS):
        folded = refold(found, stable)
        if folded == found:
            break
        found = fixed_point(folded, _passes(environment))
    shown = plain(found, spoken)
    return found if shown == found else fixed_point(shown, _passes(environment))


def _passes(environment: Environment, *, real: bool = True) -> tuple[Pass, ...]:
    """The passes in order, each with a memory of the nodes that it leaves alone.

    Between two rounds most nodes stay, and none is looked at again in vain.
    """
    return (
        partial(kronecker, settled=set()),
        partial(facts, assumptions=environment.assumptions, settled=set()),
        partial(symmetric, judged=Judged()),
        partial(algebra, real=real, settled=set()),
        partial(distribute, memory=Memory()),
        partial(deltas, settled=set()),
        flatten,
        partial(cancel, settled=set()),
        partial(factor, memory=Memory()),
    )


def fixed_point(roots: Sequence[Node], passes: Sequence[Pass]) -> list[Node]:
    """Run the passes in order, again and again until none changes anything (or to a bound)."""
    found = Roots(roots)
    unchanged = 0  # passes in a row that changed nothing
    for one in list(passes) * MOST_ROUNDS:
        new = Roots(one(found))
        unchanged = unchanged + 1 if new == found else 0
        if unchanged == len(passes):
            break
        if unchanged == 0:
            found = new
    return list(found)
