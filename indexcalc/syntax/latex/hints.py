"""What to write, in LaTeX.

In: an error that both notations have. Out: the same with the formulas of its hint in LaTeX.

>>> in_latex("write  ∂f/∂x_i  or  W ∈ ℝ^{m×n}")
'write  \\\\frac{\\\\partial f}{\\\\partial x_i}  or  W \\\\in \\\\mathbb{R}^{m \\\\times n}'
"""

from __future__ import annotations

import re

from indexcalc.errors import FormulaSyntaxError

# `<1>` and `<2>` stand for what the pattern found.
SPELLINGS = (
    (r"∂²f/∂x_i∂x_j", r"\frac{\partial^2 f}{\partial x_i \partial x_j}"),
    (r"∂²f/∂x²", r"\frac{\partial^2 f}{\partial x^2}"),
    (r"∂\(([^()]*)\)/∂(\w+)", r"\frac{\partial (<1>)}{\partial <2>}"),
    (r"∂(\w+)/∂(\w+)", r"\frac{\partial <1>}{\partial <2>}"),
    (r"[∑Σ]_(\w)", r"\sum_{<1>}"),
    (r"\bsum_(\w)\b", r"\sum_{<1>}"),
    (r"(\w+) ∈ ℝ\^\{m×n\}", r"<1> \in \mathbb{R}^{m \times n}"),
    (r" ⟹ ", r" \implies "),
    (r"√\(x\^2\)  or  \(√x\)\^2", r"\sqrt{x^2}  or  \sqrt{x}^2"),
    (r"‖", r"\|"),
    (r"_([A-Za-z]{2,})\b", r"_{<1>}"),
)


def in_latex(hint: str) -> str:
    """The hint with its formulas in LaTeX."""
    for pattern, latex in SPELLINGS:
        for found in reversed(list(re.finditer(pattern, hint))):
            text = latex
            for number, group in enumerate(found.groups(), 1):
                text = text.replace(f"<{number}>", group)
            hint = hint[: found.start()] + text + hint[found.end() :]
    return hint


def with_latex(error: FormulaSyntaxError) -> FormulaSyntaxError:
    """The error with its hint in LaTeX."""
    return FormulaSyntaxError(error.message, *error.marks, hint=in_latex(error.hint))
