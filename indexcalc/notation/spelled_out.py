"""Functions written as formulas in others.

In: the name of a function, and its arranged argument. Out: the formula that says the same, for
functions that the language has no name for, or whose name the program uses for something else.

>>> from indexcalc.notation.formula import Symbol, SymbolKind
>>> x = Symbol(SymbolKind.VARIABLE, "x", ("i",))
>>> spelled_out("logcosh", x).arguments[0].name
'cosh'
>>> spelled_out("sin", x) is None
True
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from indexcalc.notation.formula import Applied, Formula, Literal, Product, Raised, Total

ONE = Fraction(1)
ALWAYS = frozenset({"log1mexp", "logcosh"})


def spelled_out(name: str, argument: Formula) -> Formula | None:
    """The function as a formula, or None if there is none."""
    rule = _RULES.get(name)
    return rule(argument) if rule else None


def function(name: str, *arguments: Formula) -> Applied:
    """A built-in function of the language."""
    return Applied(name, (), (), arguments, ())


def _negative(part: Formula) -> Product:
    return Product(-ONE, (), (), (part,), ())


def _one_plus(part: Formula) -> Total:
    return Total((Literal(ONE), part))


def _sigmoid(x: Formula) -> Formula:
    below = _one_plus(function("exp", _negative(x)))
    return Product(ONE, (), (), (), (below,))


_RULES: dict[str, Callable[[Formula], Formula]] = {
    "log1mexp": lambda x: function("log", _one_plus(_negative(function("exp", x)))),
    "logcosh": lambda x: function("log", function("cosh", x)),
    "sigmoid": _sigmoid,
    "softplus": lambda x: function("log", _one_plus(function("exp", x))),
    "log1p": lambda x: function("log", _one_plus(x)),
    "expm1": lambda x: Total((function("exp", x), _negative(Literal(ONE)))),
    "relu": lambda x: function("max", x, Literal(Fraction(0))),
    "cbrt": lambda x: Raised(x, Fraction(1, 3)),
}
