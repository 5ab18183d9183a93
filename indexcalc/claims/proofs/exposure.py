"""Functions written by few atoms, in which identities are arithmetic.

In: a function of multiplied-out arguments. Out: the same value by `exp`, `log`, `sin`, `cos`,
`[u > 0]`, `[u = 0]` and powers of sums without content, wherever one of these can say it.

| function | becomes |
|---|---|
| `exp(2 a + b)` | `exp(a)² exp(b)`; `exp(c log v)` is `v^c` for `v` known to be positive |
| `sigmoid u`, `tanh u`, `sinh u`, `cosh u`, `expm1 u` | rational functions of `exp` |
| `softplus u`, `log1p x`, `log1mexp u`, `logcosh u` | `log` of what they are the logarithm of |
| `log(c x^a y^b s)` | `log c + a log x + b log y + log s`, `c > 0` |
| `(c x^a s)^e` | `c^e x^(ae) s^e` for whole `e` |
| `tan u` | `sin u / cos u` |
| `sin(a + b)`, `cos(2 a)` | by the theorems of addition |
| `abs relu sign maximum minimum where`, comparisons | by `[u > 0]` and `[u = 0]` |

All of this holds wherever the function is a real number, with `log v` for `log|v|`: a product may
be positive although not every factor is.

>>> from indexcalc.ir.build import variable
>>> u = variable("u", ())
>>> half = exposed(builtin("sigmoid", u))
>>> half is multiply(builtin("exp", u), reciprocal(add(number(1), builtin("exp", u))))
True
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor

from indexcalc.claims.proofs.angles import cosine, sine
from indexcalc.claims.proofs.content import Factored, content, divided, entry_factors
from indexcalc.claims.proofs.positivity import is_positive
from indexcalc.ir.build import (
    add,
    builtin,
    call,
    is_zero,
    linear,
    multiply,
    negate,
    number,
    ones,
    power,
    reciprocal,
    scale,
    split_multiple,
    subtract,
    terms_of,
    zero,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Apply, Call, Contraction, Node, Sum
from indexcalc.ir.opening import only_rearranges
from indexcalc.ir.primitives import COMPARISONS
from indexcalc.simplify.product import product_of
from indexcalc.simplify.views import argument_of, is_ones

LARGEST_CONSTANT = 10**6  # whose logarithm is written by those of its prime factors


def exposed(node: Apply) -> Node:
    """The function by atoms, or as it is."""
    function = node.function
    if function.kind != "builtin":
        return node
    if function.parameter is not None:
        return raised(node.args[0], function.parameter)
    rule = RULES.get(function.name)
    return node if rule is None else rule(*node.args)


# --- exponentials -------------------------------------------------------------------------------


def exponential(argument: Node) -> Node:
    """`exp` of a sum as a product of powers."""
    factors: list[Node] = [ones(argument.shape)]
    for coefficient, term in terms_of(argument):
        inner = argument_of(term, "log")
        known = inner is not None and is_positive(inner)
        base = inner if inner is not None and known else builtin("exp", term)
        factors.append(power(base, coefficient))
    return multiply(*factors)


def _sigmoid(u: Node) -> Node:
    rising = exponential(u)
    return multiply(rising, raised(_one_more(rising), Fraction(-1)))


def _tanh(u: Node) -> Node:
    square = power(exponential(u), 2)
    return multiply(subtract(square, ones(u.shape)), raised(_one_more(square), Fraction(-1)))


def _hyperbolic(sign: int) -> Callable[[Node], Node]:
    def value(u: Node) -> Node:
        rising = exponential(u)
        half = Fraction(1, 2)
        return linear([(half, rising), (half * sign, reciprocal(rising))], u.shape)

    return value


def _one_more(node: Node) -> Node:
    return add(ones(node.shape), node)


# --- logarithms ---------------------------------------------------------------------------------


def logarithm(argument: Node) -> Node:
    """`log` of a product as a sum, of a sum as that of its content and of what is left."""
    coefficient, common, rest = content(argument)
    shape = argument.shape
    if coefficient < 0:
        known = [one for one in common if is_positive(one.base)]
        left = [one for one in common if one not in known]
        rest = negate(multiply(rest, *(_factor(one, argument) for one in left)))
        common = known
    terms: list[tuple[Fraction, Node]] = []
    for one in common:
        terms.append((one.exponent, one.spread(_log_of_atom(one.base), shape)))
    if not is_ones(rest):
        terms.append((Fraction(1), _log_of_atom(rest)))
    for prime, times in _primes(abs(coefficient)).items():
        terms.append((times, multiply(builtin("log", number(prime)), ones(shape))))
    return linear(terms, shape)


def _factor(one: Factored, whole: Node) -> Node:
    return one.spread(power(one.base, one.exponent), whole.shape)


def _log_of_atom(base: Node) -> Node:
    inner = argument_of(base, "exp")
    if inner is not None:
        return inner
    if isinstance(base, Call) and base.operation == "det":
        return call("logdet", base.argument)
    return builtin("log", base)


def _primes(value: Fraction) -> dict[Fraction, Fraction]:
    """The prime factors of a fraction with their exponents; a large one is left as it is."""
    if value == 1:
        return {}
    if max(value.numerator, value.denominator) > LARGEST_CONSTANT:
        return {value: Fraction(1)}
    found: dict[Fraction, Fraction] = {}
    for whole, sign in ((value.numerator, 1), (value.denominator, -1)):
        left, divisor = whole, 2
        while left > 1:
            if divisor * divisor > left:
                divisor = left
            while left % divisor == 0:
                left //= divisor
                prime = Fraction(divisor)
                found[prime] = found.get(prime, Fraction(0)) + sign
            divisor += 1
    return found


# --- powers -------------------------------------------------------------------------------------


def raised(base: Node, exponent: Fraction) -> Node:
    """A power, with the content of a sum taken out where that is known to be right."""
    coefficient, common, rest = content(base)
    if exponent.denominator != 1:
        return _root(base, [one for one in common if is_positive(one.base)], exponent)
    if not common and not (isinstance(base, Sum) and len(base.terms) > 1):
        return power(base, exponent)
    factors = [one.spread(power(one.base, one.exponent * exponent), base.shape) for one in common]
    whole = Fraction(coefficient ** int(exponent))
    left = rest if is_ones(rest) else power(rest, exponent)
    return scale(whole, multiply(*factors, left))


def _root(base: Node, common: list[Factored], exponent: Fraction) -> Node:
    """A broken power of what is left without the positive factors, and of a positive number."""
    coefficient, inside = split_multiple(divided(base, common))
    if coefficient < 0:
        coefficient, inside = -coefficient, negate(inside)
    factors = [one.spread(power(one.base, one.exponent * exponent), base.shape) for one in common]
    factors += [power(inside, exponent)]
    for prime, times in _primes(coefficient).items():
        whole = floor(times * exponent)
        factors += [power(number(prime), whole), power(number(prime), times * exponent - whole)]
    return multiply(*factors)


# --- piecewise ------------------------------------------------------------------------------------


def above(u: Node) -> Node:
    """`[u > 0]`, with the sign that one of `u`, `−u` is written with."""
    sign, rest = _unit(u)
    if rest is None:
        return ones(u.shape) if sign > 0 else zero(u.shape)
    positive = _condition("gt", rest)
    if sign > 0:
        return positive
    return linear([(1, ones(u.shape)), (-1, positive), (-1, at_zero(u))], u.shape)


def _positive_part(u: Node) -> Node:
    """`u [u > 0]`, where it does not matter which of the two `u = 0` belongs to."""
    sign, rest = _unit(u)
    if rest is None:
        return u if sign > 0 else zero(u.shape)
    positive = _condition("gt", rest)
    return multiply(u, positive if sign > 0 else subtract(ones(u.shape), positive))


def at_zero(u: Node) -> Node:
    """`[u = 0]`."""
    sign, rest = _unit(u)
    if rest is None:
        return zero(u.shape) if sign else ones(u.shape)
    return _condition("eq", rest)


def _condition(name: str, u: Node) -> Node:
    """`[u > 0]` or `[u = 0]`, outside of a transpose or a repetition of `u`."""
    if isinstance(u, Contraction) and u.is_view and u.factors and only_rearranges(u):
        inner = u.factors[0]
        held = builtin(name, inner, zero(inner.shape))
        return contract([(held, u.labels[0])], u.output, dict(enumerate(u.extents)))
    return builtin(name, u, zero(u.shape))


def _unit(u: Node) -> tuple[int, Node | None]:
    """The sign of `u` and `u` without its coefficient and positive factors; None for a number."""
    if is_zero(u):
        return 0, None
    coefficient, common, _ = content(u)
    known = [one for one in common if is_positive(one.base)]
    _, rest = split_multiple(divided(u, known))
    return (1 if coefficient > 0 else -1), None if is_ones(rest) else rest


def _sign(u: Node) -> Node:
    return linear([(2, above(u)), (1, at_zero(u)), (-1, ones(u.shape))], u.shape)


def _abs(u: Node) -> Node:
    return linear([(2, _positive_part(u)), (-1, u)], u.shape)


def _maximum(x: Node, y: Node) -> Node:
    return add(y, _positive_part(subtract(x, y)))


def _where(condition: Node, x: Node, y: Node) -> Node:
    holds = condition if _is_truth(condition) else subtract(ones(x.shape), at_zero(condition))
    return add(y, multiply(holds, subtract(x, y)))


def _is_truth(condition: Node) -> bool:
    """Whether all entries are 0 or 1: comparisons, what they were turned into, and deltas."""
    for _, term in terms_of(condition):
        for base, _ in entry_factors(term):
            if not (isinstance(base, Apply) and base.function.name in COMPARISONS):
                return False
    return not any(product_of(term).summed() for _, term in terms_of(condition))


RULES: dict[str, Callable[..., Node]] = {
    "exp": exponential,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "sinh": _hyperbolic(-1),
    "cosh": _hyperbolic(1),
    "expm1": lambda u: subtract(exponential(u), ones(u.shape)),
    "log": logarithm,
    "log1p": lambda x: logarithm(_one_more(x)),
    "softplus": lambda u: logarithm(_one_more(exponential(u))),
    "log1mexp": lambda u: logarithm(subtract(ones(u.shape), exponential(u))),
    "logcosh": lambda u: logarithm(_hyperbolic(1)(u)),
    "sin": sine,
    "cos": cosine,
    "tan": lambda u: multiply(sine(u), raised(cosine(u), Fraction(-1))),
    "abs": _abs,
    "sign": _sign,
    "relu": _positive_part,
    "maximum": _maximum,
    "minimum": lambda x, y: subtract(add(x, y), _maximum(x, y)),
    "where": _where,
    "gt": lambda x, y: above(subtract(x, y)),
    "lt": lambda x, y: above(subtract(y, x)),
    "ge": lambda x, y: add(above(subtract(x, y)), at_zero(subtract(x, y))),
    "le": lambda x, y: add(above(subtract(y, x)), at_zero(subtract(y, x))),
    "eq": lambda x, y: at_zero(subtract(x, y)),
    "ne": lambda x, y: subtract(ones(x.shape), at_zero(subtract(x, y))),
    "pow": lambda x, y: exponential(multiply(y, logarithm(x))),
}
