"""Brackets and bars in pairs.

In: lexemes. Out: the same with each bracket told apart: `[` that opens a condition from one that
opens extents, `(` after a name (it may be a call) from others, `|` and `‖` that open from those
that close. Line ends inside brackets are left out. A bracket without its partner is an error that
marks both places it concerns.

A bar closes if the bracket that was opened last is a bar of its kind and an operand stands before
it; otherwise it opens.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.scanner import scan
>>> [lexeme.type for lexeme in pair(scan(Source("|x| [x > 0]")))]
['BAR_OPEN', 'NAME', 'BAR_CLOSE', 'CONDITION_OPEN', 'NAME', 'COMPARE', 'NUMBER', 'RSQB']
"""

from __future__ import annotations

from dataclasses import dataclass, field

from indexcalc.errors import FormulaSyntaxError, LimitError, Mark
from indexcalc.syntax.lexeme import ENDS_OPERAND, MARKS, Lexeme
from indexcalc.syntax.limits import DEFAULT_LIMITS, SyntaxLimits

OPENING = {
    "LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE",
    # In LaTeX: the parts of a fraction, bars and angles that are told apart by \left and \right.
    "GROUP_OPEN": "GROUP_CLOSE", "BAR_OPEN": "BAR_CLOSE", "NORM_OPEN": "NORM_CLOSE",
    "ANGLE_OPEN": "ANGLE_CLOSE", "RANGE_OPEN": "RANGE_CLOSE", "CASES_OPEN": "CASES_CLOSE",
}  # fmt: skip
CLOSING = frozenset(OPENING.values())
PARTNERS = {"(": ")", "[": "]", "{": "}", "|": "|", "||": "||", "‖": "‖"}
BARS = {"BAR": ("BAR_OPEN", "BAR_CLOSE"), "DOUBLE_BAR": ("NORM_OPEN", "NORM_CLOSE")}


@dataclass(slots=True)
class _Open:
    """A bracket that waits for its partner."""

    position: int
    closer: str
    compares: bool = False


@dataclass(slots=True)
class _Pairing:
    """What was read so far, and which brackets are open."""

    limits: SyntaxLimits
    done: list[Lexeme] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    after_head: bool = False  # the lexeme before ends a name with its indices and primes

    def open(self, lexeme: Lexeme, closer: str) -> None:
        if len(self.stack) >= self.limits.depth:
            raise LimitError(
                f"brackets are nested deeper than {self.limits.depth}",
                Mark(lexeme.span),
                hint="raise the limit  depth  of SyntaxLimits if this is meant",
            )
        self.stack.append(_Open(len(self.done), closer))
        self.done.append(lexeme)

    def close(self, lexeme: Lexeme) -> None:
        if not self.stack:
            raise FormulaSyntaxError(
                f"{lexeme.text} closes nothing",
                Mark(lexeme.span),
                hint="leave it out, or open a bracket before it",
            )
        opened = self.stack[-1]
        if opened.closer != lexeme.type:
            raise self.unclosed(lexeme)
        self.stack.pop()
        if lexeme.type == "RSQB":
            kind = "CONDITION_OPEN" if opened.compares else "EXTENTS_OPEN"
            self.done[opened.position] = self.done[opened.position]._replace(type=kind)
        self.done.append(lexeme)

    def unclosed(self, before: Lexeme | None) -> FormulaSyntaxError:
        """The bracket opened last is not closed before `before` (or the end of the text)."""
        opener = self.done[self.stack[-1].position]
        closer = PARTNERS.get(opener.text)
        hint = f"write  {closer}  where it ends" if closer else "close it where it ends"
        if before is None:
            if opener.text == "||":
                hint += "; for an absolute value in another write  | |x| + 1|"
            return FormulaSyntaxError(
                f"{opener.text} is never closed", Mark(opener.span), hint=hint
            )
        place = self.stack[-1].position
        between = place > 0 and self.done[place - 1].type in ENDS_OPERAND
        if between and before.type == "RPAR" and opener.type in {"BAR_OPEN", "NORM_OPEN"}:
            hint += "; between two arguments write a comma, as in  f(x, y)"
        if before.type == "ASSIGN":
            hint += "; a comparison is written with =="
        return FormulaSyntaxError(
            f"{opener.text} is not closed before {before.text}",
            Mark(opener.span, "opened here"),
            Mark(before.span, "not closed before this"),
            hint=hint,
        )

    def bar(self, lexeme: Lexeme) -> None:
        """Open or close with a bar."""
        opener, closer = BARS[lexeme.type]
        ended = bool(self.done) and self.done[-1].type in ENDS_OPERAND
        innermost = self.stack[-1].closer if self.stack else ""
        if ended and innermost == closer:
            self.close(lexeme._replace(type=closer))
        else:
            self.open(lexeme._replace(type=opener), closer)

    def split(self, lexeme: Lexeme) -> list[Lexeme]:
        """`||` inside `|` is the end of one absolute value and the start of the next."""
        if lexeme.text != "||" or not self.stack or self.stack[-1].closer != "BAR_CLOSE":
            return [lexeme]
        first = lexeme._replace(type="BAR", text="|", end=lexeme.start + 1)
        return [first, first._replace(start=first.end, end=lexeme.end, spaced=False)]

    def take(self, lexeme: Lexeme) -> None:
        kind = lexeme.type
        if kind in OPENING:
            narrowed = "CALL_OPEN" if kind == "LPAR" and self.after_head else kind
            self.open(lexeme._replace(type=narrowed), OPENING[kind])
        elif kind in CLOSING:
            self.close(lexeme)
        elif kind in BARS:
            for bar in self.split(lexeme):
                self.bar(bar)
        elif self.stack and kind in {"SEMICOLON", "ASSIGN"}:
            raise self.misplaced(lexeme)
        elif kind != "NEWLINE" or not self.stack:
            self.done.append(lexeme)
            if self.stack and kind in {"EQUALS", "COMPARE"}:
                self.stack[-1].compares = True
        self.after_head = kind == "NAME" or (kind in MARKS and self.after_head)

    def misplaced(self, lexeme: Lexeme) -> FormulaSyntaxError:
        if lexeme.type == "ASSIGN" and self.stack[-1].closer == "RSQB":
            return FormulaSyntaxError(
                "a condition is written with ==", Mark(lexeme.span), hint="write  [i == j]"
            )
        return self.unclosed(lexeme)


def pair(lexemes: list[Lexeme], limits: SyntaxLimits = DEFAULT_LIMITS) -> list[Lexeme]:
    """Tell brackets apart and check that they are balanced.

    Raises `FormulaSyntaxError` for a bracket without partner, `LimitError` if they are nested
    deeper than `limits` allow.
    """
    pairing = _Pairing(limits)
    for lexeme in lexemes:
        pairing.take(lexeme)
    if pairing.stack:
        raise pairing.unclosed(None)
    return pairing.done
