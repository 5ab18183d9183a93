"""Functions of one argument, where the argument makes a stable form possible.

In: an `Apply` node over stable arguments. Out: the same function in stable atoms, or the node.

>>> from indexcalc.ir.build import add, number, reciprocal, variable
>>> u = variable("u", ())
>>> first = stable_function(reciprocal(add(number(1), builtin("exp", u))))
>>> stable_function(first) is builtin("sigmoid", scale(-1, u))
True
"""

from __future__ import annotations

from fractions import Fraction
from math import floor

from indexcalc.ir.build import (
    add,
    builtin,
    call,
    linear,
    multiply,
    negate,
    ones,
    power,
    scale,
    split_multiple,
    subtract,
    terms_of,
)
from indexcalc.ir.contraction import base_and_exponent, contract
from indexcalc.ir.node import Apply, Call, Contraction, Node, Size, Sum
from indexcalc.ir.opening import only_rearranges
from indexcalc.simplify.logarithm import (
    logarithm_of_atom,
    logarithm_of_contraction,
    logarithm_of_sum,
    logarithm_of_term,
)
from indexcalc.simplify.stable_sums import stable_sum
from indexcalc.simplify.views import argument_of, flat_terms, is_ones

ODD = {"tanh", "sinh", "sin", "tan", "asin", "atan", "asinh", "atanh", "erf", "sign", "cbrt"}
EVEN = {"cosh", "cos", "logcosh", "abs"}


def stable_function(node: Apply) -> Node:
    """The node in stable atoms, one step."""
    function = node.function
    if function.kind != "builtin" or len(node.args) != 1:
        return node
    argument = node.args[0]
    if function.parameter is not None:
        return stable_power(argument, function.parameter) or node
    if function.name in ODD or function.name in EVEN:
        return without_sign(function.name, argument) or node
    rule = _RULES.get(function.name)
    return (rule(argument) if rule else None) or node


def without_sign(name: str, argument: Node) -> Node | None:
    """`tanh(−u) = −tanh(u)`, `cosh(−u) = cosh(u)`, where the argument's coefficient is negative."""
    coefficient, _ = split_multiple(argument)
    if coefficient >= 0:
        return None
    return scale(-1 if name in ODD else 1, builtin(name, negate(argument)))


# --- powers -----------------------------------------------------------------------------------


def stable_power(base: Node, exponent: Fraction) -> Node | None:
    """`(Σ exp)^−n → exp(−n log Σ exp)`, `σ(u)^−n → (1 + exp(−u))^n`: the base is positive."""
    if exponent.denominator == 1 and exponent > 0:
        return None
    slope = argument_of(base, "sigmoid")
    if slope is not None and exponent.denominator == 1:
        return power(add(ones(base.shape), builtin("exp", negate(slope))), -exponent)
    coefficient, rest = split_multiple(base)
    if coefficient <= 0:
        return None
    if isinstance(rest, Sum):
        negative = any(c < 0 for c, _ in rest.terms)
        total = None if negative else logarithm_of_sum(base)
    else:
        total = logarithm_of_term(coefficient, rest) if holds_exponential(rest) else None
    return None if total is None else builtin("exp", scale(exponent, total))


def holds_exponential(node: Node) -> bool:
    """Whether a factor, perhaps summed over, is an exponential or a sigmoid."""
    factors = node.factors if isinstance(node, Contraction) else (node,)
    names = ("exp", "sigmoid")
    return any(argument_of(factor, name) is not None for factor in factors for name in names)


# --- logarithms -------------------------------------------------------------------------------


def stable_log(argument: Node) -> Node | None:
    """`log` of exponentials, of sums with exponentials, of `1 + x`, of determinants."""
    coefficient, rest = split_multiple(argument)
    if isinstance(rest, Sum):
        total = logarithm_of_sum(argument)
        return total if total is not None else _log1p(argument)
    inner = argument_of(rest, "expm1")
    if inner is not None:
        return _log_expm1(coefficient, inner)
    if isinstance(rest, Contraction) and rest.factors and only_rearranges(rest):
        return _split_log(coefficient, rest)
    if coefficient <= 0:
        return None
    if is_ones(rest):
        return None
    base, exponent = base_and_exponent(rest)
    if isinstance(base, Call) and base.operation == "det" and exponent.numerator % 2:
        total = scale(exponent, call("logdet", base.argument))
    elif exponent != 1 and isinstance(base, Size):
        total = scale(exponent, builtin("log", base))
    elif holds_exponential(rest) or argument_of(rest, "cosh") is not None:
        known = logarithm_of_atom(rest)
        if known is None:
            return None
        total = known
    else:
        return None
    return total if coefficient == 1 else add(total, builtin("log", _constant(coefficient, rest)))


def _constant(coefficient: Fraction, like: Node) -> Node:
    return scale(coefficient, ones(like.shape))


def _log1p(argument: Node) -> Node | None:
    terms = terms_of(argument)
    rest = [(c, term) for c, term in terms if not (is_ones(term) and c == 1)]
    if len(rest) == len(terms):
        return None
    return builtin("log1p", linear(rest, argument.shape))


def _log_expm1(coefficient: Fraction, inner: Node) -> Node | None:
    """`log(exp v − 1) = v + log1mexp(−v)` for v > 0, `log(1 − exp v) = log1mexp(v)` for v < 0."""
    if coefficient > 0:
        total = add(inner, builtin("log1mexp", negate(inner)))
    else:
        total = builtin("log1mexp", inner)
    if abs(coefficient) == 1:
        return total
    return add(total, builtin("log", _constant(abs(coefficient), inner)))


def _split_log(coefficient: Fraction, node: Contraction) -> Node | None:
    """`log(p r) = log p + log r`, for the factors `p` that are positive and have a stable `log`."""
    extents = dict(enumerate(node.extents))
    summed = set(node.summed)
    known: list[Node] = []
    rest: list[tuple[Node, tuple[int, ...]]] = []
    inside: list[tuple[Node, tuple[int, ...]]] = []
    for factor, labels in zip(node.factors, node.labels, strict=True):
        if summed.intersection(labels):
            inside.append((factor, labels))
            continue
        part = _log_of_positive(factor)
        if part is None:
            rest.append((factor, labels))
        else:
            known.append(contract([(part, labels)], node.output, extents))
    if inside:
        total = _log_of_inside(inside, node)
        if total is None:
            rest += inside
        else:
            known.append(total)
    if not known or (coefficient < 0 and not rest):
        return None
    if rest or coefficient != 1:
        product = scale(coefficient, contract(rest, node.output, extents))
        known.append(builtin("log", product))
    return add(*known)


def _log_of_positive(factor: Node) -> Node | None:
    if isinstance(factor, Sum):
        positive = all(c > 0 for c, _ in terms_of(factor))
        return logarithm_of_sum(factor) if positive else None
    return logarithm_of_atom(factor) if holds_exponential(factor) else None


def _log_of_inside(inside: list[tuple[Node, tuple[int, ...]]], node: Contraction) -> Node | None:
    """`log` of the summed part, if it is a `logsumexp`, in the shape of `node`."""
    met = {label for _, own in inside for label in own}
    shown = [label for label in dict.fromkeys(node.output) if label in met]
    core = contract(inside, shown)
    # the core may come out as a view over a core: look at the core under its own labels
    names = list(shown)
    if isinstance(core, Contraction) and core.is_view and core.factors:
        names = [shown[core.output.index(label)] for label in core.labels[0]]
        core = core.factors[0]
    if not isinstance(core, Contraction) or not core.summed:
        return None
    total = logarithm_of_contraction(core)
    if total is None:
        return None
    return contract([(total, names)], node.output, dict(enumerate(node.extents)))


def stable_log1p(argument: Node) -> Node | None:
    """`log1p(exp u) → softplus(u)`, `log1p(−exp u) → log1mexp(u)`, `log1p(expm1 u) → u`."""
    whole = add(ones(argument.shape), argument)
    total = logarithm_of_sum(whole)
    if total is not None:
        return total
    shorter = stable_sum(whole) if isinstance(whole, Sum) and len(whole.terms) > 1 else whole
    return None if shorter is whole and isinstance(whole, Sum) else builtin("log", shorter)


# --- exponentials -----------------------------------------------------------------------------


def stable_exp(argument: Node) -> Node | None:
    """`exp(−n softplus u) → σ(−u)^n`, `exp(u − softplus u) → σ(u)`, `exp(c log v) → v^c`."""
    if not any(_is_logarithmic(term) for _, term in terms_of(argument)) and not any(
        isinstance(term, Sum) for _, term in terms_of(argument)
    ):
        return None
    rest = flat_terms(argument)
    factors: list[Node] = []
    for term, coefficient in list(rest.items()):
        inner = argument_of(term, "softplus")
        if inner is not None and coefficient < 0 and coefficient.denominator == 1:
            del rest[term]
            factors += _sigmoids(inner, int(-coefficient), rest)
    bounded = bool(factors)
    for term, coefficient in list(rest.items()):
        part = _power_of(term, coefficient, bounded)
        if part is not None:
            del rest[term]
            factors.append(part)
    if not factors:
        return _shorter(argument, rest)
    return None if rest else multiply(*factors)


def _is_logarithmic(term: Node) -> bool:
    names = ("softplus", "log", "log1p")
    return any(argument_of(term, name) is not None for name in names)


def _sigmoids(inner: Node, count: int, rest: dict[Node, Fraction]) -> list[Node]:
    """`exp(k v − n softplus(v)) = σ(v)^k σ(−v)^(n−k)`; takes `k v` out of `rest`."""
    up = min(count, max(0, floor(ratio(rest, inner))))
    take(rest, inner, Fraction(up))
    down = builtin("sigmoid", negate(inner))
    return [builtin("sigmoid", inner)] * up + [down] * (count - up)


def ratio(total: dict[Node, Fraction], part: Node) -> Fraction:
    """The `r` for which each term of `part` occurs `r` times in `total`; 0 if there is none."""
    terms = flat_terms(part)
    ratios = {total.get(term, Fraction(0)) / c for term, c in terms.items()}
    return ratios.pop() if len(ratios) == 1 else Fraction(0)


def take(total: dict[Node, Fraction], part: Node, times: Fraction) -> None:
    """Subtract `times · part` from `total`."""
    for term, c in flat_terms(part).items() if times else ():
        left = total.get(term, Fraction(0)) - times * c
        if left:
            total[term] = left
        else:
            del total[term]


def _power_of(term: Node, coefficient: Fraction, bounded: bool) -> Node | None:
    """`exp(c log v) = v^c`, `exp(n softplus v) = (1 + exp v)^n` if nothing small meets it."""
    inner = argument_of(term, "log")
    if inner is not None:
        return power(inner, coefficient)
    inner = argument_of(term, "log1p")
    if inner is not None:
        return power(add(ones(inner.shape), inner), coefficient)
    inner = argument_of(term, "softplus")
    if inner is None or bounded or coefficient < 0 or coefficient.denominator != 1:
        return None
    return power(add(ones(inner.shape), builtin("exp", inner)), coefficient)


def _shorter(argument: Node, flat: dict[Node, Fraction]) -> Node | None:
    """The exponential of the sum multiplied out, if terms cancelled."""
    nested = [term for _, term in terms_of(argument) if isinstance(term, Sum)]
    before = len(terms_of(argument)) - len(nested) + sum(len(term.terms) for term in nested)
    if not nested or len(flat) >= before:
        return None
    return builtin("exp", linear([(c, term) for term, c in flat.items()], argument.shape))


def stable_expm1(argument: Node) -> Node | None:
    """`exp(u) − 1` where the exponential has a simpler form."""
    simpler = stable_exp(argument)
    if simpler is None or argument_of(simpler, "exp") is not None:
        return None
    return subtract(simpler, ones(argument.shape))


def stable_softplus(argument: Node) -> Node | None:
    """`softplus(log v) → log1p(v)`, for v > 0."""
    inner = argument_of(argument, "log")
    return None if inner is None else builtin("log1p", inner)


_RULES = {
    "log": stable_log,
    "log1p": stable_log1p,
    "exp": stable_exp,
    "expm1": stable_expm1,
    "softplus": stable_softplus,
}


def sech(node: Apply) -> Node:
    """`cosh(v)^−2n → (4 σ(2v) σ(−2v))^n`; `cosh(v)^e → exp(e logcosh v)` for other `e < 0`."""
    exponent = node.function.parameter
    inner = argument_of(node.args[0], "cosh") if exponent is not None else None
    if inner is None or exponent is None or exponent > 0:
        return node
    if exponent.denominator == 1 and exponent % 2 == 0:
        double = scale(2, inner)
        slope = multiply(builtin("sigmoid", double), builtin("sigmoid", negate(double)))
        return power(scale(4, slope), -exponent / 2)
    return builtin("exp", scale(exponent, builtin("logcosh", inner)))
