"""Words that mean something only where they stand.

In: lexemes in statements, and the names that are variables already. Out: the same with
`assume`, `notation:`, `diff(`, `sum_i`, `Σ_i` and `∈ ℝ^…` told apart from names. A name that the
text declares or defines is never a keyword. `Σ` is a variable too if it is used without index,
as in `inv(Σ)`, or if something is differentiated by it.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.scanner import scan
>>> [lexeme.type for lexeme in mark_keywords(scan(Source("sum_i p_i")))]
['REDUCER', 'SUBSCRIPT', 'NAME', 'SUBSCRIPT']
>>> [lexeme.type for lexeme in mark_keywords(scan(Source("sum_i p_i")), {"sum"})]
['NAME', 'SUBSCRIPT', 'NAME', 'SUBSCRIPT']
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from indexcalc.errors import FormulaSyntaxError, Mark
from indexcalc.syntax.lexeme import (
    CLOSERS,
    ENDS_OPERAND,
    MARKS,
    OPENERS,
    RAISED,
    STARTS_OPERAND,
    Lexeme,
)

REDUCERS = {
    "sum": "sum", "Σ": "sum", "∑": "sum", "prod": "prod", "∏": "prod",
    "max": "max", "min": "min", "mean": "mean", "logsumexp": "logsumexp",
}  # fmt: skip
REALS = frozenset({"ℝ", "R"})
BIG_SIGMA = frozenset({"Σ", "Sigma"})
NUMBER_LABEL = re.compile(r"_[ \t]*(?:[0-9]+|\{[ \t]*[0-9]+[ \t]*\})|[₀-₉]+")

# Functions whose argument people like to write without brackets.
ELEMENTARY = frozenset({
    "exp", "log", "log1p", "expm1", "sqrt", "sin", "cos", "tan",
    "asin", "acos", "atan", "sinh", "cosh", "tanh", "sigmoid", "softplus",
    "relu", "erf", "softmax", "logdet", "det", "tr", "inv", "diag", "Diag", "vec",
})  # fmt: skip


def mark_keywords(lexemes: list[Lexeme], known: Collection[str] = ()) -> list[Lexeme]:
    """Tell keywords apart from names; `known` are variables that the text itself need not declare.

    Raises `FormulaSyntaxError` for a function without brackets around its argument and for `∈`
    without ℝ.
    """
    done = list(lexemes)
    for start, end in _statements(done):
        _mark_start(done, start, end)
        _mark_space(done, start, end)
    words = BIG_SIGMA.union(lexeme.text for lexeme in done)
    variables = {_one_spelling(word) for word in words if word in known} | _variables(done)
    for position, lexeme in enumerate(done):
        if lexeme.type == "CARET":
            _check_exponent(done, position + 1, variables)
        elif lexeme.type in {"NAME", "BIG"} and _one_spelling(lexeme.text) not in variables:
            _mark_word(done, position)
    return done


def _one_spelling(name: str) -> str:
    return "Σ" if name in BIG_SIGMA else name


def _type_at(lexemes: list[Lexeme], position: int) -> str:
    return lexemes[position].type if 0 <= position < len(lexemes) else "END"


def _statements(lexemes: list[Lexeme]) -> Iterator[tuple[int, int]]:
    start = 0
    for position, lexeme in enumerate(lexemes):
        if lexeme.type == "END":
            yield start, position
            start = position + 1
    yield start, len(lexemes)


# --- first words of a statement ---------------------------------------------------------------


def _mark_start(lexemes: list[Lexeme], start: int, end: int) -> None:
    """`assume …` and `notation: …`, where these words are not names."""
    if end - start < 2 or lexemes[start].type != "NAME":
        return
    first, second = lexemes[start], lexemes[start + 1]
    if first.text == "assume" and second.type in STARTS_OPERAND | {"CALL_OPEN", "MINUS", "BIG"}:
        lexemes[start] = first._replace(type="ASSUME")
        _open_plainly(lexemes, start + 1)
    if first.text == "notation" and second.text == ":" and end - start == 3:
        lexemes[start] = first._replace(type="NOTATION")


def _open_plainly(lexemes: list[Lexeme], position: int) -> None:
    """A bracket after a keyword is not that of a call."""
    if _type_at(lexemes, position) == "CALL_OPEN":
        lexemes[position] = lexemes[position]._replace(type="LPAR")


def _mark_space(lexemes: list[Lexeme], start: int, end: int) -> None:
    """`W ∈ ℝ^{m×n}`, `W in R^{m x n}`: `∈`, ℝ, and the signs between the extents."""
    for position in range(start + 1, end):
        lexeme = lexemes[position]
        space = position + 1 < end and lexemes[position + 1].text in REALS
        if lexeme.type == "ELEMENT" and not space:
            raise FormulaSyntaxError(
                "∈ is not followed by ℝ", Mark(lexeme.span), hint="write  W ∈ ℝ^{m×n}"
            )
        spelled = lexeme.text == "in" and lexemes[position - 1].type in ENDS_OPERAND
        if space and (lexeme.type == "ELEMENT" or spelled):
            lexemes[position] = lexeme._replace(type="ELEMENT")
            lexemes[position + 1] = lexemes[position + 1]._replace(type="SPACE")
            _separate_extents(lexemes, position + 2, end)


def _separate_extents(lexemes: list[Lexeme], position: int, end: int) -> None:
    """Between the brackets of `ℝ^{m×n}`, make `×` and a lone `x` commas."""
    _open_plainly(lexemes, position)
    if _type_at(lexemes, position) != "CARET":
        return
    depth = 0
    for place in range(position + 1, end):
        lexeme = lexemes[place]
        depth += (lexeme.type in OPENERS) - (lexeme.type in CLOSERS)
        if depth == 0:
            return
        crossed = lexeme.text == "x" and lexemes[place - 1].type in ENDS_OPERAND
        if depth == 1 and (lexeme.text == "×" or crossed):
            lexemes[place] = lexeme._replace(type="COMMA")
            _open_plainly(lexemes, place + 1)


# --- names ------------------------------------------------------------------------------------


def _variables(lexemes: list[Lexeme]) -> set[str]:
    """Names that the text declares or defines, and `Σ` if it cannot be a sum sign."""
    found: set[str] = set()
    for start, end in _statements(lexemes):
        found |= _targets(lexemes, start, end)
    for position, lexeme in enumerate(lexemes):
        if lexeme.text in BIG_SIGMA and (
            _type_at(lexemes, position + 1) not in {"SUBSCRIPT", "CALL_OPEN"}
            or _type_at(lexemes, position - 1) == "PARTIAL"
        ):
            found.add("Σ")
    return found


def _targets(lexemes: list[Lexeme], start: int, end: int) -> set[str]:
    """Names declared by the statement, or defined: what stands before its `=`, `[` or `∈`."""
    if _type_at(lexemes, start) != "NAME":
        return set()
    position = _skip_marks(lexemes, start)
    if _type_at(lexemes, position) == "CALL_OPEN":
        while position < end and lexemes[position].type != "RPAR":
            position += 1
        position += 1
    if position < end and lexemes[position].type == "ASSIGN":
        return {_one_spelling(lexemes[start].text)}
    return _declared(lexemes, start, end)


def _declared(lexemes: list[Lexeme], start: int, end: int) -> set[str]:
    names: set[str] = set()
    position = start
    while position < end and lexemes[position].type == "NAME":
        after = _skip_marks(lexemes, position)
        if _type_at(lexemes, after) not in {"EXTENTS_OPEN", "ELEMENT", "COMMA"}:
            break
        names.add(_one_spelling(lexemes[position].text))
        depth = 0
        while after < end and (depth or lexemes[after].type != "COMMA"):
            depth += (lexemes[after].type in OPENERS) - (lexemes[after].type in CLOSERS)
            after += 1
        position = after + 1
    return names


def _skip_marks(lexemes: list[Lexeme], position: int) -> int:
    """The place after the name at `position` and its indices, labels and primes."""
    position += 1
    while _type_at(lexemes, position) in MARKS:
        position += 1
    return position


# --- words anywhere ---------------------------------------------------------------------------


def _mark_word(lexemes: list[Lexeme], position: int) -> None:
    """Make the name at `position`, which is no variable, a keyword if it is used as one."""
    lexeme, following = lexemes[position], _type_at(lexemes, position + 1)
    if lexeme.text in REDUCERS and following == "SUBSCRIPT":
        _mark_reducer(lexemes, position)
    elif lexeme.type == "BIG":
        raise FormulaSyntaxError(
            f"{lexeme.text} has no index", Mark(lexeme.span), hint=f"write  {lexeme.text}_i x_i"
        )
    elif lexeme.text == "diff" and following == "CALL_OPEN":
        lexemes[position] = lexeme._replace(type="DIFF")
    elif lexeme.text in ELEMENTARY:
        _check_argument(lexemes, position)


def _mark_reducer(lexemes: list[Lexeme], position: int) -> None:
    after = position + 1
    while _type_at(lexemes, after) == "SUBSCRIPT":
        after += 1
    labelled = NUMBER_LABEL.fullmatch(lexemes[position + 1].text) is not None
    component = lexemes[position].text == "Σ" and (
        _type_at(lexemes, after) not in STARTS_OPERAND | {"CALL_OPEN"}
    )
    if not labelled and not component:
        lexemes[position] = lexemes[position]._replace(type="REDUCER")
        _open_plainly(lexemes, after)


def _check_argument(lexemes: list[Lexeme], position: int) -> None:
    """`log x`, `exp -x` and `tan² x` lack brackets."""
    lexeme, after = lexemes[position], position + 1
    raised = _type_at(lexemes, after) in {"POWER_NUMBER", "SUPERSCRIPT"}
    after += raised
    following = _type_at(lexemes, after)
    if following not in STARTS_OPERAND | ({"LPAR"} if raised else {"MINUS"}):
        return
    power = lexeme.source.text[lexeme.end : lexemes[after - 1].end].strip() if raised else ""
    called = f"{lexeme.text}({_argument(lexemes, after)})"
    raise FormulaSyntaxError(
        f"the argument of {lexeme.text} is not in brackets",
        Mark(lexeme.span.to(lexemes[after].span)),
        hint=f"write  {called}{power}",
    )


def _argument(lexemes: list[Lexeme], start: int) -> str:
    """The name or number at `start` with a sign and indices, the inside of a bracket, or `…`."""
    end = start
    if _type_at(lexemes, start) == "LPAR":
        start = end = end + 1
        while _type_at(lexemes, end + 1) not in CLOSERS | {"END"}:
            if _type_at(lexemes, end) in OPENERS:
                return "…"
            end += 1
        return lexemes[start].source.text[lexemes[start].start : lexemes[end].end]
    end += _type_at(lexemes, start) == "MINUS"
    if _type_at(lexemes, end) not in {"NAME", "NUMBER"}:
        return "…"
    while _type_at(lexemes, end + 1) in MARKS:
        end += 1
    if _type_at(lexemes, end + 1) in STARTS_OPERAND | RAISED:
        return "…"  # nobody knows where the argument ends
    return lexemes[start].source.text[lexemes[start].start : lexemes[end].end]


def _check_exponent(lexemes: list[Lexeme], position: int, variables: set[str]) -> None:
    """`A^Tx` lacks a blank."""
    name = lexemes[position].text if position < len(lexemes) else ""
    if name in variables or not re.fullmatch(r"T[^\W\d_]\w*", name):
        return
    raise FormulaSyntaxError(
        f"^{name} has two readings: a transpose times {name[1:]}, or the power {name}",
        Mark(lexemes[position].span),
        hint=f"write  ^T {name[1:]}  for the transpose,  ^({name})  for the power",
    )
