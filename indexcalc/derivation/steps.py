"""The derivation of a derivative by differentials, as a person writes it.

In: a query and the style of its program. Out: a `Derivation`: each definition between the variable
and what is differentiated, with its differential; the differential of the value, into which these
are put from the outside in; the derivative, read off. Derivatives of higher order are derivatives
of derivatives, which get a name.

>>> from indexcalc.errors import Source
>>> from indexcalc.session import Session
>>> from indexcalc.syntax.parser import parse_program
>>> session = Session(parse_program(Source("r_i = A_ij x_j - b_i; f = r_i r_i")))
>>> print(derive(session.query(session.parsed("∂f/∂x_j")), session.style))
x varies; A, b are held fixed
r_i     = A_ij x_j - b_i  ⟹  dr_i = A_ij dx_j
f       = r_i r_i
df      = 2 r_i dr_i       # differential
        = 2 r_i A_ij dx_j  # substitute dr
∂f/∂x_j = 2 r_i A_ij       # read off
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from indexcalc.blame import blaming
from indexcalc.derivation.derivation import Derivation
from indexcalc.derivation.naming import Names
from indexcalc.derivation.result import Result, Sweep
from indexcalc.derivation.stage import Moves, Stage, stage
from indexcalc.derivation.writing import written
from indexcalc.diff.dependence import arguments_through, depends_on
from indexcalc.diff.orders import one_variable_each
from indexcalc.elaborate.elaborated import Query
from indexcalc.elaborate.expression import plain_letters
from indexcalc.errors import DifferentiationError, FormulaError, LimitError
from indexcalc.ir.build import derivative, transpose, variable, with_arguments
from indexcalc.ir.effort import allowance, effort
from indexcalc.ir.environment import Environment
from indexcalc.ir.node import Call, Derivative, Node, Variable
from indexcalc.ir.walk import postorder, rewrite
from indexcalc.notation.names import NameStyle
from indexcalc.notation.patterns import stripped
from indexcalc.pipeline import as_displayed
from indexcalc.simplify.inline import derivatives_left
from indexcalc.simplify.passes import simplify_for_display

FORMS = ("index", "matrix")
MOST_SWEEPS = 12
LINES = 4  # times the work that one derivative may take


def derive(query: Query, style: NameStyle, form: str = "index") -> Derivation:
    """The steps that lead to what the query prints, in index or matrix notation.

    Raises `FormulaError` for another form, for a query without a derivative, and for matrix
    notation where a line has none; `DifferentiationError` and `LimitError` as the query does.
    """
    if form not in FORMS:
        raise FormulaError(f"there are no steps in the form {form!r}; there are: index, matrix")
    environment = query.environment
    nodes = postorder([query.node], arguments_through(environment))
    query = _unstacked(query)
    with blaming([query]), effort(LINES * allowance(len(nodes))):
        result = _result(query, style)
        return written(result, form) if form == "index" else _in_matrices(result)


def _unstacked(query: Query) -> Query:
    """`∂Y/∂X` for `∂vec(Y)/∂vec(X)`: stacking is the last step, if there is need of it."""
    whole = query.node
    if not (isinstance(whole, Call) and whole.operation == "reshape"):
        return query
    inner = stripped(whole.argument)
    if not isinstance(inner, Derivative) or len(inner.variables) != 1:
        return query
    numerator = inner.numerator
    if isinstance(numerator, Call) and numerator.operation == "reshape":
        if len(numerator.argument.shape) != 2:
            return query
        numerator = transpose(numerator.argument, (1, 0))
    node = derivative(numerator, inner.variables)
    letters = plain_letters(len(node.shape))
    return replace(query, node=node, shape=node.shape, letters=letters, indexed=False)


def _in_matrices(result: Result) -> Derivation:
    """The derivation in matrix notation; what one line has not, the whole has not."""
    try:
        return written(result, "matrix")
    except LimitError:
        raise
    except FormulaError as refusal:
        reason = refusal.message.rpartition(": ")[2]
        raise FormulaError(
            f"there is no matrix form of the steps: {reason}",
            hint='ask for the whole derivation with indices:  steps(form="index")',
        ) from refusal


def _result(query: Query, style: NameStyle) -> Result:
    """All sweeps of a query, innermost derivative first."""
    root = query.node
    if isinstance(root, Variable):
        root = query.environment.definitions.get(root, root)
    if not derivatives_left([root]):
        raise FormulaError(
            "steps lead to a derivative, and there is none in what is asked",
            hint="ask for the steps of  ∂λ/∂W_ij",
        )
    (nested,) = one_variable_each([root], query.environment)
    order = [node for node in postorder([nested]) if isinstance(node, Derivative)]
    if len(order) > MOST_SWEEPS:
        raise LimitError(f"steps of {len(order)} derivatives, more than {MOST_SWEEPS}")
    names = Names(_names(query, style), _index_letters(style))
    work = _Work(_worked_out_definitions(query), names)
    work.silent |= {v for v, b in query.environment.definitions.items() if derivatives_left([b])}
    for node in order:
        work.sweep(node, [later for later in order if node in postorder([later])], nested)
    shown = rewrite([nested], with_arguments, work.results)[0]
    return Result(
        query=query,
        style=style,
        sweeps=tuple(work.sweeps),
        moves=work.moves,
        new=work.new,
        asked=None if isinstance(nested, Derivative) else shown,
        printed=as_displayed(query.node, query.environment),
    )


def _worked_out_definitions(query: Query) -> Environment:
    """The definitions that the query needs, without derivatives in them."""
    environment = query.environment
    definitions = dict(environment.definitions)
    for node in postorder([query.node], arguments_through(environment)):
        if not isinstance(node, Variable) or node not in definitions:
            continue
        if derivatives_left([definitions[node]]):
            definitions[node] = as_displayed(definitions[node], environment)
    return Environment(definitions, environment.functions, environment.assumptions)


class _Work:
    """What has a name so far: inner functions, differentials, results of earlier sweeps."""

    def __init__(self, environment: Environment, names: Names) -> None:
        self.environment, self.names = environment, names
        self.definitions = dict(environment.definitions)
        self.silent: set[Variable] = set()  # derivatives: not put in the place of what they are
        self.moves: Moves = {}
        self.new: dict[Variable, Node] = {}
        self.results: dict[Node, Node] = {}
        self.sweeps: list[Sweep] = []

    def sweep(self, node: Derivative, around: Sequence[Derivative], root: Node) -> None:
        """Work out one derivative by one variable; `around` are it and those that contain it."""
        (by,) = node.variables
        self.refuse_entangled(by, around)
        value = self.value_of(node.numerator, by)
        cut = {variable for outer in around for variable in outer.variables}
        known = {name: body for name, body in self.definitions.items() if name not in cut}
        last = node is root
        facts = self.environment.assumptions if last else ()
        environment = Environment(known, self.environment.functions, facts)
        made = stage(value, by, environment, self.names, self.moves, self.silent)
        for name, body in made.definitions.items():
            if name not in self.environment.definitions:
                self.new[name] = body
            self.definitions[name] = body
        is_defined = by in self.environment.definitions
        if last:
            self.sweeps.append(Sweep(made, is_defined, None, made.derivative))
            return
        body = self.restated(node, made, environment, cut)
        result = variable(self.names.value(len(node.shape)), node.shape)
        self.results[node] = result
        self.silent.add(result)
        self.definitions[result] = self.new[result] = body
        self.sweeps.append(Sweep(made, is_defined, result, body))

    def restated(
        self, node: Derivative, made: Stage, environment: Environment, cut: Container[Variable]
    ) -> Node:
        """The derivative as the program prints it, in all names, if fewer of these move then."""
        own = self.environment.definitions
        known = {name: body for name, body in own.items() if name not in cut}
        printed = as_displayed(node, Environment(known, environment.functions))
        names = {**environment.definitions, **made.definitions}
        spoken = {name: body for name, body in names.items() if name not in self.silent}
        again = simplify_for_display([printed], Environment(spoken, environment.functions))[0]

        def cost(body: Node) -> tuple[int, int]:
            parts = postorder([body])
            return sum(part in names for part in parts), len(parts)

        return min(made.derivative, again, key=cost)

    def refuse_entangled(self, by: Variable, around: Sequence[Derivative]) -> None:
        """Refuse a further derivative by a defined name that moves with this variable.

        Raises `DifferentiationError`.
        """
        for outer in around:
            for name in outer.variables:
                body = self.environment.definitions.get(name)
                if name is not by and body and depends_on(body, {by}, self.environment):
                    raise DifferentiationError(
                        f"a derivative by {name.name} of one by {by.name}, which {name.name} is "
                        "made of, has no steps: does it move alone, or along?",
                        hint=f"differentiate by {name.name} first",
                    )

    def value_of(self, numerator: Node, by: Variable) -> Variable:
        """The name of what is differentiated; what has none gets one."""
        shown = rewrite([numerator], with_arguments, self.results)[0]
        if isinstance(shown, Variable) and shown in self.definitions and shown is not by:
            return shown
        name = variable(self.names.value(len(shown.shape)), shown.shape)
        self.definitions[name] = shown
        return name


def _names(query: Query, style: NameStyle) -> set[str]:
    """Names that must not be given to anything new."""
    symbols = query.symbols.values()
    extents = {name for symbol in symbols for e in symbol.shape or () for name in e.names}
    return {*style.known(), *query.symbols, *query.environment.functions, *extents}


def _index_letters(style: NameStyle) -> set[str]:
    letters = {letter for known in style.letters.values() for letter in known}
    return letters | {letter for axes in style.axes.values() for letter in axes}
