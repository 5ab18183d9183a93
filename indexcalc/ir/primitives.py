"""The table of scalar functions: one row a function.

To add a function, add a row: its name, its partial derivatives as small builders, the NumPy
expression that computes it, its LaTeX name, its domain. A parametrised test then checks the row.

>>> from indexcalc.ir.build import builtin, variable
>>> x = variable("x", ())
>>> partial(builtin("sin", x), 0) is builtin("cos", x)
True

Derivatives at kinks are subgradients: 0 for `abs` and `relu` at 0, one half to each side
of a tie of `max` and `min`. Atoms (`softplus sigmoid log1mexp logcosh …`) are closed
under differentiation, so that a stable formula has stable derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from indexcalc.errors import DifferentiationError
from indexcalc.ir.build import (
    add,
    apply,
    builtin,
    constant,
    linear,
    multiply,
    negate,
    ones,
    power,
    reciprocal,
    scale,
    subtract,
    zero,
)
from indexcalc.ir.node import Apply, Contraction, Node

HALF = Fraction(1, 2)
COMPARISONS = frozenset({"gt", "lt", "ge", "le", "eq", "ne"})
Partial = Callable[..., Node]


@dataclass(frozen=True, slots=True)
class Primitive:
    """One scalar function.

    `partials[k]` builds the derivative by argument `k` from the arguments; `numpy` is an
    expression in `{0}`, `{1}`, …; `domain` is where test points may lie (a key of
    the tests' table); `holomorphic` tells that the derivative holds for complex arguments too.
    """

    name: str
    partials: tuple[Partial, ...]
    numpy: str
    latex: str
    domain: str = "real"
    holomorphic: bool = True


def _sigmoid_slope(x: Node) -> Node:
    return multiply(builtin("sigmoid", x), builtin("sigmoid", negate(x)))


def _one_plus_square(x: Node) -> Node:
    return add(ones(x.shape), power(x, 2))


def _one_minus_square(x: Node) -> Node:
    return subtract(ones(x.shape), power(x, 2))


def _acosh_slope(x: Node) -> Node:
    # not the root of x² − 1, which has the wrong sign left of the imaginary axis
    one = ones(x.shape)
    return multiply(power(subtract(x, one), -HALF), power(add(x, one), -HALF))


def _erf_slope(x: Node) -> Node:
    two_by_root_pi = scale(2, power(constant("pi"), -HALF))
    return multiply(two_by_root_pi, builtin("exp", negate(power(x, 2))))


def _share(comparison: str) -> Partial:
    """The weight of a winner of `max` or `min`: 1 where it wins, one half at a tie."""

    def weight(x: Node, y: Node) -> Node:
        return linear([(1, builtin(comparison, x, y)), (HALF, builtin("eq", x, y))], x.shape)

    return weight


def _other_share(comparison: str) -> Partial:
    weight = _share(comparison)
    return lambda x, y: weight(y, x)


def _none(*args: Node) -> Node:
    return zero(args[0].shape)


def _holds(condition: Node) -> Node:
    """One where the condition is not zero; a comparison or a delta is that already."""
    if isinstance(condition, Apply) and condition.function.name in COMPARISONS:
        return condition
    if isinstance(condition, Contraction) and not condition.factors:
        return condition
    return builtin("ne", condition, zero(condition.shape))


def _by_base(x: Node, y: Node) -> Node:
    return multiply(y, builtin("pow", x, subtract(y, ones(y.shape))))


def _by_exponent(x: Node, y: Node) -> Node:
    # 0^y is constant in y: the logarithm is taken of 1 there
    safe = builtin("where", builtin("eq", x, zero(x.shape)), ones(x.shape), x)
    return multiply(builtin("log", safe), builtin("pow", x, y))


def _atan2_partials() -> tuple[Partial, ...]:
    def over_square(sign: int, which: int) -> Partial:
        def slope(y: Node, x: Node) -> Node:
            square = add(power(x, 2), power(y, 2))
            return scale(sign, multiply((y, x)[which], reciprocal(square)))

        return slope

    return over_square(1, 1), over_square(-1, 0)


def _elementary() -> tuple[Primitive, ...]:
    p = Primitive
    return (
        p("exp", (lambda x: builtin("exp", x),), "np.exp({0})", r"\exp"),
        p("log", (reciprocal,), "np.log({0})", r"\log", "positive"),
        p("log1p", (lambda x: reciprocal(add(ones(x.shape), x)),), "np.log1p({0})",
          r"\operatorname{log1p}", "positive"),
        p("expm1", (lambda x: builtin("exp", x),), "np.expm1({0})", r"\operatorname{expm1}"),
        p("cbrt", (lambda x: scale(Fraction(1, 3), power(builtin("cbrt", x), -2)),),
          "np.cbrt({0})", r"\operatorname{cbrt}", "positive", False),
        p("sin", (lambda x: builtin("cos", x),), "np.sin({0})", r"\sin"),
        p("cos", (lambda x: negate(builtin("sin", x)),), "np.cos({0})", r"\cos"),
        p("tan", (lambda x: _one_plus_square(builtin("tan", x)),), "np.tan({0})", r"\tan", "unit"),
        p("asin", (lambda x: power(_one_minus_square(x), -HALF),), "np.arcsin({0})", r"\arcsin",
          "unit"),
        p("acos", (lambda x: negate(power(_one_minus_square(x), -HALF)),), "np.arccos({0})",
          r"\arccos", "unit"),
        p("atan", (lambda x: reciprocal(_one_plus_square(x)),), "np.arctan({0})", r"\arctan"),
        p("sinh", (lambda x: builtin("cosh", x),), "np.sinh({0})", r"\sinh"),
        p("cosh", (lambda x: builtin("sinh", x),), "np.cosh({0})", r"\cosh"),
        p("tanh", (lambda x: _one_minus_square(builtin("tanh", x)),), "np.tanh({0})", r"\tanh"),
        p("asinh", (lambda x: power(_one_plus_square(x), -HALF),), "np.arcsinh({0})",
          r"\operatorname{arsinh}"),
        p("acosh", (_acosh_slope,), "np.arccosh({0})", r"\operatorname{arcosh}", "above one"),
        p("atanh", (lambda x: reciprocal(_one_minus_square(x)),), "np.arctanh({0})",
          r"\operatorname{artanh}", "unit"),
    )  # fmt: skip


def _atoms() -> tuple[Primitive, ...]:
    """Combinations that are stable where their parts are not."""
    p = Primitive
    return (
        p("sigmoid", (_sigmoid_slope,), "_sigmoid({0})", r"\operatorname{sigmoid}"),
        p("softplus", (lambda x: builtin("sigmoid", x),), "_softplus({0})",
          r"\operatorname{softplus}"),
        p("log1mexp", (lambda x: negate(reciprocal(builtin("expm1", negate(x)))),),
          "_log1mexp({0})", r"\operatorname{log1mexp}", "negative"),
        p("logcosh", (lambda x: builtin("tanh", x),), "_logcosh({0})", r"\operatorname{logcosh}"),
        p("erf", (_erf_slope,), "_erf({0})", r"\operatorname{erf}", "real", False),
    )  # fmt: skip


def _of_two() -> tuple[Primitive, ...]:
    p = Primitive
    return (
        p("pow", (_by_base, _by_exponent), "np.power({0}, {1})", r"\operatorname{pow}", "positive"),
        p("atan2", _atan2_partials(), "np.arctan2({0}, {1})", r"\operatorname{atan2}", "real",
          False),
    )  # fmt: skip


def _piecewise() -> tuple[Primitive, ...]:
    p = Primitive
    return (
        p("abs", (lambda x: builtin("sign", x),), "np.abs({0})", r"\operatorname{abs}", "real",
          False),
        p("sign", (_none,), "np.sign({0})", r"\operatorname{sign}", "real", False),
        p("relu", (lambda x: builtin("gt", x, zero(x.shape)),), "np.maximum({0}, 0)",
          r"\operatorname{relu}", "real", False),
        p("maximum", (_share("gt"), _other_share("gt")), "np.maximum({0}, {1})", r"\max", "real",
          False),
        p("minimum", (_share("lt"), _other_share("lt")), "np.minimum({0}, {1})", r"\min", "real",
          False),
        p("where", (_none, lambda c, x, y: _holds(c),
                    lambda c, x, y: subtract(ones(c.shape), _holds(c))),
          "np.where({0}, {1}, {2})", r"\operatorname{where}"),  # a comparison in it is none
        *(p(name, (_none, _none), f"({{0}} {sign} {{1}})", latex, "real", False)
          for name, sign, latex in (("gt", ">", ">"), ("lt", "<", "<"), ("ge", ">=", r"\ge"),
                                    ("le", "<=", r"\le"), ("eq", "==", "="), ("ne", "!=", r"\ne"))),
    )  # fmt: skip


PRIMITIVES = {row.name: row for row in (*_elementary(), *_atoms(), *_of_two(), *_piecewise())}


def partial(node: Apply, position: int) -> Node:
    """The derivative of the function of `node` by its argument `position`, at each entry."""
    function = node.function
    if function.kind != "builtin":
        return apply(function.differentiated(position), *node.args)
    if function.parameter is not None:
        exponent = function.parameter
        return scale(exponent, power(node.args[0], exponent - 1))
    row = PRIMITIVES.get(function.name)
    if row is None:
        raise DifferentiationError(f"no derivative is known for the function {function.name}")
    return row.partials[position](*node.args)
