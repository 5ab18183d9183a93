"""Words and signs of a text, with their places.

In: nothing; the scanner makes these. Out: the records that the passes between scanner and parser
hand on, each of which may give a lexeme a narrower kind (`[` becomes `EXTENTS_OPEN`).

A named tuple rather than a dataclass: a long text has hundreds of thousands of these, and this is
the record that Python makes fastest.

>>> Lexeme("NAME", "W", Source("W x"), 0, 1, False).span.text
'W'
"""

from __future__ import annotations

from typing import NamedTuple

from indexcalc.errors import Source, Span


class Lexeme(NamedTuple):
    """One word or sign; `spaced` tells that blanks stand before it. Lark reads `type` only."""

    type: str
    text: str
    source: Source
    start: int
    end: int
    spaced: bool

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.source, self.start, self.end)


MARKS = frozenset({"SUBSCRIPT", "PRIME", "LABEL"})
RAISED = frozenset({"POWER_NUMBER", "POWER_T", "SUPERSCRIPT", "TRANSPOSE"})
OPENERS = {
    "LPAR": "RPAR",
    "CALL_OPEN": "RPAR",
    "EXTENTS_OPEN": "RSQB",
    "CONDITION_OPEN": "RSQB",
    "LBRACE": "RBRACE",
    "NORM_OPEN": "NORM_CLOSE",
    "BAR_OPEN": "BAR_CLOSE",
    # In LaTeX alone: angles, the parts of a fraction, the upper end of a sum's range, cases.
    "ANGLE_OPEN": "ANGLE_CLOSE",
    "GROUP_OPEN": "GROUP_CLOSE",
    "RANGE_OPEN": "RANGE_CLOSE",
    "CASES_OPEN": "CASES_CLOSE",
}
CLOSERS = frozenset(OPENERS.values())

# What a factor can end with, and what one can start with (a call's bracket is not a start).
ENDS_OPERAND = MARKS | RAISED | CLOSERS | {"NAME", "NUMBER"}
STARTS_OPERAND = frozenset(
    {"NAME", "NUMBER", "ROOT", "PARTIAL", "BIG", "REDUCER", "DIFF", "PARTIAL_OF"}
    | {
        "LPAR",
        "CONDITION_OPEN",
        "NORM_OPEN",
        "BAR_OPEN",
        "ANGLE_OPEN",
        "GROUP_OPEN",
        "RANGE_OPEN",
        "CASES_OPEN",
    }
)
# Signs that stand between two operands.
INFIX = frozenset(
    {"PLUS", "MINUS", "OPERATOR", "DIVIDE", "CARET", "ASSIGN", "EQUALS", "IMPLIES", "COMPARE"}
    | {"ELEMENT", "COMMA", "OVER"}
)
