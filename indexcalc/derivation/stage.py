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

from collections.abc import Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace

from indexcalc.derivation.chain import Link, Tidy, chain
from indexcalc.derivation.differential import differential, moving, whole_derivative
from indexcalc.derivation.inner import inner_functions
from indexcalc.derivation.naming import Names
from indexcalc.diff.dependence import arguments_through, dependents
from indexcalc.diff.symmetry import project
from indexcalc.errors import LimitError
from indexcalc.ir.build import negate, scale, split_multiple, terms_of, variable, with_arguments
from indexcalc.ir.environment import Environment
from indexcalc.ir.node import Call, Contraction, Node, Sum, Variable
from indexcalc.ir.symmetry import is_symmetric
from indexcalc.ir.walk import postorder, rewrite
from indexcalc.simplify.product import product_of
from indexcalc.simplify.stabilise import stabilise
from indexcalc.simplify.views import hoisted

MOST_DEFINITIONS = 40
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
    value: Variable,
    by: Variable,
    environment: Environment,
    names: Names,
    moves: Moves,
    silent: Collection[Variable] = (),
) -> Stage:
    """The derivative of `value`, which `environment` defines, by `by`, which it does not.

    `moves` has the differentials that have a name already, and gets those of this stage. The facts
    of the environment are used where they make a line shorter; the names of `silent` are not put
    in the place of what they stand for. Raises `LimitError` for more definitions than a person
    would read.
    """
    between = _path(value, by, environment)
    definitions = _with_inner_names(between, by, environment.definitions, names)
    order = _path(value, by, Environment(definitions))
    if len(order) > MOST_DEFINITIONS:
        raise LimitError(
            f"the steps go through {len(order)} definitions, more than {MOST_DEFINITIONS}",
            hint="ask for the derivative by a name in between, or without steps",
        )
    for name in [by, *order]:
        if name not in moves:
            moves[name] = moving(name, names.differential(name.name))
    known = _spoken(value, environment, definitions, silent)
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


def _spoken(
    value: Variable,
    environment: Environment,
    definitions: Definitions,
    silent: Collection[Variable],
) -> Environment:
    """The names below `value` that are put in the place of what they stand for.

    A product of names that got a name here is not: x³ y stays, whatever x y is called.
    """
    new = [name for name in definitions if name not in environment.definitions]
    quiet = {name for name in new if _is_product(definitions[name])}
    every = {**environment.definitions, **definitions}
    near = postorder([value], arguments_through(Environment(every)))
    heard = [n for n in near if isinstance(n, Variable) and n in every]
    said = {n: every[n] for n in heard if n not in quiet and n not in silent}
    return Environment(said, environment.functions)


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
    moving_names = frozenset([*between, by])
    inner = inner_functions([definitions[name] for name in between], moving_names)
    known = {definitions[name]: name for name in between}
    named: dict[Node, Node] = {}
    made: dict[Variable, Node] = {}
    for node in reversed(inner):  # the outermost gets the first letter
        if node in known:
            named[node] = known[node]
            continue
        view = _seen_from_outside(node)
        inner_node = view.factors[0] if view else node
        name, sign = _new(inner_node, names), _sign(inner_node, moving_names)
        made[name] = scale(sign, inner_node)
        named[node] = scale(sign, with_arguments(view, [name]) if view else name)
    for name in between:
        made[name] = definitions[name]
    for name, body in made.items():
        others = {part: new for part, new in named.items() if part not in (body, negate(body))}
        made[name] = rewrite([body], with_arguments, others)[0]
    return made


def _is_product(body: Node) -> bool:
    """Whether the body is a product of names."""
    _, rest = split_multiple(body)
    return isinstance(rest, Contraction) and all(isinstance(f, Variable) for f in rest.factors)


def _seen_from_outside(node: Node) -> Contraction | None:
    """A sum that is only repeated along some axes, as a view of a smaller one."""
    if not isinstance(node, Sum) or len(node.terms) < 2:
        return None
    outside = hoisted(node)
    is_view = isinstance(outside, Contraction) and outside.is_view and len(outside.factors) == 1
    return outside if is_view and isinstance(outside, Contraction) else None


def _sign(node: Node, moves: Collection[Variable]) -> int:
    """−1 if all that moves in a sum is subtracted: a person names `W x − y`, not `y − W x`."""
    if not isinstance(node, Sum) or len(node.terms) < 2:
        return 1
    signs = {
        coefficient > 0
        for coefficient, term in node.terms
        if any(part in moves for part in postorder([term]))
    }
    return -1 if signs == {False} else 1


def _new(node: Node, names: Names) -> Variable:
    """A name for the node, symmetric if the node is seen to be."""
    symmetric = len(node.shape) == 2 and all(_is_even(term) for _, term in terms_of(node))
    name = names.inner(len(node.shape))
    return variable(name, node.shape, ["symmetric"] if symmetric else [])


def _is_even(term: Node) -> bool:
    """Whether this is a symmetric matrix, a product such as `Xᵀ X`, or the inverse of one."""
    while isinstance(term, Call) and term.operation == "inv":
        term = term.argument
    product = product_of(term)
    return is_symmetric(term) or replace(product, output=product.output[::-1]).node() is term
