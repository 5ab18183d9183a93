"""The docstring of a generated function.

In: formulas, what parameters and results are called and their shapes. Out: lines of code.

>>> print("\\n".join(document(["y_i = 2 x_i"], ["x  n"], ["y  n"])))
\"\"\"Compute
    y_i = 2 x_i
from
    x  n
and give
    y  n
\"\"\"
"""

from __future__ import annotations

from collections.abc import Sequence


def document(
    formulas: Sequence[str], parameters: Sequence[str], results: Sequence[str], *, how: str = ""
) -> list[str]:
    """What is computed from what; `how` stands before the parameters."""
    above = f"{how}, from" if how else "from"
    lines = ['"""Compute', *(f"    {line}" for text in formulas for line in text.splitlines())]
    lines += [above, *(f"    {row}" for row in parameters)] if parameters else []
    lines += ["and give", *(f"    {row}" for row in results)]
    return [
        line.replace("\\", "\\\\").replace('"""', "'''") if k else line
        for k, line in enumerate(lines)
    ] + ['"""']
