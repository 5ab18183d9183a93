"""What is to be written, and what it takes.

In: a node and a number that multiplies it. Out: a `Step`: the parts that must be written first, and
what to make of them; or a `Refusal`, which says why there is no matrix form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from indexcalc.ir.node import Apply, Call, Constant, Node, Reduce, Sum, Variable
from indexcalc.notation.matrix.oriented import Oriented

ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Task:
    """`number · node`, as a term of a sum (`is_term`), in a product (`is_factor`), or alone."""

    node: Node
    number: Fraction = ONE
    is_term: bool = False
    is_factor: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no matrix form, as a clause, and the product that it is about."""

    reason: str
    product: Node | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The tasks that come first, and what is made of their results: a value, or another task.

    `options` are other tasks with the same result, one of which may be shorter.
    """

    needs: tuple[Task, ...]
    make: Callable[[Sequence[Oriented]], Oriented | Refusal | Task]
    options: tuple[Task, ...] = ()


def instead(task: Task) -> Step:
    """The task has the same result as another one."""
    return Step((task,), lambda made: made[0])


def given(value: Oriented) -> Step:
    """Nothing is left to do."""
    return Step((), lambda made: value)


def called(node: Node) -> str:
    """What a tensor is called in an error."""
    match node:
        case Variable(name=name):
            return name
        case Constant(name="levi_civita"):
            return "ε"
        case Apply(function=function):
            return f"a tensor {function.name}(…)"
        case Reduce(operation=operation) | Call(operation=operation):
            return f"a tensor {operation}(…)"
        case Sum():
            return "a sum"
        case _:
            return "a product"


AXES = ("no axes", "one axis", "two axes", "three axes", "four axes", "five axes", "six axes")


def axes_text(count: int) -> str:
    """`three axes`."""
    return AXES[count] if count < len(AXES) else f"{count} axes"
