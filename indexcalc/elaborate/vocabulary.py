"""The words of the language: which names are functions, constants or tensors unless a program says
otherwise, and how each function treats indices.

In: nothing. Out: tables. A declared or defined name always wins over them.

>>> FUNCTIONS["ln"], "softmax" in ALONG, SPECIAL_RANK["δ"]
('log', True, 2)
"""

from __future__ import annotations

from indexcalc.ir.primitives import PRIMITIVES

COMPARISONS = {">": "gt", "<": "lt", ">=": "ge", "<=": "le", "==": "eq", "!=": "ne"}

# Elementwise functions that are formulas in others.
FORMULAS = frozenset({"sqrt", "silu", "gelu"})
ONE_ARGUMENT = frozenset(
    {name for name, row in PRIMITIVES.items() if len(row.partials) == 1} | FORMULAS
)
SEVERAL_ARGUMENTS = {
    "max": ("maximum", 2), "min": ("minimum", 2), "maximum": ("maximum", 2),
    "minimum": ("minimum", 2), "pow": ("pow", 2), "atan2": ("atan2", 2), "where": ("where", 3),
}  # fmt: skip

# Along an index, which disappears (a fold) or stays (a scan of the whole index).
FOLDS = frozenset({"sum", "mean", "prod", "max", "min", "logsumexp", "norm"})
KEEPS_INDEX = frozenset({"softmax", "logsoftmax", "cumsum"})
ALONG = FOLDS | KEEPS_INDEX

# Of whole vectors and matrices, with the number of arguments.
OF_MATRICES = {
    "tr": 1, "det": 1, "logdet": 1, "inv": 1, "solve": 2, "diag": 1, "Diag": 1, "vec": 1,
    "kron": 2, "norm1": 1, "norm2": 1, "normF": 1, "normInf": 1, "xent": 2,
    "vector": 1, "matrix": 1, "eye": 1, "ones": 2, "commutation": 2,
}  # fmt: skip
NORMS = frozenset({"norm1", "norm2", "normF", "normInf"})
TO_VALUE = frozenset({"eye", "ones"})  # tensors that are written without argument

SYNONYMS = {
    "ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh", "arsinh": "asinh", "arcosh": "acosh",
    "artanh": "atanh", "Tr": "tr", "trace": "tr",
}  # fmt: skip
FUNCTIONS = {
    name: name for name in sorted(ONE_ARGUMENT | set(SEVERAL_ARGUMENTS) | ALONG | set(OF_MATRICES))
} | SYNONYMS

CONSTANTS = {"e": "e", "π": "pi"}
SPECIAL_RANK = {"δ": 2, "ε": 3, "I": 2}  # Kronecker, Levi-Civita, identity
TRAITS = ("symmetric", "spd", "diagonal", "positive", "nonnegative", "invertible")
SQUARE_TRAITS = frozenset({"symmetric", "spd", "diagonal", "invertible"})
