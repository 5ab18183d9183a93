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

from indexcalc.ir.environment import DefinedFunction, Environment
from indexcalc.ir.node import Node
from indexcalc.simplify.algebra import algebra
from indexcalc.simplify.cancel import cancel
from indexcalc.simplify.deltas import deltas
from indexcalc.simplify.distribute import distribute
from indexcalc.simplify.factor import factor
from indexcalc.simplify.facts import facts
from indexcalc.simplify.flatten import flatten
from indexcalc.simplify.kronecker import kronecker
from indexcalc.simplify.refold import plain, refold, spoken_names
from indexcalc.simplify.stabilise import stabilise
from indexcalc.simplify.symmetry import symmetric

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
    def assumed(roots: Sequence[Node]) -> list[Node]:
        return facts(roots, environment.assumptions)

    def arithmetic(roots: Sequence[Node]) -> list[Node]:
        return algebra(roots, real=real)

    return (kronecker, assumed, symmetric, arithmetic, distribute, deltas, flatten, cancel, factor)


def fixed_point(roots: Sequence[Node], passes: Sequence[Pass]) -> list[Node]:
    """Run the passes in order, again and again until none changes anything (or to a bound)."""
    found = list(roots)
    unchanged = 0  # passes in a row that changed nothing
    for one in list(passes) * MOST_ROUNDS:
        before = found
        found = one(before)
        unchanged = unchanged + 1 if found == before else 0
        if unchanged == len(passes):
            break
    return found
