"""What to say where the grammar does not go on.

In: the lexemes of a text and the position of the first that does not fit. Out: an error in the
words of mathematics that marks this place, and the one it clashes with, and says what to write.

The first rule that has something to say wins; each looks at the lexeme that does not fit, at the
one before, and at what is open around them.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.scanner import scan
>>> print(explain(scan(Source("a = b + * c")), 4))
* follows directly on +
  line 1, column 9
    a = b + * c
            ^
  an operand is missing between the two
"""

from __future__ import annotations

from dataclasses import dataclass

from indexcalc.errors import FormulaSyntaxError, Mark, Span
from indexcalc.syntax.lexeme import (
    CLOSERS,
    ENDS_OPERAND,
    INFIX,
    MARKS,
    OPENERS,
    RAISED,
    STARTS_OPERAND,
    Lexeme,
)

HUNG_ON = MARKS | RAISED | {"CARET"}
EQUATIONS = frozenset({"ASSIGN", "EQUALS", "COMPARE", "IMPLIES"})
LIFTED = frozenset({"PARTIAL_OF", "PARTIAL_BY", "ROOT"})


@dataclass(frozen=True, slots=True)
class _Place:
    """The lexeme that does not fit (`None` at the end of the text) and what stands before it."""

    lexemes: list[Lexeme]
    position: int
    start: int  # of the statement

    @property
    def current(self) -> Lexeme | None:
        """The lexeme that does not fit; the end of a statement counts as none."""
        if self.position >= len(self.lexemes) or self.lexemes[self.position].type == "END":
            return None
        return self.lexemes[self.position]

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.current.type if self.current else "END"

    @property
    def before(self) -> Lexeme | None:
        """The lexeme before it in the same statement."""
        return self.lexemes[self.position - 1] if self.position > self.start else None

    @property
    def before_kind(self) -> str:
        """The kind of the lexeme before."""
        return self.before.type if self.before else ""

    @property
    def span(self) -> Span:
        """What to mark: the lexeme, or the last one of a statement that ends too early."""
        lexeme = self.current or self.before or self.lexemes[-1]
        return lexeme.span

    def level(self) -> list[Lexeme]:
        """What stands before on the same level of brackets, back to the bracket that is open."""
        found: list[Lexeme] = []
        depth = 0
        for position in range(self.position - 1, self.start - 1, -1):
            lexeme = self.lexemes[position]
            depth += (lexeme.type in CLOSERS) - (lexeme.type in OPENERS)
            if depth < 0:
                return [lexeme, *reversed(found)]
            if depth == 0:
                found.append(lexeme)
        found.reverse()
        return found

    def error(self, message: str, hint: str, *marks: Mark) -> FormulaSyntaxError:
        """The error, which marks this place if nothing else is given."""
        return FormulaSyntaxError(message, *(marks or (Mark(self.span),)), hint=hint)


def explain(lexemes: list[Lexeme], position: int) -> FormulaSyntaxError:
    """The error for the lexeme at `position`; one beyond the last means the end of the text."""
    start = position
    while start > 0 and lexemes[start - 1].type != "END":
        start -= 1
    place = _Place(lexemes, position, start)
    rules = (_derivative, _first_word, _declaration, _equation, _comma, _nothing_between,
             _hung_on_nothing, _square_bracket)  # fmt: skip
    for rule in rules:
        error = rule(place)
        if error is not None:
            return error
    shown = place.current.text if place.current else "the end of the statement"
    hint = "something is missing before it, or it is one too many"
    if place.kind in STARTS_OPERAND:
        hint = "put it in brackets"
    if place.kind in {"CASE_END", "CASES_CLOSE"}:
        hint = "a case is a value, &, and its condition or  otherwise"
    if place.kind == "ELEMENT":
        hint = "∈ stands in a declaration:  W ∈ ℝ^{m×n}"
    return place.error(f"{shown} cannot stand here", hint)


def _derivative(place: _Place) -> FormulaSyntaxError | None:
    """A numerator without denominator, a denominator without name, `√x²`."""
    level = place.level()
    signs = [lexeme for lexeme in level if lexeme.type in LIFTED | {"OVER"}]
    if signs and signs[-1].type == "ROOT" and place.kind in RAISED | {"CARET"}:
        return place.error("a power behind √ has two readings", "write  √(x^2)  or  (√x)^2")
    signs = [sign for sign in signs if sign.type != "ROOT"]
    if not signs:
        return None
    last = signs[-1]
    match last.type:
        case "PARTIAL_OF" if place.before is last:
            return place.error("nothing follows ∂", "write  ∂f/∂x_i  or  ∂(…)/∂x_i")
        case "PARTIAL_OF":
            return place.error(
                "the numerator of a derivative is not followed by /∂",
                "write  ∂f/∂x_i  or  ∂(a + b)/∂x_i,  and  ∂²f/∂x_i∂x_j  for a second derivative",
                Mark(last.span.to(level[-1].span), "the numerator"),
                *([Mark(place.span)] if place.current else []),
            )
        case "PARTIAL_BY" if place.before is last:
            return place.error("no variable follows ∂ in the denominator", "write  ∂f/∂x_i")
        case "PARTIAL_BY" if place.kind in HUNG_ON:
            return place.error(
                f"{place.span.text} behind a derivative has two readings",
                "write  (∂f/∂X)'  or  (∂f/∂X)^2  for the derivative as a whole; a label on the "
                "variable is a number, as in  X^(2)",
            )
        case _:
            return None


def _first_word(place: _Place) -> FormulaSyntaxError | None:
    """`assume` and `notation` without what they need; a sum sign without anything to sum."""
    first = place.lexemes[place.start] if place.start < len(place.lexemes) else None
    if first is not None and first.type == "ASSUME" and place.kind in EQUATIONS | {"END", "COMMA"}:
        return place.error("an assumption is one equation, with ==", "write  assume sum_i p_i == 1")
    if first is not None and first.type == "NOTATION":
        return place.error("this notation has no such name", "write  notation: householder")
    position = place.position - 1
    while position > place.start and place.lexemes[position].type == "SUBSCRIPT":
        position -= 1
    if position >= place.start and place.lexemes[position].type == "REDUCER":
        sign = place.lexemes[position].span.to(place.lexemes[place.position - 1].span)
        shown = sign.text
        if place.kind in RAISED | {"CARET"}:
            return place.error(
                f"{place.span.text} cannot stand on {shown}",
                "a range follows from the shapes: write  sum_i x_i  and declare  x[n]",
            )
        hint = f"write  {shown} x_i"
        if place.kind in {"MINUS", "PLUS"}:
            hint = f"write  {shown} (-x_i)  or  -{shown} x_i"
        return place.error(f"no product follows {shown}", hint, Mark(sign))
    return None


def _equation(place: _Place) -> FormulaSyntaxError | None:
    """A second `=`, `=` and `==` in one statement, a comparison outside of `[ ]`."""
    current = place.current
    earlier = next((lexeme for lexeme in place.level() if lexeme.type in EQUATIONS), None)
    if place.before_kind not in ENDS_OPERAND:
        return None
    if place.kind == "END" and earlier is not None and place.level()[-1] is not earlier:
        return place.error("no equation follows ⟹", "write  z = W x ⟹ dz = W dx")
    if current is None or current.type not in EQUATIONS:
        return None
    if current.type == "COMPARE" or (earlier is not None and earlier.type == "COMPARE"):
        return place.error(
            f"the comparison {current.text} cannot stand here",
            "a comparison stands alone in  [x_i > 0]  or in  where(x_i > 0, a, b)"
            + _positive(place),
        )
    if earlier is None and current.type == "IMPLIES":
        return place.error("no definition stands before ⟹", "write  z = W x ⟹ dz = W dx")
    if earlier is None:
        return place.error(
            f"{current.text} cannot stand here",
            "one name is defined at a time: write  a = 1; b = 2",
        )
    marks = Mark(earlier.span, "the first"), Mark(current.span, "the second")
    if earlier.type == current.type == "ASSIGN":
        hint = "write  a == b == c  to claim that all are equal"
        hint += _line_goes_on(place)
        return place.error("a definition has one =", hint, *marks)
    return place.error(
        f"{earlier.text} and {current.text} do not go together in one statement",
        "= defines what stands left of it, == claims that two things are equal",
        *marks,
    )


def _positive(place: _Place) -> str:
    """A hint for `λ > 0`, which may be meant as a declaration."""
    before, current = place.before, place.current
    alone = place.position == place.start + 1 and before is not None and before.type == "NAME"
    if not alone or before is None or current is None or current.text not in {">", ">=", "≥"}:
        return ""
    trait = "positive" if current.text == ">" else "nonnegative"
    return f"\na {trait} scalar is declared  {before.text}[] {trait}"


def _line_goes_on(place: _Place) -> str:
    """A hint if the statement goes on over a line end because of an operator."""
    for position in range(place.position - 1, place.start, -1):
        sign, following = place.lexemes[position - 1], place.lexemes[position]
        if sign.type in INFIX and "\n" in sign.source.text[sign.end : following.start]:
            return f"\nthe line before ends in {sign.text}, so the statement goes on"
    return ""


def _comma(place: _Place) -> FormulaSyntaxError | None:
    """A comma that separates neither arguments nor what is declared."""
    if place.kind != "COMMA" or place.before_kind not in ENDS_OPERAND:
        return None
    level = place.level()
    if level and level[0].type in OPENERS:
        return place.error(
            f"a comma cannot stand between {level[0].text} and its end",
            "the arguments of a function follow its name:  max(a, b)",
            Mark(level[0].span, "opened here"),
            Mark(place.span),
        )
    return place.error("a comma cannot stand here", "statements are separated by  ;  or a new line")


def _nothing_between(place: _Place) -> FormulaSyntaxError | None:
    """An operator or a bracket where an operand is missing."""
    kind, before = place.kind, place.before
    if kind not in INFIX | CLOSERS | {"END"}:
        return None
    if before is None:
        return place.error(
            f"nothing stands before {place.span.text}",
            "write its left side first; a line that starts with an operator goes on from the last",
        )
    if before.type in OPENERS:
        shown = f"{before.text} and {place.span.text}"
        hint = "write an expression between the two"
        if before.type == "CALL_OPEN":
            hint = "a function has at least one argument"
        return place.error(
            f"nothing stands between {shown}", hint, Mark(before.span.to(place.span))
        )
    if before.type not in INFIX | LIFTED:
        return None
    if kind in INFIX:
        return place.error(
            f"{place.span.text} follows directly on {before.text}",
            "an operand is missing between the two",
        )
    return place.error(
        f"nothing follows {before.text}",
        "write the name, number or bracket that it applies to",
        Mark(before.span),
    )


def _hung_on_nothing(place: _Place) -> FormulaSyntaxError | None:
    """An index, prime or power without anything before it."""
    if place.kind not in HUNG_ON or place.before_kind in ENDS_OPERAND:
        return None
    what = {"SUBSCRIPT": "a subscript", "PRIME": "a prime", "LABEL": "a label"}
    named = what.get(place.kind, "a power")
    return place.error(
        f"nothing stands before {place.span.text}", f"{named} follows a name or a bracket"
    )


def _square_bracket(place: _Place) -> FormulaSyntaxError | None:
    """Square and curly brackets in the wrong place."""
    match place.kind:
        case "EXTENTS_OPEN" if place.before_kind in ENDS_OPERAND:
            return place.error(
                "square brackets are no indices", "write components with an underscore:  W_ij"
            )
        case "EXTENTS_OPEN":
            return place.error(
                "square brackets need a condition",
                "write  [x_i > 0]  for a condition,  (…)  for a bracket,  W[m, n]  to declare W",
            )
        case "LBRACE":
            return place.error(
                "curly brackets stand only behind ^ and _", "write  (…)  around an expression"
            )
        case _:
            return None


def _declaration(place: _Place) -> FormulaSyntaxError | None:
    """What follows the extents of a declaration, or a name that lacks them."""
    level = place.level()
    if level and level[0].type in OPENERS and level[0].type != "EXTENTS_OPEN":
        return None
    kinds = [lexeme.type for lexeme in level]
    listed = "COMMA" in kinds
    kinds = kinds[len(kinds) - kinds[::-1].index("COMMA") :] if listed else kinds
    if not {"EXTENTS_OPEN", "SPACE"} & set(kinds):
        if not listed:
            return None
        return place.error(
            "a declared name lacks its extents", "write  x[n], y[n]  or  y[]  for a scalar"
        )
    if place.kind in {"ASSIGN", "EQUALS"}:
        return place.error(
            "a name is declared in one statement and defined in another",
            "write  W[m, n]; W_ij = a_i b_j",
        )
    if place.kind == "COMMA":
        return place.error(
            "words such as symmetric end a declaration", "write two:  A[n, n] symmetric; x[n]"
        )
    if place.before_kind in ENDS_OPERAND | {"SPACE"} and place.kind not in CLOSERS | {"END"}:
        return place.error(
            "a declaration ends with its extents and words such as symmetric",
            "write  W[m, n] symmetric  or  W ∈ ℝ^{m×n}",
        )
    return None
