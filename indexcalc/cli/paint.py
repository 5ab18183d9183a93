"""Colours for formulas, answers and errors on a terminal.

In: a text. Out: the same with escape sequences: indices, names of functions, operators and
comments each in their own light colour, everything else as it is.

>>> formula("2 x_j")
'2 x\\x1b[36m_j\\x1b[0m'
"""

from __future__ import annotations

import re
from collections.abc import Sequence

RESET = "\x1b[0m"
DIM, BOLD, RED, GREEN, YELLOW, BLUE, CYAN = (
    f"\x1b[{number}m" for number in (2, 1, 31, 32, 33, 34, 36)
)

FORMULA = re.compile(
    r"""(?P<comment> \ *\#.*)
    | (?P<index> _(?:\{[^{}]*\}|[^\W_]+))
    | (?P<word> [^\W\d_][^\W_]*[′'ʹ]*(?=\() | \b(?:sum|prod|max|min|where)\b(?=_|\ ) | [∂Σ∑])
    | (?P<operator> [-+=/^:⊙⊗∘·√⟹]|⁻|ᵀ)
    """,
    re.VERBOSE,
)
COLOURS = {"comment": DIM, "index": CYAN, "word": BLUE, "operator": YELLOW}

ANSWER = re.compile(r"\b(proved|agrees|differs|ill-shaped|undecided)\b")
ANSWERS = {"proved": GREEN, "agrees": GREEN, "undecided": YELLOW}


def coloured(text: str, colour: str) -> str:
    """The text in a colour."""
    return f"{colour}{text}{RESET}" if text else ""


def formula(text: str) -> str:
    """A line of formulas, with its comment."""
    return FORMULA.sub(
        lambda found: coloured(found[0], COLOURS[found.lastgroup or "operator"]), text
    )


def answers(claim: Sequence[str], report: Sequence[str]) -> list[str]:
    """The report on a claim: the claim in bold, each answer in its colour."""
    return [*(coloured(line, BOLD) for line in claim), *map(_with_answer, report)]


def _with_answer(line: str) -> str:
    found = list(ANSWER.finditer(line))
    if not found:
        return line
    last = found[-1]
    colour = ANSWERS.get(last[0], RED)
    return line[: last.start()] + coloured(last[0], colour) + line[last.end() :]
