"""One derivative of one tensor by one variable: everything that is worked out, as nodes.

In: what is differentiated by what, and the environment. Out: a `Stage`: the definitions that lie
between them, the differential of each in terms of those before, the lines of the value's own, the
derivative that is read off.

>>> from indexcalc.ir.build import builtin, multiply
>>> x, y, f = (variable(name, ()) for name in "xyf")
>>> known = Environment({y: builtin("sin", x), f: multiply(y, y)})
>>> made = stage(f, x, known, Names("xyf"), {})
>>> [name.name for name in made.definitions], [link.reason for link in made.links]
(['y', 'f'], ['differential', 'substitute'])
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass

from indexcalc.derivation.chain import Link, Tidy, chain
from indexcalc.derivation.differential import differential, moving, whole_derivative
from indexcalc.derivation.inner import inner_functions
from indexcalc.derivation.naming import Names
from indexcalc.diff.dependence import arguments_through, dependents
from indexcalc.diff.symmetry import project
from indexcalc.errors import LimitError
from indexcalc.ir.build import transpose, variable, with_arguments
from indexcalc.ir.environment import Environment
from indexcalc.ir.node import Node, Variable
from indexcalc.ir.walk import postorder, rewrite
from indexcalc.simplify.stabilise import stabilise

MOST_DEFINITIONS = 60
Definitions = Mapping[Variable, Node]
Moves = MutableMapping[Variable, Variable]


@dataclass(frozen=True, slots=True)
class Stage:
    """`definitions` are in order and end with the value; `differentials` are of the others.

    `raw` is the derivative before symmetry is taken into account, `derivative` the result.
    """

    value: Variable
    by: Variable
    definitions: Definitions
    differentials: Definitions
    links: Sequence[Link]
    raw: Node
    derivative: Node


def stage(
    value: Variable, by: Variable, environment: Environment, names: Names, moves: Moves
) -> Stage:
    """The derivative of `value`, which `environment` defines, by `by`, which it does not.

    `moves` has the differentials that have a name already, and gets those of this stage. The facts
    of the environment are used where they make a line shorter. Raises `LimitError` for more
    definitions than a person would read.
    """
    between = _path(value, by, environment)
    definitions = _with_inner_names(between, by, environment.definitions, names)
    order = _path(value, by, Environment(definitions))
    if len(order) > MOST_DEFINITIONS:
        raise LimitError(
            f"the steps go through {len(order)} definitions, more than {MOST_DEFINITIONS}",
            hint="ask for the derivative by a name in between",
        )
    for name in [by, *order]:
        if name not in moves:
            moves[name] = moving(name, names.differential(name.name))
    known = Environment({**environment.definitions, **definitions}, environment.functions)
    tidy = Tidy(known, environment.assumptions)
    direct = {name: moves[name] for name in [by, *order[:-1]]}
    stable = dict(zip(order, stabilise([definitions[name] for name in order]), strict=True))
    raw = {name: differential(stable[name], direct) for name in order}
    found = {name: tidy.shown(raw[name]) for name in order[:-1]}
    others = [(moves[name], found[name]) for name in reversed(order[:-1])]
    links = chain(raw[value], moves[by], others, tidy)
    read = tidy.shown(whole_derivative(links[-1].node, moves[by]))
    return Stage(
        value=value,
        by=by,
        definitions={name: definitions[name] for name in order},
        differentials=found,
        links=links,
        raw=read,
        derivative=tidy.shown(project(read, by, len(value.shape))),
    )


def _path(value: Variable, by: Variable, environment: Environment) -> list[Variable]:
    """The defined names through which `value` depends on `by`, inputs first, `value` last."""
    arguments = arguments_through(environment, (by,))
    order = postorder([value], arguments)
    depending = dependents(order, {by}, arguments)
    names = [node for node in order if isinstance(node, Variable) and node in depending]
    return [*(name for name in names if name is not by and name is not value), value]


def _with_inner_names(
    between: Sequence[Variable], by: Variable, definitions: Definitions, names: Names
) -> dict[Variable, Node]:
    """The definitions of `between` and of what is inside them."""
    inner = inner_functions([definitions[name] for name in between], frozenset([*between, by]))
    known = {definitions[name]: name for name in between}
    named: dict[Node, Variable] = {}
    for node in reversed(inner):  # the outermost gets the first letter
        named[node] = known[node] if node in known else _new(node, names)
    made: dict[Variable, Node] = {}
    for node in inner:
        others = {part: name for part, name in named.items() if part is not node}
        made[named[node]] = rewrite([node], with_arguments, others)[0]
    for name in between:
        body = definitions[name]
        others = {part: inside for part, inside in named.items() if part is not body}
        made[name] = rewrite([body], with_arguments, others)[0]
    return made


def _new(node: Node, names: Names) -> Variable:
    """A name for the node, symmetric if the node is."""
    is_square = len(node.shape) == 2 and node.shape[0] == node.shape[1]
    symmetric = is_square and transpose(node, (1, 0)) is node
    name = names.inner(len(node.shape))
    return variable(name, node.shape, ["symmetric"] if symmetric else [])
