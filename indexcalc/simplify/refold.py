"""Put the program's names back.

In: nodes, and the program's definitions and functions, made by the same passes. Out: the nodes
with a name wherever its definition stands, whole or as a part of a product or a sum, up to a
coefficient and a transpose. For people to read; code takes what is computed once anyway.

>>> from indexcalc.ir.build import multiply, variable
>>> x, z = variable("x", ()), variable("z", ())
>>> program = Environment({z: add(x, builtin("exp", x))})
>>> refold([multiply(x, add(x, builtin("exp", x)))], program)[0] is multiply(x, z)
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from indexcalc.ir.build import (
    add,
    apply,
    builtin,
    linear,
    multiply,
    negate,
    ones,
    power,
    scale,
    split_multiple,
    subtract,
    terms_of,
    with_arguments,
)
from indexcalc.ir.environment import Environment
from indexcalc.ir.node import Apply, Contraction, Function, Node, Number, Variable
from indexcalc.ir.walk import postorder, rewrite
from indexcalc.simplify.facts import facts
from indexcalc.simplify.views import argument_of, is_ones

MOST_TIMES = 8
SHORT = 2  # nodes of an argument that is no longer than a name would be


def refold(roots: Sequence[Node], environment: Environment) -> list[Node]:
    """The nodes in the program's own words, bottom-up, once."""
    found = _functions(roots, environment)
    named = [
        (body, name)
        for name, body in environment.definitions.items()
        if body is not name and not _is_short(body)
    ]
    found = facts(found, named)
    return _by_logarithms(_by_exponentials(found, environment), environment)


def _is_short(body: Node) -> bool:
    """Whether a body says no more than its name: a variable or number, perhaps repeated."""
    _, rest = split_multiple(body)
    if isinstance(rest, Contraction) and rest.is_view:
        return True
    return isinstance(rest, Variable | Number) or is_ones(rest)


def _functions(roots: Sequence[Node], environment: Environment) -> list[Node]:
    """A builtin function under the name by which the program defines the same function."""
    names: dict[str, Function] = {}
    for name, known in environment.functions.items():
        body = known.body
        if not isinstance(body, Apply) or body.args != known.parameters or len(body.args) != 1:
            continue
        if body.function == Function(body.function.name):
            names.setdefault(body.function.name, Function(name, (0,), "defined"))
    if not names:
        return list(roots)

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        new = with_arguments(node, arguments)
        if isinstance(new, Apply) and new.function == Function(new.function.name):
            own = names.get(new.function.name)
            return apply(own, *new.args) if own else new
        return new

    return rewrite(roots, rule)


def _by_exponentials(roots: Sequence[Node], environment: Environment) -> list[Node]:
    """`exp(β − λ) = α exp(−λ)` where `α = exp(β)` has a name: products of exponentials are one."""
    named = [
        (terms_of(rest.args[0]), scale(1 / coefficient, name))
        for name, body in environment.definitions.items()
        for coefficient, rest in [split_multiple(body)]
        if isinstance(rest, Apply) and rest.function == Function("exp") and not body.shape
    ]
    if not named:
        return list(roots)

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        new = with_arguments(node, arguments)
        if not isinstance(new, Apply) or new.function != Function("exp") or new.shape:
            return new
        exponent = {part: coefficient for coefficient, part in terms_of(new.args[0])}
        for terms, value in named:
            times = _times(exponent, terms)
            if times and len(terms) < len(exponent):
                rest = linear([(c, part) for part, c in exponent.items()], ())
                inner = linear([(-times * c, part) for c, part in terms], ())
                return multiply(power(value, Fraction(times)), builtin("exp", add(rest, inner)))
        return new

    return rewrite(roots, rule)


def _times(exponent: Mapping[Node, Fraction], terms: Sequence[tuple[Fraction, Node]]) -> int:
    """How often the terms are in the exponent, with their coefficients; 0 if not wholly."""
    ratios = {exponent.get(part, Fraction(0)) / coefficient for coefficient, part in terms}
    ratio = ratios.pop() if len(ratios) == 1 else Fraction(0)
    return int(ratio) if ratio.denominator == 1 and 0 < ratio <= MOST_TIMES else 0


def _by_logarithms(roots: Sequence[Node], environment: Environment) -> list[Node]:
    """`σ(u) = 1 − exp(−λ)` and `σ(−u) = exp(−λ)` where `λ = softplus(u)` has a name.

    Likewise `(1 + v)^−n = exp(−n λ)` where `λ = log(1 + v)` has one.
    """
    slopes: dict[Node, Node] = {}
    bases: dict[Node, Node] = {}
    for name, body in environment.definitions.items():
        coefficient, rest = split_multiple(body)
        if not coefficient:
            continue
        logarithm = scale(1 / coefficient, name)
        inner = argument_of(rest, "softplus")
        if inner is not None and len(postorder([inner])) > SHORT:
            small = builtin("exp", negate(logarithm))
            slopes[builtin("sigmoid", negate(inner))] = small
            slopes[builtin("sigmoid", inner)] = subtract(ones(inner.shape), small)
        inner = argument_of(rest, "log1p")
        if inner is not None:
            bases[add(ones(inner.shape), inner)] = logarithm
    if not slopes and not bases:
        return list(roots)

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        new = with_arguments(node, arguments)
        if not isinstance(new, Apply):
            return new
        exponent = new.function.parameter
        if exponent is not None and exponent < 0 and new.args[0] in bases:
            return builtin("exp", scale(exponent, bases[new.args[0]]))
        return slopes.get(new, new)

    return rewrite(roots, rule)


# --- plain words ------------------------------------------------------------------------------


def plain(roots: Sequence[Node], spoken: frozenset[str]) -> list[Node]:
    """Atoms that only serve floating point in the words of a textbook, unless the user said them.

    `log1p(x)` is `log(1 + x)`, `expm1(x)` is `exp(x) − 1`, and so on for the names not in `spoken`.
    """

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        new = with_arguments(node, arguments)
        if not isinstance(new, Apply) or new.function.name in spoken:
            return new
        if new.function != Function(new.function.name):
            return new
        return _in_plain_words(new.function.name, new.args[0]) or new

    return rewrite(roots, rule)


def _in_plain_words(name: str, argument: Node) -> Node | None:
    one = ones(argument.shape)
    match name:
        case "log1p":
            return builtin("log", add(one, argument))
        case "expm1":
            return subtract(builtin("exp", argument), one)
        case "softplus":
            return builtin("log", add(one, builtin("exp", argument)))
        case "log1mexp":
            return builtin("log", subtract(one, builtin("exp", argument)))
        case "logcosh":
            return builtin("log", builtin("cosh", argument))
        case _:
            return None


def spoken_names(roots: Sequence[Node]) -> frozenset[str]:
    """The builtin functions that a text uses."""
    return frozenset(node.function.name for node in postorder(roots) if isinstance(node, Apply))
