"""From queries to one function of arrays: the pipeline, written out once.

In: queries of one program. Out: a `Function` that computes them together.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_program
>>> session = Session(parse_program(Source("f = x_i x_i; ∂f/∂x_j")))
>>> function = compiled(session, session.elaborated.queries)
>>> function.results, function.arrays
(('df_dx',), ('x',))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from indexcalc.blame import blaming
from indexcalc.codegen.progress import Progress
from indexcalc.codegen.run import Function
from indexcalc.collection import uncollected
from indexcalc.elaborate.elaborated import Query, inputs_of
from indexcalc.elaborate.expression import plain_letters
from indexcalc.elaborate.symbols import Symbol
from indexcalc.errors import ShapeError
from indexcalc.ir.environment import Environment
from indexcalc.ir.extent import Shape, shape_text
from indexcalc.ir.node import Node
from indexcalc.pipeline import definite_nodes, named_nodes, needed_inputs, worked_out
from indexcalc.presentation import result_names
from indexcalc.session import Session
from indexcalc.simplify.inline import derivatives_left

NO_HINTS: Mapping[str, int] = MappingProxyType({})
NO_NAMES: Mapping[str, Symbol] = MappingProxyType({})


@uncollected()
def compiled(
    session: Session,
    queries: Sequence[Query],
    *,
    sizes: Mapping[str, int] = NO_HINTS,
    memory_limit: int | None = None,
    progress: bool | Progress | None = None,
) -> Function:
    """One function for several results, with all common work shared.

    `sizes` are hints for the order of contractions, `memory_limit` is in bytes, `progress` asks
    for a bar on work in chunks. Raises a `FormulaError` if a derivative does not exist or the
    formula grows out of proportion.
    """
    environment = _joint_environment(queries)
    with blaming(queries):
        nodes = worked_out([query.node for query in queries], environment)
    names = result_names([query.tree for query in queries], queries[0].symbols)

    def specialise(functions: Mapping[str, str]) -> Function:
        special = session.with_functions(functions)
        again = [special.query(query.tree) for query in queries]
        return compiled(special, again, sizes=sizes, memory_limit=memory_limit, progress=progress)

    arguments, idle = _parameters(session, queries, nodes)
    return Function(
        list(zip(names, nodes, strict=True)),
        arguments,
        names=named_nodes(environment),
        definite=definite_nodes(environment),
        formulas=dict(zip(names, (query.text for query in queries), strict=True)),
        sizes=sizes,
        memory_limit=memory_limit,
        progress=progress,
        differentiated=derivatives_left([query.node for query in queries]),
        unused=idle,
        specialise=specialise,
        complex_nodes=lambda: worked_out([q.node for q in queries], environment, real=False),
    )


def compiled_for(
    session: Session,
    query: Query,
    nodes: Sequence[Node],
    *,
    brought: Mapping[str, Symbol] = NO_NAMES,
    memory_limit: int | None = None,
) -> Function:
    """One function for nodes that stand for a query, with the names that it and they bring along.

    Derivatives and definitions may stand in them. Raises as `compiled`.
    """
    queries = [
        replace(
            query,
            node=node,
            shape=node.shape,
            letters=plain_letters(len(node.shape)),
            brought={**query.brought, **brought},
        )
        for node in nodes
    ]
    return compiled(session, queries, memory_limit=memory_limit)


def compiled_nodes(session: Session, queries: Sequence[Query], nodes: Sequence[Node]) -> Function:
    """One function for nodes in which derivatives are worked out already: parts of the queries."""
    arguments, idle = _parameters(session, queries, nodes)
    results = [(f"part_{number}", node) for number, node in enumerate(nodes, start=1)]
    return Function(results, arguments, unused=idle)


def _parameters(
    session: Session, queries: Sequence[Query], nodes: Sequence[Node]
) -> tuple[list[tuple[str, Shape]], list[str]]:
    """The inputs that the nodes need, and other names that may be given.

    An input that the queries do not speak of may be the only one that tells a size: `A` in `eye(n)`
    where the program has `A[n, n]`.
    """
    spoken = _arguments(session, queries)
    named = {name for name, _ in spoken}
    others = [
        (symbol.name, symbol.shape or ())
        for symbol in session.elaborated.symbols.values()
        if symbol.role == "input" and symbol.name not in named
    ]
    arguments = needed_inputs([*spoken, *others], nodes)
    idle = {*session.elaborated.symbols, *(name for name, _ in spoken)}
    return arguments, sorted(idle - {name for name, _ in arguments})


def _joint_environment(queries: Sequence[Query]) -> Environment:
    """The program's environment with the functions that the queries brought along."""
    first = queries[0].environment
    different = {id(query.environment): query.environment for query in queries}.values()
    functions = {n: f for environment in different for n, f in environment.functions.items()}
    return Environment(first.definitions, functions, first.assumptions)


def _arguments(session: Session, queries: Sequence[Query]) -> list[tuple[str, Shape]]:
    """Names and shapes of the inputs: the program's in its order, then those of the queries.

    Raises `ShapeError` if two queries bring one new name along in different shapes.
    """
    inputs = inputs_of(queries)
    symbols = session.elaborated.symbols
    found = {name: symbol.shape or () for name, symbol in symbols.items() if name in inputs}
    for query in queries:
        for name, symbol in query.brought.items():
            if name not in inputs:
                continue
            shape = symbol.shape or ()
            if found.setdefault(name, shape) != shape:
                raise ShapeError(
                    f"{name} is {shape_text(found[name])} in one query "
                    f"and {shape_text(shape)} in {query.text}",
                    hint=f"declare {name} in the program",
                )
    return list(found.items())
