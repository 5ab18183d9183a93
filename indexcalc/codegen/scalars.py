"""Numbers without axes: by Python's own arithmetic, which costs a fraction of NumPy's.

In: a scalar `map` value and its operands as code. Out: the expression, if Python's is the same.
It is not where NumPy gives infinity or NaN and Python raises an error: there NumPy stays. So it has
to be known of each scalar whether it may be a Python float (`Scalars.plain`), and of some that they
are not negative.

>>> from indexcalc.plan.graph import Graph
>>> from indexcalc.plan.program import Term
>>> graph = Graph()
>>> x = Term(graph.leaf("input", (), "x"))
>>> decay = graph.map("exp", graph.map("negative", graph.map("abs", x)))
>>> rise = graph.map("add", decay, Term(Fraction(1)))
>>> scalars = Scalars()
>>> for value in graph.values[1:]:
...     names = ["1.0" if term.source == 1 else "t" for term in value.operands]
...     print(scalars.code(value, value.operands, names))
abs(t)
-t
math.exp(t)
t + 1.0
>>> [value.detail for value in scalars.plain]
['exp', 'add']
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from indexcalc.plan.gram import is_nonnegative
from indexcalc.plan.program import Plan, Term, Value

OPERATORS = {"add": "{} + {}", "subtract": "{} - {}", "multiply": "{} * {}", "negative": "-{}",
             "abs": "abs({})"}  # fmt: skip
EXTREMA = {"maximum": "max({}, {})", "minimum": "min({}, {})"}  # a NaN in front stays
CONSTANTS = {Fraction(0): "ZERO", Fraction(1, 2): "HALF", Fraction(1): "ONE", Fraction(2): "TWO"}
LIMITS = {"float32": "88.0", "complex64": "88.0"}  # of exp, below where it overflows
DOUBLE_LIMIT = "709.0"
FOREIGN = ("size", "constant", "function")  # kernels whose values may be any Python numbers


def constant(source: object, code: str) -> str:
    """A number as an array without axes: ufuncs take it in half the time of a Python number."""
    return CONSTANTS.get(source, code) if isinstance(source, Fraction) else code


def constants(lines: Sequence[str], dtype: str) -> list[str]:
    """The definitions of what the lines of code use: such arrays, the limit of `exp`, `math`.

    >>> constants(["t1 = np.add(x, ONE, x)  # t1_i = x_i + HALF"], "float64")
    ['', 'ONE = np.array(1.0)']
    """
    text = "\n".join(line.partition("  # ")[0] for line in lines)
    words = set(re.findall(r"[A-Za-z_]+", text))
    kind = "" if dtype == "float64" else f", np.{dtype}"
    found = [
        f"{name} = np.array({float(value)}{kind})"
        for value, name in CONSTANTS.items()
        if name in words
    ]
    if "LIMIT" in words:
        limit = LIMITS.get(dtype, DOUBLE_LIMIT)
        found.append(f"LIMIT = np.array({limit}{kind})  # exp of more overflows")
    return ["", *found] if found else []


@dataclass(slots=True)
class Scalars:
    """Which values may be Python floats, and which are worth making so."""

    dtype: str = "float64"
    wanted: Collection[Value] = ()
    plain: dict[Value, None] = field(default_factory=dict)

    def is_plain(self, term: Term) -> bool:
        """Whether the operand may be a Python number."""
        source = term.source
        return not isinstance(source, Value) or source.kernel in FOREIGN or source in self.plain

    def as_float(self, value: Value, code: str) -> str:
        """A NumPy scalar as a Python float, where operations on it follow."""
        if value not in self.wanted:
            return code
        self.plain[value] = None
        return f"float({code})"

    def code(self, value: Value, terms: Sequence[Term], operands: list[str]) -> str | None:
        """The expression of the `terms`, or None where it is left to NumPy."""
        name = str(value.detail)
        match name:
            case "add" | "subtract" | "multiply" | "negative" | "abs":
                if all(map(self.is_plain, terms)):
                    self.plain[value] = None
                return OPERATORS[name].format(*operands)
            case "divide" | "reciprocal":
                return self._quotient(value, terms, operands)
            case "finite":
                self.plain[value] = None
                return None
            case _:
                pass
        code = self._by_name(name, terms, operands)
        if code is not None:
            self.plain[value] = None
        return code

    def _by_name(self, name: str, terms: Sequence[Term], operands: list[str]) -> str | None:
        """A function of Python's that gives what NumPy's gives for all that these may be."""
        operand = operands[0]
        match name:
            case "maximum" | "minimum" if terms[-1].source == 0:
                return EXTREMA[name].format(*operands)
            case "bounded":
                return f"min({operand}, {LIMITS.get(self.dtype, DOUBLE_LIMIT)})"
            case "log":
                return f"math.log({operand}) if {operand} > 0.0 else np.log({operand})"
            case "tanh" | "exp" | "log1p" | "sqrt" if _never_raises(name, terms[0]):
                return f"math.{name}({operand})"
        return None

    def _quotient(self, value: Value, terms: Sequence[Term], operands: list[str]) -> str:
        below = terms[-1]
        operands = ["1.0", *operands][-2:]
        if all(map(self.is_plain, terms)):
            if not _is_positive(below):
                return f"{operands[0]} / np.float64({operands[1]})"
            self.plain[value] = None
        return f"{operands[0]} / {operands[1]}"


def _is_map(term: Term, *names: str) -> bool:
    source = term.source
    return isinstance(source, Value) and source.kernel == "map" and source.detail in names


def _never_raises(name: str, term: Term) -> bool:
    """Whether the function of `math` is defined for all that the operand may be."""
    if name == "exp":
        return _is_map(term, "bounded") or _is_at_most_zero(term)
    return name == "tanh" or is_nonnegative(term)


def _is_at_most_zero(term: Term) -> bool:
    if not _is_map(term, "negative"):
        return False
    assert isinstance(term.source, Value)
    return is_nonnegative(term.source.operands[0])


def _is_positive(term: Term) -> bool:
    """A positive number, or one added to what is not negative."""
    source = term.source
    if isinstance(source, Fraction):
        return source > 0
    if not _is_map(term, "add"):
        return False
    numbers = [t.source for t in source.operands if isinstance(t.source, Fraction)]
    return any(number > 0 for number in numbers) and all(map(is_nonnegative, source.operands))


def wanted(plan: Plan) -> frozenset[Value]:
    """Scalars that operations on scalars follow, so that it pays to make Python floats of them."""
    results = {term.source for _, term in plan.results}
    return frozenset(
        source
        for step in plan.steps
        if step.value.kernel == "map" and step.value.is_scalar
        for source in step.value.sources
        if source not in results
    )
