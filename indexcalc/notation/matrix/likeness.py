"""Which formulas say the same in the same words.

In: a formula without indices. Out: a key that is equal for equal formulas.

>>> from indexcalc.notation.formula import Symbol, SymbolKind
>>> first, second = (Symbol(SymbolKind.VARIABLE, "c", ()) for _ in range(2))
>>> key(first) == key(second)
True
"""

from __future__ import annotations

from indexcalc.notation.formula import Formula
from indexcalc.notation.names import NameStyle
from indexcalc.notation.spelling import Spelling
from indexcalc.notation.text import formula_text

PLAIN = Spelling(NameStyle(), whole=True)


def key(formula: Formula) -> str:
    """Equal for formulas that are printed alike."""
    return formula_text(formula, PLAIN)
