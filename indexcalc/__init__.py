"""indexcalc: derivatives and fast NumPy code from formulas in index or matrix notation.

In: formulas as text. Out: their derivatives of any order, in the same notation and as NumPy code.

>>> import indexcalc as ic
>>> p = ic.Program("f = log(1 + exp(-y w_i x_i))")
>>> print(p["∂f/∂w_j"])
-(1 - exp(-f)) y x_j
"""

from indexcalc.api import Program, Variable
from indexcalc.claims.verdict import Verdict
from indexcalc.codegen.run import Function
from indexcalc.errors import (
    DifferentiationError,
    EvaluationError,
    FormulaError,
    FormulaSyntaxError,
    IndexNotationError,
    LimitError,
    ShapeError,
    UnknownNameError,
)
from indexcalc.formula import Formula
from indexcalc.oneshot import derive, evaluate
from indexcalc.version import __version__

__all__ = [
    "DifferentiationError",
    "EvaluationError",
    "Formula",
    "FormulaError",
    "FormulaSyntaxError",
    "Function",
    "IndexNotationError",
    "LimitError",
    "Program",
    "ShapeError",
    "UnknownNameError",
    "Variable",
    "Verdict",
    "__version__",
    "derive",
    "evaluate",
]
