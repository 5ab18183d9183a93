"""Which formulas say the same in the same words.

In: formulas without indices. Out: a key that is equal for equal formulas; equal scalars of a
product as powers of one.

>>> from indexcalc.notation.formula import Symbol, SymbolKind
>>> from indexcalc.notation.matrix.oriented import oriented
>>> c, again = (oriented(Symbol(SymbolKind.VARIABLE, "c", ()), 0) for _ in range(2))
>>> [(value is c, str(exponent)) for value, exponent in collected([(c, ONE), (again, ONE)])]
[(True, '2')]
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from indexcalc.notation.formula import Formula
from indexcalc.notation.matrix.products import Entry
from indexcalc.notation.names import NameStyle
from indexcalc.notation.spelling import Spelling
from indexcalc.notation.text import formula_text

PLAIN = Spelling(NameStyle())
ONE = Fraction(1)


def key(formula: Formula) -> str:
    """Equal for formulas that are printed alike."""
    return formula_text(formula, PLAIN)


def collected(scalars: Sequence[Entry]) -> list[Entry]:
    """Scalars with exponents, each base once, in the order in which they first stand."""
    if len(scalars) < 2:
        return list(scalars)
    found: dict[str, Entry] = {}
    for value, exponent in scalars:
        text = key(value.plain.formula)
        base, before = found.get(text, (value, Fraction(0)))
        found[text] = base, before + exponent
    return [(value, exponent) for value, exponent in found.values() if exponent]
