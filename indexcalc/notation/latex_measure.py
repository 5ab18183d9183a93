r"""How much room the parts of a formula take in LaTeX.

In: a formula. Out: for each part its weight (symbols), whether it is taller than a line (fractions,
sums), and whether `exp` is written as a power of e. Made bottom-up, in linear time.

>>> from fractions import Fraction
>>> from indexcalc.notation.formula import Symbol, SymbolKind
>>> from indexcalc.notation.names import NameStyle
>>> x = Symbol(SymbolKind.VARIABLE, "x", ("i",))
>>> ratio = Product(Fraction(1), (), (), (x,), (x,))
>>> measures = measured(ratio, Spelling(NameStyle()))
>>> measures.of(ratio).tall, measures.of(ratio).weight, measures.of(x).tall
(True, 2, False)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from indexcalc.notation.brackets import HALF
from indexcalc.notation.formula import (
    Applied,
    Folded,
    Formula,
    Literal,
    Product,
    Raised,
    Symbol,
    Total,
)
from indexcalc.notation.spelling import Spelling, unhidden_function
from indexcalc.notation.text import number_text
from indexcalc.notation.whole import inside

LONGEST_EXPONENT = 6  # symbols of an argument that is set as an exponent
LONGEST_NUMERATOR = 6  # symbols of a product that is set above a line
SHORT_DENOMINATOR = 1  # symbols below a line that leave no brackets above it
TALL_SIGNS = frozenset({"prod", "sum"})


@dataclass(frozen=True, slots=True)
class Measure:
    """`raised` tells of a formula in an exponent, `exponential` of an `exp` that is one."""

    weight: int
    tall: bool = False
    raised: bool = False
    exponential: bool = False


SIGN = Measure(1)


@dataclass(frozen=True, slots=True)
class Measures:
    """Measures by part, and what is printed in the place of hidden functions."""

    measures: dict[Formula, Measure] = field(default_factory=dict)
    instead: dict[Formula, Formula] = field(default_factory=dict)

    def shown(self, part: Formula) -> Formula:
        """What is printed for the part."""
        return self.instead.get(part, part)

    def of(self, part: Formula) -> Measure:
        """The measure of a part; a term with its sign turned is measured by its parts."""
        part = self.shown(part)
        known = self.measures.get(part)
        if known is None:
            return _measure(part, [self.of_part(inner) for inner in inside(part)], True)
        return known

    def of_part(self, part: Formula) -> Measure:
        """The measure of a part of the formula that was measured."""
        return self.measures[self.shown(part)]


def measured(formula: Formula, spelling: Spelling) -> Measures:
    """Measures of the formula and all its parts.

    Raises `FormulaError` if a function is hidden by a name of the program.
    """
    found = Measures()
    order: list[Formula] = []
    stack = [formula]
    while stack:
        part = stack.pop()
        if isinstance(part, Applied) and not part.orders:
            shown = unhidden_function(part, spelling)
            if shown is not part:
                found.instead[part] = shown
                part = shown
        order.append(part)
        stack.extend(inside(part))
    euler = "e" not in spelling.known
    numbers = _numbers(order, found) if spelling.whole else None
    for part in reversed(order):
        power = euler and (numbers is None or part in numbers)  # a power of e has a number above
        found.measures[part] = _measure(part, [found.of_part(p) for p in inside(part)], power)
    return found


def _numbers(order: Sequence[Formula], found: Measures) -> set[Formula]:
    """The parts of a formula without indices that are numbers by where they stand."""
    numbers: set[Formula] = set()
    for part in order:  # a part comes before what is in it
        inner: tuple[Formula, ...] = ()
        if isinstance(part, Product):
            inner = (*part.leading, *part.denominators)
        if isinstance(part, Total | Raised) and part in numbers:
            inner = inside(part)
        numbers |= {found.shown(one) for one in inner}
    return numbers


def stands_apart(part: Product, measures: Measures) -> bool:
    r"""Whether the factors stand behind a fraction: `\frac{2}{n} X_{ik} (X_{ij} w_j - y_i)`.

    So they do if they are too many or too tall for a numerator, and if a bracket would stand above
    something short.
    """
    factors = (*part.leading, *part.factors)
    if len(factors) < 2:
        return False
    above = [measures.of_part(factor) for factor in factors]
    if any(one.tall for one in above) or sum(one.weight for one in above) > LONGEST_NUMERATOR:
        return True
    below = sum(measures.of_part(factor).weight for factor in part.denominators)
    return below <= SHORT_DENOMINATOR and any(isinstance(factor, Total) for factor in factors)


def starts_with_fraction(part: Formula) -> bool:
    r"""Whether `\frac{…}` comes first, which a reader may take for a bracket."""
    while isinstance(part, Product) and not part.sums:
        if part.denominators or "/" in number_text(abs(part.coefficient)):
            return True
        if abs(part.coefficient) != 1 or not (part.leading or part.factors):
            return False
        part = (*part.leading, *part.factors)[0]
    return isinstance(part, Literal) and "/" in number_text(part.value)


def is_fraction(part: Product, measures: Measures) -> bool:
    """Whether the whole product is one fraction without a sign."""
    one_line = not part.denominators or part.sums or part.coefficient < 0
    return not one_line and not stands_apart(part, measures)


def _measure(part: Formula, inside: list[Measure], euler: bool) -> Measure:
    weight = 1 + sum(one.weight for one in inside)
    tall = any(one.tall for one in inside)
    raised = any(one.raised for one in inside)
    match part:
        case Product():
            fraction = bool(part.denominators) or "/" in number_text(abs(part.coefficient))
            own = 0 if abs(part.coefficient) == 1 else 1
            return Measure(weight - 1 + own, tall or fraction or bool(part.sums), raised)
        case Literal(value=value):
            return Measure(1, "/" in number_text(value))
        case Total():
            return Measure(weight - 1, tall, raised)
        case Folded(operation=operation):
            return Measure(weight, tall or operation in TALL_SIGNS, raised)
        case Applied(name="exp", orders=()):
            short = weight - 1 <= LONGEST_EXPONENT and not tall and not raised
            return Measure(weight, tall, raised or (short and euler), short and euler)
        case Symbol():
            return SIGN
        case Raised(exponent=exponent) if exponent == HALF:
            return Measure(weight, tall, raised)
        case _:
            return Measure(weight, tall, raised)
