"""Total differentials: `dλ`, `d(W x + b)`, `dW_ij` in a claim.

In: the names that a claim uses; later, a node in which differentials are symbols of their own. Out:
the node with each differential written as what it is, linear in the differentials of the inputs:
`dx` for an input `x`, `Σ ∂λ/∂x dx` for a defined name and for `d(…)`.

>>> from indexcalc.ir.build import add, builtin, multiply
>>> x, y = variable("x", ()), variable("y", ())
>>> chain = Environment({y: builtin("exp", x)})
>>> both = add(variable("dx", ()), variable("dy", ()))
>>> found = spoken_of([both], {"dx": x, "dy": y}, chain)
>>> sorted((one.text, [v.name for v in one.inputs]) for one in found)
[('dx', ['x']), ('dy', ['x'])]
>>> slope = derivative(y, [x])
>>> total([both], {"dx": x, "dy": y}, {x}, chain)[0] is add(
...     multiply(slope, variable("dx", ())), variable("dx", ()))
True
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from indexcalc.elaborate.leibniz import refuse_quotient
from indexcalc.elaborate.names import canonical
from indexcalc.elaborate.ranks import DIFFERENTIAL
from indexcalc.elaborate.symbols import Symbol, SymbolTable
from indexcalc.elaborate.uses import Use, everything_in, uses_in
from indexcalc.errors import DifferentiationError, Mark, UnknownNameError
from indexcalc.ir.build import derivative, linear, variable, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.environment import Environment
from indexcalc.ir.node import Apply, Node, Variable
from indexcalc.ir.walk import postorder, rewrite
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree

Names = Mapping[str, Variable]  # what the differentials of a claim are of, by their own name


# --- names ------------------------------------------------------------------------------------


def uses_without_differentials(roots: Iterable[Tree], table: SymbolTable) -> list[Use]:
    """The uses of names, with `λ` for `dλ` and nothing for the `d` of `d(…)`.

    Makes `dW_out` one name where `W_out` is one. Raises `DifferentiationError` for `df/dx`, which
    has two readings, and `UnknownNameError` for a `d` that stands alone.
    """
    words = [name for name in table.known.tensors if "_" in name]
    if words:
        span = table.known.tensors
        table.known.tensors = {**span, **{DIFFERENTIAL + name: span[name] for name in words}}
    roots = list(roots)
    for part in (part for root in roots for part in everything_in(root)):
        if isinstance(part, tree.Product):
            refuse_quotient(part, table)
    uses = [use for root in roots for use in uses_in(root, table.known)]
    names = {*table.symbols, *(use.name for use in uses)}
    found: list[Use] = []
    for use in uses:
        if use.name == DIFFERENTIAL and DIFFERENTIAL not in table.symbols:
            if use.called:
                continue
            _refuse_alone(use, table)
        inner = differential_name(use.name, names, table)
        found.append(use if inner is None else replace(use, name=inner))
    return found


def differential_name(name: str, names: Collection[str], table: SymbolTable) -> str | None:
    """The known name behind the `d` of `name`; None if this is no differential."""
    inner = canonical(name.removeprefix(DIFFERENTIAL)) if name != DIFFERENTIAL else ""
    if name in table.symbols or not inner or not name.startswith(DIFFERENTIAL):
        return None
    return inner if inner in names else None


def _refuse_alone(use: Use, table: SymbolTable) -> None:
    if use.rank is None and use.name not in table.known.extents:
        raise UnknownNameError(
            "d stands alone here, and no variable has that name",
            Mark(use.span),
            hint="write the differential of a name as one word,  dx,  "
            "that of anything else with brackets,  d(W x)",
        )


def enter_differentials(roots: Iterable[Tree], table: SymbolTable) -> dict[str, str]:
    """Enter a symbol for each differential of a claim whose other names are known.

    Gives the names that they are of. A differential has the shape and the symmetry of what it is
    of, and is a row where that is one.
    """
    found: dict[str, str] = {}
    for use in (use for root in roots for use in uses_in(root, table.known)):
        if use.name == DIFFERENTIAL and use.called and DIFFERENTIAL not in table.symbols:
            table.add(Symbol(DIFFERENTIAL, "function", (), frozenset(), "", use.span))
        inner = differential_name(use.name, table.symbols, table)
        of = table.symbols[inner] if inner is not None else None
        if of is None or of.shape is None or of.role == "function":
            continue
        found[use.name] = of.name
        table.known.ranks[use.name] = len(of.shape)
        traits = moving_traits(of.traits)
        origin = f"the differential of {of.name}"
        table.add(Symbol(use.name, "input", of.shape, traits, origin, use.span, of.row))
    return found


def moving_traits(traits: frozenset[str]) -> frozenset[str]:
    """What a small change of a tensor with these traits has of them: its symmetry."""
    if "diagonal" in traits:
        return frozenset({"diagonal"})
    return frozenset({"symmetric"}) if traits & {"symmetric", "spd"} else frozenset()


# --- nodes ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spoken:
    """A differential that is written: its text, and the inputs on which what it is of depends.

    `plain` tells that it is the differential of an input.
    """

    text: str
    inputs: tuple[Variable, ...]
    plain: bool


def spoken_of(roots: Sequence[Node], names: Names, environment: Environment) -> list[Spoken]:
    """The differentials in nodes, in an order fixed by the graph.

    Raises `DifferentiationError` for a differential in a differential.
    """
    found: list[Spoken] = []
    for node in postorder(roots):
        of = _differentiated(node, names)
        if of is None:
            continue
        inputs = inputs_below(of, environment)
        if any(v.name in names for v in inputs) or _holds_differential(of, names):
            raise DifferentiationError("a differential of a differential is not read")
        text = node.name if isinstance(node, Variable) else f"{DIFFERENTIAL}(…)"
        found.append(Spoken(text, inputs, of in inputs))
    return found


def _differentiated(node: Node, names: Names) -> Node | None:
    """What a node is the differential of, if it is one."""
    if isinstance(node, Variable):
        return names.get(node.name)
    if not isinstance(node, Apply) or node.function.kind != "abstract":
        return None
    return node.args[0] if node.function.name == DIFFERENTIAL and DIFFERENTIAL in names else None


def _holds_differential(node: Node, names: Names) -> bool:
    return any(_differentiated(part, names) is not None for part in postorder([node]))


def inputs_below(node: Node, environment: Environment) -> tuple[Variable, ...]:
    """The variables without a definition that a node depends on, definitions seen through."""
    definitions = environment.definitions

    def below(part: Node) -> tuple[Node, ...]:
        if isinstance(part, Variable) and part in definitions:
            return (definitions[part],)
        return part.arguments

    order = postorder([node], below)
    return tuple(v for v in order if isinstance(v, Variable) and v not in definitions)


def total(
    roots: Sequence[Node], names: Names, moving: Collection[Variable], environment: Environment
) -> list[Node]:
    """Nodes with their differentials written out; inputs that are not `moving` are constants."""

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        of = _differentiated(node, names)
        if of is None:
            return with_arguments(node, arguments)
        inputs = [v for v in inputs_below(of, environment) if v in moving]
        return linear([(1, _along(of, v)) for v in inputs], node.shape)

    return rewrite(roots, rule)


def in_terms_of(
    roots: Sequence[Node],
    names: Names,
    by: Sequence[Variable],
    moving: Collection[Variable],
    environment: Environment,
) -> list[Node] | None:
    """Nodes with their differentials written by those of the variables `by`, which may be defined.

    None if something else that is `moving` has a part in them, or if one of `by` depends on
    another: the chain rule would have to go further.
    """
    definitions = {v: body for v, body in environment.definitions.items() if v not in by}
    cut = Environment(definitions, environment.functions)
    for v in by:
        body = environment.definitions.get(v)
        if body is not None and set(inputs_below(body, cut)).intersection(by):
            return None
    for node in postorder(roots):
        of = _differentiated(node, names)
        if of is not None and not set(inputs_below(of, cut)).intersection(moving) <= set(by):
            return None

    return total(roots, names, by, cut)


def _along(node: Node, by: Variable) -> Node:
    """`∂node/∂by` contracted with the differential of `by`."""
    moved = variable(f"{DIFFERENTIAL}{by.name}", by.shape, moving_traits(by.traits))
    if node is by:
        return moved
    rank = len(node.shape)
    own = range(rank)
    axes = range(rank, rank + len(by.shape))
    return contract([(derivative(node, [by]), (*own, *axes)), (moved, axes)], own)
