"""Numerators and denominators of derivatives.

In: lexemes in statements. Out: the same, with each ∂ told to stand in a numerator (`PARTIAL_OF`)
or a denominator (`PARTIAL_BY`), and the `/` between them (`OVER`). As many ∂ belong to a
denominator as the order of the numerator says: in `∂L/∂y ∂y/∂x` the second ∂y starts anew, in
`∂²L/∂y ∂y` it does not. A wrong number is an error.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.scanner import scan
>>> line = scan(Source("∂L/∂y ∂y/∂x"))
>>> [lexeme.type for lexeme in mark_partials(line) if lexeme.type != "NAME"]
['PARTIAL_OF', 'OVER', 'PARTIAL_BY', 'PARTIAL_OF', 'OVER', 'PARTIAL_BY']
"""

from __future__ import annotations

from dataclasses import dataclass, field

from indexcalc.errors import FormulaSyntaxError, LimitError, Mark
from indexcalc.syntax.lexeme import CLOSERS, MARKS, OPENERS, Lexeme
from indexcalc.syntax.limits import DEFAULT_LIMITS, SyntaxLimits
from indexcalc.syntax.number import number_in

EXPONENTS = frozenset({"POWER_NUMBER", "SUPERSCRIPT"})


def mark_partials(lexemes: list[Lexeme], limits: SyntaxLimits = DEFAULT_LIMITS) -> list[Lexeme]:
    """Tell numerators from denominators.

    Raises `FormulaSyntaxError` if a denominator has more or fewer ∂ than the order says,
    `LimitError` for an order beyond `limits`.
    """
    marking = _Marking(lexemes, limits)
    while marking.position < len(lexemes):
        marking.step()
    return marking.done


@dataclass(slots=True)
class _Marking:
    """Reads on; `waiting` holds, for each open bracket, the ∂ of a numerator without `/` yet."""

    lexemes: list[Lexeme]
    limits: SyntaxLimits
    position: int = 0
    done: list[Lexeme] = field(default_factory=list)
    waiting: list[Lexeme | None] = field(default_factory=lambda: [None])

    def type_at(self, position: int) -> str:
        return self.lexemes[position].type if position < len(self.lexemes) else "END"

    def copy(self, kind: str | None = None) -> None:
        lexeme = self.lexemes[self.position]
        self.done.append(lexeme if kind is None else lexeme._replace(type=kind))
        self.position += 1

    def step(self) -> None:
        lexeme = self.lexemes[self.position]
        if lexeme.type == "PARTIAL":
            self.waiting[-1] = lexeme
            self.copy("PARTIAL_OF")
        elif lexeme.type == "DIVIDE" and self.starts_denominator():
            numerator, self.waiting[-1] = self.waiting[-1], None
            if numerator is not None:
                self.denominator(numerator)
        else:
            if lexeme.type in OPENERS:
                self.waiting.append(None)
            elif lexeme.type in CLOSERS:
                self.waiting.pop()
            elif lexeme.type == "END":
                self.waiting = [None]
            self.copy()

    def starts_denominator(self) -> bool:
        if self.waiting[-1] is None:
            return False
        bracketed = self.type_at(self.position + 1) == "LPAR"
        return self.type_at(self.position + 1 + bracketed) == "PARTIAL"

    def denominator(self, numerator: Lexeme) -> None:
        """Copy `/∂x∂y` or `/(∂x ∂y)`, and compare the number of ∂ with the order."""
        order, found, first = number_in(numerator.text), 0, self.position
        if order > self.limits.order:
            raise LimitError(
                f"the order of a derivative is {order}; the limit is {self.limits.order}",
                Mark(numerator.span),
                hint="raise the limit  order  of SyntaxLimits if this is meant",
            )
        self.copy("OVER")
        bracketed = self.type_at(self.position) == "LPAR"
        if bracketed:
            self.copy()
        while self.type_at(self.position) == "PARTIAL" and (bracketed or found < order):
            found += self.variable()
        if bracketed and self.type_at(self.position) == "RPAR":
            self.copy()
        elif bracketed:
            self.waiting.append(None)  # the bracket closes later
        if found != order:
            raise self.miscounted(numerator, found, first)

    def variable(self) -> int:
        """Copy `∂x_ij` or `∂x²`; how often the variable counts."""
        sign = self.lexemes[self.position]
        self.copy("PARTIAL_BY")
        if sign.text not in "∂𝜕":
            raise FormulaSyntaxError(
                "the order of a variable is written behind it", Mark(sign.span), hint="write  ∂x²"
            )
        if self.type_at(self.position) == "NAME":
            self.copy()
        while self.type_at(self.position) in MARKS:
            self.copy()
        if self.type_at(self.position) == "CALL_OPEN":
            self.bracket()
        if self.type_at(self.position) not in EXPONENTS:
            return 1
        times = number_in(self.lexemes[self.position].text)
        self.copy()
        return times

    def bracket(self) -> None:
        """Copy the call of `∂vec(X)`; a bracket set off by a blank is the next factor."""
        opened, name = self.lexemes[self.position], self.done[-1]
        if name.text == "vec":
            depth = 0
            while depth or self.done[-1] is name:
                kind = self.type_at(self.position)
                depth += (kind in OPENERS) - (kind in CLOSERS)
                self.copy()
        elif opened.spaced:
            self.lexemes[self.position] = opened._replace(type="LPAR")
        else:
            raise FormulaSyntaxError(
                "a bracket right after a derivative has two readings: a factor, or the place "
                "where the derivative is taken",
                Mark(opened.span),
                hint="write  (∂f/∂x) (…)  for a product; a derivative is taken at the variables "
                "as they are",
            )

    def miscounted(self, numerator: Lexeme, found: int, first: int) -> FormulaSyntaxError:
        order = number_in(numerator.text)
        below = self.done[-1].span
        return FormulaSyntaxError(
            f"the numerator is of order {order}, but the denominator has order {found}",
            Mark(numerator.span, f"order {order}"),
            Mark(self.lexemes[first + 1].span.to(below), f"order {found}"),
            hint="write  ∂²f/∂x_i∂x_j  or  ∂²f/∂x²  for a second derivative, "
            "(∂f/∂x)^2  for a square",
        )
