"""Functions and their arguments.

In: lexemes with paired brackets, functions marked `FUNCTION`. Out: calls. An argument without
brackets is the one factor that follows, `\\log y`, or a sum to its end, `\\log \\sum_i x_i`; where
more follows it is refused (but `\\operatorname{tr} A B` is the trace of the product). A power on
the function, `\\tan^2 x`, goes to the whole.

>>> from indexcalc.syntax.brackets import pair
>>> from indexcalc.syntax.latex.reader import lexemes_of
>>> [part.text for part in apply(pair(lexemes_of(r"\\log y + \\tan^2 x")), Names())]
['log', '(', 'y', ')', '+', 'tan', '(', 'x', ')', '^{2}']
"""

from __future__ import annotations

from dataclasses import dataclass, field

from indexcalc.errors import FormulaSyntaxError, Mark
from indexcalc.syntax.keywords import NUMBER_LABEL, REDUCERS
from indexcalc.syntax.latex.commands import COMMANDED
from indexcalc.syntax.latex.names import Names
from indexcalc.syntax.lexeme import CLOSERS, MARKS, OPENERS, RAISED, Lexeme

BRACKETS = frozenset({"LPAR", "CALL_OPEN", "EXTENTS_OPEN"})
ENDS_TERM = CLOSERS | {"PLUS", "MINUS", "EQUALS", "COMPARE", "COMMA", "SEMICOLON", "NEWLINE",
                       "ELEMENT", "ALIGN", "DOT", "CASE_AT", "CASE_END"}  # fmt: skip
GOES_ON = frozenset({"NAME", "NUMBER", "OPERATOR", "DIVIDE", "ROOT", "PARTIAL", "BIG"}) | frozenset(
    OPENERS
)
TRACES = frozenset({"tr", "Tr", "trace"})
HANGING = MARKS | RAISED


def apply(lexemes: list[Lexeme], names: Names) -> list[Lexeme]:
    """Give each function its argument.

    Raises `FormulaSyntaxError` where it is not clear how far the argument goes.
    """
    return _Application(lexemes, names).applied()


@dataclass(slots=True)
class _Application:
    """`ends` has the end of each factor that starts at a function, read from right to left."""

    lexemes: list[Lexeme]
    names: Names
    partner: dict[int, int] = field(default_factory=dict)
    term_ends: list[int] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)
    opened: dict[int, int] = field(default_factory=dict)
    closed: dict[int, list[Lexeme]] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)

    def kind(self, position: int) -> str:
        return self.lexemes[position].type if position < len(self.lexemes) else "SEMICOLON"

    def applied(self) -> list[Lexeme]:
        if not any(part.type == "FUNCTION" for part in self.lexemes):
            return self.lexemes
        self.measure()
        for position in range(len(self.lexemes) - 1, -1, -1):
            if self.lexemes[position].type == "FUNCTION":
                self.ends[position] = self.function(position)
        return self.written()

    def measure(self) -> None:
        """Pair brackets, and find where the term ends that each place is in."""
        stack: list[int] = []
        for position, part in enumerate(self.lexemes):
            if part.type in OPENERS:
                stack.append(position)
            elif part.type in CLOSERS:
                self.partner[stack.pop()] = position
        self.term_ends = [len(self.lexemes)] * (len(self.lexemes) + 1)
        for position in range(len(self.lexemes) - 1, -1, -1):
            if self.lexemes[position].type in ENDS_TERM:
                self.term_ends[position] = position
            else:
                behind = self.partner.get(position, position) + 1
                self.term_ends[position] = self.term_ends[behind]

    def function(self, position: int) -> int:
        """Settle the function at a place; where its call ends."""
        sign = self.lexemes[position]
        start, power = position + 1, -1
        while sign.text != "d" and self.kind(start) in {"SUBSCRIPT", "PRIME"}:
            start += 1
        self.check_subscript(position, start)
        reduces = sign.text in REDUCERS and self.kind(position + 1) == "SUBSCRIPT"
        if reduces:
            return self.term_ends[position]
        if self.kind(start) in RAISED | {"CARET"}:
            power, start = start, start + 1
            self.check_power(sign, power)
        if self.kind(start) in BRACKETS:
            self.lexemes[start] = self.lexemes[start]._replace(type="CALL_OPEN")
            closer = self.partner[start]
            self.lexemes[closer] = self.lexemes[closer]._replace(type="RPAR")
            self.move(power, closer)
            return self.behind_marks(closer + 1)
        end = self.operand(position, start)
        if end == start:
            return start
        self.opened[start] = self.opened.get(start, 0) + 1
        last = self.lexemes[end - 1]
        closing = self.closed.setdefault(end - 1, [])
        closing.append(Lexeme("RPAR", ")", last.source, last.end, last.end, False))
        self.move(power, end - 1)
        return end

    def check_subscript(self, position: int, start: int) -> None:
        sign = self.lexemes[position]
        script = self.lexemes[position + 1] if start > position + 1 else None
        numbered = script is not None and NUMBER_LABEL.fullmatch(script.text)
        if script is not None and (numbered or sign.text == "log") and script.type == "SUBSCRIPT":
            base = script.text.strip("_{}")
            raise FormulaSyntaxError(
                f"{sign.text} has no index here",
                Mark(sign.span.to(script.span)),
                hint=rf"write  \log(x)/\log({base})" if sign.text == "log" else "leave it out",
            )

    def check_power(self, sign: Lexeme, power: int) -> None:
        raised = self.lexemes[power]
        plain = raised.type == "POWER_NUMBER" and raised.text[2:-1].isdigit()
        if plain or raised.text in {"²", "³"}:
            return
        raise FormulaSyntaxError(
            f"a power on {sign.text} has two readings: of the function, or of its value",
            Mark(sign.span.to(raised.span)),
            hint=rf"write  \left({_command(sign.text)}(x)\right)^{{-1}}  for the value",
        )

    def move(self, power: int, behind: int) -> None:
        """Put the power of the function behind its argument."""
        if power >= 0:
            self.dropped.add(power)
            self.closed.setdefault(behind, []).append(self.lexemes[power])

    # --- arguments without brackets -----------------------------------------------------------

    def operand(self, function: int, start: int) -> int:
        """Where the argument that starts at a place ends; the same place if there is none."""
        kind = self.kind(start)
        if kind == "MINUS":
            raise self.unclear(function, start, start + 1)
        if kind in {"BIG", "RANGE_OPEN"}:
            return self.term_ends[start]
        end = self.primary(start)
        if end == start:
            return start
        if self.kind(end) in GOES_ON and self.lexemes[function].text in TRACES:
            end = self.traced(end)
        if self.kind(end) in GOES_ON:
            raise self.unclear(function, start, end)
        return end

    def traced(self, position: int) -> int:
        """`\\operatorname{tr} A B` is the trace of the product, up to the end of its term."""
        end = position
        while self.kind(end) in {"NAME", "NUMBER"} or self.kind(end) in OPENERS:
            end = self.primary(end)
        return end if end == self.term_ends[position] else position

    def primary(self, start: int) -> int:
        kind = self.kind(start)
        if kind == "FUNCTION":
            return self.ends[start]
        if kind == "ROOT":
            start, kind = start + 1, self.kind(start + 1)
        if kind in OPENERS:
            return self.behind_marks(self.partner[start] + 1)
        if kind not in {"NAME", "NUMBER"}:
            return start
        end = self.behind_marks(start + 1)
        called = self.kind(end) == "CALL_OPEN" and self.is_function(start)
        return self.behind_marks(self.partner[end] + 1) if called else end

    def is_function(self, position: int) -> bool:
        name = self.lexemes[position].text
        return name not in self.names.variables or name in self.names.arguments

    def behind_marks(self, position: int) -> int:
        while True:
            if self.kind(position) in HANGING:
                position += 1
            elif self.kind(position) == "CARET" and self.kind(position + 1) == "LBRACE":
                position = self.partner[position + 1] + 1
            else:
                return position

    def unclear(self, function: int, start: int, end: int) -> FormulaSyntaxError:
        sign, first = self.lexemes[function], self.lexemes[start]
        last = self.lexemes[min(end, len(self.lexemes) - 1)]
        text, shown = sign.source.text, _command(sign.text)
        argument = text[first.start : max(last.start, first.end)].strip()
        if argument.count("{") != argument.count("}"):
            argument = "…"
        behind = last.text
        if first.type == "MINUS":
            return FormulaSyntaxError(
                f"the argument of {sign.text} is not in brackets",
                Mark(sign.span.to(first.span)),
                hint=f"write  {shown}(-…)",
            )
        return FormulaSyntaxError(
            f"it is not clear where the argument of {sign.text} ends",
            Mark(sign.span.to(first.span)),
            Mark(last.span, "in the argument too, or not?"),
            hint=f"write  {shown}({argument}) {behind} …  or  {shown}({argument} {behind} …)",
        )

    # --- the result ---------------------------------------------------------------------------

    def written(self) -> list[Lexeme]:
        done: list[Lexeme] = []
        for position, part in enumerate(self.lexemes):
            bracket = Lexeme("CALL_OPEN", "(", part.source, part.start, part.start, False)
            done += [bracket] * self.opened.get(position, 0)
            if position not in self.dropped:
                named = part.type == "FUNCTION"
                done.append(part._replace(type="NAME") if named else part)
            done += self.closed.get(position, ())
        return done


def _command(name: str) -> str:
    if name == "d":
        return name
    return f"\\{name}" if name in COMMANDED else rf"\operatorname{{{name}}}"
